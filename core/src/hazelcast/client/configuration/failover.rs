//! A configuration of several clusters.

use alloc::format;
use alloc::vec::Vec;

use super::cursor::Cursor;
use super::draft::{Draft, ROOT};
use super::error::{ConfigError, Problem};
use super::text::{Lookup, read, section};
use super::tree::{Node, Value};
use crate::hazelcast::client::cluster::Cluster;
use crate::hazelcast::client::config::Config;

/// The root of a configuration of several clusters.
const FAILOVER: &str = "hazelcast-client-failover";

/// What may differ from cluster to cluster, with all that is below.
const OF_A_CLUSTER: &[&str] = &[
    "cluster-name",
    "network.cluster-members",
    "network.ssl",
    "security",
    "connection-strategy.connection-retry",
];

/// Reads the clients of a failover configuration; `base` is what they leave unsaid.
pub(super) fn load(
    base: Config,
    text: &str,
    file: &mut Lookup<'_>,
    variables: &mut Lookup<'_>,
) -> Result<Config, ConfigError> {
    let node = read(text, None, variables)?;
    let at = Cursor::root(section(&node, FAILOVER)?, FAILOVER, false);
    for (key, node) in at.entries()? {
        if !["clients", "try-count"].contains(&key.as_str()) {
            return Err(at.child(key, node).error(Problem::UnknownKey { nearest: None }));
        }
    }
    let try_count = match at.get("try-count") {
        Some(count) => Some(count.integer(0, "a whole number")?.unsigned_abs()),
        None => None,
    };
    let missing = || at.error(Problem::Missing("clients"));
    let mut clients = Vec::new();
    for item in at.get("clients").ok_or_else(missing)?.items()? {
        clients.push(match &item.node.value {
            Value::Map(_) => item.node.clone(),
            _ => {
                let name = item.text()?;
                let text = file(name).ok_or_else(|| item.error(Problem::NoFile(name.into())))?;
                read(&text, Some(name), variables)?
            }
        });
    }
    let mut configs = Vec::with_capacity(clients.len());
    for client in &clients {
        let client = section(client, ROOT)?;
        let mut draft = Draft::new(base.clone());
        draft.read(client, false)?;
        configs.push(draft.finish());
    }
    if let Some((first, others)) = clients.split_first() {
        for other in others {
            compare(first.get(ROOT), section(other, ROOT)?, "")?;
        }
    }
    let mut configs = configs.into_iter();
    let mut config = configs.next().ok_or_else(missing)?;
    config.failover = configs
        .map(|other| Cluster {
            name: other.cluster_name,
            credentials: other.credentials,
            addresses: other.addresses,
            connection_retry: other.connection_retry,
        })
        .collect();
    config.failover_try_count = try_count;
    Ok(config)
}

/// Whether `other` says what `first` does, save of the cluster.
fn compare(first: Option<&Node>, other: &Node, key: &str) -> Result<(), ConfigError> {
    if OF_A_CLUSTER.contains(&key) {
        return Ok(());
    }
    let same = match (first.map(|node| &node.value), &other.value) {
        (first_value, Value::Map(entries)) => {
            for (name, node) in entries {
                let key = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
                compare(first.and_then(|first| first.get(name)), node, &key)?;
            }
            matches!(first_value, None | Some(Value::Null | Value::Map(_)))
        }
        (Some(Value::Scalar(first)), Value::Scalar(other)) => first == other,
        (Some(Value::List(first)), Value::List(other)) if first.len() == other.len() => {
            for (first, other) in first.iter().zip(other) {
                compare(Some(first), other, key)?;
            }
            true
        }
        (_, Value::Null) => true,
        _ => false,
    };
    same.then_some(()).ok_or_else(|| other.error(format!("{ROOT}.{key}"), Problem::Differs))
}
