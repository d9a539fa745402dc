//! Entries, queries and their pages, query caches, SQL.

use alloc::vec::Vec;

use gridwire_derive::custom;

use crate::Str;
use crate::hazelcast::{Data, Uuid};

/// An entry of a map and what its member knows of it. Times are in milliseconds since 1970.
#[custom]
pub struct SimpleEntryView {
    /// The key.
    pub key: Data,
    /// The value.
    pub value: Data,
    /// Bytes of memory that it takes.
    pub cost: i64,
    /// When it was made.
    pub creation_time: i64,
    /// When it will be gone.
    pub expiration_time: i64,
    /// How often it was used.
    pub hits: i64,
    /// When it was last used.
    pub last_access_time: i64,
    /// When its map store last got it.
    pub last_stored_time: i64,
    /// When it was last changed.
    pub last_update_time: i64,
    /// How often it was changed.
    pub version: i64,
    /// Milliseconds that it lives after a change.
    pub ttl: i64,
    /// Milliseconds that it lives after a use.
    pub max_idle: i64,
}

/// An entry of a replicated map. Times are in milliseconds since 1970.
#[custom(since = "2.7")]
pub struct ReplicatedMapEntryViewHolder {
    /// The key.
    pub key: Data,
    /// The value.
    pub value: Data,
    /// When it was made.
    pub creation_time: i64,
    /// How often it was used.
    pub hits: i64,
    /// When it was last used.
    pub last_access_time: i64,
    /// When it was last changed.
    pub last_update_time: i64,
    /// Milliseconds that it lives.
    pub ttl_millis: i64,
}

/// Where the pages before began, so that the next one needn't start at the first.
#[custom]
pub struct AnchorDataListHolder {
    /// Page numbers.
    pub anchor_page_list: Vec<i32>,
    /// The last entry of each of those pages.
    pub anchor_data_list: Vec<(Data, Data)>,
}

/// A query that is read page by page.
#[custom]
pub struct PagingPredicateHolder {
    /// Where pages end, as far as is known.
    pub anchor_data_list_holder: AnchorDataListHolder,
    /// The query itself; null means all entries.
    pub predicate_data: Option<Data>,
    /// The order, null for that of keys or values themselves.
    pub comparator_data: Option<Data>,
    /// Entries a page.
    pub page_size: i32,
    /// The page that is asked for, from 0.
    pub page: i32,
    /// 0 keys, 1 values, 2 entries.
    pub iteration_type_id: i8,
    /// A key in whose partition alone to look.
    pub partition_key_data: Option<Data>,
    /// Several such keys.
    #[since("2.5")]
    pub partition_keys_data: Option<Vec<Data>>,
}

/// A change that a query cache is told of.
#[custom]
pub struct QueryCacheEventData {
    /// The key, null if all entries are meant.
    pub data_key: Option<Data>,
    /// The new value, if the cache holds values.
    pub data_new_value: Option<Data>,
    /// Counts the events of a partition.
    pub sequence: i64,
    /// As in the events of a map.
    pub event_type: i32,
    /// The partition.
    pub partition_id: i32,
    /// The map.
    #[since("2.7")]
    pub map_name: Str,
}

/// JSON text.
#[custom(since = "2.4")]
pub struct HazelcastJsonValue {
    /// The text.
    pub value: Str,
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
    /// Its type: see [`SqlColumnType`](crate::hazelcast::message::sql_page::SqlColumnType).
    pub kind: i32,
    /// May hold null.
    #[since("2.2", default = true)]
    pub nullable: bool,
}

/// What is known of the statement behind a job.
#[custom(since = "2.5")]
pub struct SqlSummary {
    /// The statement.
    pub query: Str,
    /// Never ends by itself.
    pub unbounded: bool,
}

/// A job, in short. Times are in milliseconds since 1970.
#[custom(since = "2.5")]
pub struct JobAndSqlSummary {
    /// Runs without snapshots or restarts.
    pub light_job: bool,
    /// Its id.
    pub job_id: i64,
    /// The id of its present execution.
    pub execution_id: i64,
    /// Its name, or its id as text.
    pub name_or_id: Str,
    /// 0 not running, 1 starting, 2 running, 3 suspended, 4 suspended while a snapshot is exported,
    /// 5 completing, 6 failed, 7 completed.
    pub status: i32,
    /// When it was submitted.
    pub submission_time: i64,
    /// When it ended, or 0.
    pub completion_time: i64,
    /// Why it failed.
    pub failure_text: Option<Str>,
    /// The statement that it runs.
    pub sql_summary: Option<SqlSummary>,
    /// Why it was suspended.
    #[since("2.6")]
    pub suspension_cause: Option<Str>,
    /// A user ended it.
    #[since("2.6")]
    pub user_cancelled: bool,
}
