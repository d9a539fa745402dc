//! Peers that misbehave: scripted threads with blocking sockets.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::Duration;

use gridwire_core::call::Failure;
use gridwire_core::endpoint::{Cause, Target};
use gridwire_core::invoker::Invoker;
use gridwire_driver::{Client, Runtime};

use super::support::*;
use super::toy::client::Config;
use super::toy::{self, ToyError};

/// A peer that does `script` with its first connection.
fn peer<T: Send + 'static>(
    script: impl FnOnce(TcpStream) -> T + Send + 'static,
) -> (Config, JoinHandle<T>) {
    let listener = TcpListener::bind(LOCAL).unwrap();
    let config = config(listener.local_addr().unwrap());
    (config, std::thread::spawn(move || script(listener.accept().unwrap().0)))
}

fn watched<R: Runtime>(runtime: &R, config: Config) -> (Client<Watched, R>, Arc<Seen>) {
    let engine = Watched::new(config);
    let seen = Arc::clone(&engine.seen);
    (Client::drive(runtime, engine), seen)
}

pub async fn a_refused_port_is_an_error<R: Runtime>(runtime: &R) {
    // Nobody's: a port that was free a moment ago may have become another test's.
    let (client, _) = watched(runtime, config((Ipv4Addr::LOCALHOST, 1).into()));
    let refused = Failure::NotConnected(Cause::Refused);
    assert_eq!(failure(client.connected().await), refused);
    assert_eq!(failure(client.invoke(toy::echo("x")).await), refused);
    client.close().await;
}

pub async fn a_target_with_tls_is_refused_in_words<R: Runtime>(runtime: &R) {
    let target = Target { tls: Some("localhost".into()), ..Target::new("127.0.0.1", 1) };
    let (client, _) = watched(runtime, Config { targets: vec![target], ..config(LOCAL) });
    let Failure::NotConnected(Cause::Tls(why)) = failure(client.connected().await) else {
        panic!()
    };
    let ways = [
        "not built in: the feature `tls` is off",
        "the target asks for it, but the client was set up without",
    ];
    assert!(ways.contains(&&*why), "{why}");
}

pub async fn each_address_of_a_name_is_tried<R: Runtime>(runtime: &R) {
    // Only one of the addresses that `localhost` may have listens.
    for at in ["127.0.0.1:0", "[::1]:0"] {
        let Ok(listener) = TcpListener::bind(at) else { continue };
        let port = listener.local_addr().unwrap().port();
        if at.starts_with('[') && !resolves_to_v6() {
            continue;
        }
        let targets = vec![Target::new("localhost", port)];
        let client = Client::drive(runtime, Watched::new(Config { targets, ..config(LOCAL) }));
        client.connected().await.unwrap();
        client.close().await;
    }
}

fn resolves_to_v6() -> bool {
    use std::net::ToSocketAddrs;
    ("localhost", 1).to_socket_addrs().is_ok_and(|mut all| all.any(|address| address.is_ipv6()))
}

pub async fn a_name_without_address_is_an_error<R: Runtime>(runtime: &R) {
    // Too long for a name, so no server of names has to be waited for.
    let targets = vec![Target::new("x".repeat(70), 1)];
    let (client, _) = watched(runtime, Config { targets, ..config(LOCAL) });
    assert_eq!(failure(client.connected().await), Failure::NotConnected(Cause::NotResolved));
}

pub async fn a_silent_peer_ends_by_the_deadline<R: Runtime>(runtime: &R) {
    let (config, peer) = peer(|mut stream| {
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
    });
    let (client, _) = watched(runtime, config);
    client.connected().await.unwrap();
    let call = client.invoke(toy::echo("x")).timeout(Duration::from_millis(30));
    assert_eq!(failure(call.await), Failure::TimedOut { sent: true });
    client.close().await;
    peer.join().unwrap();
}

/// The answer to the toy's first call, as its server writes it.
fn answer() -> Vec<u8> {
    toy::message(1, toy::ANSWER, b"hello").to_vec()
}

async fn ends_at_each_byte<R: Runtime>(runtime: &R, end: fn(TcpStream), expected: &[Cause]) {
    for cut in 0..answer().len() {
        let (config, peer) = peer(move |mut stream| {
            let mut request = vec![0; answer().len()];
            stream.read_exact(&mut request).unwrap();
            stream.write_all(&answer()[..cut]).unwrap();
            end(stream);
        });
        let (client, seen) = watched(runtime, config);
        client.connected().await.unwrap();
        match failure(client.invoke(toy::echo("hello")).await) {
            Failure::Indeterminate(cause) => assert!(expected.contains(&cause), "{cause:?}"),
            other => panic!("{other:?} after {cut} bytes"),
        }
        peer.join().unwrap();
        client.close().await;
        assert_eq!(seen.sent.load(Ordering::SeqCst), answer().len());
        assert_eq!(seen.sent_after_closed.load(Ordering::SeqCst), 0);
    }
}

pub async fn a_peer_that_closes_at_any_byte<R: Runtime>(runtime: &R) {
    ends_at_each_byte(runtime, drop, &[Cause::Eof]).await;
}

pub async fn a_peer_that_resets_at_any_byte<R: Runtime>(runtime: &R) {
    let reset = |stream: TcpStream| {
        let socket = socket2::SockRef::from(&stream);
        socket.set_linger(Some(Duration::ZERO)).unwrap();
    };
    ends_at_each_byte(runtime, reset, &[Cause::Reset]).await;
}

pub async fn a_peer_that_answers_byte_by_byte<R: Runtime>(runtime: &R) {
    let (config, peer) = peer(|mut stream| {
        stream.set_nodelay(true).unwrap();
        let mut request = vec![0; answer().len()];
        stream.read_exact(&mut request).unwrap();
        for byte in answer() {
            stream.write_all(&[byte]).unwrap();
        }
        stream
    });
    let (client, _) = watched(runtime, config);
    client.connected().await.unwrap();
    assert_eq!(client.invoke(toy::echo("hello")).await.unwrap(), "hello");
    drop(peer.join().unwrap());
}

pub async fn a_slow_peer_gets_all_of_it<R: Runtime>(runtime: &R) {
    // 20 MB go out before the peer reads anything: writes are partial, and wait for room.
    const SIZE: usize = 1_000_000;
    let (go, gone) = std::sync::mpsc::channel();
    let (config, peer) = peer(move |mut stream| {
        gone.recv().unwrap();
        let mut back = stream.try_clone().unwrap();
        let mut total = 0;
        let mut buffer = vec![0; SIZE + 13];
        while stream.read_exact(&mut buffer).is_ok() {
            total += buffer.len();
            // Right header but for the kind: an echo's answer.
            buffer[12] = toy::ANSWER;
            back.write_all(&buffer).unwrap();
        }
        total
    });
    let (client, seen) = watched(runtime, config);
    client.connected().await.unwrap();
    let payload = |n: u8| vec![n; SIZE];
    let calls: Vec<_> = (0..20).map(|n| client.invoke(toy::echo(payload(n))).send()).collect();
    go.send(()).unwrap();
    for (n, call) in calls.into_iter().enumerate() {
        assert!(call.await.unwrap() == payload(n as u8), "echo {n} differs");
    }
    // The last answer may overtake what another task says of the last bytes.
    while seen.sent.load(Ordering::SeqCst) < 20 * (SIZE + 13) {
        futures_lite::future::yield_now().await;
    }
    client.close().await;
    assert_eq!(peer.join().unwrap(), 20 * (SIZE + 13));
    assert_eq!(seen.sent.load(Ordering::SeqCst), 20 * (SIZE + 13));
    assert_eq!(seen.sent_after_closed.load(Ordering::SeqCst), 0);
}

pub async fn the_last_handle_closes_the_connection<R: Runtime>(runtime: &R) {
    let latch = Latch::new(1);
    let closed = latch.clone();
    let (config, peer) = peer(move |mut stream| {
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        closed.count_down();
    });
    let (client, _) = watched(runtime, config);
    client.connected().await.unwrap();
    let mut call = client.invoke(toy::echo("unanswered"));
    assert!(poll_once(&mut call).await.is_pending());
    let news = client.listen(toy::subscribe());
    drop(client);
    assert!(poll_once(&mut call).await.is_pending(), "calls keep the client alive");
    drop(call);
    drop(news);
    latch.wait().await;
    peer.join().unwrap();
}

pub async fn garbage_ends_the_connection<R: Runtime>(runtime: &R) {
    for garbage in [&b"\0\0\0\0aaaa"[..], b"\xff\xff\xff\xff", b"\0\0\0\x09\0\0\0\0\0\0\0\x63\0"] {
        for call_first in [true, false] {
            let latch = Latch::new(1);
            let ended = latch.clone();
            let (config, peer) = peer(move |mut stream| {
                if call_first {
                    stream.read_exact(&mut [0]).unwrap();
                }
                stream.write_all(garbage).unwrap();
                let _ = stream.read_to_end(&mut Vec::new());
                ended.count_down();
            });
            let (client, _) = watched(runtime, config);
            if call_first {
                let end = client.invoke(toy::echo("x")).await;
                assert!(matches!(end, Err(ToyError::Call(_))), "{end:?}");
            }
            latch.wait().await;
            let refused = Failure::NotConnected(Cause::Local);
            assert_eq!(failure(client.invoke(toy::echo("x")).await), refused);
            peer.join().unwrap();
            client.close().await;
        }
    }
}
