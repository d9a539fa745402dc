//! An XCP client and an agent joined in memory: calls, order, backpressure, loss.
#![cfg(feature = "xcp")]

mod xcp;

use std::time::Duration;

use bytes::Bytes;
use gridwire_core::call::{Caller, ClientEvent, Failure, Lifecycle, Order, Plan};
use gridwire_core::endpoint::{Cause, Endpoint};
use gridwire_core::invoker::Detached;
use gridwire_core::xcp::client::Config;
use gridwire_core::xcp::message::{Kind, Text};
use gridwire_core::xcp::server::{self, Handling, Reply};
use gridwire_core::xcp::session::Extensions;
use gridwire_core::xcp::{Agent, CodecId, Error, Ether, NackCode, Request, Xcp};
use serde_json::json;
use xcp::pipe::Pipe;

fn plain(mut config: Config) -> Config {
    config.terms.extensions = Extensions::default();
    config
}

fn config() -> Config {
    Config::to("agent", 9944)
}

fn asking() -> server::Config {
    server::Config { handling: Handling::Ask, ..server::Config::default() }
}

fn agent(pipe: &Pipe) -> Agent<Detached<Xcp>> {
    Agent::new(Detached::new(pipe.client.codec()))
}

fn ether(n: u64) -> Ether {
    let json = json!({ "kind": "n", "schema_version": 1, "payload": { "n": n } });
    Ether::from_json(json).unwrap()
}

fn number(ether: &Ether) -> u64 {
    ether.payload["n"].as_u64().unwrap()
}

#[test]
fn says_hello_and_echoes() {
    for seed in 0..50 {
        for config in [config(), plain(config())] {
            let is_plain = config == plain(config.clone());
            let mut pipe = Pipe::new(seed, config, server::Config::default());
            let agent = agent(&pipe);
            assert_eq!(pipe.call(agent.send(&ether(7))), Ok(ether(7)), "seed {seed}");
            let asked = Text { text: "Grüße".into() };
            assert_eq!(pipe.call(agent.ask::<_, Text>(&asked)), Ok(asked));
            assert_eq!(pipe.call(agent.ping()), Ok(Duration::ZERO));
            assert_eq!(pipe.call(agent.tell(&ether(8))), Ok(()));
            let (_, agreed) = pipe.client.agreed().next().unwrap();
            assert_eq!((agreed.is_plain(), &agreed.codecs[..]), (is_plain, &[CodecId::JSON][..]));
        }
    }
}

#[test]
fn many_calls_over_several_connections_end_once_each() {
    for seed in 0..20 {
        let mut pipe = Pipe::new(seed, Config { connections: 3, ..config() }, asking());
        let agent = agent(&pipe);
        let mut tickets: Vec<_> = (0..100)
            .map(|n| (n, pipe.client.submit(pipe.now, agent.send(&ether(n)).order)))
            .collect();
        pipe.run();
        // Answered in the order that the agent's user likes.
        let mut requests: Vec<_> = std::iter::from_fn(|| pipe.asked()).collect();
        assert_eq!(requests.len(), 100);
        requests.reverse();
        for request in requests {
            let n = number(&request.ether.unwrap());
            pipe.agent.reply(pipe.now, request.id, Reply::Ether(ether(n + 1000))).unwrap();
        }
        for (n, ticket) in tickets.drain(..) {
            let answer = pipe.end(ticket).unwrap().unwrap();
            assert_eq!(number(&answer.ether().unwrap()), n + 1000, "seed {seed}");
            assert!(pipe.end(ticket).is_none());
        }
    }
}

#[test]
fn a_plain_peer_gets_replies_in_order() {
    let mut pipe = Pipe::new(1, plain(config()), asking());
    let agent = agent(&pipe);
    let tickets: Vec<_> =
        (0..3).map(|n| pipe.client.submit(pipe.now, agent.send(&ether(n)).order)).collect();
    let ping = pipe.client.submit(pipe.now, agent.ping().order);
    let requests: Vec<_> = std::iter::from_fn(|| pipe.asked()).collect();
    for n in [2, 1] {
        pipe.agent.reply(pipe.now, requests[n].id, Reply::Ack).unwrap();
        assert!(pipe.end(tickets[n]).is_none(), "{n} waits for 0");
    }
    assert!(pipe.end(ping).is_none());
    pipe.agent.reply(pipe.now, requests[0].id, Reply::Ack).unwrap();
    assert!(tickets.into_iter().all(|ticket| pipe.end(ticket).unwrap().is_ok()));
    assert!(pipe.end(ping).unwrap().is_ok());
    let again = pipe.agent.reply(pipe.now, requests[0].id, Reply::Ack);
    assert!(matches!(again, Err(Error::Misuse(_))));
}

#[test]
fn refusals_reach_the_caller_with_their_code() {
    let mut agent_config = server::Config::default();
    agent_config.terms.codecs.push(CodecId::TENSOR_F32);
    let mut config = config();
    config.terms.codecs.extend([CodecId::TENSOR_F32, CodecId::ARROW_IPC]);
    let mut pipe = Pipe::new(3, config, agent_config);
    let agent = agent(&pipe);
    let mut refused = |request: Request| {
        let ticket = pipe.client.submit(pipe.now, Order::new(Plan::One(request)));
        match pipe.end(ticket).unwrap() {
            Err(Error::Nack { code, .. }) => code,
            other => panic!("{other:?}"),
        }
    };
    let body = Bytes::from_static;
    assert_eq!(refused(Request::data(CodecId::JSON, body(b"raw"))), NackCode::CODEC_UNSUPPORTED);
    assert_eq!(refused(Request::data(CodecId::JSON, body(b"{}"))), NackCode::KIND_MISMATCH);
    let mut request = Request::ether(&ether(1));
    request.schema_key.kind_id = 5;
    assert_eq!(refused(request.clone()), NackCode::KIND_MISMATCH);
    request.schema_key.hash128 = [1; 16];
    assert_eq!(refused(request), NackCode::SCHEMA_UNKNOWN);
    let mut text = Request::ether(&Text { text: "t".into() }.to_ether().unwrap());
    text.schema_key.kind_id = 0x6EA7_E21B;
    text.schema_key.major = 2;
    assert_eq!(refused(text.clone()), NackCode::SCHEMA_UNKNOWN);
    text.schema_key.major = 1;
    let ticket = pipe.client.submit(pipe.now, Order::new(Plan::One(text)));
    assert!(pipe.end(ticket).unwrap().is_ok());

    // Agreed codecs are carried unread; others are not even sent.
    let tensor = pipe.call(agent.send_body(CodecId::TENSOR_F32, body(b"\0\xff"))).unwrap();
    assert_eq!((tensor.header.body_codec, &tensor.body[..]), (CodecId::TENSOR_F32, &b"\0\xff"[..]));
    let arrow = pipe.call(agent.send_body(CodecId::ARROW_IPC, Bytes::new()));
    assert!(matches!(arrow, Err(Error::Unsupported(_))));
}

#[test]
fn an_agent_may_refuse_for_a_while() {
    let mut pipe = Pipe::new(4, config(), asking());
    let agent = agent(&pipe);
    let ticket = pipe.client.submit(pipe.now, agent.send(&ether(1)).order);
    let request = pipe.asked().unwrap();
    let retry_after = Duration::from_millis(250);
    let code = NackCode(0x9001);
    pipe.agent.reply(pipe.now, request.id, Reply::Nack { code, retry_after }).unwrap();
    assert_eq!(pipe.end(ticket), Some(Err(Error::Nack { code, retry_after })));
}

#[test]
fn messages_above_the_limit_are_refused_and_skipped() {
    let mut agent_config = server::Config::default();
    agent_config.terms.max_message_bytes = 10_000;
    for config in [config(), plain(config())] {
        let mut pipe = Pipe::new(5, config, agent_config.clone());
        let agent = agent(&pipe);
        let large = Text { text: "x".repeat(20_000).as_str().into() }.to_ether().unwrap();
        let code = NackCode::MESSAGE_TOO_LARGE;
        let refused = Error::Nack { code, retry_after: Duration::ZERO };
        assert_eq!(pipe.call(agent.send(&large)), Err(refused));
        assert_eq!(pipe.call(agent.send(&ether(1))), Ok(ether(1)), "the stream goes on");
        // Far above the limit nothing is skipped: the connection ends.
        let huge = Text { text: "x".repeat(50_000).as_str().into() }.to_ether().unwrap();
        let lost = pipe.call(agent.send(&huge));
        assert_eq!(lost, Err(Failure::Indeterminate(Cause::Eof).into()));
        pipe.pass(Duration::from_secs(1));
        assert_eq!(pipe.call(agent.send(&ether(2))), Ok(ether(2)), "it has reconnected");
    }
}

#[test]
fn a_call_that_ended_keeps_its_place() {
    let mut pipe = Pipe::new(6, plain(config()), asking());
    let agent = agent(&pipe);
    let first = pipe.client.submit(pipe.now, agent.send(&ether(1)).order);
    let timed = agent.clone().timeout(Duration::from_secs(1)).send(&ether(2)).order;
    let second = pipe.client.submit(pipe.now, timed);
    let third = pipe.client.submit(pipe.now, agent.send(&ether(3)).order);
    pipe.run();
    pipe.client.cancel(pipe.now, first);
    pipe.pass(Duration::from_secs(1));
    assert_eq!(pipe.end(second), Some(Err(Failure::TimedOut { sent: true }.into())));
    for request in std::iter::from_fn(|| pipe.asked()).collect::<Vec<_>>() {
        let reply = Reply::Ether(request.ether.unwrap());
        pipe.agent.reply(pipe.now, request.id, reply).unwrap();
    }
    assert_eq!(number(&pipe.end(third).unwrap().unwrap().ether().unwrap()), 3);
    assert!(pipe.end(first).is_none() && pipe.end(second).is_none());
}

#[test]
fn late_answers_are_dropped_and_ids_never_given_out_end_the_connection() {
    let frame = |re: u64| {
        let header = format!("{{\"inReplyTo\":{re}}}");
        let frame = gridwire_core::xcp::frame::encode(
            2,
            Default::default(),
            header.as_bytes(),
            Bytes::from_static(b"{}"),
            Default::default(),
        );
        xcp::pipe::flat(frame.unwrap())
    };
    for config in [config(), plain(config())] {
        let mut pipe = Pipe::new(7, config, server::Config::default());
        let agent = agent(&pipe);
        pipe.call(agent.send(&ether(1))).unwrap();
        pipe.inject(&frame(1));
        assert_eq!(pipe.client.agreed().count(), 1, "late is no fault");
        pipe.inject(&frame(2));
        assert_eq!(pipe.client.agreed().count(), 0, "2 was never given out");
        pipe.pass(Duration::from_secs(1));
        assert_eq!(pipe.call(agent.send(&ether(2))), Ok(ether(2)));
    }
}

#[test]
fn what_was_not_sent_survives_a_reset_and_what_may_have_been_does_not() {
    let mut pipe = Pipe::new(8, config(), server::Config::default());
    let agent = agent(&pipe);
    pipe.call(agent.send(&ether(0))).unwrap();
    pipe.stalled = true;
    let unsent = pipe.client.submit(pipe.now, agent.send(&ether(1)).order);
    pipe.run();
    pipe.stalled = false;
    pipe.reset();
    assert!(
        pipe.events
            .iter()
            .any(|event| matches!(event, ClientEvent::Lifecycle(Lifecycle::Disconnected)))
    );
    pipe.pass(Duration::from_secs(1));
    assert!(pipe.end(unsent).unwrap().is_ok());

    let mut pipe = Pipe::new(9, config(), asking());
    let sent = pipe.client.submit(pipe.now, agent.send(&ether(1)).order);
    let mut request = Request::ether(&ether(2));
    request.idempotent = true;
    let again = pipe.client.submit(pipe.now, Order::new(Plan::One(request)));
    assert_eq!(std::iter::from_fn(|| pipe.asked()).count(), 2);
    pipe.reset();
    let failure = Failure::Indeterminate(Cause::Reset);
    assert_eq!(pipe.end(sent), Some(Err(failure.into())));
    assert_eq!(pipe.end(again), None);
    pipe.pass(Duration::from_secs(1));
    let request = pipe.asked().unwrap();
    pipe.agent.reply(pipe.now, request.id, Reply::Ack).unwrap();
    assert!(pipe.end(again).unwrap().is_ok());
}

#[test]
fn calls_wait_for_an_agent_that_is_away_and_a_client_may_give_up() {
    let mut pipe = Pipe::new(10, config(), server::Config::default());
    pipe.refuse = true;
    let agent = agent(&pipe);
    let waiting = pipe.client.submit(pipe.now, agent.send(&ether(1)).order);
    let timed = agent.clone().timeout(Duration::from_secs(5)).send(&ether(2)).order;
    let timed = pipe.client.submit(pipe.now, timed);
    pipe.pass(Duration::from_secs(6));
    assert_eq!(pipe.end(timed), Some(Err(Failure::TimedOut { sent: false }.into())));
    pipe.refuse = false;
    pipe.pass(Duration::from_secs(15));
    assert!(pipe.end(waiting).unwrap().is_ok());

    let mut config = config();
    config.reconnect.give_up_after = Some(Duration::from_secs(3));
    let mut pipe = Pipe::new(11, config, server::Config::default());
    pipe.refuse = true;
    let waiting = pipe.client.submit(pipe.now, agent.send(&ether(1)).order);
    pipe.pass(Duration::from_secs(4));
    let gone = Error::Call(Failure::NotConnected(Cause::Refused));
    assert_eq!(pipe.end(waiting), Some(Err(gone.clone())));
    match pipe.events.back() {
        Some(ClientEvent::ShutDown(Err(error))) => assert_eq!(*error, gone),
        other => panic!("{other:?}"),
    }
    let late = pipe.client.submit(pipe.now, agent.send(&ether(1)).order);
    assert_eq!(pipe.end(late), Some(Err(Failure::ShutDown.into())));
    assert_eq!(pipe.client.deadline(), None);
}
