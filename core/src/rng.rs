//! Randomness from a seed: the only source that core has.
//!
//! Engines take 32 bytes of seed and derive everything random from it (jitter, ids, choice of a
//! member, keys of hash maps), so the same seed and inputs give the same outputs. The generator is
//! xoshiro256**, which is fast and well spread but **not** cryptographic; nothing secret is drawn
//! from it.

use core::hash::{BuildHasher, Hasher};

/// A seeded generator of pseudo-random numbers.
#[derive(Clone)]
pub struct Rng {
    state: [u64; 4],
}

impl core::fmt::Debug for Rng {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Rng")
    }
}

impl Rng {
    /// A generator whose whole sequence follows from `seed`.
    pub fn new(seed: [u8; 32]) -> Self {
        let mut state = [0u64; 4];
        for (word, bytes) in state.iter_mut().zip(seed.chunks_exact(8)) {
            *word = bytes.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        }
        // All zero is the one state that xoshiro never leaves; a splitmix step spreads poor seeds.
        let mut mix =
            state.iter().fold(0x9E37_79B9_7F4A_7C15, |sum: u64, word| sum ^ word.rotate_left(17));
        for word in &mut state {
            mix = mix.wrapping_add(0x9E37_79B9_7F4A_7C15);
            *word ^= splitmix(mix);
        }
        Self { state }
    }

    /// A seed for a part that needs a generator of its own.
    pub fn seed(&mut self) -> [u8; 32] {
        let mut seed = [0; 32];
        for chunk in seed.chunks_exact_mut(8) {
            chunk.copy_from_slice(&self.next_u64().to_le_bytes());
        }
        seed
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        let [a, b, c, d] = &mut self.state;
        let result = b.wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let shifted = *b << 17;
        *c ^= *a;
        *d ^= *b;
        *b ^= *c;
        *a ^= *d;
        *c ^= shifted;
        *d = d.rotate_left(45);
        result
    }

    /// A number in `0..bound`, and 0 for a bound of 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        // The high half of a 128-bit product is uniform to within 2^-64 * bound.
        ((u128::from(self.next_u64()) * u128::from(bound)) >> 64) as u64
    }

    /// One of the slice's elements, `None` if there is none.
    pub fn choose<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len() as u64) as usize)
    }

    /// A number in `0.0..1.0`.
    pub fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// The key of a hash map whose own keys come off the wire.
    pub fn hash_key(&mut self) -> KeyedHash {
        KeyedHash::new(self.next_u64())
    }
}

fn splitmix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

/// Builds hashers keyed from the seed, for maps whose keys a peer may choose.
///
/// A peer that doesn't know the key can't aim for collisions, and the same seed iterates in the
/// same order.
#[derive(Clone, Copy)]
pub struct KeyedHash {
    key: u64,
}

impl core::fmt::Debug for KeyedHash {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("KeyedHash")
    }
}

impl KeyedHash {
    /// Hashers with this key.
    pub fn new(key: u64) -> Self {
        Self { key: splitmix(key) }
    }
}

impl BuildHasher for KeyedHash {
    type Hasher = KeyedHasher;
    fn build_hasher(&self) -> KeyedHasher {
        KeyedHasher { state: self.key, key: self.key | 1 }
    }
}

/// The hasher of [`KeyedHash`]: a keyed multiply-fold over words of eight bytes.
#[derive(Clone)]
pub struct KeyedHasher {
    state: u64,
    key: u64,
}

impl core::fmt::Debug for KeyedHasher {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("KeyedHasher")
    }
}

impl KeyedHasher {
    fn mix(&mut self, word: u64) {
        let product = u128::from(self.state ^ word) * u128::from(self.key ^ 0xA076_1D64_78BD_642F);
        self.state = (product as u64) ^ ((product >> 64) as u64) ^ word.rotate_left(32);
    }
}

impl Hasher for KeyedHasher {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.mix(u64::from_le_bytes(word));
        }
        self.mix(bytes.len() as u64);
    }

    fn write_u8(&mut self, value: u8) {
        self.mix(u64::from(value));
    }

    fn write_u32(&mut self, value: u32) {
        self.mix(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        self.mix(value);
    }

    fn write_usize(&mut self, value: usize) {
        self.mix(value as u64);
    }

    fn finish(&self) -> u64 {
        splitmix(self.state)
    }
}

/// A hash map keyed from the seed. Iterate it only where order does not reach an output.
pub type Map<K, V> = hashbrown::HashMap<K, V, KeyedHash>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_sequence_and_others_another() {
        let draw = |seed: [u8; 32]| {
            let mut rng = Rng::new(seed);
            core::array::from_fn::<u64, 8, _>(|_| rng.next_u64())
        };
        assert_eq!(draw([3; 32]), draw([3; 32]));
        assert_ne!(draw([3; 32]), draw([4; 32]));
        assert_ne!(draw([0; 32]), [0; 8]);
    }

    #[test]
    fn bounds_hold_and_are_reached() {
        let mut rng = Rng::new([1; 32]);
        let mut seen = [false; 5];
        for _ in 0..200 {
            seen[rng.below(5) as usize] = true;
            assert!((0.0..1.0).contains(&rng.unit()));
        }
        assert_eq!(seen, [true; 5]);
        assert_eq!(rng.below(0), 0);
        assert_eq!(rng.choose::<u8>(&[]), None);
    }
}
