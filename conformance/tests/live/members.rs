//! The official clients on a cluster of embedded members, one of which ends while they work.

use crate::{AMPLE, lines};

use gridwire_conformance::live::{Error, needed, run_node, run_python};
use gridwire_conformance::suite::served;
use gridwire_tokio::core::hazelcast::server::MemberConfig;
use gridwire_tokio::testing::Member;

use std::thread;
use std::time::Duration;

/// Runs a script that says "ok" at its end, and ends a member once it says that it is ready for that.
fn on_three_members(run: impl FnOnce(&str, Duration) -> Result<String, Error>) {
    let (_runtime, members) = served(|| Member::cluster_on_loopback(MemberConfig::cluster(3), 3));
    let at: Vec<_> = members.targets().iter().map(ToString::to_string).collect();
    let over = std::sync::atomic::AtomicBool::new(false);
    let printed = thread::scope(|scope| {
        scope.spawn(|| {
            let is_ready = || members.with(|it, _| it.map_size("embedded-ready") > 0);
            while !over.load(std::sync::atomic::Ordering::Relaxed) {
                if is_ready() {
                    return members.with(|it, now| it.crash(now, 1));
                }
                thread::sleep(Duration::from_millis(20));
            }
        });
        let printed = run(&at.join(","), AMPLE);
        over.store(true, std::sync::atomic::Ordering::Relaxed);
        printed
    });
    let Some(printed) = needed(printed) else { return };
    assert_eq!(lines(&printed).last().expect("lines")["ok"], true);
    assert_eq!(members.with(|it, _| it.members().to_vec()), [0, 2]);
}

#[test]
fn python_on_three_embedded_members() {
    on_three_members(|at, within| run_python("hazelcast_members.py", &[at, "embedded"], within));
}

#[test]
fn node_on_three_embedded_members() {
    on_three_members(|at, within| run_node("hazelcast_client.js", &[at, "embedded"], within));
}
