//! Passwords and tokens are nowhere in what can be printed.
#![cfg(feature = "hazelcast")]

#[path = "hazelcast/mod.rs"]
mod world;

use std::fmt::Debug;

use gridwire_core::call::ClientEvent;
use gridwire_core::endpoint::{Cause, Endpoint, Engine, Input, Output, Peer};
use gridwire_core::hazelcast::{Client, Cluster, Credentials, Member, MemberConfig};
use gridwire_core::time::Instant;
use world::script::{Script, one};
use world::{start, target};

const SECRET: &str = "xyzzy-tells-nobody";

fn credentials() -> [Credentials; 3] {
    [
        Credentials::user("somebody", SECRET),
        Credentials::Token(SECRET.into()),
        Credentials::Custom(SECRET.into()),
    ]
}

#[track_caller]
fn hides(what: &impl Debug) {
    for text in [format!("{what:?}"), format!("{what:#?}")] {
        assert!(!text.contains("xyzzy"), "{text}");
        let numbers = format!("{:?}", &SECRET.as_bytes()[..5]);
        assert!(!text.contains(numbers.trim_matches(['[', ']'])), "{text}");
    }
}

#[test]
fn neither_configurations_nor_engines_nor_outputs_print_secrets() {
    for credentials in credentials() {
        let mut config = one();
        config.credentials = credentials.clone();
        config.failover = vec![Cluster {
            name: "other".into(),
            credentials: credentials.clone(),
            addresses: vec![target()],
            connection_retry: config.connection_retry,
        }];
        hides(&config);
        hides(&credentials);
        let mut client = Client::start(config.clone(), start(1));
        hides(&client);
        let Some(Output::Open { conn, .. }) = client.poll_output() else { panic!() };
        client.handle(Instant::ZERO, Input::Opened { conn, peer: &Peer::default() });
        // The authentication is queued, then handed out.
        hides(&client);
        let mut sent = Vec::new();
        while let Some(output) = client.poll_output() {
            hides(&output);
            if let Output::Send { data, .. } = output {
                data.iter().for_each(|chunk| sent.extend_from_slice(chunk));
            }
        }
        assert!(String::from_utf8_lossy(&sent).contains(SECRET), "it was sent");
        hides(&client);
        let mut member = MemberConfig::default();
        member.credentials = credentials;
        hides(&member);
        hides(&Member::start(member, start(2)));
    }
}

#[test]
fn neither_errors_nor_notes_tell_secrets() {
    for credentials in credentials() {
        let mut config = one();
        config.credentials = credentials;
        config.connection_retry.give_up_after = Some(core::time::Duration::ZERO);
        for end in ["error", "eof"] {
            let mut script = Script::opened(config.clone());
            let (_, message) = script.sent.back().expect("an authentication");
            let id = message.correlation_id();
            match end {
                "error" => script.error(id, 21),
                _ => script.close(Cause::Eof),
            }
            for event in &script.events {
                hides(event);
                if let ClientEvent::ShutDown(Err(error)) = event {
                    assert!(!error.to_string().contains("xyzzy"), "{error}");
                }
            }
            assert!(script.shut_down_with().is_some());
            hides(&script.client);
        }
    }
}
