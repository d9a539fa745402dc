//! Structs as portable records: by derive the bytes of Java's, and across versions.
#![cfg(feature = "hazelcast")]

use gridwire_core::hazelcast::portable::{GenericPortable, Portable, PortableValue};
use gridwire_core::hazelcast::serialization::{BigDecimal, LocalDate, Registry};
use gridwire_core::hazelcast::{Codec, Data, Error, Value};

#[derive(Debug, Clone, PartialEq, Portable)]
#[portable(factory = 1, class = 2)]
struct Inner {
    n: i32,
}

#[derive(Debug, Clone, PartialEq, Portable)]
#[portable(factory = 1, class = 3)]
struct Outer {
    name: Option<String>,
    r#in: Option<Inner>,
    ins: Vec<Inner>,
    #[portable(rename = "ia")]
    numbers: Option<Vec<i32>>,
    d: LocalDate,
    da: Vec<BigDecimal>,
    #[portable(skip)]
    seen: u64,
}

fn outer() -> Outer {
    Outer {
        name: Some("Al".into()),
        r#in: Some(Inner { n: 7 }),
        ins: vec![Inner { n: 7 }],
        numbers: Some(vec![1, 2]),
        d: LocalDate::new(2021, 2, 3).unwrap(),
        da: vec![BigDecimal::new(15, 1)],
        seen: 0,
    }
}

/// Without the raw data, which derived types don't have.
const JAVA: &str = "00000000 ffffffff 00000001 00000003 00000004 000000d1 00000006
    00000038 00000045 0000006f 000000a1 000000b2 000000bb 00000000
    0004 6e616d65 09 00000002 416c
    0002 696e 00 00 00000001 00000002 00000004 0000006f 00000001 00000067 00000000 0001 6e 05 00000007
    0003 696e73 0a 00000001 00000001 00000002 00000085
        00000004 000000a1 00000001 00000099 00000000 0001 6e 05 00000007
    0002 6961 0f 00000002 00000001 00000002
    0001 64 18 00 07e5 02 03
    0002 6461 15 00000001 000000c8 00000001 0f 00000001";

#[test]
fn a_portable_record_has_java_s_bytes() {
    let digits: Vec<_> = JAVA.chars().filter_map(|c| c.to_digit(16)).collect();
    let java: Vec<u8> = digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect();
    let codec = Codec::new(Registry::default().portable_version(4));
    let data = codec.to_data(&outer()).unwrap();
    assert_eq!(data.bytes()[..], java);
    assert_eq!(codec.to_value::<Outer>(&data).unwrap(), outer());
}

mod first {
    use super::*;

    #[derive(Debug, PartialEq, Portable)]
    #[portable(factory = 5, class = 6, version = 1)]
    pub(super) struct Employee {
        pub(super) name: String,
        pub(super) age: i16,
    }
}

mod second {
    use super::*;

    /// The age is wider, and more is known.
    #[derive(Debug, PartialEq, Portable)]
    #[portable(factory = 5, class = 6, version = 2, rename_all = "camelCase")]
    pub(super) struct Employee {
        pub(super) age: i64,
        pub(super) name: String,
        #[portable(default)]
        pub(super) skills_known: Vec<String>,
        #[portable(default = 1.5)]
        pub(super) rate: f64,
        pub(super) boss: Option<Box<Employee>>,
    }
}

#[test]
fn versions_of_a_class_read_each_other() {
    let codec = Codec::default();
    let old = codec.to_data(&first::Employee { name: "Ada".into(), age: 36 }).unwrap();
    let read: second::Employee = codec.to_value(&old).unwrap();
    let expected = second::Employee {
        age: 36,
        name: "Ada".into(),
        skills_known: Vec::new(),
        rate: 1.5,
        boss: None,
    };
    assert_eq!(read, expected);
    let boss = Some(Box::new(expected));
    let skills_known = vec!["Rust".into()];
    let new = second::Employee { age: 20, name: "Bob".into(), skills_known, rate: 2.0, boss };
    let data = codec.to_data(&new).unwrap();
    assert_eq!(codec.to_value::<second::Employee>(&data).unwrap(), new);
    let generic: GenericPortable = codec.to_value(&data).unwrap();
    assert_eq!(generic.version, 2);
    assert_eq!(generic.value("rate"), Some(&PortableValue::Double(2.0)));
    assert!(generic.value("skillsKnown").is_some());
    // A LONG is no SHORT, and says so.
    let error = codec.to_value::<first::Employee>(&data).unwrap_err();
    assert!(
        error.to_string().contains("\"age\" of factory 5, class 6: expected SHORT, found LONG")
    );
}

#[derive(Debug, PartialEq, Portable)]
#[portable(factory = 5, class = 7)]
struct Order {
    id: i64,
    #[portable(partition_key)]
    customer: String,
}

#[test]
fn a_partition_key_and_a_place_in_the_registry() {
    let codec = Codec::new(Registry::default().portable::<Order>().unwrap());
    let order = Order { id: 1, customer: "Ada".into() };
    let data: Data = codec.to_data(&order).unwrap();
    assert_eq!(data.partition_hash(), codec.to_data("Ada").unwrap().partition_hash());
    let Value::Object(object) = codec.to_value(&data).unwrap() else { panic!() };
    assert_eq!(object.downcast_ref(), Some(&order));
    let wrong: Result<Inner, Error> = codec.to_value(&data);
    assert!(
        wrong.unwrap_err().to_string().contains("expected factory 1, class 2, found factory 5")
    );
}
