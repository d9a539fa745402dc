//! Partition routing: from a key to a partition, and from a partition to who answers for it.
//!
//! The two hash rules are here beside each other since they are confused so easily: Hazelcast takes
//! the absolute value of a murmur3, with `i32::MIN` going to 0; Kafka masks the sign of a murmur2
//! off. Both hashes are a dozen lines over bytes in memory; the published crates for them read
//! from `std::io` or differ in the seed's type, which core can't use.

use alloc::vec::Vec;

/// Hazelcast's hash of a serialized key: murmur3 x86 32-bit, seed 0x01000193.
pub fn murmur3(bytes: &[u8]) -> i32 {
    const C1: u32 = 0xcc9e_2d51;
    const C2: u32 = 0x1b87_3593;
    let scramble = |block: u32| block.wrapping_mul(C1).rotate_left(15).wrapping_mul(C2);
    let mut hash: u32 = 0x0100_0193;
    let (blocks, tail) = bytes.as_chunks::<4>();
    for block in blocks {
        hash = (hash ^ scramble(u32::from_le_bytes(*block))).rotate_left(13);
        hash = hash.wrapping_mul(5).wrapping_add(0xe654_6b64);
    }
    if !tail.is_empty() {
        hash ^= scramble(tail.iter().rev().fold(0, |sum, byte| sum << 8 | u32::from(*byte)));
    }
    hash ^= bytes.len() as u32;
    hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
    (hash ^ (hash >> 16)) as i32
}

/// Hazelcast's partition of a hash: `abs(hash) % count`, and 0 for `i32::MIN`, which has no
/// absolute value. 0 also for a count of 0.
pub fn hazelcast_partition(hash: i32, count: u32) -> u32 {
    hash.checked_abs().and_then(|hash| (hash as u32).checked_rem(count)).unwrap_or(0)
}

/// Kafka's hash of a record key: murmur2, seed 0x9747b28c.
pub fn murmur2(bytes: &[u8]) -> i32 {
    const M: u32 = 0x5bd1_e995;
    let mut hash: u32 = 0x9747_b28c ^ bytes.len() as u32;
    let (blocks, tail) = bytes.as_chunks::<4>();
    for block in blocks {
        let mut word = u32::from_le_bytes(*block).wrapping_mul(M);
        word = (word ^ (word >> 24)).wrapping_mul(M);
        hash = hash.wrapping_mul(M) ^ word;
    }
    if !tail.is_empty() {
        hash ^= tail.iter().rev().fold(0, |sum, byte| sum << 8 | u32::from(*byte));
        hash = hash.wrapping_mul(M);
    }
    hash = (hash ^ (hash >> 13)).wrapping_mul(M);
    (hash ^ (hash >> 15)) as i32
}

/// Kafka's partition of a hash: the sign masked off, modulo the count; 0 for a count of 0.
pub fn kafka_partition(hash: i32, count: u32) -> u32 {
    (hash as u32 & 0x7fff_ffff).checked_rem(count).unwrap_or(0)
}

/// Who answers for each partition of one table: a Hazelcast cluster's, or a Kafka topic's.
///
/// Each partition's owner carries the epoch it was named in (a Kafka leader epoch; 0 where the
/// protocol versions the table as a whole), and an older epoch never replaces a newer one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionTable<O> {
    owners: Vec<Option<(O, i32)>>,
}

impl<O> Default for PartitionTable<O> {
    fn default() -> Self {
        Self { owners: Vec::new() }
    }
}

impl<O> PartitionTable<O> {
    /// A table of `count` partitions without owners.
    pub fn with_count(count: usize) -> Self {
        let mut table = Self::default();
        table.resize(count);
        table
    }

    /// How many partitions there are.
    pub fn count(&self) -> u32 {
        self.owners.len() as u32
    }

    /// Adds partitions without owners, or drops the last ones.
    pub fn resize(&mut self, count: usize) {
        self.owners.resize_with(count, || None);
    }

    /// Who answers for a partition; `None` if nobody does or there is no such partition.
    pub fn owner(&self, partition: u32) -> Option<&O> {
        self.owners.get(partition as usize)?.as_ref().map(|(owner, _)| owner)
    }

    /// The epoch in which the owner was named.
    pub fn epoch(&self, partition: u32) -> Option<i32> {
        self.owners.get(partition as usize)?.as_ref().map(|(_, epoch)| *epoch)
    }

    /// Names an owner. False if there is no such partition, or a newer epoch is known.
    pub fn set(&mut self, partition: u32, owner: O, epoch: i32) -> bool {
        match self.owners.get_mut(partition as usize) {
            Some(Some((_, known))) if *known > epoch => false,
            Some(slot) => {
                *slot = Some((owner, epoch));
                true
            }
            None => false,
        }
    }

    /// Takes the owner of a partition away, unless a newer epoch is known.
    pub fn clear(&mut self, partition: u32, epoch: i32) {
        if let Some(slot) = self.owners.get_mut(partition as usize)
            && slot.as_ref().is_none_or(|(_, known)| *known <= epoch)
        {
            *slot = None;
        }
    }

    /// Whether at least one partition has an owner.
    pub fn is_known(&self) -> bool {
        self.owners.iter().any(Option::is_some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn murmur2_is_as_kafka_computes_it() {
        let vectors = [
            ("21", -973_932_308),
            ("foobar", -790_332_482),
            ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
            ("abc", 479_470_107),
        ];
        for (key, hash) in vectors {
            assert_eq!(murmur2(key.as_bytes()), hash, "{key}");
        }
        let partitions: Vec<_> = (0..10)
            .map(|n| kafka_partition(murmur2(alloc::format!("k{n}").as_bytes()), 3))
            .collect();
        assert_eq!(partitions, [2, 2, 0, 1, 1, 0, 1, 1, 2, 2]);
    }

    #[test]
    fn the_four_witness_keys_hash_to_the_least_number_and_go_to_partition_0() {
        let string = |text: &str| {
            let mut bytes = (text.len() as i32).to_be_bytes().to_vec();
            bytes.extend_from_slice(text.as_bytes());
            bytes
        };
        let keys = [
            1_611_540_325i32.to_be_bytes().to_vec(),
            1_676_864_925i64.to_be_bytes().to_vec(),
            4_309_324_044i64.to_be_bytes().to_vec(),
            string("2244756867"),
        ];
        for key in keys {
            assert_eq!(murmur3(&key), i32::MIN);
            assert_eq!(hazelcast_partition(murmur3(&key), 271), 0);
        }
        assert_eq!(hazelcast_partition(-272, 271), 1);
        assert_eq!(hazelcast_partition(7, 0), 0);
        assert_eq!(kafka_partition(-1, 0), 0);
    }

    #[test]
    fn an_older_epoch_never_replaces_a_newer() {
        let mut table = PartitionTable::with_count(2);
        assert!(!table.is_known());
        assert!(table.set(0, 'a', 3));
        assert!(!table.set(0, 'b', 2));
        assert!(table.set(0, 'c', 3));
        table.clear(0, 2);
        assert_eq!((table.owner(0), table.epoch(0)), (Some(&'c'), Some(3)));
        assert!(!table.set(9, 'x', 0));
        table.clear(0, 3);
        assert_eq!(table.owner(0), None);
        assert_eq!(table.count(), 2);
    }
}
