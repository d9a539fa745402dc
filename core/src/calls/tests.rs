use alloc::boxed::Box;
use alloc::vec::Vec;

use super::*;

/// A family of numbers: a request asks for one, an answer is one.
#[derive(Debug)]
struct Numbers;

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error(transparent)]
struct Error(#[from] Failure);

impl Family for Numbers {
    type Request = u32;
    type Answer = u32;
    type Listen = ();
    type Item = ();
    type Error = Error;
    type Codec = ();
    type Context = Vec<u32>;
}

/// Does what its function says.
struct Script<S>(S);

impl<S> Steps<Numbers> for Script<S>
where
    S: FnMut(Advance<Numbers>, &mut Stepping<'_, Numbers>) -> Progress<Numbers> + Send,
{
    fn advance(
        &mut self,
        event: Advance<Numbers>,
        cx: &mut Stepping<'_, Numbers>,
    ) -> Progress<Numbers> {
        (self.0)(event, cx)
    }
}

fn script<S>(steps: S) -> Order<Numbers>
where
    S: FnMut(Advance<Numbers>, &mut Stepping<'_, Numbers>) -> Progress<Numbers> + Send + 'static,
{
    Order::new(Plan::Steps(Box::new(Script(steps))))
}

fn drain(calls: &mut Calls<Numbers>) -> Vec<Action<Numbers>> {
    core::iter::from_fn(|| calls.poll()).collect()
}

fn sends(actions: &[Action<Numbers>]) -> Vec<(RequestId, u32)> {
    let sent = |action: &Action<Numbers>| match action {
        Action::Send(id, number) => Some((*id, *number)),
        _ => None,
    };
    actions.iter().filter_map(sent).collect()
}

fn at(millis: u64) -> Instant {
    Instant::from_millis(millis)
}

#[test]
fn scattered_requests_are_gathered_and_the_rest_withdrawn_at_the_end() {
    let (mut calls, mut context) = (Calls::default(), Vec::new());
    let order = script(|event, cx| match event {
        Advance::Start => {
            (0..3).for_each(|n| cx.send(n, n * 10));
            Progress::Waiting
        }
        Advance::Answer { tag, result } => {
            cx.context.push(tag);
            if cx.context.len() == 2 { Progress::Done(result) } else { Progress::Waiting }
        }
        Advance::Woken => Progress::Waiting,
    });
    let ticket = calls.submit(at(0), order, None, &mut context);
    let out = sends(&drain(&mut calls));
    assert_eq!(out.iter().map(|(_, number)| *number).collect::<Vec<_>>(), [0, 10, 20]);
    calls.answered(at(1), out[2].0, Ok(7), &mut context);
    calls.answered(at(1), out[2].0, Ok(7), &mut context);
    assert!(drain(&mut calls).is_empty(), "an answer counts once");
    calls.answered(at(2), out[0].0, Ok(8), &mut context);
    let actions = drain(&mut calls);
    assert!(matches!(actions[0], Action::Withdraw(id, _) if id == out[1].0));
    assert!(matches!(actions[1], Action::Finish(ended, Ok(8), _) if ended == ticket));
    assert_eq!(context, [2, 0]);
    assert!(calls.is_empty());
}

#[test]
fn steps_are_woken_when_they_asked_and_stuck_ones_end() {
    let (mut calls, mut context) = (Calls::default(), Vec::new());
    let order = script(|event, cx| match event {
        Advance::Woken => Progress::Done(Ok(1)),
        _ => {
            cx.wake_at(at(50));
            Progress::Waiting
        }
    });
    calls.submit(at(0), order, Some(Duration::from_secs(1)), &mut context);
    assert_eq!(calls.deadline(), Some(at(50)));
    calls.handle_timeout(at(49), &mut context);
    assert!(drain(&mut calls).is_empty());
    calls.handle_timeout(at(50), &mut context);
    assert!(matches!(drain(&mut calls)[..], [Action::Finish(_, Ok(1), _)]));
    assert_eq!(calls.deadline(), None, "the call's own deadline went with it");

    calls.submit(at(60), script(|_, _| Progress::Waiting), None, &mut context);
    assert!(matches!(drain(&mut calls)[..], [Action::Finish(_, Err(_), _)]));
}

#[test]
fn cancelling_withdraws_and_tells_nobody() {
    let (mut calls, mut context) = (Calls::default(), Vec::new());
    let ticket = calls.submit(at(0), Order::new(Plan::One(5)), None, &mut context);
    let out = sends(&drain(&mut calls));
    assert!(calls.is_out(out[0].0));
    calls.cancel(at(1), ticket, &mut context);
    assert!(matches!(drain(&mut calls)[..], [Action::Withdraw(id, _)] if id == out[0].0));
    assert!(!calls.is_out(out[0].0));
    calls.answered(at(2), out[0].0, Ok(5), &mut context);
    calls.cancel(at(2), ticket, &mut context);
    assert!(drain(&mut calls).is_empty());
}

#[test]
fn what_was_never_sent_needs_no_undo_and_what_failed_neither() {
    let (mut calls, mut context) = (Calls::default(), Vec::new());
    let order = || Order {
        undo: Some(alloc::sync::Arc::new(|answer: &u32| Some(Plan::One(answer + 100)))),
        ..Order::new(Plan::One(5))
    };
    let unsent = calls.submit(at(0), order(), None, &mut context);
    calls.cancel(at(0), unsent, &mut context);
    drain(&mut calls);
    assert!(calls.is_empty());

    for (result, undone) in [(Ok(5), Some(105)), (Err(Failure::ShutDown.into()), None)] {
        let ticket = calls.submit(at(0), order(), None, &mut context);
        let id = sends(&drain(&mut calls))[0].0;
        calls.sent(id);
        calls.cancel(at(1), ticket, &mut context);
        assert!(drain(&mut calls).is_empty(), "the request goes on");
        calls.answered(at(2), id, result, &mut context);
        let undo = sends(&drain(&mut calls));
        assert_eq!(undo.first().map(|(_, number)| *number), undone);
        if let Some((id, _)) = undo.first() {
            calls.answered(at(3), *id, Ok(0), &mut context);
            assert!(drain(&mut calls).is_empty(), "nobody is told of an undo");
        }
        assert!(calls.is_empty());
    }
}

#[test]
fn a_deadline_says_whether_the_request_was_sent() {
    let (mut calls, mut context) = (Calls::default(), Vec::new());
    for sent in [false, true] {
        let timeout = Some(Duration::from_millis(10));
        calls.submit(at(0), Order::new(Plan::One(5)), timeout, &mut context);
        if sent {
            let out = sends(&drain(&mut calls));
            calls.sent(out[0].0);
        }
        calls.handle_timeout(at(10), &mut context);
        let actions = drain(&mut calls);
        let expected = Err(Error(Failure::TimedOut { sent }));
        let finished = |action: &Action<Numbers>| matches!(action, Action::Finish(_, result, _) if *result == expected);
        assert_eq!(actions.iter().filter(|action| finished(action)).count(), 1);
        assert!(calls.is_empty());
    }
}

#[test]
fn everything_ends_when_all_fail() {
    let (mut calls, mut context) = (Calls::default(), Vec::new());
    for _ in 0..3 {
        calls.submit(at(0), Order::new(Plan::One(1)), None, &mut context);
    }
    drain(&mut calls);
    calls.fail_all(at(1), &Failure::ShutDown, &mut context);
    let actions = drain(&mut calls);
    let ends = actions.iter().filter(|action| matches!(action, Action::Finish(_, Err(_), _)));
    assert_eq!(ends.count(), 3);
    assert!(calls.is_empty());
}
