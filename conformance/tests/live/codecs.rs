//! Compressed batches: what one implementation of a codec writes, each other one reads.
//!
//! One adapter is enough, since none knows of codecs. A topic has a partition of ours, one of kafka-python's
//! and one that librdkafka and kcat write to.

use crate::kafka::{others_read, patient};
use crate::{AMPLE, KAFKA, LIBRDKAFKA, broker, embedded};

use gridwire_conformance::adapter::Tokio;
use gridwire_conformance::live::{needed, run_kcat, run_python};
use gridwire_conformance::suite::kafka::{Seen, read_with_codecs, write_at_once};
use gridwire_core::endpoint::Target;
use gridwire_core::kafka::records::{Compression, CompressionType};

/// Enough for a batch that is worth compressing, whatever the clients' timing makes of them.
const COUNT: usize = 300;

/// The partitions, by who writes to them.
const OURS: i32 = 0;
const PYTHON: i32 = 1;
const LIBRDKAFKA_AND_KCAT: i32 = 2;

/// What the scripts send.
fn theirs(partition: i32) -> impl Iterator<Item = Seen> {
    (0..COUNT).map(move |n| Seen {
        partition,
        offset: n as i64,
        timestamp: 1_700_000_000_000 + n as i64,
        key: Some(format!("key {n}")),
        value: Some(format!("value {n}")),
        headers: vec![("index".to_owned(), Some(n.to_string()))],
    })
}

/// What kcat sends after that, save the timestamps.
fn of_kcat() -> impl Iterator<Item = Seen> {
    theirs(LIBRDKAFKA_AND_KCAT).map(|record| Seen {
        offset: record.offset + COUNT as i64,
        timestamp: 0,
        headers: vec![("from".to_owned(), Some("kcat".to_owned()))],
        ..record
    })
}

/// All write to the topic, and all read it. Whoever asks for the topic first gets it with three partitions.
/// The writers of the partitions in `refusing` know better than to use the codec.
fn all_write_and_read(at: &str, target: Target, topic: &str, codec: &str, refusing: &[i32]) {
    let how: CompressionType = codec.parse().expect("a codec");
    let mut config = patient(target);
    config.compression_type = how;
    let mut stored = write_at_once::<Tokio>(config.clone(), topic, OURS);

    let count = COUNT.to_string();
    for (client, partition) in [(KAFKA, PYTHON), (LIBRDKAFKA, LIBRDKAFKA_AND_KCAT)] {
        let arguments = [at, "produce", topic, &partition.to_string(), &count, "all", codec];
        let Some(_) = needed(run_python(client, &arguments, AMPLE)) else { return };
        stored.extend(theirs(partition));
    }
    let lines: Vec<_> = (0..COUNT).map(|n| format!("key {n}:value {n}\n")).collect();
    let (partition, packed) =
        (LIBRDKAFKA_AND_KCAT.to_string(), format!("compression.codec={codec}"));
    let produce = ["-P", "-b", at, "-t", topic, "-p", &partition, "-K", ":", "-X", &packed];
    let produce = [&produce[..], &["-H", "from=kcat", "-l"]].concat();
    let Some(_) = needed(run_kcat(&produce, Some(&lines.concat()), AMPLE)) else { return };
    stored.extend(of_kcat());

    // What is read does not depend on what is written.
    config.compression_type = CompressionType::None;
    let (seen, codecs) = read_with_codecs::<Tokio>(config, topic, 3, stored.len());
    // kcat takes the time from its clock. The others have to see the same as we.
    for (stored, seen) in stored.iter_mut().zip(&seen).filter(|(stored, _)| stored.timestamp == 0) {
        assert!(seen.timestamp > 1_700_000_000_000, "{seen:?}");
        stored.timestamp = seen.timestamp;
    }
    assert_eq!(seen, stored);
    others_read(at, topic, &stored);

    // We compress every batch. The others leave alone what only would get longer.
    for (partition, found) in &codecs {
        let plain = *partition != OURS && *found == Compression::NONE;
        assert!(*found == how.codec() || plain, "{partition}: {found:?}");
    }
    for partition in [OURS, PYTHON, LIBRDKAFKA_AND_KCAT] {
        let used = codecs.contains(&(partition, how.codec()));
        assert!(used || refusing.contains(&partition), "{partition}: {codecs:?}");
    }
}

fn real(codec: &str) {
    let Some(broker) = broker() else { return };
    let at = broker.address();
    let target = Target::new(at.ip().to_string(), at.port());
    all_write_and_read(&at.to_string(), target, &format!("codec-{codec}"), codec, &[]);
}

fn embedded(codec: &str) {
    let (_runtime, at) = embedded::broker();
    let (host, port) = at.rsplit_once(':').expect("an address");
    let target = Target::new(host.to_owned(), port.parse().expect("a port"));
    // librdkafka takes a broker without FindCoordinator for one too old for LZ4.
    let refusing: &[i32] = if codec == "lz4" { &[LIBRDKAFKA_AND_KCAT] } else { &[] };
    all_write_and_read(&at, target, "demo", codec, refusing);
}

macro_rules! on_each_codec {
    ($($codec:ident)*) => {$(
        mod $codec {
            #[test]
            fn on_a_real_broker() {
                super::real(stringify!($codec));
            }

            #[test]
            fn on_an_embedded_broker() {
                super::embedded(stringify!($codec));
            }
        }
    )*};
}

on_each_codec! { none gzip snappy lz4 zstd }
