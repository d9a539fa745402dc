//! Hazelcast: each operation of a map, listeners, routing, refusal, many calls and large ones, futures
//! that are dropped, and the end of a client.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use async_io::Timer;
use futures_util::FutureExt as _;
use futures_util::future::{Either, join, join_all, select};
use gridwire_core::call::{Call, Failure, Unopened};
use gridwire_core::endpoint::ConnId;
use gridwire_core::hazelcast::configuration::Loader;
use gridwire_core::hazelcast::message::client::Statistics;
use gridwire_core::hazelcast::message::map;
use gridwire_core::hazelcast::wire::ByteArray;
use gridwire_core::hazelcast::{
    Answer, Client, Codec, Config, EntryEvent, EntryEvents, Error, Hazelcast, Json, Map, Operation,
    Routing, Structures, To, Uuid,
};
use gridwire_core::invoker::{AsyncInvoker, Delivered, Detached, Invoker};
use gridwire_driver::Setup;

use super::maps::done;
use super::{AMPLE, item, name, soon, until, until_told, with_client, within};
use crate::adapter::Adapter;

/// Time for a call to get to its member.
const SOON: Duration = Duration::from_millis(200);

type On<A> = <A as Adapter>::Client<Client>;

/// Every operation of a map, with and without effect.
pub fn operations<A: Adapter>(setup: impl Into<Setup<Config>>) {
    with_client::<A, Client>(setup, async |client| {
        let name = name::<A>("operations");
        let map = client.map::<String, i64>(&name);
        ask(client, &map).await;
        in_bulk(client, &map).await;
        let mine = |object: &&gridwire_core::hazelcast::DistributedObject| {
            object.service.as_str() == "hz:impl:mapService" && object.name.as_str() == name
        };
        // Members tell each other of it, and any of them may be asked.
        let is_there = async || {
            let objects = done(client.distributed_objects(), client).await;
            let count = objects.iter().filter(mine).count();
            assert!(count <= 1, "{objects:?}");
            count == 1
        };
        until_told("it is among the distributed objects", is_there).await;
    });
}

/// The same for a client that has one connection, to any member: it brings every event, and reaches every
/// partition.
pub fn one_connection<A: Adapter>(mut config: Config) {
    config.routing = Routing::SingleMember;
    with_client::<A, Client>(config, async |client| {
        let map = client.map::<String, i64>(&name::<A>("one connection"));
        ask(client, &map).await;
        in_bulk(client, &map).await;
        let mut heard = map.listen(EntryEvents::ADDED, true);
        soon(On::<A>::registered(&mut heard)).await.unwrap();
        for n in 0..100 {
            done(map.set(n.to_string().as_str(), &n), client).await;
        }
        let mut values = BTreeSet::new();
        while values.len() < 100 {
            values.extend(item::<On<A>, _>(&mut heard).await.value);
        }
        assert!(within(Duration::from_millis(100), On::<A>::next(&mut heard)).await.is_none());
        assert_eq!(values, (0..100).collect());
    });
}

async fn ask<I: AsyncInvoker<Family = Hazelcast>>(_: &I, map: &Map<String, i64, I>) {
    assert!(soon(I::future(map.is_empty())).await.unwrap());
    assert_eq!(soon(I::future(map.size())).await, Ok(0));
    assert_eq!(soon(I::future(map.put("a", &1))).await, Ok(None));
    assert_eq!(soon(I::future(map.put("a", &2))).await, Ok(Some(1)));
    assert_eq!(soon(I::future(map.get("a"))).await, Ok(Some(2)));
    assert_eq!(soon(I::future(map.get("nothing"))).await, Ok(None));
    assert_eq!(soon(I::future(map.set("Grüße, 試験", &i64::MIN))).await, Ok(()));
    assert_eq!(soon(I::future(map.get("Grüße, 試験"))).await, Ok(Some(i64::MIN)));
    assert_eq!(soon(I::future(map.contains_key("a"))).await, Ok(true));
    assert_eq!(soon(I::future(map.contains_key("nothing"))).await, Ok(false));
    assert_eq!(soon(I::future(map.size())).await, Ok(2));
    assert_eq!(soon(I::future(map.is_empty())).await, Ok(false));
    assert_eq!(soon(I::future(map.remove("a"))).await, Ok(Some(2)));
    assert_eq!(soon(I::future(map.remove("a"))).await, Ok(None));
    assert_eq!(soon(I::future(map.delete("Grüße, 試験"))).await, Ok(()));
    assert_eq!(soon(I::future(map.delete("Grüße, 試験"))).await, Ok(()));
    assert_eq!(soon(I::future(map.size())).await, Ok(0));
}

/// Entries of all partitions at once.
async fn in_bulk<I: AsyncInvoker<Family = Hazelcast>>(_: &I, map: &Map<String, i64, I>) {
    let entries: BTreeMap<String, i64> = (0..2000).map(|n| (format!("key {n}"), n)).collect();
    assert_eq!(soon(I::future(map.put_all(entries.iter()))).await, Ok(()));
    assert_eq!(soon(I::future(map.size())).await, Ok(entries.len()));
    let keys = entries.keys().chain([&entries.len().to_string()]).cloned().collect::<Vec<_>>();
    let found = soon(I::future(map.get_all(keys.iter()))).await.unwrap();
    assert_eq!(found.len(), entries.len(), "each once");
    assert_eq!(BTreeMap::from_iter(found), entries);
    let none: [(&str, &i64); 0] = [];
    assert_eq!(soon(I::future(map.put_all(none))).await, Ok(()));
    assert_eq!(soon(I::future(map.get_all([] as [&str; 0]))).await, Ok(Vec::new()));
    assert_eq!(soon(I::future(map.clear())).await, Ok(()));
    assert_eq!(soon(I::future(map.size())).await, Ok(0));
}

/// Listeners with values, without, and of one type of event, which ends when it is dropped.
pub fn listeners<A: Adapter>(config: Config) {
    with_client::<A, Client>(config, async |client| {
        let map = client.map::<String, String>(&name::<A>("listeners"));
        let mut with_values = map.listen(EntryEvents::ALL, true);
        let mut keys_alone = map.listen(EntryEvents::ALL, false);
        let mut removals = map.listen(EntryEvents::REMOVED, true);
        for heard in [&mut with_values, &mut keys_alone, &mut removals] {
            soon(On::<A>::registered(heard)).await.unwrap();
        }
        done(map.put("k", "one"), client).await;
        done(map.set("k", "two"), client).await;
        done(map.remove("k"), client).await;
        done(map.set("k", "three"), client).await;

        let (one, two, three) = (Some("one"), Some("two"), Some("three"));
        let expected = [
            (EntryEvents::ADDED, one, None),
            (EntryEvents::UPDATED, two, one),
            (EntryEvents::REMOVED, None, two),
            (EntryEvents::ADDED, three, None),
        ];
        for (kind, value, old) in expected {
            let event = item::<On<A>, _>(&mut with_values).await;
            assert_eq!((event.kind, event.key.as_deref()), (kind, Some("k")));
            assert_eq!((event.value.as_deref(), event.old_value.as_deref()), (value, old));
            let event = item::<On<A>, _>(&mut keys_alone).await;
            assert_eq!((event.kind, event.key.as_deref()), (kind, Some("k")));
            assert_eq!((event.value, event.old_value), (None, None));
        }
        // Only now: whichever member is asked tells of it, in no order with what the key's owner tells.
        done(map.clear(), client).await;
        for heard in [&mut with_values, &mut keys_alone] {
            let event: EntryEvent<String, String> = item::<On<A>, _>(heard).await;
            assert_eq!((event.kind, event.key, event.affected), (EntryEvents::CLEAR_ALL, None, 1));
        }
        let event = item::<On<A>, _>(&mut removals).await;
        assert_eq!((event.kind, event.old_value.as_deref()), (EntryEvents::REMOVED, two));

        drop(with_values);
        done(map.set("later", "x"), client).await;
        let event = item::<On<A>, _>(&mut keys_alone).await;
        assert_eq!(event.key.as_deref(), Some("later"));
        let nothing = On::<A>::next(&mut removals);
        assert!(within(Duration::from_millis(100), nothing).await.is_none());
    });
}

/// A key's request goes to the owner of its partition, as the owner itself sees it.
pub fn routing<A: Adapter>(config: Config, members: usize) {
    with_client::<A, Client>(config, async |client| {
        // Connections to all members take a moment longer than the first.
        let name = name::<A>("routing");
        let map = client.map::<String, String>(&name);
        done(map.set("created", ""), client).await;
        assert_eq!(A::with(client, |engine, _| engine.members().len()), members);
        assert_eq!(A::with(client, |engine, _| engine.partition_count()), 271);
        // Members tell of them in their own time.
        let all_have_owners = || {
            A::with(client, |engine, _| {
                let context = engine.context();
                (0..context.partition_count()).all(|number| context.owner(number).is_some())
            })
        };
        until("every partition has an owner", all_have_owners).await;

        let mut conns = BTreeMap::new();
        for member in A::with(client, |engine, _| engine.members().to_vec()) {
            let request = map::Size { name: name.as_str().into() };
            let operation = Operation::new(&request).to(To::Member(member.uuid));
            let call = client.invoke(Call::one(operation, conn));
            conns.insert(member.uuid, done(call, client).await);
        }
        assert_eq!(conns.values().collect::<BTreeSet<_>>().len(), members, "{conns:?}");

        let mut added = map.listen(EntryEvents::ADDED, false);
        soon(On::<A>::registered(&mut added)).await.unwrap();
        let mut used = BTreeMap::<Uuid, u32>::new();
        for n in 0..300 {
            let key = Codec::default().to_data(&format!("key {n}")).unwrap();
            let owner = A::with(client, |engine, _| {
                let context = engine.context();
                context.owner(context.partition(&key)).expect("every partition has an owner")
            });
            let name = name.as_str().into();
            let (value, thread_id, ttl) = (key.clone(), 0, -1);
            let set = Operation::new(&map::Set { name, key, value, thread_id, ttl });
            let call = client.invoke(Call::one(set, conn));
            assert_eq!(done(call, client).await, conns[&owner], "key {n}");
            // The member that has the entry says so itself.
            let event = item::<On<A>, _>(&mut added).await;
            assert_eq!((event.key, event.member), (Some(format!("key {n}")), Some(owner)));
            *used.entry(owner).or_default() += 1;
        }
        assert_eq!(used.len(), members, "{used:?}");
        assert!(used.values().all(|count| *count > 300 / (2 * members as u32)), "{used:?}");
    });
}

fn conn(answer: &Answer, _: &Codec) -> Result<ConnId, Unopened<Hazelcast>> {
    match answer {
        Answer::Message { conn, .. } => Ok(*conn),
        _ => Err(Unopened::Failed(Error::Unsupported("an answer that no member gave"))),
    }
}

/// A client as a file and variables say, which tells members its statistics.
pub fn configured<A: Adapter>(config: &Config) {
    let members: Vec<_> = config.addresses.iter().map(ToString::to_string).collect();
    let file = format!(
        "hazelcast-client:\n  cluster-name: overridden\n  instance-name: \"till, = 1\"\n  \
         client-labels: [suite, '${{adapter}}']\n  metrics: {{enabled: true, collection-frequency-seconds: 60}}\n  \
         network: {{cluster-members: [\"{}\"]}}\n",
        members.join("\", \"")
    );
    let config = Loader::new()
        .variables(|name| (name == "adapter").then(|| A::NAME.to_owned()))
        .yaml(&file)
        .and_then(|loader| {
            let frequency = "HZCLIENT_METRICS_COLLECTIONFREQUENCYSECONDS";
            loader.env([("HZCLIENT_CLUSTERNAME", "dev"), (frequency, "1")])
        })
        .expect("a configuration")
        .finish();
    assert_eq!(config.statistics, Some(Duration::from_secs(1)));
    with_client::<A, Client>(config, async |client| {
        let map = client.map::<String, i64>(&name::<A>("configured"));
        ask(client, &map).await;
        let size = || Operation::new(&map::Size { name: name::<A>("configured").into() });
        let first = done(client.invoke(Call::one(size(), conn)), client).await;
        // The engine's own statistics, the ones it was connected with and two more, cost no connection.
        Timer::after(Duration::from_millis(2_500)).await;
        let told = Statistics {
            timestamp: 1_700_000_000_000,
            client_attributes: "clientType=GWR,clientName=till".into(),
            metrics_blob: ByteArray::default(),
        };
        let told = client.invoke(Call::one(Operation::new(&told), conn));
        soon(On::<A>::future(told)).await.expect("members take statistics");
        if A::with(client, |engine, _| engine.members().len()) == 1 {
            let last = soon(On::<A>::future(client.invoke(Call::one(size(), conn)))).await;
            assert_eq!(last.unwrap(), first);
        }
    });
}

/// A cluster of another name lets nobody in, and the error says so.
pub fn refusal<A: Adapter>(mut config: Config) {
    config.cluster_name = "nosuch".into();
    // Whoever tries on, which is of no use, does so for ever.
    let error = A::block_on(async { soon(A::connect::<Client>(config)).await.map(drop) });
    let error = error.expect_err("refused").to_string();
    assert!(error.contains("wrong cluster name"), "{error}");
}

/// Calls above the limit of those in flight: refused, or in their turn when one has ended.
pub fn limits<A: Adapter>(mut config: Config) {
    config.max_concurrent_invocations = 1;
    with_client::<A, Client>(config.clone(), async |client| {
        // Others hold it, so the one call in flight stays there.
        let holder = soon(A::connect::<Client>(config.clone())).await.expect("connected");
        let name = name::<A>("limits");
        let held = holder.map::<String, i64>(&name).with_owner(holder.lock_owner());
        done(held.lock("a"), &holder).await;
        let map = client.map::<String, i64>(&name);
        let mine = map.with_owner(client.lock_owner());
        let waits = pin!(On::<A>::future(mine.lock("a")));
        let Either::Right((_, waits)) = select(waits, Timer::after(SOON)).await else {
            panic!("locked twice");
        };
        let refused = soon(On::<A>::future(map.get("b"))).await;
        assert!(matches!(refused, Err(Error::Failure(Failure::Overloaded(_)))), "{refused:?}");
        done(held.unlock("a"), &holder).await;
        soon(waits).await.unwrap();
        done(mine.unlock("a"), client).await;
        soon(A::close(&holder)).await;
    });
    config.max_concurrent_invocations = 4;
    config.invocation_backoff_timeout = Some(AMPLE);
    with_client::<A, Client>(config, async |client| {
        let map = client.map::<String, i64>(&name::<A>("limits"));
        let puts = (0..200).map(|n| On::<A>::future(map.put(n.to_string().as_str(), &n)));
        for end in soon(join_all(puts)).await {
            assert_eq!(end, Ok(None));
        }
        let metrics = A::with(client, |engine, _| engine.metrics());
        assert_eq!((metrics.calls_completed, metrics.requests_refused), (200, 0));
        assert_eq!((metrics.calls_in_flight, metrics.requests_waiting), (0, 0));
    });
}

/// Many calls at once, and values of a mebibyte.
pub fn load<A: Adapter>(setup: impl Into<Setup<Config>>) {
    with_client::<A, Client>(setup, async |client| {
        let map = client.map::<i32, i64>(&name::<A>("many"));
        let puts = (0..5000).map(|n| On::<A>::future(map.put(&n, &(i64::from(n) << 33))));
        assert!(soon(join_all(puts)).await.into_iter().all(|old| old == Ok(None)));
        let gets = (0..5000).map(|n| On::<A>::future(map.get(&n)));
        for (n, found) in soon(join_all(gets)).await.into_iter().enumerate() {
            assert_eq!(found, Ok(Some((n as i64) << 33)));
        }
        assert_eq!(soon(On::<A>::future(map.size())).await, Ok(5000));

        let map = client.map::<String, Vec<u8>>(&name::<A>("large"));
        let large = |seed: u32| -> Vec<u8> {
            let next = |n: &u32| Some(n.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
            let numbers = std::iter::successors(Some(seed), next);
            numbers.map(|n| (n >> 24) as u8).take(1 << 20).collect()
        };
        // One by one: above a mebibyte that waits to be sent, calls are refused.
        for n in 0..8 {
            let set = map.set(n.to_string().as_str(), large(n).as_slice());
            assert_eq!(soon(On::<A>::future(set)).await, Ok(()));
        }
        for n in 0..8 {
            let found = done(map.get(n.to_string().as_str()), client).await;
            assert!(found == Some(large(n)), "value {n} came back as another");
        }
        let old = done(map.put("0", [0u8; 3].as_slice()), client).await;
        assert!(old == Some(large(0)));
        done(map.clear(), client).await;

        let map = client.map::<String, Json>(&name::<A>("json"));
        let document = Json(r#"{"name": "Jürgen", "age": 40, "likes": ["試験", null]}"#.into());
        done(map.set("d", &document), client).await;
        assert_eq!(soon(On::<A>::future(map.get("d"))).await, Ok(Some(document)));
    });
}

/// With backups on other members, a put ends as soon as they have reported. The client waits for as long
/// as `backup_ack_timeout` where they don't.
pub fn acknowledgements<A: Adapter>(mut config: Config) {
    // Longer than any call may take here.
    config.backup_ack_timeout = 2 * AMPLE;
    with_client::<A, Client>(config, async |client| {
        let map = client.map::<i32, i32>(&name::<A>("acknowledged"));
        for n in 0..200 {
            assert_eq!(soon(On::<A>::future(map.put(&n, &n))).await, Ok(None));
        }
        until("nothing is in flight", || A::with(client, |c, _| c.in_flight()) == 0).await;
    });
}

/// Futures that are dropped at any moment harm nobody.
pub fn dropped<A: Adapter>(config: Config) {
    with_client::<A, Client>(config, async |client| {
        let map = client.map::<i32, i32>(&name::<A>("dropped"));
        for n in 0..500 {
            drop(On::<A>::future(map.put(&n, &n)));
            let mut sent = Box::pin(On::<A>::future(map.put(&n, &n)));
            let _ = sent.as_mut().now_or_never();
            if n % 3 == 0 {
                Timer::after(Duration::from_micros(200)).await;
            }
            drop(sent);
            let mut heard = map.listen(EntryEvents::ALL, true);
            if n % 50 == 0 {
                let _ = Box::pin(On::<A>::registered(&mut heard)).as_mut().now_or_never();
            }
        }
        until("nothing is in flight", || A::with(client, |c, _| c.in_flight()) == 0).await;
        for n in 0..500 {
            assert_eq!(soon(On::<A>::future(map.set(&n, &-n))).await, Ok(()));
            assert_eq!(soon(On::<A>::future(map.get(&n))).await, Ok(Some(-n)));
        }
    });
}

/// Whatever is in flight when a client is closed ends, and so does what is asked for later.
pub fn closing<A: Adapter>(config: Config) {
    with_client::<A, Client>(config, async |client| {
        let map = client.map::<i32, i32>(&name::<A>("closing"));
        let mut heard = map.listen(EntryEvents::ALL, true);
        soon(On::<A>::registered(&mut heard)).await.unwrap();
        let ended: Error = Failure::ShutDown.into();
        for n in 0..10 {
            done(map.set(&n, &n), client).await;
        }
        // One of the calls waits for another owner's lock, and is there when the client is closed.
        let (locked, other) = (250, map.with_owner(client.lock_owner()));
        done(other.lock(&locked), client).await;
        let calls = join_all((0..500).map(|n| On::<A>::future(map.put(&n, &n))));
        // Polled in this order: the calls are sent, then the client is closed.
        let (ends, ()) = soon(join(calls, A::close(client))).await;
        assert!(ends.iter().all(|end| end.is_ok() || *end == Err(ended.clone())), "{ends:?}");
        assert_eq!(ends[locked as usize], Err(ended.clone()), "closed before all was done");
        assert_eq!(soon(On::<A>::future(map.size())).await, Err(ended));
        let end = soon(async {
            loop {
                match On::<A>::next(&mut heard).await {
                    Some(Ok(Delivered::Item(_))) => {}
                    other => break other,
                }
            }
        });
        assert!(matches!(end.await, None | Some(Err(Error::Failure(Failure::ShutDown)))));
        assert!(soon(On::<A>::next(&mut heard)).await.is_none());
    });
}

/// Calls with a timeout of their own, for an invoker of any kind.
pub fn detached() -> Detached<Hazelcast> {
    Detached::new(Arc::new(Codec::default()))
}
