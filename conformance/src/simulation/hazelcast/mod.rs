//! A Hazelcast cluster and its client, in a world in which things go wrong.
//!
//! A seed draws a cluster of one, three or seven members, a client's configuration, and a life: calls on
//! a few keys by several at once, listeners that come and go, calls that are cancelled; members that
//! crash, start, and fall silent; networks that cut, slow, and lose. In the end all is made well, and then
//! this must hold:
//!
//! - each call ended once, by its deadline, and those that timed out at their deadline;
//! - each key's history has an order ([`super::history`]), so nothing acknowledged is lost, nothing is
//!   done twice unless it may be sent twice, and nothing that was said not to be done was;
//! - no listener heard of a write twice, and each still listens;
//! - the client is connected to all members again, and holds no more than in the beginning.
//!
//! `setup` draws, `calls` makes and ends calls, `listeners` hears, `disturbances` makes things go wrong,
//! `endgame` makes them well and looks. [`try_seed`] is what `gridwire simulate` and the test run.

mod calls;
mod disturbances;
mod endgame;
mod listeners;
mod setup;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use gridwire_core::call::Caller;
use gridwire_core::call::{SubscriptionId, Ticket};
use gridwire_core::endpoint::{Engine, Start, Target};
use gridwire_core::hazelcast::{Client, Hazelcast, Map, Member, Structures};
use gridwire_core::invoker::Detached;

use self::calls::Doing;
use self::disturbances::Trouble;
use self::listeners::Listening;
use self::setup::{Setup, Temper};
use super::history::{Checked, Histories};
use super::{Faults, World, seed_bytes};

/// A map whose calls are run by the world.
type Numbers = Map<i32, i64, Detached<Hazelcast>>;

/// Keys that are in use: few, so that calls meet.
const KEYS: i32 = 5;

/// How many times the client's user does something.
const STEPS: u64 = 60;

/// What a seed does not decide.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// So many members, instead of one, three or seven.
    pub members: Option<usize>,
    /// How many lines of what happened last to print when something does not hold.
    pub lines: usize,
}

impl Options {
    /// How to run a seed again on the command line.
    pub fn repeat(&self, seed: u64) -> String {
        let members = self.members.map_or_else(String::new, |n| format!(" --members {n}"));
        format!("gridwire simulate --seed {seed}{members}")
    }
}

/// What happened in one run, or in several.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// Members of the cluster.
    pub members: usize,
    /// Runs.
    pub runs: u64,
    /// Those of them in which the last copy of a partition was lost.
    pub lossy: u64,
    /// Calls of the user.
    pub calls: u64,
    /// Those that were answered.
    pub done: u64,
    /// Those whose time was up.
    pub timed_out: u64,
    /// Those of which it is not known whether they were done.
    pub indeterminate: u64,
    /// Those that failed otherwise.
    pub failed: u64,
    /// Those that nobody waited for any more.
    pub cancelled: u64,
    /// Requests that were sent again.
    pub retried: u64,
    /// Members that crashed or fell silent, and networks that were cut.
    pub troubles: u64,
    /// Events that listeners heard.
    pub events: u64,
    /// Keys with an order, those of which it was not found out, and the calls on all.
    pub checked: Checked,
    /// What happened, in a number and how often something did.
    pub trace: (u64, u64),
}

impl Report {
    /// Adds another run to this one.
    pub fn add(&mut self, other: &Self) {
        self.members = other.members;
        self.runs += other.runs;
        self.lossy += other.lossy;
        self.calls += other.calls;
        self.done += other.done;
        self.timed_out += other.timed_out;
        self.indeterminate += other.indeterminate;
        self.failed += other.failed;
        self.cancelled += other.cancelled;
        self.retried += other.retried;
        self.troubles += other.troubles;
        self.events += other.events;
        self.checked.keys += other.checked.keys;
        self.checked.too_hard += other.checked.too_hard;
        self.checked.calls += other.checked.calls;
        self.trace.1 += other.trace.1;
    }
}

/// Runs one seed.
///
/// # Errors
/// What did not hold, in words, with the seed and how to repeat it.
pub fn try_seed(seed: u64, options: Options) -> Result<Report, String> {
    catch_unwind(AssertUnwindSafe(|| run_seed(seed, options))).map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic");
        format!("seed {seed}: {text}\nrepeat with: {}", options.repeat(seed))
    })
}

/// Runs one seed.
///
/// # Panics
/// Something did not hold.
pub fn run_seed(seed: u64, options: Options) -> Report {
    let mut run = Run::start(seed, options);
    for _ in 0..STEPS {
        run.step();
    }
    run.make_well();
    run.look()
}

/// A run under way.
struct Run {
    world: World<Client, Member>,
    setup: Setup,
    map: Numbers,
    doing: BTreeMap<Ticket, Doing>,
    histories: Histories,
    listeners: BTreeMap<SubscriptionId, Listening>,
    /// What is written next: each value once.
    next_value: i64,
    /// What each key was last seen or made to hold.
    recent: BTreeMap<i32, i64>,
    trouble: Trouble,
    report: Report,
}

impl Run {
    fn start(seed: u64, options: Options) -> Self {
        let mut rng = gridwire_core::rng::Rng::new(seed_bytes(seed));
        let setup = Setup::draw(&mut rng, options);
        let targets: Vec<_> =
            (0..setup.members).map(|n| Target::new(format!("member-{n}"), 5701)).collect();
        let unix_at_zero = Duration::from_secs(1_700_000_000);
        let client =
            Client::start(setup.client(&targets), Start { seed: rng.seed(), unix_at_zero });
        let member =
            Member::start(setup.member(&targets), Start { seed: rng.seed(), unix_at_zero });
        let map: Numbers = Detached::new(client.codec()).map("map");
        let faults = if setup.starts_well { Faults::none() } else { setup.faults };
        let mut world = World::with_listeners(seed, faults, client, vec![(targets, member)]);
        world.watch_deadlines(setup.invocation_timeout);
        world.keep_lines(options.lines);
        world.remark(|| format!("{setup:?}"));
        let report = Report { members: setup.members, runs: 1, ..Report::default() };
        let mut run = Self {
            world,
            setup,
            map,
            doing: BTreeMap::new(),
            histories: Histories::default(),
            listeners: BTreeMap::new(),
            next_value: 1,
            recent: BTreeMap::new(),
            trouble: Trouble::default(),
            report,
        };
        if run.setup.starts_well {
            run.begin_well();
            run.world.set_faults(run.setup.faults);
        }
        run
    }

    /// The user does something, time passes, and things may go wrong.
    fn step(&mut self) {
        for _ in 0..=self.below(3) {
            self.begin_call();
        }
        let pause = match self.below(24) {
            0 => Duration::from_millis(self.below(8_000)),
            1..=6 => Duration::from_millis(self.below(400)),
            _ => Duration::from_millis(self.below(12)),
        };
        self.world.run_for(pause);
        self.settle();
        match self.below(60) {
            0..=4 => self.cancel_one(),
            5 | 6 => self.subscribe(),
            7 => self.unsubscribe(),
            _ => {}
        }
        if self.setup.temper != Temper::Calm && self.below(7) == 0 {
            self.disturb();
        }
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.world.rng().below(bound)
    }

    fn is_one_in(&mut self, bound: u64) -> bool {
        self.below(bound) == 0
    }
}
