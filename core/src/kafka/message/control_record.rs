//! What control records hold: marks that brokers and controllers write into logs themselves.
//!
//! The key is a [`ControlRecordTypeSchema`], which says what the value is; [`Embedded`] reads and writes
//! both. [`Control`](crate::kafka::records::Control) reads a whole record.

use alloc::vec::Vec;

use gridwire_derive::message;

use super::{Embedded, Framing};
use crate::Str;
use crate::kafka::wire::Uuid;

/// The key of a control record.
#[message(versions = "0", flexible = "none")]
pub struct ControlRecordTypeSchema {
    /// 0 abort, 1 commit, 2 leader change, 3 and 4 a snapshot's begin and end, 5 `kraft.version`, 6 voters.
    pub r#type: i16,
}

/// The end of a transaction; the key says which end.
#[message(versions = "0", flexible = "none")]
pub struct EndTxnMarker {
    /// The epoch of the transaction's coordinator.
    pub coordinator_epoch: i32,
}

/// The first record of a new leader of a quorum.
#[message(versions = "0-1", flexible = "0+")]
pub struct LeaderChangeMessage {
    /// This message's version.
    pub version: i16,
    /// The leader's id.
    pub leader_id: i32,
    /// The voters of its epoch.
    pub voters: Vec<Voter>,
    /// Those that voted for it.
    pub granting_voters: Vec<Voter>,
}

/// A voter, by name.
#[message]
pub struct Voter {
    /// The voter's id.
    pub voter_id: i32,
    /// The voter's log directory.
    #[kafka(versions = "1+")]
    pub voter_directory_id: Uuid,
}

/// The first record of a snapshot.
#[message(versions = "0", flexible = "0+")]
pub struct SnapshotHeaderRecord {
    /// This message's version.
    pub version: i16,
    /// When the last record in the snapshot was appended to the log, in milliseconds since 1970.
    pub last_contained_log_timestamp: i64,
}

/// The last record of a snapshot.
#[message(versions = "0", flexible = "0+")]
pub struct SnapshotFooterRecord {
    /// This message's version.
    pub version: i16,
}

/// The level of the feature `kraft.version` from here on.
#[message(versions = "0", flexible = "0+")]
pub struct KRaftVersionRecord {
    /// This message's version.
    pub version: i16,
    /// The level: 0 has fixed voters, 1 those of the last [`VotersRecord`].
    pub k_raft_version: i16,
}

/// The voters of the quorum from here on.
#[message(versions = "0", flexible = "0+")]
pub struct VotersRecord {
    /// This message's version.
    pub version: i16,
    /// The voters.
    pub voters: Vec<VoterState>,
}

/// A voter and what it can do.
#[message]
pub struct VoterState {
    /// The voter's id.
    pub voter_id: i32,
    /// The voter's log directory.
    pub voter_directory_id: Uuid,
    /// Where it is reached.
    pub endpoints: Vec<Endpoint>,
    /// The versions of `kraft.version` that it knows.
    pub k_raft_version_feature: KRaftVersionFeature,
}

/// Where a voter is reached.
#[message]
pub struct Endpoint {
    /// The listener's name.
    pub name: Str,
    /// The host name to connect to.
    pub host: Str,
    /// The port to connect to.
    pub port: u16,
}

/// The versions of `kraft.version` that a voter knows.
#[message]
pub struct KRaftVersionFeature {
    /// The first version.
    pub min_supported_version: i16,
    /// The last version.
    pub max_supported_version: i16,
}

macro_rules! embedded {
    ($($message:ty: $framing:ident;)*) => {$(
        impl Embedded for $message {
            const FRAMING: Framing = Framing::$framing;
        }
    )*};
}

embedded! {
    ControlRecordTypeSchema: Open;
    EndTxnMarker: Open;
    LeaderChangeMessage: Within;
    SnapshotHeaderRecord: Within;
    SnapshotFooterRecord: Within;
    KRaftVersionRecord: Within;
    VotersRecord: Within;
}
