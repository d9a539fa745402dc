//! The official clients against the embedded peers.

use crate::probe::find;
use crate::{AMPLE, HAZELCAST, known_values, lines};

use gridwire_conformance::live::{needed, run_python};
use gridwire_conformance::probe::{Cluster, Finding};
use gridwire_tokio::core::hazelcast::server::MemberConfig;
use gridwire_tokio::testing::Member;

/// A member on a runtime of its own, which serves until both are dropped.
fn member() -> (tokio::runtime::Runtime, Member) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let guard = runtime.enter();
    let member = Member::on_loopback(MemberConfig::default()).expect("a member");
    drop(guard);
    (runtime, member)
}

#[test]
fn python_operations_on_an_embedded_member() {
    let (_runtime, member) = member();
    let at = member.local_addr().to_string();
    let Some(printed) = needed(run_python(HAZELCAST, &[&at, "operations", "embedded"], AMPLE))
    else {
        return;
    };
    assert_eq!(lines(&printed).last().expect("lines")["ok"], true);
}

#[test]
fn python_reads_from_an_embedded_member_what_it_wrote() {
    let (_runtime, member) = member();
    let at = member.local_addr().to_string();
    let (file, known) = known_values();
    let Some(_) = needed(run_python(HAZELCAST, &[&at, "write", "values", &file], AMPLE)) else {
        return;
    };
    let mut arguments = vec![at.as_str(), "read", "values"];
    arguments.extend(known.iter().map(|value| value["key"].as_str().expect("a key")));
    let read = lines(&run_python(HAZELCAST, &arguments, AMPLE).expect("read"));
    for (said, known) in read.iter().zip(&known) {
        let float = known["kind"] == "float";
        assert!(said == known || (float && said["kind"] == "null"), "{said} for {known}");
    }
}

#[test]
fn a_probe_takes_it_for_a_member() {
    let (_runtime, member) = member();
    let found = find(member.local_addr(), "dev");
    let Finding::Hazelcast { protocol, cluster, members, partitions, .. } = found else {
        panic!("{found:?}")
    };
    assert_eq!((protocol, cluster, partitions), ("2.x (CP2)", Cluster::Accepted, Some(271)));
    assert_eq!(members.len(), 1);
    assert_eq!(members[0].address, member.local_addr().to_string());
}
