//! Portable records with a field of each type, between our client and the official one.

use crate::hazelcast::config;
use crate::{AMPLE, lines, one_member};

use bytes::Bytes;
use gridwire_conformance::adapter::Adapter;
use gridwire_conformance::live::{needed, run_python};
use gridwire_conformance::on_each_adapter;
use gridwire_conformance::suite::{soon, with_client};
use gridwire_core::hazelcast::portable::{GenericPortable, Nested, NestedArray};
use gridwire_core::hazelcast::serialization::{
    BigDecimal, LocalDate, LocalDateTime, LocalTime, OffsetDateTime,
};
use gridwire_core::hazelcast::{Client, Data, Structures, portable::Portable};
use gridwire_core::invoker::AsyncInvoker;
use serde_json::json;

const PORTABLE: &str = "hazelcast_portable.py";

type On<A> = <A as Adapter>::Client<Client>;

/// A field of each type, those of arrays behind those of one.
fn everything() -> GenericPortable {
    let day = LocalDate::new(2021, 2, 3).expect("a day");
    let time = LocalTime::new(4, 5, 6, 7000).expect("a time");
    let local = LocalDateTime::new(day, time);
    let offset = OffsetDateTime::new(local, -3600).expect("an offset");
    let decimal = BigDecimal::new(-129, 2);
    let inner = |n: i32| GenericPortable { version: 3, ..GenericPortable::new(1, 2) }.field("n", n);
    let (factory, class) = (1, 2);
    let texts = vec![Some("a".to_owned()), None, Some("Åse €😀".to_owned())];
    let record = GenericPortable { version: 3, ..GenericPortable::new(1, 1) }
        .field("boolean", true)
        .field("booleans", Some(vec![true, false]))
        // The official client writes no byte below 0.
        .field("byte", 5i8)
        .field("bytes", Some(vec![1i8, 2, 127]))
        .field("char", 0x20acu16)
        .field("chars", Some(vec![0x61u16, 0xe9]))
        .field("short", i16::MIN)
        .field("shorts", Some(vec![i16::MAX, -1]))
        .field("int", i32::MIN)
        .field("ints", None::<Vec<i32>>)
        .field("long", i64::MAX)
        .field("longs", Some(vec![1i64 << 53]))
        .field("float", 1.5f32)
        .field("floats", Some(vec![-0.5f32]))
        .field("double", -2.25f64)
        .field("doubles", Some(Vec::<f64>::new()))
        .field("string", None::<String>)
        .field("strings", Some(texts))
        .field("decimal", Some(decimal.clone()))
        .field("decimals", Some(vec![decimal]))
        .field("time", Some(time))
        .field("times", Some(vec![time]))
        .field("date", Some(day))
        .field("dates", None::<Vec<LocalDate>>)
        .field("timestamp", Some(local))
        .field("timestamps", Some(vec![local]))
        .field("timestamp_with_timezone", Some(offset))
        .field("timestamp_with_timezones", Some(vec![offset, offset]))
        .field("inner", Nested { factory, class, record: Some(Box::new(inner(7))) })
        .field("nothing", Nested { factory, class, record: None })
        .field("inners", NestedArray { factory, class, records: Some(vec![inner(8), inner(9)]) });
    GenericPortable { raw: Some(Bytes::from_static(&[0, 0, 0, 42])), ..record }
}

/// What a type of one's own takes of it.
#[derive(Debug, PartialEq, Portable)]
#[portable(factory = 1, class = 1)]
struct Known {
    long: i64,
    strings: Vec<Option<String>>,
    inner: Option<Small>,
    inners: Vec<Small>,
    #[portable(default)]
    gone: i32,
}

#[derive(Debug, PartialEq, Portable)]
#[portable(factory = 1, class = 2)]
struct Small {
    n: i32,
}

fn both_write_and_read<A: Adapter>() {
    let Some(cluster) = one_member() else { return };
    let (at, name) = (cluster.address_list(), format!("portable on {}", A::NAME));
    with_client::<A, Client>(config(cluster), async |client| {
        let records = client.map::<String, GenericPortable>(&name);
        let raw = client.map::<String, Data>(&name);
        let ours = everything();
        soon(On::<A>::future(records.set("ours", &ours))).await.expect("set");
        let Some(read) = needed(run_python(PORTABLE, &[&at, &name], AMPLE)) else { return };
        let expected = json!({
            "boolean": true, "booleans": [true, false], "byte": 5, "bytes": [1, 2, 127], "char": "€",
            "chars": ["a", "é"], "short": -32768, "shorts": [32767, -1], "int": -2147483648i64,
            "ints": null, "long": 9223372036854775807i64, "longs": [9007199254740992i64],
            "float": 1.5, "floats": [-0.5], "double": -2.25, "doubles": [], "string": null,
            "strings": ["a", null, "Åse €😀"], "decimal": "-1.29", "decimals": ["-1.29"],
            "time": "04:05:06.000007", "times": ["04:05:06.000007"], "date": "2021-02-03", "dates": null,
            "timestamp": "2021-02-03T04:05:06.000007", "timestamps": ["2021-02-03T04:05:06.000007"],
            "timestamp_with_timezone": "2021-02-03T04:05:06.000007-01:00",
            "timestamp_with_timezones":
                ["2021-02-03T04:05:06.000007-01:00", "2021-02-03T04:05:06.000007-01:00"],
            "inner": {"n": 7}, "nothing": null, "inners": [{"n": 8}, {"n": 9}], "raw": 42,
        });
        assert_eq!(lines(&read), [expected]);
        let theirs = soon(On::<A>::future(records.get("theirs"))).await.expect("get");
        assert_eq!(theirs.as_ref(), Some(&ours));
        let mut bytes = Vec::new();
        for key in ["ours", "theirs"] {
            let data = soon(On::<A>::future(raw.get(key))).await.expect("get").expect("a value");
            bytes.push(data.bytes().clone());
        }
        assert_eq!(bytes[0], bytes[1]);
        let typed = client.map::<String, Known>(&name);
        let found = soon(On::<A>::future(typed.get("theirs"))).await.expect("get").expect("one");
        assert_eq!((found.long, found.strings.len(), found.gone), (i64::MAX, 3, 0));
        assert_eq!(found.inners, [Small { n: 8 }, Small { n: 9 }]);
        assert_eq!(found.inner, Some(Small { n: 7 }));
    });
}

on_each_adapter! { both_write_and_read }
