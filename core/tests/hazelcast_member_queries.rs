//! Queries, processors and journals on embedded members, by the client's own maps.
#![cfg(feature = "hazelcast")]

#[path = "hazelcast/mod.rs"]
mod world;

use std::time::Duration;

use gridwire_core::hazelcast::compact::GenericRecord;
use gridwire_core::hazelcast::error::ErrorCode;
use gridwire_core::hazelcast::portable::GenericPortable;
use gridwire_core::hazelcast::query::{
    aggregate, attr, custom, key, paging, partition, project, sql, this,
};
use gridwire_core::hazelcast::serialization::Writer;
use gridwire_core::hazelcast::{
    BitmapIndex, Config, Data, EntryEvents, EntryProcessor, Error, Hazelcast, Index, Map,
    MemberConfig, Processor, Structures, Value, Write,
};
use gridwire_core::invoker::Detached;
use world::Pair;

type Numbers = Map<i32, i64, Detached<Hazelcast>>;

const SECOND: Duration = Duration::from_secs(1);

fn cluster(config: MemberConfig) -> (Pair, Numbers) {
    let mut config = config;
    (config.members, config.partition_count) = (3, 13);
    let target = |port| gridwire_core::endpoint::Target::new("127.0.0.1", port);
    let mut pair = Pair::with(3, Config::new((5701..5704).map(target)), config);
    pair.pass(SECOND);
    let map: Numbers = pair.invoker().map("numbers");
    let entries: Vec<_> = (0..50).map(|n| (n, i64::from(n) * 10)).collect();
    pair.run(map.set_all(entries.iter().map(|(key, value)| (key, value)))).unwrap();
    (pair, map)
}

fn sorted<T: Ord>(mut items: Vec<T>) -> Vec<T> {
    items.sort();
    items
}

#[test]
fn predicates() {
    let (mut pair, map) = cluster(MemberConfig::default());
    for (predicate, keys) in [
        (this().eq(70), vec![7]),
        (this().eq(70.0).or(key().eq(8_i64)), vec![7, 8]),
        (this().ge(480_i64), vec![48, 49]),
        (this().gt(480) & key().ne(50), vec![49]),
        (key().between(3, 5), vec![3, 4, 5]),
        (key().is_in([1, 2, 99]), vec![1, 2]),
        (key().lt(2).and(!this().eq(0)), vec![1]),
        (sql("__key < 2 or this in (30, '40')"), vec![0, 1, 3, 4]),
        (this().is_null(), vec![]),
    ] {
        assert_eq!(sorted(pair.run(map.keys_where(&predicate)).unwrap()), keys, "{predicate}");
    }
    let all = pair.run(map.keys()).unwrap();
    let mut of_one = pair.run(map.keys_where(&partition(7, this().ge(0)))).unwrap();
    assert!(of_one.contains(&7) && of_one.len() < all.len(), "{of_one:?}");
    of_one.retain(|key| *key != 7);
    pair.run(map.remove_all(&partition(7, this().ne(70)))).unwrap();
    assert_eq!(pair.run(map.size()), Ok(50 - of_one.len()));
    pair.run(map.remove_all(&this().ge(0))).unwrap();
    assert_eq!(pair.run(map.size()), Ok(0));
    for (predicate, code) in [
        (attr("name").eq(1), ErrorCode::QUERY),
        (this().regex("a+"), ErrorCode::UNSUPPORTED_OPERATION),
        (custom(GenericPortable::new(1, 2)), ErrorCode::HAZELCAST_SERIALIZATION),
        (sql("this ="), ErrorCode::QUERY),
    ] {
        pair.run(map.set(&1, &1)).unwrap();
        let end = pair.run(map.keys_where(&predicate)).map(drop);
        assert_eq!(end.unwrap_err().code(), Some(code), "{predicate}");
    }
}

/// Records of whatever kind are looked into.
#[test]
fn attributes() {
    let (mut pair, _) = cluster(MemberConfig::default());
    let map: Map<i32, Value, _> = pair.invoker().map("people");
    let city = GenericRecord::builder("city").field("name", "Paris").build().unwrap();
    let ada =
        GenericRecord::builder("person").field("name", "Ada").field("age", 36).field("home", city);
    let ada = ada.field("wheels", vec![1, 2]).build().unwrap();
    let bob =
        GenericPortable::new(1, 1).field("name", Some(String::from("Bob"))).field("age", 40_i64);
    pair.run(map.set(&1, &Value::Record(ada))).unwrap();
    pair.run(map.set(&2, &Value::Portable(bob.into()))).unwrap();
    for (predicate, keys) in [
        (attr("age").ge(36), vec![1, 2]),
        (attr("name").like("A_a"), vec![1]),
        (attr("name").ilike("b%"), vec![2]),
        (sql("age = 36 and home.name != 'Rome'"), vec![1]),
        (attr("wheels[any]").eq(2), vec![1]),
        (attr("wheels[5]").is_null(), vec![1, 2]),
        (attr("nothing").eq(1), vec![]),
    ] {
        assert_eq!(sorted(pair.run(map.keys_where(&predicate)).unwrap()), keys, "{predicate}");
    }
    let ages = pair.run(map.project(&project::attribute::<Value>("age"))).unwrap();
    assert_eq!(ages.len(), 2);
    let oldest = pair.run(map.aggregate(&aggregate::max::<i64>().of("age"))).unwrap();
    assert_eq!(oldest, Some(40));
}

#[test]
fn pages() {
    let (mut pair, map) = cluster(MemberConfig::default());
    let mut pages = paging(7).filter(this().ge(100));
    let mut found = Vec::new();
    loop {
        let page = pair.run(map.values_page(&pages)).unwrap();
        if page.is_empty() {
            break;
        }
        pages.advance(&page);
        found.extend(page.iter().copied());
        // What comes before the place is not met again.
        pair.run(map.remove(&(found.len() as i32))).unwrap();
    }
    assert_eq!(found, (10..50).map(|n| n * 10).collect::<Vec<_>>());
    pages.reset();
    pages.go_to(2);
    let page = pair.run(map.keys_page(&pages)).unwrap();
    assert_eq!(page.len(), 7);
}

#[test]
fn summaries() {
    let (mut pair, map) = cluster(MemberConfig::default());
    let few = this().lt(50);
    assert_eq!(pair.run(map.aggregate(&aggregate::count())), Ok(50));
    assert_eq!(pair.run(map.aggregate_where(&aggregate::i64_sum(), &few)), Ok(100));
    assert_eq!(pair.run(map.aggregate_where(&aggregate::avg(), &few)), Ok(Some(20.0)));
    assert_eq!(pair.run(map.aggregate(&aggregate::min::<i64>())), Ok(Some(0)));
    let none = this().lt(0);
    assert_eq!(pair.run(map.aggregate_where(&aggregate::avg(), &none)), Ok(None));
    let most =
        pair.run(map.aggregate(&aggregate::max_by::<i32, i64>().of("this"))).unwrap().unwrap();
    assert_eq!((most.0, most.1), (49, 490));
    let keys = pair.run(map.project_where(&project::attribute::<i32>("__key"), &few)).unwrap();
    assert_eq!(sorted(keys), [0, 1, 2, 3, 4]);
    let distinct = pair.run(map.aggregate_where(&aggregate::distinct::<i64>(), &few)).unwrap();
    assert_eq!(distinct.len(), 5);
}

#[test]
fn listeners_that_look_at_values() {
    let (mut pair, map) = cluster(MemberConfig::default());
    let great = this().gt(1000);
    let heard = pair.subscribe(map.listen_where(&great, EntryEvents::ALL, true));
    for value in [1001, 5, 2000] {
        pair.run(map.set(&1, &value)).unwrap();
    }
    pair.run(map.remove(&1)).unwrap();
    pair.run(map.remove(&2)).unwrap();
    let values: Vec<_> =
        pair.items(&heard).into_iter().map(|it| (it.value, it.old_value)).collect();
    assert_eq!(values, [(Some(1001), Some(10)), (Some(2000), Some(5)), (None, Some(2000))]);
}

/// What a client sends: a number.
struct Plus(i64);

impl Write for Plus {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        self.0.write(to)
    }
}

impl EntryProcessor for Plus {
    type Output = Option<i64>;
}

/// Adds what it is sent to a number; of 0 there is nothing left.
struct Add;

impl Processor for Add {
    fn is_for(&self, processor: &Data) -> bool {
        world::codec().to_value::<i64>(processor).is_ok()
    }

    fn process(&self, processor: &Data, _: &Data, value: &mut Option<Data>) -> Option<Data> {
        let codec = world::codec();
        let number = |data: &Data| codec.to_value::<i64>(data).ok();
        let sum = value.as_ref().and_then(number).unwrap_or(0) + number(processor)?;
        let sum_data = codec.to_data(&sum).ok()?;
        *value = (sum != 0).then(|| sum_data.clone());
        Some(sum_data)
    }
}

#[test]
fn processors() {
    let mut config = MemberConfig::default();
    config.processors.add(Add);
    let (mut pair, map) = cluster(config);
    assert_eq!(pair.run(map.execute_on_key(&5, &Plus(7))), Ok(Some(57)));
    assert_eq!(pair.run(map.execute_on_key(&5, &Plus(-57))), Ok(Some(0)));
    assert_eq!(pair.run(map.contains_key(&5)), Ok(false));
    assert_eq!(pair.run(map.submit_to_key(&5, &Plus(50))), Ok(Some(50)));
    let some = pair.run(map.execute_where(&this().lt(20), &Plus(1))).unwrap();
    assert_eq!(sorted(some), [(0, Some(1)), (1, Some(11))]);
    assert_eq!(pair.run(map.execute_on_all(&Plus(1))).unwrap().len(), 50);
    let (mut pair, map) = cluster(MemberConfig::default());
    let code = pair.run(map.execute_on_key(&5, &Plus(1))).unwrap_err().code();
    assert_eq!(code, Some(ErrorCode::HAZELCAST_SERIALIZATION), "nobody registered it");
}

#[test]
fn journals() {
    let mut config = MemberConfig::default();
    config.journal_capacity = Some(3);
    let (mut pair, _) = cluster(config);
    let map: Numbers = pair.invoker().map("journalled");
    let data = world::codec().to_data(&1).unwrap();
    let of_key = gridwire_core::partition::hazelcast_partition(data.partition_hash(), 13);
    let waits = pair.submit(map.read_journal(of_key, 0, 2..=10));
    for value in 0..2 {
        pair.settle();
        assert!(pair.take(&waits).is_none());
        pair.run(map.set(&1, &value)).unwrap();
    }
    let page = pair.take(&waits).expect("two events").unwrap();
    let values: Vec<_> = page.events.iter().map(|it| (it.kind, it.value, it.old_value)).collect();
    let expected = [(EntryEvents::ADDED, Some(0), None), (EntryEvents::UPDATED, Some(1), Some(0))];
    assert_eq!((&values[..], page.next), (&expected[..], 2));
    for value in 2..6 {
        pair.run(map.set(&1, &value)).unwrap();
    }
    let bounds = pair.run(map.journal_bounds(of_key)).unwrap();
    assert_eq!((bounds.oldest, bounds.newest), (3, 5));
    let page = pair.run(map.read_journal(of_key, 0, 0..=2)).unwrap();
    assert_eq!((page.sequences, page.next), (vec![3, 4], 5));
    let page = pair.run(map.read_journal(of_key, 99, 0..=2)).unwrap();
    assert_eq!((page.events.len(), page.next), (0, 99));
}

#[test]
fn indexes() {
    let (mut pair, map) = cluster(MemberConfig::default());
    for index in [
        Index::sorted(["age"]),
        Index::sorted(["age"]),
        Index::bitmap("sex", BitmapIndex::default()),
    ] {
        pair.run(map.add_index(&index)).unwrap();
    }
    let names: Vec<_> = pair.member.indexes("numbers").map(ToString::to_string).collect();
    assert_eq!(names, ["numbers_bitmap_sex", "numbers_sorted_age"]);
    assert_eq!(pair.run(map.remove_interceptor("x")), Ok(false));
}
