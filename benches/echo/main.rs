//! Echo of 64 B and 16 KiB, one and 64 in flight, through each adapter and through the same
//! runtime's raw socket. The other end is one thread with a blocking socket that writes back what it
//! reads.
//!
//! `cargo bench --bench echo -- --ratios` measures both sides by turns in one run and prints the ratio of
//! their times per message; without it criterion measures each.
#![allow(missing_docs, unreachable_pub, missing_debug_implementations)]

mod adapters;
mod engine;
mod raw;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput};

/// One side of a comparison: does so many rounds of `depth` messages of `size` bytes on the wire.
pub trait Side {
    fn rounds(&mut self, rounds: u64, depth: usize, size: usize);
}

/// Starts the other end.
pub(crate) fn echo_server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            stream.set_nodelay(true).unwrap();
            std::thread::spawn(move || {
                let mut buffer = vec![0; 256 << 10];
                while let Ok(read @ 1..) = stream.read(&mut buffer) {
                    if stream.write_all(&buffer[..read]).is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}

const SIZES: [(usize, &str); 2] = [(64, "64B"), (16 << 10, "16KiB")];
const DEPTHS: [usize; 2] = [1, 64];

type Pair = (&'static str, Box<dyn Side>, Box<dyn Side>);

fn pairs() -> Vec<Pair> {
    let at = echo_server();
    vec![
        ("tokio", Box::new(raw::Tokio::new(at)), Box::new(adapters::Tokio::new(at))),
        ("async_std", Box::new(raw::AsyncStd::new(at)), Box::new(adapters::AsyncStd::new(at))),
        ("mio", Box::new(raw::Mio::new(at)), Box::new(adapters::Mio::new(at))),
    ]
}

/// Both sides by turns; the median of each and of the ratios.
fn ratios() {
    println!("| adapter | size | depth | raw, µs/message | adapter, µs/message | ratio |");
    println!("|---|---|---|---|---|---|");
    for (name, mut raw, mut adapter) in pairs() {
        for (size, label) in SIZES {
            for depth in DEPTHS {
                let time = |side: &mut dyn Side, rounds| {
                    let start = Instant::now();
                    side.rounds(rounds, depth, size);
                    start.elapsed()
                };
                let warm = time(&mut *raw, 50) + time(&mut *adapter, 50);
                let rounds = (50.0 * 0.08 / warm.as_secs_f64()).max(5.0) as u64;
                let per =
                    |took: Duration| took.as_secs_f64() * 1e6 / (rounds as f64 * depth as f64);
                let mut samples: Vec<(f64, f64)> = (0..31)
                    .map(|_| (per(time(&mut *raw, rounds)), per(time(&mut *adapter, rounds))))
                    .collect();
                let mut median = |of: fn(&(f64, f64)) -> f64| {
                    samples.sort_by(|a, b| of(a).total_cmp(&of(b)));
                    of(&samples[samples.len() / 2])
                };
                println!(
                    "| {name} | {label} | {depth} | {:.2} | {:.2} | {:.2} |",
                    median(|s| s.0),
                    median(|s| s.1),
                    median(|s| s.1 / s.0),
                );
            }
        }
    }
}

fn main() {
    if std::env::args().any(|arg| arg == "--ratios") {
        return ratios();
    }
    let mut criterion = Criterion::default().configure_from_args();
    for (name, raw, adapter) in pairs() {
        let mut group = criterion.benchmark_group(format!("echo_{name}"));
        group.measurement_time(Duration::from_secs(2)).warm_up_time(Duration::from_millis(300));
        for (side, mut run) in [("raw", raw), ("adapter", adapter)] {
            for (size, label) in SIZES {
                for depth in DEPTHS {
                    group.throughput(Throughput::Elements(depth as u64));
                    group.bench_function(format!("{side}/{label}/{depth}"), |bencher| {
                        bencher.iter_custom(|rounds| {
                            let start = Instant::now();
                            run.rounds(rounds, depth, size);
                            start.elapsed()
                        });
                    });
                }
            }
        }
    }
    criterion.final_summary();
}
