//! Near caches and their engine, whose member is a test: what it is told, what it asks for, and when.
#![cfg(feature = "hazelcast")]

#[path = "hazelcast/mod.rs"]
mod world;

use std::time::Duration;

use gridwire_core::call::{Call, Caller, Opener, Plan, Ticket};
use gridwire_core::endpoint::{Cause, Endpoint, Input};
use gridwire_core::hazelcast::error::ErrorCode;
use gridwire_core::hazelcast::message::client::{
    AddClusterViewListener, AddClusterViewListenerResponse, Authentication, CreateProxy,
    CreateProxyResponse, DestroyProxy, DestroyProxyResponse, MembersViewEvent, Ping, PingResponse,
    Statistics,
};
use gridwire_core::hazelcast::message::map::*;
use gridwire_core::hazelcast::{
    Answer, Codec, Config, Data, Error, Hazelcast, InMemoryFormat, NearCacheConfig, NearCachedMap,
    Routing, Structures, Uuid,
};
use gridwire_core::invoker::Detached;
use world::script::{MEMBER, Script, accepted, member, one};

type Map = NearCachedMap<String, i64, Detached<Hazelcast>>;

const OTHER: Uuid = Uuid::new(2, 2);
const PARTITION: Uuid = Uuid::new(3, 3);

fn config() -> Config {
    let mut config = one();
    let mut near = NearCacheConfig::new("default");
    near.in_memory_format = InMemoryFormat::Object;
    config.near_caches.push(near);
    config
}

struct World {
    script: Script,
    map: Map,
    /// What the member's invalidations come under.
    listener: i64,
    /// What the member says if it is asked for a value.
    value: i64,
}

/// A call under way.
struct Running<R> {
    ticket: Ticket,
    opener: Opener<Hazelcast, Answer, R>,
}

fn submit<R>(script: &mut Script, call: Call<Hazelcast, R>) -> Running<R> {
    let ticket = script.client.submit(script.now, call.order);
    script.drain();
    Running { ticket, opener: call.opener }
}

impl<R: 'static> Running<R> {
    fn end(self, script: &Script) -> Result<R, Error> {
        let answer = script.done(self.ticket).expect("it has ended")?;
        Ok(self.opener.open(&answer, &script.client.codec()).unwrap())
    }
}

fn data(key: &str) -> Data {
    Codec::default().to_data(key).unwrap()
}

/// As a member says it of the partition of `key`.
fn metadata(key: &str, sequence: i64) -> FetchNearCacheInvalidationMetadataResponse {
    let partition = data(key).partition_hash().wrapping_abs() % 271;
    FetchNearCacheInvalidationMetadataResponse {
        name_partition_sequence_list: vec![("m".into(), vec![(partition, sequence)])],
        partition_uuid_list: vec![(partition, PARTITION)],
    }
}

/// Has the client listen, and takes what its events are to come under.
fn listen(script: &mut Script) -> i64 {
    let (listener, request) = script.expect::<AddNearCacheInvalidationListener>();
    assert_eq!((request.name.as_str(), request.listener_flags), ("m", 256));
    assert!(request.local_only);
    let response = Uuid::new(6, 6);
    script.answer(listener, &AddNearCacheInvalidationListenerResponse { response });
    listener
}

fn reconcile(script: &mut Script, said: &FetchNearCacheInvalidationMetadataResponse) {
    let (id, request) = script.expect::<FetchNearCacheInvalidationMetadata>();
    assert_eq!((request.names.as_slice(), request.uuid), (&["m".into()][..], MEMBER));
    script.answer(id, said);
}

impl World {
    fn new() -> Self {
        Self::with(config())
    }

    fn with(config: Config) -> Self {
        let mut script = Script::connected(config);
        let invoker = Detached::new(script.client.codec());
        let opening = submit(&mut script, invoker.near_cached_map("m"));
        let (id, _) = script.expect::<CreateProxy>();
        script.answer(id, &CreateProxyResponse {});
        let listener = listen(&mut script);
        assert!(script.done(opening.ticket).is_none());
        reconcile(&mut script, &metadata("a", 5));
        let map = opening.end(&script).unwrap();
        Self { script, map, listener, value: 1 }
    }

    /// Lets time pass, with the member saying that there were so many changes of the partition of `a`.
    fn pass(&mut self, time: Duration, sequence: i64) {
        let until = self.script.now + time;
        while self.script.client.deadline().is_some_and(|at| at <= until) {
            self.script.wait();
            if self.script.has_sent::<Ping>() {
                let (id, _) = self.script.expect::<Ping>();
                self.script.answer(id, &PingResponse {});
            }
            if self.script.has_sent::<FetchNearCacheInvalidationMetadata>() {
                reconcile(&mut self.script, &metadata("a", sequence));
            }
        }
    }

    /// A value, and whether the near cache had it.
    fn get(&mut self, key: &str) -> (Option<i64>, bool) {
        let call = self.map.get(key);
        let is_hit = matches!(call.order.plan, Plan::Ready(_));
        let running = submit(&mut self.script, call);
        if !is_hit {
            self.answer_get();
        }
        (running.end(&self.script).unwrap(), is_hit)
    }

    fn answer_get(&mut self) {
        let (id, _) = self.script.expect::<Get>();
        let response = Some(Codec::default().to_data(&self.value).unwrap());
        self.script.answer(id, &GetResponse { response });
    }

    fn invalidate(&mut self, key: &str, source_uuid: Uuid, sequence: i64) {
        let event = IMapInvalidationEvent {
            key: Some(data(key)),
            source_uuid,
            partition_uuid: PARTITION,
            sequence,
        };
        self.script.event(self.listener, &event);
    }
}

#[test]
fn what_was_read_is_had_until_a_member_tells_of_a_change() {
    let mut world = World::new();
    assert_eq!(world.get("a"), (Some(1), false));
    assert_eq!(world.get("a"), (Some(1), true));
    world.value = 2;
    world.invalidate("a", OTHER, 6);
    assert_eq!(world.get("a"), (Some(2), false));
    // While it is read it changes: what is read may be what was before.
    world.invalidate("a", OTHER, 7);
    let call = world.map.get("a");
    let running = submit(&mut world.script, call);
    world.invalidate("a", OTHER, 8);
    world.answer_get();
    assert_eq!(running.end(&world.script).unwrap(), Some(2));
    assert_eq!(world.get("a"), (Some(2), false));
    assert_eq!(world.get("a"), (Some(2), true));
    world.invalidate("a", world.script.client.context().client_id(), 9);
    assert_eq!(world.get("a"), (Some(2), true));
    world.script.event(
        world.listener,
        &IMapInvalidationEvent {
            key: None,
            source_uuid: OTHER,
            partition_uuid: PARTITION,
            sequence: 1,
        },
    );
    assert_eq!(world.get("a"), (Some(2), false));
}

#[test]
fn many_are_read_at_once_and_kept() {
    const KEYS: usize = 20_000;
    let mut config = config();
    config.near_caches[0].eviction.size = KEYS;
    let mut world = World::with(config);
    let keys: Vec<_> = (0..KEYS).map(|n| n.to_string()).collect();
    let read = |world: &mut World, keys: &[String]| {
        let call = world.map.get_all(keys.iter().map(String::as_str));
        let is_hit = matches!(call.order.plan, Plan::Ready(_));
        let running = submit(&mut world.script, call);
        while world.script.has_sent::<GetAll>() {
            let (id, asked) = world.script.expect::<GetAll>();
            let value = |key: &Data| Codec::default().to_value::<String>(key).unwrap().parse();
            let entry = |key: Data| {
                let value: i64 = value(&key).unwrap();
                (key, Codec::default().to_data(&value).unwrap())
            };
            let response = asked.keys.into_iter().map(entry).collect();
            world.script.answer(id, &GetAllResponse { response });
        }
        let mut found = running.end(&world.script).unwrap();
        found.sort_by_key(|(_, value)| *value);
        assert_eq!(found.len(), keys.len());
        assert!(found.iter().all(|(key, value)| *key == value.to_string()));
        is_hit
    };
    // With one that is there already.
    world.value = 7;
    world.get("7");
    assert!(!read(&mut world, &keys));
    assert!(read(&mut world, &keys));
}

#[test]
fn changes_forget_when_they_end() {
    let mut world = World::new();
    world.get("a");
    let call = world.map.set("a", &5);
    let running = submit(&mut world.script, call);
    assert!(world.get("a").1, "it isn't known to be done");
    let (id, _) = world.script.expect::<Set>();
    world.script.answer(id, &SetResponse {});
    running.end(&world.script).unwrap();
    assert!(!world.get("a").1);

    // An error, and a caller who goes away.
    assert!(world.get("a").1);
    let call = world.map.delete("a");
    let running = submit(&mut world.script, call);
    let (id, _) = world.script.expect::<Delete>();
    world.script.error(id, 1);
    running.end(&world.script).unwrap_err();
    assert!(!world.get("a").1);
    assert!(world.get("a").1);
    drop(world.map.set("a", &6));
    assert!(!world.get("a").1);
    // From then on the client's own events count, for a while.
    assert!(world.get("a").1);
    world.invalidate("a", world.script.client.context().client_id(), 6);
    assert!(!world.get("a").1);
    world.pass(Duration::from_secs(150), 6);
    assert!(world.get("a").1);
    world.invalidate("a", world.script.client.context().client_id(), 7);
    assert!(world.get("a").1);
}

#[test]
fn what_was_not_heard_while_the_connection_was_gone_makes_it_stale() {
    for (sequence, is_kept) in [(5, true), (6, false)] {
        let mut world = World::new();
        world.get("a");
        world.script.close(Cause::Reset);
        assert!(world.get("a").1, "it answers without members");
        while world.script.opening.is_empty() {
            assert!(world.script.wait());
        }
        world.script.open();
        world.script.let_in();
        world.listener = listen(&mut world.script);
        world.pass(Duration::from_secs(2), sequence);
        assert_eq!(world.get("a").1, is_kept);
        world.invalidate("a", OTHER, 7);
        assert!(!world.get("a").1);
    }
}

#[test]
fn members_are_asked_every_interval_what_was_missed() {
    let mut world = World::new();
    world.get("a");
    // Ten may be late. Eleven are too many.
    world.pass(Duration::from_secs(61), 15);
    assert!(world.get("a").1);
    world.pass(Duration::from_secs(61), 16);
    assert!(!world.get("a").1);
    let mut config = config();
    config.invalidation_reconciliation_interval = None;
    config.invalidation_max_tolerated_miss_count = 0;
    let mut world = World::with(config);
    world.get("a");
    world.pass(Duration::from_secs(600), 100);
    assert!(world.get("a").1);
    world.invalidate("b", OTHER, 1);
    world.invalidate("a", OTHER, 6);
    assert!(!world.get("a").1);
    // One is missing.
    world.invalidate("a", OTHER, 8);
    assert!(!world.get("a").1);
    world.pass(Duration::from_secs(2), 8);
    assert!(!world.get("a").1);
}

#[test]
fn a_destroyed_map_is_listened_to_anew() {
    let mut world = World::new();
    world.get("a");
    let call = world.map.destroy();
    let running = submit(&mut world.script, call);
    let (id, _) = world.script.expect::<DestroyProxy>();
    world.script.answer(id, &DestroyProxyResponse {});
    running.end(&world.script).unwrap();
    assert!(!world.get("a").1);
    while !world.script.has_sent::<RemoveEntryListener>() {
        assert!(world.script.wait());
    }
    world.listener = listen(&mut world.script);
    world.pass(Duration::from_secs(2), 0);
    assert!(!world.get("a").1, "how many changes there were begins anew");
    assert!(world.get("a").1);
    world.invalidate("a", OTHER, 1);
    assert!(!world.get("a").1);
}

/// However long members take to register its listener anew, that isn't begun again meanwhile.
#[test]
fn a_map_that_is_destroyed_twice_is_listened_to_in_the_end() {
    let mut world = World::new();
    for _ in 0..2 {
        let call = world.map.destroy();
        let running = submit(&mut world.script, call);
        let (id, _) = world.script.expect::<DestroyProxy>();
        world.script.answer(id, &DestroyProxyResponse {});
        running.end(&world.script).unwrap();
        while !world.script.has_sent::<AddNearCacheInvalidationListener>() {
            assert!(world.script.wait());
        }
    }
    let mut registrations = 0;
    for _ in 0..5 {
        while world.script.has_sent::<AddNearCacheInvalidationListener>() {
            // The answer comes later than the cache is looked after.
            let (id, _) = world.script.expect::<AddNearCacheInvalidationListener>();
            world.pass(Duration::from_secs(3), 0);
            let response = Uuid::new(6, 6);
            world.script.answer(id, &AddNearCacheInvalidationListenerResponse { response });
            (registrations, world.listener) = (registrations + 1, id);
            assert!(registrations < 5);
        }
        world.pass(Duration::from_secs(3), 0);
    }
    assert_ne!(registrations, 0);
    world.get("a");
    assert!(world.get("a").1);
    world.invalidate("a", OTHER, 1);
    assert!(!world.get("a").1);
}

#[test]
fn two_who_ask_at_once_have_one_listener() {
    let mut script = Script::connected(config());
    let invoker = Detached::new(script.client.codec());
    let first = submit(&mut script, invoker.near_cached_map::<String, i64>("m"));
    let second = submit(&mut script, invoker.near_cached_map::<String, i64>("m"));
    let (id, _) = script.expect::<CreateProxy>();
    script.answer(id, &CreateProxyResponse {});
    listen(&mut script);
    assert!(!script.has_sent::<AddNearCacheInvalidationListener>());
    reconcile(&mut script, &metadata("a", 0));
    first.end(&script).unwrap();
    assert!(script.done(second.ticket).is_none());
    script.wait();
    second.end(&script).unwrap();
    assert!(!script.has_sent::<FetchNearCacheInvalidationMetadata>());
    assert!(!script.has_sent::<AddNearCacheInvalidationListener>());

    // One that is refused leaves it to the next.
    let third = submit(&mut script, invoker.near_cached_map::<String, i64>("other"));
    let (id, _) = script.expect::<CreateProxy>();
    script.answer(id, &CreateProxyResponse {});
    let (id, _) = script.expect::<AddNearCacheInvalidationListener>();
    script.error(id, 1);
    third.end(&script).unwrap_err();
    submit(&mut script, invoker.near_cached_map::<String, i64>("other"));
    assert!(script.has_sent::<AddNearCacheInvalidationListener>());
}

#[test]
fn a_batch_of_uneven_lists_ends_the_connection() {
    let mut world = World::new();
    let event = IMapBatchInvalidationEvent {
        keys: vec![data("a"), data("b")],
        source_uuids: vec![OTHER, OTHER],
        partition_uuids: vec![PARTITION],
        sequences: vec![1, 2],
    };
    world.script.event(world.listener, &event);
    assert_eq!(world.script.closed.len(), 1);
    assert!(world.script.notes().contains("not of one length"), "{}", world.script.notes());
}

#[test]
fn members_are_told_what_came_of_it() {
    let mut config = config();
    config.statistics = Some(Duration::from_secs(3));
    let mut world = World::with(config);
    world.get("a");
    world.get("a");
    world.script.sent.clear();
    world.pass(Duration::from_secs(3), 5);
    let (_, told) = world.script.expect::<Statistics>();
    let near = told.client_attributes.split_once(",nc.").map(|(_, rest)| format!("nc.{rest}"));
    assert_eq!(
        near.as_deref(),
        Some(
            "nc.m.creationTime=1700000000000,nc.m.evictions=0,nc.m.hits=1,nc.m.misses=1,nc.m.ownedEntryCount=1,\
             nc.m.expirations=0,nc.m.invalidations=0,nc.m.invalidationRequests=0,nc.m.ownedEntryMemoryCost=0"
        )
    );
}

/// One of two members that are listed, of which the other can't be reached.
struct Half {
    script: Script,
    /// What the members' views come under.
    views: i64,
}

impl Half {
    fn new(config: Config) -> Self {
        let mut script = Script::opened(config);
        let (id, _) = script.expect::<Authentication>();
        script.answer(id, &accepted());
        let (views, _) = script.expect::<AddClusterViewListener>();
        let member_infos = vec![member(MEMBER, 5701), member(OTHER, 5702)];
        script.event(views, &MembersViewEvent { version: 1, member_infos });
        script.answer(views, &AddClusterViewListenerResponse {});
        Self { script, views }
    }

    fn open(&mut self) -> Running<Map> {
        let invoker = Detached::new(self.script.client.codec());
        let opening = submit(&mut self.script, invoker.near_cached_map("m"));
        let (id, _) = self.script.expect::<CreateProxy>();
        self.script.answer(id, &CreateProxyResponse {});
        let (id, _) = self.script.expect::<AddNearCacheInvalidationListener>();
        let response = Uuid::new(6, 6);
        self.script.answer(id, &AddNearCacheInvalidationListenerResponse { response });
        opening
    }

    /// Lets time pass, in which the member that is there is asked for both. Gives for how often for which.
    fn pass(&mut self, time: Duration, sequence: i64) -> (usize, usize) {
        let (mut this, mut other) = (0, 0);
        let until = self.script.now + time;
        loop {
            while let Some(conn) = self.script.opening.pop_front() {
                let refused = Input::Closed { conn, cause: Cause::Refused };
                self.script.client.handle(self.script.now, refused);
                self.script.drain();
            }
            while self.script.has_sent::<Ping>() {
                let (id, _) = self.script.expect::<Ping>();
                self.script.answer(id, &PingResponse {});
            }
            while self.script.has_sent::<FetchNearCacheInvalidationMetadata>() {
                let (id, request) = self.script.expect::<FetchNearCacheInvalidationMetadata>();
                if request.uuid == MEMBER {
                    this += 1;
                    self.script.answer(id, &metadata("a", sequence));
                } else {
                    other += 1;
                    self.script.error(id, ErrorCode::TARGET_NOT_MEMBER.0);
                }
            }
            if self.script.client.deadline().is_none_or(|at| at > until) {
                self.script.now = until;
                return (this, other);
            }
            self.script.wait();
        }
    }

    fn get(&mut self, map: &Map) -> bool {
        let call = map.get("a");
        let is_hit = matches!(call.order.plan, Plan::Ready(_));
        let running = submit(&mut self.script, call);
        if !is_hit {
            let (id, _) = self.script.expect::<Get>();
            let response = Some(Codec::default().to_data(&1i64).unwrap());
            self.script.answer(id, &GetResponse { response });
        }
        running.end(&self.script).unwrap();
        is_hit
    }
}

#[test]
fn a_member_that_cannot_be_reached_holds_nobody_up() {
    let mut half = Half::new(config());
    let opening = half.open();
    assert_eq!(half.pass(Duration::from_secs(5), 5).1, 0);
    half.pass(Duration::from_secs(10), 5);
    let map = opening.end(&half.script).unwrap();
    assert!(!half.get(&map));
    assert!(half.get(&map));
    // The one that is there is asked on, and what it says counts.
    assert_ne!(half.pass(Duration::from_secs(15), 5).0, 0);
    assert!(half.get(&map));
    half.pass(Duration::from_secs(15), 50);
    assert!(!half.get(&map));
    // Once the other is given up, all is made good.
    let member_infos = vec![member(MEMBER, 5701)];
    half.script.event(half.views, &MembersViewEvent { version: 2, member_infos });
    half.pass(Duration::from_secs(15), 50);
    assert!(half.pass(Duration::from_secs(60), 50).0 <= 1, "each minute");
}

#[test]
fn a_member_that_has_left_is_not_asked_for_ever() {
    let mut config = config();
    config.routing = Routing::SingleMember;
    let mut half = Half::new(config);
    let opening = half.open();
    assert_ne!(half.pass(Duration::from_secs(15), 5).1, 0, "the one asks the other");
    let map = opening.end(&half.script).unwrap();
    let member_infos = vec![member(MEMBER, 5701)];
    half.script.event(half.views, &MembersViewEvent { version: 2, member_infos });
    half.pass(Duration::from_secs(15), 5);
    assert_eq!(half.pass(Duration::from_secs(15), 5), (0, 0));
    assert!(!half.get(&map));
    assert!(half.get(&map));
    // It goes on being looked after.
    assert_eq!(half.pass(Duration::from_secs(60), 50), (1, 0));
    assert!(!half.get(&map));
}

#[test]
fn one_that_cannot_be_opened_leaves_no_subscription() {
    let mut script = Script::connected(config());
    let invoker = Detached::new(script.client.codec());
    for _ in 0..3 {
        let opening = submit(&mut script, invoker.near_cached_map::<String, i64>("m"));
        let (id, _) = script.expect::<CreateProxy>();
        script.error(id, ErrorCode::SECURITY.0);
        opening.end(&script).unwrap_err();
    }
    assert_eq!(script.client.load().subscriptions, 0);
}
