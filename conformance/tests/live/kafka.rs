//! Our client on a real broker, on each adapter.

use crate::{AMPLE, KAFKA, LIBRDKAFKA, broker, lines};

use gridwire_conformance::adapter::{Adapter, Tokio};
use gridwire_conformance::live::{KafkaBroker, needed, run_kcat, run_python};
use gridwire_conformance::on_each_adapter;
use gridwire_conformance::suite::kafka as logs;
use gridwire_core::endpoint::Target;
use gridwire_core::kafka::Config;

use serde_json::json;

/// Topics that a client asks a real broker for have as many.
const PARTITIONS: usize = 3;

fn config(broker: &KafkaBroker) -> Config {
    let at = broker.address();
    patient(Target::new(at.ip().to_string(), at.port()))
}

/// For a broker that makes topics when they are first asked for, at its own pace: a minute.
pub(crate) fn patient(target: Target) -> Config {
    let mut config = Config::new([target]);
    config.unknown_topic_retries = 60;
    config
}

fn on_broker(run: impl FnOnce(Config)) {
    if let Some(broker) = broker() {
        run(config(broker));
    }
}

fn metadata<A: Adapter>() {
    on_broker(|config| logs::metadata::<A>(config, PARTITIONS));
}

fn positions<A: Adapter>() {
    on_broker(logs::positions::<A>);
}

fn long_poll<A: Adapter>() {
    on_broker(logs::long_poll::<A>);
}

fn load<A: Adapter>() {
    on_broker(logs::load::<A>);
}

fn errors<A: Adapter>() {
    on_broker(logs::errors::<A>);
}

fn dropped<A: Adapter>() {
    on_broker(logs::dropped::<A>);
}

fn closing<A: Adapter>() {
    on_broker(logs::closing::<A>);
}

/// Each kind of record, with each acknowledgement, is read by kafka-python, librdkafka, kcat and us as it was sent.
fn all_read_what_we_write<A: Adapter>() {
    let Some(broker) = broker() else { return };
    let topic = format!("ours-{}", A::NAME);
    let sent = logs::write::<A>(config(broker), &topic, 1);
    let count = sent.len();
    assert_eq!(logs::read::<A>(config(broker), &topic, 3, count), sent);

    others_read(&broker.address().to_string(), &topic, &sent);
}

/// Holds what kafka-python, librdkafka and kcat read from a topic against what is in it, which is sorted by
/// partition and offset.
pub(crate) fn others_read(at: &str, topic: &str, stored: &[logs::Seen]) {
    let described: Vec<_> = stored
        .iter()
        .map(|record| {
            json!({
                "partition": record.partition, "offset": record.offset, "timestamp": record.timestamp,
                "key": record.key, "value": record.value, "headers": record.headers,
            })
        })
        .collect();
    for client in [KAFKA, LIBRDKAFKA] {
        let arguments = [at, "consume", topic, &stored.len().to_string()];
        let Some(read) = needed(run_python(client, &arguments, AMPLE)) else { return };
        let mut read = lines(&read);
        read.sort_by_key(|record| (record["partition"].as_i64(), record["offset"].as_i64()));
        assert_eq!(read, described, "{client}");
    }

    let format = "%p %o %T %K %k %S %s\n";
    let consume = ["-C", "-b", at, "-t", topic, "-o", "beginning", "-e", "-q", "-f", format];
    let Some(read) = needed(run_kcat(&consume, None, AMPLE)) else { return };
    let length = |text: &Option<String>| text.as_ref().map_or(-1, |text| text.len() as i64);
    let expected: Vec<_> = stored
        .iter()
        .map(|record| {
            let (key, value) = (&record.key, &record.value);
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            format!(
                "{} {} {} {} {} {} {}",
                record.partition,
                record.offset,
                record.timestamp,
                length(key),
                text(key),
                length(value),
                text(value)
            )
        })
        .collect();
    let mut read: Vec<_> = read.lines().collect();
    read.sort_by_key(|line| {
        let mut numbers = line.split(' ').map(|number| number.parse::<i64>().expect("a number"));
        (numbers.next(), numbers.next())
    });
    assert_eq!(read, expected);
}

/// What kafka-python and kcat send is read as it was sent.
fn we_read_what_others_write<A: Adapter>() {
    let Some(broker) = broker() else { return };
    let (at, topic) = (broker.address().to_string(), format!("theirs-{}", A::NAME));
    let Some(_) = needed(run_python(KAFKA, &[&at, "create", &topic, "3"], AMPLE)) else { return };
    run_python(KAFKA, &[&at, "produce", &topic, "1", "20", "all"], AMPLE).expect("produce");
    let produce = ["-P", "-b", &at, "-t", &topic, "-p", "2", "-K", ":", "-H", "from=kcat", "-l"];
    let Some(_) = needed(run_kcat(&produce, Some("a:1\nb:ü\n"), AMPLE)) else { return };
    let seen = logs::read::<A>(config(broker), &topic, 3, 22);
    for (n, record) in seen[..20].iter().enumerate() {
        assert_eq!((record.partition, record.offset), (1, n as i64));
        assert_eq!(record.timestamp, 1_700_000_000_000 + n as i64);
        assert_eq!(record.key, Some(format!("key {n}")));
        assert_eq!(record.value, Some(format!("value {n}")));
        assert_eq!(record.headers, [("index".to_owned(), Some(n.to_string()))]);
    }
    for (record, (key, value)) in seen[20..].iter().zip([("a", "1"), ("b", "ü")]) {
        assert_eq!(record.partition, 2);
        assert_eq!((record.key.as_deref(), record.value.as_deref()), (Some(key), Some(value)));
        assert_eq!(record.headers, [("from".to_owned(), Some("kcat".to_owned()))]);
    }
}

/// Once is enough: a broker takes its time to come back.
#[test]
fn a_broker_crashes_and_comes_back() {
    let Some(mut broker) = needed(KafkaBroker::start()) else { return };
    let config = config(&broker);
    logs::restart::<Tokio>(config, || {
        broker.crash();
        broker.restart().expect("the broker is back");
    });
}

on_each_adapter! {
    metadata positions long_poll load errors dropped closing
    all_read_what_we_write we_read_what_others_write
}
