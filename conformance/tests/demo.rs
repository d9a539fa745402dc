//! The demo's workloads, small: every protocol on every adapter, against the embedded peers.

use std::time::Duration;

use gridwire_conformance::demo::{self, Peers, ROWS};
use gridwire_conformance::workload::Amount;

#[test]
fn every_protocol_on_every_adapter() {
    let peers = Peers::start().expect("peers on free ports");
    let amount = Amount { lanes: 8, time: Duration::from_millis(100) };
    let mut seen = Vec::new();
    demo::run(&peers, amount, |row| {
        let (protocol, adapter, tally) = (row.protocol, row.adapter, row.tally);
        assert_eq!(tally.errors, 0, "{protocol} on {adapter}: {:?}", tally.samples);
        assert!(tally.operations >= 8, "{protocol} on {adapter}: {}", tally.operations);
        seen.push((protocol, adapter));
    });
    assert_eq!(seen.len(), ROWS);
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), ROWS, "each once: {seen:?}");
}
