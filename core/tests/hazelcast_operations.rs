//! Every operation, client and member engines joined in memory, bytes cut by a seed.
#![cfg(feature = "hazelcast")]

#[path = "hazelcast/mod.rs"]
mod world;

use gridwire_core::call::Lifecycle;
use gridwire_core::hazelcast::{EntryEvents, List, Structures, Uuid, Value};
use world::Pair;

#[test]
fn every_operation_of_the_map() {
    for seed in 0..20 {
        let mut pair = Pair::connected(seed);
        let invoker = pair.invoker();
        let map = invoker.map::<String, i64>("counters");
        assert_eq!(pair.run(map.put("a", &1)).unwrap(), None);
        assert_eq!(pair.run(map.put("a", &2)).unwrap(), Some(1));
        assert_eq!(pair.run(map.get("a")).unwrap(), Some(2));
        assert_eq!(pair.run(map.get("b")).unwrap(), None);
        pair.run(map.set("b", &3)).unwrap();
        assert!(pair.run(map.contains_key("b")).unwrap());
        assert_eq!(pair.run(map.size()).unwrap(), 2);
        assert_eq!(pair.run(map.remove("a")).unwrap(), Some(2));
        pair.run(map.delete("b")).unwrap();
        assert!(pair.run(map.is_empty()).unwrap());
        let entries: Vec<_> = (0..300i64).map(|n| (format!("key {n}"), n)).collect();
        let borrowed = entries.iter().map(|(key, value)| (key.as_str(), value));
        pair.run(map.put_all(borrowed)).unwrap();
        assert_eq!(pair.run(map.size()).unwrap(), 300);
        let mut all = pair.run(map.get_all(entries.iter().map(|(key, _)| key.as_str()))).unwrap();
        all.sort_by_key(|(_, value)| *value);
        assert_eq!(all, entries);
        let some = pair.run(map.get_all(["key 7", "no such key"])).unwrap();
        assert_eq!(some, [("key 7".to_string(), 7)]);
        assert_eq!(pair.run(map.get_all::<str>([])).unwrap(), []);
        pair.run(map.clear()).unwrap();
        assert_eq!(pair.run(map.size()).unwrap(), 0);
        let objects = pair.run(invoker.distributed_objects()).unwrap();
        assert_eq!(objects.len(), 1);
        assert_eq!((&*objects[0].service, &*objects[0].name), ("hz:impl:mapService", "counters"));
        assert_eq!(pair.lifecycle(), [Lifecycle::Connected]);
    }
}

#[test]
fn values_of_every_kind() {
    let mut pair = Pair::connected(3);
    let map = pair.invoker().map::<Value, Value>("values");
    let values = [
        Value::Bool(true),
        Value::I8(-1),
        Value::I16(2),
        Value::I32(3),
        Value::I64(4),
        Value::F32(1.5),
        Value::F64(-2.5),
        Value::Char(0x20ac),
        Value::Text("aé€😀".into()),
        Value::Bytes(vec![0; 100_000]),
        Value::I32s(vec![1, 2]),
        Value::Texts(vec![Some("x".into()), None]),
        Value::Uuid(Uuid::new(1, 2)),
        Value::list([Value::Null, Value::list([Value::I32(1)])]),
    ];
    for value in &values {
        assert_eq!(pair.run(map.put(value, value)).unwrap(), None);
    }
    for value in &values {
        assert_eq!(pair.run(map.get(value)).unwrap().as_ref(), Some(value));
    }
    let typed = pair.invoker().map::<Vec<u8>, List<Value>>("values");
    assert!(pair.run(typed.contains_key(vec![0u8; 100_000].as_slice())).unwrap());
    let error = pair.run(typed.get(&vec![0u8; 100_000])).unwrap_err();
    assert_eq!(error.to_string(), "expected a list, found byte[] (type -12)");
}

#[test]
fn null_and_what_cannot_be_written_fail_when_run() {
    let mut pair = Pair::connected(4);
    let map = pair.invoker().map::<char, Option<i32>>("nulls");
    assert!(pair.run(map.put(&'a', &None)).is_err());
    assert!(pair.run(map.put(&'😀', &Some(1))).is_err());
    assert_eq!(pair.run(map.put(&'a', &Some(1))).unwrap(), None);
    assert_eq!(pair.run(map.get(&'a')).unwrap(), Some(Some(1)));
}

#[test]
fn listeners_hear_what_they_asked_for() {
    for seed in 0..10 {
        let mut pair = Pair::connected(seed);
        let map = pair.invoker().map::<String, i32>("heard");
        let all = pair.subscribe(map.listen(EntryEvents::ALL, true));
        let removed = pair.subscribe(map.listen(EntryEvents::REMOVED, false));
        pair.run(map.put("a", &1)).unwrap();
        pair.run(map.set("a", &2)).unwrap();
        pair.run(map.delete("a")).unwrap();
        pair.run(map.put("b", &3)).unwrap();
        pair.run(map.remove("b")).unwrap();
        pair.run(map.put("c", &4)).unwrap();
        pair.run(map.clear()).unwrap();
        let heard = pair.items(&all);
        let brief: Vec<_> = heard
            .iter()
            .map(|e| (e.kind, e.key.as_deref(), e.value, e.old_value, e.affected))
            .collect();
        assert_eq!(
            brief,
            [
                (EntryEvents::ADDED, Some("a"), Some(1), None, 1),
                (EntryEvents::UPDATED, Some("a"), Some(2), Some(1), 1),
                (EntryEvents::REMOVED, Some("a"), None, None, 1),
                (EntryEvents::ADDED, Some("b"), Some(3), None, 1),
                (EntryEvents::REMOVED, Some("b"), None, Some(3), 1),
                (EntryEvents::ADDED, Some("c"), Some(4), None, 1),
                (EntryEvents::CLEAR_ALL, None, None, None, 1),
            ]
        );
        assert_eq!(heard[0].member, Some(pair.member.uuid()));
        let heard = pair.items(&removed);
        assert_eq!(heard.len(), 2);
        assert_eq!((heard[1].key.as_deref(), heard[1].old_value), (Some("b"), None));
    }
}
