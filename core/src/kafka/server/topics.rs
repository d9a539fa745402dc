//! [`Topics`]: what the broker has, by name and by id.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::log::Log;
use crate::Str;
use crate::kafka::wire::Uuid;
use crate::rng::Rng;

/// A topic.
#[derive(Debug)]
pub(super) struct Topic {
    pub(super) id: Uuid,
    pub(super) partitions: Vec<Log>,
}

impl Topic {
    pub(super) fn partition(&self, index: i32) -> Option<&Log> {
        self.partitions.get(usize::try_from(index).ok()?)
    }
}

/// All topics.
#[derive(Debug, Default)]
pub(super) struct Topics {
    by_name: BTreeMap<Str, Topic>,
    names: BTreeMap<Uuid, Str>,
    /// Bytes in all logs.
    pub(super) bytes: u64,
}

impl Topics {
    pub(super) fn create(&mut self, name: &Str, partitions: u32, rng: &mut Rng) {
        let partitions = (0..partitions.max(1)).map(|_| Log::default()).collect();
        // A random UUID (version 4), as brokers draw them.
        let mut id = [0; 16];
        id[..8].copy_from_slice(&rng.next_u64().to_be_bytes());
        id[8..].copy_from_slice(&rng.next_u64().to_be_bytes());
        id[6] = id[6] & 0x0f | 0x40;
        id[8] = id[8] & 0x3f | 0x80;
        let (id, name) = (Uuid(id), name.detached());
        self.names.insert(id, name.clone());
        self.by_name.insert(name, Topic { id, partitions });
    }

    pub(super) fn len(&self) -> usize {
        self.by_name.len()
    }

    pub(super) fn get(&self, name: &str) -> Option<&Topic> {
        self.by_name.get(name)
    }

    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut Topic> {
        self.by_name.get_mut(name)
    }

    pub(super) fn name(&self, id: Uuid) -> Option<&Str> {
        self.names.get(&id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&Str, &Topic)> {
        self.by_name.iter()
    }
}

/// Whether a topic may be called so: 1 to 249 letters, digits, `.`, `_` and `-`, and not `.` or `..`.
pub(super) fn is_legal(name: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=249).contains(&name.len()) && name.bytes().all(legal) && !matches!(name, "." | "..")
}
