mod built_in;
mod libraries;
mod partitions;
mod registered;

use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use core::fmt::Debug;

use bytes::Bytes;

use super::*;
use crate::hazelcast::Uuid;

fn data(hex: &str) -> Data {
    let digits: Vec<_> = hex.chars().filter_map(|c| c.to_digit(16)).collect();
    let bytes: Vec<_> = digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect();
    Data::new(Bytes::from(bytes))
}

/// As Java 5.7.0 writes it, without the partition hash.
fn same<T: Write + Read + PartialEq + Debug>(value: T, object: &str) {
    let codec = Codec::default();
    let written = codec.to_data(&value).unwrap();
    assert_eq!(written.bytes(), data(&["00000000", object].concat()).bytes(), "{value:?}");
    assert_eq!(codec.to_value::<T>(&written).unwrap(), value);
    // The dynamic form reads and writes the same bytes.
    let dynamic: Value = codec.to_value(&written).unwrap();
    assert!(!matches!(dynamic, Value::Raw(_)), "{value:?}");
    assert_eq!(codec.to_data(&dynamic).unwrap().bytes(), written.bytes());
    // Every cut is an error, and none panics.
    for length in 0..written.bytes().len() {
        let cut = Data::new(written.bytes().slice(..length));
        assert!(codec.to_value::<T>(&cut).is_err(), "{value:?} cut to {length}");
    }
}

#[test]
fn every_type_has_java_s_bytes() {
    same(true, "fffffffc 01");
    same(-2i8, "fffffffd fe");
    same(200u8, "fffffffd c8");
    same('é', "fffffffb 00e9");
    same(-2i16, "fffffffa fffe");
    same(-2i32, "fffffff9 fffffffe");
    same(1i64, "fffffff8 0000000000000001");
    same(1.5f32, "fffffff7 3fc00000");
    same(-0.0f64, "fffffff6 8000000000000000");
    same("aé€😀".to_string(), "fffffff5 0000000a 61c3a9e282acf09f9880");
    same(Str::from("a"), "fffffff5 00000001 61");
    same(vec![1u8, 255], "fffffff4 00000002 01ff");
    same(vec![true, false], "fffffff3 00000002 0100");
    same(vec!['a'], "fffffff2 00000001 0061");
    same(vec![-1i16], "fffffff1 00000001 ffff");
    same(vec![1i32, 2], "fffffff0 00000002 00000001 00000002");
    same(Vec::<i64>::new(), "ffffffef 00000000");
    same(vec![1.5f32], "ffffffee 00000001 3fc00000");
    same(vec![1.5f64], "ffffffed 00000001 3ff8000000000000");
    same(vec!["a".to_string()], "ffffffec 00000001 00000001 61");
    same(vec![None, Some(String::new())], "ffffffec 00000002 ffffffff 00000000");
    same(Uuid::new(1, 2), "ffffffeb 0000000000000001 0000000000000002");
    same(Json("{}".into()), "ffffff7e 00000002 7b7d");
    same(List(vec![Some(1i32), None]), "ffffffe3 00000002 fffffff9 00000001 00000000");
}

use crate::Str;

#[test]
fn a_mismatch_names_both_types() {
    let codec = Codec::default();
    let text = codec.to_data("x").unwrap();
    let error = codec.to_value::<i64>(&text).unwrap_err();
    assert_eq!(error.to_string(), "expected Long, found String (type -11)");
    let error = codec.to_value::<String>(&data("00000000 ffffffc9 00")).unwrap_err();
    assert_eq!(error.to_string(), "expected String, found a compact record (type -55)");
    let nested = codec.to_data(&List(vec!["x"])).unwrap();
    let error = codec.to_value::<List<i32>>(&nested).unwrap_err();
    assert_eq!(error.to_string(), "expected Integer, found String (type -11)");
    assert!(codec.to_value::<i32>(&data("00000000 00000000")).is_err(), "null is no number");
}

#[test]
fn arrays_are_read_from_lists_too() {
    let codec = Codec::default();
    let list = codec.to_data(&List(vec![1i32, 2])).unwrap();
    assert_eq!(codec.to_value::<Vec<i32>>(&list).unwrap(), [1, 2]);
    let texts = codec.to_data(&List(vec!["a", "b"])).unwrap();
    assert_eq!(codec.to_value::<Vec<String>>(&texts).unwrap(), ["a", "b"]);
}

#[test]
fn null_is_refused_where_a_value_is_required() {
    let codec = Codec::default();
    assert_eq!(codec.to_data(&None::<i32>).unwrap().bytes(), data("00000000 00000000").bytes());
    assert!(codec.to_present(&None::<i32>).is_err());
    assert_eq!(codec.to_value::<Option<i32>>(&codec.to_data(&Some(3)).unwrap()).unwrap(), Some(3));
    assert!(codec.to_data(&'😀').is_err());
    assert!(codec.to_value::<char>(&data("00000000 fffffffb d800")).is_err());
}

#[test]
fn what_is_unknown_stays_as_it_is() {
    let codec = Codec::default();
    // A list that holds an unknown object can't be taken apart.
    for hex in ["00000000 ffffff9c aced0005", "00000007 ffffffe3 00000001 ffffff9c 0102"] {
        let data = data(hex);
        let value: Value = codec.to_value(&data).unwrap();
        assert_eq!(value, Value::Raw(data.clone()));
        assert_eq!(codec.to_data(&value).unwrap().bytes(), data.bytes(), "the hash too");
        assert_eq!(codec.to_value::<Data>(&data).unwrap(), data);
    }
}

#[test]
fn lies_about_lengths_are_errors_and_cost_no_memory() {
    let codec = Codec::default();
    for hex in [
        "fffffff5 7fffffff 61",       // text longer than the bytes
        "fffffff5 fffffffe",          // a length below -1
        "fffffff5 ffffffff",          // null text
        "fffffff5 00000002 c328",     // not UTF-8
        "fffffff0 7fffffff 00000001", // more numbers than bytes
        "ffffffe3 7fffffff 00000000", // more objects than bytes
        "ffffffe3 80000000",          //
        "ffffffec 00000001 00000009", // a nested length
    ] {
        let data = data(&["00000000", hex].concat());
        assert!(matches!(codec.to_value::<Value>(&data), Err(Error::Malformed(_))), "{hex}");
    }
    // Lists in lists, deeper than the limit: 8 bytes a level.
    let mut deep = String::from("00000000");
    for _ in 0..100_000 {
        deep.push_str("ffffffe300000001");
    }
    deep.push_str("00000000");
    let error = codec.to_value::<Value>(&data(&deep)).unwrap_err();
    assert_eq!(error, Malformed::new("ArrayList", Fault::Nesting(MAX_NESTING)).into());
}
