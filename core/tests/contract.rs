//! The engine's contract, tried with a toy protocol: one test per shape of call, then what goes
//! wrong.

mod toy;

use std::time::Duration;

use bytes::Bytes;
use gridwire_core::call::{
    Call, Caller, ClientEvent, Failure, Listen, Order, Plan, SubscriptionId, Ticket, Unopened,
};
use gridwire_core::endpoint::{Cause, Endpoint, Engine, Start, Target};
use gridwire_core::invoker::{Detached, Invoker};
use gridwire_core::links::LinkLimits;
use gridwire_core::subscription::Queue;
use gridwire_core::time::Instant;
use toy::client::{Config, ToyClient};
use toy::pipe::Pipe;
use toy::server::ToyServer;
use toy::{Op, Request, Toy, ToyError};

type Joined = Pipe<ToyClient, ToyServer>;

fn config() -> Config {
    Config {
        targets: vec![Target::new("a", 1), Target::new("a", 2)],
        timeout: Some(Duration::from_secs(5)),
        limits: LinkLimits { high_water: 4096, events: 8 },
    }
}

fn client(config: Config) -> ToyClient {
    ToyClient::start(config, Start { seed: [7; 32], unix_at_zero: Duration::ZERO })
}

fn joined() -> Joined {
    let mut pipe = Pipe::new(client(config()), ToyServer::default());
    pipe.run();
    pipe.events.clear();
    pipe
}

/// The end of a call, if it has ended.
fn end(pipe: &mut Joined, ticket: Ticket) -> Option<Result<toy::Answer, ToyError>> {
    pipe.run();
    let place = pipe
        .events
        .iter()
        .position(|event| matches!(event, ClientEvent::Done(ended, _) if *ended == ticket))?;
    match pipe.events.remove(place) {
        Some(ClientEvent::Done(_, result)) => Some(result),
        _ => None,
    }
}

/// Runs a call as an adapter does: submit, wait, open, and meet what opening needs.
fn run<R: 'static>(pipe: &mut Joined, call: Call<Toy, R>) -> Result<R, ToyError> {
    let ticket = pipe.client.submit(pipe.now, call.order);
    let answer = end(pipe, ticket).expect("the call ends")?;
    let codec = pipe.client.codec();
    loop {
        match call.opener.open(&answer, &codec) {
            Ok(value) => return Ok(value),
            Err(Unopened::Failed(error)) => return Err(error),
            Err(Unopened::Needs(need)) => {
                let ticket = pipe.client.submit(pipe.now, Order::new(need.plan));
                let fetched = end(pipe, ticket).expect("the fetch ends")?;
                (need.learn)(&fetched, &codec)?;
            }
        }
    }
}

fn listen(pipe: &mut Joined, listen: Listen<Toy, Bytes>) -> SubscriptionId {
    let (ticket, id) = pipe.client.subscribe(pipe.now, listen.listen);
    end(pipe, ticket).expect("registered").expect("registered");
    id
}

#[test]
fn done_without_a_request() {
    let mut pipe = joined();
    assert_eq!(run(&mut pipe, toy::local(b"known")).unwrap(), "known");
    assert!(pipe.server.seen.is_empty());
    let failed: Call<Toy, ()> = Call::fail(ToyError::Remote(Bytes::from_static(b"wrong")));
    assert_eq!(run(&mut pipe, failed), Err(ToyError::Remote(Bytes::from_static(b"wrong"))));
}

#[test]
fn one_request() {
    let mut pipe = joined();
    assert_eq!(run(&mut pipe, toy::echo("hello")).unwrap(), "hello");
    let doubled = toy::echo("hello").map(|bytes| bytes.len() * 2);
    assert_eq!(run(&mut pipe, doubled).unwrap(), 10);
}

#[test]
fn several_steps_and_the_second_call_finds_what_the_first_opened() {
    let mut pipe = joined();
    assert_eq!(run(&mut pipe, toy::work(b"one")).unwrap(), "one");
    assert_eq!(run(&mut pipe, toy::work(b"two")).unwrap(), "two");
    assert_eq!(pipe.server.seen, [Op::Session as u8, Op::Work as u8, Op::Work as u8]);
}

#[test]
fn a_request_that_must_go_first() {
    let mut pipe = joined();
    run(&mut pipe, toy::store(3, b"value")).unwrap();
    run(&mut pipe, toy::store(3, b"again")).unwrap();
    assert_eq!(pipe.server.seen, [Op::Define as u8, Op::Store as u8, Op::Store as u8]);
}

#[test]
fn a_fetch_while_opening() {
    let mut pipe = joined();
    run(&mut pipe, toy::store(3, b"value")).unwrap();
    pipe.server.seen.clear();
    let expected = (Bytes::from_static(b"schema"), Bytes::from_static(b"value"));
    assert_eq!(run(&mut pipe, toy::load()).unwrap(), expected);
    assert_eq!(run(&mut pipe, toy::load()).unwrap(), expected);
    assert_eq!(pipe.server.seen, [Op::Load as u8, Op::Fetch as u8, Op::Load as u8]);
}

#[test]
fn undo_after_abandonment() {
    let mut pipe = joined();
    let token = run(&mut pipe, toy::take()).unwrap();
    assert_eq!(pipe.server.tokens_out, [token]);

    pipe.hold_server = true;
    let ticket = pipe.client.submit(pipe.now, toy::take().order);
    pipe.run();
    assert_eq!(pipe.server.tokens_out.len(), 2, "the server has granted it");
    pipe.client.cancel(pipe.now, ticket);
    pipe.hold_server = false;
    assert_eq!(end(&mut pipe, ticket).map(|_| ()), None, "nobody is told of a cancelled call");
    assert_eq!(pipe.server.tokens_out, [token], "what came too late was given back");
}

#[test]
fn a_timeout_is_an_abandonment_too() {
    let mut pipe = joined();
    pipe.hold_server = true;
    let ticket = pipe.client.submit(pipe.now, toy::take().timeout(Duration::from_secs(1)).order);
    pipe.pass(Duration::from_secs(1));
    let error = end(&mut pipe, ticket).unwrap().unwrap_err();
    assert_eq!(error, Failure::TimedOut { sent: true }.into());
    pipe.hold_server = false;
    pipe.run();
    assert!(pipe.server.tokens_out.is_empty());
}

#[test]
fn a_subscription_that_lags() {
    let mut pipe = joined();
    let id = listen(&mut pipe, toy::subscribe());
    for n in 0..20u8 {
        run(&mut pipe, toy::plain(Op::Publish, vec![n])).unwrap();
    }
    // The reader keeps at most five: what an adapter does with the events.
    let mut queue = Queue::new(5);
    while let Some(event) = pipe.events.pop_front() {
        if let ClientEvent::Item(from, item) = event {
            assert_eq!(from, id);
            queue.push(item);
        }
    }
    let read: Vec<_> = std::iter::from_fn(|| queue.pop()).collect();
    assert_eq!(read.len(), 6);
    assert_eq!(read[5], gridwire_core::invoker::Delivered::Missed(15));

    pipe.client.unsubscribe(pipe.now, id);
    run(&mut pipe, toy::plain(Op::Publish, "late")).unwrap();
    assert!(!pipe.events.iter().any(|event| matches!(event, ClientEvent::Item(..))));
}

#[test]
fn pinned_to_a_connection() {
    let mut pipe = joined();
    let [first, second] = pipe.client.connections().try_into().unwrap();
    for conn in [first, second] {
        let request = Request { pinned: Some(conn), ..Request::new(Op::Echo, "here") };
        let ticket = pipe.client.submit(pipe.now, Order::new(Plan::One(request)));
        assert_eq!(end(&mut pipe, ticket).unwrap().unwrap().conn, Some(conn));
    }
    pipe.reset(first);
    let request = Request { pinned: Some(first), ..Request::new(Op::Echo, "gone") };
    let ticket = pipe.client.submit(pipe.now, Order::new(Plan::One(request)));
    let error = end(&mut pipe, ticket).unwrap().unwrap_err();
    assert_eq!(error, Failure::NotSent(Cause::Local).into());
}

#[test]
fn batched_sends_share_a_message_and_each_has_its_own_end() {
    let mut pipe = joined();
    let calls: Vec<_> = (0..10).map(|n| toy::append(&[n])).collect();
    let mut tickets = Vec::new();
    let codec = pipe.client.codec();
    for call in calls {
        tickets.push((pipe.client.submit(pipe.now, call.order), call.opener));
    }
    let offsets: Vec<_> = tickets
        .into_iter()
        .map(|(ticket, opener)| {
            opener.open(&end(&mut pipe, ticket).unwrap().unwrap(), &codec).unwrap()
        })
        .collect();
    assert_eq!(offsets, (0..10).collect::<Vec<_>>());
    assert_eq!(pipe.server.batches, 1);
}

#[test]
fn a_long_poll_ends_by_what_it_waits_for_or_by_its_time() {
    let mut pipe = joined();
    let ticket = pipe.client.submit(pipe.now, toy::poll(2_000).order);
    pipe.pass(Duration::from_millis(1_900));
    assert!(end(&mut pipe, ticket).is_none());
    run(&mut pipe, toy::plain(Op::Publish, "news")).unwrap();
    assert_eq!(end(&mut pipe, ticket).unwrap().unwrap().body, "news");

    let ticket = pipe.client.submit(pipe.now, toy::poll(2_000).order);
    pipe.pass(Duration::from_secs(2));
    assert_eq!(end(&mut pipe, ticket).unwrap().unwrap().body, "");
}

#[test]
fn a_detached_proxy_gives_the_call_itself() {
    /// A proxy as families write them: generic over who runs its calls.
    struct Echo<I>(I);
    impl<I: Invoker<Family = Toy>> Echo<I> {
        fn echo(&self, payload: &'static str) -> I::Invocation<Bytes> {
            self.0.invoke(toy::echo(payload))
        }
    }
    let mut pipe = joined();
    let proxy = Echo(Detached::new(pipe.client.codec()));
    assert_eq!(run(&mut pipe, proxy.echo("by proxy")).unwrap(), "by proxy");
}

#[test]
fn all_messages_of_one_drain_are_one_send() {
    let mut pipe = joined();
    pipe.sends = 0;
    let tickets: Vec<_> =
        (0..64).map(|_| pipe.client.submit(pipe.now, toy::echo("x").order)).collect();
    pipe.run();
    assert_eq!(pipe.sends, 2, "one for each connection");
    assert!(tickets.into_iter().all(|ticket| end(&mut pipe, ticket).is_some()));
}

#[test]
fn late_answers_are_dropped_and_unknown_ids_end_the_connection() {
    let mut pipe = joined();
    let conn = pipe.client.connections()[0];
    run(&mut pipe, toy::echo("first")).unwrap();
    pipe.inject(conn, &toy::message(1, toy::ANSWER, b"again"));
    assert_eq!(pipe.client.connections().len(), 2);
    pipe.inject(conn, &toy::message(99, toy::ANSWER, b"whose?"));
    assert_eq!(pipe.client.connections().len(), 1);
    assert!(pipe.events.iter().any(|event| matches!(event, ClientEvent::Note(_))));
    assert_eq!(run(&mut pipe, toy::echo("the other lives")).unwrap(), "the other lives");
}

#[test]
fn a_reader_that_falls_behind_is_resumed_and_loses_nothing() {
    let mut pipe = joined();
    let conn = pipe.client.connections()[0];
    let request = Request { pinned: Some(conn), ..Request::new(Op::Echo, "x") };
    let tickets: Vec<_> = (0..50)
        .map(|_| pipe.client.submit(pipe.now, Order::new(Plan::One(request.clone()))))
        .collect();
    // Fifty answers in one piece, eight events at a time.
    for ticket in tickets {
        assert!(end(&mut pipe, ticket).unwrap().is_ok());
    }
}

#[test]
fn above_the_high_water_mark_calls_are_refused_and_told_of_room() {
    let mut client = client(Config { targets: vec![Target::new("a", 1)], ..config() });
    let Some(gridwire_core::endpoint::Output::Open { conn, .. }) = client.poll_output() else {
        panic!("no connection asked for")
    };
    let now = Instant::ZERO;
    client.handle(
        now,
        gridwire_core::endpoint::Input::Opened {
            conn,
            peer: &gridwire_core::endpoint::Peer::default(),
        },
    );
    for _ in 0..2 {
        client.submit(now, toy::echo(vec![0; 4096]).order);
    }
    let mut sent = 0;
    let mut refused = 0;
    while let Some(output) = client.poll_output() {
        match output {
            gridwire_core::endpoint::Output::Send { data, .. } => {
                sent += data.iter().map(Bytes::len).sum::<usize>();
            }
            gridwire_core::endpoint::Output::Event(ClientEvent::Done(_, Err(error))) => {
                assert!(matches!(error, ToyError::Call(Failure::Overloaded(_))));
                refused += 1;
            }
            _ => {}
        }
    }
    assert_eq!(refused, 1);
    client.handle(now, gridwire_core::endpoint::Input::Sent { conn, bytes: sent });
    let event = client.poll_output();
    assert!(matches!(event, Some(gridwire_core::endpoint::Output::Event(ClientEvent::Room(_)))));
}

#[test]
fn every_call_ends_once_when_connections_break_and_at_shutdown() {
    let mut pipe = joined();
    pipe.hold_server = true;
    let tickets: Vec<_> =
        (0..6).map(|_| pipe.client.submit(pipe.now, toy::echo("x").order)).collect();
    pipe.run();
    let conn = pipe.client.connections()[0];
    pipe.reset(conn);
    let broken = |event: &ClientEvent<Toy>| {
        matches!(
            event,
            ClientEvent::Done(_, Err(ToyError::Call(Failure::Indeterminate(Cause::Reset))))
        )
    };
    assert_eq!(pipe.events.iter().filter(|event| broken(event)).count(), 3);
    pipe.client.shut_down(pipe.now);
    pipe.client.shut_down(pipe.now);
    pipe.hold_server = false;
    pipe.run();
    for ticket in &tickets {
        let ends = pipe
            .events
            .iter()
            .filter(|event| matches!(event, ClientEvent::Done(ended, _) if ended == ticket));
        assert_eq!(ends.count(), 1);
    }
    assert!(matches!(pipe.events.back(), Some(ClientEvent::ShutDown(Ok(())))));
}

#[test]
fn stale_and_invented_connection_ids_are_ignored() {
    let mut pipe = joined();
    let conn = pipe.client.connections()[0];
    pipe.reset(conn);
    let mut data = bytes::BytesMut::from(&toy::message(1, 0, b"")[..]);
    let invented = gridwire_core::endpoint::ConnId::from_u64(u64::MAX);
    for conn in [conn, invented] {
        pipe.client
            .handle(pipe.now, gridwire_core::endpoint::Input::Received { conn, data: &mut data });
        pipe.client.handle(pipe.now, gridwire_core::endpoint::Input::Sent { conn, bytes: 5 });
        pipe.client
            .handle(pipe.now, gridwire_core::endpoint::Input::Closed { conn, cause: Cause::Eof });
    }
    assert_eq!(run(&mut pipe, toy::echo("still here")).unwrap(), "still here");
}
