//! Servers on the port that are no members of the wanted kind: what each adapter's client says of them,
//! and that it says so in time.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};

use gridwire_conformance::adapter::Adapter;
use gridwire_conformance::on_each_adapter;
use gridwire_conformance::suite::{foreign::refused, served};
use gridwire_core::hazelcast::MemberConfig;
use gridwire_core::kafka;
use gridwire_driver::{Identity, Setup, Tls};
use gridwire_tokio::testing::{Broker, Member};

/// A server of a few lines: reads once, answers, and hangs up.
fn server(answer: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = listener.local_addr().expect("its address");
    std::thread::spawn(move || {
        while let Ok((mut socket, _)) = listener.accept() {
            let _ = socket.read(&mut [0; 512]);
            let _ = socket.write_all(answer);
        }
    });
    at
}

fn web_server<A: Adapter>() {
    let at = server(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    refused::<A>(
        at,
        "a web server was found where a Hazelcast member of 4.0 or later was expected",
    );
}

fn text_server<A: Adapter>() {
    refused::<A>(server(b"-ERR unknown command\r\n"), "a protocol of text was found");
}

/// As the embedded one does, brokers hang up on lengths that they can't believe.
fn kafka_broker<A: Adapter>() {
    let (_runtime, broker) = served(|| Broker::on_loopback(kafka::server::Config::default()));
    refused::<A>(broker.local_addr(), "before it let the client in; a Hazelcast member of 4.0");
}

fn tls_server<A: Adapter>() {
    let key = rcgen::KeyPair::generate().expect("a key");
    let names = vec!["localhost".to_owned()];
    let params = rcgen::CertificateParams::new(names).expect("names");
    let chain = params.self_signed(&key).expect("a certificate").pem();
    let identity = Identity::from_pem(chain.as_bytes(), key.serialize_pem().as_bytes());
    let tls = Tls::serving(identity.expect("an identity"), None).expect("a server");
    let setup = Setup::new(MemberConfig::default()).tls(tls);
    let (_runtime, member) = served(|| Member::on_loopback(setup));
    // An alert, unless the hanging up overtakes it.
    refused::<A>(member.local_addr(), "a Hazelcast member of 4.0 or later was expected");
}

/// It accepts and says nothing: the start ends by its own time, not by that of each step.
fn silent_server<A: Adapter>() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    refused::<A>(listener.local_addr().expect("its address"), "timed out waiting to be let in");
}

on_each_adapter!(web_server text_server kafka_broker tls_server silent_server);
