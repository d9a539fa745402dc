//! Environment variables as a configuration: `HZCLIENT_NETWORK_CONNECTIONTIMEOUT` is
//! `hazelcast-client.network.connection-timeout`.
//!
//! The official client's mapping: the prefix, then the keys from the root, in upper case, joined by
//! underscores, without their hyphens. Where it has no answer, this one has: the parts of a property
//! are joined by dots (`HZCLIENT_PROPERTIES_HAZELCAST_CLIENT_HEARTBEAT_INTERVAL`), and a list may be one
//! variable with commas instead of one with a number for each item (`…_CLUSTERMEMBERS_0`).

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use zeroize::Zeroizing;

use super::error::{ConfigError, Place, Problem};
use super::tree::{MAX_DEPTH, Node, Value};

/// How the names of variables begin that are for the client.
const PREFIX: &str = "HZCLIENT_";

/// The section whose keys have dots themselves.
const PROPERTIES: &str = "properties";

/// The variables that are for the client, as a tree.
pub(super) fn read<N: AsRef<str>, V: AsRef<str>>(
    variables: impl IntoIterator<Item = (N, V)>,
) -> Result<Node, ConfigError> {
    let mut root = Node::new(Place::Variable(PREFIX.into()), Value::Map(Vec::new()));
    for (name, text) in variables {
        let name = name.as_ref();
        if let Some(rest) = name.strip_prefix(PREFIX) {
            let keys = keys(rest);
            insert(&mut root, name, &keys, text.as_ref())?;
        }
    }
    Ok(root)
}

/// The keys that the rest of a name stands for.
fn keys(rest: &str) -> Vec<String> {
    let mut keys: Vec<String> =
        rest.split('_').map(|key| key.replace(' ', "").to_ascii_lowercase()).collect();
    if keys.first().is_some_and(|key| key == PROPERTIES) && keys.len() > 2 {
        let property = keys.split_off(1).join(".");
        keys.push(property);
    }
    keys
}

fn insert(root: &mut Node, name: &str, keys: &[String], text: &str) -> Result<(), ConfigError> {
    let place = || Place::Variable(Box::from(name));
    let wrong = |problem| ConfigError { place: place(), key: String::new(), problem };
    if keys.len() > MAX_DEPTH || keys.iter().any(String::is_empty) {
        return Err(wrong(Problem::UnknownKey { nearest: None }));
    }
    let mut at = root;
    for key in keys {
        let Value::Map(entries) = &mut at.value else { return Err(wrong(Problem::Twice)) };
        let known = entries.iter().position(|(known, _)| known == key);
        let number = known.unwrap_or_else(|| {
            entries.push((key.clone(), Node::new(place(), Value::Map(Vec::new()))));
            entries.len() - 1
        });
        let Some((_, node)) = entries.get_mut(number) else { return Ok(()) };
        at = node;
    }
    if !at.is_empty() {
        return Err(wrong(Problem::Twice));
    }
    at.value = Value::Scalar(Zeroizing::new(text.to_owned()));
    at.place = place();
    Ok(())
}
