//! Clusters of one, three and seven members in a world where things go wrong, by seeds: what must hold
//! is in [`gridwire_conformance::simulation::hazelcast`].

use std::collections::BTreeMap;
use std::sync::Mutex;

use gridwire_conformance::simulation::each_seed;
use gridwire_conformance::simulation::hazelcast::{Options, Report, try_seed};

/// How many seeds, unless `GRIDWIRE_SEEDS` says so.
const SEEDS: u64 = 2_000;

#[test]
fn what_must_hold_holds_whatever_goes_wrong() {
    let seeds = std::env::var("GRIDWIRE_SEEDS").ok().and_then(|text| text.parse().ok());
    let seeds = seeds.unwrap_or(SEEDS);
    let totals: Mutex<BTreeMap<usize, Report>> = Mutex::default();
    let failed = each_seed(0..seeds, |seed| {
        let report = try_seed(seed, Options::default())?;
        // A seed repeats its run.
        if seed.is_multiple_of(16) && try_seed(seed, Options::default())? != report {
            return Err(format!("seed {seed} differs from itself"));
        }
        totals.lock().unwrap().entry(report.members).or_default().add(&report);
        Ok(())
    });
    assert!(failed.is_empty(), "{} seeds failed:\n{}", failed.len(), failed.join("\n"));
    let totals = totals.into_inner().unwrap();
    for (members, report) in &totals {
        println!("{members} members: {report:?}");
    }
    if seeds >= SEEDS {
        assert_eq!(totals.keys().copied().collect::<Vec<_>>(), [1, 3, 7]);
        // What is to be checked did happen.
        let all = totals.values().fold(Report::default(), |mut all, report| {
            all.add(report);
            all
        });
        assert!(all.done > all.calls / 2, "most calls are answered");
        for (what, often) in [
            ("retried", all.retried),
            ("timed out", all.timed_out),
            ("indeterminate", all.indeterminate),
            ("cancelled", all.cancelled),
            ("troubles", all.troubles),
            ("lossy", all.lossy),
            ("events", all.events),
        ] {
            assert!(often > seeds / 20, "{what}: {often}");
        }
        let (keys, too_hard) = (all.checked.keys, all.checked.too_hard);
        assert!(too_hard * 30 < keys, "too hard: {too_hard} of {keys}");
    }
}
