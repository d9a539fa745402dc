//! Simulation: a client engine and server engines on one seeded network.
//!
//! A [`World`] owns the engines, the network between them and time. Nothing in it is real: time jumps
//! to whatever happens next, and every delay, cut and fault is drawn from the seed, so a seed that
//! fails is a failure that repeats. Tests submit calls, let the world run, and hold what the client
//! said against what the servers did.
//!
//! ```text
//!   client engine --Send--> [cut into pieces, delayed] --Received--> server engine
//!         ^                    reset? stall?                               |
//!         +-------------- [cut into pieces, delayed] <--------Send---------+
//! ```
//!
//! What the network does to a connection is in [`Faults`]. What it never does: reorder or lose bytes
//! of a connection that lives, or report `Sent` for more than it took.

mod network;
mod trace;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use gridwire_core::call::{Caller, ClientEvent, Order, SubscriptionId, Ticket};
use gridwire_core::endpoint::{Cause, ConnId, Endpoint, Input, Output, Target};
use gridwire_core::rng::Rng;
use gridwire_core::time::Instant;

pub use network::Faults;
use network::{Happening, Network, Side};
pub use trace::Trace;

/// How often the engines may be driven at one moment before one of them counts as spinning.
const SPIN_LIMIT: u32 = 100_000;

/// What a call came to.
type Outcome<C> = Result<
    <<C as Caller>::Family as gridwire_core::call::Family>::Answer,
    <<C as Caller>::Family as gridwire_core::call::Family>::Error,
>;
type Item<C> = <<C as Caller>::Family as gridwire_core::call::Family>::Item;

/// A client, its servers, and the network between them. When a test fails, it says its seed and what
/// happened last.
pub struct World<C: Caller, S: Endpoint> {
    /// The client engine. Submit by [`World::submit`], so that ends are counted.
    pub client: C,
    /// The server engines, in the order given.
    pub servers: Vec<S>,
    network: Network,
    targets: Vec<Target>,
    /// Ends that were not taken yet.
    outcomes: BTreeMap<Ticket, Outcome<C>>,
    /// Calls that were submitted and have neither ended nor been cancelled.
    open: BTreeMap<Ticket, Instant>,
    items: VecDeque<(SubscriptionId, Item<C>)>,
    /// Subscriptions that ended by themselves or were ended.
    ended: BTreeSet<SubscriptionId>,
    seed: u64,
    trace: Trace,
    now: Instant,
    spins: u32,
    shut_down: bool,
}

impl<C: Caller, S: Endpoint> std::fmt::Debug for World<C, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World")
            .field("now", &self.now)
            .field("open", &self.open.len())
            .finish_non_exhaustive()
    }
}

impl<C: Caller, S: Endpoint> World<C, S> {
    /// A world in which `servers` listen at their targets.
    pub fn new(seed: u64, faults: Faults, client: C, servers: Vec<(Target, S)>) -> Self {
        let (targets, servers) = servers.into_iter().unzip();
        Self {
            client,
            servers,
            network: Network::new(Rng::new(seed_bytes(seed)), faults),
            targets,
            outcomes: BTreeMap::new(),
            open: BTreeMap::new(),
            items: VecDeque::new(),
            ended: BTreeSet::new(),
            seed,
            trace: Trace::default(),
            now: Instant::ZERO,
            spins: 0,
            shut_down: false,
        }
    }

    /// The moment.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// The world's own randomness, for tests that draw what they submit.
    pub fn rng(&mut self) -> &mut Rng {
        &mut self.network.rng
    }

    /// What happened so far, in a number: equal for equal seeds.
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// Changes what the network does from now on; [`Faults::none`] heals it.
    pub fn set_faults(&mut self, faults: Faults) {
        self.network.faults = faults;
    }

    /// Breaks every connection now.
    pub fn reset_all(&mut self) {
        for wire in self.network.ids() {
            self.network.schedule(self.now, Happening::Reset(wire));
        }
    }

    /// How many bytes the network took so far, of all connections and in both directions.
    pub fn carried(&self) -> u64 {
        self.network.carried
    }

    /// Breaks a connection once: after so many more bytes of all connections, whichever has the next.
    pub fn reset_after(&mut self, bytes: u64) {
        self.network.cut_after = Some(bytes);
    }

    /// Submits a call and counts on its end.
    ///
    /// # Panics
    /// The engine gives the same ticket out twice.
    pub fn submit(&mut self, order: Order<C::Family>) -> Ticket {
        let ticket = self.client.submit(self.now, order);
        self.trace.note(self.now, "submit", ticket.to_u64());
        assert!(self.open.insert(ticket, self.now).is_none(), "a ticket was given out twice");
        ticket
    }

    /// Cancels a call: no end is owed for it.
    pub fn cancel(&mut self, ticket: Ticket) {
        self.trace.note(self.now, "cancel", ticket.to_u64());
        self.open.remove(&ticket);
        self.client.cancel(self.now, ticket);
    }

    /// Begins a subscription; its ticket ends as a call does.
    pub fn subscribe(
        &mut self,
        listen: <C::Family as gridwire_core::call::Family>::Listen,
    ) -> (Ticket, SubscriptionId) {
        let (ticket, id) = self.client.subscribe(self.now, listen);
        self.trace.note(self.now, "subscribe", id.to_u64());
        self.open.insert(ticket, self.now);
        (ticket, id)
    }

    /// Ends a subscription: nothing may come of it from then on.
    pub fn unsubscribe(&mut self, id: SubscriptionId) {
        self.trace.note(self.now, "unsubscribe", id.to_u64());
        self.client.unsubscribe(self.now, id);
        // What was on its way to the reader when it left.
        self.drain();
        self.ended.insert(id);
    }

    /// Says how much more a subscription's reader has room for.
    pub fn demand(&mut self, id: SubscriptionId, items: usize) {
        self.client.demand(self.now, id, items);
    }

    /// Whether a subscription has ended.
    pub fn is_ended(&self, id: SubscriptionId) -> bool {
        self.ended.contains(&id)
    }

    /// Shuts the client down.
    pub fn shut_down(&mut self) {
        self.client.shut_down(self.now);
        self.drain();
    }

    /// Whether the client said that it is shut down.
    pub fn is_shut_down(&self) -> bool {
        self.shut_down
    }

    /// Takes the end of a call, if it has ended.
    pub fn outcome(&mut self, ticket: Ticket) -> Option<Outcome<C>> {
        self.outcomes.remove(&ticket)
    }

    /// Takes the oldest item of any subscription.
    pub fn item(&mut self) -> Option<(SubscriptionId, Item<C>)> {
        self.items.pop_front()
    }

    /// Calls that have not ended.
    pub fn open_calls(&self) -> usize {
        self.open.len()
    }

    /// Lets `time` pass.
    pub fn run_for(&mut self, time: Duration) {
        let end = self.now + time;
        self.run_until(end, |_| false);
        self.now = self.now.max(end);
    }

    /// Runs until every submitted call has ended, or `time` has passed. True if all ended.
    pub fn run_to_end(&mut self, time: Duration) -> bool {
        let end = self.now + time;
        self.run_until(end, |world| world.open.is_empty());
        self.open.is_empty()
    }

    /// Runs one call to its end.
    ///
    /// # Panics
    /// The call does not end within `time`.
    pub fn call(&mut self, order: Order<C::Family>, time: Duration) -> Outcome<C> {
        let ticket = self.submit(order);
        let end = self.now + time;
        self.run_until(end, |world| world.outcomes.contains_key(&ticket));
        self.outcome(ticket).expect("the call did not end in time")
    }

    fn run_until(&mut self, end: Instant, done: impl Fn(&Self) -> bool) {
        loop {
            self.drain();
            if done(self) {
                return;
            }
            let Some(next) = self.next_moment().filter(|next| *next <= end) else { return };
            if next > self.now {
                self.now = next;
                self.spins = 0;
            }
            self.spins += 1;
            assert!(self.spins < SPIN_LIMIT, "an engine asks to be woken at once, for ever");
            self.happen();
        }
    }

    fn next_moment(&self) -> Option<Instant> {
        let servers = self.servers.iter().filter_map(Endpoint::deadline);
        servers.chain(self.client.deadline()).chain(self.network.deadline()).min()
    }

    /// Everything that is due now.
    fn happen(&mut self) {
        if self.client.deadline().is_some_and(|at| at <= self.now) {
            self.client.handle(self.now, Input::Timeout);
        }
        for server in &mut self.servers {
            if server.deadline().is_some_and(|at| at <= self.now) {
                server.handle(self.now, Input::Timeout);
            }
        }
        while let Some(happening) = self.network.pop(self.now) {
            self.trace.note(self.now, happening.name(), happening.detail());
            self.network.happen(self.now, happening, &mut self.client, &mut self.servers);
            self.drain();
        }
    }

    /// Does what the engines want until they want nothing.
    fn drain(&mut self) {
        loop {
            let mut quiet = true;
            while let Some(output) = self.client.poll_output() {
                quiet = false;
                match output {
                    Output::Event(event) => self.take(event),
                    Output::Open { conn, target } => self.open(conn, &target),
                    other => self.network.output(self.now, Side::Client, other, &mut self.client),
                }
            }
            for (index, server) in self.servers.iter_mut().enumerate() {
                while let Some(output) = server.poll_output() {
                    quiet = false;
                    self.network.output(self.now, Side::Server(index), output, server);
                }
            }
            if quiet {
                return;
            }
        }
    }

    fn open(&mut self, conn: ConnId, target: &Target) {
        self.trace.note(self.now, "open", conn.to_u64());
        match self.targets.iter().position(|known| known == target) {
            Some(server) => self.network.open(self.now, conn, server),
            None => self.client.handle(self.now, Input::Closed { conn, cause: Cause::Refused }),
        }
    }

    fn take(&mut self, event: ClientEvent<C::Family>) {
        match event {
            ClientEvent::Done(ticket, outcome) => {
                let word = if outcome.is_ok() { "done" } else { "failed" };
                self.trace.note(self.now, word, ticket.to_u64());
                if let Err(error) = &outcome {
                    self.trace.text(&error.to_string());
                }
                assert!(
                    self.open.remove(&ticket).is_some(),
                    "a call ended twice, or after it was cancelled: {ticket:?} {:?}",
                    outcome.err()
                );
                self.outcomes.insert(ticket, outcome);
            }
            ClientEvent::Item(id, item) => {
                self.trace.note(self.now, "item", id.to_u64());
                assert!(!self.ended.contains(&id), "an item of a subscription that has ended");
                self.items.push_back((id, item));
            }
            ClientEvent::Ended(id, result) => {
                self.trace.note(self.now, "ended", id.to_u64());
                self.trace.text(&format!("{result:?}"));
                assert!(self.ended.insert(id), "a subscription ended twice");
            }
            ClientEvent::ShutDown(result) => {
                assert!(self.open.is_empty(), "shut down with calls that have not ended");
                assert!(!std::mem::replace(&mut self.shut_down, true), "shut down twice");
                self.trace.text(&format!("{result:?}"));
            }
            ClientEvent::Lifecycle(state) => self.trace.text(&format!("{state:?}")),
            ClientEvent::Note(note) => self.trace.text(&note.text),
            ClientEvent::Room(conn) => self.trace.note(self.now, "room", conn.to_u64()),
        }
    }
}

impl<C: Caller, S: Endpoint> Drop for World<C, S> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("seed {}: {:?}", self.seed, self.trace);
        }
    }
}

/// Runs seeds from 0 on, every fourth one twice.
///
/// # Panics
/// A seed does not repeat its run.
pub fn run_seeds<T: PartialEq + std::fmt::Debug>(seeds: u64, run: impl Fn(u64) -> T) -> Vec<T> {
    let once = |seed: u64| {
        let first = run(seed);
        if seed.is_multiple_of(4) {
            assert_eq!(first, run(seed), "seed {seed} differs from itself");
        }
        first
    };
    (0..seeds).map(once).collect()
}

/// A seed of 32 bytes from a short one.
pub fn seed_bytes(seed: u64) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    Rng::new(bytes).seed()
}
