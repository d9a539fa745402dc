//! Histories that are possible, and some that are not.

use super::*;

#[derive(Default)]
struct Tale(Histories, u64);

impl Tale {
    fn now(&mut self) -> u64 {
        self.1 += 1;
        self.1
    }

    fn begin(&mut self, action: Action) -> CallId {
        let at = self.now();
        self.0.begin(at, 1, action)
    }

    fn end(&mut self, id: CallId, end: End) {
        let at = self.now();
        self.0.end(id, at, end);
    }

    fn call(&mut self, action: Action, saw: Saw) {
        let id = self.begin(action);
        self.end(id, End::Done(saw));
    }

    fn crash(&mut self) {
        let (began, ended) = (self.now(), self.now());
        self.0.crash(began, Some(ended));
    }

    fn is_possible(&self) -> bool {
        let checked = self.0.check();
        assert!(checked.as_ref().is_ok_and(|c| c.too_hard == 0) || checked.is_err());
        checked.is_ok()
    }
}

use Action::*;
use Saw::{Nothing, Value, Whether};

#[test]
fn knows_what_each_call_does() {
    let mut tale = Tale::default();
    tale.call(Get, Value(None));
    tale.call(PutIfAbsent(1), Value(None));
    tale.call(PutIfAbsent(2), Value(Some(1)));
    tale.call(ReplaceIfSame(2, 3), Whether(false));
    tale.call(ReplaceIfSame(1, 3), Whether(true));
    tale.call(Put(4), Value(Some(3)));
    tale.call(Replace(5), Value(Some(4)));
    tale.call(RemoveIfSame(4), Whether(false));
    tale.call(RemoveIfSame(5), Whether(true));
    tale.call(Replace(6), Value(None));
    tale.call(Contains, Whether(false));
    tale.call(Set(7), Nothing);
    tale.call(Remove, Value(Some(7)));
    tale.call(Delete, Nothing);
    tale.call(Get, Value(None));
    assert!(tale.is_possible());
    tale.call(Get, Value(Some(7)));
    let said = tale.0.check().unwrap_err();
    assert!(said.contains("key 1") && said.contains("Get saw Value(Some(7))"), "{said}");
}

#[test]
fn a_lost_write_is_found_unless_it_was_not_acknowledged() {
    let mut tale = Tale::default();
    tale.call(Set(1), Nothing);
    tale.crash();
    tale.call(Get, Value(None));
    assert!(!tale.is_possible(), "an acknowledged write is gone");

    let mut tale = Tale::default();
    let set = tale.begin(Set(1));
    tale.call(Get, Value(Some(1)));
    tale.crash();
    tale.end(set, End::Unknown);
    tale.call(Get, Value(None));
    assert!(tale.is_possible(), "what is not acknowledged may be read, and be gone");
    tale.call(Get, Value(Some(1)));
    assert!(!tale.is_possible(), "but not come back");
}

#[test]
fn what_did_not_wait_for_its_backups_is_taken_back_by_any_crash() {
    for (end, is_possible) in [(End::Done(Nothing), false), (End::Hoped(Nothing), true)] {
        let mut tale = Tale::default();
        let set = tale.begin(Set(1));
        tale.end(set, end);
        tale.call(Get, Value(Some(1)));
        tale.crash();
        tale.call(Get, Value(None));
        assert_eq!(tale.is_possible(), is_possible);
    }
}

#[test]
fn who_was_silent_may_have_been_given_up_at_any_time_meanwhile() {
    let mut tale = Tale::default();
    let set = tale.begin(Set(1));
    let silent = tale.now();
    tale.0.crash(silent, None);
    tale.call(Get, Value(Some(1)));
    tale.call(Get, Value(None));
    tale.end(set, End::Unknown);
    assert!(tale.is_possible());
    let again = tale.now();
    tale.0.recover(silent, again);
    tale.call(Get, Value(Some(1)));
    assert!(!tale.is_possible());
}

#[test]
fn the_last_copy_leaves_nothing() {
    let mut tale = Tale::default();
    tale.call(Set(1), Nothing);
    tale.call(Set(2), Nothing);
    tale.crash();
    tale.call(Get, Value(None));
    assert!(!tale.is_possible());
    tale.0.lose();
    assert!(tale.is_possible());
    tale.call(Get, Value(Some(1)));
    assert!(!tale.is_possible(), "an old value does not come back");
}

#[test]
fn what_removes_nothing_makes_nothing_safe() {
    let mut tale = Tale::default();
    tale.call(Set(1), Nothing);
    let delete = tale.begin(Delete);
    tale.call(Remove, Value(None));
    tale.crash();
    tale.end(delete, End::Unknown);
    tale.call(Get, Value(Some(1)));
    assert!(tale.is_possible());
}

#[test]
fn a_crash_takes_back_the_last_writes_only() {
    let mut tale = Tale::default();
    let first = tale.begin(Set(1));
    tale.call(Get, Value(Some(1)));
    tale.call(Set(2), Nothing);
    tale.crash();
    tale.end(first, End::Unknown);
    tale.call(Get, Value(Some(2)));
    assert!(tale.is_possible());
    tale.call(Get, Value(None));
    assert!(!tale.is_possible());
}

#[test]
fn what_was_sent_again_may_be_done_again() {
    for again in [false, true] {
        let mut tale = Tale::default();
        let set = tale.begin(Set(1));
        tale.call(Get, Value(Some(1)));
        tale.call(Set(2), Nothing);
        tale.call(Get, Value(Some(2)));
        if again {
            tale.0.again(set, 1);
        }
        tale.end(set, End::Done(Nothing));
        tale.call(Get, Value(Some(1)));
        assert_eq!(tale.is_possible(), again);
    }
}

#[test]
fn what_was_not_done_is_never_seen() {
    let mut tale = Tale::default();
    let set = tale.begin(Set(1));
    tale.end(set, End::NotDone);
    tale.call(Get, Value(None));
    assert!(tale.is_possible());
    tale.call(Get, Value(Some(1)));
    assert!(!tale.is_possible());
}
