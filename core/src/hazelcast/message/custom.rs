//! Structures that messages of several services hold.

use alloc::vec::Vec;

use gridwire_derive::custom;

use crate::Str;
use crate::hazelcast::Uuid;
use crate::hazelcast::wire::ByteArray;

/// Where a member listens.
#[custom]
pub struct Address {
    /// A host name or an IP address.
    pub host: Str,
    /// A TCP port.
    pub port: i32,
}

/// A member of the cluster.
#[custom]
pub struct MemberInfo {
    /// Where the other members reach it.
    pub address: Address,
    /// Its id, new after each restart unless it persists its data.
    pub uuid: Uuid,
    /// What its configuration says about it.
    pub attributes: Vec<(Str, Str)>,
    /// Owns no partitions.
    pub lite_member: bool,
    /// Its release.
    pub version: MemberVersion,
    /// Further addresses, by what they are for.
    #[since("2.0.1")]
    pub address_map: Vec<(EndpointQualifier, Address)>,
}

/// The release of a member: 5.7.0.
#[custom]
pub struct MemberVersion {
    /// 5
    pub major: i8,
    /// 7
    pub minor: i8,
    /// 0
    pub patch: i8,
}

/// What an address of a member is for.
#[custom(since = "2.0.1")]
pub struct EndpointQualifier {
    /// 0 member, 1 client, 2 WAN, 3 REST, 4 memcache.
    pub kind: i32,
    /// Tells several of one kind apart.
    pub identifier: Option<Str>,
}

/// The cluster's version, which follows its members' once all are upgraded.
#[custom(since = "2.8", name = "Version")]
pub struct ClusterVersion {
    /// 5
    pub major: i8,
    /// 7
    pub minor: i8,
}

/// A structure that exists in the cluster.
#[custom]
pub struct DistributedObjectInfo {
    /// What kind of structure it is: `"hz:impl:mapService"`.
    pub service_name: Str,
    /// Its name.
    pub name: Str,
}

/// The layout of a compact-serialized type.
#[custom(since = "2.3")]
pub struct Schema {
    /// The type's name.
    pub type_name: Str,
    /// Its fields.
    pub fields: Vec<FieldDescriptor>,
}

/// A field of a compact-serialized type.
#[custom(since = "2.3")]
pub struct FieldDescriptor {
    /// Its name.
    pub field_name: Str,
    /// Its type, by the numbers of compact serialization.
    pub kind: i32,
}

/// The id of a distributed transaction, as X/Open has it.
#[custom]
pub struct Xid {
    /// The transaction manager's format.
    pub format_id: i32,
    /// The whole transaction, at most 64 bytes.
    pub global_transaction_id: ByteArray,
    /// This part of it, at most 64 bytes.
    pub branch_qualifier: ByteArray,
}

/// An error, or the cause of one.
#[custom]
pub struct ErrorHolder {
    /// The number that clients act on; 0 for what has none.
    pub error_code: i32,
    /// The Java class of the exception.
    pub class_name: Str,
    /// Its message.
    pub message: Option<Str>,
    /// Where it happened, innermost call first.
    pub stack_trace_elements: Vec<StackTraceElement>,
}

/// A call in a stack trace.
#[custom]
pub struct StackTraceElement {
    /// The class of the method.
    pub class_name: Str,
    /// The method.
    pub method_name: Str,
    /// The source file.
    pub file_name: Option<Str>,
    /// The line in it, below 0 where there is none.
    pub line_number: i32,
}

/// Which query of which member.
#[custom(since = "2.1")]
pub struct SqlQueryId {
    /// The member's id, upper half.
    pub member_id_high: i64,
    /// The member's id, lower half.
    pub member_id_low: i64,
    /// The query's id, upper half.
    pub local_id_high: i64,
    /// The query's id, lower half.
    pub local_id_low: i64,
}

/// Why a query failed.
#[custom(since = "2.1")]
pub struct SqlError {
    /// A number of SQL's own, apart from those of other errors.
    pub code: i32,
    /// What is wrong.
    pub message: Option<Str>,
    /// Who says so.
    pub originating_member_id: Uuid,
    /// A statement that would help.
    #[since("2.3")]
    pub suggestion: Option<Str>,
    /// The stack trace of the cause.
    #[since("2.7")]
    pub cause_stack_trace: Option<Str>,
}

/// A column of a result.
#[custom(since = "2.1")]
pub struct SqlColumnMetadata {
    /// Its name.
    pub name: Str,
    /// Its type: see [`SqlColumnType`](super::sql_page::SqlColumnType).
    pub kind: i32,
    /// May hold null.
    #[since("2.2", default = true)]
    pub nullable: bool,
}
