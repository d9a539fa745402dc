//! Configurations of structures, added while the cluster runs. The same one may be added twice, another one under its name is refused.

use alloc::vec::Vec;

use gridwire_derive::service;

use super::custom::{
    AttributeConfig, CacheSimpleEntryListenerConfig, DataPersistenceConfig, EventJournalConfig,
    EvictionConfigHolder, HotRestartConfig, IndexConfig, ListenerConfigHolder,
    MapStoreConfigHolder, MerkleTreeConfig, NearCacheConfigHolder, PartitioningAttributeConfig,
    QueryCacheConfigHolder, QueueStoreConfigHolder, ResourceDefinition,
    RingbufferStoreConfigHolder, TieredStoreConfig, TimedExpiryPolicyFactoryConfig,
    VectorIndexConfig, WanBatchPublisherConfigHolder, WanConsumerConfigHolder,
    WanCustomPublisherConfigHolder, WanReplicationRef,
};
use crate::Str;
use crate::hazelcast::Data;

/// Configurations of structures, added while the cluster runs. The same one may be added twice, another one under its name is refused.
#[service(id = 0x1b)]
pub trait DynamicConfig {
    /// Configures multimaps.
    #[method(id = 0x01)]
    fn add_multi_map_config(
        name: Str,
        /// `SET` or `LIST`.
        collection_type: Str,
        listener_configs: Option<Vec<ListenerConfigHolder>>,
        /// Keeps values as bytes.
        binary: bool,
        backup_count: i32,
        async_backup_count: i32,
        statistics_enabled: bool,
        split_brain_protection_name: Option<Str>,
        merge_policy: Str,
        merge_batch_size: i32,
        #[since("2.7")] user_code_namespace: Option<Str>,
    );

    /// Configures ringbuffers.
    #[method(id = 0x02)]
    fn add_ringbuffer_config(
        name: Str,
        capacity: i32,
        backup_count: i32,
        async_backup_count: i32,
        time_to_live_seconds: i32,
        /// `BINARY` or `OBJECT`.
        in_memory_format: Str,
        ringbuffer_store_config: Option<RingbufferStoreConfigHolder>,
        split_brain_protection_name: Option<Str>,
        merge_policy: Str,
        merge_batch_size: i32,
        #[since("2.7")] user_code_namespace: Option<Str>,
    );

    /// Configures cardinality estimators.
    #[method(id = 0x03)]
    fn add_cardinality_estimator_config(
        name: Str,
        backup_count: i32,
        async_backup_count: i32,
        split_brain_protection_name: Option<Str>,
        merge_policy: Str,
        merge_batch_size: i32,
    );

    /// Configures lists.
    #[method(id = 0x04)]
    fn add_list_config(
        name: Str,
        listener_configs: Option<Vec<ListenerConfigHolder>>,
        backup_count: i32,
        async_backup_count: i32,
        /// 0 without bounds.
        max_size: i32,
        statistics_enabled: bool,
        split_brain_protection_name: Option<Str>,
        merge_policy: Str,
        merge_batch_size: i32,
        #[since("2.7")] user_code_namespace: Option<Str>,
    );

    /// Configures sets.
    #[method(id = 0x05)]
    fn add_set_config(
        name: Str,
        listener_configs: Option<Vec<ListenerConfigHolder>>,
        backup_count: i32,
        async_backup_count: i32,
        /// 0 without bounds.
        max_size: i32,
        statistics_enabled: bool,
        split_brain_protection_name: Option<Str>,
        merge_policy: Str,
        merge_batch_size: i32,
        #[since("2.7")] user_code_namespace: Option<Str>,
    );

    /// Configures replicated maps.
    #[method(id = 0x06)]
    fn add_replicated_map_config(
        name: Str,
        /// `BINARY`, `OBJECT` or `NATIVE`.
        in_memory_format: Str,
        /// A new member serves them before it has all entries.
        async_fillup: bool,
        statistics_enabled: bool,
        merge_policy: Str,
        listener_configs: Option<Vec<ListenerConfigHolder>>,
        split_brain_protection_name: Option<Str>,
        merge_batch_size: i32,
        #[since("2.7")] user_code_namespace: Option<Str>,
    );

    /// Configures topics.
    #[method(id = 0x07)]
    fn add_topic_config(
        name: Str,
        global_ordering_enabled: bool,
        statistics_enabled: bool,
        multi_threading_enabled: bool,
        listener_configs: Option<Vec<ListenerConfigHolder>>,
        #[since("2.7")] user_code_namespace: Option<Str>,
    );

    /// Configures executors.
    #[method(id = 0x08)]
    fn add_executor_config(
        name: Str,
        pool_size: i32,
        queue_capacity: i32,
        statistics_enabled: bool,
        split_brain_protection_name: Option<Str>,
        #[since("2.7")] user_code_namespace: Option<Str>,
    );

    /// Configures durable executors.
    #[method(id = 0x09)]
    fn add_durable_executor_config(
        name: Str,
        pool_size: i32,
        /// Copies of a task.
        durability: i32,
        capacity: i32,
        split_brain_protection_name: Option<Str>,
        #[since("2.1", default = true)] statistics_enabled: bool,
        #[since("2.7")] user_code_namespace: Option<Str>,
    );

    /// Configures scheduled executors.
    #[method(id = 0x0a)]
    fn add_scheduled_executor_config(
        name: Str,
        pool_size: i32,
        /// Copies of a task.
        durability: i32,
        capacity: i32,
        split_brain_protection_name: Option<Str>,
        merge_policy: Str,
        merge_batch_size: i32,
        #[since("2.1", default = true)] statistics_enabled: bool,
        /// The capacity is that of 0 a member, 1 a partition.
        #[since("2.5")]
        capacity_policy: i8,
        #[since("2.7")] user_code_namespace: Option<Str>,
    );

    /// Configures queues.
    #[method(id = 0x0b)]
    fn add_queue_config(
        name: Str,
        listener_configs: Option<Vec<ListenerConfigHolder>>,
        backup_count: i32,
        async_backup_count: i32,
        max_size: i32,
        /// Seconds until an empty queue is destroyed; -1 never.
        empty_queue_ttl: i32,
        statistics_enabled: bool,
        split_brain_protection_name: Option<Str>,
        queue_store_config: Option<QueueStoreConfigHolder>,
        merge_policy: Str,
        merge_batch_size: i32,
        /// Makes it a priority queue.
        #[since("2.1")]
        priority_comparator_class_name: Option<Str>,
        #[since("2.7")] user_code_namespace: Option<Str>,
    );

    /// Configures maps.
    #[method(id = 0x0c)]
    fn add_map_config(
        name: Str,
        backup_count: i32,
        async_backup_count: i32,
        time_to_live_seconds: i32,
        max_idle_seconds: i32,
        eviction_config: Option<EvictionConfigHolder>,
        read_backup_data: bool,
        /// `NEVER`, `INDEX-ONLY` or `ALWAYS`.
        cache_deserialized_values: Str,
        merge_policy: Str,
        merge_batch_size: i32,
        /// `BINARY`, `OBJECT` or `NATIVE`.
        in_memory_format: Str,
        listener_configs: Option<Vec<ListenerConfigHolder>>,
        partition_lost_listener_configs: Option<Vec<ListenerConfigHolder>>,
        statistics_enabled: bool,
        split_brain_protection_name: Option<Str>,
        map_store_config: Option<MapStoreConfigHolder>,
        near_cache_config: Option<NearCacheConfigHolder>,
        wan_replication_ref: Option<WanReplicationRef>,
        index_configs: Option<Vec<IndexConfig>>,
        attribute_configs: Option<Vec<AttributeConfig>>,
        query_cache_configs: Option<Vec<QueryCacheConfigHolder>>,
        partitioning_strategy_class_name: Option<Str>,
        partitioning_strategy_implementation: Option<Data>,
        hot_restart_config: Option<HotRestartConfig>,
        event_journal_config: Option<EventJournalConfig>,
        merkle_tree_config: Option<MerkleTreeConfig>,
        /// For queries of JSON: 0 kept on every change, 1 not at all.
        metadata_policy: i32,
        #[since("2.2")] per_entry_stats_enabled: bool,
        #[since("2.5")] data_persistence_config: DataPersistenceConfig,
        #[since("2.5")] tiered_store_config: TieredStoreConfig,
        #[since("2.6")] partitioning_attribute_configs: Option<Vec<PartitioningAttributeConfig>>,
        #[since("2.7")] user_code_namespace: Option<Str>,
    );

    /// Configures reliable topics.
    #[method(id = 0x0d)]
    fn add_reliable_topic_config(
        name: Str,
        listener_configs: Option<Vec<ListenerConfigHolder>>,
        read_batch_size: i32,
        statistics_enabled: bool,
        /// `DISCARD_OLDEST`, `DISCARD_NEWEST`, `BLOCK` or `ERROR`.
        topic_overload_policy: Str,
        /// Runs listeners.
        executor: Option<Data>,
        #[since("2.7")] user_code_namespace: Option<Str>,
    );

    /// Configures caches, by the names of Java classes.
    #[method(id = 0x0e)]
    fn add_cache_config(
        name: Str,
        key_type: Option<Str>,
        value_type: Option<Str>,
        statistics_enabled: bool,
        management_enabled: bool,
        read_through: bool,
        write_through: bool,
        cache_loader_factory: Option<Str>,
        cache_writer_factory: Option<Str>,
        cache_loader: Option<Str>,
        cache_writer: Option<Str>,
        backup_count: i32,
        async_backup_count: i32,
        in_memory_format: Str,
        split_brain_protection_name: Option<Str>,
        merge_policy: Option<Str>,
        merge_batch_size: i32,
        disable_per_entry_invalidation_events: bool,
        partition_lost_listener_configs: Option<Vec<ListenerConfigHolder>>,
        expiry_policy_factory_class_name: Option<Str>,
        timed_expiry_policy_factory_config: Option<TimedExpiryPolicyFactoryConfig>,
        cache_entry_listeners: Option<Vec<CacheSimpleEntryListenerConfig>>,
        eviction_config: Option<EvictionConfigHolder>,
        wan_replication_ref: Option<WanReplicationRef>,
        event_journal_config: Option<EventJournalConfig>,
        hot_restart_config: Option<HotRestartConfig>,
        #[since("2.3")] merkle_tree_config: Option<MerkleTreeConfig>,
        #[since("2.5")] data_persistence_config: DataPersistenceConfig,
        #[since("2.7")] user_code_namespace: Option<Str>,
    );

    /// Configures flake id generators.
    #[method(id = 0x0f)]
    fn add_flake_id_generator_config(
        name: Str,
        prefetch_count: i32,
        /// Milliseconds that fetched ids may be used.
        prefetch_validity: i64,
        statistics_enabled: bool,
        node_id_offset: i64,
        /// Milliseconds since 1970 from which ids count.
        epoch_start: i64,
        bits_sequence: i32,
        bits_node_id: i32,
        allowed_future_millis: i64,
    );

    /// Configures counters.
    #[method(id = 0x10)]
    fn add_pn_counter_config(
        name: Str,
        replica_count: i32,
        statistics_enabled: bool,
        split_brain_protection_name: Option<Str>,
    );

    /// Configures a connection to another system.
    #[method(id = 0x11, since = "2.6")]
    fn add_data_connection_config(
        name: Str,
        kind: Str,
        shared: bool,
        /// Passwords among them.
        #[secret]
        properties: Vec<(Str, Str)>,
    );

    /// Configures replication to other clusters.
    #[method(id = 0x12, since = "2.7")]
    fn add_wan_replication_config(
        name: Str,
        consumer_config: Option<WanConsumerConfigHolder>,
        custom_publisher_configs: Vec<WanCustomPublisherConfigHolder>,
        batch_publisher_configs: Vec<WanBatchPublisherConfigHolder>,
    );

    /// Gives classes to structures.
    #[method(id = 0x13, since = "2.7")]
    fn add_user_code_namespace_config(name: Str, resources: Vec<ResourceDefinition>);

    /// Configures vector collections.
    #[method(id = 0x14, since = "2.8")]
    fn add_vector_collection_config(
        name: Str,
        index_configs: Vec<VectorIndexConfig>,
        #[since("2.9", default = 1)] backup_count: i32,
        #[since("2.9")] async_backup_count: i32,
        #[since("2.9")] split_brain_protection_name: Option<Str>,
        #[since("2.9", default = Str::from_static("com.hazelcast.spi.merge.PutIfAbsentMergePolicy"))]
        merge_policy: Str,
        #[since("2.9", default = 100)] merge_batch_size: i32,
        #[since("2.9")] user_code_namespace: Option<Str>,
    );
}
