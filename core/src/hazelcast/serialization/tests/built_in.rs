//! Every built-in type, in Java's bytes.

use alloc::collections::{BTreeMap, BTreeSet, LinkedList, VecDeque};
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use bytes::Bytes;

use super::{data, same};
use crate::hazelcast::Uuid;
use crate::hazelcast::error::Error;
use crate::hazelcast::serialization::value::*;
use crate::hazelcast::serialization::*;
use crate::{Fault, Malformed};

/// What only a `Value` reads: both ways, and every cut is an error.
fn dynamic(value: Value, object: &str) {
    let codec = Codec::default();
    let written = codec.to_data(&value).unwrap();
    assert_eq!(written.bytes(), data(&["00000000", object].concat()).bytes(), "{value:?}");
    assert_eq!(codec.to_value::<Value>(&written).unwrap(), value);
    for length in 0..written.bytes().len() {
        let cut = Data::new(written.bytes().slice(..length));
        assert!(codec.to_value::<Value>(&cut).is_err(), "{value:?} cut to {length}");
    }
    let longer = data(&["00000000", object, "00"].concat());
    assert!(codec.to_value::<Value>(&longer).is_err(), "{value:?} and a byte more");
}

const ONE: &str = "fffffff9 00000001";
const TWO: &str = "fffffff9 00000002";

fn list(id: &str) -> String {
    [id, "00000002", ONE, TWO].concat()
}

fn sorted(id: &str) -> String {
    [id, "00000000", "00000002", ONE, TWO].concat()
}

#[test]
fn entries_classes_and_optionals() {
    same(Entry(1, "a".to_string()), &["ffffffe9", ONE, "fffffff5 00000001 61"].concat());
    let entry = vec![(Value::I32(1), Value::Null)].pop().map(alloc::boxed::Box::new).unwrap();
    dynamic(Value::Entry(EntryKind::SimpleEntry, entry), &["ffffffea", ONE, "00000000"].concat());
    same(ClassName("a.B".into()), "ffffffe8 00000003 612e42");
    same(Optional(Some(1)), &["ffffffce 01", ONE].concat());
    same(Optional(None::<i32>), "ffffffce 00");
    same(ByteBuffer(vec![1, 255]), "ffffff9a 00000002 01ff");
    same(Bytes::from_static(b"ab"), "fffffff4 00000002 6162");
    same(vec![-1i8, 2], "fffffff4 00000002 ff02");
}

#[test]
fn dates_and_times() {
    let date = LocalDate::new(2021, 6, 28).unwrap();
    let time = LocalTime::new(11, 22, 41, 123_456_000).unwrap();
    let local = LocalDateTime::new(date, time);
    same(Date(-2), "ffffffe7 fffffffffffffffe");
    same(date, "ffffffcd 000007e5 061c");
    same(LocalDate::new(-999_999_999, 1, 1).unwrap(), "ffffffcd c4653601 0101");
    same(time, "ffffffcc 0b1629 075bca00");
    same(local, "ffffffcb 000007e5 061c 0b1629 075bca00");
    same(
        OffsetDateTime::new(local, -3600).unwrap(),
        "ffffffca 000007e5 061c 0b1629 075bca00 fffff1f0",
    );
    assert_eq!(LocalDate::new(2023, 2, 29), None);
    assert!(LocalDate::new(2000, 2, 29).is_some() && LocalDate::new(1900, 2, 29).is_none());
    let codec = Codec::default();
    let never = LocalDate { year: 2023, month: 2, day: 30 };
    assert!(codec.to_data(&never).unwrap_err().to_string().contains("no such date"));
    for hex in [
        "ffffffcd 000007e5 0d01",                          // month 13
        "ffffffcd 000007e5 00ff",                          // a negative day
        "ffffffcd 7fffffff 0101",                          // a year that Java has not
        "ffffffcc 180000 00000000",                        // hour 24
        "ffffffcc 000000 ffffffff",                        // negative nanoseconds
        "ffffffca 000007e5 061c 0b1629 075bca00 0000fd21", // more than 18 hours
    ] {
        let wrong = codec.to_value::<Value>(&data(&["00000000", hex].concat()));
        assert!(matches!(wrong, Err(Error::Malformed(_))), "{hex}: {wrong:?}");
    }
}

#[test]
fn big_numbers() {
    same(0i128, "ffffffe6 00000001 00");
    same(-129i128, "ffffffe6 00000002 ff7f");
    same(128i128, "ffffffe6 00000002 0080");
    same(i128::MIN, "ffffffe6 00000010 80000000000000000000000000000000");
    same(BigInteger::from(-1), "ffffffe6 00000001 ff");
    same(BigDecimal::new(-129, 2), "ffffffe5 00000002 ff7f 00000002");
    same(BigDecimal::new(128, -3), "ffffffe5 00000002 0080 fffffffd");
    let codec = Codec::default();
    let large = data("00000000 ffffffe6 00000011 0100000000000000000000000000000000");
    assert!(codec.to_value::<BigInteger>(&large).is_ok());
    assert!(codec.to_value::<i128>(&large).unwrap_err().to_string().contains("more than 128 bits"));
    let none = data("00000000 ffffffe6 00000000");
    assert!(codec.to_value::<Value>(&none).is_err());
    assert_eq!(BigInteger::from_be_bytes(&[]), BigInteger::default());
    assert_eq!(BigInteger::from_be_bytes(&[0xff, 0xff, 0x80]).to_be_bytes(), [0x80]);
    assert_eq!(BigInteger::from_be_bytes(&[0, 0, 0x80]).to_be_bytes(), [0, 0x80]);
}

#[test]
fn collections_of_each_kind() {
    same(List(vec![1, 2]), &list("ffffffe3"));
    same(Array(vec![1, 2]), &list("ffffffe4"));
    same(LinkedList::from([1, 2]), &list("ffffffe2"));
    same(VecDeque::from([1, 2]), &list("ffffffd6"));
    same(Set(vec![1, 2]), &list("ffffffd9"));
    same(BTreeSet::from([1, 2]), &sorted("ffffffda"));
    same(Entries(vec![(1, 2)]), &["ffffffdd 00000001", ONE, TWO].concat());
    same(BTreeMap::from([(1, 2)]), &["ffffffdc 00000000 00000001", ONE, TWO].concat());
    same(
        hashbrown::HashSet::<_, BuildHasher>::from_iter([1]),
        &["ffffffdb 00000001", ONE].concat(),
    );
    same(
        hashbrown::HashMap::<_, _, BuildHasher>::from_iter([(1, 2)]),
        &["ffffffe0 00000001", ONE, TWO].concat(),
    );

    let items = || vec![Value::I32(1), Value::I32(2)];
    for (kind, id) in [
        (ListKind::ArrayList, "ffffffe3"),
        (ListKind::LinkedList, "ffffffe2"),
        (ListKind::CopyOnWriteArrayList, "ffffffe1"),
        (ListKind::Array, "ffffffe4"),
    ] {
        dynamic(Value::List(kind, items()), &list(id));
    }
    for (kind, bytes) in [
        (SetKind::HashSet, list("ffffffdb")),
        (SetKind::TreeSet, sorted("ffffffda")),
        (SetKind::LinkedHashSet, list("ffffffd9")),
        (SetKind::CopyOnWriteArraySet, list("ffffffd8")),
        (SetKind::ConcurrentSkipListSet, sorted("ffffffd7")),
    ] {
        dynamic(Value::Set(kind, items()), &bytes);
        let codec = Codec::default();
        let written = codec.to_data(&Value::Set(kind, items())).unwrap();
        assert_eq!(codec.to_value::<BTreeSet<i32>>(&written).unwrap(), BTreeSet::from([1, 2]));
        assert_eq!(codec.to_value::<Set<i32>>(&written).unwrap(), Set(vec![1, 2]));
    }
    for (kind, bytes) in [
        (QueueKind::ArrayDeque, list("ffffffd6")),
        (QueueKind::LinkedBlockingQueue, list("ffffffd5")),
        (QueueKind::ArrayBlockingQueue, list("ffffffd4")),
        (QueueKind::PriorityBlockingQueue, sorted("ffffffd3")),
        (QueueKind::DelayQueue, list("ffffffd2")),
        (QueueKind::SynchronousQueue, list("ffffffd1")),
        (QueueKind::LinkedTransferQueue, list("ffffffd0")),
        (QueueKind::PriorityQueue, sorted("ffffffcf")),
    ] {
        dynamic(Value::Queue(kind, items()), &bytes);
        let codec = Codec::default();
        let written = codec.to_data(&Value::Queue(kind, items())).unwrap();
        assert_eq!(codec.to_value::<VecDeque<i32>>(&written).unwrap(), [1, 2]);
    }
    for (kind, id) in [
        (MapKind::HashMap, "ffffffe0"),
        (MapKind::ConcurrentSkipListMap, "ffffffdf 00000000"),
        (MapKind::ConcurrentHashMap, "ffffffde"),
        (MapKind::LinkedHashMap, "ffffffdd"),
        (MapKind::TreeMap, "ffffffdc 00000000"),
    ] {
        let map = Value::Map(kind, vec![(Value::I32(1), Value::I32(2))]);
        dynamic(map.clone(), &[id, "00000001", ONE, TWO].concat());
        let codec = Codec::default();
        let written = codec.to_data(&map).unwrap();
        assert_eq!(
            codec.to_value::<BTreeMap<i32, i32>>(&written).unwrap(),
            BTreeMap::from([(1, 2)])
        );
        assert_eq!(codec.to_value::<Entries<i32, i32>>(&written).unwrap(), Entries(vec![(1, 2)]));
    }
}

type BuildHasher = core::hash::BuildHasherDefault<std::hash::DefaultHasher>;

#[test]
fn a_comparator_stands_before_what_it_sorts() {
    let comparator = Value::Text("c".into());
    let collection = Value::Set(SetKind::TreeSet, vec![Value::I32(1)]);
    let it = Sorted { comparator, collection };
    let bytes = ["ffffffda fffffff5 00000001 63 00000001", ONE].concat();
    dynamic(Value::Sorted(it.clone().into()), &bytes);
    let codec = Codec::default();
    let written = codec.to_data(&Value::Sorted(it.clone().into())).unwrap();
    assert_eq!(codec.to_value::<BTreeSet<i32>>(&written).unwrap(), BTreeSet::from([1]));
    assert_eq!(Value::Sorted(it.clone().into()).items(), Some(&[Value::I32(1)][..]));
    for collection in [Value::list([]), Value::I32(1), Value::Sorted(it.clone().into())] {
        assert!(codec.to_data(&Value::Sorted(Sorted { collection, ..it.clone() }.into())).is_err());
    }
    // A comparator of Java's hides what follows it.
    let opaque = data("00000000 ffffffda ffffff9c aced0005");
    assert_eq!(codec.to_value::<Value>(&opaque).unwrap(), Value::Raw(opaque.clone()));
    let error = codec.to_value::<BTreeSet<i32>>(&opaque).unwrap_err();
    assert_eq!(
        error.to_string(),
        "expected a type that Rust has, found a Java Serializable (type -100)"
    );
}

#[test]
fn what_a_collection_has_no_place_for_is_an_error() {
    let codec = Codec::default();
    let twice = data(&["00000000 ffffffdb 00000002", ONE, ONE].concat());
    let error = codec.to_value::<BTreeSet<i32>>(&twice).unwrap_err();
    assert_eq!(error, Malformed::new("HashSet", Fault::Other("an element is there twice")).into());
    assert_eq!(codec.to_value::<Set<i32>>(&twice).unwrap().0, [1, 1]);
    let twice = data(&["00000000 ffffffe0 00000002", ONE, ONE, ONE, TWO].concat());
    assert!(codec.to_value::<BTreeMap<i32, i32>>(&twice).is_err());
    // Counts that lie, for entries of at least 8 bytes too.
    let lying = data(&["00000000 ffffffe0 00000002", ONE, "00000000"].concat());
    let fault = Fault::Count { count: 2, available: 12 };
    assert_eq!(
        codec.to_value::<Value>(&lying).unwrap_err(),
        Malformed::new("HashMap", fault).into()
    );
}

#[test]
fn wrong_types_are_named() {
    let codec = Codec::default();
    let map = codec.to_data(&BTreeMap::from([(1, 2)])).unwrap();
    let wrong = |error: Error| error.to_string();
    assert_eq!(
        wrong(codec.to_value::<List<i32>>(&map).unwrap_err()),
        "expected a list, found TreeMap (type -36)"
    );
    assert_eq!(
        wrong(codec.to_value::<Set<i32>>(&map).unwrap_err()),
        "expected a set, found TreeMap (type -36)"
    );
    assert_eq!(
        wrong(codec.to_value::<Date>(&map).unwrap_err()),
        "expected Date, found TreeMap (type -36)"
    );
    let set = codec.to_data(&BTreeSet::from([1])).unwrap();
    assert_eq!(
        wrong(codec.to_value::<BTreeMap<i32, i32>>(&set).unwrap_err()),
        "expected a map, found TreeSet (type -38)"
    );
    let deep = codec.to_data(&BTreeMap::from([(1, List(vec!["x"]))])).unwrap();
    assert_eq!(
        wrong(codec.to_value::<BTreeMap<i32, List<i64>>>(&deep).unwrap_err()),
        "expected Long, found String (type -11)"
    );
}

#[test]
fn what_only_others_can_read_stays_whole_or_is_named() {
    let codec = Codec::default();
    for (id, name) in [
        (-100, "a Java Serializable"),
        (-101, "a Java Externalizable"),
        (-110, "a .NET object"),
        (-120, "a Python pickle"),
        (-140, "a Go gob"),
        (-200, "a Hibernate cache entry"),
        (-300, "a Jet value"),
        (-57, "an unknown type"),
        (i32::MIN, "an unknown type"),
    ] {
        let whole = Data::from_parts(0, id, b"any bytes");
        assert_eq!(codec.to_value::<Value>(&whole).unwrap(), Value::Raw(whole.clone()));
        let error = codec.to_value::<String>(&whole).unwrap_err().to_string();
        assert_eq!(error, alloc::format!("expected String, found {name} (type {id})"));
        let nested = codec.to_data(&List(vec![whole])).unwrap();
        let error = codec.to_value::<List<Value>>(&nested).unwrap_err().to_string();
        assert_eq!(
            error,
            alloc::format!("expected a type that Rust has, found {name} (type {id})")
        );
        assert_eq!(codec.to_value::<Value>(&nested).unwrap(), Value::Raw(nested));
    }
}

#[test]
fn pointers_are_what_they_point_to() {
    let codec = Codec::default();
    let boxed: alloc::boxed::Box<str> = "a".into();
    let text = codec.to_data("a").unwrap();
    assert_eq!(codec.to_data(&boxed).unwrap(), text);
    assert_eq!(codec.to_data(&alloc::borrow::Cow::Borrowed("a")).unwrap(), text);
    assert_eq!(codec.to_value::<alloc::boxed::Box<str>>(&text).unwrap(), boxed);
    assert_eq!(*codec.to_value::<alloc::sync::Arc<String>>(&text).unwrap(), "a");
    assert_eq!(*codec.to_value::<alloc::boxed::Box<String>>(&text).unwrap(), "a");
}

#[test]
fn values_are_made_of_what_they_hold() {
    let uuid = Uuid::new(1, 2);
    let value =
        Value::map([("a".into(), Value::list([1i32.into(), None::<i64>.into(), uuid.into()]))]);
    let (key, list) = &value.entries().unwrap()[0];
    assert_eq!((key.text(), list.items().unwrap()[0].integer()), (Some("a"), Some(1)));
    assert!(list.items().unwrap()[1].is_null() && value.items().is_none());
    assert_eq!(list.items().unwrap()[2], Value::Uuid(uuid));
    assert_eq!(Value::set([true.into()]).items(), Some(&[Value::Bool(true)][..]));
    let _: Vec<Value> =
        vec![1.5f64.into(), 5i128.into(), vec![1u8].into(), Json("1".into()).into()];
}
