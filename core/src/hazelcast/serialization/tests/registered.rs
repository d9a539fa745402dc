//! Types of the user's: records, custom types, the global serializer, both byte orders.

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use core::any;

use super::data;
use crate::hazelcast::error::{Error, SerializationError};
use crate::hazelcast::serialization::registry::Claim;
use crate::hazelcast::serialization::*;
use crate::hazelcast::{Json, Uuid};

#[derive(Debug, PartialEq)]
struct Point {
    x: i32,
    label: Option<String>,
    inner: Option<Json>,
}

impl Identified for Point {
    const FACTORY_ID: i32 = 1;
    const CLASS_ID: i32 = 2;
    fn write_fields(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        to.i32(self.x);
        to.text(self.label.as_deref())?;
        to.object(&self.inner)
    }
    fn read_fields(from: &mut Reader<'_>) -> Result<Self, Error> {
        Ok(Self { x: from.i32()?, label: from.text()?.map(String::from), inner: from.object()? })
    }
}
crate::hazelcast::identified!(Point);

#[derive(Debug, PartialEq)]
struct Other;

impl Identified for Other {
    const FACTORY_ID: i32 = 1;
    const CLASS_ID: i32 = 2;
    fn write_fields(&self, _: &mut Writer<'_>) -> Result<(), Error> {
        Ok(())
    }
    fn read_fields(_: &mut Reader<'_>) -> Result<Self, Error> {
        Ok(Self)
    }
}
crate::hazelcast::identified!(Other);

#[derive(Debug, PartialEq)]
struct Celsius(f32);

impl Custom for Celsius {
    const TYPE_ID: i32 = 7;
    fn write_payload(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        to.f32(self.0);
        Ok(())
    }
    fn read_payload(from: &mut Reader<'_>) -> Result<Self, Error> {
        from.f32().map(Self)
    }
}
crate::hazelcast::custom!(Celsius);

/// A type that has no form of its own.
#[derive(Debug, PartialEq)]
struct Plain(i64);

#[derive(Debug)]
struct Plains(i32);

impl GlobalSerializer for Plains {
    fn id(&self) -> i32 {
        self.0
    }
    fn write(&self, value: &dyn any::Any, to: &mut Writer<'_>) -> Result<(), Error> {
        let why = "the global serializer doesn't know it";
        let unknown = SerializationError::Unwritable { what: "a value", why };
        to.i64(value.downcast_ref::<Plain>().ok_or(unknown)?.0);
        Ok(())
    }
    fn read(&self, from: &mut Reader<'_>) -> Result<Arc<dyn Object>, Error> {
        Ok(Arc::new(Global(Plain(from.i64()?))))
    }
}

fn registry() -> Registry {
    let registry = Registry::default().identified::<Point>().unwrap();
    registry.custom::<Celsius>().unwrap().global(Plains(9)).unwrap()
}

fn point() -> Point {
    Point { x: 5, label: Some("a".into()), inner: Some(Json("1".into())) }
}

const POINT: &str =
    "00000000 fffffffe 01 00000001 00000002 00000005 00000001 61 ffffff7e 00000001 31";

#[test]
fn records_have_a_header_and_their_fields() {
    let codec = Codec::default();
    let written = codec.to_data(&point()).unwrap();
    assert_eq!(written.bytes(), data(POINT).bytes());
    assert_eq!(codec.to_value::<Point>(&written).unwrap(), point());
    // A version takes two bytes more.
    let versioned =
        data(&POINT.replace("fffffffe 01", "fffffffe 03").replace("00000002 ", "00000002 0507 "));
    assert_eq!(codec.to_value::<Point>(&versioned).unwrap(), point());
    let other =
        codec.to_value::<Point>(&data("00000000 fffffffe 01 00000001 00000003")).unwrap_err();
    assert_eq!(other.to_string(), "expected factory 1, class 2, found factory 1, class 3");
    let java = codec.to_value::<Point>(&data("00000000 fffffffe 00 00000003 612e42")).unwrap_err();
    assert_eq!(java.to_string(), "only Java can read an object of its class a.B");
    for length in 0..written.bytes().len() {
        let cut = crate::hazelcast::Data::new(written.bytes().slice(..length));
        assert!(codec.to_value::<Point>(&cut).is_err());
        assert!(Codec::new(registry()).to_value::<Point>(&cut).is_err());
    }
}

#[test]
fn registered_types_are_read_as_what_they_are() {
    let codec = Codec::new(registry());
    let list = List(alloc::vec![Some(point()), None]);
    let written = codec.to_data(&list).unwrap();
    let Value::List(kind, items) = codec.to_value(&written).unwrap() else { panic!("a list") };
    let Value::Object(object) = &items[0] else { panic!("an object") };
    assert_eq!(object.downcast_ref(), Some(&point()));
    assert_eq!(codec.to_data(&Value::List(kind, items)).unwrap().bytes(), written.bytes());

    for (value, id) in [
        (codec.to_data(&Celsius(1.5)).unwrap(), 7),
        (codec.to_data(&Global(Plain(-1))).unwrap(), 9),
    ] {
        assert_eq!(value.type_id(), id);
        let read: Value = codec.to_value(&value).unwrap();
        assert!(matches!(read, Value::Object(_)), "{read:?}");
        assert_eq!(read, codec.to_value(&value).unwrap());
        assert_eq!(codec.to_data(&read).unwrap(), value);
        // A client that doesn't know the type keeps it.
        let kept: Value = Codec::default().to_value(&value).unwrap();
        assert_eq!(kept, Value::Raw(value));
    }
    assert_eq!(
        codec.to_value::<Global<Plain>>(&codec.to_data(&Global(Plain(3))).unwrap()).unwrap(),
        Global(Plain(3))
    );
    let error = codec.to_value::<Global<Celsius>>(&codec.to_data(&Global(Plain(3))).unwrap());
    assert!(error.unwrap_err().to_string().contains("Celsius"));
    assert!(codec.to_data(&Global(5u64)).is_err());
    assert!(
        Codec::default().to_data(&Global(Plain(3))).unwrap_err().to_string().contains("no global")
    );
    // In a list, what isn't known is an error with its name.
    let nested = codec.to_data(&List(alloc::vec![point()])).unwrap();
    let error = Codec::default().to_value::<List<Value>>(&nested).unwrap_err();
    let claim = Claim::Identified { factory: 1, class: 2 };
    assert_eq!(error, SerializationError::Unregistered(claim).into());
}

#[test]
fn a_conflict_names_both() {
    let name = |of: &str| alloc::format!("{}::{of}", module_path!());
    let again = registry().identified::<Point>().unwrap().custom::<Celsius>();
    assert!(again.is_ok(), "one type twice is no conflict");
    let error = registry().identified::<Other>().unwrap_err();
    assert_eq!(
        error.to_string(),
        alloc::format!(
            "IdentifiedDataSerializable factory 1, class 2 is claimed by {} and by {}",
            name("Point"),
            name("Other")
        )
    );
    let error = registry().global(Plains(10)).unwrap_err();
    assert!(matches!(error, RegistryError::Conflict { id: Claim::Global, .. }), "{error}");
    let one = Registry::default().custom::<Celsius>().unwrap().global(Plains(7)).unwrap_err();
    let other = Registry::default().global(Plains(7)).unwrap().custom::<Celsius>().unwrap_err();
    for error in [one, other] {
        assert!(matches!(error, RegistryError::Conflict { id: Claim::TypeId(7), .. }), "{error}");
    }
    for id in [0, -1, i32::MIN] {
        let error = Registry::default().global(Plains(id)).unwrap_err();
        assert!(matches!(error, RegistryError::Invalid { .. }), "{error}");
    }
}

#[test]
fn numbers_follow_the_byte_order_and_the_outermost_type_id_does_not() {
    let codec = Codec::new(registry().byte_order(ByteOrder::Little));
    let list = List(alloc::vec![Some(point()), None]);
    let written = codec.to_data(&list).unwrap();
    let object = "feffffff 01 01000000 02000000 05000000 01000000 61 7effffff 01000000 31";
    let expected = alloc::format!("00000000 ffffffe3 02000000 {object} 00000000");
    assert_eq!(written.bytes(), data(&expected).bytes());
    assert_eq!(codec.to_value::<List<Option<Point>>>(&written).unwrap(), list);
    let uuid = codec.to_data(&Uuid::new(1, 2)).unwrap();
    assert_eq!(uuid.bytes(), data("00000000 ffffffeb 0100000000000000 0200000000000000").bytes());
    let numbers = codec.to_data(&[1.5f64][..]).unwrap();
    assert_eq!(numbers.bytes(), data("00000000 ffffffed 01000000 000000000000f83f").bytes());
}

/// A record that holds whole values, as those of members do.
#[derive(Debug, PartialEq)]
struct Envelope(Option<Data>, Option<Value>);

impl Custom for Envelope {
    const TYPE_ID: i32 = 8;
    fn write_payload(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        to.data(self.0.as_ref())?;
        match &self.1 {
            Some(value) => to.data_value(value),
            None => to.data(None),
        }
    }
    fn read_payload(from: &mut Reader<'_>) -> Result<Self, Error> {
        Ok(Self(from.data()?, from.data_value()?))
    }
}
crate::hazelcast::custom!(Envelope);

#[test]
fn whole_values_in_values_keep_their_own_header() {
    for order in [ByteOrder::Big, ByteOrder::Little] {
        let codec = Codec::new(registry().byte_order(order).custom::<Envelope>().unwrap());
        let inner = codec.to_data(&7i32).unwrap();
        let envelope = Envelope(Some(inner.clone()), Some(Value::I32(7)));
        let written = codec.to_data(&envelope).unwrap();
        // The two are written alike.
        let payload = written.payload();
        let (one, other) = payload.split_at(payload.len() / 2);
        assert_eq!(one, other);
        assert_eq!(&one[4..], inner.bytes());
        assert_eq!(codec.to_value::<Envelope>(&written).unwrap(), envelope);
        let none = Envelope(None, None);
        assert_eq!(codec.to_value::<Envelope>(&codec.to_data(&none).unwrap()).unwrap(), none);
        // What isn't known stays as it is in there too, because its end is known.
        let opaque = Data::from_parts(0, -100, b"java");
        let outer = codec.to_data(&Envelope(None, Some(Value::Raw(opaque.clone())))).unwrap();
        let read: Envelope = codec.to_value(&outer).unwrap();
        assert_eq!(read.1, Some(Value::Raw(opaque)));
        // However deep they are nested, it ends.
        let mut deep = inner;
        for _ in 0..10_000 {
            let mut writer = Writer::new(&codec, 64);
            writer.whole(0, &Envelope(None, Some(Value::Raw(deep)))).unwrap();
            deep = Data::new(writer.finish().0);
        }
        let error = codec.to_value::<Envelope>(&deep).unwrap_err();
        assert!(error.to_string().contains("nested deeper than 64"), "{error}");
    }
}
