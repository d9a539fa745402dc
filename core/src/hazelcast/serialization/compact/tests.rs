use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

use bytes::Bytes;

use super::*;
use crate::hazelcast::error::{Error, SerializationError};
use crate::hazelcast::serialization::{Codec, Data, List, MAX_NESTING};

fn data(hex: &str) -> Data {
    let digits: Vec<_> = hex.chars().filter_map(|c| c.to_digit(16)).collect();
    let bytes: Vec<_> = digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect();
    Data::new(Bytes::from(bytes))
}

macro_rules! record {
    ($(#[$meta:meta])* $name:ident $type_name:literal { $($field:ident: $type:ty),* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        struct $name { $($field: $type),* }
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
