//! A client under load while its cluster is ill-treated: real members are killed, moved and stopped, and
//! every acknowledged write must be there afterwards.
//!
//! `work` is the load and what it knows of the map, `listen` the listeners and what they heard, `outcome`
//! the table; here stand the storms. Called by the live suite and by `gridwire chaos`.

mod listen;
mod outcome;
mod work;

pub use outcome::Outcome;

use std::collections::BTreeSet;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gridwire_core::endpoint::Target;
use gridwire_core::hazelcast::{Client, ClusterEvents, Config, MembershipEvent, Structures};
use gridwire_core::invoker::Delivered;
use gridwire_tokio::HazelcastClient;

use self::listen::Hearing;
use self::work::{Board, LANES};
use crate::live::{Error, HazelcastCluster, MemberOptions, spare_ports};

const MEMBERS: usize = 3;

/// Listeners on the map.
const LISTENERS: usize = 2;

/// Storms there are at least, however short the time.
const LEAST: u32 = 2;

/// Undisturbed time before the first storm and after the last one.
const CALM: Duration = Duration::from_secs(1);

/// Silence after which members and the client give each other up while a member is stopped.
pub const SILENCE: Duration = Duration::from_secs(5);

/// Time for which an answered put waits for its backups, at the client and at the member.
const BACKUPS: Duration = Duration::from_secs(1);

/// Time that a call has: members may take minutes to start again on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(300);

/// What is done to the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storm {
    /// One of three members is killed and another started in its place, again and again; in between, all
    /// partitions get their backups back.
    Crash,
    /// All members are killed, and as many started on other ports: another cluster, without data.
    Restart,
    /// One member is stopped where it is for longer than the silence that anybody bears, then goes on.
    Freeze,
}

impl fmt::Display for Storm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Crash => "members crash and are replaced",
            Self::Restart => "all members restart elsewhere",
            Self::Freeze => "a member is stopped",
        })
    }
}

/// Has storms over a cluster of three real members for about that long, and says what became of the calls.
/// An error is about the members alone.
pub fn run(storm: Storm, time: Duration) -> Result<Outcome, Error> {
    let mut others = spare_ports(MEMBERS)?;
    let mut cluster = HazelcastCluster::start_settled(MEMBERS, options(storm))?;
    let mut ports: Vec<_> = cluster.addresses().iter().map(SocketAddr::port).collect();
    let config = config(storm, ports.iter().chain(&others));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Error::Failed(error.to_string()))?;
    let failed = |error| Error::Failed(format!("the client: {error}"));
    let client = runtime.block_on(HazelcastClient::connect(config)).map_err(failed)?;
    let map = client.map::<i64, i64>("chaos");
    let mut hearing = runtime.block_on(Hearing::begin(&map, LISTENERS)).map_err(failed)?;
    let removed = runtime.spawn(removed(client.membership()));
    let board = Arc::new(Board::default());
    let work: Vec<_> = (0..LANES)
        .map(|lane| runtime.spawn(work::lane(map.clone(), lane, Arc::clone(&board))))
        .collect();

    let sleep = std::thread::sleep;
    let began = Instant::now();
    let mut storms = 0;
    let mut victims = BTreeSet::new();
    sleep(CALM);
    // One that hangs for so long that the others go on without it has to join anew. The oldest of them
    // would take itself for the master meanwhile, and take others along: two clusters that merge, and
    // what only one of them has acknowledged is lost by the members' own rules.
    let youngest = |cluster: &HazelcastCluster| {
        let port = client.with(|engine, _| engine.members().last().map(|m| m.address.port));
        let is_it = |at: &SocketAddr| Some(i32::from(at.port())) == port;
        cluster.addresses().iter().position(is_it).unwrap_or(0)
    };
    while storms < LEAST && storm != Storm::Freeze || storms == 0 || began.elapsed() < time {
        let victim = storms as usize % MEMBERS;
        match storm {
            Storm::Crash => {
                cluster.crash(victim);
                tracing::info!(victim, "killed");
                let left: Vec<_> = (0..MEMBERS).filter(|index| *index != victim).collect();
                cluster.wait_until_safe(&left)?;
                tracing::info!("the others have all");
                cluster.replace(victim)?;
                tracing::info!("replaced");
                cluster.wait_until_safe(&[0, 1, 2])?;
            }
            Storm::Restart => {
                board.forget();
                cluster.crash_all();
                board.forget();
                std::mem::swap(&mut ports, &mut others);
                tracing::info!("all killed");
                cluster.start_all(&ports)?;
                tracing::info!("all started");
                cluster.wait_until_safe(&[0, 1, 2])?;
            }
            Storm::Freeze => {
                let victim = youngest(&cluster);
                victims.insert(i32::from(cluster.addresses()[victim].port()));
                cluster.freeze(victim)?;
                tracing::info!(victim, "stopped");
                sleep(SILENCE * 8 / 5);
                cluster.thaw(victim)?;
                tracing::info!("goes on");
                cluster.wait_until_safe(&[0, 1, 2])?;
            }
        }
        board.wait_for_work();
        tracing::info!(storms, "over");
        storms += 1;
    }
    sleep(CALM);
    board.stop();
    let lanes = runtime.block_on(work::all_end(work));
    Ok(runtime.block_on(async {
        let lost = work::read_back(&map, &lanes).await;
        let goes_on = hearing.goes_on(&map).await;
        let metrics = client.metrics();
        let heard = hearing.end().await;
        client.close().await;
        let removed = removed.await.unwrap_or_default();
        let split = storm == Storm::Freeze && !removed.is_subset(&victims);
        Outcome { storm, storms, goes_on, split, ..Outcome::new(lanes, lost, heard, &metrics) }
    }))
}

/// The ports of members that left the cluster, for as long as the client lives.
async fn removed(
    mut membership: gridwire_tokio::Subscription<Client, MembershipEvent>,
) -> BTreeSet<i32> {
    let mut removed = BTreeSet::new();
    while let Some(Ok(delivered)) = membership.next().await {
        if let Delivered::Item(MembershipEvent::Removed(member)) = delivered {
            removed.insert(member.address.port);
        }
    }
    removed
}

fn options(storm: Storm) -> MemberOptions {
    let mut properties = vec![
        ("hazelcast.operation.fail.on.indeterminate.state", "true".to_owned()),
        ("hazelcast.heartbeat.interval.seconds", "1".into()),
        ("hazelcast.operation.backup.timeout.millis", BACKUPS.as_millis().to_string()),
    ];
    if storm == Storm::Freeze {
        properties.extend([
            ("hazelcast.max.no.heartbeat.seconds", SILENCE.as_secs().to_string()),
            // The member that was stopped joins the others again soon.
            ("hazelcast.merge.first.run.delay.seconds", "1".into()),
            ("hazelcast.merge.next.run.delay.seconds", "1".into()),
        ]);
    }
    MemberOptions { properties, ..MemberOptions::default() }
}

fn config<'a>(storm: Storm, ports: impl Iterator<Item = &'a u16>) -> Config {
    let mut config = Config::new(ports.map(|port| Target::new("127.0.0.1", *port)));
    config.fail_on_indeterminate_operation_state = true;
    config.backup_ack_timeout = BACKUPS;
    config.invocation_timeout = PATIENCE;
    if storm == Storm::Freeze {
        config.heartbeat_interval = SILENCE / 4;
        config.heartbeat_timeout = SILENCE;
    }
    config
}
