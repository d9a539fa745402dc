//! Two clusters, one in reserve: when the first is gone, clients on each adapter go on with the second.

use crate::hazelcast::config;

use std::sync::Barrier;
use std::time::Duration;

use gridwire_conformance::adapter::{Adapter, AsyncStd, Mio, Tokio};
use gridwire_conformance::live::{HazelcastCluster, MemberOptions, needed};
use gridwire_conformance::suite::{soon, until, with_client};
use gridwire_core::call::Lifecycle;
use gridwire_core::hazelcast::{Client, Cluster, ClusterEvents, Config, EntryEvents, Structures};
use gridwire_core::invoker::{AsyncInvoker, Delivered};

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
    setup.connection_retry.give_up_after = Some(Duration::from_millis(500));
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
        // Whatever went wrong: others wait.
        ready.wait();
        assert_eq!((registered, watched, set), (Ok(()), Ok(()), Ok(())));

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
        // The listener came along, and its events come from there.
        let is_there = || A::with(on, |engine, _| engine.is_connected());
        until("the client is connected", is_there).await;
        soon(On::<A>::future(map.set(&2, &2))).await.unwrap();
        let mut keys = Vec::new();
        while keys.last() != Some(&Some(2)) {
            match soon(On::<A>::next(&mut heard)).await {
                Some(Ok(Delivered::Item(event))) => keys.push(event.key),
                other => panic!("{keys:?}, then {other:?}"),
            }
        }
        assert_eq!(keys, [Some(1), Some(2)]);
    });
}
