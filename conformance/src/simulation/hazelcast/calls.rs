//! The user's calls: what they are, and what their ends say.

use gridwire_core::call::{Caller, Failure, Opener, Order, Ticket};
use gridwire_core::hazelcast::{Answer, Error, Hazelcast};

use std::time::Duration;

use super::{KEYS, Numbers, Run};
use crate::simulation::Ended;
use crate::simulation::history::{Action, CallId, End, Saw};

type Open<T> = Opener<Hazelcast, Answer, T>;

/// A call that is under way.
pub(super) struct Doing {
    /// What it does to which keys, as the histories know it.
    parts: Vec<(i32, CallId)>,
    open: Opening,
    /// What the client had done when it began.
    before: Before,
}

/// How often a client did what is of weight for the calls that were under way then.
#[derive(Debug, Clone, Copy)]
struct Before {
    /// It sent a request again.
    retried: u64,
    /// It did without the report of a backup.
    backups_missed: u64,
}

/// How its answer is read.
enum Opening {
    Nothing,
    Value(Open<Option<i64>>),
    Whether(Open<bool>),
    /// Those of the keys that are there.
    Entries(Open<Vec<(i32, i64)>>),
    /// Only that it ends is watched.
    Look,
}

/// A call that is about to be made.
struct Draft {
    order: Order<Hazelcast>,
    parts: Vec<(i32, Action)>,
    open: Opening,
}

impl Draft {
    fn one(key: i32, action: Action, order: Order<Hazelcast>, open: Opening) -> Self {
        Self { order, parts: vec![(key, action)], open }
    }
}

impl Run {
    pub(super) fn begin_call(&mut self) {
        let mut draft = self.draft();
        if self.is_one_in(5) {
            draft.order.timeout = Some(Duration::from_millis(1 + self.below(4_000)));
        }
        self.submit(draft);
    }

    fn submit(&mut self, draft: Draft) -> Ticket {
        let at = self.world.stamp();
        let Draft { order, parts, open } = draft;
        self.world.remark(|| format!("{at}: {parts:?}"));
        let parts = parts
            .into_iter()
            .map(|(key, action)| (key, self.histories.begin(at, key, action)))
            .collect();
        let before = self.before();
        let ticket = self.world.submit(order);
        self.report.calls += 1;
        self.doing.insert(ticket, Doing { parts, open, before });
        ticket
    }

    /// Reads a key, when all is well.
    pub(super) fn read(&mut self, key: i32) {
        let call = self.map.get(&key);
        self.submit(Draft::one(key, Action::Get, call.order, Opening::Value(call.opener)));
    }

    /// Writes a key, when all is well, and says what.
    pub(super) fn write(&mut self, key: i32) -> i64 {
        let value = self.value();
        let order = self.map.set(&key, &value).order;
        self.submit(Draft::one(key, Action::Set(value), order, Opening::Nothing));
        value
    }

    fn value(&mut self) -> i64 {
        self.next_value += 1;
        self.next_value
    }

    fn draft(&mut self) -> Draft {
        let map: Numbers = self.map.clone();
        let key = self.below(KEYS as u64) as i32;
        let value = self.value();
        // What it may hold, and often does.
        let expected = self.recent.get(&key).copied().unwrap_or(0);
        let which = self.below(24);
        if let 3..=12 | 15..=17 | 20 | 21 = which {
            self.recent.insert(key, value);
        }
        match which {
            0..=2 => {
                let call = map.get(&key);
                Draft::one(key, Action::Get, call.order, Opening::Value(call.opener))
            }
            3..=7 => {
                Draft::one(key, Action::Set(value), map.set(&key, &value).order, Opening::Nothing)
            }
            8..=10 => {
                let call = map.put(&key, &value);
                Draft::one(key, Action::Put(value), call.order, Opening::Value(call.opener))
            }
            11 | 12 => {
                let call = map.put_if_absent(&key, &value);
                let action = Action::PutIfAbsent(value);
                Draft::one(key, action, call.order, Opening::Value(call.opener))
            }
            13 => {
                let call = map.remove(&key);
                Draft::one(key, Action::Remove, call.order, Opening::Value(call.opener))
            }
            14 => Draft::one(key, Action::Delete, map.delete(&key).order, Opening::Nothing),
            15..=17 => {
                let call = map.replace_if_same(&key, &expected, &value);
                let action = Action::ReplaceIfSame(expected, value);
                Draft::one(key, action, call.order, Opening::Whether(call.opener))
            }
            18 => {
                let call = map.remove_if_same(&key, &expected);
                let action = Action::RemoveIfSame(expected);
                Draft::one(key, action, call.order, Opening::Whether(call.opener))
            }
            19 => {
                let call = map.contains_key(&key);
                Draft::one(key, Action::Contains, call.order, Opening::Whether(call.opener))
            }
            20 => {
                let call = map.replace(&key, &value);
                Draft::one(key, Action::Replace(value), call.order, Opening::Value(call.opener))
            }
            21 => {
                let keys: Vec<_> = (key..KEYS).collect();
                let order = map.put_all(keys.iter().map(|key| (key, &value))).order;
                let parts = keys.into_iter().map(|key| (key, Action::Set(value))).collect();
                Draft { order, parts, open: Opening::Nothing }
            }
            22 => {
                let keys: Vec<_> = (0..KEYS).collect();
                let call = map.get_all(&keys);
                let parts = keys.into_iter().map(|key| (key, Action::Get)).collect();
                Draft { order: call.order, parts, open: Opening::Entries(call.opener) }
            }
            _ => Draft { order: map.size().order, parts: Vec::new(), open: Opening::Look },
        }
    }

    /// Looks at the calls that have ended since, and at what listeners heard.
    pub(super) fn settle(&mut self) {
        let tickets: Vec<_> = self.doing.keys().copied().collect();
        for ticket in tickets {
            let Some(end) = self.world.end(ticket) else { continue };
            let Some(doing) = self.doing.remove(&ticket) else { continue };
            self.ended(doing, end);
        }
        self.listen();
    }

    fn ended(&mut self, doing: Doing, end: Ended<gridwire_core::hazelcast::Client>) {
        let Ended { at: (_, stamp), outcome } = end;
        match &outcome {
            Ok(_) => self.report.done += 1,
            Err(Error::Failure(Failure::TimedOut { .. })) => self.report.timed_out += 1,
            Err(Error::Failure(Failure::Indeterminate(_))) => self.report.indeterminate += 1,
            Err(_) => self.report.failed += 1,
        }
        // A client that does not fail when backups are missing says that a write is done when it gave up
        // waiting for them.
        let is_safe = self.setup.fails_on_indeterminate
            || self.before().backups_missed == doing.before.backups_missed;
        let done = |saw| if is_safe { End::Done(saw) } else { End::Hoped(saw) };
        self.world.remark(|| format!("{stamp}: ended {:?}", doing.parts));
        let times = self.times_sent_again(&doing);
        let is_one = doing.parts.len() == 1;
        let saw = outcome.map(|answer| self.open(&doing.open, &answer));
        for (key, call) in doing.parts {
            let end = match &saw {
                Ok(Seen::One(saw)) => done(*saw),
                Ok(Seen::Entries(entries)) => {
                    let entry = entries.iter().find(|(found, _)| *found == key);
                    done(Saw::Value(entry.map(|(_, value)| *value)))
                }
                // Of several keys, some may have been written.
                Err(error) if is_one && is_not_done(error) => End::NotDone,
                Err(_) => End::Unknown,
            };
            if let End::Done(Saw::Value(Some(value))) = end {
                self.recent.insert(key, value);
            }
            self.histories.end(call, stamp, end);
            self.histories.again(call, times);
        }
    }

    fn open(&self, open: &Opening, answer: &Answer) -> Seen {
        let codec = self.world.client.codec();
        let readable = "an answer that can't be read";
        match open {
            Opening::Nothing | Opening::Look => Seen::One(Saw::Nothing),
            Opening::Value(opener) => {
                Seen::One(Saw::Value(opener.open(answer, &codec).expect(readable)))
            }
            Opening::Whether(opener) => {
                Seen::One(Saw::Whether(opener.open(answer, &codec).expect(readable)))
            }
            Opening::Entries(opener) => Seen::Entries(opener.open(answer, &codec).expect(readable)),
        }
    }

    /// How often a call that ends now may have been sent, beyond once, though it was not known whether it
    /// had been done.
    fn times_sent_again(&self, doing: &Doing) -> usize {
        let times = self.before().retried - doing.before.retried;
        if self.setup.redo { times.min(6) as usize } else { 0 }
    }

    fn before(&self) -> Before {
        let metrics = self.world.client.metrics();
        let (retried, backups_missed) = (metrics.requests_retried, metrics.backups_missed);
        Before { retried, backups_missed }
    }

    /// Nobody waits for some call any more.
    pub(super) fn cancel_one(&mut self) {
        let tickets: Vec<_> = self.doing.keys().copied().collect();
        if let Some(ticket) = self.world.rng().choose(&tickets).copied() {
            self.world.cancel(ticket);
            self.report.cancelled += 1;
            self.give_up(ticket);
        }
    }

    /// A call that will have no end.
    fn give_up(&mut self, ticket: Ticket) {
        let Some(doing) = self.doing.remove(&ticket) else { return };
        let times = self.times_sent_again(&doing);
        for (_, call) in doing.parts {
            self.histories.again(call, times);
        }
    }
}

/// What a call saw.
enum Seen {
    One(Saw),
    Entries(Vec<(i32, i64)>),
}

/// Errors after which a call was not done, and never will be.
fn is_not_done(error: &Error) -> bool {
    matches!(
        error,
        Error::Failure(
            Failure::NotSent(_)
                | Failure::TimedOut { sent: false }
                | Failure::Overloaded(_)
                | Failure::NotConnected(_)
        )
    )
}
