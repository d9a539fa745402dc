//! Portable records whose offsets, names and types are anybody's.

use bytes::{BufMut, Bytes, BytesMut};
use gridwire_core::hazelcast::portable::{
    GenericPortable, Portable, PortableReader, PortableWriter,
};
use gridwire_core::hazelcast::serialization::{
    BigDecimal, Codec, LocalDate, LocalTime, OffsetDateTime, Registry, Value,
};
use gridwire_core::hazelcast::{Data, Error};

/// A type that asks for much, by name, by path and more than once.
#[derive(Debug, PartialEq)]
struct Asking(usize);

impl Portable for Asking {
    const FACTORY_ID: i32 = 1;
    const CLASS_ID: i32 = 1;

    fn write_fields(&self, _: &mut PortableWriter<'_, '_>) -> Result<(), Error> {
        Ok(())
    }

    fn read_fields(from: &PortableReader<'_>) -> Result<Self, Error> {
        let mut found = 0;
        for name in ["a", "b", "c", "a.b", "a.b.c", ""] {
            let tries = [
                from.present::<i64>(name).is_ok(),
                from.present::<f64>(name).is_ok(),
                from.present::<Option<String>>(name).is_ok(),
                from.present::<Option<Vec<u8>>>(name).is_ok(),
                from.present::<Option<Vec<Option<String>>>>(name).is_ok(),
                from.present::<Option<BigDecimal>>(name).is_ok(),
                from.present::<Option<LocalTime>>(name).is_ok(),
                from.present::<Option<Vec<LocalDate>>>(name).is_ok(),
                from.present::<Option<Vec<OffsetDateTime>>>(name).is_ok(),
                from.present::<Option<Box<Asking>>>(name).is_ok(),
                from.present::<Option<Vec<Asking>>>(name).is_ok(),
            ];
            found += tries.into_iter().filter(|is_there| *is_there).count();
        }
        let _ = from.raw();
        Ok(Self(found))
    }
}

gridwire_core::portable!(Asking);

/// What follows the class of a portable record.
pub fn hazelcast(record: &[u8]) {
    let mut bytes = BytesMut::new();
    for word in [0, -1, 1, 1] {
        bytes.put_i32(word);
    }
    bytes.put_slice(record);
    let data = Data::new(Bytes::from(bytes));
    let codec = Codec::new(Registry::default());
    let _ = codec.to_value::<Asking>(&data);
    let Ok(first) = codec.to_value::<GenericPortable>(&data) else { return };
    let written = codec.to_data(&first).expect("what was read can be written");
    let second = codec.to_value::<Value>(&written).expect("what we wrote can be read");
    let twice = codec.to_data(&second).expect("what was read can be written");
    assert_eq!(written.bytes(), twice.bytes());
}
