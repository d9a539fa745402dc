//! Queries: which entries ([`Predicate`]), page by page ([`Paging`]), what of them ([`Projection`]),
//! or one result of all of them ([`Aggregator`]).
//!
//! ```
//! use gridwire_core::hazelcast::query::{attr, key, sql};
//!
//! let adults = attr("age").ge(18).and(attr("name").like("A%"));
//! assert_eq!(adults.to_string(), "age >= 18 AND name LIKE 'A%'");
//! let some = sql("age >= 18").or(key().is_in([1, 2]));
//! assert_eq!(some.to_string(), "(age >= 18) OR __key IN (1, 2)");
//! ```
//!
//! They are values like any other, sent as `IdentifiedDataSerializable` objects that every member
//! knows. What they compare with is written together with them, so it may be of any type, and a value
//! that can't be written is an error of the call. Members read them back by the same types.

pub mod aggregate;
mod attribute;
mod display;
mod object;
mod operand;
mod paging;
mod partition;
mod predicate;
pub mod project;
mod result;

#[cfg(feature = "arbitrary")]
mod any;
#[cfg(test)]
mod tests;

pub use aggregate::{Aggregation, Aggregator, Function};
pub use attribute::{Attribute, attr, key, this};
pub use operand::Operand;
pub use paging::{Anchor, Iteration, Page, Pages, Paging, paging};
pub use partition::{Askable, Filter, PartitionPredicate, Query, partition, partitions};
pub use predicate::{
    Comparison, Pattern, Predicate, all_of, always_false, always_true, any_of, custom, instance_of,
    not, sql,
};
pub use project::{Fields, Projection};
pub use result::{Distinct, LazyEntry, Row, open};
