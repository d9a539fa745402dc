//! Members, clients, structures, schemas: what nearly every service needs.

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

/// Which clients a list of allowed or refused ones means.
#[custom]
pub struct ClientBwListEntry {
    /// What is compared: 0 the address, 1 the client's name, 2 its labels.
    pub kind: i32,
    /// What it is compared with; `*` stands for anything.
    pub value: Str,
}

/// An event of a member, for the management center.
#[custom(name = "MCEvent")]
pub struct McEvent {
    /// When, in milliseconds since 1970.
    pub timestamp: i64,
    /// Which event.
    pub kind: i32,
    /// Its details as JSON.
    pub data_json: Str,
}

/// How far the moving of partitions has come.
#[custom(since = "2.2")]
pub struct MigrationState {
    /// When it began, in milliseconds since 1970.
    pub start_time: i64,
    /// Moves to be made.
    pub planned_migrations: i32,
    /// Moves made.
    pub completed_migrations: i32,
    /// Milliseconds spent on those made.
    pub total_elapsed_time: i64,
}

/// Where a scheduled task lives.
#[custom]
pub struct ScheduledTaskHandler {
    /// The member that runs it, or null if a partition does.
    pub uuid: Option<Uuid>,
    /// The partition that runs it, or -1 if a member does.
    pub partition_id: i32,
    /// The scheduled executor.
    pub scheduler_name: Str,
    /// The task.
    pub task_name: Str,
}

/// A part of a namespace: classes or files that members load.
#[custom(since = "2.7")]
pub struct ResourceDefinition {
    /// Its name.
    pub id: Str,
    /// What it is, such as a class or an archive.
    pub resource_type: i32,
    /// Its bytes, if they are sent along.
    pub payload: Option<ByteArray>,
    /// Where it comes from, if they are not.
    pub resource_url: Option<Str>,
}
