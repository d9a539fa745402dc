//! `map.get` of 64 B through the client engine alone: no socket, no driver, no task.
//!
//! The engine is connected in memory to an embedded member, which lets it in, shows it the cluster and
//! answers the first calls. From then on a stand-in answers: the last answer again, with the id of each
//! request. *Peer* is that stand-in alone, which *engine* includes. The *floor* copies as many bytes both
//! ways and counts.
//!
//! `cargo bench --bench engine` measures all by turns in one run and prints nanoseconds per call, the median of
//! the turns and the least. `-- --only engine|peer|floor DEPTH CALLS` runs one, for `perf stat` and
//! valgrind: what two runs of different length differ by is what a call costs.
#![allow(missing_docs, unreachable_pub, missing_debug_implementations)]

mod rig;

use std::time::Instant;

use self::rig::{Key, Rig};

const DEPTHS: [usize; 3] = [1, 32, 256];
const KEYS: [(Key, &str); 2] = [(Key::Long, "i64"), (Key::Text, "String")];

type Side = fn(&mut Rig, usize);
const SIDES: [(&str, Side); 3] =
    [("engine", Rig::engine), ("peer", Rig::peer), ("floor", Rig::floor)];

/// All sides by turns: of each the median and the least nanoseconds per call.
fn table(turns: usize, calls: usize) {
    println!(
        "| key | depth | engine, ns (least) | peer, ns (least) | floor, ns (least) | engine/floor |"
    );
    println!("|---|---|---|---|---|---|");
    for (key, name) in KEYS {
        let mut rig = Rig::new(key);
        for depth in DEPTHS {
            let rounds = (calls / depth).max(1);
            let mut samples = [const { Vec::new() }; SIDES.len()];
            for _ in 0..turns {
                for ((_, side), samples) in SIDES.iter().zip(&mut samples) {
                    let start = Instant::now();
                    (0..rounds).for_each(|_| side(&mut rig, depth));
                    samples.push(start.elapsed().as_secs_f64() * 1e9 / (rounds * depth) as f64);
                }
            }
            let [engine, peer, floor] = samples.map(|mut samples| {
                samples.sort_by(f64::total_cmp);
                (samples[samples.len() / 2], samples[0])
            });
            println!(
                "| {name} | {depth} | {:.0} ({:.0}) | {:.0} ({:.0}) | {:.0} ({:.0}) | {:.1} |",
                engine.0,
                engine.1,
                peer.0,
                peer.1,
                floor.0,
                floor.1,
                engine.0 / floor.0,
            );
        }
    }
}

fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    let after = |flag: &str| {
        arguments.iter().position(|argument| argument == flag).map(|at| &arguments[at + 1..])
    };
    if let Some([side, depth, calls, ..]) = after("--only") {
        let (_, side) = SIDES.iter().find(|(name, _)| name == side).expect("engine, peer or floor");
        let (depth, calls): (usize, usize) = (depth.parse().unwrap(), calls.parse().unwrap());
        let mut rig = Rig::new(Key::Long);
        (0..calls / depth).for_each(|_| side(&mut rig, depth));
    } else if after("--test").is_some() {
        table(1, 1);
    } else {
        table(101, 1 << 13);
    }
}
