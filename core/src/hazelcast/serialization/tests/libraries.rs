//! Types of other libraries' as values.

#![cfg(all(feature = "json", feature = "time", feature = "bigdecimal"))]

use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use super::{data, same};
use crate::hazelcast::serialization::*;

#[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Customer {
    name: String,
    tags: Vec<u64>,
    score: Option<f64>,
}

#[test]
fn types_of_serde_are_documents() {
    let customer = Customer { name: "Zoë".into(), tags: vec![u64::MAX], score: None };
    let codec = Codec::default();
    let written = codec.to_data(&JsonOf(&customer)).unwrap();
    let text = r#"{"name":"Zoë","tags":[18446744073709551615],"score":null}"#;
    assert_eq!(codec.to_value::<Json>(&written).unwrap().0, text);
    assert_eq!(codec.to_value::<JsonOf<Customer>>(&written).unwrap().0, customer);
    same(JsonOf(5u8), "ffffff7e 00000001 35");
    let wrong = codec.to_data(&Json(r#"{"name": 5}"#.into())).unwrap();
    let error = codec.to_value::<JsonOf<Customer>>(&wrong).unwrap_err().to_string();
    assert!(
        error.contains("Customer as JSON: invalid type: integer `5`, expected a string at line 1"),
        "{error}"
    );
    let text = codec.to_data("{}").unwrap();
    let error = codec.to_value::<JsonOf<Customer>>(&text).unwrap_err().to_string();
    assert_eq!(error, "expected HazelcastJsonValue, found String (type -11)");
    let map = JsonOf(alloc::collections::BTreeMap::from([(vec![1], 2)]));
    assert!(codec.to_data(&map).unwrap_err().to_string().contains("key must be a string"));
}

#[test]
fn dates_of_time() {
    use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};
    let date = Date::from_calendar_date(2021, Month::June, 28).unwrap();
    let time = Time::from_hms_nano(11, 22, 41, 123_456_000).unwrap();
    same(date, "ffffffcd 000007e5 061c");
    same(time, "ffffffcc 0b1629 075bca00");
    same(PrimitiveDateTime::new(date, time), "ffffffcb 000007e5 061c 0b1629 075bca00");
    let offset = UtcOffset::from_whole_seconds(-3600).unwrap();
    same(
        OffsetDateTime::new_in_offset(date, time, offset),
        "ffffffca 000007e5 061c 0b1629 075bca00 fffff1f0",
    );
    let codec = Codec::default();
    let error = codec.to_value::<Date>(&data("00000000 ffffffcd 7fffffff 0101")).unwrap_err();
    assert!(error.to_string().contains("no such date"), "{error}");
    let error = codec.to_value::<Date>(&data("00000000 ffffffcd 00002710 0101")).unwrap_err();
    assert!(error.to_string().contains("outside of the range"), "{error}");
    let day = UtcOffset::from_whole_seconds(20 * 3600).unwrap();
    assert!(codec.to_data(&OffsetDateTime::new_in_offset(date, time, day)).is_err());
}

#[test]
fn numbers_of_num_bigint_and_bigdecimal() {
    same(num_bigint::BigInt::from(-129), "ffffffe6 00000002 ff7f");
    same(num_bigint::BigInt::from(0), "ffffffe6 00000001 00");
    let decimal = |digits: i32, scale| bigdecimal::BigDecimal::new(digits.into(), scale);
    same(decimal(-129, 2), "ffffffe5 00000002 ff7f 00000002");
    same(decimal(128, -3), "ffffffe5 00000002 0080 fffffffd");
    assert!(Codec::default().to_data(&decimal(1, i64::MAX)).is_err());
}
