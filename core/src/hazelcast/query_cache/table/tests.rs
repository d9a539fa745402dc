//! What a table makes of events.

use super::*;
use crate::hazelcast::Codec;

const MEMBER: Option<Uuid> = Some(Uuid::new(1, 1));
const PARTITIONS: u32 = 7;

fn table(capacity: usize, awaits: bool) -> Table {
    let hash = KeyedHash::new(7);
    Table::new((1, "a name".into()), Weak::new(), PARTITIONS, hash, capacity, awaits)
}

fn data(value: i64) -> Data {
    Codec::default().to_data(&value).unwrap()
}

fn partition(key: &Data) -> i32 {
    hazelcast_partition(key.partition_hash(), PARTITIONS).cast_signed()
}

/// Keys of one partition.
fn keys() -> impl Iterator<Item = Data> {
    (0..).map(data).filter(|key| partition(key) == 3)
}

fn event(kind: i32, sequence: i64, key: &Data, value: i64) -> QueryCacheEventData {
    QueryCacheEventData {
        data_key: Some(key.clone()),
        data_new_value: Some(data(value)),
        sequence,
        event_type: kind,
        partition_id: partition(key),
        map_name: "a map".into(),
    }
}

fn hear(table: &Table, event: &QueryCacheEventData) -> Option<CacheChange> {
    table.hear(MEMBER, event).unwrap().change
}

const ADDED: i32 = 1;
const REMOVED: i32 = 2;
const UPDATED: i32 = 4;
const CLEAR_ALL: i32 = 64;

#[test]
fn events_make_the_entries() {
    let table = table(100, false);
    let keys: Vec<_> = keys().take(3).collect();
    let added = CacheChange::Added { key: keys[0].clone(), value: Some(data(5)) };
    assert_eq!(hear(&table, &event(ADDED, 1, &keys[0], 5)), Some(added));
    let (key, value, old) = (keys[0].clone(), Some(data(6)), Some(data(5)));
    let updated = CacheChange::Updated { key, value, old };
    assert_eq!(hear(&table, &event(UPDATED, 2, &keys[0], 6)), Some(updated));
    assert_eq!(table.get(&keys[0]), Some(data(6)));
    hear(&table, &event(512, 3, &keys[1], 7));
    hear(&table, &event(128, 4, &keys[2], 8));
    assert_eq!(table.len(), 3);
    for (at, kind) in [(0, REMOVED), (1, 8), (2, 16)] {
        // Members say what the value is now, where it matches no more.
        let removed = hear(&table, &event(kind, 5 + at, &keys[at as usize], 99));
        assert!(matches!(removed, Some(CacheChange::Removed { old: Some(_), .. })), "{removed:?}");
    }
    assert_eq!(table.len(), 0);
    assert_eq!(hear(&table, &event(REMOVED, 8, &keys[0], 0)), None);
    // Of a kind that isn't known: nothing.
    for (at, kind) in [0, -1, 256, 1024, i32::MIN, 3].into_iter().enumerate() {
        assert_eq!(hear(&table, &event(kind, 9 + at as i64, &keys[0], 0)), None, "{kind}");
    }
    assert!(table.is_whole() && table.is_complete());
}

#[test]
fn a_map_that_is_cleared_is_so_partition_by_partition() {
    let table = table(100, false);
    let other = (0..10_000).map(data).find(|key| partition(key) == 4).unwrap();
    for (key, sequence) in keys().take(3).zip(1..) {
        hear(&table, &event(ADDED, sequence, &key, 1));
    }
    hear(&table, &event(ADDED, 1, &other, 1));
    let clear = QueryCacheEventData {
        data_key: None,
        data_new_value: None,
        ..event(CLEAR_ALL, 4, &keys().next().unwrap(), 0)
    };
    assert_eq!(hear(&table, &clear), Some(CacheChange::Cleared { partition: 3, entries: 3 }));
    assert_eq!((table.len(), table.entries()), (1, Vec::from([(other, data(1))])));
}

#[test]
fn events_before_the_entries_stay() {
    let table = table(100, true);
    let keys: Vec<_> = keys().take(4).collect();
    hear(&table, &event(UPDATED, 1, &keys[0], 10));
    hear(&table, &event(REMOVED, 2, &keys[1], 0));
    hear(&table, &event(ADDED, 3, &keys[2], 30));
    hear(&table, &event(REMOVED, 4, &keys[2], 30));
    table.fill(keys.iter().map(|key| (key.clone(), Some(data(1)))));
    assert_eq!(table.get(&keys[0]), Some(data(10)));
    assert_eq!(table.get(&keys[1]), None);
    assert_eq!(table.get(&keys[2]), None);
    assert_eq!(table.get(&keys[3]), Some(data(1)));
    assert_eq!(table.len(), 2);
    // From then on they are no longer remembered.
    hear(&table, &event(ADDED, 5, &keys[1], 2));
    assert_eq!(table.get(&keys[1]), Some(data(2)));
}

#[test]
fn a_partition_that_was_cleared_takes_no_older_entries() {
    let table = table(100, true);
    let keys: Vec<_> = keys().take(2).collect();
    let clear = QueryCacheEventData { data_key: None, ..event(CLEAR_ALL, 1, &keys[0], 0) };
    assert_eq!(hear(&table, &clear), None);
    hear(&table, &event(ADDED, 2, &keys[0], 5));
    table.fill(keys.iter().map(|key| (key.clone(), Some(data(1)))));
    assert_eq!(table.entries(), [(keys[0].clone(), data(5))]);
}

#[test]
fn so_many_keys_are_remembered_before_the_entries() {
    let mut table = table(100, true);
    table.max_early = 5;
    let mut numbers = [0; PARTITIONS as usize];
    let mut tell = |table: &Table, value: i64| {
        let key = data(value);
        let number = &mut numbers[partition(&key) as usize];
        *number += 1;
        hear(table, &event(UPDATED, *number, &key, 1));
    };
    for value in (0..5).chain(0..5) {
        tell(&table, value);
    }
    assert!(table.is_whole(), "each counts once");
    // Whichever partition the next one is of.
    tell(&table, 5);
    assert!(!table.is_whole());
    let known: usize =
        table.partitions.iter().filter_map(|of| Some(of.read().early.as_ref()?.keys.len())).sum();
    assert_eq!(known, 5);
}

#[test]
fn what_is_lost_is_told_once_and_known_until_it_comes() {
    let table = table(100, false);
    let key = keys().next().unwrap();
    hear(&table, &event(ADDED, 1, &key, 1));
    let heard = table.hear(MEMBER, &event(UPDATED, 3, &key, 3)).unwrap();
    assert_eq!(heard.change, Some(CacheChange::Lost(Some(3))));
    assert_eq!(heard.loss, Some(State::Gap));
    assert_eq!(hear(&table, &event(UPDATED, 4, &key, 4)), None);
    assert!(!table.is_whole());
    assert_eq!((table.gaps(), table.get(&key)), (Vec::from([(3, Some(2))]), Some(data(1))));
    for number in 2..5 {
        hear(&table, &event(UPDATED, number, &key, number));
    }
    assert!(table.is_whole());
    assert_eq!((table.gaps(), table.get(&key)), (Vec::new(), Some(data(4))));
}

#[test]
fn there_is_no_more_than_there_may_be() {
    let table = table(2, true);
    let all: Vec<_> = (0..5).map(|n| (data(n), Some(data(n)))).collect();
    table.fill(all.clone());
    assert_eq!(table.len(), 2);
    assert!(!table.is_complete());
    // Those that are there are kept up to date.
    let (there, _) = table.entries().remove(0);
    assert!(hear(&table, &event(UPDATED, 1, &there, 77)).is_some());
    assert_eq!(table.get(&there), Some(data(77)));
}

#[test]
fn a_partition_that_does_not_exist_is_the_members_fault() {
    let table = table(100, false);
    for partition_id in [-1, 7, i32::MAX, i32::MIN] {
        let event = QueryCacheEventData { partition_id, ..event(ADDED, 1, &data(1), 1) };
        assert!(matches!(table.hear(MEMBER, &event), Err(Error::Violation(_))), "{partition_id}");
    }
    assert_eq!(table.len(), 0);
}

#[test]
fn entries_keep_no_message_alive() {
    let table = table(100, false);
    let message = bytes::Bytes::from(alloc::vec![0; 1000]);
    let key = Data::new(message.slice(0..20));
    let event = QueryCacheEventData {
        data_new_value: Some(Data::new(message.slice(20..60))),
        ..event(ADDED, 1, &key, 0)
    };
    hear(&table, &event);
    drop((key, event));
    assert!(message.is_unique());
}
