//! A text as a tree: its root, its variables, its file.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;

use zeroize::Zeroizing;

use super::error::{ConfigError, Place, Problem};
use super::tree::{Node, Value};
use super::yaml;

/// A function from names to what they stand for.
pub(super) type Lookup<'a> = dyn FnMut(&str) -> Option<String> + 'a;

/// Reads a text and puts its variables in place.
pub(super) fn read(
    text: &str,
    file: Option<&str>,
    variables: &mut Lookup<'_>,
) -> Result<Node, ConfigError> {
    let in_file = |mut error: ConfigError| {
        if let Some(name) = file {
            error.place.of_file(name);
        }
        error
    };
    let mut node = yaml::read(text).map_err(in_file)?;
    if let Some(name) = file {
        node.of_file(name);
    }
    node.substitute(variables)?;
    Ok(node)
}

/// The one section that a text must have.
pub(super) fn section<'a>(node: &'a Node, root: &'static str) -> Result<&'a Node, ConfigError> {
    let Value::Map(entries) = &node.value else {
        return Err(node.error("", Problem::Missing(root)));
    };
    for (key, node) in entries {
        if key != root {
            return Err(node.error(key.as_str(), Problem::UnknownKey { nearest: Some(root) }));
        }
    }
    node.get(root).ok_or_else(|| node.error("", Problem::Missing(root)))
}

impl Node {
    /// The entry of a map.
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

impl Place {
    /// Names the file that a line is of.
    pub(super) fn of_file(&mut self, name: &str) {
        if let Self::Line { file, .. } = self {
            *file = Some(Box::from(name));
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
