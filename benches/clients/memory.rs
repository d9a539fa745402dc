//! What a client takes that does nothing, and one with very many calls in flight.
//!
//! Each is a process of its own, measured by the OS: its resident memory, and its CPU time. What an idle
//! client takes is what it adds to a program that has its runtime running and does nothing.

use std::fs;
use std::future::Future;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use gridwire_core::hazelcast::{Hazelcast, Structures};
use gridwire_core::invoker::AsyncInvoker;
use gridwire_core::links::LinkLimits;

use crate::side::{MAP, Stop, config, key};
use crate::worker::cpu;

/// Time that an idle client is watched.
const IDLE: Duration = Duration::from_secs(20);
/// Calls in flight of the busy one, and for how long.
const CALLS: usize = 100_000;
const BUSY: Duration = Duration::from_secs(5);

/// Resident memory in KiB: all of it, and what isn't pages of files.
fn resident() -> (u64, u64) {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = |name: &str| {
        let rest = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        rest.trim().trim_end_matches(" kB").parse::<u64>().unwrap()
    };
    (line("VmRSS:"), line("RssAnon:"))
}

/// Connects, and looks at what that adds after a while.
fn idle<C>(side: &str, connect: impl FnOnce() -> C) {
    std::thread::sleep(Duration::from_millis(200));
    let before = resident();
    let client = connect();
    std::thread::sleep(Duration::from_secs(2));
    let (began, spent) = (Instant::now(), cpu());
    std::thread::sleep(IDLE);
    let spent = cpu().saturating_sub(spent).as_secs_f64() / began.elapsed().as_secs_f64();
    let after = resident();
    println!(
        "| {side} | {} KiB | {} KiB | {} KiB | {:.4} % |",
        before.0,
        after.0.saturating_sub(before.0),
        after.1.saturating_sub(before.1),
        spent * 100.0
    );
    drop(client);
}

/// Tasks that each call again and again; says how the slowest call and task fared.
async fn busy<I, T>(
    side: &str,
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
    let added = resident().0.saturating_sub(before.0) * 1024 / CALLS as u64;
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

/// One process: one client, one of the two.
pub(crate) fn work(what: &str, side: &str, at: SocketAddr) {
    let tokio = || match side {
        "tokio, one thread" => {
            Some(tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap())
        }
        "tokio, workers" => {
            Some(tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap())
        }
        _ => None,
    };
    match (what, side, tokio()) {
        ("idle", "mio", _) => idle(side, || gridwire_mio::Client::<Hz>::connect(config(at))),
        ("idle", "async-std", _) => {
            async_std::task::block_on(async_std::task::spawn(async {}));
            let connecting = gridwire_async_std::Client::<Hz>::connect(config(at));
            idle(side, || async_std::task::block_on(connecting));
        }
        ("idle", _, Some(runtime)) => {
            // A runtime of one thread does nothing unless somebody is in it.
            runtime.block_on(async { tokio::spawn(async {}).await.unwrap() });
            let (tell, told) = std::sync::mpsc::channel();
            let handle = runtime.handle().clone();
            std::thread::spawn(move || {
                idle(side_name(&handle), || {
                    let client = handle.block_on(gridwire_tokio::Client::<Hz>::connect(config(at)));
                    client.unwrap()
                });
                let _ = tell.send(());
            });
            runtime.block_on(async {
                while told.try_recv().is_err() {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            });
        }
        ("busy", "async-std", _) => async_std::task::block_on(async {
            let client = gridwire_async_std::Client::<Hz>::connect(roomy(at)).await.unwrap();
            async_std::task::spawn(busy("async-std", client, async_std::task::spawn)).await;
        }),
        ("busy", _, Some(runtime)) => runtime.block_on(async {
            let client = gridwire_tokio::Client::<Hz>::connect(roomy(at)).await.unwrap();
            let spawn = |task| {
                let task = tokio::spawn(task);
                async { task.await.unwrap() }
            };
            let name = side_name(&tokio::runtime::Handle::current());
            tokio::spawn(busy(name, client, spawn)).await.unwrap();
        }),
        _ => panic!("{side} doesn't do {what}"),
    }
}

type Hz = gridwire_core::hazelcast::Client;

fn side_name(handle: &tokio::runtime::Handle) -> &'static str {
    match handle.runtime_flavor() {
        tokio::runtime::RuntimeFlavor::CurrentThread => "tokio, one thread",
        _ => "tokio, workers",
    }
}
