//! Tasks that run where they are woken, mostly by the thread that looks after the sockets.
//!
//! An executor's queue would be the longer way: each task that a thread takes out has it wake another,
//! which mostly finds nothing, and the reader of a socket is only a step to the calls that its bytes
//! end. The driver wakes with no lock held. The reactor holds that of its events, which only those wait
//! for who are to look at sockets next: a task never does. A task that is woken while it runs, or by
//! another that runs so, goes to the executor's queue: others are to have their turn first.

use std::cell::Cell;
use std::future::Future;
use std::sync::Arc;

use async_task::{Runnable, ScheduleInfo, WithInfo};

use crate::Task;

type Queue = Arc<dyn Fn(Task) + Send + Sync>;

thread_local! {
    /// A task runs on this thread where it was woken.
    static RUNS: Cell<bool> = const { Cell::new(false) };
}

/// Starts a task, by way of the executor.
pub(crate) fn spawn(queue: Queue, task: impl Future<Output = ()> + Send + 'static) {
    let first = Arc::clone(&queue);
    let schedule = move |runnable: Runnable, info: ScheduleInfo| {
        // While a thread ends there is nothing to note it in.
        if info.woken_while_running || RUNS.try_with(|runs| runs.replace(true)).unwrap_or(true) {
            enqueue(&queue, runnable);
        } else {
            let _end = End;
            runnable.run();
        }
    };
    let (runnable, task) = async_task::spawn(task, WithInfo(schedule));
    task.detach();
    enqueue(&first, runnable);
}

fn enqueue(queue: &Queue, runnable: Runnable) {
    queue(Box::pin(async move {
        runnable.run();
    }));
}

/// Notes that the task runs no more, even if it panicked.
struct End;

impl Drop for End {
    fn drop(&mut self) {
        let _ = RUNS.try_with(|runs| runs.set(false));
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::pin::Pin;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    use std::task::{Context, Poll, Waker};

    use super::*;

    /// An executor that runs nothing before it is asked to.
    #[derive(Default)]
    struct Later(Mutex<Vec<Task>>);

    impl Later {
        fn queue(self: &Arc<Self>) -> Queue {
            let this = Arc::clone(self);
            Arc::new(move |task| this.0.lock().unwrap().push(task))
        }

        fn queued(&self) -> usize {
            self.0.lock().unwrap().len()
        }

        fn run(&self) {
            let tasks = std::mem::take(&mut *self.0.lock().unwrap());
            for mut task in tasks {
                let mut cx = Context::from_waker(Waker::noop());
                assert!(Pin::new(&mut task).poll(&mut cx).is_ready());
            }
        }
    }

    /// A task that has `step` done at each turn, by its number from 0; gives its waker once it has had the
    /// first, and how many it has had.
    fn task(
        later: &Arc<Later>,
        mut step: impl FnMut(&Waker, usize) + Send + 'static,
    ) -> (Waker, Arc<AtomicUsize>) {
        let (shared, turns) = (Arc::new(Mutex::new(None)), Arc::new(AtomicUsize::new(0)));
        let (told, counted) = (Arc::clone(&shared), Arc::clone(&turns));
        let task = poll_fn(move |cx| {
            *told.lock().unwrap() = Some(cx.waker().clone());
            step(cx.waker(), counted.fetch_add(1, Relaxed));
            Poll::<()>::Pending
        });
        spawn(later.queue(), task);
        assert_eq!(later.queued(), 1, "it begins on the executor");
        later.run();
        (shared.lock().unwrap().take().unwrap(), turns)
    }

    #[test]
    fn a_task_runs_where_it_is_woken() {
        let later = Arc::new(Later::default());
        let (waker, turns) = task(&later, |_, _| {});
        waker.wake_by_ref();
        waker.wake_by_ref();
        assert_eq!((turns.load(Relaxed), later.queued()), (3, 0));
    }

    #[test]
    fn a_task_that_yields_lets_others_go_first() {
        let later = Arc::new(Later::default());
        let (waker, turns) = task(&later, |waker, turn| {
            if turn == 1 {
                waker.wake_by_ref();
            }
        });
        waker.wake();
        assert_eq!((turns.load(Relaxed), later.queued()), (2, 1));
        later.run();
        assert_eq!((turns.load(Relaxed), later.queued()), (3, 0));
    }

    #[test]
    fn a_task_that_another_wakes_waits_for_the_executor() {
        let later = Arc::new(Later::default());
        let (inner, turns) = task(&later, |_, _| {});
        let (outer, _) = task(&later, move |_, turn| {
            if turn > 0 {
                inner.wake_by_ref();
            }
        });
        outer.wake();
        assert_eq!((turns.load(Relaxed), later.queued()), (1, 1));
        later.run();
        assert_eq!(turns.load(Relaxed), 2);
    }

    #[test]
    fn a_task_that_panicked_leaves_the_thread_as_it_was() {
        let later = Arc::new(Later::default());
        let (broken, _) = task(&later, |_, turn| assert_eq!(turn, 0, "on purpose"));
        let (sound, turns) = task(&later, |_, _| {});
        assert!(std::panic::catch_unwind(|| broken.wake()).is_err());
        sound.wake();
        assert_eq!((turns.load(Relaxed), later.queued()), (2, 0));
    }
}
