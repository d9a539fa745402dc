//! [`Node`]: a configuration as it was said, wherever that was, each part with its place.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use zeroize::Zeroizing;

use super::error::{ConfigError, Place, Problem};

/// How deep a configuration may be nested. The schema itself needs 6.
pub(super) const MAX_DEPTH: usize = 32;

/// One part of a configuration. It has no `Debug`, since it may hold a password.
#[derive(Clone)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) value: Value,
}

/// What a part says.
#[derive(Clone)]
#[cfg_attr(not(feature = "yaml"), allow(dead_code, reason = "variables have only some of it"))]
pub(super) enum Value {
    /// Nothing: a key without a value.
    Null,
    /// A text, a number, a switch.
    Scalar(Zeroizing<String>),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl Node {
    pub(super) fn new(place: Place, value: Value) -> Self {
        Self { place, value }
    }

    /// An error about the value of a key here.
    pub(super) fn error(&self, key: impl Into<String>, problem: Problem) -> ConfigError {
        ConfigError { place: self.place.clone(), key: key.into(), problem }
    }

    /// How messages call the value. Must not be asked of a secret.
    pub(super) fn described(&self) -> String {
        match &self.value {
            Value::Null => "nothing".into(),
            Value::Scalar(text) => {
                let short: String = text.chars().take(40).collect();
                let dots = if short.len() < text.len() { "…" } else { "" };
                format!("{:?}{dots}", short.as_str())
            }
            Value::List(_) => "a list".into(),
            Value::Map(_) => "a section".into(),
        }
    }

    /// Whether it asks for nothing.
    pub(super) fn is_empty(&self) -> bool {
        match &self.value {
            Value::Null => true,
            Value::Scalar(_) => false,
            Value::List(items) => items.is_empty(),
            Value::Map(entries) => entries.is_empty(),
        }
    }
}
