//! Kafka: records sent by many lanes with all acknowledgements, and read by a subscription meanwhile.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::{Either, join, select};
use gridwire_core::invoker::{AsyncInvoker, Delivered};
use gridwire_core::kafka::{FetchedBatch, Kafka, KafkaExt, PartitionOffset, Position, Record};

use super::{Amount, Meter, Tally, in_lanes};

/// The partitions of the topic.
const PARTITIONS: [i32; 3] = [0, 1, 2];

/// How long what was acknowledged may take to reach the reader.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a lane sends beside which key. A reader can tell from the key alone.
fn value(key: &str) -> String {
    format!("what belongs to {key}: größer als nötig, 和気")
}

/// A record's place: partition and offset.
type Places = RefCell<BTreeSet<(i32, i64)>>;

/// Works on a topic of three partitions, which must be this run's own and empty. An operation is a
/// record sent, or a question; what is read is checked and not counted.
pub async fn run<I: AsyncInvoker<Family = Kafka>>(
    client: &I,
    topic: &str,
    amount: Amount,
) -> Tally {
    let meter = Meter::default();
    let (sent, read) = (Places::default(), Places::default());
    let mut batches = client.consumer().read(topic.to_owned(), PARTITIONS, Position::Earliest);
    if meter.run("subscribe", I::registered(&mut batches)).await.is_none() {
        return meter.finish();
    }
    let reader = async {
        loop {
            match I::next(&mut batches).await {
                Some(Ok(Delivered::Item(batch))) => check(&batch, &read, &meter),
                other => return meter.check(false, || format!("no batch but {other:?}")),
            }
        }
    };
    let writer = async {
        write(client, topic, amount, &meter, &sent).await;
        // The reader was told of nothing: it has as long as this to find everything.
        let deadline = std::time::Instant::now() + PATIENCE;
        while read.borrow().len() < sent.borrow().len() && std::time::Instant::now() < deadline {
            async_io::Timer::after(Duration::from_millis(1)).await;
        }
    };
    match select(std::pin::pin!(reader), std::pin::pin!(writer)).await {
        // The reader ends only when something is wrong.
        Either::Left(((), writer)) => writer.await,
        Either::Right(((), _)) => {}
    }
    let (sent, read) = (sent.into_inner(), read.into_inner());
    let (lost, unknown) = (sent.difference(&read).count(), read.difference(&sent).count());
    meter.check(lost == 0, || format!("{lost} of {} records were not read", sent.len()));
    meter.check(unknown == 0, || format!("{unknown} records were read that nobody sent"));
    compare_offsets(client, topic, &sent, &meter).await;
    meter.finish()
}

async fn write<I: AsyncInvoker<Family = Kafka>>(
    client: &I,
    topic: &str,
    amount: Amount,
    meter: &Meter,
    sent: &Places,
) {
    let producer = &client.producer(topic.to_owned());
    in_lanes(amount, |lane, round| async move {
        let key = format!("{lane}/{round}");
        let mut record = Record::keyed(key.clone(), value(&key)).header("lane", None);
        // Every third to a partition that is named, the others by their key.
        let named = (round % 3 == 0).then_some(PARTITIONS[lane % PARTITIONS.len()]);
        record.partition = named;
        let Some(stored) = meter.run("send", I::future(producer.send(record))).await else {
            return;
        };
        let place = stored.offset.map(|offset| (stored.partition, offset));
        let fresh = place.is_some_and(|place| sent.borrow_mut().insert(place));
        let there = named.is_none_or(|partition| partition == stored.partition);
        meter.check(fresh && there, || format!("{key} was stored at {stored:?}"));
    })
    .await;
}

/// Every record is what its key says, and comes once.
fn check(batch: &FetchedBatch, read: &Places, meter: &Meter) {
    for record in batch.records() {
        let key = String::from_utf8_lossy(record.key.unwrap_or_default());
        let same = record.value == Some(value(&key).as_bytes()) && record.headers.len() == 1;
        let fresh = read.borrow_mut().insert((batch.partition(), record.offset));
        meter.check(same && fresh, || format!("read {record:?} from {}", batch.partition()));
    }
}

/// The partitions begin at 0 and end where the last record was stored.
async fn compare_offsets<I: AsyncInvoker<Family = Kafka>>(
    client: &I,
    topic: &str,
    sent: &BTreeSet<(i32, i64)>,
    meter: &Meter,
) {
    let ask = |at| client.admin().list_offsets(topic.to_owned(), PARTITIONS, at);
    let (first, next) = join(
        meter.run("list offsets", I::future(ask(Position::Earliest))),
        meter.run("list offsets", I::future(ask(Position::Latest))),
    )
    .await;
    let offsets = |found: Option<Vec<PartitionOffset>>| -> Vec<_> {
        found.into_iter().flatten().map(|of| (of.partition, of.offset)).collect()
    };
    let count = |partition| sent.iter().filter(|(of, _)| *of == partition).count() as i64;
    let ends = PARTITIONS.map(|partition| (partition, Some(count(partition))));
    let (first, next) = (offsets(first), offsets(next));
    meter.check(first == PARTITIONS.map(|partition| (partition, Some(0))), || {
        format!("the partitions begin at {first:?}")
    });
    meter.check(next == ends, || format!("the partitions end at {next:?}, expected {ends:?}"));
}
