//! One client with very many calls in flight: how the slowest call and task fare, and what a call takes.
//!
//! Each is a process of its own. What it takes is resident memory as the OS counts it, the tasks that call
//! included; without them, the adapter's own test measures it to the byte.

use std::fs;
use std::future::Future;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use gridwire_core::hazelcast::{Hazelcast, Structures};
use gridwire_core::invoker::AsyncInvoker;
use gridwire_core::links::LinkLimits;

use crate::side::{MAP, Stop, config, key};

/// Calls in flight of the busy one, and for how long.
const CALLS: usize = 100_000;
const BUSY: Duration = Duration::from_secs(5);

/// Resident memory in bytes.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

/// Tasks that each call again and again; says how the slowest call and task fared.
async fn busy<I, T>(
    side: &'static str,
    client: I,
    spawn: impl Fn(std::pin::Pin<Box<dyn Future<Output = (u64, Duration)> + Send>>) -> T,
) where
    I: AsyncInvoker<Family = Hazelcast> + Send + Sync + 'static,
    I::Invocation<Option<Vec<u8>>>: Send,
    T: Future<Output = (u64, Duration)>,
{
    let before = resident();
    let stop = Stop::after(BUSY);
    let began = Instant::now();
    let tasks: Vec<T> = (0..CALLS)
        .map(|n| {
            let (map, stop) = (client.map::<String, Vec<u8>>(MAP), stop.clone());
            spawn(Box::pin(async move {
                let (mut calls, mut slowest) = (0, Duration::ZERO);
                while !stop.is_over() {
                    let at = Instant::now();
                    I::future(map.get(&*key(n))).await.unwrap();
                    calls += 1;
                    slowest = slowest.max(at.elapsed());
                }
                (calls, slowest)
            }))
        })
        .collect();
    let (mut calls, mut fewest, mut most, mut slowest) = (0, u64::MAX, 0, Duration::ZERO);
    for task in tasks {
        let (its, time) = task.await;
        calls += its;
        fewest = fewest.min(its);
        most = most.max(its);
        slowest = slowest.max(time);
    }
    let took = began.elapsed().as_secs_f64();
    let rate = calls as f64 / took;
    let mean = CALLS as f64 / rate;
    let added = resident().saturating_sub(before) / CALLS as u64;
    println!(
        "| {side} | {:.0} k | {mean:.2} s | {:.2} s | {fewest} | {most} | {added} B |",
        rate / 1e3,
        slowest.as_secs_f64()
    );
}

/// So much that waits is refused by default.
fn roomy(at: SocketAddr) -> gridwire_core::hazelcast::Config {
    let mut config = config(at);
    config.links = LinkLimits { high_water: 64 << 20, ..LinkLimits::default() };
    config
}

/// One process: one client on this runtime.
pub(crate) fn work(side: &'static str, at: SocketAddr) {
    if side == "async-std" {
        async_std::task::block_on(async {
            let client = gridwire_async_std::HazelcastClient::connect(roomy(at)).await.unwrap();
            async_std::task::spawn(busy(side, client, async_std::task::spawn)).await;
        });
        return;
    }
    let mut builder = match side {
        "tokio, one thread" => tokio::runtime::Builder::new_current_thread(),
        "tokio, workers" => tokio::runtime::Builder::new_multi_thread(),
        _ => panic!("{side} doesn't await"),
    };
    builder.enable_all().build().unwrap().block_on(async {
        let client = gridwire_tokio::HazelcastClient::connect(roomy(at)).await.unwrap();
        let spawn = |task| {
            let task = tokio::spawn(task);
            async { task.await.unwrap() }
        };
        tokio::spawn(busy(side, client, spawn)).await.unwrap();
    });
}
