//! Jobs of the stream engine.

use alloc::vec::Vec;

use gridwire_derive::service;

use super::custom::JobAndSqlSummary;
use crate::Str;
use crate::hazelcast::wire::ByteArray;
use crate::hazelcast::{Data, Uuid};

/// Jobs of the stream engine.
#[service(id = 0xfe)]
pub trait Jet {
    /// Submits a job.
    #[method(id = 0x01)]
    fn submit_job(
        /// Made by the client's id generator for jobs.
        job_id: i64,
        /// The graph, of Java objects.
        dag: Data,
        job_config: Option<Data>,
        /// The member that coordinates it, if it is a light job.
        #[since("2.3")]
        light_job_coordinator: Option<Uuid>,
    );

    /// Restarts, suspends or cancels a job.
    #[method(id = 0x02)]
    fn terminate_job(
        job_id: i64,
        /// 0 restart, 1 at once; 2 suspend, 3 at once; 4 cancel, 5 at once.
        terminate_mode: i32,
        #[since("2.3")] light_job_coordinator: Option<Uuid>,
    );

    /// Returns the job's status, as in [`JobAndSqlSummary::status`].
    #[method(id = 0x03, retryable)]
    fn get_job_status(job_id: i64) -> i32;

    /// Lists jobs.
    #[method(id = 0x04, retryable)]
    fn get_job_ids(
        #[since("2.3")] only_name: Option<Str>,
        /// `i64::MIN` for all.
        #[since("2.3", default = i64::MIN)]
        only_job_id: i64,
    );
    /// For each member the ids, serialized.
    #[response]
    fn get_job_ids(#[since("2.3")] response: Data);

    /// Waits for a job's end.
    #[method(id = 0x05, retryable, long_running)]
    fn join_submitted_job(job_id: i64, #[since("2.3")] light_job_coordinator: Option<Uuid>);

    /// When the job was submitted, in milliseconds since 1970.
    #[method(id = 0x07, retryable)]
    fn get_job_submission_time(
        job_id: i64,
        #[since("2.3")] light_job_coordinator: Option<Uuid>,
    ) -> i64;

    /// Returns the job's configuration, a Java object.
    #[method(id = 0x08, retryable)]
    fn get_job_config(job_id: i64, #[since("2.4")] light_job_coordinator: Option<Uuid>) -> Data;

    /// Goes on with a suspended job.
    #[method(id = 0x09)]
    fn resume_job(job_id: i64);

    /// Stores the job's state under a name, and cancels the job if so asked.
    #[method(id = 0x0a, long_running)]
    fn export_snapshot(job_id: i64, name: Str, cancel_job: bool);

    /// Lists jobs as Java objects, for older clients.
    #[method(id = 0x0b, retryable)]
    fn get_job_summary_list() -> Data;

    /// Whether the cluster has this structure.
    #[method(id = 0x0c, retryable)]
    fn exists_distributed_object(service_name: Str, object_name: Str) -> bool;

    /// Returns the job's metrics, serialized.
    #[method(id = 0x0d, retryable, long_running)]
    fn get_job_metrics(job_id: i64) -> Data;

    /// Why the job is suspended, a Java object.
    #[method(id = 0x0e, retryable)]
    fn get_job_suspension_cause(job_id: i64) -> Data;

    /// Lists jobs.
    #[method(id = 0x0f, since = "2.5", retryable)]
    fn get_job_and_sql_summary_list() -> Vec<JobAndSqlSummary>;

    /// Whether it was a user who ended the job.
    #[method(id = 0x10, since = "2.6", retryable)]
    fn is_job_user_cancelled(job_id: i64) -> bool;

    /// Announces a job in a jar file.
    #[method(id = 0x11, since = "2.6", retryable, long_running)]
    fn upload_job_meta_data(
        session_id: Uuid,
        /// It is a file of the member; else parts follow.
        jar_on_member: bool,
        file_name: Str,
        /// Of the whole file.
        sha256_hex: Str,
        snapshot_name: Option<Str>,
        job_name: Option<Str>,
        main_class: Option<Str>,
        job_parameters: Vec<Str>,
    );

    /// Uploads a part of a jar file; the last one runs it.
    #[method(id = 0x12, since = "2.6", retryable, long_running)]
    fn upload_job_multipart(
        session_id: Uuid,
        /// From 1.
        current_part_number: i32,
        total_part_number: i32,
        part_data: ByteArray,
        part_size: i32,
        /// Of this part.
        sha256_hex: Str,
    );

    /// Listens to a job's status.
    #[method(id = 0x13, since = "2.6", events(job_status = 2))]
    fn add_job_status_listener(
        job_id: i64,
        light_job_coordinator: Option<Uuid>,
        local_only: bool,
    ) -> Option<Uuid>;

    /// The status changed: see [`JobAndSqlSummary::status`].
    #[event(since = "2.6")]
    fn job_status(
        job_id: i64,
        previous_status: i32,
        new_status: i32,
        description: Option<Str>,
        user_requested: bool,
    );

    /// Ends [`AddJobStatusListener`].
    #[method(id = 0x14, since = "2.6", retryable)]
    fn remove_job_status_listener(job_id: i64, registration_id: Uuid) -> bool;

    /// Changes the configuration of a suspended job.
    #[method(id = 0x15, since = "2.6", retryable)]
    fn update_job_config(job_id: i64, delta_config: Data);
    #[response]
    fn update_job_config(updated_config: Data);
}
