//! The messages of Kafka's protocol, one file per API, each in every version since 0.
//!
//! Declarations follow Apache Kafka's own definitions (4.4.0, with the versions that 4.0 dropped as
//! 3.9.1 had them) in order, names and defaults. Where a request and its response have structs of
//! the same name, the two live in modules of their own. Engines dispatch by [`api`]; recorders and
//! tests, which want any message by its key, use [`printer`].

pub mod add_partitions_to_txn;
pub mod api_versions;
pub mod describe_quorum;
pub mod fetch;
mod header;
pub mod init_producer_id;
pub mod list_offsets;
pub mod metadata;
mod print;
pub mod produce;
pub mod streams_group_heartbeat;

pub use header::{RequestHeader, ResponseHeader};
pub use print::{Printed, Printer};
#[cfg(feature = "arbitrary")]
pub use print::{RoundTrip, round_trip};

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
}

impl Api {
    /// The last version that will not change any more.
    pub const fn latest_stable(&self) -> i16 {
        if self.latest_unstable { self.versions.max - 1 } else { self.versions.max }
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
    api_versions::ApiVersionsRequest,
    init_producer_id::InitProducerIdRequest,
    add_partitions_to_txn::AddPartitionsToTxnRequest,
    describe_quorum::DescribeQuorumRequest,
    streams_group_heartbeat::StreamsGroupHeartbeatRequest,
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
