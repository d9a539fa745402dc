//! The fuzz targets' bodies as ordinary tests: over the corpus, and over bytes from a seed.

use std::path::Path;

use gridwire_core::rng::Rng;
use gridwire_fuzzing::BODIES;

fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz")
}

#[test]
fn every_body_has_a_target_and_every_target_a_body() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let targets: Vec<_> = manifest
        .lines()
        .filter_map(|line| line.strip_prefix("path = \"fuzz_targets/")?.strip_suffix(".rs\""))
        .collect();
    let bodies: Vec<_> = BODIES.iter().map(|(name, _)| *name).collect();
    assert_eq!(targets, bodies);
}

#[test]
fn the_corpus_passes() {
    for (name, body) in BODIES {
        let folder = root().join("corpus").join(name);
        let mut files: Vec<_> = std::fs::read_dir(&folder)
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        assert!(!files.is_empty(), "no corpus for {name}");
        for file in files {
            body(&std::fs::read(&file).unwrap());
        }
    }
}

#[test]
fn bytes_from_a_seed_pass() {
    for (number, (_, body)) in BODIES.iter().enumerate() {
        let mut rng = Rng::new([number as u8; 32]);
        for _ in 0..500 {
            let length = rng.below(600) as usize;
            // Small numbers come up often in lengths, counts and flags.
            let small = rng.below(2) == 0;
            let byte =
                |rng: &mut Rng| if small { rng.below(4) as u8 } else { rng.next_u64() as u8 };
            let data: Vec<u8> = (0..length).map(|_| byte(&mut rng)).collect();
            body(&data);
        }
    }
}
