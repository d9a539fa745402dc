//! JCache.

use alloc::vec::Vec;

use gridwire_derive::custom;

use super::config::{
    DataPersistenceConfig, EventJournalConfig, EvictionConfigHolder, HotRestartConfig,
    ListenerConfigHolder, MergePolicyConfig, MerkleTreeConfig,
};
use super::wan::WanReplicationRef;
use crate::Str;
use crate::hazelcast::Data;

/// What happened to an entry of a cache.
#[custom]
pub struct CacheEventData {
    /// The cache.
    pub name: Str,
    /// 1 created, 2 updated, 3 removed, 4 expired, 5 evicted, 6 invalidated, 7 completed, 8 expiry
    /// time changed, 9 partition lost.
    pub cache_event_type: i32,
    /// The key.
    pub data_key: Option<Data>,
    /// The value.
    pub data_value: Option<Data>,
    /// The value before, if it is known.
    pub data_old_value: Option<Data>,
    /// Whether it is.
    pub old_value_available: bool,
}

/// A listener that is part of a cache's configuration.
#[custom]
pub struct CacheSimpleEntryListenerConfig {
    /// It wants the value before.
    pub old_value_required: bool,
    /// The change waits for it.
    pub synchronous: bool,
    /// The Java class that makes it.
    pub cache_entry_listener_factory: Option<Str>,
    /// The Java class that makes its filter.
    pub cache_entry_event_filter_factory: Option<Str>,
}

/// A span of time.
#[custom]
pub struct DurationConfig {
    /// How many units.
    pub duration_amount: i64,
    /// 0 nanoseconds, 1 microseconds, 2 milliseconds, 3 seconds, 4 minutes, 5 hours, 6 days.
    pub time_unit: i32,
}

/// When entries of a cache expire.
#[custom]
pub struct TimedExpiryPolicyFactoryConfig {
    /// The span begins when an entry is 0 made, 1 changed, 2 used, 3 changed or used; 4 never.
    pub expiry_policy_type: i32,
    /// The span.
    pub duration_config: DurationConfig,
}

/// The whole configuration of a cache.
#[custom]
pub struct CacheConfigHolder {
    /// Its name.
    pub name: Str,
    /// What the cache manager puts before the name.
    pub manager_prefix: Option<Str>,
    /// The cache manager.
    pub uri_string: Option<Str>,
    /// Backups that a change waits for.
    pub backup_count: i32,
    /// Backups that it does not wait for.
    pub async_backup_count: i32,
    /// `BINARY`, `OBJECT` or `NATIVE`.
    pub in_memory_format: Str,
    /// What is removed when it is full.
    pub eviction_config_holder: EvictionConfigHolder,
    /// Where it is replicated to.
    pub wan_replication_ref: Option<WanReplicationRef>,
    /// The Java class of keys.
    pub key_class_name: Str,
    /// The Java class of values.
    pub value_class_name: Str,
    /// Makes what loads entries.
    pub cache_loader_factory: Option<Data>,
    /// Makes what stores entries.
    pub cache_writer_factory: Option<Data>,
    /// Makes what says when entries expire.
    pub expiry_policy_factory: Data,
    /// Loads what is missing.
    pub read_through: bool,
    /// Stores what changes.
    pub write_through: bool,
    /// Keeps copies, not references.
    pub store_by_value: bool,
    /// Shows itself to management tools.
    pub management_enabled: bool,
    /// Counts what is done to it.
    pub statistics_enabled: bool,
    /// How it survives restarts, in older releases.
    pub hot_restart_config: Option<HotRestartConfig>,
    /// The journal of its changes.
    pub event_journal_config: Option<EventJournalConfig>,
    /// The rule that protects it when the cluster is split.
    pub split_brain_protection_name: Option<Str>,
    /// Its listeners.
    pub listener_configurations: Option<Vec<Data>>,
    /// What wins when a split cluster is joined.
    pub merge_policy_config: MergePolicyConfig,
    /// Tells near caches of no single entries.
    pub disable_per_entry_invalidation_events: bool,
    /// Who is told of lost partitions.
    pub cache_partition_lost_listener_configs: Option<Vec<ListenerConfigHolder>>,
    /// Its trees of hashes, for comparing it between clusters.
    #[since("2.3")]
    pub merkle_tree_config: Option<MerkleTreeConfig>,
    /// How it survives restarts.
    #[since("2.5")]
    pub data_persistence_config: DataPersistenceConfig,
    /// Where its classes come from.
    #[since("2.7")]
    pub user_code_namespace: Option<Str>,
}
