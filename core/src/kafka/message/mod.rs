//! The messages of Kafka's protocol, one file per API, each in every version that 3.9.1 or
//! 4.4.0 knows.
//!
//! Declarations follow Apache Kafka's own definitions (4.4.0, with the versions that 4.0 dropped as
//! 3.9.1 had them) in order, names and defaults. Where a request and its response have structs of
//! the same name, the two live in modules of their own. Engines dispatch by [`api`]; recorders and
//! tests, which want any message by its key, use [`printer`]. What stands in a byte field of another
//! message, or in a control record, is [`Embedded`].

pub mod add_offsets_to_txn;
pub mod add_partitions_to_txn;
pub mod add_raft_voter;
pub mod allocate_producer_ids;
pub mod alter_client_quotas;
pub mod alter_configs;
pub mod alter_partition;
pub mod alter_partition_reassignments;
pub mod alter_replica_log_dirs;
pub mod alter_share_group_offsets;
pub mod alter_user_scram_credentials;
pub mod api_versions;
pub mod assign_replicas_to_dirs;
pub mod begin_quorum_epoch;
pub mod broker_heartbeat;
pub mod broker_registration;
pub mod consumer_group_describe;
pub mod consumer_group_heartbeat;
pub mod consumer_protocol;
pub mod control_record;
pub mod controlled_shutdown;
pub mod controller_registration;
pub mod create_acls;
pub mod create_delegation_token;
pub mod create_partitions;
pub mod create_topics;
pub mod default_principal_data;
pub mod delete_acls;
pub mod delete_groups;
pub mod delete_records;
pub mod delete_share_group_offsets;
pub mod delete_share_group_state;
pub mod delete_topics;
pub mod describe_acls;
pub mod describe_client_quotas;
pub mod describe_cluster;
pub mod describe_configs;
pub mod describe_delegation_token;
pub mod describe_groups;
pub mod describe_log_dirs;
pub mod describe_producers;
pub mod describe_quorum;
pub mod describe_share_group_offsets;
pub mod describe_topic_partitions;
pub mod describe_transactions;
pub mod describe_user_scram_credentials;
pub mod elect_leaders;
mod embedded;
pub mod end_quorum_epoch;
pub mod end_txn;
pub mod envelope;
pub mod expire_delegation_token;
pub mod fetch;
pub mod fetch_snapshot;
pub mod find_coordinator;
pub mod get_telemetry_subscriptions;
mod header;
pub mod heartbeat;
pub mod incremental_alter_configs;
pub mod init_producer_id;
pub mod initialize_share_group_state;
pub mod join_group;
pub mod leader_and_isr;
pub mod leave_group;
pub mod list_config_resources;
pub mod list_groups;
pub mod list_offsets;
pub mod list_partition_reassignments;
pub mod list_transactions;
pub mod metadata;
pub mod offset_commit;
pub mod offset_delete;
pub mod offset_fetch;
pub mod offset_for_leader_epoch;
mod print;
pub mod produce;
pub mod push_telemetry;
pub mod read_share_group_state;
pub mod read_share_group_state_summary;
pub mod remove_raft_voter;
pub mod renew_delegation_token;
pub mod sasl_authenticate;
pub mod sasl_handshake;
pub mod share_acknowledge;
pub mod share_fetch;
pub mod share_group_describe;
pub mod share_group_heartbeat;
pub mod stop_replica;
pub mod streams_group_describe;
pub mod streams_group_heartbeat;
pub mod streams_group_topology_description_update;
pub mod sync_group;
pub mod txn_offset_commit;
pub mod unregister_broker;
pub mod unregister_controller;
pub mod update_features;
pub mod update_metadata;
pub mod update_raft_voter;
pub mod vote;
pub mod write_share_group_state;
pub mod write_txn_markers;

pub use embedded::{Embedded, Framing};
pub use header::{RequestHeader, ResponseHeader};
#[cfg(feature = "arbitrary")]
pub use print::{Draw, RoundTrip, round_trip};
pub use print::{Printed, Printer};

use super::wire::{Message, Versions};

/// One API of the protocol: what a request and its response share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Api {
    /// The number that requests carry.
    pub key: i16,
    /// As in Kafka's documentation: `"Metadata"`.
    pub name: &'static str,
    /// The versions declared here.
    pub versions: Versions,
    /// Those with compact lengths and tagged fields.
    pub flexible: Versions,
    /// Whether the last version may still change; brokers do not offer it.
    pub latest_unstable: bool,
    /// Where a broker that throttles a client answers first, so that the throttle time in the answer
    /// is for the client to wait. In earlier versions the broker has waited itself.
    pub throttles: Versions,
    /// Who serves it.
    pub listeners: &'static [Listener],
    /// Whether only brokers and controllers send it.
    pub internal: bool,
}

/// Who serves an API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listener {
    /// A broker, on all of its listeners.
    Broker,
    /// A controller.
    Controller,
    /// A broker of a cluster that uses ZooKeeper: gone since 4.0.
    ZkBroker,
}

impl Api {
    /// The last version that will not change any more.
    pub const fn latest_stable(&self) -> i16 {
        if self.latest_unstable { self.versions.max - 1 } else { self.versions.max }
    }

    /// Whether clients have a use for it: brokers serve it, and not only for each other.
    pub fn is_for_clients(&self) -> bool {
        !self.internal && self.listeners.contains(&Listener::Broker)
    }

    /// The version of the header before a request of version `at`.
    pub const fn request_header(&self, at: i16) -> i16 {
        if self.flexible.contains(at) {
            2
        } else if self.key == 7 && at == 0 {
            // ControlledShutdown, which had no client id at first.
            0
        } else {
            1
        }
    }

    /// The version of the header before a response of version `at`.
    pub const fn response_header(&self, at: i16) -> i16 {
        // ApiVersions is answered before the client knows what the broker can do.
        if self.key != 18 && self.flexible.contains(at) { 1 } else { 0 }
    }
}

/// A request, with the response that answers it in the same version.
pub trait Request: Message {
    /// What answers it.
    type Response: Response;
    /// What the two share.
    const API: Api;
}

/// A response.
pub trait Response: Message {
    /// The key of its API.
    const KEY: i16;
    /// As [`Api::throttles`].
    const THROTTLES: Versions;

    /// Milliseconds for which the broker throttles the client, which are for the client to wait in some
    /// versions; 0 if the response does not say.
    fn throttle_time_ms(&self) -> i32;

    /// Whether they are in this version.
    fn throttles(&self, version: i16) -> bool {
        Self::THROTTLES.contains(version)
    }
}

/// Refuses, at compile time, a request and a response that do not belong together.
const fn check_pair<R: Request>(key: i16) {
    let (request, response) = (R::VERSIONS, <R::Response as Message>::VERSIONS);
    assert!(<R::Response as Response>::KEY == key, "the response has another key");
    assert!(request.min == response.min, "the response begins at another version");
    assert!(request.max == response.max, "the response ends at another version");
    let (request, response) = (R::FLEXIBLE, <R::Response as Message>::FLEXIBLE);
    assert!(request.min == response.min, "the response is flexible from another version");
}

macro_rules! apis {
    ($($request:ty,)*) => {
        /// Every API declared, by ascending key.
        pub static APIS: &[Api] = &[$(<$request as Request>::API),*];

        /// A printer for each of [`APIS`], in the same order. Refers to the code of every message:
        /// a program that only speaks the protocol has no use for it.
        pub static PRINTERS: &[Printer] = &[$(Printer::new::<$request>()),*];
    };
}

apis! {
    produce::ProduceRequest,
    fetch::FetchRequest,
    list_offsets::ListOffsetsRequest,
    metadata::MetadataRequest,
    leader_and_isr::LeaderAndIsrRequest,
    stop_replica::StopReplicaRequest,
    update_metadata::UpdateMetadataRequest,
    controlled_shutdown::ControlledShutdownRequest,
    offset_commit::OffsetCommitRequest,
    offset_fetch::OffsetFetchRequest,
    find_coordinator::FindCoordinatorRequest,
    join_group::JoinGroupRequest,
    heartbeat::HeartbeatRequest,
    leave_group::LeaveGroupRequest,
    sync_group::SyncGroupRequest,
    describe_groups::DescribeGroupsRequest,
    list_groups::ListGroupsRequest,
    sasl_handshake::SaslHandshakeRequest,
    api_versions::ApiVersionsRequest,
    create_topics::CreateTopicsRequest,
    delete_topics::DeleteTopicsRequest,
    delete_records::DeleteRecordsRequest,
    init_producer_id::InitProducerIdRequest,
    offset_for_leader_epoch::OffsetForLeaderEpochRequest,
    add_partitions_to_txn::AddPartitionsToTxnRequest,
    add_offsets_to_txn::AddOffsetsToTxnRequest,
    end_txn::EndTxnRequest,
    write_txn_markers::WriteTxnMarkersRequest,
    txn_offset_commit::TxnOffsetCommitRequest,
    describe_acls::DescribeAclsRequest,
    create_acls::CreateAclsRequest,
    delete_acls::DeleteAclsRequest,
    describe_configs::DescribeConfigsRequest,
    alter_configs::AlterConfigsRequest,
    alter_replica_log_dirs::AlterReplicaLogDirsRequest,
    describe_log_dirs::DescribeLogDirsRequest,
    sasl_authenticate::SaslAuthenticateRequest,
    create_partitions::CreatePartitionsRequest,
    create_delegation_token::CreateDelegationTokenRequest,
    renew_delegation_token::RenewDelegationTokenRequest,
    expire_delegation_token::ExpireDelegationTokenRequest,
    describe_delegation_token::DescribeDelegationTokenRequest,
    delete_groups::DeleteGroupsRequest,
    elect_leaders::ElectLeadersRequest,
    incremental_alter_configs::IncrementalAlterConfigsRequest,
    alter_partition_reassignments::AlterPartitionReassignmentsRequest,
    list_partition_reassignments::ListPartitionReassignmentsRequest,
    offset_delete::OffsetDeleteRequest,
    describe_client_quotas::DescribeClientQuotasRequest,
    alter_client_quotas::AlterClientQuotasRequest,
    describe_user_scram_credentials::DescribeUserScramCredentialsRequest,
    alter_user_scram_credentials::AlterUserScramCredentialsRequest,
    vote::VoteRequest,
    begin_quorum_epoch::BeginQuorumEpochRequest,
    end_quorum_epoch::EndQuorumEpochRequest,
    describe_quorum::DescribeQuorumRequest,
    alter_partition::AlterPartitionRequest,
    update_features::UpdateFeaturesRequest,
    envelope::EnvelopeRequest,
    fetch_snapshot::FetchSnapshotRequest,
    describe_cluster::DescribeClusterRequest,
    describe_producers::DescribeProducersRequest,
    broker_registration::BrokerRegistrationRequest,
    broker_heartbeat::BrokerHeartbeatRequest,
    unregister_broker::UnregisterBrokerRequest,
    describe_transactions::DescribeTransactionsRequest,
    list_transactions::ListTransactionsRequest,
    allocate_producer_ids::AllocateProducerIdsRequest,
    consumer_group_heartbeat::ConsumerGroupHeartbeatRequest,
    consumer_group_describe::ConsumerGroupDescribeRequest,
    controller_registration::ControllerRegistrationRequest,
    get_telemetry_subscriptions::GetTelemetrySubscriptionsRequest,
    push_telemetry::PushTelemetryRequest,
    assign_replicas_to_dirs::AssignReplicasToDirsRequest,
    list_config_resources::ListConfigResourcesRequest,
    describe_topic_partitions::DescribeTopicPartitionsRequest,
    share_group_heartbeat::ShareGroupHeartbeatRequest,
    share_group_describe::ShareGroupDescribeRequest,
    share_fetch::ShareFetchRequest,
    share_acknowledge::ShareAcknowledgeRequest,
    add_raft_voter::AddRaftVoterRequest,
    remove_raft_voter::RemoveRaftVoterRequest,
    update_raft_voter::UpdateRaftVoterRequest,
    initialize_share_group_state::InitializeShareGroupStateRequest,
    read_share_group_state::ReadShareGroupStateRequest,
    write_share_group_state::WriteShareGroupStateRequest,
    delete_share_group_state::DeleteShareGroupStateRequest,
    read_share_group_state_summary::ReadShareGroupStateSummaryRequest,
    streams_group_heartbeat::StreamsGroupHeartbeatRequest,
    streams_group_describe::StreamsGroupDescribeRequest,
    describe_share_group_offsets::DescribeShareGroupOffsetsRequest,
    alter_share_group_offsets::AlterShareGroupOffsetsRequest,
    delete_share_group_offsets::DeleteShareGroupOffsetsRequest,
    streams_group_topology_description_update::StreamsGroupTopologyDescriptionUpdateRequest,
    unregister_controller::UnregisterControllerRequest,
}

/// The API with this key, if it is declared.
pub fn api(key: i16) -> Option<&'static Api> {
    let index = APIS.binary_search_by_key(&key, |api| api.key).ok()?;
    APIS.get(index)
}

/// The printer of the API with this key, if it is declared.
pub fn printer(key: i16) -> Option<&'static Printer> {
    let index = PRINTERS.binary_search_by_key(&key, |printer| printer.api.key).ok()?;
    PRINTERS.get(index)
}

#[cfg(test)]
mod tests;
