//! `gridwire probe` against real servers, from the library and from the command line.

use crate::{broker, one_member, three_members};

use gridwire_conformance::live::{HazelcastCluster, needed};
use gridwire_conformance::probe::{Cluster, Finding, Probe, Target};

use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

pub(crate) fn find(at: SocketAddr, cluster: &str) -> Finding {
    let target = Target { host: at.ip().to_string(), port: at.port() };
    // Ample for those who speak, however busy the machine is.
    let step = Duration::from_secs(20);
    Probe { cluster: cluster.into(), step, ..Probe::default() }.run(&target).finding
}

#[test]
fn members_of_5_7_0() {
    let Some(cluster) = three_members() else { return };
    for &at in cluster.addresses() {
        let found = find(at, "dev");
        let Finding::Hazelcast {
            protocol,
            version,
            cluster: login,
            members,
            partitions,
            cluster_id,
        } = found
        else {
            panic!("{found:?}")
        };
        assert_eq!((protocol, version.as_deref()), ("2.x (CP2)", Some("5.7.0")));
        assert_eq!((login, partitions), (Cluster::Accepted, Some(271)));
        assert!(cluster_id.is_some());
        let mut addresses: Vec<_> = members.iter().map(|member| member.address.clone()).collect();
        addresses.sort();
        let mut expected: Vec<_> = cluster.addresses().iter().map(ToString::to_string).collect();
        expected.sort();
        assert_eq!(addresses, expected);
        assert!(members.iter().all(|member| member.version.as_deref() == Some("5.7.0")));
    }
}

#[test]
fn a_wrong_cluster_name() {
    let Some(cluster) = one_member() else { return };
    let found = find(cluster.addresses()[0], "nosuch");
    let Finding::Hazelcast { cluster: login, members, .. } = found else { panic!("{found:?}") };
    assert_eq!((login, members), (Cluster::Refused, Vec::new()));
}

#[test]
fn a_member_of_3_12() {
    let Some(member) = needed(HazelcastCluster::start_3_12()) else { return };
    let at = member.addresses()[0];
    let found = find(at, "dev");
    let Finding::Hazelcast { protocol, version, cluster: login, members, partitions, .. } = found
    else {
        panic!("{found:?}")
    };
    assert_eq!((protocol, version.as_deref()), ("1.x (CB2)", Some("3.12.13")));
    assert_eq!((login, partitions), (Cluster::Accepted, Some(271)));
    assert_eq!(members.len(), 1);
    assert_eq!(members[0].address, at.to_string());

    let refused = find(at, "nosuch");
    let Finding::Hazelcast { cluster: login, .. } = refused else { panic!("{refused:?}") };
    assert_eq!(login, Cluster::Refused);
}

#[test]
fn a_broker() {
    let Some(broker) = broker() else { return };
    let found = find(broker.address(), "dev");
    let Finding::Kafka { apis, error } = found else { panic!("{found:?}") };
    assert_eq!(error, 0);
    let range =
        |key| apis.iter().find(|api| api.key == key).map(|api| (api.name, api.min, api.max));
    assert_eq!(range(0), Some((Some("Produce"), 0, 13)));
    assert_eq!(range(1), Some((Some("Fetch"), 4, 18)));
    assert_eq!(range(18), Some((Some("ApiVersions"), 0, 5)));
}

#[test]
fn the_program_on_a_range() {
    let (Some(cluster), Some(broker)) = (one_member(), broker()) else { return };
    let (member, broker) = (cluster.addresses()[0], broker.address());
    let around = format!("127.0.0.1:{}-{}", member.port(), member.port().saturating_add(3));
    let output = Command::new(env!("CARGO_BIN_EXE_gridwire"))
        .args(["probe", "--json", "--timeout", "10000", &around, &broker.to_string()])
        .output()
        .expect("the program");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let found = found.as_array().expect("a list");
    assert_eq!(found[0]["speaks"], "hazelcast");
    assert_eq!(found[0]["version"], "5.7.0");
    assert_eq!(found[0]["cluster"], "accepted");
    let last = found.last().expect("the broker");
    assert_eq!((&last["speaks"], &last["target"]), (&"kafka".into(), &broker.to_string().into()));
}
