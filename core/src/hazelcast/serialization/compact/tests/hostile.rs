//! Bytes that no writer wrote.

use super::*;

#[test]
fn hostile_records_are_errors() {
    let good = "0000000d 00000005 00000001 61 00000000 04 09";
    let read_good = read::<Texts>(&raw::<Texts>(good)).unwrap();
    assert_eq!(read_good, Texts { a: Some("a".into()), b: Some(String::new()), n: 5 });
    for bad in [
        "0000000d 00000005 00000001 61 00000000 03 09", // into the fixed fields
        "0000000d 00000005 00000001 61 00000000 00 09",
        "0000000d 00000005 00000001 61 00000000 04 0d", // at the end of the data
        "0000000d 00000005 00000001 61 00000000 04 fe", // far outside
        "0000000d 00000005 00000001 61 00000000 04 0b", // a value cut off
        "0000000d 00000005 7fffffff 61 00000000 04 09", // a length that lies
        "0000000d 00000005 ffffffff 61 00000000 04 09", // null where an offset says that it isn't
        "0000000d 00000005 00000001 ff 00000000 04 09", // not UTF-8
        "0000000d 00000005 00000001 61 00000000 04",    // an offset missing
        "0000000d 00000005 00000001 61 00000000 04 09 00", // a byte too much
        "7fffffff 00000005 00000001 61 00000000 04 09", // a length that lies
        "00000003 00000005 00000001 61 00000000 04 09", // no room for the fixed fields
        "ffffffff 00000005",
        "80000000",
        "",
    ] {
        for error in
            [read::<Texts>(&raw::<Texts>(bad)).unwrap_err(), generic::<Texts>(bad).unwrap_err()]
        {
            assert!(matches!(error, Error::Malformed(_)), "{bad}: {error}");
        }
    }
    for bad in [
        "00000005 00000009 ff 00 ff ff",          // more bits than bytes
        "00000004 ffffffff 00 ff ff",             //
        "00000004 7fffffff ff 00 ff",             // more numbers than bytes
        "00000009 00000000 7fffffff 00 ff ff 00", // more items than offsets
        "00000009 7fffffff 00000001 00 ff ff 00", // items longer than the array
        "0000000d 00000004 00000001 00000007 04 ff ff 00", // an item behind the last
        "0000000d 00000004 00000001 00000007 03 ff ff 00", // an item cut off
        "0000000d ffffffff 00000001 00000007 00 ff ff 00",
    ] {
        let error = read::<Arrays>(&raw::<Arrays>(bad)).unwrap_err();
        assert!(matches!(error, Error::Malformed(_)), "{bad}: {error}");
        assert!(generic::<Arrays>(bad).is_err(), "{bad}");
    }
    // Bits that stand for nothing are looked at by nobody, as in Java.
    let nine = data(&alloc::format!(
        "00000000 ffffffc9 {:016x} 0001 01 ff",
        Nine::compact_type().schema().unwrap().id()
    ));
    assert!(read::<Nine>(&nine).unwrap().b8);
}

fn generic<T: Compact>(rest: &str) -> Result<GenericRecord, Error> {
    let codec = Codec::default();
    codec.schemas().learn(T::compact_type().schema().unwrap());
    codec.to_value(&raw::<T>(rest))
}

/// Each of two fields at the one record that follows, which does the same: 2^depth records in a few
/// bytes.
#[test]
fn records_that_lie_over_one_another_are_an_error() {
    let id = alloc::format!("{:016x}", Node::compact_type().schema().unwrap().id());
    let mut hex = alloc::format!("{id} 00000004 00000001 ffff");
    for _ in 0..40 {
        // Both offsets are 4: right behind the value. Wider ones as the record grows.
        let inner = hex.split_whitespace().collect::<String>();
        let length = 4 + inner.len() / 2;
        let offsets = match length {
            ..255 => "0404",
            255..65_535 => "00040004",
            _ => "0000000400000004",
        };
        hex = alloc::format!("{id} {length:08x} 00000001 {inner} {offsets}");
    }
    let bytes = data(&["00000000 ffffffc9 ", &hex].concat());
    let codec = Codec::default();
    codec.schemas().learn(Node::compact_type().schema().unwrap());
    for error in [
        codec.to_value::<Node>(&bytes).unwrap_err(),
        codec.to_value::<GenericRecord>(&bytes).unwrap_err(),
    ] {
        assert_eq!(
            error.to_string(),
            "malformed a compact record: its fields lie over one another"
        );
    }
}

#[test]
fn nesting_is_bounded_both_ways() {
    let chain = |length| {
        let leaf = Node { value: 0, left: None, right: None };
        (0..length).fold(leaf, |node, value| Node {
            value,
            left: Some(Box::new(node)),
            right: None,
        })
    };
    let deep = chain(MAX_NESTING as i32 - 3);
    assert_eq!(read::<Node>(&written(&deep)).unwrap(), deep);
    assert!(Codec::default().to_data(&chain(1_000)).is_err());
    let in_list = List(vec![chain(MAX_NESTING as i32 - 2)]);
    assert!(read::<List<Node>>(&Codec::default().to_data(&in_list).unwrap()).is_err());
}
