//! The adapters: on futures, as many tasks as calls are in flight, each of which awaits one after the
//! other; on mio, one thread that keeps so many in flight.

use std::collections::VecDeque;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use gridwire_core::hazelcast::proxy::Map;
use gridwire_core::hazelcast::{Client, Hazelcast, Structures};
use gridwire_core::invoker::{AsyncInvoker, Invoker};

use crate::side::{KEYS, MAP, Operation, Side, Stop, check, config, key, value};

type Values<I> = Map<String, Vec<u8>, I>;

fn call<I: Invoker<Family = Hazelcast>>(
    map: &Values<I>,
    operation: Operation,
    key: &str,
    value: &Vec<u8>,
) -> I::Invocation<Option<Vec<u8>>> {
    match operation {
        Operation::Get => map.get(key),
        Operation::Put => map.put(key, value),
    }
}

fn keys() -> Arc<[String]> {
    (0..KEYS).map(key).collect()
}

async fn calls<I: AsyncInvoker<Family = Hazelcast>>(
    map: Values<I>,
    operation: Operation,
    keys: Arc<[String]>,
    mut next: usize,
    stop: Stop,
) -> u64 {
    let value = value();
    let mut done = 0;
    while !stop.is_over() {
        let stored = I::future(call(&map, operation, &keys[next % KEYS], &value)).await.unwrap();
        check(stored.as_ref());
        next += 1;
        done += 1;
    }
    done
}

/// One task per call in flight; gives what all of them have done.
async fn tasks<I, T>(
    map: Values<I>,
    spawn: impl Fn(Pin<Box<dyn Future<Output = u64> + Send>>) -> T,
    (operation, depth): (Operation, usize),
    stop: Stop,
) -> u64
where
    I: AsyncInvoker<Family = Hazelcast> + Send + Sync + 'static,
    I::Invocation<Option<Vec<u8>>>: Send,
    T: Future<Output = u64>,
{
    let keys = keys();
    let tasks: Vec<T> = (0..depth)
        .map(|n| {
            let next = n * KEYS / depth;
            spawn(Box::pin(calls(map.clone(), operation, Arc::clone(&keys), next, stop.clone())))
        })
        .collect();
    let mut done = 0;
    for task in tasks {
        done += task.await;
    }
    done
}

pub(crate) struct Tokio {
    runtime: tokio::runtime::Runtime,
    client: gridwire_tokio::HazelcastClient,
}

impl Tokio {
    pub(crate) fn current_thread(at: SocketAddr) -> Self {
        Self::on(tokio::runtime::Builder::new_current_thread(), at)
    }

    pub(crate) fn workers(at: SocketAddr) -> Self {
        Self::on(tokio::runtime::Builder::new_multi_thread(), at)
    }

    fn on(mut runtime: tokio::runtime::Builder, at: SocketAddr) -> Self {
        let runtime = runtime.enable_all().build().unwrap();
        let client = runtime.block_on(gridwire_tokio::Client::connect(config(at))).unwrap();
        Self { runtime, client }
    }
}

impl Side for Tokio {
    fn work(&mut self, operation: Operation, depth: usize, stop: &Stop) -> u64 {
        let map = self.client.map(MAP);
        let spawn = |task| {
            let task = tokio::spawn(task);
            async { task.await.unwrap() }
        };
        // All of it inside a task, so that with several threads it is a worker that spawns.
        let root = tasks(map, spawn, (operation, depth), stop.clone());
        self.runtime.block_on(async { tokio::spawn(root).await.unwrap() })
    }
}

pub(crate) struct AsyncStd {
    client: gridwire_async_std::HazelcastClient,
}

impl AsyncStd {
    pub(crate) fn connect(at: SocketAddr) -> Self {
        let connecting = gridwire_async_std::Client::connect(config(at));
        Self { client: async_std::task::block_on(connecting).unwrap() }
    }
}

impl Side for AsyncStd {
    fn work(&mut self, operation: Operation, depth: usize, stop: &Stop) -> u64 {
        let map = self.client.map(MAP);
        let root = tasks(map, async_std::task::spawn, (operation, depth), stop.clone());
        async_std::task::block_on(async_std::task::spawn(root))
    }
}

pub(crate) struct Mio {
    client: gridwire_mio::HazelcastClient,
}

impl Mio {
    pub(crate) fn connect(at: SocketAddr) -> Self {
        Self { client: gridwire_mio::Client::connect(config(at)).unwrap() }
    }
}

impl Side for Mio {
    fn work(&mut self, operation: Operation, depth: usize, stop: &Stop) -> u64 {
        let map: Values<_> = self.client.map(MAP);
        let (keys, value) = (keys(), value());
        let mut in_flight: VecDeque<gridwire_mio::Invocation<Client, Option<Vec<u8>>>> =
            VecDeque::with_capacity(depth);
        let mut done = 0;
        while !stop.is_over() {
            if depth == 1 {
                check(call(&map, operation, &keys[done % KEYS], &value).wait().unwrap().as_ref());
                done += 1;
                continue;
            }
            if in_flight.len() == depth
                && let Some(oldest) = in_flight.pop_front()
            {
                check(oldest.wait().unwrap().as_ref());
                done += 1;
            }
            in_flight.push_back(call(&map, operation, &keys[done % KEYS], &value).send());
        }
        for call in in_flight {
            check(call.wait().unwrap().as_ref());
            done += 1;
        }
        done as u64
    }
}
