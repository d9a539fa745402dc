//! The adapters: 64 tasks that each await one call after the other; on mio one thread that keeps 64
//! calls in flight. Each call is a message of its own, with an id, a deadline and a future.

use std::collections::VecDeque;
use std::future::Future;
use std::net::SocketAddr;

use bytes::Bytes;
use gridwire_core::endpoint::Target;
use gridwire_core::invoker::{AsyncInvoker, Invoker};

use super::Side;
use super::engine::{EchoClient, Echoes, HEADER, echo};

fn target(at: SocketAddr) -> Target {
    Target::new(at.ip().to_string().as_str(), at.port())
}

async fn calls<I: AsyncInvoker<Family = Echoes>>(client: I, payload: Bytes, count: u64) {
    for _ in 0..count {
        let echoed = I::future(client.invoke(echo(payload.clone()))).await.unwrap();
        assert_eq!(echoed.len(), payload.len());
    }
}

/// `depth` tasks on an executor.
async fn tasks<I: AsyncInvoker<Family = Echoes> + Send + Sync + 'static, T: Future>(
    client: &I,
    spawn: impl Fn(std::pin::Pin<Box<dyn Future<Output = ()> + Send>>) -> T,
    (rounds, depth, size): (u64, usize, usize),
) where
    I::Invocation<Bytes>: Send,
{
    let payload = Bytes::from(vec![7; size - HEADER]);
    let tasks: Vec<T> = (0..depth)
        .map(|_| spawn(Box::pin(calls(client.clone(), payload.clone(), rounds))))
        .collect();
    for task in tasks {
        task.await;
    }
}

pub struct Tokio {
    runtime: tokio::runtime::Runtime,
    client: gridwire_tokio::Client<EchoClient>,
}

impl Tokio {
    pub fn new(at: SocketAddr) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let client = runtime.block_on(gridwire_tokio::Client::connect(target(at))).unwrap();
        Self { runtime, client }
    }
}

impl Side for Tokio {
    fn rounds(&mut self, rounds: u64, depth: usize, size: usize) {
        let what = (rounds, depth, size);
        self.runtime.block_on(tasks(&self.client, |task| tokio::spawn(task), what));
    }
}

pub struct AsyncStd {
    client: gridwire_async_std::Client<EchoClient>,
}

impl AsyncStd {
    pub fn new(at: SocketAddr) -> Self {
        let connecting = gridwire_async_std::Client::connect(target(at));
        Self { client: async_std::task::block_on(connecting).unwrap() }
    }
}

impl Side for AsyncStd {
    fn rounds(&mut self, rounds: u64, depth: usize, size: usize) {
        let what = (rounds, depth, size);
        async_std::task::block_on(tasks(&self.client, async_std::task::spawn, what));
    }
}

pub struct Mio {
    client: gridwire_mio::Client<EchoClient>,
}

impl Mio {
    pub fn new(at: SocketAddr) -> Self {
        Self { client: gridwire_mio::Client::connect(target(at)).unwrap() }
    }
}

impl Side for Mio {
    fn rounds(&mut self, rounds: u64, depth: usize, size: usize) {
        let payload = Bytes::from(vec![7; size - HEADER]);
        let mut in_flight = VecDeque::with_capacity(depth);
        for _ in 0..rounds * depth as u64 {
            if in_flight.len() == depth
                && let Some(oldest) = in_flight.pop_front()
            {
                gridwire_mio::Invocation::wait(oldest).unwrap();
            }
            in_flight.push_back(self.client.invoke(echo(payload.clone())).send());
        }
        for call in in_flight {
            call.wait().unwrap();
        }
    }
}
