//! [`Histories`]: what a map's user did to each key and saw of it, held against what a map may do.
//!
//! A member that crashes takes with it what its backups had not got. Nobody was told that such a write
//! was done, but others may have read it; so a crash is part of a key's history, and takes back the last
//! writes as long as they were not acknowledged. One that took the last copy with it may leave nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::linearizable::{Model, Timed, Verdict, check};

/// Stands for all values that nobody saw: which of them a key holds makes no difference.
const UNSEEN: i64 = i64::MIN;

/// What is done to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Sees the value.
    Get,
    /// Sees whether there is one.
    Contains,
    /// Stores, and sees the old value.
    Put(i64),
    /// Stores.
    Set(i64),
    /// Stores where there is nothing, and sees what there is.
    PutIfAbsent(i64),
    /// Stores where there is something, and sees what there was.
    Replace(i64),
    /// Stores the second where the first is, and sees whether it was.
    ReplaceIfSame(i64, i64),
    /// Removes, and sees what.
    Remove,
    /// Removes.
    Delete,
    /// Removes this value, and sees whether it was there.
    RemoveIfSame(i64),
}

impl Action {
    /// The value that it may leave behind.
    pub const fn writes(self) -> Option<i64> {
        match self {
            Self::Put(value)
            | Self::Set(value)
            | Self::PutIfAbsent(value)
            | Self::Replace(value)
            | Self::ReplaceIfSame(_, value) => Some(value),
            _ => None,
        }
    }

    /// Whether it writes whatever there is. What removes nothing is not told to any backup.
    const fn always_writes(self) -> bool {
        matches!(self, Self::Put(_) | Self::Set(_))
    }

    /// The value that it looks for.
    const fn expects(self) -> Option<i64> {
        match self {
            Self::ReplaceIfSame(value, _) | Self::RemoveIfSame(value) => Some(value),
            _ => None,
        }
    }

    /// The same, without telling values apart that nobody saw, nor what is seen if nobody knows it.
    fn plain(self, seen: &BTreeSet<i64>, is_known: bool) -> Self {
        let value = |value: i64| if seen.contains(&value) { value } else { UNSEEN };
        match self {
            Self::Put(new) if is_known => Self::Put(value(new)),
            Self::Put(new) | Self::Set(new) => Self::Set(value(new)),
            Self::Remove if !is_known => Self::Delete,
            Self::PutIfAbsent(new) => Self::PutIfAbsent(value(new)),
            Self::Replace(new) => Self::Replace(value(new)),
            Self::ReplaceIfSame(only, new) => Self::ReplaceIfSame(only, value(new)),
            other => other,
        }
    }

    /// What it leaves behind, and what it sees.
    fn apply(self, value: Option<i64>) -> (Option<i64>, Saw) {
        match self {
            Self::Get => (value, Saw::Value(value)),
            Self::Contains => (value, Saw::Whether(value.is_some())),
            Self::Put(new) => (Some(new), Saw::Value(value)),
            Self::Set(new) => (Some(new), Saw::Nothing),
            Self::PutIfAbsent(new) => (value.or(Some(new)), Saw::Value(value)),
            Self::Replace(new) => (value.map(|_| new), Saw::Value(value)),
            Self::ReplaceIfSame(only, new) if value == Some(only) => {
                (Some(new), Saw::Whether(true))
            }
            Self::Remove => (None, Saw::Value(value)),
            Self::Delete => (None, Saw::Nothing),
            Self::RemoveIfSame(only) if value == Some(only) => (None, Saw::Whether(true)),
            Self::ReplaceIfSame(..) | Self::RemoveIfSame(_) => (value, Saw::Whether(false)),
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{self:?}");
        f.write_str(&text.replace(&UNSEEN.to_string(), "what nobody saw"))
    }
}

/// What was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saw {
    /// That it was done.
    Nothing,
    /// A value, or that there is none.
    Value(Option<i64>),
    /// Whether.
    Whether(bool),
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It was done, and stays so.
    Done(Saw),
    /// It was done, and a crash may take it back: its backups were not waited for.
    Hoped(Saw),
    /// It was not done, and never will be.
    NotDone,
    /// It may have been done, or be done yet.
    Unknown,
}

/// A call, or a crash.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Event {
    Call {
        /// Values that nobody saw are all the same.
        action: Action,
        saw: Option<Saw>,
        /// A crash may take it back.
        is_exposed: bool,
    },
    Crash {
        /// The last copy may have gone with it.
        is_last: bool,
    },
}

/// One key of a map.
struct Key;

/// What a key holds, and what it held before each of the last writes that can be taken back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Held {
    value: Option<i64>,
    before: Vec<Option<i64>>,
}

impl Model for Key {
    type State = Held;
    type Operation = Event;

    fn step(&self, state: &Held, event: &Event, next: &mut Vec<Held>) {
        match *event {
            Event::Call { action, saw, is_exposed } => {
                let (value, sees) = action.apply(state.value);
                if saw.is_some_and(|saw| saw != sees) {
                    return;
                }
                let mut held = state.clone();
                if is_exposed && value != held.value {
                    held.before.push(held.value);
                } else if !is_exposed && (value != held.value || action.always_writes()) {
                    held.before.clear();
                }
                held.value = value;
                next.push(held);
            }
            Event::Crash { is_last } => {
                if is_last {
                    next.push(Held::default());
                }
                let mut held = state.clone();
                while let Some(value) = held.before.pop() {
                    held.value = value;
                    next.push(held.clone());
                }
                // The likeliest comes last.
                next.push(state.clone());
            }
        }
    }

    fn is_blind(&self, event: &Event) -> bool {
        match event {
            Event::Crash { .. } => true,
            Event::Call { action, .. } => matches!(action, Action::Set(_) | Action::Delete),
        }
    }
}

/// A call whose end is not known yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallId(usize);

#[derive(Debug)]
struct Record {
    key: i32,
    action: Action,
    began: u64,
    /// When, and how. Calls without an end are not known to be done.
    ended: Option<(u64, End)>,
    /// How many times more than it says it may have been done.
    again: usize,
}

impl Record {
    fn is_undone(&self) -> bool {
        matches!(self.ended, Some((_, End::NotDone)))
    }
}

/// A crash, from when to when it may have shown.
#[derive(Debug, Clone, Copy)]
struct Crash {
    began: u64,
    ended: Option<u64>,
    is_last: bool,
}

/// Every call on every key.
#[derive(Debug, Default)]
pub struct Histories {
    calls: Vec<Record>,
    crashes: Vec<Crash>,
}

impl Histories {
    /// A call begins. Values differ between calls; moments too.
    pub fn begin(&mut self, at: u64, key: i32, action: Action) -> CallId {
        self.calls.push(Record { key, action, began: at, ended: None, again: 0 });
        CallId(self.calls.len() - 1)
    }

    /// A call ends.
    pub fn end(&mut self, id: CallId, at: u64, end: End) {
        if let Some(call) = self.calls.get_mut(id.0) {
            call.ended = Some((at, end));
        }
    }

    /// A call may have been sent again, so often: and done as often, if it was done.
    pub fn again(&mut self, id: CallId, times: usize) {
        if let Some(call) = self.calls.get_mut(id.0) {
            call.again = times;
        }
    }

    /// A member crashes, or falls silent so that others may take its place. `ended` is when that must
    /// have happened, if it did.
    pub fn crash(&mut self, began: u64, ended: Option<u64>) {
        self.crashes.push(Crash { began, ended, is_last: false });
    }

    /// Who fell silent goes on.
    pub fn recover(&mut self, began: u64, ended: u64) {
        let is_it = |crash: &&mut Crash| crash.began == began && crash.ended.is_none();
        if let Some(crash) = self.crashes.iter_mut().find(is_it) {
            crash.ended = Some(ended);
        }
    }

    /// Partitions were lost: any of the crashes so far may have been it.
    pub fn lose(&mut self) {
        self.crashes.iter_mut().for_each(|crash| crash.is_last = true);
    }

    /// What became of the call that wrote a value: whether it may have been done, and whether more than
    /// once. `None` if there is no such call.
    pub fn fate(&self, key: i32, value: i64) -> Option<(bool, bool)> {
        let wrote = |call: &&Record| call.key == key && call.action.writes() == Some(value);
        let call = self.calls.iter().find(wrote)?;
        // One that goes on may be sent again yet.
        Some((!call.is_undone(), call.again > 0 || call.ended.is_none()))
    }

    /// Values that were stored, whatever there was before, and acknowledged.
    pub fn stored(&self) -> impl Iterator<Item = i64> {
        self.calls.iter().filter_map(|call| match (call.action, call.ended) {
            (Action::Put(value) | Action::Set(value), Some((_, End::Done(_)))) => Some(value),
            _ => None,
        })
    }

    /// How many calls were acknowledged that may have written.
    pub fn acknowledged(&self) -> usize {
        let is_done = |call: &&Record| {
            call.action.writes().is_some() && matches!(call.ended, Some((_, End::Done(_))))
        };
        self.calls.iter().filter(is_done).count()
    }

    /// Checks every key.
    ///
    /// # Errors
    /// The history of the first key that has no order, in words.
    pub fn check(&self) -> Result<Checked, String> {
        let mut keys: BTreeMap<i32, Vec<&Record>> = BTreeMap::new();
        for call in &self.calls {
            keys.entry(call.key).or_default().push(call);
        }
        let mut checked = Checked::default();
        for (key, calls) in keys {
            let history = self.of(&calls);
            checked.calls += history.len();
            match check(&Key, Held::default(), &history) {
                Verdict::Linearizable => checked.keys += 1,
                Verdict::TooHard => checked.too_hard += 1,
                Verdict::Not(longest) => {
                    let undone = calls.iter().filter(|call| call.is_undone());
                    let undone = undone.map(|call| (call.began, call.action)).collect();
                    let story = Story { key, history: &history, longest: &longest, undone };
                    return Err(story.to_string());
                }
            }
        }
        Ok(checked)
    }

    fn of(&self, calls: &[&Record]) -> Vec<Timed<Event>> {
        let mut history = Vec::new();
        let seen = calls.iter().flat_map(|call| {
            let saw = match call.ended {
                Some((_, End::Done(Saw::Value(value)) | End::Hoped(Saw::Value(value)))) => value,
                _ => None,
            };
            [saw, call.action.expects()].into_iter().flatten()
        });
        let seen: BTreeSet<_> = seen.collect();
        for Record { action, began, ended, again, .. } in calls.iter().copied() {
            let (saw, end) = match ended {
                Some((_, End::NotDone)) => continue,
                Some((at, End::Done(saw) | End::Hoped(saw))) => (Some(*saw), Some(*at)),
                Some((_, End::Unknown)) | None => (None, None),
            };
            let may_crash =
                self.crashes.iter().any(|crash| crash.ended.is_none_or(|at| at > *began));
            let is_safe = matches!(ended, Some((_, End::Done(_))));
            let mut add = |saw, ended: Option<u64>, is_exposed| {
                let action = action.plain(&seen, ended.is_some());
                let operation = Event::Call { action, saw, is_exposed };
                history.push(Timed { operation, began: *began, ended });
            };
            let only_reads = matches!(action, Action::Get | Action::Contains);
            if !only_reads || end.is_some() {
                add(saw, end, may_crash && !is_safe);
            }
            for _ in 0..if only_reads { 0 } else { *again } {
                add(None, None, may_crash);
            }
        }
        history.extend(self.crashes.iter().map(|crash| {
            let operation = Event::Crash { is_last: crash.is_last };
            Timed { operation, began: crash.began, ended: crash.ended }
        }));
        history.sort_by_key(|call| call.began);
        history
    }
}

/// What was checked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Checked {
    /// Keys with an order.
    pub keys: usize,
    /// Keys of which it was not found out.
    pub too_hard: usize,
    /// Calls and crashes on all of them.
    pub calls: usize,
}

/// A history that has no order, to read.
struct Story<'a> {
    key: i32,
    history: &'a [Timed<Event>],
    longest: &'a [usize],
    /// Calls that were said not to be done, and when they began.
    undone: Vec<(u64, Action)>,
}

impl fmt::Display for Story<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "key {} could not have been as it was seen:", self.key)?;
        for (index, Timed { operation, began, ended }) in self.history.iter().enumerate() {
            let place = self.longest.iter().position(|placed| *placed == index);
            let place = place.map_or_else(|| "-".to_owned(), |place| (place + 1).to_string());
            write!(f, "  {place:>3}. {began:>5} to ")?;
            match ended {
                Some(ended) => write!(f, "{ended:<5} ")?,
                None => f.write_str("?     ")?,
            }
            match operation {
                Event::Call { action, saw: Some(Saw::Nothing), .. } => writeln!(f, "{action}")?,
                Event::Call { action, saw: Some(saw), .. } => writeln!(f, "{action} saw {saw:?}")?,
                Event::Call { action, saw: None, .. } => writeln!(f, "{action}, if at all")?,
                Event::Crash { is_last: false } => writeln!(f, "a member was lost")?,
                Event::Crash { is_last: true } => writeln!(f, "a partition was lost")?,
            }
        }
        for (began, action) in &self.undone {
            writeln!(f, "       {began:>5}          {action}, said not to be done")?;
        }
        f.write_str("(the first column is the longest order that was found)")
    }
}

#[cfg(test)]
mod tests;
