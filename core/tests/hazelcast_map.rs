//! What every operation of a map does to its entries: client and member engines joined in memory, bytes
//! cut by a seed.
#![cfg(feature = "hazelcast")]

#[path = "hazelcast/mod.rs"]
mod world;

use std::collections::BTreeMap;
use std::time::Duration;

use gridwire_core::hazelcast::error::ErrorCode;
use gridwire_core::hazelcast::{Cursor, EntryEvents, Error, Expiry, Hazelcast, Map, Structures};
use gridwire_core::invoker::Detached;
use world::Pair;

type Numbers = Map<String, i64, Detached<Hazelcast>>;

const SECOND: Duration = Duration::from_secs(1);

fn numbers(pair: &Pair) -> Numbers {
    pair.invoker().map("numbers")
}

#[test]
fn changes_on_conditions() {
    for seed in 0..10 {
        let mut pair = Pair::connected(seed);
        let map = numbers(&pair);
        assert_eq!(pair.run(map.put_if_absent("a", &1)), Ok(None));
        assert_eq!(pair.run(map.put_if_absent("a", &2)), Ok(Some(1)));
        assert_eq!(pair.run(map.replace("a", &3)), Ok(Some(1)));
        assert_eq!(pair.run(map.replace("b", &3)), Ok(None));
        assert_eq!(pair.run(map.replace_if_same("a", &1, &4)), Ok(false));
        assert_eq!(pair.run(map.replace_if_same("a", &3, &4)), Ok(true));
        assert_eq!(pair.run(map.remove_if_same("a", &3)), Ok(false));
        assert_eq!(pair.run(map.contains_value(&4)), Ok(true));
        assert_eq!(pair.run(map.remove_if_same("a", &4)), Ok(true));
        assert_eq!(pair.run(map.contains_value(&4)), Ok(false));
        assert_eq!(pair.run(map.try_put("a", &5, Duration::ZERO)), Ok(true));
        assert_eq!(pair.run(map.get("a")), Ok(Some(5)));
        assert_eq!(pair.run(map.try_remove("a", SECOND)), Ok(true));
        assert_eq!(pair.run(map.try_remove("a", SECOND)), Ok(false));
        assert_eq!(pair.run(map.put_transient("t", &6)), Ok(()));
        assert_eq!(pair.run(map.evict("t")), Ok(true));
        assert_eq!(pair.run(map.evict("t")), Ok(false));
        assert_eq!(pair.run(map.size()), Ok(0));
    }
}

#[test]
fn entries_expire() {
    let mut pair = Pair::connected(1);
    let map = numbers(&pair);
    pair.run(map.set_with("lives", &1, 10 * SECOND)).unwrap();
    pair.run(map.put_with("used", &2, Expiry::max_idle(4 * SECOND))).unwrap();
    let both = Expiry { ttl: Some(10 * SECOND), max_idle: Some(4 * SECOND) };
    pair.run(map.set_with("both", &3, both)).unwrap();
    pair.run(map.put_if_absent_with("stays", &4, Expiry::NEVER)).unwrap();
    // What is shorter than a millisecond lasts one.
    pair.run(map.put_transient_with("brief", &5, Duration::from_nanos(1))).unwrap();
    assert_eq!(pair.run(map.get("brief")), Ok(Some(5)));
    let view = pair.run(map.entry_view("lives")).unwrap().expect("an entry");
    assert_eq!((view.key.as_str(), view.value, view.ttl), ("lives", 1, Some(10 * SECOND)));
    assert_eq!(view.expires, Some(Duration::from_secs(1_700_000_010)));
    assert_eq!((view.max_idle, view.hits, view.created), (None, None, None));
    let view = pair.run(map.entry_view("both")).unwrap().expect("an entry");
    assert_eq!(view.max_idle, Some(4 * SECOND));
    for _ in 0..3 {
        pair.pass(3 * SECOND);
        assert_eq!(pair.run(map.get("brief")), Ok(None));
        assert_eq!(pair.run(map.get("used")), Ok(Some(2)));
        assert_eq!(pair.run(map.get("both")), Ok(Some(3)));
    }
    assert_eq!(pair.run(map.set_ttl("lives", Some(20 * SECOND))), Ok(true));
    assert_eq!(pair.run(map.set_ttl("nothing", Some(20 * SECOND))), Ok(false));
    pair.pass(3 * SECOND);
    assert_eq!(pair.run(map.get("both")), Ok(None), "it is 12 s old");
    assert_eq!(pair.run(map.get("used")), Ok(Some(2)));
    pair.pass(5 * SECOND);
    assert_eq!(pair.run(map.get("used")), Ok(None), "not used for 5 s");
    assert_eq!(pair.run(map.get("lives")), Ok(Some(1)), "its time was changed at 9 s");
    pair.pass(20 * SECOND);
    assert_eq!(pair.run(map.entries()), Ok(vec![("stays".into(), 4)]));
    assert_eq!(pair.run(map.entry_view("lives")), Ok(None));
}

#[test]
fn all_entries_and_each_of_them_once() {
    for seed in 0..3 {
        let mut pair = Pair::connected(seed);
        let map = numbers(&pair);
        let entries: BTreeMap<String, i64> = (0..500).map(|n| (format!("key {n}"), n)).collect();
        pair.run(map.set_all(&entries)).unwrap();
        assert_eq!(BTreeMap::from_iter(pair.run(map.entries()).unwrap()), entries);
        let mut keys = pair.run(map.keys()).unwrap();
        keys.sort_unstable();
        assert!(keys.iter().eq(entries.keys()));
        let mut values = pair.run(map.values()).unwrap();
        values.sort_unstable();
        assert!(values.into_iter().eq(0..500));
        for batch in [1, 2, 1000] {
            let found = walk(&mut pair, map.iterate(batch));
            assert_eq!(found.len(), entries.len(), "each once");
            assert_eq!(BTreeMap::from_iter(found), entries);
        }
        let mut found = walk(&mut pair, map.iterate_keys(3));
        found.sort_unstable();
        assert_eq!(found, keys);
        let code = pair.run(map.load(["key 1"], false)).unwrap_err().code();
        assert_eq!(code, Some(ErrorCode::ILLEGAL_ARGUMENT), "there is no map store");
        pair.run(map.flush()).unwrap();
        pair.run(map.evict_all()).unwrap();
        assert_eq!(pair.run(map.is_empty()), Ok(true));
        assert_eq!(walk(&mut pair, map.iterate(7)), []);
        pair.run(map.set("a", &1)).unwrap();
        pair.run(map.destroy()).unwrap();
        assert_eq!(pair.run(map.size()), Ok(0), "it is created anew");
    }
}

fn walk<T: Send + 'static>(pair: &mut Pair, mut cursor: Cursor<T, Detached<Hazelcast>>) -> Vec<T> {
    let (mut found, mut calls) = (Vec::new(), 0);
    while !cursor.is_done() {
        let page = pair.run(cursor.next_page()).unwrap();
        found.extend(cursor.turn(page));
        calls += 1;
    }
    assert!(calls >= 271, "a call per partition at least");
    let error = pair.run(cursor.next_page()).map(|page| page.items.len());
    assert!(matches!(error, Err(Error::Misuse(_))), "{error:?}");
    found
}

#[test]
fn listeners_of_a_key_and_of_evictions() {
    let mut pair = Pair::connected(2);
    let map = numbers(&pair);
    let of_key = pair.subscribe(map.listen_to("a", EntryEvents::ALL, true));
    let evicted = pair.subscribe(map.listen(EntryEvents::EVICTED | EntryEvents::EVICT_ALL, true));
    let lost = pair.subscribe(map.lost_partitions());
    for key in ["a", "b", "c"] {
        pair.run(map.set(key, &1)).unwrap();
    }
    pair.run(map.evict("a")).unwrap();
    pair.run(map.evict_all()).unwrap();
    let brief = |events: Vec<gridwire_core::hazelcast::EntryEvent<String, i64>>| {
        events.into_iter().map(|e| (e.kind, e.key, e.old_value, e.affected)).collect::<Vec<_>>()
    };
    let (a, all) = (Some("a".to_string()), (EntryEvents::EVICT_ALL, None, None, 2));
    let gone = (EntryEvents::EVICTED, a.clone(), Some(1), 1);
    let of_key = brief(pair.items(&of_key));
    assert_eq!(of_key, [(EntryEvents::ADDED, a, None, 1), gone.clone(), all.clone()]);
    assert_eq!(brief(pair.items(&evicted)), [gone, all]);
    assert_eq!(pair.items(&lost), []);
}

#[test]
fn a_listener_that_cannot_be_asked_for_ends_at_once() {
    let mut pair = Pair::connected(3);
    let map = pair.invoker().map::<char, i64>("characters");
    let heard = pair.subscribe(map.listen_to(&'😀', EntryEvents::ALL, true));
    let end = pair.events.iter().find_map(|event| match event {
        world::Event::Done(ticket, end) if *ticket == heard.ticket => Some(end.clone().map(drop)),
        _ => None,
    });
    assert!(matches!(end, Some(Err(Error::Serialization(_)))), "{end:?}");
    pair.run(map.set(&'a', &1)).unwrap();
    assert_eq!(pair.items(&heard).len(), 0);
}
