//! [`Error`]: everything that can go wrong with Hazelcast, by who was at fault.

use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

pub use super::error_code::{ErrorCode, ErrorKind, Retry};
use super::serialization::TypeId;
use super::serialization::compact::FieldKind;
use super::serialization::portable::FieldType;
use super::serialization::registry::Claim;
use crate::call::Failure;
use crate::endpoint::{Cause, Target};
use crate::{Malformed, Str};

/// The error of every Hazelcast call.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The peer sent bytes that break the encoding.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The peer sent whole messages that break the protocol.
    #[error("protocol violation: {0}")]
    Violation(Violation),
    /// The peer, or this library, has no such thing.
    #[error("unsupported: {0}")]
    Unsupported(&'static str),
    /// A member says that the call failed.
    #[error("{0}")]
    Remote(Arc<RemoteError>),
    /// A member does not let this client in.
    #[error(transparent)]
    Refused(Box<Refused>),
    /// The caller asked for what can't be.
    #[error("misuse: {0}")]
    Misuse(&'static str),
    /// A value can't be written, or is another than was asked for.
    #[error(transparent)]
    Serialization(Box<SerializationError>),
    /// What can happen to any call.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl Error {
    /// The code that a member sent, if it is a member's error.
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Remote(remote) => Some(remote.code),
            _ => None,
        }
    }
}

impl From<SerializationError> for Error {
    fn from(error: SerializationError) -> Self {
        Self::Serialization(Box::new(error))
    }
}

/// Why this side ends a connection.
impl From<&Error> for Cause {
    fn from(error: &Error) -> Self {
        Self::Other(error.to_string().into_boxed_str())
    }
}

/// How a peer broke the protocol with messages that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Violation {
    /// An answer to a request that was never made.
    #[error("an answer with correlation id {0}, which was never given out")]
    UnknownId(i64),
    /// The answer to a request has the type of another.
    #[error("{method} was answered with message type {found:#08x}, expected {expected:#08x}")]
    AnswerType {
        /// The method that was called.
        method: &'static str,
        /// The message type of its answer.
        expected: u32,
        /// What came.
        found: u32,
    },
    /// A fragment that can't be put together.
    #[error(transparent)]
    Fragment(#[from] crate::fragment::FragmentError),
    /// Another protocol is spoken there.
    #[error("{0} was found where a Hazelcast member of 4.0 or later was expected")]
    Protocol(&'static str),
    /// Something else, in words.
    #[error("{0}")]
    Other(&'static str),
}

/// A member that does not let this client in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{by} does not let this client into cluster {cluster}: {why}")]
pub struct Refused {
    /// Where the member was reached.
    pub by: Target,
    /// The cluster that was asked for.
    pub cluster: Str,
    /// Why.
    pub why: Refusal,
}

/// Why a member does not let a client in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Status 1: the cluster has another name, or doesn't know the credentials. A member without
    /// security refuses any credentials.
    #[error(
        "wrong cluster name or credentials (a member without security refuses any credentials)"
    )]
    Credentials,
    /// Status 2: the member's serialization has another version.
    #[error("the member's serialization version is another")]
    SerializationVersion,
    /// Status 3: the cluster has blacklisted the client.
    #[error("the client is not allowed in the cluster")]
    NotAllowed,
    /// Another status.
    #[error("unknown status {0}")]
    Status(i8),
    /// The member's cluster has another number of partitions than the one the client knows.
    #[error("the member has {found} partitions, expected {expected}")]
    PartitionCount {
        /// What the client knows of its cluster.
        expected: u32,
        /// What the member says; negative numbers too.
        found: i32,
    },
    /// The member belongs to another cluster than the one the client is connected to.
    #[error("the member belongs to another cluster")]
    OtherCluster,
    /// The answer lacks what the protocol requires of it.
    #[error("the answer lacks {0}")]
    Incomplete(&'static str),
    /// The member answered with an error.
    #[error("{0}")]
    Remote(Arc<RemoteError>),
}

/// An error that a member sent, with its causes.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
pub struct RemoteError {
    /// The code; 0 for errors that have none, of which the class is all that is known.
    pub code: ErrorCode,
    /// The Java class.
    pub class: Str,
    /// What the member says about it.
    pub message: Option<Str>,
    /// Where it happened, innermost first.
    pub stack: Box<[StackFrame]>,
    /// What caused it, each the cause of the one before.
    pub causes: Vec<RemoteError>,
}

/// A line of a member's stack trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackFrame {
    /// The class.
    pub class: Str,
    /// Its method.
    pub method: Str,
    /// The source file.
    pub file: Option<Str>,
    /// The line in it; negative if unknown.
    pub line: i32,
}

impl fmt::Display for RemoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.class)?;
        if let Some(message) = &self.message {
            write!(f, ": {message}")?;
        }
        write!(f, " [{}]", self.code)
    }
}

impl fmt::Debug for RemoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Stack traces of 150 lines help nobody in a log.
        f.debug_struct("RemoteError")
            .field("code", &self.code)
            .field("class", &self.class)
            .field("message", &self.message)
            .field("causes", &self.causes)
            .finish_non_exhaustive()
    }
}

/// Why a value was not written or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SerializationError {
    /// The bytes hold a value of another type.
    #[error("expected {expected}, found {found}")]
    Mismatch {
        /// What was asked for.
        expected: &'static str,
        /// What is there.
        found: TypeId,
    },
    /// A value that no bytes can express.
    #[error("{what} can't be written: {why}")]
    Unwritable {
        /// The type.
        what: &'static str,
        /// The reason.
        why: &'static str,
    },
    /// A record of another class than the one that was asked for.
    #[error(
        "expected factory {}, class {}, found factory {}, class {}",
        expected.0, expected.1, found.0, found.1
    )]
    WrongClass {
        /// Factory and class of what was asked for.
        expected: (i32, i32),
        /// Factory and class of what is there.
        found: (i32, i32),
    },
    /// A record of a class that wasn't registered, where any value may be.
    #[error("no type is registered for {0}")]
    Unregistered(Claim),
    /// A document in JSON that isn't what the type expects, or a type that has no form in JSON.
    #[error("{what} as JSON: {why}")]
    Json {
        /// The type.
        what: &'static str,
        /// What is wrong, and where in the document.
        why: Str,
    },
    /// An object that only its Java class can read.
    #[error("only Java can read an object of its class {class}")]
    JavaClass {
        /// The class.
        class: Str,
    },
    /// A compact record whose schema isn't known here. Invokers fetch it and read again.
    #[error("the schema {0:#018x} of a compact record is not known")]
    UnknownSchema(i64),
    /// A compact record whose schema no member knows.
    #[error("no member knows the schema {0:#018x} of a compact record")]
    NoSuchSchema(i64),
    /// Members did not take over the schema of a compact record.
    #[error("the schema {0:#018x} of a compact record did not reach all members")]
    NotReplicated(i64),
    /// A compact record of another type.
    #[error("expected a record of type {expected:?}, found one of type {found:?}")]
    RecordType {
        /// The name of the type that was asked for.
        expected: &'static str,
        /// The name of the type that is there.
        found: Str,
    },
    /// A field of a compact record that isn't there, or holds something else.
    #[error("field {field:?} of {type_name:?}: expected {expected}, found {}",
        found.map_or("no such field", FieldKind::name))]
    Field {
        /// The record's type.
        type_name: Str,
        /// The field.
        field: Str,
        /// What was asked for.
        expected: FieldKind,
        /// What is there; `None` if there is no such field.
        found: Option<FieldKind>,
    },
    /// A field of a compact record that is null, or holds a null, where there can be none.
    #[error("field {field:?} of {type_name:?} is null or holds null")]
    NullField {
        /// The record's type.
        type_name: Str,
        /// The field.
        field: Str,
    },
    /// A field of a portable record that isn't there, or holds something else.
    #[error("field {field:?} of factory {}, class {}: expected {expected}, found {}",
        class.0, class.1, found.map_or("no such field", FieldType::name))]
    PortableField {
        /// Factory and class of the outermost record.
        class: (i32, i32),
        /// The field.
        field: Str,
        /// What was asked for.
        expected: FieldType,
        /// What is there; `None` if there is no such field.
        found: Option<FieldType>,
    },
    /// Fields of a compact record that were written in another order than the type has them.
    #[error("field {expected:?} of {type_name:?} was to be written, not {found:?}")]
    FieldOrder {
        /// The record's type.
        type_name: &'static str,
        /// The field whose turn it was.
        expected: &'static str,
        /// The field that was written.
        found: Str,
    },
}
