//! TLS and mutual TLS on each adapter, against the embedded peers: what works without works with it, and
//! whoever should not be trusted is not.

use std::io::Read as _;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use gridwire_conformance::adapter::Adapter;
use gridwire_conformance::on_each_adapter;
use gridwire_conformance::suite::{hazelcast as maps, in_time, kafka as logs, served, soon};
use gridwire_core::call::Failure;
use gridwire_core::endpoint::{Cause, Target};
use gridwire_core::hazelcast::{self, Client, Config, MemberConfig};
use gridwire_core::kafka;
use gridwire_driver::{Identity, Setup, Tls};
use gridwire_tokio::testing::{Broker, Member};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

const LOOPBACK: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// An authority and what it has signed, in PEM.
struct Authority {
    root: String,
    /// For `localhost` and 127.0.0.1.
    server: (String, String),
    client: (String, String),
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = params.self_signed(&key).expect("a root").pem();
        let issuer = Issuer::new(params, key);
        let sign = |names: &[&str]| {
            let key = KeyPair::generate().expect("a key");
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            let params = CertificateParams::new(names).expect("names");
            (params.signed_by(&key, &issuer).expect("a certificate").pem(), key.serialize_pem())
        };
        let (server, client) = (sign(&["localhost", "127.0.0.1"]), sign(&["client"]));
        Self { root, server, client }
    }

    fn identity((chain, key): &(String, String)) -> Identity {
        Identity::from_pem(chain.as_bytes(), key.as_bytes()).expect("an identity")
    }

    fn trusting(&self) -> Tls {
        Tls::trusting(self.root.as_bytes()).expect("a client")
    }

    fn mutual(&self, identity: &(String, String)) -> Tls {
        Tls::mutual(self.root.as_bytes(), Self::identity(identity)).expect("a client")
    }

    fn serving(&self, clients: Option<&Self>) -> Tls {
        let clients = clients.map(|clients| clients.root.as_bytes());
        Tls::serving(Self::identity(&self.server), clients).expect("a server")
    }
}

fn ours() -> &'static Authority {
    static OURS: OnceLock<Authority> = OnceLock::new();
    OURS.get_or_init(Authority::new)
}

fn theirs() -> &'static Authority {
    static THEIRS: OnceLock<Authority> = OnceLock::new();
    THEIRS.get_or_init(Authority::new)
}

/// Runs a test against a member with this side of TLS, or none.
fn on_member(tls: Option<Tls>, run: impl FnOnce(u16)) {
    let mut setup = Setup::new(MemberConfig::default());
    if let Some(tls) = tls {
        setup = setup.tls(tls);
    }
    let (_runtime, member) = served(|| Member::on_loopback(setup));
    run(member.local_addr().port());
}

fn config(target: Target) -> Config {
    Config::new([target])
}

/// One that gives up soon: what should work gets more time than the moment that is left of each step then.
fn hasty(target: Target) -> Config {
    let mut config = config(target);
    config.connection_retry.give_up_after = Some(Duration::from_millis(1));
    config
}

/// Why a client is not connected, which must be a [`hasty`] one.
fn turned_away<A: Adapter>(setup: Setup<Config>) -> Cause {
    let result = A::block_on(async { soon(A::connect::<Client>(setup)).await });
    match result.err().expect("no connection") {
        hazelcast::Error::Failure(Failure::NotConnected(Cause::Targets(each))) => each[0].1.clone(),
        other => panic!("{other}"),
    }
}

/// [`turned_away`] by a peer that speaks, however late on a busy machine.
fn refused<A: Adapter>(config: &Config, tls: &Tls) -> Cause {
    let ask = || turned_away::<A>(Setup::new(config.clone()).tls(tls.clone()));
    in_time(ask, |cause| cause.to_string().contains("timed out"))
}

fn says(cause: &Cause, words: &str) {
    assert!(matches!(cause, Cause::Tls(text) if text.contains(words)), "{cause:?}");
}

/// The whole of a map, many calls in flight, and values of a mebibyte.
fn one_sided<A: Adapter>() {
    on_member(Some(ours().serving(None)), |port| {
        let setup = || Setup::new(config(Target::secure("localhost", port))).tls(ours().trusting());
        maps::operations::<A>(setup());
        maps::load::<A>(setup());
    });
}

fn mutual<A: Adapter>() {
    on_member(Some(ours().serving(Some(ours()))), |port| {
        let target = Target::secure("127.0.0.1", port);
        let setup = Setup::new(config(target.clone())).tls(ours().mutual(&ours().client));
        maps::operations::<A>(setup);

        // One-sided, and with another's certificate: the member says no.
        for tls in [ours().trusting(), ours().mutual(&theirs().client)] {
            let cause = refused::<A>(&hasty(target.clone()), &tls);
            assert!(matches!(cause, Cause::Tls(_) | Cause::Eof | Cause::Reset), "{cause:?}");
        }
    });
}

/// Brokers are named by the first of them; connections to those are secured as well.
fn brokers<A: Adapter>() {
    let config = kafka::server::Config { default_partitions: 3, ..Default::default() };
    let setup = Setup::new(config).tls(ours().serving(None));
    let (_runtime, broker) = served(|| Broker::on_loopback(setup));
    let target = Target::secure("127.0.0.1", broker.local_addr().port());
    logs::load::<A>(Setup::new(kafka::Config::new([target])).tls(ours().trusting()));
}

fn distrust<A: Adapter>() {
    on_member(Some(ours().serving(None)), |port| {
        let secure = Target::secure("localhost", port);
        let cause = refused::<A>(&hasty(secure.clone()), &theirs().trusting());
        says(&cause, "invalid peer certificate");

        let misnamed = Target { tls: Some("elsewhere".into()), ..secure.clone() };
        let cause = refused::<A>(&hasty(misnamed), &ours().trusting());
        says(&cause, "not valid for name");

        let nameless = Target { tls: Some("no name".into()), ..secure.clone() };
        let cause = refused::<A>(&hasty(nameless), &ours().trusting());
        says(&cause, "neither a host name nor an address");

        says(&refused::<A>(&hasty(secure), &Tls::default()), "set up without");
        // Plain words to a secure member: it sends an alert and hangs up.
        let cause = refused::<A>(&hasty(Target::new("localhost", port)), &Tls::default());
        assert!(
            cause.to_string().contains("a Hazelcast member of 4.0 or later was expected"),
            "{cause}"
        );
    });
    on_member(None, |port| {
        let cause = refused::<A>(&hasty(Target::secure("localhost", port)), &ours().trusting());
        assert!(matches!(cause, Cause::Tls(_) | Cause::Eof | Cause::Reset), "{cause:?}");
    });
}

/// A peer that accepts and says nothing: the time to connect bounds the handshake.
fn silence<A: Adapter>() {
    let silent = TcpListener::bind(LOOPBACK).expect("a port");
    let port = silent.local_addr().expect("an address").port();
    let mut config = hasty(Target::secure("localhost", port));
    config.connection_timeout = Duration::from_millis(300);
    let begun = Instant::now();
    let cause = turned_away::<A>(Setup::new(config).tls(ours().trusting()));
    assert_eq!(cause, Cause::TimedOut);
    assert!(begun.elapsed() >= Duration::from_millis(300));
}

/// Those who connect and say nothing, or nonsense, don't keep others out.
fn nonsense<A: Adapter>() {
    on_member(Some(ours().serving(None)), |port| {
        let mut held: Vec<_> = (0..20)
            .map(|_| TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("a connection"))
            .collect();
        for stream in &mut held[10..] {
            std::io::Write::write_all(stream, b"GET / HTTP/1.1\r\n\r\n").expect("written");
            stream.set_read_timeout(Some(Duration::from_secs(30))).expect("set");
            // An alert, and the end.
            let mut said = Vec::new();
            let end = stream.read_to_end(&mut said);
            assert!(end.is_ok() || end.unwrap_err().kind() == std::io::ErrorKind::ConnectionReset);
        }
        let setup = Setup::new(config(Target::secure("localhost", port))).tls(ours().trusting());
        maps::operations::<A>(setup);
    });
}

on_each_adapter! { one_sided mutual brokers distrust silence nonsense }
