//! [`Slab`]: slots addressed by keys that go stale.
//!
//! Connections, calls, timers and subscriptions live in slabs. A key is an index and the generation
//! of the slot, so a key kept past its slot's end finds nothing instead of somebody else's slot.
//! Keys pack into a u64, which is what completion rings carry.

use alloc::vec::Vec;

/// The place of a value in a [`Slab`], for as long as that value lives there. The default finds nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    generation: u32,
    index: u32,
}

impl Key {
    /// The key in 64 bits.
    pub const fn to_u64(self) -> u64 {
        (self.generation as u64) << 32 | self.index as u64
    }

    /// The key that [`Key::to_u64`] packed. Any number makes a key; most find nothing.
    pub const fn from_u64(bits: u64) -> Self {
        Self { generation: (bits >> 32) as u32, index: bits as u32 }
    }
}

#[derive(Debug)]
enum Slot<T> {
    Full { generation: u32, value: T },
    Empty { generation: u32, next_free: u32 },
}

const NONE: u32 = u32::MAX;

/// A growing table of values under keys with generations.
#[derive(Debug)]
pub struct Slab<T> {
    slots: Vec<Slot<T>>,
    free: u32,
    len: usize,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { slots: Vec::new(), free: NONE, len: 0 }
    }
}

impl<T> Slab<T> {
    /// How many values there are.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no value.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Puts a value into a free slot.
    pub fn insert(&mut self, value: T) -> Key {
        self.len += 1;
        let index = self.free;
        if let Some(slot) = self.slots.get_mut(index as usize)
            && let Slot::Empty { generation, next_free } = *slot
        {
            self.free = next_free;
            *slot = Slot::Full { generation, value };
            return Key { generation, index };
        }
        let index = self.slots.len() as u32;
        self.slots.push(Slot::Full { generation: 1, value });
        Key { generation: 1, index }
    }

    /// The value under a key, unless the key is stale.
    pub fn get(&self, key: Key) -> Option<&T> {
        match self.slots.get(key.index as usize) {
            Some(Slot::Full { generation, value }) if *generation == key.generation => Some(value),
            _ => None,
        }
    }

    /// The value under a key, unless the key is stale.
    pub fn get_mut(&mut self, key: Key) -> Option<&mut T> {
        match self.slots.get_mut(key.index as usize) {
            Some(Slot::Full { generation, value }) if *generation == key.generation => Some(value),
            _ => None,
        }
    }

    /// Whether the key is not stale.
    pub fn contains(&self, key: Key) -> bool {
        self.get(key).is_some()
    }

    /// Takes the value out; its key is stale from here on.
    pub fn remove(&mut self, key: Key) -> Option<T> {
        self.get(key)?;
        let slot = self.slots.get_mut(key.index as usize)?;
        let empty = Slot::Empty {
            // Generation 0 is never given out, so that key 0 is always stale.
            generation: key.generation.checked_add(1).unwrap_or(1),
            next_free: self.free,
        };
        match core::mem::replace(slot, empty) {
            Slot::Full { value, .. } => {
                self.free = key.index;
                self.len -= 1;
                Some(value)
            }
            Slot::Empty { .. } => None,
        }
    }

    /// All values with their keys, in the order of their slots.
    pub fn iter(&self) -> impl Iterator<Item = (Key, &T)> {
        self.slots.iter().enumerate().filter_map(|(index, slot)| match slot {
            Slot::Full { generation, value } => {
                Some((Key { generation: *generation, index: index as u32 }, value))
            }
            Slot::Empty { .. } => None,
        })
    }

    /// All values with their keys, in the order of their slots.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (Key, &mut T)> {
        self.slots.iter_mut().enumerate().filter_map(|(index, slot)| match slot {
            Slot::Full { generation, value } => {
                Some((Key { generation: *generation, index: index as u32 }, value))
            }
            Slot::Empty { .. } => None,
        })
    }

    /// The keys of all values, in the order of their slots.
    pub fn keys(&self) -> Vec<Key> {
        self.iter().map(|(key, _)| key).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_goes_stale_when_its_slot_is_used_again() {
        let mut slab = Slab::default();
        let first = slab.insert("first");
        assert_eq!(slab.remove(first), Some("first"));
        assert_eq!(slab.remove(first), None);
        let second = slab.insert("second");
        assert_eq!(second.to_u64() as u32, first.to_u64() as u32, "the slot is used again");
        assert_eq!(slab.get(first), None);
        assert_eq!(slab.get(Key::from_u64(second.to_u64())), Some(&"second"));
        assert_eq!(slab.get(Key::from_u64(0)), None);
        assert_eq!(slab.len(), 1);
    }

    #[test]
    fn iterates_in_slot_order() {
        let mut slab = Slab::default();
        let keys: Vec<_> = (0..4).map(|n| slab.insert(n)).collect();
        slab.remove(keys[1]);
        slab.insert(9);
        assert_eq!(slab.iter().map(|(_, v)| *v).collect::<Vec<_>>(), [0, 9, 2, 3]);
    }
}
