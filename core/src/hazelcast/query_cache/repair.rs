//! What is done with a query cache: made, read anew, repaired, destroyed.
//!
//! ```text
//!   Repair:   pause -> whole? done
//!               ^      gaps that members may have: ask for those once, look again after a while
//!               |      else, or after too many looks: build
//!               +------ built, or failed: a longer pause
//! ```

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;
use core::sync::atomic::Ordering;
use core::time::Duration;

use super::build::{Build, removal};
use super::{DESTROYED, Shared, Table};
use crate::call::{Advance, Call, Plan, Progress, Stepping, Steps, Undo};
use crate::hazelcast::error::Error;
use crate::hazelcast::follower::Wish;
use crate::hazelcast::message::continuous_query::{SetReadCursor, SetReadCursorResponse};
use crate::hazelcast::{Answer, Hazelcast, Message, Operation, To};

/// The pause before what was lost is looked at: members come and go together.
const PAUSE: Duration = Duration::from_millis(100);

/// The longest pause after building failed.
const LONGEST: Duration = Duration::from_secs(5);

/// What members were asked for comes with their next event, or when they look through their buffers,
/// which they do every 5 seconds.
const LOOK: Duration = Duration::from_millis(500);
const LOOKS: u32 = 24;

/// Looks after which they are asked for the same once more. Not before they have looked through their
/// buffers: they would send it twice.
const AGAIN: u32 = 12;

/// Makes a query cache.
pub(crate) fn create(shared: &Arc<Shared>) -> (Plan<Hazelcast>, Undo<Hazelcast>) {
    let (building, undone) = (Arc::clone(shared), Arc::clone(shared));
    let plan = Plan::Steps(Box::new(Refresh { shared: building, build: None }));
    (plan, Arc::new(move |_| Some(Plan::Steps(Box::new(Destroy::new(&undone))))))
}

/// Reads all that matches again. If nobody waits for it any more it goes on to its end, since members
/// may have begun with it.
pub(crate) fn refresh(shared: &Arc<Shared>) -> Call<Hazelcast, ()> {
    let refresh = Refresh { shared: Arc::clone(shared), build: None };
    let mut call = Call::steps(refresh, |_, _| Ok(()));
    call.order.undo = Some(Arc::new(|_| None));
    call
}

/// Asks members for the events that are missing.
pub(crate) fn recover(shared: &Arc<Shared>) -> Call<Hazelcast, bool> {
    let recover = Recover { shared: Arc::clone(shared), asked: None };
    Call::steps(recover, |answer, _| match answer {
        Answer::Messages(_) => {
            let mut all = true;
            for answer in answer.read_all::<SetReadCursorResponse>() {
                all &= answer?.response;
            }
            Ok(all)
        }
        // Of some, nobody has them.
        _ => Ok(false),
    })
}

/// Ends a query cache, and what members have of it.
pub(crate) fn destroy(shared: &Arc<Shared>) -> Call<Hazelcast, ()> {
    Call::steps(Destroy::new(shared), |_, _| Ok(()))
}

struct Refresh {
    shared: Arc<Shared>,
    build: Option<Build>,
}

impl Steps<Hazelcast> for Refresh {
    fn advance(
        &mut self,
        event: Advance<Hazelcast>,
        cx: &mut Stepping<'_, Hazelcast>,
    ) -> Progress<Hazelcast> {
        match (event, &mut self.build) {
            (Advance::Answer { tag, result }, Some(build)) => {
                match build.advance(tag, result, cx) {
                    Some(end) => Progress::Done(end.map(|()| Answer::Done)),
                    None => Progress::Waiting,
                }
            }
            _ if self.shared.is_destroyed() => Progress::Done(Err(DESTROYED)),
            _ => {
                self.build = Some(Build::start(Arc::clone(&self.shared), cx));
                Progress::Waiting
            }
        }
    }
}

/// Requests for what is missing, in flight.
#[derive(Debug, Default)]
struct Asked {
    left: usize,
    answers: Vec<Message>,
    error: Option<Error>,
}

impl Asked {
    /// Asks each owner for what is `due`, by its partition and number; nothing, if something is missing
    /// that nobody has.
    fn ask(
        shared: &Shared,
        table: &Table,
        mut due: impl FnMut(u32, i64) -> bool,
        cx: &mut Stepping<'_, Hazelcast>,
    ) -> Option<Self> {
        let gaps = table.gaps();
        if must_build(table, &gaps) {
            return None;
        }
        let mut asked = Self::default();
        for (partition, sequence) in gaps {
            let Some(sequence) = sequence.filter(|sequence| due(partition, *sequence)) else {
                continue;
            };
            let (map_name, cache_name) = (shared.structure.name.clone(), table.name().clone());
            let cursor = SetReadCursor { map_name, cache_name, sequence };
            let operation = Operation::new(&cursor).on(&shared.structure).ungated();
            cx.send(partition, operation.to(To::Partition(partition)));
            asked.left += 1;
        }
        Some(asked)
    }

    /// Takes the end of a request. True if it was the last.
    fn take(&mut self, result: Result<Answer, Error>) -> bool {
        match result {
            Ok(Answer::Message { message, .. }) => self.answers.push(message),
            Ok(_) => {}
            Err(error) => self.error = Some(error),
        }
        self.left = self.left.saturating_sub(1);
        self.left == 0
    }

    fn done(&mut self) -> Answer {
        Answer::Messages(core::mem::take(&mut self.answers))
    }

    /// Whether members had all of it.
    fn succeeded(&mut self) -> bool {
        if self.error.is_some() {
            return false;
        }
        let answer = self.done();
        let has = |answer: Result<SetReadCursorResponse, Error>| answer.is_ok_and(|a| a.response);
        answer.read_all::<SetReadCursorResponse>().all(has)
    }
}

struct Recover {
    shared: Arc<Shared>,
    asked: Option<Asked>,
}

impl Steps<Hazelcast> for Recover {
    fn advance(
        &mut self,
        event: Advance<Hazelcast>,
        cx: &mut Stepping<'_, Hazelcast>,
    ) -> Progress<Hazelcast> {
        if let (Advance::Answer { result, .. }, Some(asked)) = (event, &mut self.asked) {
            return match (asked.take(result), asked.error.take()) {
                (_, Some(error)) => Progress::Done(Err(error)),
                (true, None) => Progress::Done(Ok(asked.done())),
                (false, None) => Progress::Waiting,
            };
        }
        let table = match self.shared.table() {
            Ok(table) => table,
            Err(error) => return Progress::Done(Err(error)),
        };
        match Asked::ask(&self.shared, &table, |_, _| true, cx) {
            Some(mut asked) if asked.left == 0 => Progress::Done(Ok(asked.done())),
            Some(asked) => {
                self.asked = Some(asked);
                Progress::Waiting
            }
            None => Progress::Done(Ok(Answer::Done)),
        }
    }
}

/// The engine's own errand: it ends when nothing is missing, or the query cache is gone.
pub(super) struct Repair {
    shared: Weak<Shared>,
    stage: Stage,
    pause: Duration,
    looks: u32,
    /// The number that each partition was asked for, and in which look.
    asked: BTreeMap<u32, (i64, u32)>,
}

enum Stage {
    Pausing,
    Asking(Asked),
    Building(Build),
}

impl Repair {
    pub(super) fn new(shared: Weak<Shared>) -> Self {
        let asked = BTreeMap::new();
        Self { shared, stage: Stage::Pausing, pause: PAUSE, looks: 0, asked }
    }

    fn pause(&mut self, pause: Duration, cx: &mut Stepping<'_, Hazelcast>) -> Progress<Hazelcast> {
        self.stage = Stage::Pausing;
        cx.wake_at(cx.now + pause);
        Progress::Waiting
    }

    fn look(
        &mut self,
        shared: Arc<Shared>,
        cx: &mut Stepping<'_, Hazelcast>,
    ) -> Progress<Hazelcast> {
        let Ok(table) = shared.table() else { return Progress::Done(Ok(Answer::Done)) };
        if table.is_whole() || !shared.config.recover && !must_build(&table, &table.gaps()) {
            shared.is_repairing.store(false, Ordering::Release);
            return Progress::Done(Ok(Answer::Done));
        }
        if self.looks >= LOOKS {
            return self.build(shared, cx);
        }
        let Self { asked, looks, .. } = self;
        *looks += 1;
        let due = |partition, sequence| {
            let former = asked.get(&partition);
            let is_due = former.is_none_or(|(of, at)| *of != sequence || at + AGAIN <= *looks);
            if is_due {
                asked.insert(partition, (sequence, *looks));
            }
            is_due
        };
        match Asked::ask(&shared, &table, due, cx) {
            Some(asked) if asked.left == 0 => self.pause(LOOK, cx),
            Some(asked) => {
                self.stage = Stage::Asking(asked);
                Progress::Waiting
            }
            None => self.build(shared, cx),
        }
    }

    fn build(
        &mut self,
        shared: Arc<Shared>,
        cx: &mut Stepping<'_, Hazelcast>,
    ) -> Progress<Hazelcast> {
        self.asked.clear();
        self.stage = Stage::Building(Build::start(shared, cx));
        Progress::Waiting
    }
}

/// Whether something is missing that nobody has.
fn must_build(table: &Table, gaps: &[(u32, Option<i64>)]) -> bool {
    table.is_suspect() || gaps.iter().any(|(_, sequence)| sequence.is_none())
}

impl Steps<Hazelcast> for Repair {
    fn advance(
        &mut self,
        event: Advance<Hazelcast>,
        cx: &mut Stepping<'_, Hazelcast>,
    ) -> Progress<Hazelcast> {
        let shared = self.shared.upgrade().filter(|shared| !shared.is_destroyed());
        match (event, &mut self.stage, shared) {
            (Advance::Start, _, _) => self.pause(self.pause, cx),
            (Advance::Answer { tag, result }, Stage::Building(build), shared) => {
                let Some(end) = build.advance(tag, result, cx) else { return Progress::Waiting };
                if shared.is_none() {
                    return Progress::Done(Ok(Answer::Done));
                }
                self.looks = 0;
                self.pause = match end {
                    Ok(()) => PAUSE,
                    Err(_) => (self.pause * 2).min(LONGEST),
                };
                self.pause(self.pause, cx)
            }
            (_, _, None) => Progress::Done(Ok(Answer::Done)),
            (Advance::Answer { result, .. }, Stage::Asking(asked), Some(shared)) => {
                if !asked.take(result) {
                    Progress::Waiting
                } else if asked.succeeded() {
                    self.pause(LOOK, cx)
                } else {
                    self.build(shared, cx)
                }
            }
            (Advance::Woken, Stage::Pausing, Some(shared)) => self.look(shared, cx),
            _ => Progress::Waiting,
        }
    }
}

struct Destroy {
    shared: Arc<Shared>,
    removal: Option<Box<dyn Steps<Hazelcast>>>,
}

impl Destroy {
    fn new(shared: &Arc<Shared>) -> Self {
        Self { shared: Arc::clone(shared), removal: None }
    }
}

impl Steps<Hazelcast> for Destroy {
    fn advance(
        &mut self,
        event: Advance<Hazelcast>,
        cx: &mut Stepping<'_, Hazelcast>,
    ) -> Progress<Hazelcast> {
        if let Some(removal) = &mut self.removal {
            return removal.advance(event, cx);
        }
        self.shared.is_destroyed.store(true, Ordering::Release);
        cx.context.wish(Wish::End(self.shared.number));
        let table = self.shared.replace(None);
        let Some(Plan::Steps(mut steps)) = table.map(|table| removal(&self.shared, &table)) else {
            return Progress::Done(Ok(Answer::Done));
        };
        let progress = steps.advance(Advance::Start, cx);
        self.removal = Some(steps);
        progress
    }
}
