//! Control records: the broker's own marks in a log. They take an offset and never reach the
//! application.

use bytes::Bytes;

use super::Record;
use crate::kafka::message::Embedded;
use crate::kafka::message::control_record::{
    ControlRecordTypeSchema, EndTxnMarker, KRaftVersionRecord, LeaderChangeMessage,
    SnapshotFooterRecord, SnapshotHeaderRecord, VotersRecord,
};
use crate::{Fault, Malformed};

/// What a control record marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ControlType(pub i16);

impl ControlType {
    /// The end of an aborted transaction.
    pub const ABORT: Self = Self(0);
    /// The end of a committed transaction.
    pub const COMMIT: Self = Self(1);
    /// A new leader of a Raft quorum.
    pub const LEADER_CHANGE: Self = Self(2);
    /// The beginning of a snapshot.
    pub const SNAPSHOT_HEADER: Self = Self(3);
    /// The end of a snapshot.
    pub const SNAPSHOT_FOOTER: Self = Self(4);
    /// Another level of the feature `kraft.version`.
    pub const KRAFT_VERSION: Self = Self(5);
    /// Other voters in a Raft quorum.
    pub const KRAFT_VOTERS: Self = Self(6);
}

/// A control record. Those after the first are in the logs and snapshots of a Raft quorum only.
#[derive(Debug, Clone, PartialEq)]
pub enum Control {
    /// A transaction of the batch's producer ended.
    EndTransaction {
        /// Whether it was committed.
        committed: bool,
        /// The epoch of the transaction's coordinator.
        coordinator_epoch: i32,
    },
    /// The quorum has a new leader.
    LeaderChange(LeaderChangeMessage),
    /// A snapshot begins.
    SnapshotHeader(SnapshotHeaderRecord),
    /// A snapshot ends.
    SnapshotFooter(SnapshotFooterRecord),
    /// The level of `kraft.version` changes.
    KRaftVersion(KRaftVersionRecord),
    /// The quorum's voters change.
    KRaftVoters(VotersRecord),
    /// A mark of a kind that is not known.
    Other(ControlType),
}

impl Control {
    /// Reads a record of a batch whose attributes say that it is for control.
    ///
    /// # Errors
    /// Its key or value is too short, or of a version that cannot be read.
    pub fn read(record: &Record<'_>) -> Result<Self, Malformed> {
        let kind = ControlType(field::<ControlRecordTypeSchema>(record.key)?.r#type);
        let value = record.value;
        Ok(match kind {
            ControlType::ABORT | ControlType::COMMIT => Self::EndTransaction {
                committed: kind == ControlType::COMMIT,
                coordinator_epoch: field::<EndTxnMarker>(value)?.coordinator_epoch,
            },
            ControlType::LEADER_CHANGE => Self::LeaderChange(field(value)?),
            ControlType::SNAPSHOT_HEADER => Self::SnapshotHeader(field(value)?),
            ControlType::SNAPSHOT_FOOTER => Self::SnapshotFooter(field(value)?),
            ControlType::KRAFT_VERSION => Self::KRaftVersion(field(value)?),
            ControlType::KRAFT_VOTERS => Self::KRaftVoters(field(value)?),
            other => Self::Other(other),
        })
    }
}

/// A key or value. It is short, and copied, so that what is read does not hold on to the batch.
fn field<M: Embedded>(bytes: Option<&[u8]>) -> Result<M, Malformed> {
    let bytes = bytes.ok_or(Malformed::new("control record", Fault::Null))?;
    M::from_bytes(&Bytes::copy_from_slice(bytes)).map(|(message, _)| message)
}
