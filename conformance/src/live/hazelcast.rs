//! Real Hazelcast members on loopback.

use super::Error;
use super::install::{Part, install};
use super::process::{Process, free_ports, java, retry_taken_ports};

use std::fs;
use std::net::SocketAddr;
use std::time::Duration;

/// A member takes about 3 s, three of them on two busy cores much longer.
const START: Duration = Duration::from_secs(120);

/// A cluster named `dev`, of open-source members without security, stopped when dropped.
#[derive(Debug)]
pub struct HazelcastCluster {
    members: Vec<Process>,
    addresses: Vec<SocketAddr>,
}

impl HazelcastCluster {
    /// Starts members of version 5.7.0 with SQL, and waits until all of them see each other.
    pub fn start(members: usize) -> Result<Self, Error> {
        install(Part::Hazelcast5)?;
        retry_taken_ports(|| Self::start_on(free_ports(members)?))
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
            Ok(Self { members: vec![member], addresses: vec![loopback(port)] })
        })
    }

    fn start_on(ports: Vec<u16>) -> Result<Self, Error> {
        let mut members = Vec::new();
        for &port in &ports {
            members.push(Process::start("Hazelcast 5.7.0", |directory| {
                let file = directory.join("hazelcast.yaml");
                fs::write(&file, configuration(port, &ports))?;
                let mut java = java(Part::Hazelcast5.name(), "-Xmx512m");
                java.args(MODULES).arg("-Dhazelcast.phone.home.enabled=false");
                java.arg(format!("-Dhazelcast.config={}", file.display()));
                java.arg("com.hazelcast.core.server.HazelcastMemberStarter");
                Ok(java)
            })?);
        }
        let all = format!("Members {{size:{}", ports.len());
        for member in &mut members {
            member.wait_for(START, |member| {
                let printed = member.printed();
                (printed.contains("is STARTED") && printed.contains(&all)).then_some(())
            })?;
        }
        Ok(Self { members, addresses: ports.into_iter().map(loopback).collect() })
    }

    /// Where the members listen, in the order they were started.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The addresses as the Python scripts take them.
    pub fn address_list(&self) -> String {
        self.addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
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

fn configuration(port: u16, all: &[u16]) -> String {
    let list =
        all.iter().map(|port| format!("\"127.0.0.1:{port}\"")).collect::<Vec<_>>().join(", ");
    format!(
        "hazelcast:
  cluster-name: dev
  network:
    port: {{auto-increment: false, port: {port}}}
    join:
      auto-detection: {{enabled: false}}
      multicast: {{enabled: false}}
      tcp-ip: {{enabled: true, member-list: [{list}]}}
    interfaces: {{enabled: true, interfaces: [127.0.0.1]}}
  jet: {{enabled: true, resource-upload-enabled: true}}
  map:
    \"journaled*\": {{event-journal: {{enabled: true, capacity: 100000}}}}
"
    )
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
