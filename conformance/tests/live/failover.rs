//! Two clusters, one in reserve: when the first is gone, clients on each adapter go on with the second.

use crate::hazelcast::config;

use std::sync::Barrier;
use std::time::Duration;

use gridwire_conformance::adapter::{Adapter, AsyncStd, Mio, Tokio};
use gridwire_conformance::live::{HazelcastCluster, MemberOptions, needed};
use gridwire_conformance::suite::{AMPLE, soon, with_client, within};
use gridwire_core::call::Lifecycle;
use gridwire_core::hazelcast::{
    Client, Cluster, ClusterEvents, Config, EntryEvent, EntryEvents, Error, Structures,
};
use gridwire_core::invoker::{AsyncInvoker, Delivered};

/// It bounds the first connection too, to a member that has just started.
const GIVE_UP: Duration = Duration::from_secs(20);

type On<A> = <A as Adapter>::Client<Client>;

#[test]
fn clients_go_on_with_the_cluster_in_reserve() {
    let named = |name: &str| {
        let options = MemberOptions { cluster_name: name.into(), ..MemberOptions::default() };
        HazelcastCluster::start_with(1, options)
    };
    let Some(mut blue) = needed(named("blue")) else { return };
    let Some(green) = needed(named("green")) else { return };
    let mut setup = config(&blue);
    setup.cluster_name = "blue".into();
    setup.connection_retry.initial = Duration::from_millis(100);
    setup.connection_retry.give_up_after = Some(GIVE_UP);
    let Config { addresses, connection_retry, credentials, .. } = config(&green);
    setup.failover =
        vec![Cluster { name: "green".into(), credentials, addresses, connection_retry }];
    let ready = Barrier::new(4);
    std::thread::scope(|scope| {
        let clients = [
            scope.spawn(|| client::<Tokio>(setup.clone(), &ready)),
            scope.spawn(|| client::<AsyncStd>(setup.clone(), &ready)),
            scope.spawn(|| client::<Mio>(setup.clone(), &ready)),
        ];
        ready.wait();
        blue.crash(0);
        for client in clients {
            client.join().expect("a client's checks");
        }
    });
}

fn client<A: Adapter>(config: Config, ready: &Barrier) {
    with_client::<A, Client>(config, async |on| {
        let map = on.map::<i32, i32>(A::NAME);
        let mut heard = map.listen(EntryEvents::ADDED, true);
        let mut life = on.lifecycle();
        let registered = soon(On::<A>::registered(&mut heard)).await;
        let watched = soon(On::<A>::registered(&mut life)).await;
        let set = soon(On::<A>::future(map.set(&1, &1))).await;
        // Before its member is gone, which may not have told of it yet.
        let first = within(AMPLE, On::<A>::next(&mut heard)).await.flatten();
        // Whatever went wrong: others wait.
        ready.wait();
        assert_eq!((registered, watched, set), (Ok(()), Ok(()), Ok(())));
        assert_eq!(key_of(first), Some(1));

        let mut turns = Vec::new();
        while turns.last() != Some(&Lifecycle::ChangedCluster) {
            match soon(On::<A>::next(&mut life)).await {
                Some(Ok(Delivered::Item(turn))) => turns.push(turn),
                other => panic!("{turns:?}, then {other:?}"),
            }
        }
        let (connected, gone) = (Lifecycle::Connected, Lifecycle::Disconnected);
        assert_eq!(turns, [connected, gone, Lifecycle::ChangedCluster]);
        assert_eq!(soon(On::<A>::future(map.get(&1))).await, Ok(None), "another cluster");
        // The listener came along, and its events come from there: from the moment on that the member knows it,
        // of which nobody is told.
        let (mut key, brief) = (1, Duration::from_secs(1));
        let event = soon(async {
            loop {
                key += 1;
                On::<A>::future(map.set(&key, &key)).await.expect("set");
                if let Some(event) = within(brief, On::<A>::next(&mut heard)).await {
                    break event;
                }
            }
        });
        let heard = key_of(event.await).expect("a key");
        assert!((2..=key).contains(&heard), "{heard}");
    });
}

/// The key that an event is about.
fn key_of(event: Option<Result<Delivered<EntryEvent<i32, i32>>, Error>>) -> Option<i32> {
    match event {
        Some(Ok(Delivered::Item(event))) => event.key,
        other => panic!("no event but {other:?}"),
    }
}
