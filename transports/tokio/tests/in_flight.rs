//! Very many calls in flight on one client: what they take, and whether each has its turn.
//!
//! Memory is what the allocator was asked for and has not got back while 100,000 calls are in flight,
//! each polled once: the futures themselves, the driver's entries and all of the engine's.
#![cfg(feature = "hazelcast")]
#![allow(missing_docs)]

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Waker};

use gridwire_tokio::HazelcastClient;
use gridwire_tokio::core::hazelcast::message::map::Get;
use gridwire_tokio::core::hazelcast::{
    Config, FrameWriter, MemberConfig, Payload, Structures, Version,
};
use gridwire_tokio::core::links::LinkLimits;
use gridwire_tokio::testing::Member;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tokio::runtime::Builder;
use tokio::task::LocalSet;

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
            tell.send(member.target()).unwrap();
            std::future::pending::<()>().await;
        });
    });
    let mut config = Config::new([told.recv().unwrap()]);
    config.links = LinkLimits { high_water: 64 << 20, ..LinkLimits::default() };
    HazelcastClient::connect(config).await.unwrap()
}

fn key(number: usize) -> String {
    format!("key-{number:06}")
}

/// Bytes of one request.
fn own_bytes(client: &HazelcastClient) -> usize {
    use gridwire_tokio::core::invoker::Invoker;
    let key = client.codec().to_data(&key(0)).unwrap();
    let mut out = FrameWriter::default();
    Get { name: "calls".into(), key, thread_id: 0 }.encode(Version::NEWEST, &mut out);
    out.finish().len()
}

#[test]
fn many_calls_in_flight_take_little_and_none_starves() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    LocalSet::new().block_on(&runtime, async {
        let client = joined().await;
        let map = client.map::<String, i64>("calls");
        // Whatever is done once is done.
        map.put("key-000000", &1).await.unwrap();

        let region = Region::new(ALLOCATOR);
        let mut calls = Vec::with_capacity(CALLS);
        for n in 0..CALLS {
            let mut call = map.get(&key(n));
            let mut cx = Context::from_waker(Waker::noop());
            assert!(Pin::new(&mut call).poll(&mut cx).is_pending());
            calls.push(call);
        }
        let change = region.change();
        let taken = (change.bytes_allocated - change.bytes_deallocated) / CALLS;
        let own = own_bytes(&client);
        println!("a call in flight takes {taken} B, {own} B of them its own");
        assert!(taken <= EACH + own, "{taken} B, {own} B of them its own");

        // They end in the order in which they began, but for those whose tasks run in another one.
        let order = Rc::new(RefCell::new(Vec::with_capacity(CALLS)));
        for (n, call) in calls.into_iter().enumerate() {
            let order = Rc::clone(&order);
            tokio::task::spawn_local(async move {
                call.await.unwrap();
                order.borrow_mut().push(n);
            });
        }
        while order.borrow().len() < CALLS {
            tokio::task::yield_now().await;
        }
        let late = order.borrow().iter().enumerate().map(|(place, n)| place.abs_diff(*n)).max();
        assert!(late <= Some(CALLS / 50), "{late:?} places from its turn");
    });
}
