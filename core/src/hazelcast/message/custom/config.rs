//! The configuration of structures.

use alloc::vec::Vec;

use gridwire_derive::custom;

use crate::Str;
use crate::hazelcast::Data;

/// The journal of a structure's changes.
#[custom]
pub struct EventJournalConfig {
    /// There is one.
    pub enabled: bool,
    /// Events kept, over all partitions.
    pub capacity: i32,
    /// Seconds that an event is kept; 0 without end.
    pub time_to_live_seconds: i32,
}

/// What is removed when a structure is full.
#[custom]
pub struct EvictionConfigHolder {
    /// How full is full, as the policy counts it.
    pub size: i32,
    /// What is counted: `ENTRY_COUNT`, `USED_HEAP_SIZE` and so on.
    pub max_size_policy: Str,
    /// `LRU`, `LFU`, `RANDOM` or `NONE`.
    pub eviction_policy: Str,
    /// The Java class of an order of one's own.
    pub comparator_class_name: Option<Str>,
    /// Such an order itself.
    pub comparator: Option<Data>,
}

/// How a structure survives restarts, in older releases.
#[custom]
pub struct HotRestartConfig {
    /// It does.
    pub enabled: bool,
    /// Each change waits for the disk.
    pub fsync: bool,
}

/// How a structure survives restarts.
#[custom(since = "2.5")]
pub struct DataPersistenceConfig {
    /// It does.
    pub enabled: bool,
    /// Each change waits for the disk.
    pub fsync: bool,
}

/// A listener that is part of a structure's configuration.
#[custom]
pub struct ListenerConfigHolder {
    /// 0 any, 1 items, 2 entries, 3 split-brain protection, 4 a cache's lost partitions, 5 a map's.
    pub listener_type: i32,
    /// The listener itself.
    pub listener_implementation: Option<Data>,
    /// Its Java class.
    pub class_name: Option<Str>,
    /// It wants values.
    pub include_value: bool,
    /// It wants only what happens on its own member.
    pub local: bool,
}

/// An attribute for queries that a class computes.
#[custom]
pub struct AttributeConfig {
    /// The attribute.
    pub name: Str,
    /// The Java class.
    pub extractor_class_name: Str,
}

/// An index of a map.
#[custom]
pub struct IndexConfig {
    /// Its name, null for one made of the attributes.
    pub name: Option<Str>,
    /// 0 sorted, 1 hash, 2 bitmap.
    pub kind: i32,
    /// What is indexed, in this order.
    pub attributes: Vec<Str>,
    /// More on a bitmap index.
    pub bitmap_index_options: Option<BitmapIndexOptions>,
    /// More on a sorted index in native memory.
    #[since("2.5")]
    pub b_tree_index_config: Option<BTreeIndexConfig>,
}

/// What a bitmap index needs to know.
#[custom]
pub struct BitmapIndexOptions {
    /// The attribute that tells entries apart.
    pub unique_key: Str,
    /// How it becomes a number: 0 as an object, 1 as a long, 2 as it is.
    pub unique_key_transformation: i32,
}

/// A sorted index in native memory.
#[custom(since = "2.5")]
pub struct BTreeIndexConfig {
    /// A node's size.
    pub page_size: Capacity,
    /// The memory that it may take.
    pub memory_tier_config: MemoryTierConfig,
}

/// An amount of memory.
#[custom(since = "2.5")]
pub struct Capacity {
    /// How many units.
    pub value: i64,
    /// 0 bytes, 1 KiB, 2 MiB, 3 GiB.
    pub unit: i32,
}

/// The memory of a tiered store.
#[custom(since = "2.5")]
pub struct MemoryTierConfig {
    /// How much.
    pub capacity: Capacity,
}

/// The disk of a tiered store.
#[custom(since = "2.5")]
pub struct DiskTierConfig {
    /// There is one.
    pub enabled: bool,
    /// Its name in the members' configuration.
    pub device_name: Str,
}

/// Entries in memory, and on disk what is seldom used.
#[custom(since = "2.5")]
pub struct TieredStoreConfig {
    /// It is in use.
    pub enabled: bool,
    /// The memory.
    pub memory_tier_config: MemoryTierConfig,
    /// The disk.
    pub disk_tier_config: DiskTierConfig,
}

/// What loads and stores a map's entries.
#[custom]
pub struct MapStoreConfigHolder {
    /// There is such a thing.
    pub enabled: bool,
    /// Of several changes to a key only the last is stored.
    pub write_coalescing: bool,
    /// Seconds before a change is stored; 0 at once.
    pub write_delay_seconds: i32,
    /// Changes stored together.
    pub write_batch_size: i32,
    /// Its Java class.
    pub class_name: Option<Str>,
    /// The thing itself.
    pub implementation: Option<Data>,
    /// The Java class that makes it.
    pub factory_class_name: Option<Str>,
    /// What makes it.
    pub factory_implementation: Option<Data>,
    /// Its settings, passwords of databases among them.
    #[secret]
    pub properties: Option<Vec<(Str, Str)>>,
    /// `LAZY` or `EAGER`.
    pub initial_load_mode: Str,
    /// Runs on threads of its own.
    #[since("2.5", default = true)]
    pub offload: bool,
}

/// Trees of hashes, for comparing a structure between clusters.
#[custom]
pub struct MerkleTreeConfig {
    /// They are kept.
    pub enabled: bool,
    /// Levels of a tree.
    pub depth: i32,
    /// `enabled` was set, and isn't the default.
    #[since("2.3", default = true)]
    pub enabled_set: bool,
}

/// What wins when a split cluster is joined.
#[custom]
pub struct MergePolicyConfig {
    /// The policy's Java class, by its simple name if it is a built-in one.
    pub policy: Str,
    /// Entries merged together.
    pub batch_size: i32,
}

/// Keeps a near cache's keys over a client's restart.
#[custom]
pub struct NearCachePreloaderConfig {
    /// It does.
    pub enabled: bool,
    /// Where.
    pub directory: Str,
    /// Seconds until they are first stored.
    pub store_initial_delay_seconds: i32,
    /// Seconds between storing.
    pub store_interval_seconds: i32,
}

/// The near cache that members keep for a structure.
#[custom]
pub struct NearCacheConfigHolder {
    /// Its name.
    pub name: Str,
    /// `BINARY`, `OBJECT` or `NATIVE`.
    pub in_memory_format: Str,
    /// Keeps keys as bytes.
    pub serialize_keys: bool,
    /// Drops what changes in the cluster.
    pub invalidate_on_change: bool,
    /// Seconds that an entry is kept.
    pub time_to_live_seconds: i32,
    /// Seconds that an unused one is kept.
    pub max_idle_seconds: i32,
    /// What is removed when it is full.
    pub eviction_config_holder: EvictionConfigHolder,
    /// Keeps entries too that the member owns.
    pub cache_local_entries: bool,
    /// `INVALIDATE` or `CACHE_ON_UPDATE`.
    pub local_update_policy: Str,
    /// How it survives restarts.
    pub preloader_config: Option<NearCachePreloaderConfig>,
}

/// A query, in one of three forms.
#[custom]
pub struct PredicateConfigHolder {
    /// Its Java class.
    pub class_name: Option<Str>,
    /// Its text.
    pub sql: Option<Str>,
    /// The query itself.
    pub implementation: Option<Data>,
}

/// A query whose result is kept up to date.
#[custom]
pub struct QueryCacheConfigHolder {
    /// Events sent together.
    pub batch_size: i32,
    /// Events kept for a partition.
    pub buffer_size: i32,
    /// Seconds that an event may wait for others.
    pub delay_seconds: i32,
    /// Keeps values, not only keys.
    pub include_value: bool,
    /// Starts with what is there.
    pub populate: bool,
    /// Of several changes to a key only the last is sent.
    pub coalesce: bool,
    /// `BINARY` or `OBJECT`.
    pub in_memory_format: Str,
    /// Its name.
    pub name: Str,
    /// The query.
    pub predicate_config_holder: PredicateConfigHolder,
    /// What is removed when it is full.
    pub eviction_config_holder: EvictionConfigHolder,
    /// Who is told of changes.
    pub listener_configs: Option<Vec<ListenerConfigHolder>>,
    /// Its indexes.
    pub index_configs: Option<Vec<IndexConfig>>,
    /// Keeps keys as bytes.
    #[since("2.4")]
    pub serialize_keys: bool,
}

/// What loads and stores a queue's items.
#[custom]
pub struct QueueStoreConfigHolder {
    /// Its Java class.
    pub class_name: Option<Str>,
    /// The Java class that makes it.
    pub factory_class_name: Option<Str>,
    /// The thing itself.
    pub implementation: Option<Data>,
    /// What makes it.
    pub factory_implementation: Option<Data>,
    /// Its settings, passwords of databases among them.
    #[secret]
    pub properties: Option<Vec<(Str, Str)>>,
    /// It is in use.
    pub enabled: bool,
}

/// What loads and stores a ringbuffer's items.
#[custom]
pub struct RingbufferStoreConfigHolder {
    /// Its Java class.
    pub class_name: Option<Str>,
    /// The Java class that makes it.
    pub factory_class_name: Option<Str>,
    /// The thing itself.
    pub implementation: Option<Data>,
    /// What makes it.
    pub factory_implementation: Option<Data>,
    /// Its settings, passwords of databases among them.
    #[secret]
    pub properties: Option<Vec<(Str, Str)>>,
    /// It is in use.
    pub enabled: bool,
}

/// A part of keys that alone decides their partition.
#[custom(since = "2.6")]
pub struct PartitioningAttributeConfig {
    /// The attribute.
    pub attribute_name: Str,
}
