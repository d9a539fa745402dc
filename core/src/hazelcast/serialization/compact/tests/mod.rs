use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

use bytes::Bytes;

use super::*;
use crate::hazelcast::error::{Error, SerializationError};
use crate::hazelcast::serialization::{
    BigDecimal, Codec, Data, List, LocalDate, LocalDateTime, LocalTime, MAX_NESTING, OffsetDateTime,
};

fn data(hex: &str) -> Data {
    let digits: Vec<_> = hex.chars().filter_map(|c| c.to_digit(16)).collect();
    let bytes: Vec<_> = digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect();
    Data::new(Bytes::from(bytes))
}

macro_rules! record {
    ($(#[$meta:meta])* $name:ident $type_name:literal { $($field:ident: $type:ty),* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        pub(super) struct $name { $($field: $type),* }
        impl Compact for $name {
            fn compact_type() -> &'static CompactType {
                static TYPE: CompactType = CompactType::new(
                    $type_name, &[$((stringify!($field), <$type as CompactField>::KIND)),*]);
                &TYPE
            }
            #[allow(unused_variables)]
            fn write(&self, to: &mut CompactWriter<'_, '_>) -> Result<(), Error> {
                $(to.field(stringify!($field), &self.$field)?;)*
                Ok(())
            }
            #[allow(unused_variables)]
            fn read(from: &CompactReader<'_>) -> Result<Self, Error> {
                Ok(Self { $($field: from.field(stringify!($field))?),* })
            }
        }
        crate::compact!($name);
    };
}

mod evolution;
mod hostile;

use self::evolution::{First, Second};

record! { Empty "empty" {} }
record! { Inner "inner" { n: i32 } }
record! { Employee "employee" {
    id: i64, age: i32, lvl: i8, active: bool, remote: bool, vip: bool, boss: Option<Inner>,
    flags: Vec<bool>, name: Option<String>, bonus: Option<i32>, scores: Vec<Option<i32>>
} }
record! { Nine "nine" {
    b0: bool, b1: bool, b2: bool, b3: bool, b4: bool, b5: bool, b6: bool, b7: bool, b8: bool,
    s: i16
} }
record! { Node "node" { value: i32, left: Option<Box<Node>>, right: Option<Box<Node>> } }

const EMPLOYEE: &str = "00000000 ffffffc9 7d01a69fb490e147 00000039
    0000000000000001 0000001e 02 05
    6e0ca3196a1a626c 00000007 00000009 0d 01 00000002 416c
    00000008 00000003 00000001 00000003 00 ff 04
    ff 0e 1a 20 26";

fn employee() -> Employee {
    Employee {
        id: 1,
        age: 30,
        lvl: 2,
        active: true,
        remote: false,
        vip: true,
        boss: Some(Inner { n: 7 }),
        flags: vec![true, false, true, true, false, false, false, false, true],
        name: Some("Al".into()),
        bonus: None,
        scores: vec![Some(1), None, Some(3)],
    }
}

fn written<T: Compact + crate::hazelcast::Write>(value: &T) -> Data {
    Codec::default().to_data(value).unwrap()
}

fn read<T: crate::hazelcast::Read>(data: &Data) -> Result<T, Error> {
    Codec::default().to_value(data)
}

#[test]
fn fingerprints_are_java_s() {
    let id = |of: &'static CompactType| of.schema().unwrap().id().cast_unsigned();
    assert_eq!(id(Empty::compact_type()), 0x62c9_4175_7167_2020);
    assert_eq!(id(Inner::compact_type()), 0x6e0c_a319_6a1a_626c);
    assert_eq!(id(Employee::compact_type()), 0x7d01_a69f_b490_e147);
}

#[test]
fn records_have_java_s_bytes() {
    assert_eq!(
        written(&Inner { n: 7 }).bytes(),
        data("00000000ffffffc96e0ca3196a1a626c00000007").bytes()
    );
    assert_eq!(written(&employee()).bytes(), data(EMPLOYEE).bytes());
    assert_eq!(read::<Employee>(&data(EMPLOYEE)).unwrap(), employee());
    let nine = Nine {
        b0: true,
        b1: false,
        b2: false,
        b3: false,
        b4: false,
        b5: false,
        b6: false,
        b7: false,
        b8: true,
        s: 1,
    };
    // The ninth begins another byte.
    let written_nine = written(&nine);
    assert_eq!(written_nine.bytes()[16..], [0, 1, 1, 1]);
    assert_eq!(read::<Nine>(&written_nine).unwrap(), nine);
    assert_eq!(read::<Empty>(&written(&Empty {})).unwrap(), Empty {});
}

/// An object of a record of this type with these bytes after its schema's id.
fn raw<T: Compact>(rest: &str) -> Data {
    let id = T::compact_type().schema().unwrap().id();
    data(&alloc::format!("00000000 ffffffc9 {:016x} {rest}", id.cast_unsigned()))
}

#[test]
fn a_record_with_its_schema_is_converted() {
    // Records in it have theirs with them too.
    let bytes = data(
        "00000000 ffffffc8 6e0ca3196a1a626c 00000023
         fffffffe 01 ffffffd6 00000001 00000005 696e6e6572 00000001 00000001 6e 00000009 00000007",
    );
    assert_eq!(read::<Inner>(&bytes).unwrap(), Inner { n: 7 });
    let record: GenericRecord = read(&bytes).unwrap();
    assert_eq!(record.get::<i32>("n").unwrap(), 7);
    assert_eq!(written_record(&record), *written(&Inner { n: 7 }).bytes());
    for (from, to) in [
        ("6e0ca3196a1a626c", "6e0ca3196a1a626d"), // an id that isn't the schema's
        ("00000023", "00000024"),                 // one byte of the record in its schema
        ("00000023", "7fffffff"),
        ("00000023", "ffffffff"),
        ("fffffffe 01", "fffffffe 00"), // another object than a schema
        ("ffffffd6", "ffffffd7"),
        ("00000001 00000001 6e", "7fffffff 00000001 6e"), // a count that lies
        ("6e 00000009", "6e 00000005"),                   // a kind that records don't have
    ] {
        let text = "00000000 ffffffc8 6e0ca3196a1a626c 00000023
            fffffffe 01 ffffffd6 00000001 00000005 696e6e6572 00000001 00000001 6e 00000009 00000007";
        let error = read::<Inner>(&data(&text.replacen(from, to, 1))).unwrap_err();
        assert!(matches!(error, Error::Malformed(_)), "{to}: {error}");
    }
}

fn written_record(record: &GenericRecord) -> Bytes {
    Codec::default().to_data(record).unwrap().into_bytes()
}

/// A type whose `write` doesn't do what it says.
struct Wrong(u8);

impl Compact for Wrong {
    fn compact_type() -> &'static CompactType {
        static TYPE: CompactType =
            CompactType::new("wrong", &[("a", FieldKind::Int32), ("b", FieldKind::Int32)]);
        &TYPE
    }
    fn write(&self, to: &mut CompactWriter<'_, '_>) -> Result<(), Error> {
        match self.0 {
            0 => to.field("b", &1),
            1 => to.field("a", &1),
            2 => to.field("a", &1i64),
            3 => {
                to.field("a", &1)?;
                to.field("b", &1)?;
                to.field("c", &1)
            }
            _ => {
                to.field("a", &1)?;
                to.field("b", &1)
            }
        }
    }
    fn read(_: &CompactReader<'_>) -> Result<Self, Error> {
        Ok(Self(9))
    }
}

crate::compact!(Wrong);

#[test]
fn what_a_type_says_and_does_not_write_is_an_error() {
    for (what, expected) in [
        (0, "field \"a\" of \"wrong\" was to be written, not \"b\""),
        (1, "field \"b\" of \"wrong\" was to be written, not \"<the end>\""),
        (2, "field \"a\" of \"wrong\": expected INT32, found INT64"),
        (3, "field \"<the end>\" of \"wrong\" was to be written, not \"c\""),
    ] {
        assert_eq!(Codec::default().to_data(&Wrong(what)).unwrap_err().to_string(), expected);
    }
    assert!(Codec::default().to_data(&Wrong(4)).is_ok());
    let twice = [("a", FieldKind::Int8), ("a", FieldKind::Text)];
    assert!(Schema::new("x", twice.map(|(name, kind)| (name.into(), kind))).is_err());
    let many = (0..=MAX_FIELDS).map(|n| (alloc::format!("{n}").into(), FieldKind::Int8));
    assert!(Schema::new("x", many).is_err());
}

record! { Texts "texts" { a: Option<String>, b: Option<String>, n: i32 } }
record! { Arrays "arrays" {
    bits: Option<Vec<bool>>, ints: Option<Vec<i32>>, nulls: Option<Vec<Option<i32>>>
} }

record! { Everything "everything" {
    a: Option<bool>, b: Option<i8>, c: Option<i16>, d: Option<i64>, e: Option<f32>, f: Option<f64>,
    g: Vec<i8>, h: Vec<i16>, i: Vec<f32>, j: Vec<f64>, k: Vec<u8>, l: Vec<Option<bool>>,
    m: Vec<Option<i8>>, n: Vec<Option<i16>>, o: Vec<Option<f32>>, p: Vec<Option<f64>>,
    q: Option<Vec<Option<String>>>, r: crate::Str, s: BigDecimal, t: Option<BigDecimal>,
    u: Vec<BigDecimal>, v: LocalTime, w: LocalDate, x: LocalDateTime, y: OffsetDateTime,
    z: Vec<Option<LocalDate>>, aa: Vec<Inner>, ab: Vec<Option<Inner>>, ac: u8, ad: f32, ae: i16
} }

fn everything() -> Everything {
    let date = LocalDate::new(2021, 2, 3).unwrap();
    let time = LocalTime::new(23, 59, 58, 999_999_999).unwrap();
    let local = LocalDateTime::new(date, time);
    let decimal = BigDecimal::new(-129, 2);
    Everything {
        a: Some(true),
        b: None,
        c: Some(-2),
        d: Some(i64::MIN),
        e: Some(1.5),
        f: None,
        g: vec![-1, 2],
        h: vec![],
        i: vec![-0.0],
        j: vec![f64::MAX],
        k: vec![200; 300],
        l: vec![Some(true), None, Some(false)],
        m: vec![None],
        n: vec![Some(1), None],
        o: vec![Some(2.5)],
        p: vec![],
        q: Some(vec![None, Some("é".into())]),
        r: "text".into(),
        s: decimal.clone(),
        t: None,
        u: vec![decimal; 2],
        v: time,
        w: date,
        x: local,
        y: OffsetDateTime::new(local, -3600).unwrap(),
        z: vec![Some(date), None],
        aa: vec![Inner { n: 1 }, Inner { n: 2 }],
        ab: vec![None, Some(Inner { n: 3 })],
        ac: 255,
        ad: 0.5,
        ae: -1,
    }
}

#[test]
fn every_kind_is_read_as_it_was_written() {
    use crate::hazelcast::serialization::{ByteOrder, Registry};
    for order in [ByteOrder::Big, ByteOrder::Little] {
        let codec = Codec::new(Registry::default().byte_order(order));
        let data = codec.to_data(&everything()).unwrap();
        assert_eq!(codec.to_value::<Everything>(&data).unwrap(), everything());
        let record: GenericRecord = codec.to_value(&data).unwrap();
        assert_eq!(
            codec.to_value::<GenericRecord>(&codec.to_data(&record).unwrap()).unwrap(),
            record
        );
        assert_eq!(
            codec.to_value::<Everything>(&codec.to_data(&record).unwrap()).unwrap(),
            everything()
        );
        assert_eq!(record.get::<Vec<Option<bool>>>("l").unwrap(), everything().l);
        assert_eq!(record.get::<LocalTime>("v").unwrap(), everything().v);
        assert!(record.get::<Vec<bool>>("l").is_err(), "there is a null in it");
        assert!(record.get::<Vec<GenericRecord>>("ab").is_err());
        assert_eq!(record.get::<Vec<GenericRecord>>("aa").unwrap().len(), 2);
        // Every cut is an error, and none panics.
        for length in 0..data.bytes().len() {
            let cut = Data::new(data.bytes().slice(..length));
            assert!(codec.to_value::<Everything>(&cut).is_err());
            assert!(codec.to_value::<GenericRecord>(&cut).is_err());
        }
    }
}

/// Offsets of one, two and four bytes, at the lengths where they change.
#[test]
fn offsets_grow_with_the_data() {
    for length in [0, 240, 241, 242, 243, 244, 300, 65_520, 65_521, 65_522, 65_523, 65_524, 70_000]
    {
        let value = Texts { a: Some("x".repeat(length)), b: None, n: 1 };
        let data = written(&value);
        // The number, and the text with its length.
        let width = match 8 + length {
            ..255 => 1,
            255..65_535 => 2,
            _ => 4,
        };
        assert_eq!(data.bytes().len(), 8 + 8 + 4 + 8 + length + 2 * width, "{length}");
        assert_eq!(read::<Texts>(&data).unwrap(), value);
        let items =
            Arrays { bits: None, ints: Some(vec![7; length]), nulls: Some(vec![None; length]) };
        assert_eq!(read::<Arrays>(&written(&items)).unwrap(), items);
    }
}

#[test]
fn registered_types_are_read_where_any_value_is() {
    use crate::hazelcast::Value;
    use crate::hazelcast::serialization::Registry;
    use crate::hazelcast::serialization::registry::RegistryError;
    let registry = Registry::default().compact::<Inner>().unwrap().compact::<First>().unwrap();
    let again = registry.clone().compact::<Inner>();
    assert!(again.is_ok(), "the same type twice");
    let error = registry.clone().compact::<Second>().unwrap_err();
    assert!(matches!(error, RegistryError::Conflict { .. }), "{error}");
    let codec = Codec::new(registry);
    let list = List(vec![Inner { n: 7 }]);
    let Value::List(_, items) = codec.to_value(&codec.to_data(&list).unwrap()).unwrap() else {
        panic!()
    };
    let [Value::Object(object)] = &items[..] else { panic!("{items:?}") };
    assert_eq!(object.downcast_ref(), Some(&Inner { n: 7 }));
    let other = codec.to_data(&Empty {}).unwrap();
    assert!(
        matches!(codec.to_value(&other), Ok(Value::Record(record)) if record.type_name() == "empty")
    );
    // An unregistered one by a codec that doesn't know it.
    let error = Codec::default().to_value::<Value>(&other).unwrap_err();
    let id = Empty::compact_type().schema().unwrap().id();
    assert_eq!(error, SerializationError::UnknownSchema(id).into());
}

#[test]
fn a_store_keeps_to_its_bounds_and_forgets_what_was_fetched_first() {
    let store = SchemaStore::default();
    let schema = |n: usize| Arc::new(Schema::new(alloc::format!("{n}"), []).unwrap());
    let local = schema(1_000_000);
    store.keep(&local);
    for n in 0..10_000 {
        store.learn(&schema(n));
        assert!(store.get(schema(n).id()).is_some());
    }
    assert!(store.all().len() <= 4096);
    assert!(store.get(local.id()).is_some());
    let wide = |n: usize| {
        let fields = (0..MAX_FIELDS).map(|f| (alloc::format!("{n} {f}").into(), FieldKind::Int8));
        Arc::new(Schema::new("wide", fields).unwrap())
    };
    for n in 0..40 {
        store.learn(&wide(n));
    }
    assert!(store.all().len() <= 17);
}

#[test]
fn a_pack_gathers_what_a_request_needs() {
    let codec = Codec::default();
    let mut pack = codec.pack();
    pack.data("text").unwrap();
    assert!(pack.clone().finish().is_empty());
    pack.data(&employee()).unwrap();
    pack.data(&List(vec![Inner { n: 1 }])).unwrap();
    let names =
        |schemas: &Schemas| schemas.iter().map(|s| s.type_name().to_string()).collect::<Vec<_>>();
    assert_eq!(names(&pack.finish()), ["employee", "inner"]);
    assert!(codec.schemas().all().is_empty());
}

#[cfg(feature = "arbitrary")]
#[test]
fn arbitrary_records_are_read_as_they_were_written() {
    use crate::rng::Rng;
    let mut rng = Rng::new([7; 32]);
    let mut fields = 0;
    for _ in 0..3_000 {
        let bytes: Vec<u8> = (0..64).flat_map(|_| rng.next_u64().to_le_bytes()).collect();
        let mut u = ::arbitrary::Unstructured::new(&bytes);
        let Ok(record) = u.arbitrary::<GenericRecord>() else { continue };
        fields += record.fields().count();
        let codec = Codec::default();
        let data = codec.to_data(&record).unwrap();
        let read: GenericRecord = codec.to_value(&data).unwrap();
        // As text, so that what isn't a number is equal to itself.
        assert_eq!(alloc::format!("{read:?}"), alloc::format!("{record:?}"));
        assert_eq!(codec.to_data(&read).unwrap().bytes(), data.bytes());
    }
    assert!(fields > 10_000, "{fields}");
}
