//! What the embedded members make of queries: `attribute` finds what of an entry is asked about, `compare`
//! compares it, `matches` says whether a predicate holds, `sql` reads one that is text, `summary` aggregates
//! and projects.
//!
//! Values of Java classes have no attributes here, and neither have identified objects, since nobody knows
//! their classes: asking for one is an error, as it is at a real member that lacks the class. JSON is looked
//! into with the feature `json`. Regular expressions, and means and sums of big numbers, are refused.

mod attribute;
mod compare;
mod matches;
mod sql;
mod summary;

pub(super) use compare::SortKey;
use compare::order;
pub(super) use matches::{Asked, matches, partitions_of};
pub(super) use summary::{aggregate, project};

use crate::Str;
use crate::hazelcast::error::{Error, ErrorCode};

/// Why a query has no answer: an error for its client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) code: ErrorCode,
    pub(super) class: &'static str,
    pub(super) text: Str,
}

impl Refused {
    fn query(text: impl Into<Str>) -> Self {
        let class = "com.hazelcast.query.QueryException";
        Self { code: ErrorCode::QUERY, class, text: text.into() }
    }

    pub(super) fn unsupported(text: &'static str) -> Self {
        let class = "java.lang.UnsupportedOperationException";
        Self { code: ErrorCode::UNSUPPORTED_OPERATION, class, text: Str::from_static(text) }
    }

    pub(super) fn argument(text: &'static str) -> Self {
        let class = "java.lang.IllegalArgumentException";
        Self { code: ErrorCode::ILLEGAL_ARGUMENT, class, text: Str::from_static(text) }
    }

    /// Something of a class that no member has.
    pub(super) fn unknown_class(what: impl core::fmt::Display) -> Self {
        let class = "com.hazelcast.nio.serialization.HazelcastSerializationException";
        let text = alloc::format!("there is no class here for {what}");
        Self { code: ErrorCode::HAZELCAST_SERIALIZATION, class, text: text.into() }
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        let class = "com.hazelcast.nio.serialization.HazelcastSerializationException";
        let text = alloc::format!("{error}").into();
        Self { code: ErrorCode::HAZELCAST_SERIALIZATION, class, text }
    }
}
