use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use core::fmt::Debug;

use bytes::Bytes;

use super::*;
use crate::hazelcast::error::Error;
use crate::hazelcast::message::custom::AnchorDataListHolder;
use crate::hazelcast::serialization::{Array, Codec, Entry, MAX_NESTING, Read, Write};
use crate::hazelcast::{Data, Uuid};

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<_> = hex.chars().filter_map(|c| c.to_digit(16)).collect();
    digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect()
}

/// What stands behind the type id of an `IdentifiedDataSerializable`.
fn data(hex: &str) -> Data {
    Data::from_parts(0, -2, &bytes(hex))
}

/// A value is written as these bytes, which are read as a value that is written as them again; nothing
/// shorter is anything.
fn same<R: Read + Write + Debug>(value: &dyn Write, hex: &str) {
    let codec = Codec::default();
    let expected = data(hex);
    assert_eq!(codec.to_data(value).unwrap(), expected);
    let read: R = codec.to_value(&expected).unwrap();
    assert_eq!(codec.to_data(&read).unwrap(), expected, "{read:?}");
    for length in 0..expected.bytes().len() {
        let cut = Data::new(expected.bytes().slice(..length));
        assert!(codec.to_value::<R>(&cut).is_err(), "cut to {length}");
    }
}

fn query(predicate: &dyn Write, hex: &str) {
    same::<Query<'_>>(predicate, hex);
}

#[test]
fn predicates_have_java_s_bytes() {
    let a = attr("a");
    query(&a.gt(1), "01 ffffffec 00000004 00000001 61 fffffff9 00000001 00 00");
    query(&a.ge(1), "01 ffffffec 00000004 00000001 61 fffffff9 00000001 01 00");
    query(&a.lt(1), "01 ffffffec 00000004 00000001 61 fffffff9 00000001 00 01");
    query(&a.le(1), "01 ffffffec 00000004 00000001 61 fffffff9 00000001 01 01");
    query(&a.between(1, 2), "01 ffffffec 00000002 00000001 61 fffffff9 00000002 fffffff9 00000001");
    query(
        &a.eq(1).and(always_true()),
        "01 ffffffec 00000001 00000002 fffffffe 01 ffffffec 00000003 00000001 61 fffffff9 00000001
         fffffffe 01 ffffffec 0000000e",
    );
    query(&any_of([]), "01 ffffffec 0000000b 00000000");
    query(&all_of([]), "01 ffffffec 00000001 00000000");
    query(&sql("a=1"), "01 ffffffec 00000000 00000003 613d31");
    query(&a.like("A%"), "01 ffffffec 00000005 00000001 61 00000002 4125");
    query(&a.ilike("A%"), "01 ffffffec 00000006 00000001 61 00000002 4125");
    query(&a.regex("A"), "01 ffffffec 0000000c 00000001 61 00000001 41");
    query(
        &a.is_in([1, 2]),
        "01 ffffffec 00000007 00000001 61 00000002 fffffff9 00000001 fffffff9 00000002",
    );
    query(&instance_of("A"), "01 ffffffec 00000008 00000001 41");
    query(&a.ne("x"), "01 ffffffec 00000009 00000001 61 fffffff5 00000001 78");
    query(&a.is_null(), "01 ffffffec 00000003 00000001 61 00000000");
    query(&a.is_not_null(), "01 ffffffec 00000009 00000001 61 00000000");
    query(&!always_false(), "01 ffffffec 0000000a fffffffe 01 ffffffec 0000000d");
    query(
        &partition(5, always_true()),
        "01 ffffffec 00000010 fffffff9 00000005 fffffffe 01 ffffffec 0000000e",
    );
    query(
        &partitions([5, 6], always_true()),
        "01 ffffffec 00000015 ffffffdb 00000002 fffffff9 00000005 fffffff9 00000006
         fffffffe 01 ffffffec 0000000e",
    );
}

#[test]
fn aggregations_and_projections_have_java_s_bytes() {
    same::<Aggregation<'_>>(
        &aggregate::count().of("x"),
        "01 ffffffe3 00000004 00000001 78 0000000000000000",
    );
    same::<Aggregation<'_>>(&aggregate::count(), "01 ffffffe3 00000004 ffffffff 0000000000000000");
    same::<Aggregation<'_>>(
        &aggregate::decimal_avg(),
        "01 ffffffe3 00000000 ffffffff ffffffe5 00000001 00 00000000 0000000000000000",
    );
    same::<Aggregation<'_>>(
        &aggregate::max_by::<String, i32>().of("x"),
        "01 ffffffe3 00000011 00000001 78 00000000 00000000",
    );
    same::<Fields<'_>>(&project::attribute::<i32>("a"), "01 ffffffe2 00000000 00000001 61");
    same::<Fields<'_>>(
        &project::attributes::<(i32, i32)>(["a", "b"]),
        "01 ffffffe2 00000001 00000002 00000001 61 00000001 62",
    );
    same::<Fields<'_>>(&project::entry::<i32, i32>(), "01 ffffffe2 00000002");
    // Whoever adds a function sees it here: they are numbered as they are declared.
    for (number, function) in Function::ALL.iter().enumerate() {
        assert_eq!(*function as usize, number);
        let codec = Codec::default();
        let one = Aggregation::Known { function: *function, attribute: None };
        let written = codec.to_data(&one).unwrap();
        let read: Aggregation<'_> = codec.to_value(&written).unwrap();
        assert_eq!(codec.to_data(&read).unwrap(), written, "{function:?}");
    }
    assert_eq!(Function::ALL.len(), 19);
}

#[test]
fn queries_read_like_sql() {
    let (age, name) = (attr("age"), attr("name"));
    for (predicate, text) in [
        (age.ge(18).and(name.like("A%")), "age >= 18 AND name LIKE 'A%'"),
        (age.lt(1) | age.gt(2) | name.eq("O'Hara"), "age < 1 OR age > 2 OR name = 'O''Hara'"),
        ((age.eq(1) | age.eq(2)) & !name.is_null(), "(age = 1 OR age = 2) AND (NOT name IS NULL)"),
        (!(age.eq(1) & age.ne(2)), "NOT (age = 1 AND age <> 2)"),
        (key().field("city").is_in(["a", "b"]), "__key.city IN ('a', 'b')"),
        (attr("wheels").at(3).field("kind").regex("x+"), "wheels[3].kind REGEX 'x+'"),
        (attr("wheels").any().between(1.5, 2.0), "wheels[any] BETWEEN 1.5 AND 2.0"),
        (this().le(true) & any_of([]), "this <= TRUE AND (FALSE)"),
        (name.is_not_null(), "name IS NOT NULL"),
        (not(sql("a = 1")), "NOT (a = 1)"),
        (instance_of("a.B") & always_true(), "this INSTANCEOF a.B AND TRUE"),
    ] {
        assert_eq!(predicate.to_string(), text);
        let codec = Codec::default();
        let read: Predicate<'_> = codec.to_value(&codec.to_data(&predicate).unwrap()).unwrap();
        assert_eq!(alloc::format!("{read:?}"), text);
    }
    let text = partition("k", age.eq(1)).to_string();
    assert_eq!(text, "age = 1 IN THE PARTITION OF 'k'");
    assert_eq!(paging(3).filter(age.eq(1)).to_string(), "age = 1 PAGE 0 BY 3");
}

#[test]
fn values_may_be_borrowed_and_of_any_type() {
    struct Unwritable;
    impl Write for Unwritable {
        fn write(&self, _: &mut crate::hazelcast::serialization::Writer<'_>) -> Result<(), Error> {
            Err(Error::Unsupported("such a value"))
        }
    }
    let name = String::from("Ann");
    let predicate = attr("name").eq(name.as_str()).or(attr("id").eq(Uuid::new(1, 2)));
    let codec = Codec::default();
    assert!(codec.to_data(&predicate).is_ok());
    let predicate = predicate.and(attr("x").eq(Unwritable));
    assert_eq!(codec.to_data(&predicate), Err(Error::Unsupported("such a value")));
    assert!(predicate.to_string().ends_with("AND x = ?"));
}

#[test]
fn misuse_is_an_error_with_words() {
    let codec = Codec::default();
    let words = |value: &dyn Write| codec.to_data(value).unwrap_err().to_string();
    let null = None::<i32>;
    assert_eq!(
        words(&attr("a").gt(null)),
        "what is compared by order can't be written: it is null"
    );
    assert_eq!(
        words(&attr("a").between(1, null)),
        "the end of a range can't be written: it is null"
    );
    assert_eq!(words(&attr("").eq(1)), "misuse: the path of an attribute is empty");
    assert_eq!(
        words(&partition(null, always_true())),
        "the key of a partition can't be written: it is null"
    );
    let none: [i32; 0] = [];
    assert_eq!(
        words(&partitions(none, always_true())),
        "misuse: a partition predicate needs a key"
    );
    assert_eq!(
        words(&project::attribute::<i32>("a[any]")),
        "misuse: a projection can't be of [any] element"
    );
    assert_eq!(
        words(&project::attributes::<()>(Vec::<&str>::new())),
        "misuse: a projection needs an attribute"
    );
    assert!(words(&aggregate::count().of("")).contains("empty"));
    for size in [0, 1 << 31] {
        assert!(paging(size).to_holder(&mut codec.pack(), Iteration::Keys).is_err());
    }
}

#[test]
fn nesting_is_bounded_both_ways() {
    let codec = Codec::default();
    let nested = |depth| (1..depth).fold(always_true(), |inner, _| not(inner));
    let deepest = codec.to_data(&nested(MAX_NESTING - 1)).unwrap();
    assert!(codec.to_value::<Query<'_>>(&deepest).is_ok());
    assert!(codec.to_data(&nested(MAX_NESTING + 1)).is_err());
    let not = bytes("01 ffffffec 0000000a fffffffe");
    let endless = Data::from_parts(0, -2, &not.repeat(10_000));
    assert!(codec.to_value::<Query<'_>>(&endless).is_err());
    // A chain is one list, however long.
    let long = (0..1000).fold(always_true(), |all, n| all.and(attr("a").ne(n)));
    let long = codec.to_data(&long).unwrap();
    assert!(codec.to_value::<Query<'_>>(&long).is_ok());
}

#[test]
fn what_members_would_not_take_is_refused() {
    let codec = Codec::default();
    for hex in [
        "01 ffffffec 0000000f 00000000", // paging
        "01 ffffffec 0000000a fffffffe 01 ffffffec 00000010 fffffff9 00000005 fffffffe 01 ffffffec 0000000e",
        "01 ffffffec 00000010 fffffff9 00000005 fffffffe 01 ffffffec 00000010 fffffff9 00000005 \
         fffffffe 01 ffffffec 0000000e", // partition in partition
        "01 ffffffec 00000015 ffffffdb 00000000 fffffffe 01 ffffffec 0000000e", // no key
        "01 ffffffec 00000016",                                                 // unknown class
        "01 ffffffec ffffffff",
        "01 ffffffec 00000001 7fffffff fffffffe 01 ffffffec 0000000e", // a lying count
        "01 ffffffec 00000001 ffffffff",                               // null list
        "01 ffffffec 00000000 ffffffff",                               // null text
        "01 ffffffec 00000003 00000000 00000000",                      // no path
        "01 ffffffec 0000000a 00000000",                               // not null
        "01 ffffffec 0000000a fffffff9 00000001",                      // not 1
        "01 ffffffec 0000000a fffffffe 01 00000001 00000001",          // a nested unknown class
    ] {
        assert!(codec.to_value::<Query<'_>>(&data(hex)).is_err(), "{hex}");
        assert!(codec.to_value::<Aggregation<'_>>(&data(hex)).is_ok_and(|it| {
            // Of another factory, so of a class that only the members have.
            matches!(it, Aggregation::Custom(_))
        }));
    }
    let begun = "01 ffffffe3 00000004 ffffffff 0000000000000001";
    let error = codec.to_value::<Aggregation<'_>>(&data(begun)).unwrap_err();
    assert_eq!(error, Error::Unsupported("an aggregator that has begun"));
    assert!(codec.to_value::<Fields<'_>>(&data("01 ffffffe2 00000001 00000000")).is_err());
}

#[test]
fn classes_of_the_members_own_are_kept() {
    let codec = Codec::default();
    let own = Data::new(Bytes::from(bytes("00000007 fffffffe 01 00000001 00000002 abcd")));
    let predicate = custom(own.clone());
    let written = codec.to_data(&predicate).unwrap();
    assert_eq!(written.bytes(), own.bytes(), "the hash too");
    let read: Query<'_> = codec.to_value(&written).unwrap();
    assert!(matches!(read, Query::Everywhere(Predicate::Custom(_))));
    assert_eq!(codec.to_data(&read).unwrap().bytes(), own.bytes());
    // Inside another it can be written, but not be read: where it ends, nobody here knows.
    let nested = codec.to_data(&not(predicate)).unwrap();
    assert_eq!(nested.payload()[9..], own.bytes()[4..]);
    assert!(codec.to_value::<Query<'_>>(&nested).is_err());
}

#[test]
fn pages_know_where_they_end() {
    let codec = Codec::default();
    let mut all = paging(3).filter(this().ge(2));
    let first = all.to_holder(&mut codec.pack(), Iteration::Values).unwrap();
    assert_eq!((first.page_size, first.page, first.iteration_type_id), (3, 0, 1));
    assert!(first.anchor_data_list_holder.anchor_page_list.is_empty());
    assert_eq!((&first.comparator_data, &first.partition_key_data), (&None, &None));

    let four = codec.to_data(&4).unwrap();
    let holder = AnchorDataListHolder {
        anchor_page_list: vec![0],
        anchor_data_list: vec![(four.clone(), four.clone())],
    };
    let anchors = Anchor::list(&holder).unwrap();
    let page = Page { items: vec![2, 3, 4], iteration: Iteration::Values, anchors };
    all.advance(&page);
    assert_eq!((all.page(), page.len(), page[2]), (1, 3, 4));
    let second = all.to_holder(&mut codec.pack(), Iteration::Values).unwrap();
    assert_eq!((second.page, &second.anchor_data_list_holder), (1, &holder));
    let keys = all.to_holder(&mut codec.pack(), Iteration::Keys).unwrap();
    assert!(keys.anchor_data_list_holder.anchor_page_list.is_empty(), "they are sorted otherwise");

    // What a member is sent, it can read.
    let (read, by) = Query::from_holder(&codec, &second).unwrap();
    let Query::Everywhere(read) = read else { panic!("{read:?}") };
    assert_eq!(by, Iteration::Values);
    assert_eq!(read.to_string(), all.to_string());
    assert_eq!(read.to_holder(&mut codec.pack(), by).unwrap(), second);

    let near = partition("k", all.clone());
    let holder = near.to_holder(&mut codec.pack(), Iteration::Values).unwrap();
    let k = codec.to_data("k").unwrap();
    assert_eq!(holder.partition_key_data, Some(k.clone()));
    assert_eq!(holder.partition_keys_data, Some(vec![k]), "as Java has it");
    let (read, by) = Query::from_holder(&codec, &holder).unwrap();
    let Query::Partitions(read) = read else { panic!("{read:?}") };
    assert_eq!(read.to_holder(&mut codec.pack(), by).unwrap(), holder);
    let near =
        partitions(["k", "l"], all.clone()).to_holder(&mut codec.pack(), Iteration::Keys).unwrap();
    assert_eq!(near.partition_keys_data.unwrap().len(), 2);

    all.reset();
    assert_eq!((all.page(), all.anchors()), (0, &[][..]));
}

#[test]
fn holders_that_lie_are_refused() {
    let codec = Codec::default();
    let good = paging(1).to_holder(&mut codec.pack(), Iteration::Entries).unwrap();
    assert!(Query::from_holder(&codec, &good).is_ok());
    let wrong = |change: fn(&mut crate::hazelcast::message::custom::PagingPredicateHolder)| {
        let mut holder = good.clone();
        change(&mut holder);
        assert!(Query::from_holder(&Codec::default(), &holder).is_err(), "{holder:?}");
    };
    wrong(|it| it.page_size = 0);
    wrong(|it| it.page_size = -1);
    wrong(|it| it.page = -1);
    wrong(|it| it.iteration_type_id = 3);
    wrong(|it| it.anchor_data_list_holder.anchor_page_list.push(0));
    wrong(|it| it.predicate_data = Some(Data::default()));
    wrong(|it| it.partition_keys_data = Some(vec![Data::default()]));
}

#[test]
fn results_are_read_from_java_s_classes() {
    let codec = Codec::default();
    let set = data("01 ffffffe3 00000013 00000002 fffffff9 00000001 fffffff9 00000002");
    assert_eq!(codec.to_value::<Distinct<i32>>(&set).unwrap().0, [1, 2]);
    assert_eq!(codec.to_data(&Distinct(vec![1, 2])).unwrap(), set);
    let entry = data("01 fffffffc 00000078 fffffff5 00000001 61 fffffff9 00000001");
    let one = Entry(String::from("a"), 1);
    assert_eq!(
        open::<Option<Entry<String, i32>>>(&codec, Some(&entry)).ok(),
        Some(Some(one.clone()))
    );
    assert_eq!(codec.to_value::<LazyEntry<String, i32>>(&entry).unwrap().0, "a");
    assert_eq!(codec.to_data(&LazyEntry("a", 1)).unwrap(), entry);
    let entry = Data::from_parts(0, -22, &entry.bytes()[17..]);
    assert_eq!(open(&codec, Some(&entry)).ok(), Some(one));
    let row = Data::from_parts(0, -28, &bytes("00000002 fffffff9 00000001 00000000"));
    assert_eq!(open(&codec, Some(&row)).ok(), Some(Row((1, None::<String>))));
    assert_eq!(open(&codec, Some(&row)).ok(), Some(Array(vec![Some(1), None])));
    assert!(open::<Row<(i32,)>>(&codec, Some(&row)).is_err());
    assert_eq!(codec.to_data(&Row((1, None::<bool>))).unwrap(), row);
    assert_eq!(open::<Option<f64>>(&codec, None).ok(), Some(None));
    assert!(open::<f64>(&codec, None).is_err());
    assert!(codec.to_value::<Distinct<i32>>(&entry).is_err());
    assert!(codec.to_value::<Entry<i32, i32>>(&set).is_err());
}
