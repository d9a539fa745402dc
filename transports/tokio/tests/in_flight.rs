//! Very many calls in flight on one client: what they take, and whether each has its turn.
//!
//! Memory is what the allocator was asked for and has not got back while 100,000 calls are in flight,
//! each polled once: the futures themselves, the driver's entries and all of the engine's.
#![cfg(feature = "hazelcast")]
#![allow(missing_docs)]

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};

use gridwire_tokio::HazelcastClient;
use gridwire_tokio::core::hazelcast::message::map::Get;
use gridwire_tokio::core::hazelcast::{
    Config, Disturbance, Fault, FrameWriter, MemberConfig, Payload, Structures, Version,
};
use gridwire_tokio::core::links::LinkLimits;
use gridwire_tokio::testing::Member;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tokio::runtime::Builder;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<std::alloc::System> = &INSTRUMENTED_SYSTEM;

const CALLS: usize = 100_000;
/// Bytes that a call in flight may take beside its own.
const EACH: usize = 512;

/// A client that may have so much waiting to be sent, and its member on another thread.
async fn joined() -> HazelcastClient {
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            let member = Member::on_loopback(MemberConfig::default()).unwrap();
            // The first calls are never answered, so that they are in flight for as long as one looks.
            let (message, count) = (Some(Get::ID), CALLS as u32);
            let lost = Fault { member: None, message, after: 0, count, what: Disturbance::Drop };
            member.with(|member, _| member.fault(lost));
            tell.send(member.target()).unwrap();
            std::future::pending::<()>().await;
        });
    });
    let mut config = Config::new([told.recv().unwrap()]);
    // None among the calls, whose bytes are counted.
    config.heartbeat_interval = std::time::Duration::from_secs(600);
    config.heartbeat_timeout = 2 * config.heartbeat_interval;
    config.links = LinkLimits { high_water: 64 << 20, ..LinkLimits::default() };
    HazelcastClient::connect(config).await.unwrap()
}

fn key(number: usize) -> String {
    format!("key-{number:06}")
}

/// Bytes of one request.
fn own_bytes(client: &HazelcastClient) -> usize {
    let key = client.codec().to_data(&key(0)).unwrap();
    let mut out = FrameWriter::default();
    Get { name: "calls".into(), key, thread_id: 0 }.encode(Version::NEWEST, &mut out);
    out.finish().len()
}

/// Notes when its call ends.
struct Turn {
    number: usize,
    order: Arc<Mutex<Vec<usize>>>,
}

impl Wake for Turn {
    fn wake(self: Arc<Self>) {
        self.order.lock().unwrap().push(self.number);
    }
}

#[test]
fn many_calls_in_flight_take_little_and_none_starves() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = joined().await;
        let map = client.map::<String, i64>("calls");
        // Whatever is done once is done.
        map.put("key-000000", &1).await.unwrap();

        let begin = || {
            let mut calls = Vec::with_capacity(CALLS);
            for n in 0..CALLS {
                let mut call = map.get(&key(n));
                let mut cx = Context::from_waker(Waker::noop());
                assert!(Pin::new(&mut call).poll(&mut cx).is_pending());
                calls.push(call);
            }
            calls
        };
        let own = own_bytes(&client);
        let out = client.metrics().bytes_out;
        let region = Region::new(ALLOCATOR);
        let calls = begin();
        // What isn't written yet are the calls' own bytes, once more.
        while client.metrics().bytes_out - out < (CALLS * own) as u64 {
            tokio::task::yield_now().await;
        }
        let change = region.change();
        let taken = (change.bytes_allocated - change.bytes_deallocated) / CALLS;
        println!("a call in flight takes {taken} B, {own} B of them its own");
        assert!(taken <= EACH + own, "{taken} B, {own} B of them its own");

        // Of others, which are answered, each ends in the order in which they began.
        drop(calls);
        let mut calls = begin();
        let order = Arc::new(Mutex::new(Vec::with_capacity(CALLS)));
        for (number, call) in calls.iter_mut().enumerate() {
            let waker = Waker::from(Arc::new(Turn { number, order: Arc::clone(&order) }));
            assert!(Pin::new(call).poll(&mut Context::from_waker(&waker)).is_pending());
        }
        while order.lock().unwrap().len() < CALLS {
            tokio::task::yield_now().await;
        }
        let order = order.lock().unwrap().clone();
        let late = order.iter().enumerate().map(|(place, n)| place.abs_diff(*n)).max();
        assert_eq!(late, Some(0), "places from its turn");
        for call in calls {
            assert!(call.await.is_ok());
        }
        client.close().await;
    });
}
