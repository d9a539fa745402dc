//! Listeners that come and go, and what they hear.

use std::collections::BTreeMap;

use gridwire_core::call::{Caller, Opener, SubscriptionId, Ticket};
use gridwire_core::hazelcast::{EntryEvent, EntryEvents, Hazelcast, Item};

use super::Run;
use super::setup::Temper;

/// Listeners at a time.
const MOST: usize = 3;

/// A registration of a listener.
pub(super) struct Listening {
    ticket: Ticket,
    opener: Opener<Hazelcast, Item, EntryEvent<i32, i64>>,
    /// How often it heard of each value that was written, and of each that was removed.
    pub(super) written: BTreeMap<(i32, i64), u32>,
    removed: BTreeMap<(i32, i64), u32>,
    pub(super) is_registered: bool,
}

impl Run {
    pub(super) fn subscribe(&mut self) {
        if self.listeners.len() >= MOST {
            return;
        }
        let listen = self.map.listen(EntryEvents::ALL, true);
        let (ticket, id) = self.world.subscribe(listen.listen);
        let (written, removed) = (BTreeMap::new(), BTreeMap::new());
        let opener = listen.opener;
        let listening = Listening { ticket, opener, written, removed, is_registered: false };
        self.listeners.insert(id, listening);
    }

    /// Some listener has heard enough.
    pub(super) fn unsubscribe(&mut self) {
        // When nothing goes wrong, the first stays, and misses nothing.
        let stay = usize::from(self.setup.temper == Temper::Calm);
        let ids: Vec<_> = self.listeners.keys().copied().skip(stay).collect();
        if let Some(id) = self.world.rng().choose(&ids).copied() {
            self.end_listener(id);
        }
    }

    pub(super) fn end_listener(&mut self, id: SubscriptionId) {
        self.listen();
        let Some(listening) = self.listeners.remove(&id) else { return };
        self.world.unsubscribe(id);
        self.check_heard(&listening);
    }

    /// Takes what was heard.
    pub(super) fn listen(&mut self) {
        let mut failed = Vec::new();
        for (id, listening) in &mut self.listeners {
            match self.world.end(listening.ticket).map(|end| end.outcome) {
                Some(Ok(_)) => listening.is_registered = true,
                Some(Err(_)) => failed.push(*id),
                None => {}
            }
        }
        while let Some((id, item)) = self.world.item() {
            let Some(listening) = self.listeners.get_mut(&id) else { continue };
            let codec = self.world.client.codec();
            let event = listening.opener.open(&item, &codec).expect("an event that can't be read");
            let Some(key) = event.key else { continue };
            self.report.events += 1;
            match (event.value, event.old_value) {
                (Some(value), _) => *listening.written.entry((key, value)).or_default() += 1,
                (None, Some(value)) => *listening.removed.entry((key, value)).or_default() += 1,
                (None, None) => {}
            }
        }
        for id in failed {
            // It timed out, or was refused: nobody listens then, and nothing may come.
            if let Some(listening) = self.listeners.remove(&id) {
                self.check_heard(&listening);
                if !self.world.is_ended(id) {
                    self.world.unsubscribe(id);
                }
            }
        }
    }

    /// Nothing was heard twice, unless it may have been done twice; and nothing that was not done.
    fn check_heard(&self, listening: &Listening) {
        for ((key, value), times) in &listening.written {
            let Some((may_be_done, may_be_again)) = self.histories.fate(*key, *value) else {
                panic!("a listener heard of {value} on key {key}, which nobody wrote");
            };
            assert!(may_be_done, "a listener heard of {value} on {key}, said not to be written");
            assert!(
                *times == 1 || may_be_again,
                "a listener heard {times} times that {value} was written to key {key}"
            );
        }
        if self.trouble.count > 0 || self.setup.redo {
            // What was removed may have come back, and been removed again.
            return;
        }
        for ((key, value), times) in &listening.removed {
            assert!(
                *times == 1,
                "a listener heard {times} times that {value} was removed from key {key}"
            );
        }
    }

    /// When nothing went wrong, nothing was missed.
    pub(super) fn check_nothing_missed(&self, id: SubscriptionId) {
        let Some(listening) = self.listeners.get(&id) else { return };
        let heard: std::collections::BTreeSet<_> =
            listening.written.keys().map(|(_, value)| *value).collect();
        let missed: Vec<_> =
            self.histories.stored().filter(|value| !heard.contains(value)).collect();
        assert!(missed.is_empty(), "a listener never heard of {missed:?}");
    }
}
