//! The management center's own requests. Members ask for a permission.

use alloc::vec::Vec;

use gridwire_derive::service;

use super::custom::{ClientBwListEntry, IndexConfig, McEvent, WanReplicationRef};
use crate::Str;
use crate::hazelcast::Uuid;
use crate::hazelcast::wire::ByteArray;

/// The management center's own requests. Members ask for a permission.
#[service(id = 0x20)]
pub trait MC {
    /// Reads the metrics that a member has kept.
    #[method(id = 0x01, retryable)]
    fn read_metrics(
        /// The member.
        uuid: Uuid,
        from_sequence: i64,
    );
    /// Metrics by their sequence, and where to go on.
    #[response]
    fn read_metrics(elements: Vec<(i64, ByteArray)>, next_sequence: i64);

    /// Changes the state of the cluster.
    #[method(id = 0x02, long_running)]
    fn change_cluster_state(
        /// 0 active, 1 no migration, 2 frozen, 3 passive.
        new_state: i32,
    );

    /// Returns a map's configuration.
    #[method(id = 0x03, retryable)]
    fn get_map_config(map_name: Str);
    #[response]
    fn get_map_config(
        /// 0 binary, 1 object, 2 native.
        in_memory_format: i32,
        backup_count: i32,
        async_backup_count: i32,
        time_to_live_seconds: i32,
        max_idle_seconds: i32,
        max_size: i32,
        /// What is counted, by number: 0 entries of a member, 1 of a partition, 2 … memory.
        max_size_policy: i32,
        read_backup_data: bool,
        /// 0 LRU, 1 LFU, 2 none, 3 random.
        eviction_policy: i32,
        merge_policy: Str,
        #[since("2.4")] global_indexes: Vec<IndexConfig>,
        #[since("2.7")] wan_replication_ref: Option<WanReplicationRef>,
    );

    /// Changes a map's configuration: see [`GetMapConfigResponse`].
    #[method(id = 0x04)]
    fn update_map_config(
        map_name: Str,
        time_to_live_seconds: i32,
        max_idle_seconds: i32,
        eviction_policy: i32,
        read_backup_data: bool,
        max_size: i32,
        max_size_policy: i32,
        #[since("2.7")] wan_replication_ref: Option<WanReplicationRef>,
    );

    /// Returns a member's configuration as XML.
    #[method(id = 0x05, retryable)]
    fn get_member_config();
    #[response]
    fn get_member_config(config_xml: Str);

    /// Has the member collect garbage.
    #[method(id = 0x06, long_running)]
    fn run_gc();

    /// Returns what each thread of the member is doing.
    #[method(id = 0x07)]
    fn get_thread_dump(
        /// Only those that wait for each other.
        dump_dead_locks: bool,
    );
    #[response]
    fn get_thread_dump(thread_dump: Str);

    /// Shuts a member down.
    #[method(id = 0x08, long_running)]
    fn shutdown_member();

    /// Lets a member own partitions.
    #[method(id = 0x09, long_running)]
    fn promote_lite_member();

    /// Returns the settings of the member's Java.
    #[method(id = 0x0a, retryable)]
    fn get_system_properties();
    #[response]
    fn get_system_properties(system_properties: Vec<(Str, Str)>);

    /// Returns what the member counts, as JSON.
    #[method(id = 0x0b, retryable)]
    fn get_timed_member_state();
    #[response]
    fn get_timed_member_state(timed_member_state_json: Option<Str>);

    /// Whether the member's configuration for the management center is that of this tag.
    #[method(id = 0x0c)]
    fn match_mc_config(e_tag: Str);
    #[response]
    fn match_mc_config(result: bool);

    /// Hands in the configuration for the management center.
    #[method(id = 0x0d)]
    fn apply_mc_config(
        e_tag: Str,
        /// The list says which clients are 0 neither, 1 allowed, 2 refused.
        client_bw_list_mode: i32,
        client_bw_list_entries: Vec<ClientBwListEntry>,
    );

    /// Returns what the member knows of its cluster.
    #[method(id = 0x0e, retryable)]
    fn get_cluster_metadata();
    #[response]
    fn get_cluster_metadata(
        /// 0 active, 1 no migration, 2 frozen, 3 passive, 4 changing.
        current_state: i8,
        member_version: Str,
        jet_version: Option<Str>,
        /// In milliseconds since 1970.
        cluster_time: i64,
        #[since("2.5")] cluster_id: Uuid,
    );

    /// Shuts all members down.
    #[method(id = 0x0f, long_running)]
    fn shutdown_cluster();

    /// Lets the cluster use what a release brought.
    #[method(id = 0x10, long_running)]
    fn change_cluster_version(major_version: i8, minor_version: i8);

    /// Runs a script on the member.
    #[method(id = 0x11, long_running)]
    fn run_script(
        /// The language, as Java names it.
        engine: Str,
        script: Str,
    );
    #[response]
    fn run_script(result: Option<Str>);

    /// Runs a command of the text console.
    #[method(id = 0x12, long_running)]
    fn run_console_command(namespace: Option<Str>, command: Str);
    #[response]
    fn run_console_command(result: Str);

    /// Starts, pauses or stops a publisher.
    #[method(id = 0x13)]
    fn change_wan_replication_state(
        wan_replication_name: Str,
        wan_publisher_id: Str,
        /// 0 replicating, 1 paused, 2 stopped.
        new_state: i8,
    );

    /// Drops what a publisher was to send.
    #[method(id = 0x14)]
    fn clear_wan_queues(wan_replication_name: Str, wan_publisher_id: Str);

    /// Adds a publisher to a replication.
    #[method(id = 0x15)]
    fn add_wan_batch_publisher_config(
        name: Str,
        target_cluster: Str,
        publisher_id: Option<Str>,
        endpoints: Str,
        queue_capacity: i32,
        batch_size: i32,
        batch_max_delay_millis: i32,
        response_timeout_millis: i32,
        /// The other side answers 0 on receipt, 1 when the change is made.
        ack_type: i32,
        /// 0 discard, 1 refuse the change, 2 refuse it only while replicating.
        queue_full_behavior: i32,
        /// 0 none, 1 by trees of hashes.
        #[since("2.7")]
        consistency_check_strategy: i8,
    );
    #[response]
    fn add_wan_batch_publisher_config(
        added_publisher_ids: Vec<Str>,
        ignored_publisher_ids: Vec<Str>,
    );

    /// Has another cluster sent what it may lack.
    #[method(id = 0x16)]
    fn wan_sync_map(
        wan_replication_name: Str,
        wan_publisher_id: Str,
        /// 0 all maps, 1 one.
        wan_sync_type: i32,
        map_name: Option<Str>,
    );
    /// Names the run.
    #[response]
    fn wan_sync_map(uuid: Uuid);

    /// Compares a map with that of another cluster.
    #[method(id = 0x17)]
    fn check_wan_consistency(
        wan_replication_name: Str,
        wan_publisher_id: Str,
        map_name: Option<Str>,
    );
    /// Names the run; null where this isn't supported.
    #[response]
    fn check_wan_consistency(uuid: Option<Uuid>);

    /// Returns the events since the last time.
    #[method(id = 0x18)]
    fn poll_mc_events();
    #[response]
    fn poll_mc_events(events: Vec<McEvent>);

    /// Lists the CP members: pairs of the id there and that in the cluster.
    #[method(id = 0x19, retryable)]
    fn get_cp_members();
    #[response]
    fn get_cp_members(cp_members: Vec<(Uuid, Uuid)>);

    /// Makes the member a CP member.
    #[method(id = 0x1a, long_running)]
    fn promote_to_cp_member();

    /// Removes a member that is gone from the CP subsystem.
    #[method(id = 0x1b, long_running)]
    fn remove_cp_member(cp_member_uuid: Uuid);

    /// Drops all that the CP subsystem has.
    #[method(id = 0x1c, long_running)]
    fn reset_cp_subsystem();

    /// Starts a cluster with the data of some members.
    #[method(id = 0x1d, long_running)]
    fn trigger_partial_start();
    #[response]
    fn trigger_partial_start(result: bool);

    /// Starts a cluster without its data.
    #[method(id = 0x1e, long_running)]
    fn trigger_force_start();
    #[response]
    fn trigger_force_start(result: bool);

    /// Backs up what members have on disk.
    #[method(id = 0x1f, long_running)]
    fn trigger_hot_restart_backup();

    /// Ends such a backup.
    #[method(id = 0x20)]
    fn interrupt_hot_restart_backup();

    /// Forgets how long items of a queue have waited.
    #[method(id = 0x21, since = "2.4", partition = name)]
    fn reset_queue_age_statistics(name: Str);

    /// Has the member read its configuration again.
    #[method(id = 0x22, since = "2.4", long_running)]
    fn reload_config();
    /// Names the run.
    #[response]
    fn reload_config(config_reload_process_id: Uuid);

    /// Adds to the member's configuration.
    #[method(id = 0x23, since = "2.4", long_running)]
    fn update_config(
        /// XML or YAML, maybe with passwords.
        #[secret]
        configuration: Str,
    );
    /// Names the run.
    #[response]
    fn update_config(config_update_process_id: Uuid);

    /// Closes a CP session, which gives back all that it holds.
    #[method(id = 0x24, since = "2.7")]
    fn force_close_cp_session(group_name: Str, session_id: i64);
    #[response]
    fn force_close_cp_session(result: bool);

    /// Moves all partitions off a member.
    #[method(id = 0x25, since = "2.8", long_running)]
    fn demote_data_member();

    /// Returns the member's configuration file, if it has one.
    #[method(id = 0x26, since = "2.8", retryable)]
    fn get_config_file_content();
    #[response]
    fn get_config_file_content(
        /// XML or YAML, maybe with passwords.
        #[secret]
        config_file_content: Option<Str>,
    );

    /// Changes what the member writes down about itself.
    #[method(id = 0x27, since = "2.9")]
    fn set_diagnostics_config(
        enabled: bool,
        output_type: Str,
        include_epoch_time: bool,
        max_rolled_file_size_in_mb: f32,
        max_rolled_file_count: i32,
        log_directory: Str,
        file_name_prefix: Option<Str>,
        properties: Option<Vec<(Str, Str)>>,
        /// -1 without end.
        auto_off_duration_in_minutes: i32,
    );

    /// Returns what the member writes down about itself.
    #[method(id = 0x28, since = "2.9", retryable)]
    fn get_diagnostics_config();
    #[response]
    fn get_diagnostics_config(
        enabled: bool,
        output_type: Str,
        include_epoch_time: bool,
        max_rolled_file_size_in_mb: f32,
        max_rolled_file_count: i32,
        log_directory: Str,
        file_name_prefix: Option<Str>,
        properties: Option<Vec<(Str, Str)>>,
        /// -1 without end.
        auto_off_duration_in_minutes: i32,
        can_be_configured_dynamically: bool,
    );
}
