//! Calls and subscriptions against the toy's server on the same event loop.

use std::sync::Arc;

use bytes::Bytes;
use gridwire_core::call::Failure;
use gridwire_core::invoker::{Delivered, Invoker};
use gridwire_driver::{Client, Runtime, Server};

use super::support::*;
use super::toy::client::ToyClient;
use super::toy::server::ToyServer;
use super::toy::{self, Op};

fn bytes(text: &str) -> Bytes {
    Bytes::copy_from_slice(text.as_bytes())
}

pub async fn every_shape_of_call<R: Runtime>(runtime: &R) {
    let (server, client) = joined(runtime).await;
    assert_eq!(client.invoke(toy::local(b"known")).await.unwrap(), "known");
    assert_eq!(client.invoke(toy::echo("hello")).await.unwrap(), "hello");
    assert_eq!(client.invoke(toy::work(b"ab")).await.unwrap(), "ab");
    client.invoke(toy::store(3, b"shaped")).await.unwrap();
    // The schema is fetched while opening, then known.
    for _ in 0..2 {
        let (_, value) = client.invoke(toy::load()).await.unwrap();
        assert_eq!(value, "shaped");
    }
    let offsets = join_all((0..3u8).map(|n| client.invoke(toy::append(&[n])))).await;
    let mut offsets: Vec<u32> = offsets.into_iter().map(Result::unwrap).collect();
    offsets.sort_unstable();
    assert_eq!(offsets, [0, 1, 2]);

    let mut news = client.listen(toy::subscribe());
    news.registered().await.unwrap();
    let mut waiting = client.invoke(toy::poll(60_000)).send();
    assert!(poll_once(&mut waiting).await.is_pending());
    client.invoke(toy::plain(Op::Publish, "extra")).await.unwrap();
    assert_eq!(waiting.await.unwrap(), "extra");
    assert_eq!(news.next().await.unwrap().unwrap(), Delivered::Item(bytes("extra")));
    client.close().await;
    server.shutdown().await;
}

pub async fn many_tasks_at_once<R: Runtime>(runtime: &R) {
    let (_server, client) = joined(runtime).await;
    let latch = Latch::new(64);
    for task in 0..64 {
        let (client, latch) = (client.clone(), latch.clone());
        runtime.spawn(async move {
            for round in 0..50 {
                let payload = format!("{task}:{round}");
                let echoed = client.invoke(toy::echo(payload.clone())).await;
                assert_eq!(echoed.as_deref(), Ok(payload.as_bytes()));
            }
            latch.count_down();
        });
    }
    latch.wait().await;
}

pub async fn many_threads_at_once<R: Runtime>(runtime: &R) {
    let (_server, client) = joined(runtime).await;
    let latch = Latch::new(4);
    for thread in 0..4 {
        let (client, latch) = (client.clone(), latch.clone());
        std::thread::spawn(move || {
            futures_lite::future::block_on(async {
                for round in 0..100 {
                    let payload = format!("{thread}:{round}");
                    let echoed = client.invoke(toy::echo(payload.clone())).await;
                    assert_eq!(echoed.as_deref(), Ok(payload.as_bytes()));
                }
            });
            drop(client);
            latch.count_down();
        });
    }
    latch.wait().await;
}

pub async fn sent_first_and_awaited_later<R: Runtime>(runtime: &R) {
    let (_server, client) = joined(runtime).await;
    let calls: Vec<_> = (0..100).map(|n| client.invoke(toy::echo(n.to_string())).send()).collect();
    for (n, call) in calls.into_iter().enumerate() {
        assert_eq!(call.await.unwrap(), n.to_string());
    }
}

pub async fn dropped_before_the_first_poll<R: Runtime>(runtime: &R) {
    let (server, client) = joined(runtime).await;
    drop(client.invoke(toy::take()));
    client.invoke(toy::echo("after")).await.unwrap();
    assert_eq!(server.with(|server, _| server.seen.clone()), [Op::Echo as u8]);
}

/// Tokens come back: asked again and again, since giving is nobody's call.
async fn all_given_back<R: Runtime>(server: &Server<ToyServer, R>, client: &Client<ToyClient, R>) {
    for _ in 0..10_000 {
        if server.with(|server, _| server.tokens_out.is_empty()) {
            return;
        }
        client.invoke(toy::echo("")).await.unwrap();
    }
    panic!("tokens are still out");
}

pub async fn dropped_in_flight_is_undone<R: Runtime>(runtime: &R) {
    let (server, client) = joined(runtime).await;
    for _ in 0..20 {
        drop(client.invoke(toy::take()).send());
    }
    client.invoke(toy::echo("after")).await.unwrap();
    let taken = server.with(|server, _| server.seen.contains(&(Op::Take as u8)));
    assert!(taken, "the first was written at once");
    all_given_back(&server, &client).await;
}

pub async fn dropped_after_its_end_is_undone<R: Runtime>(runtime: &R) {
    let (server, client) = joined(runtime).await;
    let take = client.invoke(toy::take()).send();
    // Answers come in order: when this one is here, the other is too.
    client.invoke(toy::echo("after")).await.unwrap();
    assert_eq!(server.with(|server, _| server.tokens_out.len()), 1);
    drop(take);
    all_given_back(&server, &client).await;
}

pub async fn closing_ends_every_call<R: Runtime>(runtime: &R) {
    let (_server, client) = joined(runtime).await;
    let mut calls: Vec<_> = (0..10).map(|_| client.invoke(toy::poll(600_000))).collect();
    for call in &mut calls {
        assert!(poll_once(call).await.is_pending());
    }
    let mut news = client.listen(toy::subscribe());
    news.registered().await.unwrap();
    let never_polled = client.invoke(toy::echo("late"));
    client.close().await;
    for call in calls {
        assert_eq!(failure(call.await), Failure::ShutDown);
    }
    assert_eq!(news.next().await, Some(Err(Failure::ShutDown.into())));
    assert_eq!(news.next().await, None);
    assert_eq!(failure(never_polled.await), Failure::ShutDown);
    assert_eq!(failure(client.invoke(toy::echo("later")).await), Failure::ShutDown);
    assert!(client.listen(toy::subscribe()).next().await.unwrap().is_err());
    client.close().await;
}

pub async fn a_slow_reader_is_told_what_it_missed<R: Runtime>(runtime: &R) {
    let (_server, client) = joined(runtime).await;
    let mut news = client.listen(toy::subscribe().capacity(4));
    news.registered().await.unwrap();
    for n in 0..10 {
        client.invoke(toy::plain(Op::Publish, n.to_string())).await.unwrap();
    }
    for n in 0..4 {
        assert_eq!(news.next().await.unwrap().unwrap(), Delivered::Item(bytes(&n.to_string())));
    }
    assert_eq!(news.next().await.unwrap().unwrap(), Delivered::Missed(6));
    client.invoke(toy::plain(Op::Publish, "again")).await.unwrap();
    assert_eq!(news.next().await.unwrap().unwrap(), Delivered::Item(bytes("again")));
}

pub async fn a_server_that_shuts_down_ends_its_connections<R: Runtime>(runtime: &R) {
    let server = serve(runtime);
    let engine = Watched::new(config(server.local_addr()));
    let seen = Arc::clone(&engine.seen);
    let client = Client::drive(runtime, engine);
    client.connected().await.unwrap();
    let mut call = client.invoke(toy::poll(600_000));
    assert!(poll_once(&mut call).await.is_pending());
    server.shutdown().await;
    assert!(matches!(failure(call.await), Failure::Indeterminate(_)));
    assert_eq!(seen.closed.lock().unwrap().len(), 1);
    client.close().await;
    assert!(server.event().await.is_none());
}

pub async fn a_reader_that_was_held_back_goes_on<R: Runtime>(runtime: &R) {
    // More answers at once than the engine queues events for: it stops and is offered the rest.
    let (_server, client) = joined(runtime).await;
    let calls: Vec<_> = (0..1000).map(|n| client.invoke(toy::echo(n.to_string())).send()).collect();
    let echoed = join_all(calls).await;
    for (n, result) in echoed.into_iter().enumerate() {
        assert_eq!(result.unwrap(), n.to_string());
    }
}
