//! The client's own service: who it is, what the cluster looks like, which structures exist.

use alloc::vec::Vec;

use gridwire_derive::service;

use super::custom::{
    Address, ClusterVersion, DistributedObjectInfo, MemberInfo, MigrationState, RaftGroupInfo,
    Schema,
};
use crate::Str;
use crate::hazelcast::Uuid;
use crate::hazelcast::wire::ByteArray;

/// The client's own service.
#[service(id = 0x00)]
pub trait Client {
    /// Introduces the client by user name and password, or by neither.
    #[method(id = 0x01, retryable)]
    fn authentication(
        cluster_name: Str,
        username: Option<Str>,
        #[secret] password: Option<Str>,
        /// The client's id, the same on all its connections.
        uuid: Option<Uuid>,
        /// Three letters for the language, such as `JVM` or `PYH`.
        client_type: Str,
        serialization_version: i8,
        client_hazelcast_version: Str,
        client_name: Str,
        labels: Vec<Str>,
        /// 0 single member, 1 all members, 2 some.
        #[since("2.8")]
        routing_mode: i8,
        #[since("2.8")] cp_direct_to_leader_routing: bool,
    );
    /// Who answers, and whether the client is let in.
    #[response]
    fn authentication(
        /// 0 authenticated, 1 refused, 2 serialization version differs, 3 not allowed in the cluster.
        status: i8,
        address: Option<Address>,
        member_uuid: Option<Uuid>,
        serialization_version: i8,
        server_hazelcast_version: Str,
        partition_count: i32,
        /// Null when the client is refused.
        #[lenient]
        cluster_id: Option<Uuid>,
        failover_supported: bool,
        #[since("2.7")] tpc_ports: Option<Vec<i32>>,
        #[secret]
        #[since("2.7")]
        tpc_token: Option<ByteArray>,
        /// -1 if the list is not known yet.
        #[since("2.7", default = -1)]
        member_list_version: i32,
        #[since("2.7")] member_infos: Vec<MemberInfo>,
        /// -1 if the table is not known yet.
        #[since("2.7", default = -1)]
        partition_list_version: i32,
        /// The partitions of each member.
        #[since("2.7")]
        partitions: Vec<(Uuid, Vec<i32>)>,
        /// `clusterVersion`, and as JSON `memberGroups` and `cp.leaders`.
        #[since("2.8")]
        key_value_pairs: Vec<(Str, Str)>,
    );

    /// Introduces the client by a token, or by credentials that the member's login module knows.
    #[method(id = 0x02, retryable)]
    fn authentication_custom(
        cluster_name: Str,
        #[secret] credentials: ByteArray,
        uuid: Option<Uuid>,
        client_type: Str,
        serialization_version: i8,
        client_hazelcast_version: Str,
        client_name: Str,
        labels: Vec<Str>,
        #[since("2.8")] routing_mode: i8,
        #[since("2.8")] cp_direct_to_leader_routing: bool,
    );
    /// As [`AuthenticationResponse`].
    #[response]
    fn authentication_custom(
        status: i8,
        address: Option<Address>,
        member_uuid: Option<Uuid>,
        serialization_version: i8,
        server_hazelcast_version: Str,
        partition_count: i32,
        #[lenient] cluster_id: Option<Uuid>,
        failover_supported: bool,
        #[since("2.7")] tpc_ports: Option<Vec<i32>>,
        #[secret]
        #[since("2.7")]
        tpc_token: Option<ByteArray>,
        #[since("2.7", default = -1)] member_list_version: i32,
        #[since("2.7")] member_infos: Option<Vec<MemberInfo>>,
        #[since("2.7", default = -1)] partition_list_version: i32,
        #[since("2.7")] partitions: Option<Vec<(Uuid, Vec<i32>)>>,
        #[since("2.8")] key_value_pairs: Vec<(Str, Str)>,
    );

    /// Has this connection told about members and partitions. The first events may come before the
    /// answer.
    #[method(
        id = 0x03,
        events(members_view = 2, partitions_view = 3, member_groups_view = 4, cluster_version = 5)
    )]
    fn add_cluster_view_listener();
    /// All members.
    #[event]
    fn members_view(version: i32, member_infos: Vec<MemberInfo>);
    /// The owner of each partition.
    #[event]
    fn partitions_view(version: i32, partitions: Vec<(Uuid, Vec<i32>)>);
    /// Which members a client should keep to that talks with some of them only.
    #[event(since = "2.8")]
    fn member_groups_view(version: i32, member_groups: Vec<Vec<Uuid>>);
    /// The cluster's version changed.
    #[event(since = "2.8")]
    fn cluster_version(version: ClusterVersion);

    /// Makes sure that a structure exists.
    #[method(id = 0x04)]
    fn create_proxy(name: Str, service_name: Str);

    /// Destroys a structure and all it holds.
    #[method(id = 0x05)]
    fn destroy_proxy(name: Str, service_name: Str);

    /// Has this connection told about partitions of which too many copies were lost.
    #[method(id = 0x06, events(partition_lost = 2))]
    fn add_partition_lost_listener(local_only: bool) -> Uuid;

    /// A partition lost its owner and backups.
    #[event]
    fn partition_lost(
        partition_id: i32,
        /// How many backups were lost with the owner.
        lost_backup_count: i32,
        /// The member that says so.
        source: Option<Uuid>,
    );

    /// Ends [`AddPartitionLostListener`].
    #[method(id = 0x07, retryable)]
    fn remove_partition_lost_listener(registration_id: Uuid) -> bool;

    /// Lists the structures of the cluster.
    #[method(id = 0x08)]
    fn get_distributed_objects() -> Vec<DistributedObjectInfo>;

    /// Has this connection told about structures that are created or destroyed.
    #[method(id = 0x09, events(distributed_object = 2))]
    fn add_distributed_object_listener(local_only: bool) -> Uuid;
    /// A structure was created or destroyed.
    #[event]
    fn distributed_object(
        name: Str,
        service_name: Str,
        /// `CREATED` or `DESTROYED`.
        event_type: Str,
        source: Uuid,
    );

    /// Ends [`AddDistributedObjectListener`].
    #[method(id = 0x0a, retryable)]
    fn remove_distributed_object_listener(registration_id: Uuid) -> bool;

    /// Asks for a sign of life.
    #[method(id = 0x0b, retryable)]
    fn ping();

    /// Hands in the client's statistics, for the management center.
    #[method(id = 0x0c)]
    fn statistics(timestamp: i64, client_attributes: Str, metrics_blob: ByteArray);

    /// Gives Java classes to the members: pairs of name and bytes.
    #[method(id = 0x0d)]
    fn deploy_classes(class_definitions: Vec<(Str, ByteArray)>);

    /// Makes sure that structures exist: pairs of name and service name.
    #[method(id = 0x0e)]
    fn create_proxies(proxies: Vec<(Str, Str)>);

    /// Has this connection told when its member has applied a backup.
    #[method(id = 0x0f, events(backup = 2))]
    fn local_backup_listener() -> Uuid;
    /// A backup of one of the client's requests, whichever connection it was sent on, is applied.
    #[event]
    fn backup(source_invocation_correlation_id: i64);

    /// Has partitions assigned to members, if they are not yet.
    #[method(id = 0x10, retryable)]
    fn trigger_partition_assignment();

    /// Has this connection told about partitions that move.
    #[method(id = 0x11, since = "2.2", events(migration = 2, replica_migration = 3))]
    fn add_migration_listener(local_only: bool) -> Uuid;

    /// Partitions begin to move, or are done.
    #[event(since = "2.2")]
    fn migration(
        migration_state: MigrationState,
        /// 0 begun, 1 done.
        kind: i32,
    );

    /// One copy of a partition has moved, or failed to.
    #[event(since = "2.2")]
    fn replica_migration(
        migration_state: MigrationState,
        partition_id: i32,
        /// 0 the owner's, 1 that of the first backup, and so on.
        replica_index: i32,
        /// Null if the copy was lost.
        source_uuid: Option<Uuid>,
        dest_uuid: Option<Uuid>,
        success: bool,
        /// In milliseconds.
        elapsed_time: i64,
    );

    /// Ends [`AddMigrationListener`].
    #[method(id = 0x12, since = "2.2", retryable)]
    fn remove_migration_listener(registration_id: Uuid) -> bool;

    /// Makes the layout of a compact-serialized type known.
    #[method(id = 0x13, since = "2.5", retryable)]
    fn send_schema(schema: Schema);
    /// The members that know it now.
    #[response]
    fn send_schema(replicated_members: Vec<Uuid>);

    /// Asks for the layout of a compact-serialized type.
    #[method(id = 0x14, since = "2.5", retryable)]
    fn fetch_schema(schema_id: i64);
    /// Null if no member knows it.
    #[response]
    fn fetch_schema(schema: Option<Schema>);

    /// Makes all layouts known that the client knows, to a cluster that may have lost them.
    #[method(id = 0x15, since = "2.5", retryable)]
    fn send_all_schemas(schemas: Vec<Schema>);

    /// Introduces a further connection of a client, to one of the ports that
    /// [`AuthenticationResponse`] named.
    #[method(id = 0x16, since = "2.7", retryable)]
    fn tpc_authentication(uuid: Uuid, #[secret] token: ByteArray);

    /// Has this connection told who leads which CP group.
    #[method(id = 0x17, since = "2.8", events(groups_view = 2))]
    fn add_cp_group_view_listener();

    /// All CP groups.
    #[event(since = "2.8")]
    fn groups_view(
        version: i64,
        groups_info: Vec<RaftGroupInfo>,
        /// For each CP member its id in the cluster.
        cp_to_ap_uuids: Vec<(Uuid, Uuid)>,
    );
}
