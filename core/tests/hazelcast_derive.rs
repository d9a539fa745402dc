//! Structs as records: by derive the same bytes as by hand, and as Java's.
#![cfg(feature = "hazelcast")]

use std::fmt::Debug;
use std::sync::Arc;

use gridwire_core::hazelcast::compact::{
    Compact, CompactField, CompactReader, CompactType, CompactWriter, FieldKind,
};
use gridwire_core::hazelcast::serialization::{
    IdentifiedData, LocalDate, Reader, Registry, TypeId, Writer,
};
use gridwire_core::hazelcast::{Codec, Data, Error, List, Read, Uuid, Value, Write};

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<_> = hex.chars().filter_map(|c| c.to_digit(16)).collect();
    digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect()
}

fn round_trip<T: Read + Write + PartialEq + Debug>(value: &T) -> Data {
    let codec = Codec::default();
    let data = codec.to_data(value).unwrap();
    assert_eq!(&codec.to_value::<T>(&data).unwrap(), value);
    data
}

#[derive(Debug, Clone, PartialEq, Compact)]
#[compact(name = "inner")]
struct Inner {
    n: i32,
}

#[derive(Debug, Clone, PartialEq, Compact)]
#[compact(name = "employee")]
struct Employee {
    id: i64,
    age: i32,
    #[compact(rename = "lvl")]
    level: i8,
    active: bool,
    remote: bool,
    vip: bool,
    boss: Option<Inner>,
    flags: Vec<bool>,
    name: Option<String>,
    bonus: Option<i32>,
    scores: Vec<Option<i32>>,
    #[compact(skip)]
    seen: u64,
}

#[test]
fn a_compact_record_has_java_s_bytes() {
    let mut employee = Employee {
        id: 1,
        age: 30,
        level: 2,
        active: true,
        remote: false,
        vip: true,
        boss: Some(Inner { n: 7 }),
        flags: vec![true, false, true, true, false, false, false, false, true],
        name: Some("Al".into()),
        bonus: None,
        scores: vec![Some(1), None, Some(3)],
        seen: 5,
    };
    let data = Codec::default().to_data(&employee).unwrap();
    let expected = "00000000 ffffffc9 7d01a69fb490e147 00000039
        0000000000000001 0000001e 02 05
        6e0ca3196a1a626c 00000007 00000009 0d 01 00000002 416c
        00000008 00000003 00000001 00000003 00 ff 04
        ff 0e 1a 20 26";
    assert_eq!(data.bytes(), &bytes(expected));
    employee.seen = 0;
    assert_eq!(Codec::default().to_value::<Employee>(&data).unwrap(), employee, "what is skipped");
}

/// The same by hand.
#[derive(Debug, PartialEq)]
struct ByHand {
    kind: String,
    in_stock: Vec<i64>,
    day: Option<LocalDate>,
}

impl Compact for ByHand {
    fn compact_type() -> &'static CompactType {
        static TYPE: CompactType = CompactType::new(
            "thing",
            &[
                ("type", FieldKind::Text),
                ("inStock", FieldKind::Int64Array),
                ("day", <Option<LocalDate> as CompactField>::KIND),
            ],
        );
        &TYPE
    }
    fn write(&self, to: &mut CompactWriter<'_, '_>) -> Result<(), Error> {
        to.field("type", &self.kind)?;
        to.field("inStock", &self.in_stock)?;
        to.field("day", &self.day)
    }
    fn read(from: &CompactReader<'_>) -> Result<Self, Error> {
        Ok(Self {
            kind: from.field("type")?,
            in_stock: from.field("inStock")?,
            day: from.field("day")?,
        })
    }
}

gridwire_core::compact!(ByHand);

#[derive(Debug, PartialEq, Compact)]
#[compact(name = "thing", rename_all = "camelCase", crate = gridwire_core)]
struct Derived {
    r#type: String,
    in_stock: Vec<i64>,
    day: Option<LocalDate>,
}

#[test]
fn a_derived_record_is_one_written_by_hand() {
    let day = LocalDate::new(2021, 2, 3);
    let by_hand = ByHand { kind: "a".into(), in_stock: vec![1, -1], day };
    let derived = Derived { r#type: "a".into(), in_stock: vec![1, -1], day };
    let data = round_trip(&derived);
    assert_eq!(data.bytes(), round_trip(&by_hand).bytes());
    let names: Vec<_> = Derived::compact_type().fields().iter().map(|field| field.0).collect();
    assert_eq!(names, ["type", "inStock", "day"]);
}

#[derive(Debug, PartialEq, Compact)]
#[compact(name = "tree")]
struct Tree {
    leaf: f64,
    branches: Vec<Inner>,
    more: Option<Box<Tree>>,
}

#[derive(Debug, PartialEq, Compact)]
#[compact(name = "nothing")]
struct Nothing;

#[test]
fn records_hold_records() {
    let inner = Tree { leaf: -0.5, branches: vec![], more: None };
    let branches = vec![Inner { n: 1 }, Inner { n: 2 }];
    round_trip(&Tree { leaf: 1.5, branches, more: Some(Box::new(inner)) });
    round_trip(&Nothing);
}

/// A type as it changed over time.
mod versions {
    use super::*;

    #[derive(Debug, PartialEq, Compact)]
    #[compact(name = "person")]
    pub(crate) struct First {
        pub(crate) name: String,
        pub(crate) age: i32,
    }

    #[derive(Debug, PartialEq, Compact)]
    #[compact(name = "person")]
    pub(crate) struct Second {
        pub(crate) name: String,
        /// May be unknown now.
        pub(crate) age: Option<i32>,
        #[compact(default = "nowhere".into())]
        pub(crate) city: String,
        pub(crate) nick: Option<String>,
    }

    #[derive(Debug, PartialEq, Compact)]
    #[compact(name = "person")]
    pub(crate) struct Third {
        #[compact(rename = "name")]
        pub(crate) full_name: String,
        #[compact(default)]
        pub(crate) tags: Vec<String>,
        /// Of another type than it was.
        #[compact(default = -1)]
        pub(crate) city: i64,
    }
}

#[test]
fn three_versions_read_each_other() {
    use versions::{First, Second, Third};

    fn carry<A: Write, B: Read>(value: &A) -> Result<B, Error> {
        let codec = Codec::default();
        codec.to_value(&codec.to_data(value)?)
    }
    let first = First { name: "a".into(), age: 3 };
    let second =
        Second { name: "b".into(), age: Some(4), city: "c".into(), nick: Some("d".into()) };
    let third = Third { full_name: "e".into(), tags: vec!["f".into()], city: 5 };

    let read: Second = carry(&first).unwrap();
    let expected = Second { name: "a".into(), age: Some(3), city: "nowhere".into(), nick: None };
    assert_eq!(read, expected);
    let read: Third = carry(&first).unwrap();
    assert_eq!(read, Third { full_name: "a".into(), tags: vec![], city: -1 });
    let read: First = carry(&second).unwrap();
    assert_eq!(read, First { name: "b".into(), age: 4 });
    let read: Third = carry(&second).unwrap();
    assert_eq!(read, Third { full_name: "b".into(), tags: vec![], city: -1 });
    let read: Second = carry(&third).unwrap();
    assert_eq!(read, Second { name: "e".into(), age: None, city: "nowhere".into(), nick: None });
    // What has no default is missed, by its name.
    let error = carry::<_, First>(&third).unwrap_err().to_string();
    assert!(error.contains("age") && error.contains("person"), "{error}");
    let unknown = Second { age: None, ..second };
    assert!(carry::<_, First>(&unknown).is_err(), "null is no number");
}

#[derive(Debug, PartialEq, Compact)]
#[compact(name = "order")]
struct Order {
    id: i64,
    #[compact(partition_key)]
    customer: String,
}

#[derive(Debug, Clone, PartialEq, IdentifiedData)]
#[identified(factory = 1, class = 1)]
struct Line {
    item: String,
    #[identified(partition_key)]
    shelf: String,
}

#[test]
fn a_field_can_be_the_partition_key() {
    let codec = Codec::default();
    let expected = codec.to_data("b").unwrap().partition_hash();
    let order = Order { id: 1, customer: "b".into() };
    assert_eq!(round_trip(&order).bytes()[..4], expected.to_be_bytes());
    let line = Line { item: "x".into(), shelf: "b".into() };
    assert_eq!(round_trip(&line).bytes()[..4], expected.to_be_bytes());
}

const FACTORY: i32 = 7;

#[derive(Debug, Clone, PartialEq, IdentifiedData)]
#[identified(factory = FACTORY, class = 9)]
struct Everything {
    truth: bool,
    byte: i8,
    bits: u8,
    unit: char,
    short: i16,
    int: i32,
    long: i64,
    float: f32,
    double: f64,
    text: String,
    maybe: Option<String>,
    ints: Vec<i32>,
    bytes: Option<Vec<u8>>,
    texts: Vec<Option<String>>,
    #[identified(skip)]
    skipped: Vec<u8>,
    id: Uuid,
    day: Option<LocalDate>,
    #[identified(object)]
    boxed: Option<i32>,
    #[identified(object)]
    list: List<i64>,
    inner: Inner,
    line: Option<Line>,
    lines: Vec<Line>,
    next: Option<Box<Everything>>,
}

fn everything() -> Everything {
    Everything {
        truth: true,
        byte: -2,
        bits: 200,
        unit: 'é',
        short: -3,
        int: 4,
        long: 5,
        float: 1.5,
        double: -0.0,
        text: "a".into(),
        maybe: None,
        ints: vec![1],
        bytes: None,
        texts: vec![None, Some("b".into())],
        skipped: vec![],
        id: Uuid::new(1, 2),
        day: None,
        boxed: Some(6),
        list: List(vec![7]),
        inner: Inner { n: 7 },
        line: None,
        lines: vec![Line { item: "c".into(), shelf: String::new() }],
        next: None,
    }
}

#[test]
fn an_identified_record_has_its_fields_in_java_s_form() {
    let data = round_trip(&everything());
    let expected = "00000000 fffffffe 01 00000007 00000009
        01 fe c8 00e9 fffd 00000004 0000000000000005 3fc00000 8000000000000000
        00000001 61 ffffffff 00000001 00000001 ffffffff 00000002 ffffffff 00000001 62
        ffffffeb 0000000000000001 0000000000000002 00000000
        fffffff9 00000006 ffffffe3 00000001 fffffff8 0000000000000007
        ffffffc9 6e0ca3196a1a626c 00000007 00000000
        ffffffe3 00000001 fffffffe 01 00000001 00000001 00000001 63 00000000
        00000000";
    assert_eq!(data.bytes(), &bytes(expected));
    let next = Some(Box::new(everything()));
    let data = round_trip(&Everything { next, bytes: Some(vec![1, 2]), ..everything() });
    for length in 17..data.bytes().len() {
        let cut = Data::new(data.bytes().slice(..length));
        assert!(Codec::default().to_value::<Everything>(&cut).is_err(), "cut to {length}");
    }
}

#[derive(Debug, PartialEq, IdentifiedData)]
#[identified(factory = 1, class = 2)]
struct Before {
    id: i64,
}

#[derive(Debug, PartialEq, IdentifiedData)]
#[identified(factory = 1, class = 2)]
struct After {
    id: i64,
    #[identified(default = 3)]
    count: i32,
    #[identified(default)]
    note: Option<String>,
}

#[test]
fn what_an_older_class_did_not_write_has_its_default() {
    let codec = Codec::default();
    let old = codec.to_data(&Before { id: 5 }).unwrap();
    let read: After = codec.to_value(&old).unwrap();
    assert_eq!(read, After { id: 5, count: 3, note: None });
    let new = codec.to_data(&After { id: 5, count: 4, note: None }).unwrap();
    assert_eq!(codec.to_value::<After>(&new).unwrap().count, 4);
    assert_eq!(codec.to_value::<Before>(&new).unwrap(), Before { id: 5 });
}

#[test]
fn derived_types_can_be_registered() {
    let registry = Registry::default();
    let registry = registry.identified::<Line>().unwrap().compact::<Inner>().unwrap();
    let codec = Codec::new(registry);
    let line = Line { item: "a".into(), shelf: "b".into() };
    let list = codec.to_data(&List(vec![line.clone()])).unwrap();
    assert_eq!(list.type_id(), TypeId::ARRAY_LIST.0);
    let value: Value = codec.to_value(&list).unwrap();
    assert_eq!(value, Value::list([Value::Object(Arc::new(line))]));
}

/// The signatures that a derive emits are those of the traits, so that this compiles.
#[allow(dead_code, reason = "it is compiled, not run")]
fn by_hand(line: &Line, to: &mut Writer<'_>, from: &mut Reader<'_>) -> Result<Line, Error> {
    line.write(to)?;
    Line::read(from)
}
