//! Configurations with a few bytes changed: nearly all of them are still text, and many still YAML.

use std::path::Path;

use gridwire_core::rng::Rng;
use gridwire_fuzzing::configuration;

/// What YAML gives a meaning to.
const SIGNS: &[u8] = b" \n\t:-[]{},#&*!|>'\"%@`?~$\\0a.\xc3\x85\xe2";

#[test]
fn files_with_changed_bytes_are_read_or_refused() {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/hazelcast_configuration");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let turns = std::env::var("GRIDWIRE_TURNS").ok().and_then(|turns| turns.parse().ok());
    for (number, file) in files.iter().enumerate() {
        let original = std::fs::read(file).unwrap();
        let mut rng = Rng::new([number as u8; 32]);
        for _ in 0..turns.unwrap_or(200) {
            let mut bytes = original.clone();
            for _ in 0..=rng.below(4) {
                let at = rng.below(bytes.len() as u64 + 1) as usize;
                let sign = *rng.choose(SIGNS).unwrap();
                match rng.below(4) {
                    0 => bytes.insert(at, sign),
                    1 if at < bytes.len() => bytes[at] = sign,
                    2 => {
                        let until = (at + rng.below(40) as usize).min(bytes.len());
                        bytes.drain(at..until);
                    }
                    _ => {
                        let until = (at + rng.below(40) as usize).min(bytes.len());
                        let copy = bytes[at..until].to_vec();
                        bytes.splice(at..at, copy);
                    }
                }
            }
            configuration::load(&bytes);
        }
    }
}
