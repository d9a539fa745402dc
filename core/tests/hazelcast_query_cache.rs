//! Query caches against members that are scripts.
#![cfg(feature = "hazelcast")]

#[path = "hazelcast/query_cache_losses.rs"]
mod losses;
#[path = "hazelcast/mod.rs"]
mod world;

use std::time::Duration;

use gridwire_core::call::{Call, Caller, ClientEvent, Opener, SubscriptionId, Ticket, Unopened};
use gridwire_core::endpoint::{Cause, Endpoint, Input};
use gridwire_core::hazelcast::error::ErrorCode;
use gridwire_core::hazelcast::message::client::*;
use gridwire_core::hazelcast::message::continuous_query::*;
use gridwire_core::hazelcast::message::custom::QueryCacheEventData;
use gridwire_core::hazelcast::message::map::{
    EntriesWithPredicate, EntriesWithPredicateResponse, KeySetWithPredicate,
    KeySetWithPredicateResponse, RemoveEntryListener, Size, SizeResponse,
};
use gridwire_core::hazelcast::query::attr;
use gridwire_core::hazelcast::{
    Answer, Data, Error, Hazelcast, Map, QueryCache, QueryCacheConfig, QueryCacheEvent, Structures,
    Uuid,
};
use gridwire_core::invoker::Detached;
use gridwire_core::partition::hazelcast_partition;
use world::codec;
use world::script::{MEMBER, Script, accepted, one};

type Cache = QueryCache<i64, i64, Detached<Hazelcast>>;
type Made = Call<Hazelcast, Cache>;

const ADDED: i32 = 1;
const REMOVED: i32 = 2;
const UPDATED: i32 = 4;

fn data(value: i64) -> Data {
    codec().to_data(&value).unwrap()
}

/// A member with a map, and the ids of what the client asked it for.
struct Served {
    script: Script,
    /// The listener's correlation id.
    listener: i64,
    /// What the publisher is called.
    name: String,
}

fn map(script: &Script) -> Map<i64, i64, Detached<Hazelcast>> {
    Detached::new(script.client.codec()).map("ages")
}

fn made(script: &Script, config: &QueryCacheConfig) -> Made {
    map(script).query_cache(&attr("this").gt(10), config)
}

impl Served {
    /// Connected, and asked for a query cache.
    fn asked(config: &QueryCacheConfig) -> (Self, Ticket, Opener<Hazelcast, Answer, Cache>) {
        let mut script = Script::connected(one());
        let Call { order, opener } = made(&script, config);
        let ticket = script.client.submit(script.now, order);
        script.drain();
        let (id, create) = script.expect::<CreateProxy>();
        assert_eq!((&*create.name, &*create.service_name), ("ages", "hz:impl:mapService"));
        script.answer(id, &CreateProxyResponse {});
        (Self { script, listener: 0, name: String::new() }, ticket, opener)
    }

    /// Answers up to the query, and gives the query's id.
    fn publish(&mut self) {
        self.create();
        let (id, publish) = self.script.expect::<MadePublishable>();
        assert_eq!(*publish.cache_name, *self.name);
        self.script.answer(id, &MadePublishableResponse { response: true });
    }

    fn create(&mut self) {
        let (id, listener) = self.script.expect::<AddListener>();
        assert!(listener.local_only);
        assert!(!self.script.has_sent::<PublisherCreateWithValue>(), "it is heard first");
        self.script.answer(id, &AddListenerResponse { response: Uuid::new(4, 4) });
        (self.listener, self.name) = (id, listener.listener_name.to_string());
        let (id, create) = self.script.expect::<PublisherCreateWithValue>();
        assert_eq!((&*create.map_name, create.populate), ("ages", false));
        assert_eq!(*create.cache_name, *self.name);
        let entries = Vec::new();
        self.script.answer(id, &PublisherCreateWithValueResponse { response: entries });
    }

    fn fill(&mut self, entries: &[(i64, i64)]) {
        let (id, query) = self.script.expect::<EntriesWithPredicate>();
        assert_eq!(*query.name, *"ages");
        let response = entries.iter().map(|(key, value)| (data(*key), data(*value))).collect();
        self.script.answer(id, &EntriesWithPredicateResponse { response });
    }

    fn event(&mut self, kind: i32, sequence: i64, key: i64, value: i64) {
        let data = QueryCacheEventData {
            data_key: Some(data(key)),
            data_new_value: Some(data(value)),
            sequence,
            event_type: kind,
            partition_id: partition(key),
            map_name: "ages".into(),
        };
        self.script.event(self.listener, &QueryCacheSingleEvent { data });
    }

    fn end_of_sequence(&mut self, key: i64) {
        let data = QueryCacheEventData {
            data_key: None,
            data_new_value: None,
            sequence: -1,
            event_type: 0,
            partition_id: partition(key),
            map_name: "ages".into(),
        };
        self.script.event(self.listener, &QueryCacheSingleEvent { data });
    }

    /// Lets so much time pass.
    fn pass(&mut self, time: Duration) {
        let until = self.script.now + time;
        while self.script.client.deadline().is_some_and(|at| at <= until) {
            self.script.wait();
        }
        self.script.now = until;
    }

    fn heard(&self, id: SubscriptionId) -> Vec<QueryCacheEvent<i64, i64>> {
        let cache_opener = |event: &world::Event| match event {
            ClientEvent::Item(of, item) if *of == id => Some(item.clone()),
            _ => None,
        };
        let items: Vec<_> = self.script.events.iter().filter_map(cache_opener).collect();
        items.iter().map(|item| Self::opener()(item)).collect()
    }

    fn opener() -> impl Fn(&gridwire_core::hazelcast::Item) -> QueryCacheEvent<i64, i64> + use<> {
        use gridwire_core::hazelcast::CacheChange;
        let codec = codec();
        let value = move |data: &Data| codec.to_value::<i64>(data).unwrap();
        move |item| {
            let gridwire_core::hazelcast::Item::QueryCache(change) = item else {
                panic!("{item:?}")
            };
            match &**change {
                CacheChange::Added { key, value: of } => {
                    QueryCacheEvent::Added { key: value(key), value: of.as_ref().map(&value) }
                }
                CacheChange::Updated { key, value: of, old } => QueryCacheEvent::Updated {
                    key: value(key),
                    value: of.as_ref().map(&value),
                    old_value: old.as_ref().map(&value),
                },
                CacheChange::Removed { key, old } => QueryCacheEvent::Removed {
                    key: value(key),
                    old_value: old.as_ref().map(&value),
                },
                CacheChange::Lost(partition) => QueryCacheEvent::Lost { partition: *partition },
                CacheChange::Refreshed => QueryCacheEvent::Refreshed,
                CacheChange::Full => QueryCacheEvent::Full,
                other => panic!("{other:?}"),
            }
        }
    }
}

fn partition(key: i64) -> i32 {
    hazelcast_partition(data(key).partition_hash(), 271).cast_signed()
}

fn opened(
    served: &Served,
    ticket: Ticket,
    opener: &Opener<Hazelcast, Answer, Cache>,
) -> Result<Cache, Error> {
    let answer = served.script.done(ticket).expect("it has ended")?;
    opener.open(&answer, &codec()).map_err(|unopened| match unopened {
        Unopened::Failed(error) => error,
        Unopened::Needs(need) => panic!("{need:?}"),
    })
}

/// A cache with these entries.
fn filled(config: &QueryCacheConfig, entries: &[(i64, i64)]) -> (Served, Cache) {
    let (mut served, ticket, opener) = Served::asked(config);
    served.publish();
    served.fill(entries);
    let cache = opened(&served, ticket, &opener).unwrap();
    (served, cache)
}

fn sorted(cache: &Cache) -> Vec<(i64, i64)> {
    let mut entries = cache.entries().unwrap();
    entries.sort_unstable();
    entries
}

#[test]
fn it_is_heard_before_it_is_filled_and_kept_up_to_date() {
    let (mut served, ticket, opener) = Served::asked(&QueryCacheConfig::default());
    served.publish();
    served.event(UPDATED, 1, 1, 100);
    served.event(REMOVED, 1, 2, 5);
    assert!(served.script.done(ticket).is_none());
    served.fill(&[(1, 11), (2, 12), (3, 13)]);
    let cache = opened(&served, ticket, &opener).unwrap();
    assert_eq!(sorted(&cache), [(1, 100), (3, 13)]);
    assert!(cache.is_fresh() && cache.is_complete() && !cache.is_empty());
    assert_eq!(cache.map_name(), "ages");

    let listen = cache.listen();
    let (_, events) = served.script.client.subscribe(served.script.now, listen.listen);
    served.event(ADDED, 1, 4, 14);
    served.event(UPDATED, 2, 4, 15);
    served.event(REMOVED, 3, 4, 1);
    assert_eq!(sorted(&cache), [(1, 100), (3, 13)]);
    served.event(ADDED, 4, 4, 16);
    assert_eq!(cache.get(&4).unwrap(), Some(16));
    assert_eq!(cache.get(&5).unwrap(), None);
    assert_eq!((cache.contains_key(&4).unwrap(), cache.contains_key(&5).unwrap()), (true, false));
    assert_eq!(
        served.heard(events),
        [
            QueryCacheEvent::Added { key: 4, value: Some(14) },
            QueryCacheEvent::Updated { key: 4, value: Some(15), old_value: Some(14) },
            QueryCacheEvent::Removed { key: 4, old_value: Some(15) },
            QueryCacheEvent::Added { key: 4, value: Some(16) },
        ]
    );

    // Several at once, of one partition.
    let of = |sequence, value| QueryCacheEventData {
        data_key: Some(data(4)),
        data_new_value: Some(data(value)),
        sequence,
        event_type: UPDATED,
        partition_id: partition(4),
        map_name: "ages".into(),
    };
    let batch = QueryCacheBatchEvent {
        events: vec![of(5, 17), of(6, 18)],
        source: "[127.0.0.1]:5701".into(),
        partition_id: partition(4),
    };
    served.script.event(served.listener, &batch);
    assert_eq!(cache.get(&4).unwrap(), Some(18));
}

#[test]
fn keys_alone_and_from_now_on() {
    let mut config = QueryCacheConfig::default();
    (config.include_value, config.populate) = (false, false);
    let (mut served, ticket, opener) = Served::asked(&config);
    let (id, listener) = served.script.expect::<AddListener>();
    served.script.answer(id, &AddListenerResponse { response: Uuid::new(4, 4) });
    (served.listener, served.name) = (id, listener.listener_name.to_string());
    let (id, _) = served.script.expect::<PublisherCreate>();
    served.script.answer(id, &PublisherCreateResponse { response: Vec::new() });
    let (id, _) = served.script.expect::<MadePublishable>();
    served.script.answer(id, &MadePublishableResponse { response: true });
    assert!(!served.script.has_sent::<KeySetWithPredicate>());
    let cache = opened(&served, ticket, &opener).unwrap();
    served.event(ADDED, 1, 7, 0);
    assert_eq!(cache.keys().unwrap(), [7]);
    assert!(matches!(cache.get(&7), Err(Error::Misuse(_))));
    assert!(matches!(cache.entries(), Err(Error::Misuse(_))));

    config.populate = true;
    let (mut served, ticket, opener) = Served::asked(&config);
    let (id, _) = served.script.expect::<AddListener>();
    served.script.answer(id, &AddListenerResponse { response: Uuid::new(4, 4) });
    let (id, _) = served.script.expect::<PublisherCreate>();
    served.script.answer(id, &PublisherCreateResponse { response: Vec::new() });
    let (id, _) = served.script.expect::<MadePublishable>();
    served.script.answer(id, &MadePublishableResponse { response: true });
    let (id, _) = served.script.expect::<KeySetWithPredicate>();
    served.script.answer(id, &KeySetWithPredicateResponse { response: vec![data(1), data(2)] });
    let cache = opened(&served, ticket, &opener).unwrap();
    assert_eq!(cache.len(), 2);
}

#[test]
fn members_are_told_how_to_publish() {
    let mut config = QueryCacheConfig::default();
    (config.batch_size, config.buffer_size, config.delay_seconds) = (50, 20, 3);
    config.coalesce = true;
    let (mut served, ..) = Served::asked(&config);
    let (id, _) = served.script.expect::<AddListener>();
    served.script.answer(id, &AddListenerResponse { response: Uuid::new(4, 4) });
    let (_, create) = served.script.expect::<PublisherCreateWithValue>();
    assert_eq!((create.batch_size, create.buffer_size, create.delay_seconds), (20, 20, 3));
    assert!(create.coalesce);
}

#[test]
fn destroyed_it_leaves_nothing() {
    let (mut served, cache) = filled(&QueryCacheConfig::default(), &[(1, 11)]);
    let listen = cache.listen();
    let (_, events) = served.script.client.subscribe(served.script.now, listen.listen);
    let Call { order, .. } = cache.destroy();
    let ticket = served.script.client.submit(served.script.now, order);
    served.script.drain();
    let (_, removed) = served.script.expect::<RemoveEntryListener>();
    assert_eq!(*removed.name, *served.name);
    let (id, destroyed) = served.script.expect::<DestroyCache>();
    assert_eq!(*destroyed.cache_name, *served.name);
    served.script.answer(id, &DestroyCacheResponse { response: true });
    assert!(matches!(served.script.done(ticket), Some(Ok(_))));
    assert!(matches!(cache.get(&1), Err(Error::Misuse(_))));
    assert!(cache.is_empty() && !cache.is_fresh());
    let is_end =
        |event: &world::Event| matches!(event, ClientEvent::Ended(id, Ok(())) if *id == events);
    assert!(served.script.events.iter().any(is_end));
    served.event(ADDED, 1, 2, 12);
    served.script.close(Cause::Reset);
    served.pass(Duration::from_secs(5));
    assert!(!served.script.has_sent::<AddListener>());
}

#[test]
fn one_whose_handles_are_gone_is_followed_no_more() {
    let (mut served, cache) = filled(&QueryCacheConfig::default(), &[(1, 11)]);
    drop(cache);
    served.event(UPDATED, 1, 1, 12);
    let (_, removed) = served.script.expect::<RemoveEntryListener>();
    assert_eq!(*removed.name, *served.name);
}

#[test]
fn one_that_nobody_waits_for_is_taken_back() {
    // Before there is a publisher.
    let (mut served, ticket, _opener) = Served::asked(&QueryCacheConfig::default());
    let (id, _) = served.script.expect::<AddListener>();
    served.script.client.cancel(served.script.now, ticket);
    served.script.drain();
    served.script.answer(id, &AddListenerResponse { response: Uuid::new(4, 4) });
    served.script.expect::<RemoveEntryListener>();
    assert!(!served.script.has_sent::<PublisherCreateWithValue>());

    let (mut served, ticket, _opener) = Served::asked(&QueryCacheConfig::default());
    served.create();
    served.script.client.cancel(served.script.now, ticket);
    served.script.drain();
    let (id, _) = served.script.expect::<MadePublishable>();
    served.script.answer(id, &MadePublishableResponse { response: true });
    served.fill(&[(1, 11)]);
    served.script.expect::<RemoveEntryListener>();
    let (_, destroyed) = served.script.expect::<DestroyCache>();
    assert_eq!(*destroyed.cache_name, *served.name);
}

/// A refresh that nobody waits for any more is carried to its end, since members have begun with it.
#[test]
fn a_refresh_that_nobody_waits_for_leaves_one_publisher() {
    let refused = ErrorCode::ILLEGAL_ARGUMENT.0;
    for is_refused in [false, true] {
        let (mut served, cache) = filled(&QueryCacheConfig::default(), &[(1, 11)]);
        let former = served.name.clone();
        let ticket = served.script.submit(cache.refresh());
        served.create();
        served.script.client.cancel(served.script.now, ticket);
        served.script.drain();
        let (id, publish) = served.script.expect::<MadePublishable>();
        let gone = if is_refused {
            served.script.error(id, refused);
            publish.cache_name
        } else {
            served.script.answer(id, &MadePublishableResponse { response: true });
            served.fill(&[(1, 12)]);
            assert_eq!(sorted(&cache), [(1, 12)]);
            former.into()
        };
        let (_, removed) = served.script.expect::<RemoveEntryListener>();
        assert_eq!(removed.name, gone);
        let (id, destroyed) = served.script.expect::<DestroyCache>();
        assert_eq!(destroyed.cache_name, gone);
        served.script.answer(id, &DestroyCacheResponse { response: true });
        assert_ne!(cache.publisher().unwrap(), gone);
        let load = served.script.client.load();
        assert_eq!((load.calls, load.requests, load.subscriptions), (0, 0, 1));
    }
}

/// The listener stands, and the publisher waits its turn: the listener is removed nevertheless.
#[test]
fn one_that_nobody_waits_for_while_it_waits_its_turn_is_taken_back() {
    let mut limited = one();
    limited.max_concurrent_invocations = 1;
    limited.invocation_backoff_timeout = Some(Duration::from_secs(60));
    let mut script = Script::connected(limited);
    let config = QueryCacheConfig::default();
    let Call { order, opener: _opener } = made(&script, &config);
    let ticket = script.client.submit(script.now, order);
    script.drain();
    let (id, _) = script.expect::<CreateProxy>();
    script.answer(id, &CreateProxyResponse {});
    let (listener, _) = script.expect::<AddListener>();
    // Whatever is above the limit waits for this one.
    let other = map(&script).size();
    script.submit(other);
    script.answer(listener, &AddListenerResponse { response: Uuid::new(4, 4) });
    assert!(!script.has_sent::<PublisherCreateWithValue>());
    script.client.cancel(script.now, ticket);
    script.drain();
    let (id, _) = script.expect::<Size>();
    script.answer(id, &SizeResponse { response: 0 });
    let mut served = Served { script, listener, name: String::new() };
    if served.script.has_sent::<PublisherCreateWithValue>() {
        let (id, create) = served.script.expect::<PublisherCreateWithValue>();
        served.name = create.cache_name.to_string();
        let response = Vec::new();
        served.script.answer(id, &PublisherCreateWithValueResponse { response });
        let (id, _) = served.script.expect::<MadePublishable>();
        served.script.answer(id, &MadePublishableResponse { response: true });
        served.fill(&[]);
        let (id, _) = served.script.expect::<DestroyCache>();
        served.script.answer(id, &DestroyCacheResponse { response: true });
    }
    served.script.expect::<RemoveEntryListener>();
    let load = served.script.client.load();
    assert_eq!((load.calls, load.requests, load.subscriptions), (0, 0, 0));
}

#[test]
fn that_there_is_no_room_is_told_once() {
    let mut config = QueryCacheConfig::default();
    config.max_entries = 2;
    let (mut served, cache) = filled(&config, &[(1, 11)]);
    let listen = cache.listen();
    let (_, events) = served.script.client.subscribe(served.script.now, listen.listen);
    served.script.submit(cache.refresh());
    served.publish();
    served.fill(&[(1, 11), (2, 12), (3, 13)]);
    assert!(!cache.is_complete());
    served.event(ADDED, 1, 4, 14);
    assert_eq!(served.heard(events), [QueryCacheEvent::Refreshed, QueryCacheEvent::Full]);
    assert_eq!(cache.len(), 2);
}

#[test]
fn an_event_of_no_partition_ends_the_connection() {
    let (mut served, _cache) = filled(&QueryCacheConfig::default(), &[]);
    let data = QueryCacheEventData {
        data_key: None,
        data_new_value: None,
        sequence: 1,
        event_type: 64,
        partition_id: 271,
        map_name: "ages".into(),
    };
    served.script.event(served.listener, &QueryCacheSingleEvent { data });
    assert!(served.script.notes().contains("partition"), "{}", served.script.notes());
    assert!(!served.script.client.is_connected());
}

#[test]
fn a_client_that_is_shut_down_knows_that_it_hears_nothing() {
    let (mut served, cache) = filled(&QueryCacheConfig::default(), &[(1, 11)]);
    served.script.client.shut_down(served.script.now);
    served.script.drain();
    served.script.client.handle(served.script.now, Input::Timeout);
    assert!(!cache.is_fresh());
    assert_eq!(sorted(&cache), [(1, 11)]);
}
