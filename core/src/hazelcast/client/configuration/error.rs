//! [`ConfigError`]: what is wrong with a configuration, and where.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

use thiserror::Error;

/// A configuration that can't be used. It prints as `line 12:
/// hazelcast-client.network.connection-timeout: expected milliseconds, found "abc"`. It never holds a
/// password or a token.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct ConfigError {
    /// Where it was said.
    pub place: Place,
    /// The key, from the root, its parts joined by dots; empty if it is about the whole text.
    pub key: String,
    /// What is wrong with it.
    pub problem: Problem,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        write!(f, "{}", self.problem)
    }
}

/// Where something of a configuration was said.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// In a text.
    Line {
        /// The name of its file, if the configuration has several.
        file: Option<Box<str>>,
        /// From 1.
        line: usize,
    },
    /// In an environment variable of this name.
    Variable(Box<str>),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { file: Some(file), line } => write!(f, "{file}, line {line}"),
            Self::Line { file: None, line } => write!(f, "line {line}"),
            Self::Variable(name) => f.write_str(name),
        }
    }
}

/// What is wrong with a part of a configuration.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Problem {
    /// The text isn't YAML, or uses something of it that configurations have no need of.
    #[error("{0}")]
    Syntax(String),
    /// There is no such key.
    #[error("no such key{}", Suggestion(*nearest))]
    UnknownKey {
        /// The one that was probably meant.
        nearest: Option<&'static str>,
    },
    /// The key was there before.
    #[error("said twice")]
    Twice,
    /// A value of another type, or out of range.
    #[error("expected {what}, found {found}")]
    Expected {
        /// What may stand there.
        what: &'static str,
        /// What stands there.
        found: String,
    },
    /// A key that must be there isn't.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// Two keys that exclude each other.
    #[error("not together with `{0}`")]
    Conflict(&'static str),
    /// The official client has it, and this one doesn't.
    #[error("not supported: {0}")]
    NotSupported(&'static str),
    /// A `${name}` that has no value.
    #[error("`${{{0}}}` has no value")]
    NoValue(String),
    /// A file that the configuration names can't be had.
    #[error("no file `{0}`")]
    NoFile(String),
    /// A client of a failover configuration differs from the first in more than the cluster.
    #[error("differs from the first client's: only what is said of the cluster may")]
    Differs,
}

/// The end of the sentence about an unknown key.
struct Suggestion(Option<&'static str>);

impl fmt::Display for Suggestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(nearest) => write!(f, "; did you mean `{nearest}`?"),
            None => Ok(()),
        }
    }
}
