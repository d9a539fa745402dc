//! Portable records byte for byte, as Java and Python write them, and what they must not be taken in by.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::*;
use crate::hazelcast::error::{Error, SerializationError};
use crate::hazelcast::serialization::{
    BigDecimal, ByteOrder, Codec, Data, List, LocalDate, LocalTime, Registry, RegistryError, Value,
};

#[derive(Debug, Clone, PartialEq)]
struct Inner {
    n: i32,
}

impl Portable for Inner {
    const FACTORY_ID: i32 = 1;
    const CLASS_ID: i32 = 2;
    fn write_fields(&self, to: &mut PortableWriter<'_, '_>) -> Result<(), Error> {
        to.field("n", &self.n)
    }
    fn read_fields(from: &PortableReader<'_>) -> Result<Self, Error> {
        Ok(Self { n: from.field("n")? })
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Outer {
    name: Option<String>,
    inner: Option<Inner>,
    inners: Option<Vec<Inner>>,
    numbers: Option<Vec<i32>>,
    day: Option<LocalDate>,
    decimals: Option<Vec<BigDecimal>>,
    raw: Option<i32>,
}

impl Portable for Outer {
    const FACTORY_ID: i32 = 1;
    const CLASS_ID: i32 = 3;
    fn write_fields(&self, to: &mut PortableWriter<'_, '_>) -> Result<(), Error> {
        to.field("name", &self.name)?;
        to.field("in", &self.inner)?;
        to.field("ins", &self.inners)?;
        to.field("ia", &self.numbers)?;
        to.field("d", &self.day)?;
        to.field("da", &self.decimals)?;
        let Some(raw) = self.raw else { return Ok(()) };
        to.raw(|to| {
            to.i32(raw);
            Ok(())
        })
    }
    fn read_fields(from: &PortableReader<'_>) -> Result<Self, Error> {
        Ok(Self {
            // In another order than they were written in.
            numbers: from.field("ia")?,
            decimals: from.field("da")?,
            day: from.field("d")?,
            inners: from.field("ins")?,
            inner: from.field("in")?,
            name: from.field("name")?,
            raw: from.raw()?.map(|mut raw| raw.i32()).transpose()?,
        })
    }
}

crate::portable!(Inner, Outer);

fn codec() -> Codec {
    Codec::new(Registry::default().portable_version(4))
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<_> = text.chars().filter_map(|c| c.to_digit(16)).collect();
    digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect()
}

fn outer() -> Outer {
    Outer {
        name: Some("Al".into()),
        inner: Some(Inner { n: 7 }),
        inners: Some(vec![Inner { n: 7 }]),
        numbers: Some(vec![1, 2]),
        day: LocalDate::new(2021, 2, 3),
        decimals: Some(vec![BigDecimal::new(15, 1)]),
        raw: Some(9),
    }
}

const INNER: &str =
    "00000000 ffffffff 00000001 00000002 00000004 0000002c 00000001 00000024 00000000
    0001 6e 05 00000007";

/// The value of the one item in `ins` is that of `in`.
const OUTER: &str = "00000000 ffffffff 00000001 00000003 00000004 000000d5 00000006
    00000038 00000045 0000006f 000000a1 000000b2 000000bb 000000d1
    0004 6e616d65 09 00000002 416c
    0002 696e 00 00 00000001 00000002 00000004 0000006f 00000001 00000067 00000000 0001 6e 05 00000007
    0003 696e73 0a 00000001 00000001 00000002 00000085
        00000004 000000a1 00000001 00000099 00000000 0001 6e 05 00000007
    0002 6961 0f 00000002 00000001 00000002
    0001 64 18 00 07e5 02 03
    0002 6461 15 00000001 000000c8 00000001 0f 00000001
    00000009";

#[test]
fn records_are_as_java_and_python_write_them() {
    let inner = codec().to_data(&Inner { n: 7 }).unwrap();
    assert_eq!(inner.bytes()[..], hex(INNER));
    let data = codec().to_data(&outer()).unwrap();
    assert_eq!(data.bytes()[..], hex(OUTER));
    assert_eq!(codec().to_value::<Outer>(&data).unwrap(), outer());

    let nothing = Outer {
        name: None,
        inner: None,
        inners: None,
        numbers: None,
        day: None,
        decimals: None,
        raw: None,
    };
    let data = codec().to_data(&nothing).unwrap();
    let text = format!("{:02x?}", &data.bytes()[..]);
    assert!(text.contains("69, 6e, 00, 01, 00, 00, 00, 01, 00, 00, 00, 02"), "{text}");
    assert_eq!(codec().to_value::<Outer>(&data).unwrap(), nothing);
}

#[test]
fn a_record_of_whatever_class_is_written_as_it_was_read() {
    for bytes in [hex(INNER), hex(OUTER)] {
        let data = Data::from(bytes::Bytes::from(bytes));
        let record: GenericPortable = codec().to_value(&data).unwrap();
        assert_eq!(codec().to_data(&record).unwrap().bytes(), data.bytes());
        let Value::Portable(value) = codec().to_value(&data).unwrap() else { panic!() };
        assert_eq!(*value, record);
    }
    // Within a list, offsets still count from the value's beginning.
    let list = codec().to_data(&List(vec![outer(), outer()])).unwrap();
    assert_eq!(codec().to_value::<List<Outer>>(&list).unwrap().0, [outer(), outer()]);
    let value: Value = codec().to_value(&list).unwrap();
    assert_eq!(codec().to_data(&value).unwrap().bytes(), list.bytes());

    let little = Codec::new(Registry::default().byte_order(ByteOrder::Little));
    let data = little.to_data(&outer()).unwrap();
    assert_eq!(little.to_value::<Outer>(&data).unwrap(), outer());
    let record: GenericPortable = little.to_value(&data).unwrap();
    assert_eq!(little.to_data(&record).unwrap().bytes(), data.bytes());
}

#[test]
fn registered_classes_are_read_as_what_they_are() {
    let registry = Registry::default().portable::<Inner>().unwrap().portable::<Inner>().unwrap();
    let codec = Codec::new(registry.clone());
    let data = codec.to_data(&Inner { n: 1 }).unwrap();
    let Value::Object(object) = codec.to_value(&data).unwrap() else { panic!() };
    assert_eq!(object.downcast_ref(), Some(&Inner { n: 1 }));

    #[derive(Debug, PartialEq)]
    struct Twin;
    impl Portable for Twin {
        const FACTORY_ID: i32 = 1;
        const CLASS_ID: i32 = 2;
        fn write_fields(&self, _: &mut PortableWriter<'_, '_>) -> Result<(), Error> {
            Ok(())
        }
        fn read_fields(_: &PortableReader<'_>) -> Result<Self, Error> {
            Ok(Self)
        }
    }
    crate::portable!(Twin);
    let conflict = registry.portable::<Twin>().unwrap_err();
    assert!(matches!(conflict, RegistryError::Conflict { .. }));
    assert!(format!("{conflict}").contains("Portable factory 1, class 2"), "{conflict}");
}

#[test]
fn fields_are_found_by_name_and_by_path_and_missing_ones_are_told() {
    struct Asked(String, i32, i64, Option<i32>, i32);
    impl Portable for Asked {
        const FACTORY_ID: i32 = 1;
        const CLASS_ID: i32 = 3;
        fn write_fields(&self, _: &mut PortableWriter<'_, '_>) -> Result<(), Error> {
            Ok(())
        }
        fn read_fields(from: &PortableReader<'_>) -> Result<Self, Error> {
            assert_eq!((from.version(), from.len()), (4, 6));
            assert_eq!(from.field_type("d")?, Some(FieldType::Date));
            assert_eq!(from.field_type("e")?, None);
            let error = from.field::<i32>("e").unwrap_err();
            assert!(format!("{error}").contains("\"e\" of factory 1, class 3: expected INT"));
            let error = from.field::<i16>("in.n").unwrap_err();
            assert!(format!("{error}").contains("expected SHORT, found INT"), "{error}");
            Ok(Self(
                from.field("name")?,
                from.field("in.n")?,
                from.field("in.n")?,
                from.present("in.m")?,
                from.field_or("gone", 5)?,
            ))
        }
    }
    crate::portable!(Asked);
    let data = codec().to_data(&outer()).unwrap();
    let Asked(name, n, wide, none, default) = codec().to_value(&data).unwrap();
    assert_eq!((name.as_str(), n, wide, none, default), ("Al", 7, 7, None, 5));
    let wrong = codec().to_value::<Inner>(&data).unwrap_err();
    let expected = SerializationError::WrongClass { expected: (1, 2), found: (1, 3) };
    assert_eq!(wrong, expected.into());
}

#[test]
fn numbers_are_widened_where_nothing_is_lost() {
    #[derive(Debug)]
    struct Wide(f32, f64);
    impl Portable for Wide {
        const FACTORY_ID: i32 = 9;
        const CLASS_ID: i32 = 9;
        fn write_fields(&self, _: &mut PortableWriter<'_, '_>) -> Result<(), Error> {
            Ok(())
        }
        fn read_fields(from: &PortableReader<'_>) -> Result<Self, Error> {
            Ok(Self(from.field("i")?, from.field("l")?))
        }
    }
    crate::portable!(Wide);
    let read = |i: i32, l: i64| {
        let record = GenericPortable::new(9, 9).field("i", i).field("l", l);
        codec().to_value::<Wide>(&codec().to_data(&record).unwrap())
    };
    let Wide(float, double) = read(1 << 24, 1 << 53).unwrap();
    assert_eq!((float, double), (16_777_216.0, 9_007_199_254_740_992.0));
    for (i, l) in [((1 << 24) + 1, 0), (i32::MAX, 0), (0, (1 << 53) + 1), (0, i64::MAX)] {
        assert!(matches!(read(i, l), Err(Error::Malformed(_))), "{i} {l}");
    }
}

#[test]
fn what_has_no_portable_form_is_not_written() {
    let twice = GenericPortable::new(1, 2).field("a", 1);
    let twice = GenericPortable {
        fields: [twice.fields.clone(), twice.fields].concat(),
        ..GenericPortable::new(1, 2)
    };
    let far = GenericPortable::new(1, 2).field("d", LocalDate::new(40_000, 1, 1));
    let stranger =
        Nested { factory: 1, class: 2, record: Some(Box::new(GenericPortable::new(1, 3))) };
    let stranger = GenericPortable::new(1, 1).field("in", stranger);
    let long = GenericPortable::new(1, 1).field("x".repeat(32_768).as_str(), 1);
    for wrong in [twice, far, stranger, long, GenericPortable::new(1, 0)] {
        let error = codec().to_data(&wrong).unwrap_err();
        assert!(
            matches!(&error, Error::Serialization(why) if matches!(**why, SerializationError::Unwritable { .. })),
            "{error}"
        );
    }
}

#[test]
fn every_type_of_field_survives() {
    let time = LocalTime::new(1, 2, 3, 4);
    let record = GenericPortable::new(1, 2)
        .field("a", i8::MIN)
        .field("b", true)
        .field("c", u16::MAX)
        .field("d", i16::MIN)
        .field("e", 1.5f32)
        .field("f", Some(vec![None, Some(String::from("é"))]))
        .field("g", Some(vec![true, false]))
        .field("h", None::<Vec<u16>>)
        .field("i", time)
        .field("j", Some(vec![time.unwrap(); 3]))
        .field("k", NestedArray { factory: 5, class: 6, records: Some(Vec::new()) })
        .field("l", NestedArray { factory: 5, class: 6, records: None });
    let data = codec().to_data(&record).unwrap();
    assert_eq!(codec().to_value::<GenericPortable>(&data).unwrap(), record);
}

#[test]
fn no_bytes_of_a_record_can_be_changed_to_harm() {
    let good = hex(OUTER);
    for at in 8..good.len() {
        for byte in [0, 1, 0x7f, 0x80, 0xff] {
            let mut bytes = good.clone();
            bytes[at] = byte;
            let data = Data::from(bytes::Bytes::from(bytes));
            let _ = codec().to_value::<Outer>(&data);
            if let Ok(record) = codec().to_value::<GenericPortable>(&data) {
                let _ = codec().to_data(&record);
            }
        }
    }
    for length in 8..good.len() {
        let data = Data::from(bytes::Bytes::from(good[..length].to_vec()));
        assert!(codec().to_value::<Outer>(&data).is_err(), "{length}");
    }
}

#[test]
fn records_may_be_deep_and_arrays_large() {
    let mut record = GenericPortable::new(1, 1).field("bytes", Some(vec![1i8; 10_000]));
    for _ in 0..50 {
        let inner = Nested { factory: 1, class: 1, record: Some(Box::new(record)) };
        record = GenericPortable::new(1, 1).field("in", inner);
    }
    let data = codec().to_data(&record).unwrap();
    assert_eq!(codec().to_value::<GenericPortable>(&data).unwrap(), record);
}

/// Fields one byte apart, each of which is an array up to the end.
#[test]
fn memory_stays_within_a_multiple_of_the_bytes() {
    let count = 2000;
    let mut bytes = hex("00000000 ffffffff 00000001 00000001 00000000");
    let table = bytes.len() + 8;
    let first = table + 4 * (count + 1);
    let end = first + 12 * count + 100_000;
    bytes.extend((end as i32).to_be_bytes());
    bytes.extend((count as i32).to_be_bytes());
    for field in 0..count {
        bytes.extend(((first + 12 * field) as i32).to_be_bytes());
    }
    bytes.extend([0; 4]);
    for field in 0..count {
        bytes.extend([0, 2]);
        bytes.extend((field as u16 + 0x3030).to_be_bytes());
        bytes.push(11);
        bytes.extend([0]);
        bytes.extend([1, 0x40, 0]);
        bytes.extend([0; 3]);
    }
    bytes.resize(end, 0);
    let data = Data::from(bytes::Bytes::from(bytes));
    assert!(codec().to_value::<GenericPortable>(&data).is_err());
}

/// Asks for one field again and again.
#[derive(Debug)]
struct Deep;

impl Portable for Deep {
    const FACTORY_ID: i32 = 1;
    const CLASS_ID: i32 = 1;
    fn write_fields(&self, _: &mut PortableWriter<'_, '_>) -> Result<(), Error> {
        Ok(())
    }
    fn read_fields(from: &PortableReader<'_>) -> Result<Self, Error> {
        for _ in 0..4 {
            from.present::<Option<Box<Self>>>("x")?;
        }
        Ok(Self)
    }
}
crate::portable!(Deep);

/// A record whose fields are all one nested record, which is as well, and so on: 4 to the power of 60.
#[test]
fn fields_that_lie_over_one_another_are_bounded() {
    let mut bytes = hex("00000000 ffffffff 00000001 00000001");
    let depth = 60;
    for level in 0..depth {
        let base = bytes.len();
        let table = base + 12;
        let field = table + 5 * 4;
        let last = level + 1 == depth;
        let count: i32 = if last { 0 } else { 4 };
        bytes.extend(1i32.to_be_bytes());
        bytes.extend(0i32.to_be_bytes());
        bytes.extend(count.to_be_bytes());
        if last {
            bytes.extend([0; 4]);
            break;
        }
        for _ in 0..4 {
            bytes.extend((field as i32).to_be_bytes());
        }
        bytes.extend([0; 4]);
        bytes.extend([0, 1, b'x', 0, 0]);
        bytes.extend(1i32.to_be_bytes());
        bytes.extend(1i32.to_be_bytes());
    }
    let end = (bytes.len() as i32).to_be_bytes();
    let mut at = 16;
    while at + 8 <= bytes.len() {
        bytes[at + 4..at + 8].copy_from_slice(&end);
        at += 12 + 20 + 13;
    }
    let data = Data::from(bytes::Bytes::from(bytes));
    let error = codec().to_value::<Deep>(&data).unwrap_err();
    assert!(format!("{error}").contains("over one another"), "{error}");
    assert!(codec().to_value::<GenericPortable>(&data).is_err());
}
