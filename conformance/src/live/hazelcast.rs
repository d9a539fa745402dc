//! Real Hazelcast members on loopback.

use super::install::{Part, install};
use super::process::{Process, free_ports, java, retry_taken_ports};
use super::{Error, suite};

use std::fmt::Write as _;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

/// A member takes about 3 s, three of them on two busy cores much longer.
const START: Duration = Duration::from_secs(120);

/// How often members are asked how they are, and how long one may take to say so.
const ASK: Duration = Duration::from_millis(100);
const ANSWER: Duration = Duration::from_secs(1);

/// A cluster of open-source members without security, stopped when dropped.
#[derive(Debug)]
pub struct HazelcastCluster {
    members: Vec<Process>,
    addresses: Vec<SocketAddr>,
    options: MemberOptions,
}

/// What members of 5.7.0 are told beside where they listen.
#[derive(Debug, Clone)]
pub struct MemberOptions {
    /// The cluster's name; `dev`.
    pub cluster_name: String,
    /// They say over HTTP how they are, which [`HazelcastCluster::wait_until_safe`] asks for; false.
    pub health: bool,
    /// They have the classes of `conformance/live/HazelcastMember.java`; false, as it takes a second.
    pub code: bool,
    /// Properties by their official names.
    pub properties: Vec<(&'static str, String)>,
}

impl Default for MemberOptions {
    fn default() -> Self {
        Self { cluster_name: "dev".into(), health: false, code: false, properties: Vec::new() }
    }
}

impl HazelcastCluster {
    /// Starts members of version 5.7.0 with SQL, and waits until all of them see each other.
    pub fn start(members: usize) -> Result<Self, Error> {
        Self::start_with(members, MemberOptions::default())
    }

    /// The same with options.
    pub fn start_with(members: usize, options: MemberOptions) -> Result<Self, Error> {
        install(Part::Hazelcast5)?;
        let mut cluster = Self { members: Vec::new(), addresses: Vec::new(), options };
        cluster.start_all_on(|| free_ports(members))?;
        Ok(cluster)
    }

    /// The same, with [`MemberOptions::health`]; waits until no partition moves any more and each has its backup.
    pub fn start_settled(members: usize, options: MemberOptions) -> Result<Self, Error> {
        let cluster = Self::start_with(members, MemberOptions { health: true, ..options })?;
        cluster.wait_until_safe(&(0..members).collect::<Vec<_>>())?;
        Ok(cluster)
    }

    /// Starts one member of 3.12.13, which speaks the older protocol (CB2); the group's name is `dev`.
    pub fn start_3_12() -> Result<Self, Error> {
        install(Part::Hazelcast3)?;
        retry_taken_ports(|| {
            let port = free_ports(1)?[0];
            let mut member = Process::start("Hazelcast 3.12.13", |directory| {
                let file = directory.join("hazelcast.xml");
                fs::write(&file, configuration_3_12(port))?;
                let mut java = java(Part::Hazelcast3.name(), "-Xmx256m");
                java.args(MODULES).arg("-Dhazelcast.phone.home.enabled=false");
                java.arg(format!("-Dhazelcast.config={}", file.display()));
                java.arg("com.hazelcast.core.server.StartServer");
                Ok(java)
            })?;
            member
                .wait_for(START, |member| member.printed().contains("is STARTED").then_some(()))?;
            let (members, addresses) = (vec![member], vec![loopback(port)]);
            Ok(Self { members, addresses, options: MemberOptions::default() })
        })
    }

    fn start_all_on(&mut self, ports: impl Fn() -> Result<Vec<u16>, Error>) -> Result<(), Error> {
        (self.members, self.addresses) = retry_taken_ports(|| {
            let ports = ports()?;
            let start = |port: &u16| start_member(*port, &ports, &self.options);
            let mut members = ports.iter().map(start).collect::<Result<Vec<_>, _>>()?;
            for member in &mut members {
                wait_until_started(member, ports.len())?;
            }
            Ok((members, ports.into_iter().map(loopback).collect()))
        })?;
        Ok(())
    }

    /// Kills every member. What they kept is gone; addresses stay in the list.
    pub fn crash_all(&mut self) {
        self.members.iter_mut().for_each(Process::crash);
        self.members.clear();
    }

    /// Starts as many members as there are ports, in the place of those before.
    pub fn start_all(&mut self, ports: &[u16]) -> Result<(), Error> {
        self.members.clear();
        self.start_all_on(|| Ok(ports.to_vec()))
    }

    /// Starts another member, on another port, in the place of one that was killed.
    pub fn replace(&mut self, index: usize) -> Result<(), Error> {
        let size = self.members.len();
        let (member, port) = retry_taken_ports(|| {
            let port = free_ports(1)?[0];
            let mut others: Vec<_> = self.addresses.iter().map(SocketAddr::port).collect();
            others[index] = port;
            let mut member = start_member(port, &others, &self.options)?;
            wait_until_started(&mut member, size)?;
            Ok((member, port))
        })?;
        self.members[index] = member;
        self.addresses[index] = loopback(port);
        Ok(())
    }

    /// Waits until the members that these indexes name see no other, and every partition has its owner and
    /// its backup. Members must have been started with [`MemberOptions::health`].
    pub fn wait_until_safe(&self, indexes: &[usize]) -> Result<(), Error> {
        let began = Instant::now();
        let size = format!("\"clusterSize\":{}", indexes.len());
        let is_safe = |said: &str| {
            said.contains("\"clusterSafe\":true")
                && said.contains("\"migrationQueueSize\":0")
                && said.contains(&size)
        };
        loop {
            let said: Vec<_> = indexes.iter().map(|n| health(self.addresses[*n])).collect();
            if said.iter().all(|said| is_safe(said)) {
                return Ok(());
            }
            if began.elapsed() > START {
                return Err(Error::failed("members are not safe", said.join("\n")));
            }
            thread::sleep(ASK);
        }
    }

    /// Where the members listen, in the order they were started.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The addresses as the Python scripts take them.
    pub fn address_list(&self) -> String {
        self.addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
    }

    /// What all members have printed.
    pub fn log(&self) -> String {
        self.members.iter().map(Process::printed).collect()
    }

    /// Kills a member without a goodbye; its address stays in the list. No such member: nothing happens.
    pub fn crash(&mut self, index: usize) {
        if let Some(member) = self.members.get_mut(index) {
            member.crash();
        }
    }

    /// Stops a member where it is: its connections stand, and it says nothing.
    pub fn freeze(&mut self, index: usize) -> Result<(), Error> {
        self.members.get_mut(index).map_or(Ok(()), Process::freeze)
    }

    /// Has a frozen member go on.
    pub fn thaw(&mut self, index: usize) -> Result<(), Error> {
        self.members.get_mut(index).map_or(Ok(()), Process::thaw)
    }
}

fn start_member(port: u16, all: &[u16], options: &MemberOptions) -> Result<Process, Error> {
    Process::start("Hazelcast 5.7.0", |directory| {
        let file = directory.join("hazelcast.yaml");
        fs::write(&file, configuration(port, all, options))?;
        let mut java = java(Part::Hazelcast5.name(), "-Xmx512m");
        java.args(MODULES).arg("-Dhazelcast.phone.home.enabled=false");
        java.arg(format!("-Dhazelcast.config={}", file.display()));
        if options.code {
            java.arg(suite().join("HazelcastMember.java"));
        } else {
            java.arg("com.hazelcast.core.server.HazelcastMemberStarter");
        }
        Ok(java)
    })
}

fn wait_until_started(member: &mut Process, size: usize) -> Result<(), Error> {
    let all = format!("Members {{size:{size}");
    member.wait_for(START, |member| {
        let printed = member.printed();
        (printed.contains("is STARTED") && printed.contains(&all)).then_some(())
    })
}

/// What a member says of itself over HTTP; an error's text if it says nothing.
fn health(at: SocketAddr) -> String {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&at, ANSWER)?;
        stream.set_read_timeout(Some(ANSWER))?;
        stream.write_all(b"GET /hazelcast/health HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
        // The connection stays open after the answer, whose end is that of its one JSON object.
        let (mut said, mut part) = (Vec::new(), [0; 1024]);
        while !said.contains(&b'}') {
            match stream.read(&mut part)? {
                0 => break,
                length => said.extend_from_slice(&part[..length]),
            }
        }
        Ok(String::from_utf8_lossy(&said).into_owned())
    };
    ask().unwrap_or_else(|error| format!("{at}: {error}"))
}

/// Ports that nothing listens on, for members that a test starts where it says.
pub fn spare_ports(count: usize) -> Result<Vec<u16>, Error> {
    free_ports(count)
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

/// Java 17 keeps these to itself unless told otherwise, and the members use them.
const MODULES: [&str; 12] = [
    "--add-modules",
    "java.se",
    "--add-exports",
    "java.base/jdk.internal.ref=ALL-UNNAMED",
    "--add-opens",
    "java.base/java.lang=ALL-UNNAMED",
    "--add-opens",
    "java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-opens",
    "java.management/sun.management=ALL-UNNAMED",
    "--add-opens",
    "jdk.management/com.sun.management.internal=ALL-UNNAMED",
];

fn configuration(port: u16, all: &[u16], options: &MemberOptions) -> String {
    let list =
        all.iter().map(|port| format!("\"127.0.0.1:{port}\"")).collect::<Vec<_>>().join(", ");
    let MemberOptions { cluster_name, health, properties, .. } = options;
    let mut text = format!(
        "hazelcast:
  cluster-name: {cluster_name}
  network:
    port: {{auto-increment: false, port: {port}}}
    join:
      auto-detection: {{enabled: false}}
      multicast: {{enabled: false}}
      tcp-ip: {{enabled: true, member-list: [{list}]}}
    interfaces: {{enabled: true, interfaces: [127.0.0.1]}}
    rest-api: {{enabled: {health}, endpoint-groups: {{HEALTH_CHECK: {{enabled: {health}}}}}}}
  jet: {{enabled: true, resource-upload-enabled: true}}
  map:
    \"journaled*\": {{event-journal: {{enabled: true, capacity: 100000}}}}
  properties:
    hazelcast.phone.home.enabled: false
"
    );
    for (name, value) in properties {
        let _ = writeln!(text, "    {name}: {value}");
    }
    text
}

fn configuration_3_12(port: u16) -> String {
    format!(
        r#"<hazelcast xmlns="http://www.hazelcast.com/schema/config">
  <group><name>dev</name><password>dev-pass</password></group>
  <network>
    <port auto-increment="false">{port}</port>
    <join>
      <multicast enabled="false"/>
      <tcp-ip enabled="true"><member>127.0.0.1:{port}</member></tcp-ip>
    </join>
    <interfaces enabled="true"><interface>127.0.0.1</interface></interfaces>
  </network>
</hazelcast>
"#
    )
}
