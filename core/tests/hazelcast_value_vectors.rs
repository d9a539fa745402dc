//! The values that Java's serializers wrote for the official compatibility tests, in both byte orders:
//! each is read as what it is, and written again to the same bytes.
#![cfg(feature = "hazelcast")]

use std::fmt::Debug;
use std::path::Path;

use bytes::Bytes;
use gridwire_core::hazelcast::portable::{
    GenericPortable, Nested, NestedArray, Portable, PortableReader, PortableValue, PortableWriter,
};
use gridwire_core::hazelcast::query::{
    Aggregation, Fields, Query, aggregate, all_of, always_false, always_true, any_of, attr,
    instance_of, project, sql,
};
use gridwire_core::hazelcast::serialization::value::ListKind;
use gridwire_core::hazelcast::serialization::*;
use gridwire_core::hazelcast::{Data, Error, Uuid};

const BYTE: i8 = 113;
const CHAR: char = 'x';
const DOUBLE: f64 = -897543.3678909;
const SHORT: i16 = -500;
const FLOAT: f32 = 900.5678;
const INT: i32 = 56789;
const LONG: i64 = -50992225;
const TEXT: &str = "this > 5 AND this < 100";
const BOOLEANS: [bool; 3] = [true, false, true];
const BYTES: [i8; 7] = [112, 4, -1, 4, 112, -35, 43];
const CHARS: [char; 3] = ['a', 'b', 'c'];
const DOUBLES: [f64; 4] = [DOUBLE, 11.1, 22.2, 33.3];
const SHORTS: [i16; 3] = [SHORT, 2, 3];
const FLOATS: [f32; 4] = [FLOAT, 1.0, 2.1, 3.4];
const INTS: [i32; 3] = [INT, 2, 3];
const LONGS: [i64; 4] = [LONG, 1231232141, 2, 3];
const TEXTS: [&str; 3] = [
    "Pijamalı hasta, yağız şoföre çabucak güvendi.",
    "イロハニホヘト チリヌルヲ ワカヨタレソ ツネナラム",
    "The quick brown fox jumps over the lazy dog",
];
const DATA: &[u8] = b"111313123131313131";

/// Every UTF-16 unit that is a character, and zeros up to 65,535 units.
fn long_text() -> String {
    let characters = (0..0xffff).filter_map(char::from_u32);
    characters.chain(std::iter::repeat('\0')).take(65535).collect()
}

#[derive(Debug, Clone, PartialEq)]
struct CustomStream(i32, f32);

impl Custom for CustomStream {
    const TYPE_ID: i32 = 1;
    fn write_payload(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        to.i32(self.0);
        to.f32(self.1);
        Ok(())
    }
    fn read_payload(from: &mut Reader<'_>) -> Result<Self, Error> {
        Ok(Self(from.i32()?, from.f32()?))
    }
}

/// Java's ByteArraySerializer: its bytes have their count before them, and an order of their own.
#[derive(Debug, Clone, PartialEq)]
struct CustomByteArray(i32, f32);

impl Custom for CustomByteArray {
    const TYPE_ID: i32 = 2;
    fn write_payload(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        let bytes = [&self.0.to_be_bytes()[..], &self.1.to_be_bytes(), &[0; 2]].concat();
        to.array(Some(&bytes))
    }
    fn read_payload(from: &mut Reader<'_>) -> Result<Self, Error> {
        let bytes: Vec<u8> = from.present_array()?;
        let number = |at: usize| bytes[at..at + 4].try_into().expect("four bytes");
        Ok(Self(i32::from_be_bytes(number(0)), f32::from_be_bytes(number(4))))
    }
}

gridwire_core::hazelcast::custom!(CustomStream, CustomByteArray);

/// A portable record of two fields.
#[derive(Debug, Clone, PartialEq)]
struct InnerPortable(i32, f32);

impl Portable for InnerPortable {
    const FACTORY_ID: i32 = 1;
    const CLASS_ID: i32 = 2;
    fn write_fields(&self, to: &mut PortableWriter<'_, '_>) -> Result<(), Error> {
        to.field("i", &self.0)?;
        to.field("f", &self.1)
    }
    fn read_fields(from: &PortableReader<'_>) -> Result<Self, Error> {
        Ok(Self(from.field("i")?, from.field("f")?))
    }
}

gridwire_core::portable!(InnerPortable);

/// A record with a field of each kind.
#[derive(Debug, Clone, PartialEq)]
struct Everything {
    numbers: (bool, i8, u16, f64, i16, f32, i32, i64),
    text: String,
    booleans: Option<Vec<bool>>,
    bytes: Option<Vec<i8>>,
    chars: Option<Vec<u16>>,
    doubles: Option<Vec<f64>>,
    shorts: Option<Vec<i16>>,
    floats: Option<Vec<f32>>,
    ints: Option<Vec<i32>>,
    longs: Option<Vec<i64>>,
    texts: Option<Vec<Option<String>>>,
    portable: InnerPortable,
    custom: (CustomByteArray, CustomStream),
    data: Option<Data>,
}

impl Identified for Everything {
    const FACTORY_ID: i32 = 1;
    const CLASS_ID: i32 = 1;

    fn write_fields(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        let (bool, byte, char, double, short, float, int, long) = self.numbers;
        to.bool(bool);
        to.i8(byte);
        to.u16(char);
        to.f64(double);
        to.i16(short);
        to.f32(float);
        to.i32(int);
        to.i64(long);
        to.text(Some(&self.text))?;
        to.array(self.booleans.as_deref())?;
        to.array(self.bytes.as_deref())?;
        to.array(self.chars.as_deref())?;
        to.array(self.doubles.as_deref())?;
        to.array(self.shorts.as_deref())?;
        to.array(self.floats.as_deref())?;
        to.array(self.ints.as_deref())?;
        to.array(self.longs.as_deref())?;
        to.texts(self.texts.as_deref())?;
        to.array(None::<&[bool]>)?;
        to.array(None::<&[i8]>)?;
        to.array(None::<&[u16]>)?;
        to.array(None::<&[f64]>)?;
        to.array(None::<&[i16]>)?;
        to.array(None::<&[f32]>)?;
        to.array(None::<&[i32]>)?;
        to.array(None::<&[i64]>)?;
        to.texts(None::<&[Option<&str>]>)?;
        // The bytes without their count but with one of a byte, and two of them again.
        to.i8(BYTES.len() as i8);
        BYTES.iter().chain(&BYTES[1..3]).for_each(|byte| to.i8(*byte));
        to.count(self.text.len())?;
        self.text.encode_utf16().for_each(|unit| to.u16(unit));
        to.slice(self.text.as_bytes());
        to.i8(227u8 as i8);
        to.u16(32867);
        to.object(&self.portable)?;
        to.object(&None::<Self>)?;
        to.object(&self.custom.0)?;
        to.object(&self.custom.1)?;
        to.data(self.data.as_ref())
    }

    fn read_fields(from: &mut Reader<'_>) -> Result<Self, Error> {
        let (bool, byte, char, double) = (from.bool()?, from.i8()?, from.u16()?, from.f64()?);
        let (short, float, int, long) = (from.i16()?, from.f32()?, from.i32()?, from.i64()?);
        let text = from.present_text()?.to_owned();
        let booleans = from.array()?;
        let bytes = from.array()?;
        let chars = from.array()?;
        let doubles = from.array()?;
        let shorts = from.array()?;
        let floats = from.array()?;
        let ints = from.array()?;
        let longs = from.array()?;
        let texts = from.texts()?;
        assert_eq!(from.array::<bool>()?, None);
        for _ in 0..7 {
            assert_eq!(from.array::<i8>()?, None);
        }
        assert_eq!(from.texts()?, None);
        assert_eq!(from.i8()?, 7);
        for byte in BYTES.iter().chain(&BYTES[1..3]) {
            assert_eq!(from.i8()?, *byte);
        }
        let units = from.present_count(3)?;
        assert_eq!(units, text.len());
        for unit in text.encode_utf16() {
            assert_eq!(from.u16()?, unit);
        }
        assert_eq!(from.slice(units)?, text.as_bytes());
        assert_eq!((from.i8()? as u8, from.u16()?), (227, 32867));
        let portable = from.object()?;
        assert_eq!(from.object::<Option<Self>>()?, None);
        let custom = (from.object()?, from.object()?);
        Ok(Self {
            numbers: (bool, byte, char, double, short, float, int, long),
            text,
            booleans,
            bytes,
            chars,
            doubles,
            shorts,
            floats,
            ints,
            longs,
            texts,
            portable,
            custom,
            data: from.data()?,
        })
    }
}

gridwire_core::hazelcast::identified!(Everything);

fn everything() -> Everything {
    let texts = TEXTS.iter().map(|text| Some((*text).to_owned())).collect();
    Everything {
        numbers: (true, BYTE, CHAR as u16, DOUBLE, SHORT, FLOAT, INT, LONG),
        text: TEXT.into(),
        booleans: Some(BOOLEANS.into()),
        bytes: Some(BYTES.into()),
        chars: Some(CHARS.iter().map(|unit| *unit as u16).collect()),
        doubles: Some(DOUBLES.into()),
        shorts: Some(SHORTS.into()),
        floats: Some(FLOATS.into()),
        ints: Some(INTS.into()),
        longs: Some(LONGS.into()),
        texts: Some(texts),
        portable: InnerPortable(INT, FLOAT),
        custom: (CustomByteArray(INT, FLOAT), CustomStream(INT, FLOAT)),
        data: Some(Data::new(Bytes::from_static(DATA))),
    }
}

fn codec(order: ByteOrder) -> Codec {
    let registry = Registry::default().byte_order(order);
    let registry = registry.custom::<CustomStream>().and_then(Registry::custom::<CustomByteArray>);
    Codec::new(registry.and_then(Registry::identified::<Everything>).unwrap())
}

/// It is this value, and is written so.
fn is<T: Read + Write + PartialEq + Debug>(codec: &Codec, data: &Data, value: T) {
    assert_eq!(codec.to_value::<T>(data).unwrap(), value);
    assert_eq!(codec.to_data(&value).unwrap().bytes(), data.bytes());
}

/// The fields of a portable record with one of each type.
fn portable_fields() -> Vec<(&'static str, PortableValue)> {
    let day = |year, month, day| LocalDate::new(year, month, day).unwrap();
    let time = |hour, minute, second, micros: u32| {
        LocalTime::new(hour, minute, second, micros * 1000).unwrap()
    };
    let at = |date, time, hours: i32| {
        OffsetDateTime::new(LocalDateTime::new(date, time), hours * 3600).unwrap()
    };
    let days = [day(2021, 6, 28), day(1923, 4, 23), day(1938, 11, 10)];
    let times = [time(9, 5, 10, 123_456), time(18, 30, 55, 567_891), time(15, 44, 39, 192_837)];
    let moments = [at(days[2], times[0], 18), at(days[1], times[2], 5), at(days[0], times[1], -10)];
    let now = at(days[0], time(11, 22, 41, 123_456), 18);
    let decimal = BigDecimal::new(3123112331, 5);
    let inner = GenericPortable::new(1, 2).field("i", INT).field("f", FLOAT);
    let (factory, class) = (1, 2);
    vec![
        ("bool", true.into()),
        ("b", BYTE.into()),
        ("c", (CHAR as u16).into()),
        ("d", DOUBLE.into()),
        ("s", SHORT.into()),
        ("f", FLOAT.into()),
        ("i", INT.into()),
        ("l", LONG.into()),
        ("str", Some(String::from(TEXT)).into()),
        ("bd", Some(decimal.clone()).into()),
        ("ld", Some(days[0]).into()),
        ("lt", Some(now.local.time).into()),
        ("ldt", Some(now.local).into()),
        ("odt", Some(now).into()),
        ("p", Nested { factory, class, record: Some(Box::new(inner.clone())) }.into()),
        ("booleans", Some(BOOLEANS.to_vec()).into()),
        ("bs", Some(BYTES.to_vec()).into()),
        ("cs", Some(CHARS.map(|unit| unit as u16).to_vec()).into()),
        ("ds", Some(DOUBLES.to_vec()).into()),
        ("ss", Some(SHORTS.to_vec()).into()),
        ("fs", Some(FLOATS.to_vec()).into()),
        ("is", Some(INTS.to_vec()).into()),
        ("ls", Some(LONGS.to_vec()).into()),
        ("strs", Some(TEXTS.map(|text| Some(String::from(text))).to_vec()).into()),
        ("decimals", Some(vec![decimal; 3]).into()),
        ("dates", Some(days.to_vec()).into()),
        ("times", Some(times.to_vec()).into()),
        ("dateTimes", Some(moments.map(|moment| moment.local).to_vec()).into()),
        ("offsetDateTimes", Some(moments.to_vec()).into()),
        ("ps", NestedArray { factory, class, records: Some(vec![inner; 3]) }.into()),
        ("booleansNull", PortableValue::BooleanArray(None)),
        ("bsNull", PortableValue::ByteArray(None)),
        ("csNull", PortableValue::CharArray(None)),
        ("dsNull", PortableValue::DoubleArray(None)),
        ("ssNull", PortableValue::ShortArray(None)),
        ("fsNull", PortableValue::FloatArray(None)),
        ("isNull", PortableValue::IntArray(None)),
        ("lsNull", PortableValue::LongArray(None)),
        ("strsNull", PortableValue::TextArray(None)),
    ]
}

/// It is a portable record of one field of each type, and raw data behind them.
fn is_portable(record: &GenericPortable) {
    assert_eq!((record.factory, record.class, record.version), (1, 1, 0));
    let fields = record.fields.iter().map(|(name, value)| (name.as_str(), value.clone()));
    assert_eq!(fields.collect::<Vec<_>>(), portable_fields());
    assert!(record.raw.as_ref().is_some_and(|raw| raw.starts_with(&[1, 113])));
}

/// It is a list of nothing and of a list of a value of each kind.
fn is_list(kind: ListKind, value: Value) {
    let Value::List(found, items) = value else { panic!("{value:?}") };
    assert_eq!(found, kind);
    let [Value::Null, Value::List(ListKind::ArrayList, items)] = &items[..] else {
        panic!("{items:?}")
    };
    assert_eq!(items[..4], [true.into(), DOUBLE.into(), INT.into(), TEXT.into()]);
    let Value::Portable(inner) = &items[4] else { panic!("{:?}", items[4]) };
    assert_eq!(inner.value("i"), Some(&INT.into()));
    let Value::Object(object) = &items[8] else { panic!("{:?}", items[8]) };
    assert_eq!(object.downcast_ref(), Some(&everything()));
    let Value::Portable(record) = &items[9] else { panic!("{:?}", items[9]) };
    is_portable(record);
}

/// Reads a value by the name that it has in the file; `false` for what has no type here.
fn is_known(name: &str, codec: &Codec, data: &Data) -> bool {
    let date = LocalDate::new(2021, 6, 28).unwrap();
    let time = LocalTime::new(11, 22, 41, 123_456_000).unwrap();
    let local = LocalDateTime::new(date, time);
    match name {
        "Boolean" => is(codec, data, true),
        "Byte" => is(codec, data, BYTE),
        "Character" => is(codec, data, CHAR),
        "Double" => is(codec, data, DOUBLE),
        "Short" => is(codec, data, SHORT),
        "Float" => is(codec, data, FLOAT),
        "Integer" => is(codec, data, INT),
        "Long" => is(codec, data, LONG),
        "String" => is(codec, data, long_text()),
        "UUID" => is(codec, data, Uuid::new(LONG as u64, INT as u64)),
        "AnInnerPortable" => is(codec, data, InnerPortable(INT, FLOAT)),
        "APortable" => is_portable(&codec.to_value(data).unwrap()),
        "ArrayList" => is_list(ListKind::ArrayList, codec.to_value(data).unwrap()),
        "LinkedList" => is_list(ListKind::LinkedList, codec.to_value(data).unwrap()),
        "boolean[]" => is(codec, data, BOOLEANS.to_vec()),
        "byte[]" => is(codec, data, BYTES.to_vec()),
        "char[]" => is(codec, data, CHARS.to_vec()),
        "double[]" => is(codec, data, DOUBLES.to_vec()),
        "short[]" => is(codec, data, SHORTS.to_vec()),
        "float[]" => is(codec, data, FLOATS.to_vec()),
        "int[]" => is(codec, data, INTS.to_vec()),
        "long[]" => is(codec, data, LONGS.to_vec()),
        "String[]" => is(codec, data, TEXTS.map(String::from).to_vec()),
        "CustomStreamSerializable" => is(codec, data, CustomStream(INT, FLOAT)),
        "CustomByteArraySerializable" => is(codec, data, CustomByteArray(INT, FLOAT)),
        "AnIdentifiedDataSerializable" => is(codec, data, everything()),
        "LocalDate" => is(codec, data, date),
        "LocalTime" => is(codec, data, time),
        "LocalDateTime" => is(codec, data, local),
        "OffsetDateTime" => is(codec, data, OffsetDateTime::new(local, 18 * 3600).unwrap()),
        "BigInteger" => is(codec, data, 1314432323232411i128),
        "BigDecimal" => is(codec, data, BigDecimal::new(3123112331, 5)),
        "Class" => is(codec, data, ClassName("java.math.BigDecimal".into())),
        _ => return false,
    }
    true
}

/// It is what this builds, and is read as what tells so.
fn asks<Q: Write, R: Read + Write>(codec: &Codec, data: &Data, query: &Q) {
    assert_eq!(codec.to_data(query).unwrap().bytes(), data.bytes());
    let read: R = codec.to_value(data).unwrap();
    assert_eq!(codec.to_data(&read).unwrap().bytes(), data.bytes());
}

/// Builds a predicate, aggregator or projection by the name that it has in the file; `false` for what is
/// none. Java's attribute, pattern and condition are one text.
fn is_query(name: &str, codec: &Codec, data: &Data) -> bool {
    let attribute = || attr(TEXT);
    let several = || {
        let it = attribute();
        [sql(TEXT), it.eq(INT), it.ne(INT), it.gt(INT), it.ge(INT)]
    };
    let class = "com.hazelcast.nio.serialization.compatibility.CustomStreamSerializable";
    let predicate = match name {
        "TruePredicate" => Some(always_true()),
        "FalsePredicate" => Some(always_false()),
        "SqlPredicate" => Some(sql(TEXT)),
        "EqualPredicate" => Some(attribute().eq(INT)),
        "NotEqualPredicate" => Some(attribute().ne(INT)),
        "GreaterLessPredicate" => Some(attribute().gt(INT)),
        "BetweenPredicate" => Some(attribute().between(INT, INT)),
        "LikePredicate" => Some(attribute().like(TEXT)),
        "ILikePredicate" => Some(attribute().ilike(TEXT)),
        "InPredicate" => Some(attribute().is_in([INT, INT])),
        "RegexPredicate" => Some(attribute().regex(TEXT)),
        "AndPredicate" => Some(all_of(several())),
        "OrPredicate" => Some(any_of(several())),
        "InstanceOfPredicate" => Some(instance_of(class)),
        _ => None,
    };
    if let Some(predicate) = predicate {
        asks::<_, Query<'_>>(codec, data, &predicate);
        return true;
    }
    macro_rules! aggregators {
        ($($name:literal $aggregator:expr,)*) => {
            match name {
                $($name => asks::<_, Aggregation<'_>>(codec, data, &$aggregator.of(TEXT)),)*
                _ => return is_projection(name, codec, data),
            }
        };
    }
    aggregators! {
        "DistinctValuesAggregator" aggregate::distinct::<i32>(),
        "MaxAggregator" aggregate::max::<i32>(),
        "MaxByAggregator" aggregate::max_by::<i32, i32>(),
        "MinAggregator" aggregate::min::<i32>(),
        "MinByAggregator" aggregate::min_by::<i32, i32>(),
        "CountAggregator" aggregate::count(),
        "NumberAverageAggregator" aggregate::avg(),
        "IntegerAverageAggregator" aggregate::i32_avg(),
        "LongAverageAggregator" aggregate::i64_avg(),
        "DoubleAverageAggregator" aggregate::f64_avg(),
        "IntegerSumAggregator" aggregate::i32_sum(),
        "LongSumAggregator" aggregate::i64_sum(),
        "DoubleSumAggregator" aggregate::f64_sum(),
        "FixedSumAggregator" aggregate::whole_sum(),
        "FloatingPointSumAggregator" aggregate::sum(),
        "BigDecimalSumAggregator" aggregate::decimal_sum(),
    }
    true
}

fn is_projection(name: &str, codec: &Codec, data: &Data) -> bool {
    match name {
        "SingleAttributeProjection" => {
            asks::<_, Fields<'_>>(codec, data, &project::attribute::<i32>(TEXT));
        }
        "MultiAttributeProjection" => {
            let several = project::attributes::<(i32, i32, i32)>([TEXT; 3]);
            asks::<_, Fields<'_>>(codec, data, &several);
        }
        "IdentityProjection" => {
            asks::<_, Fields<'_>>(codec, data, &project::entry::<i32, i32>());
        }
        _ => return false,
    }
    true
}

#[test]
fn every_value_is_written_as_it_was_read() {
    let Some(directory) = std::env::var_os("GRIDWIRE_DEFINITIONS") else {
        println!("GRIDWIRE_DEFINITIONS is not set: the official values were not checked");
        return;
    };
    let file = "hazelcast/vectors/1.serialization.compatibility.binary";
    let file = Bytes::from(std::fs::read(Path::new(&directory).join(file)).unwrap());
    let (mut at, mut entries, mut nulls) = (0, 0, 0);
    let mut queries = 0;
    let mut take = |count: usize| {
        at += count;
        file.slice(at - count..at)
    };
    while entries < 134 {
        let length = u16::from_be_bytes(take(2)[..].try_into().unwrap());
        let name = String::from_utf8(take(length.into()).to_vec()).unwrap();
        let length = i32::from_be_bytes(take(4)[..].try_into().unwrap());
        let parts: Vec<_> = name.split('-').collect();
        let &["1", name, order] = &parts[..] else { panic!("{name}") };
        let order = match order {
            "BIG_ENDIAN" => ByteOrder::Big,
            "LITTLE_ENDIAN" => ByteOrder::Little,
            other => panic!("{other}"),
        };
        entries += 1;
        let Ok(length) = usize::try_from(length) else {
            assert_eq!((name, length), ("NULL", -1));
            nulls += 1;
            continue;
        };
        let (codec, data) = (codec(order), Data::new(take(length)));
        let value: Value = codec.to_value(&data).unwrap();
        assert_eq!(codec.to_data(&value).unwrap().bytes(), data.bytes(), "{name}: {value:?}");
        // Nobody has registered the classes of queries: where any value may be, they stay as they are.
        if is_query(name, &codec, &data) {
            assert!(matches!(value, Value::Raw(_)), "{name}");
            queries += 1;
        } else {
            assert!(is_known(name, &codec, &data), "{name}");
            assert!(!matches!(value, Value::Raw(_)), "{name}");
        }
    }
    assert_eq!((at, nulls, queries), (file.len(), 2, 66));
    println!("{entries} values, {queries} of them queries");
}
