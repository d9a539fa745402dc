//! A near cache's hit, beside its floor: finding and cloning the value in a hash map under a lock of the
//! same kind.
//!
//! A hit is all that the caller pays: from `map.get(key)` to the value, on tokio by polling the future once,
//! on mio by waiting.

use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use criterion::{Criterion, criterion_group, criterion_main};
use gridwire_core::hazelcast::{
    Config, InMemoryFormat, MemberConfig, NearCacheConfig, NearCachedMap, Structures,
};
use gridwire_core::rng::KeyedHash;
use gridwire_tokio::testing::Member;

/// Records that the near cache has.
const RECORDS: i64 = 1_000;

fn config(member: &Member, format: InMemoryFormat) -> Config {
    let mut near = NearCacheConfig::new("default");
    near.in_memory_format = format;
    // Who tells of changes doesn't matter for a hit.
    near.invalidate_on_change = false;
    let mut config = Config::new([member.target()]);
    config.near_caches.push(near);
    config
}

/// The value of a future that is ready.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it is no hit"),
    }
}

fn keys() -> impl Iterator<Item = (i64, String)> {
    (0..RECORDS).map(|key| (key, format!("user:{key}")))
}

fn floor(c: &mut Criterion) {
    let mut group = c.benchmark_group("near cache: floor");
    let mut numbers = hashbrown::HashMap::with_hasher(KeyedHash::new(7));
    let mut texts = hashbrown::HashMap::with_hasher(KeyedHash::new(7));
    for (number, text) in keys() {
        numbers.insert(number, number);
        texts.insert(text, number);
    }
    let (numbers, texts) = (spin::RwLock::new(numbers), spin::RwLock::new(texts));
    group.bench_function("i64", |b| b.iter(|| numbers.read().get(black_box(&7)).copied()));
    group.bench_function("text", |b| b.iter(|| texts.read().get(black_box("user:7")).copied()));
    group.finish();
}

fn hits(c: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let guard = runtime.enter();
    let member = Member::on_loopback(MemberConfig::default()).expect("a member");
    for format in [InMemoryFormat::Object, InMemoryFormat::Binary] {
        let mut group = c.benchmark_group(format!("near cache: {format:?}"));
        let client = runtime
            .block_on(gridwire_tokio::HazelcastClient::connect(config(&member, format)))
            .expect("connected");
        let numbers: NearCachedMap<i64, i64, _> =
            runtime.block_on(client.near_cached_map("numbers")).expect("a map");
        let texts: NearCachedMap<String, i64, _> =
            runtime.block_on(client.near_cached_map("texts")).expect("a map");
        runtime.block_on(async {
            for (number, text) in keys() {
                numbers.get(&number).await.expect("an answer");
                texts.get(&text).await.expect("an answer");
            }
        });
        group.bench_function("tokio, i64", |b| b.iter(|| now(numbers.get(black_box(&7)))));
        group.bench_function("tokio, text", |b| b.iter(|| now(texts.get(black_box("user:7")))));

        let client = gridwire_mio::HazelcastClient::connect(config(&member, format));
        let client = client.expect("connected");
        let numbers: NearCachedMap<i64, i64, _> =
            client.near_cached_map("numbers").wait().expect("a map");
        for (number, _) in keys() {
            numbers.get(&number).wait().expect("an answer");
        }
        group.bench_function("mio, i64", |b| b.iter(|| numbers.get(black_box(&7)).wait()));
        group.finish();
    }
    drop(guard);
}

criterion_group!(benches, floor, hits);
criterion_main!(benches);
