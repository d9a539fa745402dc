//! A client under load while members crash, restart elsewhere, or are stopped; see
//! [`gridwire_conformance::chaos`].

use std::io::Write as _;
use std::time::Duration;

use gridwire_conformance::chaos::{Outcome, SILENCE, Storm, run};
use gridwire_conformance::live::needed;

/// The shortest run there is; `gridwire chaos` takes longer ones.
fn outcome(storm: Storm) -> Option<Outcome> {
    let outcome = needed(run(storm, Duration::ZERO))?;
    // Past the harness, which keeps a passing test's output to itself: the figures are for people.
    let _ = writeln!(std::io::stderr(), "{outcome}");
    Some(outcome)
}

fn good_outcome(storm: Storm) -> Option<Outcome> {
    let outcome = outcome(storm)?;
    assert!(outcome.is_good() && outcome.events > 0, "{outcome}");
    Some(outcome)
}

#[test]
fn members_crash_and_are_replaced() {
    let Some(outcome) = good_outcome(Storm::Crash) else { return };
    assert!(outcome.storms >= 2);
    assert_eq!(outcome.failed, 0);
}

#[test]
fn all_members_restart_elsewhere() {
    let Some(outcome) = good_outcome(Storm::Restart) else { return };
    assert_eq!(outcome.failed, 0);
}

/// On a machine so busy that members give each other up that nobody stopped, or take long to agree that one
/// is gone, a run says little of the client: it is tried again.
#[test]
fn a_member_is_stopped() {
    for left in (0..3).rev() {
        let Some(outcome) = outcome(Storm::Freeze) else { return };
        // No machine is too slow for these.
        assert_eq!((outcome.doubled, outcome.hanging), (0, 0), "{outcome}");
        assert!(outcome.lost == 0 || outcome.split, "{outcome}");
        if left > 0 && (outcome.split || outcome.pause >= 2 * SILENCE) {
            continue;
        }
        assert!(outcome.is_good() && outcome.events > 0, "{outcome}");
        assert_eq!((outcome.failed, outcome.lost), (0, 0));
        assert!(outcome.pause < 2 * SILENCE, "recovered after {:?}", outcome.pause);
        return;
    }
}
