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

    /// The entry of a map.
    #[cfg(feature = "yaml")]
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match &self.value {
            Value::Map(entries) => {
                entries.iter().find_map(|(name, node)| (name == key).then_some(node))
            }
            _ => None,
        }
    }

    /// Puts what `${name}` stands for in its place, in values only. What was put in place is not
    /// searched again.
    pub(super) fn substitute(
        &mut self,
        variable: &mut dyn FnMut(&str) -> Option<String>,
    ) -> Result<(), ConfigError> {
        match &mut self.value {
            Value::Null => {}
            Value::Scalar(text) if text.contains("${") => match substituted(text, variable) {
                Ok(new) => *text = new,
                Err(name) => return Err(self.error("", Problem::NoValue(name))),
            },
            Value::Scalar(_) => {}
            Value::List(items) => {
                for item in items {
                    item.substitute(variable)?;
                }
            }
            Value::Map(entries) => {
                for (key, node) in entries {
                    node.substitute(variable).map_err(|error| under(key, error))?;
                }
            }
        }
        Ok(())
    }

    /// Names the file that all of it is from.
    pub(super) fn of_file(&mut self, name: &str) {
        self.place.of_file(name);
        match &mut self.value {
            Value::Null | Value::Scalar(_) => {}
            Value::List(items) => items.iter_mut().for_each(|item| item.of_file(name)),
            Value::Map(entries) => entries.iter_mut().for_each(|(_, node)| node.of_file(name)),
        }
    }
}

/// The error as seen from a key further up.
fn under(key: &str, mut error: ConfigError) -> ConfigError {
    let dot = if error.key.is_empty() { "" } else { "." };
    error.key = format!("{key}{dot}{}", error.key);
    error
}

/// The text with its variables in place, or the name of one that has no value.
fn substituted(
    text: &str,
    variable: &mut dyn FnMut(&str) -> Option<String>,
) -> Result<Zeroizing<String>, String> {
    let mut new = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, behind)) = after.split_once('}') else { break };
        new.push_str(before);
        new.push_str(&Zeroizing::new(variable(name).ok_or(name)?));
        rest = behind;
    }
    new.push_str(rest);
    Ok(new)
}
