//! What adapters trace: spans of connections and calls, and no secrets, on each adapter. One test of its
//! own program, since whoever traces does so for the whole program.

use std::fmt::Write as _;
use std::io;
use std::sync::{Arc, Mutex};

use gridwire_conformance::adapter::{Adapter, AsyncStd, Mio, Tokio};
use gridwire_conformance::suite::{served, soon};
use gridwire_core::endpoint::Target;
use gridwire_core::hazelcast::{Client, Config, Credentials, MemberConfig, Structures};
use gridwire_core::invoker::AsyncInvoker;
use gridwire_tokio::testing::Member;
use tracing_subscriber::fmt::format::FmtSpan;

const SECRET: &str = "xyzzy-tells-nobody";

#[derive(Clone, Default)]
struct Trace(Arc<Mutex<Vec<u8>>>);

impl io::Write for Trace {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Trace {
    fn take(&self) -> String {
        String::from_utf8(std::mem::take(&mut self.0.lock().unwrap())).expect("text")
    }
}

/// A client that is let in, works and ends, and one that isn't let in.
fn session<A: Adapter>(credentials: &Credentials) -> String {
    let mut member = MemberConfig::default();
    member.credentials = credentials.clone();
    let (_runtime, member) = served(|| Member::on_loopback(member));
    let at = member.local_addr();
    let mut config = Config::new([Target::new(at.ip().to_string(), at.port())]);
    config.credentials = credentials.clone();
    let mut printed = format!("{config:?}");
    A::block_on(async {
        let client = soon(A::connect::<Client>(config.clone())).await.expect("connected");
        let map = client.map::<String, i64>("m");
        soon(A::Client::future(map.put("a", &1))).await.expect("put");
        A::with(&client, |engine, _| write!(printed, "{engine:?}")).expect("text");
        soon(A::close(&client)).await;
        config.cluster_name = "another".into();
        let error = soon(A::connect::<Client>(config)).await.err().expect("not let in");
        write!(printed, "{error:?} {error}").expect("text");
    });
    printed
}

#[test]
fn connections_and_calls_are_traced_without_secrets() {
    let trace = Trace::default();
    let writer = trace.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(FmtSpan::NEW | FmtSpan::CLOSE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();
    let sessions = [session::<Tokio>, session::<AsyncStd>, session::<Mio>];
    for credentials in [
        Credentials::user("somebody", SECRET),
        Credentials::Token(SECRET.into()),
        Credentials::Custom(SECRET.into()),
    ] {
        for session in sessions {
            let printed = session(&credentials);
            let trace = trace.take();
            for wanted in
                ["connection{conn=", "target=127.0.0.1:", "call{call=", "ok=true", "authenticated"]
            {
                assert!(trace.contains(wanted), "{wanted} is not in: {trace}");
            }
            let ends =
                trace.lines().filter(|line| line.contains("call{") && line.contains("close"));
            assert!(ends.count() >= 1, "{trace}");
            for text in [trace, printed] {
                assert!(!text.contains("xyzzy"), "{text}");
            }
        }
    }
}
