//! [`World`]: the engines of a simulation, and time.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use gridwire_core::call::{
    Caller, ClientEvent, Failure, Family, Lifecycle, Order, SubscriptionId, Ticket,
};
use gridwire_core::endpoint::{Cause, ConnId, Endpoint, Input, ListenerId, Output, Target};
use gridwire_core::rng::Rng;
use gridwire_core::time::Instant;

use super::network::{Faults, Happening, Network, Reach, Route, Side};
use super::seeds::seed_bytes;
use super::trace::Trace;

/// How often the engines may be driven at one moment before one of them counts as spinning.
const SPIN_LIMIT: u32 = 100_000;

/// What a call came to.
type Outcome<C> =
    Result<<<C as Caller>::Family as Family>::Answer, <<C as Caller>::Family as Family>::Error>;
type Item<C> = <<C as Caller>::Family as Family>::Item;

/// What a call came to, and when.
pub struct Ended<C: Caller> {
    /// The moment, and its number among all of [`World::stamp`].
    pub at: (Instant, u64),
    /// What it came to.
    pub outcome: Outcome<C>,
}

impl<C: Caller> std::fmt::Debug for Ended<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ended").field("at", &self.at).finish_non_exhaustive()
    }
}

/// A client, its servers, and the network between them. When a test fails, it says its seed and what
/// happened last.
pub struct World<C: Caller, S: Endpoint> {
    /// The client engine. Submit by [`World::submit`], so that ends are counted.
    pub client: C,
    /// The server engines, in the order given.
    pub servers: Vec<S>,
    network: Network,
    /// Ends that were not taken yet.
    ends: BTreeMap<Ticket, Ended<C>>,
    /// Calls that were submitted and have neither ended nor been cancelled, and their deadlines.
    open: BTreeMap<Ticket, Instant>,
    /// Of calls that name none. `None`: nobody looks whether deadlines are kept.
    timeout: Option<Duration>,
    stamps: u64,
    lifecycle: Vec<(Instant, Lifecycle)>,
    items: VecDeque<(SubscriptionId, Item<C>)>,
    /// Subscriptions that ended by themselves or were ended.
    ended: BTreeSet<SubscriptionId>,
    seed: u64,
    /// Says what happened last when a run fails.
    tells: bool,
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
        let at_one = |(target, server)| (vec![target], server);
        Self::with_listeners(seed, faults, client, servers.into_iter().map(at_one).collect())
    }

    /// A world in which each of `servers` listens at several targets: what comes to the first of them
    /// comes to its listener 0, and so on.
    pub fn with_listeners(
        seed: u64,
        faults: Faults,
        client: C,
        servers: Vec<(Vec<Target>, S)>,
    ) -> Self {
        let mut routes = Vec::new();
        for (server, (targets, _)) in servers.iter().enumerate() {
            routes.extend(targets.iter().zip(0..).map(|(target, listener)| {
                Route::new(target.clone(), server, ListenerId(listener))
            }));
        }
        Self {
            client,
            servers: servers.into_iter().map(|(_, server)| server).collect(),
            network: Network::new(Rng::new(seed_bytes(seed)), faults, routes),
            ends: BTreeMap::new(),
            open: BTreeMap::new(),
            timeout: None,
            stamps: 0,
            lifecycle: Vec::new(),
            items: VecDeque::new(),
            ended: BTreeSet::new(),
            seed,
            tells: true,
            trace: Trace::default(),
            now: Instant::ZERO,
            spins: 0,
            shut_down: false,
        }
    }

    /// Has it looked whether each call ends by its deadline, and is called timed out at its deadline
    /// and at no other time. Calls that name none have this.
    pub fn watch_deadlines(&mut self, timeout: Duration) {
        self.timeout = Some(timeout);
    }

    /// How much of what happened last is said when a run fails: 200 lines unless told otherwise, and
    /// nothing at all of none, for those who run many.
    pub fn keep_lines(&mut self, lines: usize) {
        self.tells = lines > 0;
        self.trace.keep(lines);
    }

    /// A number above all that were given out or were the end of a call before.
    pub fn stamp(&mut self) -> u64 {
        self.stamps += 1;
        self.stamps
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

    /// Notes something among what happened, for whoever reads it.
    pub fn remark(&mut self, line: impl FnOnce() -> String) {
        self.trace.remark(line);
    }

    /// Changes what the network does from now on; [`Faults::none`] heals it.
    pub fn set_faults(&mut self, faults: Faults) {
        self.network.faults = faults;
    }

    /// Changes how a target can be reached from now on, and how long pieces to and from it are under
    /// way beyond what they are elsewhere.
    pub fn set_reach(&mut self, target: usize, reach: Reach, slow: Duration) {
        self.trace.note(self.now, reach.name(), target as u64);
        self.network.set_reach(self.now, target, reach, slow);
    }

    /// How many targets there are.
    pub fn targets(&self) -> usize {
        self.network.routes.len()
    }

    /// How many connections ended that had stood at the client's end.
    pub fn lost(&self) -> u64 {
        self.network.lost
    }

    /// What the client said of its life, and when.
    pub fn lifecycle(&self) -> &[(Instant, Lifecycle)] {
        &self.lifecycle
    }

    /// Tells a server something that it isn't told by the network.
    pub fn command<R>(
        &mut self,
        server: usize,
        what: &'static str,
        command: impl FnOnce(&mut S, Instant) -> R,
    ) -> Option<R> {
        self.trace.note(self.now, what, server as u64);
        let result = command(self.servers.get_mut(server)?, self.now);
        self.drain();
        Some(result)
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
        let timeout = order.timeout.or(self.timeout).unwrap_or(Duration::MAX);
        let ticket = self.client.submit(self.now, order);
        self.trace.note(self.now, "submit", ticket.to_u64());
        let deadline = self.now + timeout;
        assert!(self.open.insert(ticket, deadline).is_none(), "a ticket was given out twice");
        ticket
    }

    /// Cancels a call: no end is owed for it.
    pub fn cancel(&mut self, ticket: Ticket) {
        self.trace.note(self.now, "cancel", ticket.to_u64());
        self.open.remove(&ticket);
        self.client.cancel(self.now, ticket);
    }

    /// Begins a subscription; its ticket ends as a call does.
    pub fn subscribe(&mut self, listen: <C::Family as Family>::Listen) -> (Ticket, SubscriptionId) {
        let (ticket, id) = self.client.subscribe(self.now, listen);
        self.trace.note(self.now, "subscribe", id.to_u64());
        self.open.insert(ticket, self.now + self.timeout.unwrap_or(Duration::MAX));
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
        self.end(ticket).map(|ended| ended.outcome)
    }

    /// Takes the end of a call and its time, if it has ended.
    pub fn end(&mut self, ticket: Ticket) -> Option<Ended<C>> {
        self.ends.remove(&ticket)
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
        self.run_until(end, |world| world.ends.contains_key(&ticket));
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
        match self.network.routes.iter().position(|route| route.target == *target) {
            Some(route) => self.network.open(self.now, conn, route),
            None => self.client.handle(self.now, Input::Closed { conn, cause: Cause::Refused }),
        }
    }

    fn check_deadline(&self, deadline: Instant, outcome: &Outcome<C>) {
        let now = self.now;
        assert!(now <= deadline, "a call ended at {now:?}, and its deadline was {deadline:?}");
        let is_timed_out = |error: &<C::Family as Family>::Error| {
            [true, false].into_iter().any(|sent| *error == Failure::TimedOut { sent }.into())
        };
        if outcome.as_ref().is_err_and(is_timed_out) {
            assert!(now == deadline, "a call timed out at {now:?}, not at {deadline:?}");
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
                let Some(deadline) = self.open.remove(&ticket) else {
                    panic!(
                        "a call ended twice, or after it was cancelled: {ticket:?} {:?}",
                        outcome.err()
                    );
                };
                if self.timeout.is_some() {
                    self.check_deadline(deadline, &outcome);
                }
                let at = (self.now, self.stamp());
                self.ends.insert(ticket, Ended { at, outcome });
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
            ClientEvent::Lifecycle(state) => {
                self.trace.text(&format!("{state:?}"));
                self.lifecycle.push((self.now, state));
            }
            ClientEvent::Note(note) => self.trace.text(&note.text),
            ClientEvent::Room(conn) => self.trace.note(self.now, "room", conn.to_u64()),
        }
    }
}

impl<C: Caller, S: Endpoint> Drop for World<C, S> {
    fn drop(&mut self) {
        if self.tells && std::thread::panicking() {
            eprintln!("seed {}: {:?}", self.seed, self.trace);
        }
    }
}
