//! Kafka: metadata, records sent with each acknowledgement and read back, offsets, long polls, errors, futures
//! that are dropped, and the end of a client.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::{join, join_all};
use gridwire_core::call::Failure;
use gridwire_core::invoker::{AsyncInvoker, Invoker};
use gridwire_core::kafka::records::Compression;
use gridwire_core::kafka::{
    Acks, Client, Config, Error, ErrorCode, FetchOnce, FetchedBatch, KafkaExt, Position, Record,
};
use gridwire_driver::Setup;

use super::{AMPLE, item, soon, until, with_client, within};
use crate::adapter::Adapter;

type On<A> = <A as Adapter>::Client<Client>;
type Batches<A> = <On<A> as Invoker>::Subscription<FetchedBatch>;

/// A record as a peer sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The partition.
    pub partition: i32,
    /// Its offset there.
    pub offset: i64,
    /// Milliseconds since 1970.
    pub timestamp: i64,
    /// The key, as text.
    pub key: Option<String>,
    /// The value, as text.
    pub value: Option<String>,
    /// The headers, as text.
    pub headers: Vec<(String, Option<String>)>,
}

/// Reads so many records, from the beginning of each partition.
pub fn read<A: Adapter>(config: Config, topic: &str, partitions: i32, count: usize) -> Vec<Seen> {
    read_with_codecs::<A>(config, topic, partitions, count).0
}

/// The same, with the partition and the codec of each batch that held them.
pub fn read_with_codecs<A: Adapter>(
    config: Config,
    topic: &str,
    partitions: i32,
    count: usize,
) -> (Vec<Seen>, Vec<(i32, Compression)>) {
    let (mut seen, mut codecs) = Default::default();
    with_client::<A, Client>(config, async |client| {
        let topic = topic.to_owned();
        let mut batches = client.consumer().read(topic, 0..partitions, Position::Earliest);
        (seen, codecs) = take_with_codecs::<A>(&mut batches, count).await;
    });
    seen.sort_by_key(|record: &Seen| (record.partition, record.offset));
    (seen, codecs)
}

async fn take<A: Adapter>(batches: &mut Batches<A>, count: usize) -> Vec<Seen> {
    take_with_codecs::<A>(batches, count).await.0
}

async fn take_with_codecs<A: Adapter>(
    batches: &mut Batches<A>,
    count: usize,
) -> (Vec<Seen>, Vec<(i32, Compression)>) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (mut seen, mut codecs) = (Vec::new(), Vec::new());
    while seen.len() < count {
        let batch = item::<On<A>, _>(batches).await;
        codecs.push((batch.partition(), batch.batch().header().attributes.compression()));
        seen.extend(batch.records().map(|record| Seen {
            partition: batch.partition(),
            offset: record.offset,
            timestamp: record.timestamp,
            key: record.key.map(text),
            value: record.value.map(text),
            headers: record.headers.iter().map(|h| (text(h.key), h.value.map(text))).collect(),
        }));
    }
    assert_eq!(seen.len(), count, "{seen:?}");
    (seen, codecs)
}

/// The records that [`write()`] sends: all that a record can be.
pub fn samples() -> Vec<Record> {
    let at = |n: i64| 1_700_000_000_000 + n;
    let mut samples = vec![
        Record::keyed("key", "value").timestamp(at(0)),
        Record::value("no key").timestamp(at(1)),
        Record { key: Some("no value".into()), ..Record::default() }.timestamp(at(2)),
        Record::keyed("", "").timestamp(at(3)),
        Record::keyed("Grüße", "試験").header("ä", Bytes::from("ö")).timestamp(at(4)),
        Record::keyed("headers", "x")
            .header("a", Bytes::from("1"))
            .header("a", None)
            .timestamp(at(5)),
    ];
    samples
        .extend((6..50).map(|n| Record::keyed(format!("k{n}"), format!("v{n}")).timestamp(at(n))));
    samples
}

/// Sends the samples to a partition, in order, a third with each kind of acknowledgement, and says what
/// a reader must see.
pub fn write<A: Adapter>(config: Config, topic: &str, partition: i32) -> Vec<Seen> {
    let samples = samples();
    with_client::<A, Client>(config, async |client| {
        let producer = client.producer(topic.to_owned());
        for (n, sample) in samples.iter().enumerate() {
            let acks = [Acks::All, Acks::Leader, Acks::None][n % 3];
            let send = producer.clone().acks(acks).send(sample.clone().to_partition(partition));
            let stored = soon(On::<A>::future(send)).await.unwrap();
            let offset = (acks != Acks::None).then_some(n as i64);
            assert_eq!((stored.partition, stored.offset), (partition, offset), "sample {n}");
            assert_eq!(Some(stored.timestamp), sample.timestamp);
        }
    });
    stored(&samples, partition)
}

/// Sends the samples, and one of more than a codec's block, to a partition all at once, as `config` has
/// them compressed, and says what a reader must see.
pub fn write_at_once<A: Adapter>(config: Config, topic: &str, partition: i32) -> Vec<Seen> {
    let mut samples = samples();
    let words: Vec<_> = (0..20_000).map(|n| format!("word{} ", n * n % 997)).collect();
    samples.push(Record::keyed("large", words.concat()).timestamp(1_700_000_000_100));
    with_client::<A, Client>(config, async |client| {
        let producer = client.producer(topic.to_owned());
        led::<A>(client, topic, [partition]).await;
        let send = |sample: &Record| {
            On::<A>::future(producer.send(sample.clone().to_partition(partition)))
        };
        let sent = soon(join_all(samples.iter().map(send))).await;
        for (n, stored) in sent.into_iter().enumerate() {
            let stored = stored.unwrap();
            assert_eq!((stored.partition, stored.offset), (partition, Some(n as i64)));
        }
    });
    stored(&samples, partition)
}

/// Has a topic made, and waits for its leaders, who alone answer this. Metadata names them a moment before they
/// are ready; of batches that go out behind each other then, the first may be refused and stored as the last.
async fn led<A: Adapter>(
    client: &On<A>,
    topic: &str,
    partitions: impl IntoIterator<Item = i32> + Send,
) {
    let ask = client.admin().list_offsets(topic.to_owned(), partitions, Position::Latest);
    soon(On::<A>::future(ask)).await.expect("leaders");
}

/// What a reader sees of these records, stored in this order in an empty partition.
fn stored(samples: &[Record], partition: i32) -> Vec<Seen> {
    let text = |bytes: &Bytes| String::from_utf8_lossy(bytes).into_owned();
    let seen = samples.iter().enumerate().map(|(n, sample)| Seen {
        partition,
        offset: n as i64,
        timestamp: sample.timestamp.expect("each has one"),
        key: sample.key.as_ref().map(text),
        value: sample.value.as_ref().map(text),
        headers: sample
            .headers
            .iter()
            .map(|header| (header.key.as_str().to_owned(), header.value.as_ref().map(text)))
            .collect(),
    });
    seen.collect()
}

/// What there is: the brokers, a topic that was created by its use, and one that was not.
pub fn metadata<A: Adapter>(config: Config, partitions: usize) {
    with_client::<A, Client>(config, async |client| {
        let topic = format!("metadata-{}", A::NAME);
        let ask = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            On::<A>::future(client.admin().topics(names))
        };
        let missing = soon(ask(&[&topic])).await.unwrap();
        assert_eq!(missing.topics[0].error, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
        let send = client.producer(topic.clone()).send(Record::value("creates it"));
        soon(On::<A>::future(send)).await.unwrap();
        let cluster = soon(ask(&[&topic])).await.unwrap();
        assert_eq!(cluster.brokers.len(), 1);
        assert!(cluster.cluster_id.is_some() && cluster.controller.is_some());
        let found = &cluster.topics[0];
        assert_eq!((found.name.as_str(), found.error), (topic.as_str(), ErrorCode(0)));
        assert_eq!(found.partitions.len(), partitions);
        for (number, partition) in found.partitions.iter().enumerate() {
            assert_eq!(partition.partition, number as i32);
            assert_eq!(partition.leader, Some(cluster.brokers[0].id));
            assert_eq!(partition.in_sync[..], [cluster.brokers[0].id]);
        }
        let all = soon(On::<A>::future(client.admin().cluster())).await.unwrap();
        assert!(all.topics.iter().any(|known| known.name.as_str() == topic));
    });
}

/// A reader finds what was sent from wherever it begins, and the offsets say the same.
pub fn positions<A: Adapter>(config: Config) {
    with_client::<A, Client>(config, async |client| {
        let topic = format!("positions-{}", A::NAME);
        let producer = client.producer(topic.clone());
        for n in 0..30 {
            let record = Record::value(n.to_string()).to_partition(1).timestamp(1_000 + n);
            soon(On::<A>::future(producer.send(record))).await.unwrap();
        }
        for (from, first) in
            [(Position::Earliest, 0), (Position::Offset(17), 17), (Position::Timestamp(1_021), 21)]
        {
            let mut batches = client.consumer().read(topic.clone(), [1], from);
            soon(On::<A>::registered(&mut batches)).await.unwrap();
            let seen = take::<A>(&mut batches, 30 - first).await;
            let offsets: Vec<_> = seen.iter().map(|record| record.offset as usize).collect();
            assert_eq!(offsets, (first..30).collect::<Vec<_>>(), "from {from:?}");
            assert_eq!(seen[0].value, Some(first.to_string()));
        }
        let mut latest = client.consumer().read(topic.clone(), [1], Position::Latest);
        soon(On::<A>::registered(&mut latest)).await.unwrap();
        let record = Record::value("news").to_partition(1);
        soon(On::<A>::future(producer.send(record))).await.unwrap();
        let news = take::<A>(&mut latest, 1).await;
        assert_eq!((news[0].offset, news[0].value.as_deref()), (30, Some("news")));

        for (at, offset) in [
            (Position::Earliest, Some(0)),
            (Position::Latest, Some(31)),
            (Position::Timestamp(1_005), Some(5)),
            (Position::Timestamp(i64::MAX), None),
        ] {
            let ask = client.admin().list_offsets(topic.clone(), [1], at);
            let found = soon(On::<A>::future(ask)).await.unwrap();
            assert_eq!((found[0].partition, found[0].offset), (1, offset), "{at:?}");
        }
    });
}

/// A broker holds a read back until there is something, or until the time is up.
pub fn long_poll<A: Adapter>(config: Config) {
    with_client::<A, Client>(config, async |client| {
        let topic = format!("poll-{}", A::NAME);
        let producer = client.producer(topic.clone());
        soon(On::<A>::future(producer.send(Record::value("0").to_partition(0)))).await.unwrap();
        let fetch = |offset, wait| {
            let (topic, max_bytes, min_bytes) = (topic.as_str().into(), 1 << 20, 1);
            let max_wait = Duration::from_millis(wait);
            let fetch = FetchOnce { topic, partition: 0, offset, max_bytes, min_bytes, max_wait };
            On::<A>::future(client.consumer().fetch(fetch))
        };
        let began = Instant::now();
        let nothing = soon(fetch(1, 400)).await.unwrap();
        assert!(nothing.batches.is_empty() && began.elapsed() >= Duration::from_millis(390));
        assert_eq!((nothing.high_watermark, nothing.next_offset), (1, 1));

        let began = Instant::now();
        let sent = async {
            async_io::Timer::after(Duration::from_millis(200)).await;
            soon(On::<A>::future(producer.send(Record::value("1").to_partition(0)))).await.unwrap();
        };
        let (found, ()) = join(soon(fetch(1, 30_000)), sent).await;
        assert_eq!(found.unwrap().next_offset, 2);
        assert!(began.elapsed() < Duration::from_secs(20), "it came when there was something");

        let beyond = soon(fetch(100, 100)).await;
        assert_eq!(beyond.unwrap_err().code(), Some(ErrorCode::OFFSET_OUT_OF_RANGE));
    });
}

/// Records by key keep their partition and order; those without are spread. Many at once, and large.
pub fn load<A: Adapter>(setup: impl Into<Setup<Config>>) {
    with_client::<A, Client>(setup, async |client| {
        let topic = format!("load-{}", A::NAME);
        let producer = client.producer(topic.clone());
        led::<A>(client, &topic, 0..3).await;
        let record = |n: usize| Record::keyed(format!("key {}", n % 7), n.to_string());
        let sends = (0..3000).map(|n| On::<A>::future(producer.send(record(n))));
        let stored = soon(join_all(sends)).await;
        let mut places = BTreeMap::new();
        for (n, stored) in stored.into_iter().enumerate() {
            let partition = stored.unwrap().partition;
            assert_eq!(*places.entry(n % 7).or_insert(partition), partition, "record {n}");
        }
        let large = vec![b'x'; 900_000];
        let send = producer.send(Record::keyed("large", large.clone()).to_partition(0));
        soon(On::<A>::future(send)).await.unwrap();
        let mut batches = client.consumer().read(topic, 0..3, Position::Earliest);
        let seen = take::<A>(&mut batches, 3001).await;
        let mut last = BTreeMap::new();
        for record in seen {
            let key = record.key.expect("a key");
            let value = record.value.expect("a value");
            if key == "large" {
                assert_eq!(value.len(), large.len());
                continue;
            }
            let n: i64 = value.parse().unwrap();
            let before = last.insert(key, n).unwrap_or(-1);
            assert!(before < n, "{n} came after {before}");
        }
        assert_eq!(last.len(), 7);
        assert!(places.values().any(|partition| *partition != places[&0]), "{places:?}");
    });
}

/// What is not there, or not allowed, is an error that says so.
pub fn errors<A: Adapter>(mut config: Config) {
    config.allow_auto_create_topics = false;
    config.unknown_topic_retries = 2;
    with_client::<A, Client>(config, async |client| {
        let missing = format!("missing-{}", A::NAME);
        let send = client.producer(missing.clone()).send(Record::value("x"));
        let error = soon(On::<A>::future(send)).await.unwrap_err();
        assert_eq!(error.code(), Some(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION), "{error}");
        let mut batches = client.consumer().read(missing.clone(), [0], Position::Earliest);
        let error = soon(On::<A>::registered(&mut batches)).await.unwrap_err();
        assert_eq!(error.code(), Some(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION), "{error}");
        let ask = client.admin().list_offsets(missing, [0], Position::Latest);
        let error = soon(On::<A>::future(ask)).await.unwrap_err();
        assert_eq!(error.code(), Some(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION), "{error}");
        let send = client.producer("not a name!".to_owned()).send(Record::value("x"));
        let error = soon(On::<A>::future(send)).await.unwrap_err();
        assert_eq!(error.code(), Some(ErrorCode::INVALID_TOPIC_EXCEPTION), "{error}");
    });
}

/// Futures and subscriptions that are dropped at any moment harm nobody; what was sent is stored all the
/// same.
pub fn dropped<A: Adapter>(config: Config) {
    with_client::<A, Client>(config, async |client| {
        let topic = format!("dropped-{}", A::NAME);
        let producer = client.producer(topic.clone());
        let record = || Record::value("x").to_partition(0);
        soon(On::<A>::future(producer.send(record()))).await.unwrap();
        for n in 0..200 {
            let _ = Box::pin(On::<A>::future(producer.send(record()))).as_mut().now_or_never();
            let mut batches = client.consumer().read(topic.clone(), [0], Position::Earliest);
            if n % 20 == 0 {
                let _ = within(Duration::from_millis(2), On::<A>::next(&mut batches)).await;
            }
        }
        let mut batches = client.consumer().read(topic, [0], Position::Earliest);
        take::<A>(&mut batches, 201).await;
    });
}

/// Whatever waits when a client is closed ends, and so does what is asked for later.
pub fn closing<A: Adapter>(mut config: Config) {
    config.linger = AMPLE;
    with_client::<A, Client>(config, async |client| {
        let topic = format!("closing-{}", A::NAME);
        let producer = client.producer(topic.clone());
        let mut batches = client.consumer().read(topic.clone(), [0], Position::Latest);
        soon(On::<A>::registered(&mut batches)).await.unwrap();
        let ended: Error = Failure::ShutDown.into();
        let record = || Record::value("x").to_partition(0);
        let sends = join_all((0..100).map(|_| On::<A>::future(producer.send(record()))));
        let (ends, ()) = soon(join(sends, A::close(client))).await;
        assert!(ends.iter().all(|end| *end == Err(ended.clone())), "{ends:?}");
        assert_eq!(soon(On::<A>::future(producer.send(record()))).await, Err(ended));
        while soon(On::<A>::next(&mut batches)).await.is_some() {}
    });
}

/// The broker goes away and comes back by `restart`: the client finds it again, and a subscription goes on
/// where it was.
pub fn restart<A: Adapter>(config: Config, restart: impl FnOnce()) {
    with_client::<A, Client>(config, async |client| {
        let topic = format!("restart-{}", A::NAME);
        let producer = client.producer(topic.clone());
        let record = |n: i32| Record::value(n.to_string()).to_partition(0);
        for n in 0..10 {
            soon(On::<A>::future(producer.send(record(n)))).await.unwrap();
        }
        let mut batches = client.consumer().read(topic.clone(), [0], Position::Earliest);
        take::<A>(&mut batches, 10).await;
        restart();
        until("the client is connected again", || {
            A::with(client, |engine, _| engine.cluster().leader(&topic, 0).is_some())
        })
        .await;
        for n in 10..20 {
            soon(On::<A>::future(producer.send(record(n)))).await.unwrap();
        }
        let seen = take::<A>(&mut batches, 10).await;
        let values: Vec<_> = seen.into_iter().filter_map(|record| record.value).collect();
        assert_eq!(values, (10..20).map(|n| n.to_string()).collect::<Vec<_>>());
    });
}
