//! Tasks that run later, once or again and again.

use alloc::vec::Vec;

use gridwire_derive::service;

use super::custom::ScheduledTaskHandler;
use crate::Str;
use crate::hazelcast::{Data, Uuid};

/// Tasks that run later, at the partition of their name or at a member. Unless it says otherwise, a
/// time is in milliseconds.
#[service(id = 0x1a)]
pub trait ScheduledExecutor {
    /// Refuses new tasks at one member, and cancels those that wait there.
    #[method(id = 0x01)]
    fn shutdown(scheduler_name: Str, member_uuid: Uuid);

    /// Schedules a task at the partition of its name.
    #[method(id = 0x02, retryable, partition = task_name)]
    fn submit_to_partition(
        scheduler_name: Str,
        /// 0 once, 1 again and again at a fixed rate.
        kind: i8,
        task_name: Str,
        task: Data,
        initial_delay_in_millis: i64,
        period_in_millis: i64,
        /// Forgets the task once it has run.
        #[since("2.1")]
        auto_disposable: bool,
    );

    /// Schedules a task at a certain member.
    #[method(id = 0x03, retryable)]
    fn submit_to_member(
        scheduler_name: Str,
        member_uuid: Uuid,
        /// 0 once, 1 again and again at a fixed rate.
        kind: i8,
        task_name: Str,
        task: Data,
        initial_delay_in_millis: i64,
        period_in_millis: i64,
        /// Forgets the task once it has run.
        #[since("2.1")]
        auto_disposable: bool,
    );

    /// Lists the tasks of the cluster.
    #[method(id = 0x04, retryable)]
    fn get_all_scheduled_futures(scheduler_name: Str);
    /// Tasks of partitions have a partition id of 0 or more, whatever else is set.
    #[response]
    fn get_all_scheduled_futures(handlers: Vec<ScheduledTaskHandler>);

    /// Asks how a partition's task has run.
    #[method(id = 0x05, retryable, partition = task_name)]
    fn get_stats_from_partition(scheduler_name: Str, task_name: Str);
    /// How often it ran; all times are in nanoseconds.
    #[response]
    fn get_stats_from_partition(
        last_idle_time_nanos: i64,
        total_idle_time_nanos: i64,
        total_runs: i64,
        total_run_time_nanos: i64,
        last_run_duration_nanos: i64,
    );

    /// Asks how a member's task has run.
    #[method(id = 0x06, retryable)]
    fn get_stats_from_member(scheduler_name: Str, task_name: Str, member_uuid: Uuid);
    /// As [`GetStatsFromPartitionResponse`].
    #[response]
    fn get_stats_from_member(
        last_idle_time_nanos: i64,
        total_idle_time_nanos: i64,
        total_runs: i64,
        total_run_time_nanos: i64,
        last_run_duration_nanos: i64,
    );

    /// How long until a partition's task runs next, in nanoseconds; below 0 if it is late.
    #[method(id = 0x07, retryable, partition = task_name)]
    fn get_delay_from_partition(scheduler_name: Str, task_name: Str) -> i64;

    /// How long until a member's task runs next, in nanoseconds; below 0 if it is late.
    #[method(id = 0x08, retryable)]
    fn get_delay_from_member(scheduler_name: Str, task_name: Str, member_uuid: Uuid) -> i64;

    /// Cancels a partition's task, and says whether that went well.
    #[method(id = 0x09, retryable, partition = task_name)]
    fn cancel_from_partition(
        scheduler_name: Str,
        task_name: Str,
        may_interrupt_if_running: bool,
    ) -> bool;

    /// Cancels a member's task, and says whether that went well.
    #[method(id = 0x0a, retryable)]
    fn cancel_from_member(
        scheduler_name: Str,
        task_name: Str,
        member_uuid: Uuid,
        may_interrupt_if_running: bool,
    ) -> bool;

    /// Whether a partition's task was cancelled.
    #[method(id = 0x0b, retryable, partition = task_name)]
    fn is_cancelled_from_partition(scheduler_name: Str, task_name: Str) -> bool;

    /// Whether a member's task was cancelled.
    #[method(id = 0x0c, retryable)]
    fn is_cancelled_from_member(scheduler_name: Str, task_name: Str, member_uuid: Uuid) -> bool;

    /// Whether a partition's task has ended, by being cancelled included.
    #[method(id = 0x0d, retryable, partition = task_name)]
    fn is_done_from_partition(scheduler_name: Str, task_name: Str) -> bool;

    /// Whether a member's task has ended, by being cancelled included.
    #[method(id = 0x0e, retryable)]
    fn is_done_from_member(scheduler_name: Str, task_name: Str, member_uuid: Uuid) -> bool;

    /// Waits for the result of a partition's task and returns it, null included.
    #[method(id = 0x0f, retryable, long_running, partition = task_name)]
    fn get_result_from_partition(scheduler_name: Str, task_name: Str) -> Option<Data>;

    /// Waits for the result of a member's task and returns it, null included.
    #[method(id = 0x10, retryable, long_running)]
    fn get_result_from_member(
        scheduler_name: Str,
        task_name: Str,
        member_uuid: Uuid,
    ) -> Option<Data>;

    /// Cancels a partition's task and forgets it.
    #[method(id = 0x11, retryable, partition = task_name)]
    fn dispose_from_partition(scheduler_name: Str, task_name: Str);

    /// Cancels a member's task and forgets it.
    #[method(id = 0x12, retryable)]
    fn dispose_from_member(scheduler_name: Str, task_name: Str, member_uuid: Uuid);
}
