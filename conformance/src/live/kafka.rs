//! A real Kafka broker on loopback.

use super::Error;
use super::install::{Part, install};
use super::process::{Process, free_ports, java, retry_taken_ports};

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use std::{fs, io};

/// A broker takes about 3 s, on a busy machine up to 20.
const START: Duration = Duration::from_secs(120);

/// Any 16 bytes in the base64 that Kafka writes its ids in.
const CLUSTER_ID: &str = "Z3JpZHdpcmUtbGl2ZS0wMQ";

/// One broker of 4.4.0 that is its own controller, in clear and without authentication, stopped when dropped.
/// Topics that are asked for come into being with three partitions.
#[derive(Debug)]
pub struct KafkaBroker {
    /// The one that runs, and before it those that crashed, for the directory that they leave it.
    processes: Vec<Process>,
    address: SocketAddr,
}

impl KafkaBroker {
    /// Starts a broker with an empty log, and waits until it serves.
    pub fn start() -> Result<Self, Error> {
        install(Part::Kafka)?;
        retry_taken_ports(|| Self::start_on(&free_ports(2)?))
    }

    fn start_on(ports: &[u16]) -> Result<Self, Error> {
        let mut process = Process::start("Kafka 4.4.0", |directory| {
            let file = directory.join("server.properties");
            fs::write(&file, properties(ports[0], ports[1], &directory.join("log")))?;
            let mut format = java(Part::Kafka.name(), "-Xmx256m");
            format.args(["kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c"]).arg(&file);
            let formatted = format.output()?;
            if !formatted.status.success() {
                return Err(io::Error::other(String::from_utf8_lossy(&formatted.stderr)));
            }
            Ok(command(&file))
        })?;
        wait(&mut process)?;
        let address = SocketAddr::from(([127, 0, 0, 1], ports[0]));
        Ok(Self { processes: vec![process], address })
    }

    /// Where clients connect to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Kills the broker without a goodbye.
    pub fn crash(&mut self) {
        if let Some(process) = self.processes.last_mut() {
            process.crash();
        }
    }

    /// Starts a broker that has crashed again, with the log that it left, at the same address.
    pub fn restart(&mut self) -> Result<(), Error> {
        let Some(first) = self.processes.first() else { return Ok(()) };
        let file = first.directory().join("server.properties");
        let mut process = Process::start("Kafka 4.4.0", |_| {
            let mut broker = command(&file);
            // For as long, none but the one that crashed is let in by this number.
            broker.args(["--override", "broker.session.timeout.ms=9000"]);
            Ok(broker)
        })?;
        wait(&mut process)?;
        self.processes.push(process);
        Ok(())
    }
}

impl Drop for KafkaBroker {
    fn drop(&mut self) {
        // The running one first: it works in the directory of the first.
        while self.processes.pop().is_some() {}
    }
}

fn command(properties: &Path) -> Command {
    let mut broker = java(Part::Kafka.name(), "-Xmx512m");
    broker.arg("kafka.Kafka").arg(properties);
    broker
}

fn wait(broker: &mut Process) -> Result<(), Error> {
    broker.wait_for(START, |broker| broker.printed().contains("Kafka Server started").then_some(()))
}

/// Records are kept whatever their timestamps: those of tests are older than a week, after which a broker
/// deletes them when it first looks, half a minute after its start. A broker that stood still for a while isn't
/// given up by its own controller.
fn properties(port: u16, controller: u16, log: &Path) -> String {
    format!(
        "process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={log}
num.partitions=3
broker.session.timeout.ms=120000
log.retention.ms=-1
offsets.topic.num.partitions=5
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=5
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=5
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
",
        log = log.display()
    )
}
