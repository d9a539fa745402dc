//! What may yet change.

use gridwire_derive::service;

use crate::Str;
use crate::hazelcast::wire::ByteArray;

/// What may yet change.
#[service(id = 0xfd, since = "2.7")]
pub trait Experimental {
    /// Submits a job that isn't written in Java.
    #[method(id = 0x01, retryable)]
    fn pipeline_submit(
        job_name: Option<Str>,
        pipeline_definition: Str,
        /// An archive of what it needs.
        resource_bundle: Option<ByteArray>,
        resource_bundle_checksum: i32,
    );
    #[response]
    fn pipeline_submit(job_id: i64);
}
