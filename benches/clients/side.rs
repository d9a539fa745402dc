//! [`Side`]: one client in the contest, and what it is given to do.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use gridwire_core::endpoint::Target;
use gridwire_core::hazelcast::Config;

use crate::{adapters, floor, own_loop};

pub(crate) const MAP: &str = "bench";
pub(crate) const KEYS: usize = 1_000;
const VALUE: usize = 64;

/// Ours, and the floor, in the order of the table.
pub(crate) const SIDES: [&str; 6] =
    ["floor", "own loop", "mio", "tokio, one thread", "tokio, workers", "async-std"];

pub(crate) fn key(number: usize) -> String {
    format!("key-{:04}", number % KEYS)
}

pub(crate) fn value() -> Vec<u8> {
    vec![7; VALUE]
}

/// A member's answer is what was stored.
pub(crate) fn check(value: Option<&Vec<u8>>) {
    assert_eq!(value.map(Vec::len), Some(VALUE));
}

pub(crate) fn config(at: SocketAddr) -> Config {
    Config::new([Target::new(at.ip().to_string().as_str(), at.port())])
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Operation {
    Get,
    Put,
}

impl Operation {
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "get" => Self::Get,
            "put" => Self::Put,
            other => panic!("no operation {other}"),
        }
    }
}

/// What is to be done: one operation again and again, so many in flight, for so long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Work {
    pub(crate) operation: Operation,
    pub(crate) depth: usize,
    pub(crate) time: Duration,
}

/// Says when the time is up. Looking costs nothing.
#[derive(Clone)]
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    pub(crate) fn after(time: Duration) -> Self {
        let stop = Self(Arc::default());
        let flag = Arc::clone(&stop.0);
        std::thread::spawn(move || {
            std::thread::sleep(time);
            flag.store(true, Ordering::Relaxed);
        });
        stop
    }

    pub(crate) fn is_over(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// One client, connected.
pub(crate) trait Side {
    /// Works until the time is up, and waits for what is in flight. Gives the operations done.
    fn work(&mut self, operation: Operation, depth: usize, stop: &Stop) -> u64;
}

/// Connects one of [`SIDES`]; `None` if it isn't one of ours.
pub(crate) fn start(side: &str, at: SocketAddr) -> Option<Box<dyn Side>> {
    Some(match side {
        "floor" => Box::new(floor::Floor::connect(at)),
        "own loop" => Box::new(own_loop::OwnLoop::connect(at)),
        "mio" => Box::new(adapters::Mio::connect(at)),
        "tokio, one thread" => Box::new(adapters::Tokio::current_thread(at)),
        "tokio, workers" => Box::new(adapters::Tokio::workers(at)),
        "async-std" => Box::new(adapters::AsyncStd::connect(at)),
        _ => return None,
    })
}
