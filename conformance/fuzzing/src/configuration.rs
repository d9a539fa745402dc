//! Hazelcast's configuration: any text, any variables.
//!
//! What must hold: reading ends, with a configuration that an engine starts with or with an error that
//! names a line of the text.

use std::fmt::Write;
use std::time::Duration;

use gridwire_core::endpoint::{Endpoint, Engine, Start};
use gridwire_core::hazelcast::configuration::{ConfigError, Loader, Place};
use gridwire_core::hazelcast::{Client, Config};

const START: Start = Start { seed: [1; 32], unix_at_zero: Duration::ZERO };

/// What was read must be of use, or its fault be somewhere in the text.
fn check(read: Result<Config, ConfigError>, lines: usize) -> Option<Config> {
    let mut text = String::new();
    match read {
        Ok(config) => {
            write!(text, "{config:?}").unwrap();
            let mut client = Client::start(config.clone(), START);
            assert!(client.poll_output().is_some(), "it tries no member");
            Some(config)
        }
        Err(error) => {
            write!(text, "{error}").unwrap();
            if let Place::Line { line, .. } = error.place {
                assert!((1..=lines + 1).contains(&line), "{text}");
            }
            None
        }
    }
}

/// Loads a text as a client and as several, and each line `NAME=value` as a variable.
pub fn load(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    // All the line breaks of YAML 1.1 and 1.2.
    let is_break = |c: char| matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}');
    let lines = text.chars().filter(|c| is_break(*c)).count() + 1;
    let name = |name: &str| (name.len() < 8).then(|| name.to_owned());
    let loaded = Loader::new().variables(name).yaml(&text).map(Loader::finish);
    let config = check(loaded, lines).unwrap_or_default();

    let mut files = 0;
    let file = |_: &str| {
        files += 1;
        (files < 4).then(|| text.clone().into_owned())
    };
    let several = Loader::new().variables(name).failover_yaml(&text, file);
    check(several.map(Loader::finish), lines);

    let variables = text.lines().filter_map(|line| line.split_once('='));
    let more = Loader::with(config).env(variables.clone()).map(Loader::finish);
    check(more, lines);
    let prefixed = variables.map(|(name, value)| (format!("HZCLIENT_{name}"), value));
    check(Config::from_env(prefixed), lines);
}
