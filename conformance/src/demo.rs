//! The demo: embedded peers of all protocols, every workload on every adapter, and the captures of the
//! tree, with every answer checked.
//!
//! The peers run on a runtime of their own, on free loopback ports; each adapter's clients come to
//! them over TCP as any client would.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use gridwire_core::call::Caller;
use gridwire_core::endpoint::{Engine, Target};
use gridwire_core::{hazelcast, kafka, xcp};

use crate::adapter::{Adapter, AsyncStd, Mio, Tokio};
use crate::capture::read;
use crate::replay::replay;
use crate::workload::{self, Amount, Tally};

/// One line of the demo's table.
#[derive(Debug)]
pub struct Row {
    /// Which protocol.
    pub protocol: &'static str,
    /// On which adapter.
    pub adapter: &'static str,
    /// What came of it.
    pub tally: Tally,
}

/// The peers and where they listen. They live as long as this does.
#[derive(Debug)]
pub struct Peers {
    member: gridwire_tokio::Server<hazelcast::Member>,
    broker: gridwire_tokio::Server<kafka::server::Broker>,
    agent: gridwire_tokio::Server<xcp::server::XcpAgent>,
    _runtime: tokio::runtime::Runtime,
}

impl Peers {
    /// Starts a member, a broker and an agent on free ports of the loopback interface.
    pub fn start() -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let entered = runtime.enter();
        let member = gridwire_tokio::Server::bind(hazelcast::MemberConfig::default(), any)?;
        let config = kafka::server::Config { default_partitions: 3, ..Default::default() };
        let broker = gridwire_tokio::Server::bind(config, any)?;
        let agent = gridwire_tokio::Server::bind(xcp::server::Config::default(), any)?;
        drop(entered);
        Ok(Self { member, broker, agent, _runtime: runtime })
    }
}

/// How many rows [`run`] makes.
pub const ROWS: usize = 9;

/// Runs every workload on every adapter. `done` hears of each row.
pub fn run(peers: &Peers, amount: Amount, mut done: impl FnMut(Row)) {
    on::<Tokio>(peers, amount, &mut done);
    on::<AsyncStd>(peers, amount, &mut done);
    on::<Mio>(peers, amount, &mut done);
}

fn on<A: Adapter>(peers: &Peers, amount: Amount, done: &mut impl FnMut(Row)) {
    let mut row = |protocol, tally| done(Row { protocol, adapter: A::NAME, tally });
    let member = hazelcast::Config::new([target(peers.member.local_addr())]);
    row(
        "Hazelcast",
        with::<A, hazelcast::Client, _>(member, async |client| {
            workload::hazelcast::run(client, A::NAME, amount).await
        }),
    );
    let mut broker = kafka::Config::new([target(peers.broker.local_addr())]);
    // Lanes wait for their answers: records gather while others are in flight, and need no more.
    broker.linger = std::time::Duration::ZERO;
    row(
        "Kafka",
        with::<A, kafka::Client, _>(broker, async |client| {
            workload::kafka::run(client, A::NAME, amount).await
        }),
    );
    let agent = xcp::client::Config::new(target(peers.agent.local_addr()));
    row(
        "XCP",
        with::<A, xcp::Client, _>(agent, async |client| workload::xcp::run(client, amount).await),
    );
}

fn target(address: SocketAddr) -> Target {
    Target::new(address.ip().to_string(), address.port())
}

/// Connects, works, and closes.
fn with<A: Adapter, C, W>(config: C::Config, work: W) -> Tally
where
    C: Caller + Engine + Send + 'static,
    W: AsyncFnOnce(&A::Client<C>) -> Tally,
{
    A::block_on(async {
        match A::connect::<C>(config).await {
            Ok(client) => {
                let tally = work(&client).await;
                A::close(&client).await;
                tally
            }
            Err(error) => {
                let meter = workload::Meter::default();
                meter.check(false, || format!("not connected: {error}"));
                meter.finish()
            }
        }
    })
}

/// What came of replaying captures.
#[derive(Debug, Default)]
pub struct Replayed {
    /// Captured sessions.
    pub files: usize,
    /// Messages that were decoded and encoded to the same bytes.
    pub same: u64,
    /// Messages that aren't declared yet.
    pub undeclared: u64,
    /// What went wrong, in words.
    pub errors: Vec<String>,
}

/// Replays every capture below a folder. `done` hears of each file.
pub fn replay_all(files: &[PathBuf], mut done: impl FnMut()) -> Replayed {
    let mut replayed = Replayed::default();
    for file in files {
        let name = file.display().to_string();
        match read(file) {
            Ok(session) => {
                let report = replay(&name, &session);
                for tally in report.protocols.values() {
                    replayed.same += tally.same;
                    replayed.undeclared += tally.undeclared_messages();
                }
                replayed.errors.extend(report.unexpected().map(|found| {
                    format!(
                        "{name}: connection {}, byte {}: {}: {}",
                        found.connection, found.offset, found.message, found.how
                    )
                }));
            }
            Err(error) => replayed.errors.push(format!("{name}: {error}")),
        }
        replayed.files += 1;
        done();
    }
    replayed
}

/// The captures of the tree: from the working directory upwards, or where this was built. None if the
/// program was installed without the tree.
pub fn captures() -> Vec<PathBuf> {
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    let here = std::env::current_dir().unwrap_or_default();
    let mut folders =
        here.ancestors().map(|folder| folder.join("conformance/captures")).chain([built]);
    let mut files = Vec::new();
    if let Some(folder) = folders.find(|folder| folder.is_dir()) {
        collect(&folder, &mut files);
        files.sort();
    }
    files
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() {
            collect(&path, files);
        } else if name.trim_end_matches(".gz").strip_suffix(".pcap").is_some() {
            files.push(path);
        }
    }
}
