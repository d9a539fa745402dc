//! [`Sequences`]: notices invalidations that were not heard.
//!
//! Members number the invalidations of each partition of a map, from 1, and give the partition an id. A
//! number that is skipped is an event that was lost, or comes later; another id means that the numbers
//! begin anew, and that nothing is known of what was before.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::Metadata;
use crate::hazelcast::Uuid;

/// What was heard of the partitions of a map.
#[derive(Debug, Default)]
pub(super) struct Sequences(Vec<Partition>);

#[derive(Debug, Clone, Default)]
struct Partition {
    /// `None` while the partition has no invalidations.
    id: Option<Uuid>,
    /// The highest number heard of.
    sequence: i64,
    /// Numbers that were skipped, since they last made something stale.
    missed: u64,
}

impl Sequences {
    pub(super) fn new(partitions: u32) -> Self {
        Self(alloc::vec![Partition::default(); partitions as usize])
    }

    pub(super) fn partition_count(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    /// Takes the number of an event. True if what is kept of the partition is stale.
    pub(super) fn heard(&mut self, partition: u32, id: Uuid, sequence: i64) -> bool {
        let Some(known) = self.0.get_mut(partition as usize) else { return false };
        if known.begins_anew(Some(id)) {
            known.sequence = sequence;
            return true;
        }
        if sequence > known.sequence {
            known.miss(sequence.saturating_sub(1));
            known.sequence = sequence;
        }
        false
    }

    /// The partitions that missed something, if all together missed more than is tolerated. They are
    /// stale from here on.
    pub(super) fn overdue(&mut self, tolerated: u32) -> Vec<u32> {
        let missed = self.0.iter().fold(0, |sum: u64, known| sum.saturating_add(known.missed));
        if missed <= u64::from(tolerated) {
            return Vec::new();
        }
        let missing = (0..).zip(&mut self.0).filter(|(_, known)| known.missed > 0);
        missing
            .map(|(partition, known)| {
                known.missed = 0;
                partition
            })
            .collect()
    }

    /// Takes what a member says, and gives the partitions that are stale. What is ahead of the events
    /// counts as missed; if `is_strict`, every difference makes a partition stale at once.
    pub(super) fn reconcile(&mut self, said: &Metadata, is_strict: bool) -> Vec<u32> {
        let mut stale = Vec::new();
        for (&partition, &id) in &said.partitions {
            let Some(known) = self.0.get_mut(partition as usize) else { continue };
            let sequence = said.sequences.get(&partition).copied().unwrap_or(0);
            if known.begins_anew(Some(id)) {
                known.sequence = sequence;
                stale.push(partition);
            } else if is_strict && known.sequence != sequence {
                (known.sequence, known.missed) = (sequence, 0);
                stale.push(partition);
            } else if sequence > known.sequence {
                known.miss(sequence);
                known.sequence = sequence;
            }
        }
        stale
    }

    /// All members have spoken, of these partitions. Another one has lost its past, and is stale.
    pub(super) fn reconciled(&mut self, spoken_of: &BTreeSet<u32>) -> Vec<u32> {
        let unknown =
            (0..).zip(&mut self.0).filter(|(partition, _)| !spoken_of.contains(partition));
        unknown
            .filter_map(|(partition, known)| known.begins_anew(None).then_some(partition))
            .collect()
    }
}

impl Partition {
    /// Whether it had another id. The first one that it gets says nothing of what was before.
    fn begins_anew(&mut self, id: Option<Uuid>) -> bool {
        let before = core::mem::replace(&mut self.id, id);
        let is_another = before.is_some() && before != id;
        if is_another {
            (self.sequence, self.missed) = (0, 0);
        }
        is_another
    }

    /// Everything up to this number should have been heard.
    fn miss(&mut self, up_to: i64) {
        let missed = up_to.saturating_sub(self.sequence).max(0).unsigned_abs();
        self.missed = self.missed.saturating_add(missed);
    }
}
