//! [`Cursor`]: a part of a configuration and its key, asked for a value of a type.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use super::error::{ConfigError, Problem};
use super::tree::{Node, Value};
use crate::Secret;

/// The section whose texts are never shown.
const SECRETS: &str = "hazelcast-client.security";

/// A node and the way to it.
pub(super) struct Cursor<'a> {
    pub(super) node: &'a Node,
    pub(super) key: String,
    /// It is of environment variables, whose names have neither hyphens nor case.
    pub(super) loose: bool,
}

impl<'a> Cursor<'a> {
    pub(super) fn root(node: &'a Node, key: &str, loose: bool) -> Self {
        Self { node, key: key.into(), loose }
    }

    /// The same at a key further down.
    pub(super) fn child(&self, key: &str, node: &'a Node) -> Self {
        Self { node, key: format!("{}.{key}", self.key), loose: self.loose }
    }

    pub(super) fn error(&self, problem: Problem) -> ConfigError {
        self.node.error(self.key.clone(), problem)
    }

    pub(super) fn expected(&self, what: &'static str) -> ConfigError {
        // Someone may have written a password where a section belongs.
        let is_secret =
            self.key.starts_with(SECRETS) && matches!(self.node.value, Value::Scalar(_));
        let found = if is_secret { "other text".into() } else { self.node.described() };
        self.error(Problem::Expected { what, found })
    }

    /// The keys of a section and their values.
    pub(super) fn entries(&self) -> Result<&'a [(String, Node)], ConfigError> {
        match &self.node.value {
            Value::Null => Ok(&[]),
            Value::Map(entries) => Ok(entries),
            _ => Err(self.expected("a section")),
        }
    }

    /// The value of an optional key, by its exact name.
    pub(super) fn get(&self, key: &str) -> Option<Self> {
        let Value::Map(entries) = &self.node.value else { return None };
        let found = entries.iter().find(|(name, _)| self.is(key, name));
        found.map(|(_, node)| self.child(key, node))
    }

    /// Whether `said` is this key.
    pub(super) fn is(&self, key: &str, said: &str) -> bool {
        if !self.loose {
            return key == said;
        }
        let plain = key.bytes().filter(|byte| *byte != b'-').map(|byte| byte.to_ascii_lowercase());
        plain.eq(said.bytes())
    }

    /// A text that isn't empty.
    pub(super) fn text(&self) -> Result<&'a str, ConfigError> {
        match &self.node.value {
            Value::Scalar(text) if !text.is_empty() => Ok(text),
            _ => Err(self.expected("text")),
        }
    }

    /// A text that is not shown, not even in errors.
    pub(super) fn secret(&self) -> Result<Secret, ConfigError> {
        match &self.node.value {
            Value::Scalar(text) => Ok(Secret::from(text.as_str())),
            _ => Err(self.expected("text")),
        }
    }

    /// `true` or `false`, in any case.
    pub(super) fn switch(&self) -> Result<bool, ConfigError> {
        match self.scalar() {
            Some(text) if text.eq_ignore_ascii_case("true") => Ok(true),
            Some(text) if text.eq_ignore_ascii_case("false") => Ok(false),
            _ => Err(self.expected("true or false")),
        }
    }

    /// A whole number of at least `least` and at most 2^31 − 1, as all of the official schema's are.
    pub(super) fn integer(&self, least: i32, what: &'static str) -> Result<i32, ConfigError> {
        let number = self.scalar().and_then(|text| text.parse().ok());
        number.filter(|number| *number >= least).ok_or_else(|| self.expected(what))
    }

    /// A whole number above 0.
    pub(super) fn count(&self) -> Result<usize, ConfigError> {
        let what = "a whole number above 0";
        usize::try_from(self.integer(1, what)?).map_err(|_| self.expected(what))
    }

    /// A time, above 0.
    pub(super) fn millis(&self) -> Result<Duration, ConfigError> {
        let millis = self.integer(1, "milliseconds above 0")?;
        Ok(Duration::from_millis(u64::from(millis.unsigned_abs())))
    }

    /// A time, above 0.
    pub(super) fn seconds(&self) -> Result<Duration, ConfigError> {
        let seconds = self.integer(1, "seconds above 0")?;
        Ok(Duration::from_secs(u64::from(seconds.unsigned_abs())))
    }

    /// A number between two.
    pub(super) fn number(
        &self,
        least: f64,
        most: f64,
        what: &'static str,
    ) -> Result<f64, ConfigError> {
        let number = self.scalar().and_then(|text| text.parse::<f64>().ok());
        number.filter(|number| (least..=most).contains(number)).ok_or_else(|| self.expected(what))
    }

    /// One of some words, in any case.
    pub(super) fn choice<T: Copy>(
        &self,
        words: &[(&str, T)],
        what: &'static str,
    ) -> Result<T, ConfigError> {
        let said = self.scalar().unwrap_or_default();
        let found = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(said));
        found.map(|(_, meaning)| *meaning).ok_or_else(|| self.expected(what))
    }

    /// The items of a list. Variables name them by number, or are divided by commas.
    pub(super) fn items(&self) -> Result<Vec<Self>, ConfigError> {
        let mut items: Vec<(usize, &'a Node)> = match &self.node.value {
            Value::Null => Vec::new(),
            Value::List(items) => items.iter().enumerate().collect(),
            Value::Map(entries) if self.loose => {
                let mut items = Vec::with_capacity(entries.len());
                for (key, node) in entries {
                    let number = key.parse().map_err(|_| {
                        self.child(key, node).error(Problem::UnknownKey { nearest: None })
                    })?;
                    items.push((number, node));
                }
                items
            }
            _ => return Err(self.expected("a list")),
        };
        items.sort_by_key(|(number, _)| *number);
        let item = |(number, node)| Self {
            node,
            key: format!("{}[{number}]", self.key),
            loose: self.loose,
        };
        Ok(items.into_iter().map(item).collect())
    }

    /// A list of texts.
    pub(super) fn texts(&self) -> Result<Vec<(Self, &'a str)>, ConfigError> {
        if let (true, Value::Scalar(text)) = (self.loose, &self.node.value) {
            let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
            return Ok(parts.map(|part| (Self::root(self.node, &self.key, true), part)).collect());
        }
        self.items()?.into_iter().map(|item| item.text().map(|text| (item, text))).collect()
    }

    fn scalar(&self) -> Option<&'a str> {
        match &self.node.value {
            Value::Scalar(text) => Some(text.trim()),
            _ => None,
        }
    }
}
