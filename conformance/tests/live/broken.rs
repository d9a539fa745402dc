//! Three members of which one freezes, goes on, and one crashes and is replaced: what clients on each adapter
//! see and hear.
//!
//! The members start once, for all adapters' clients together; each phase begins when all are ready.

use crate::hazelcast::config;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Barrier;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use gridwire_conformance::adapter::{Adapter, AsyncStd, Mio, Tokio};
use gridwire_conformance::live::{HazelcastCluster, MemberOptions, needed};
use gridwire_conformance::suite::{hazelcast::detached, item, soon, until, with_client};
use gridwire_core::call::Failure;
use gridwire_core::hazelcast::{
    Client, ClusterEvents, Codec, Config, EntryEvents, Error, Map, MembershipEvent, Migration,
    Structures, Uuid,
};
use gridwire_core::invoker::{AsyncInvoker, Delivered, Invoker};

type On<A> = <A as Adapter>::Client<Client>;

const FROZEN: usize = 2;
const CRASHED: usize = 1;
const KEYS: i32 = 200;

/// How long a client waits for backups: longer than what waits for nobody takes on a busy machine.
const BACKUPS: Duration = Duration::from_secs(15);

#[test]
fn a_member_freezes_and_another_crashes_and_is_replaced() {
    let Some(mut cluster) = needed(HazelcastCluster::start_settled(3, MemberOptions::default()))
    else {
        return;
    };
    let mut config = config(&cluster);
    config.backup_ack_timeout = BACKUPS;
    let addresses = cluster.addresses().to_vec();
    // Two turns for each phase: all are ready for it; it has come.
    let phase = Barrier::new(4);
    std::thread::scope(|scope| {
        let clients = [
            scope.spawn(|| client::<Tokio>(config.clone(), &addresses, &phase)),
            scope.spawn(|| client::<AsyncStd>(config.clone(), &addresses, &phase)),
            scope.spawn(|| client::<Mio>(config.clone(), &addresses, &phase)),
        ];
        let mut all_reach = |what: &mut dyn FnMut(&mut HazelcastCluster)| {
            phase.wait();
            what(&mut cluster);
            phase.wait();
        };
        all_reach(&mut |cluster| cluster.freeze(FROZEN).expect("frozen"));
        all_reach(&mut |cluster| cluster.thaw(FROZEN).expect("thawed"));
        all_reach(&mut |cluster| cluster.crash(CRASHED));
        all_reach(&mut |cluster| cluster.replace(CRASHED).expect("replaced"));
        for client in clients {
            client.join().expect("a client's checks");
        }
    });
}

/// Goes through the phases, whatever becomes of the checks: others wait for it.
fn client<A: Adapter>(config: Config, members: &[SocketAddr], phase: &Barrier) {
    let mut waits = 8;
    let mut failed = None;
    {
        let mut wait = || {
            waits -= 1;
            phase.wait();
        };
        let checks = std::panic::AssertUnwindSafe(|| phases::<A>(config, members, &mut wait));
        if let Err(panic) = std::panic::catch_unwind(checks) {
            failed = Some(panic);
        }
    }
    for _ in 0..waits {
        phase.wait();
    }
    if let Some(panic) = failed {
        std::panic::resume_unwind(panic);
    }
}

fn phases<A: Adapter>(config: Config, members: &[SocketAddr], wait: &mut dyn FnMut()) {
    with_client::<A, Client>(config, async |client| {
        let map = client.map::<i32, i32>(A::NAME);
        let mut heard = map.listen(EntryEvents::ADDED | EntryEvents::UPDATED, true);
        soon(On::<A>::registered(&mut heard)).await.unwrap();
        set_all(&map, KEYS, 1).await;
        let ids = A::with(client, |engine, _| {
            let ids = engine.members().iter();
            ids.map(|member| (member.address.port, member.uuid)).collect::<BTreeMap<_, _>>()
        });
        let id = |index: usize| ids[&i32::from(members[index].port())];

        wait();
        wait();
        frozen::<A>(client, id(FROZEN)).await;
        wait();
        wait();
        // What the frozen member answers now is late, and nobody's fault.
        set_all(&map, KEYS, 2).await;
        get_all(&map, KEYS, 2).await;
        assert_eq!(A::with(client, |engine, _| engine.members().len()), 3);

        let mut membership = client.membership();
        let (mut moving, mut lost) = (client.migrations(), client.lost_partitions());
        soon(On::<A>::registered(&mut membership)).await.unwrap();
        soon(On::<A>::registered(&mut moving)).await.unwrap();
        soon(On::<A>::registered(&mut lost)).await.unwrap();
        let mut rounds = BTreeMap::new();
        let owned = owned_by::<A>(client, id(CRASHED));

        wait();
        // Each ends; those that may have been done say so. What is heard of them, nobody takes yet.
        let began = Instant::now();
        while began.elapsed() < Duration::from_millis(500) {
            let puts = (0..KEYS).map(|n| On::<A>::future(map.put(&n, &2)));
            for end in soon(join_all(puts)).await {
                match end {
                    Ok(_) | Err(Error::Failure(Failure::Indeterminate(_))) => {}
                    Err(other) => panic!("a call that the crash hit: {other:?}"),
                }
            }
            async_io::Timer::after(Duration::from_millis(15)).await;
        }
        wait();
        get_all(&map, KEYS, 2).await;
        let two = || A::with(client, |engine, _| engine.members().len() == 2);
        until("the other members take over", two).await;
        let has_none = || owned_by::<A>(client, id(CRASHED)).is_empty();
        until("every partition has a new owner", has_none).await;
        set_all(&map, KEYS, 3).await;
        get_all(&map, KEYS, 3).await;
        hear_all::<A>(&mut heard, 3).await;
        assert!(matches!(item::<On<A>, _>(&mut membership).await, MembershipEvent::Initial(_)));
        match item::<On<A>, _>(&mut membership).await {
            MembershipEvent::Removed(member) => assert_eq!(member.uuid, id(CRASHED)),
            other => panic!("no member went, but {other:?}"),
        }
        // Those that it owned are told of, each once, and no other: a backup was there.
        let mut told = BTreeSet::new();
        while told.len() < owned.len() {
            let event = item::<On<A>, _>(&mut lost).await;
            assert_eq!(event.lost_backups, 0);
            assert!(owned.contains(&event.partition) && told.insert(event.partition), "{event:?}");
        }
        moved::<A>(&mut moving, &mut rounds).await;

        wait();
        wait();
        let came = match item::<On<A>, _>(&mut membership).await {
            MembershipEvent::Added(member) => member.uuid,
            other => panic!("no member came, but {other:?}"),
        };
        moved::<A>(&mut moving, &mut rounds).await;
        until("it has its share", || owned_by::<A>(client, came).len() > 50).await;
        get_all(&map, KEYS, 3).await;
        set_all(&map, KEYS, 4).await;
        hear_all::<A>(&mut heard, 4).await;
        until("nothing is in flight", || A::with(client, |c, _| c.in_flight()) == 0).await;
    });
}

/// Partitions of a member.
fn owned_by<A: Adapter>(client: &On<A>, member: Uuid) -> BTreeSet<u32> {
    A::with(client, |engine, _| {
        let context = engine.context();
        (0..context.partition_count()).filter(|p| context.owner(*p) == Some(member)).collect()
    })
}

/// What was heard of partitions that move together.
#[derive(Debug, Default)]
struct Round {
    has_begun: bool,
    replicas: usize,
    is_done: bool,
}

/// Hears of partitions that move: of the beginning, of the end, and of what moved between them. Members tell
/// each on a thread of its own, so the order is open; `rounds` are those that were not heard of whole yet, by
/// when they began.
async fn moved<A: Adapter>(
    moving: &mut <On<A> as Invoker>::Subscription<Migration>,
    rounds: &mut BTreeMap<i64, Round>,
) {
    loop {
        let event = item::<On<A>, _>(moving).await;
        let start = match &event {
            Migration::Begun(state) | Migration::Done(state) => state.start_time,
            Migration::Replica(event) => event.migration_state.start_time,
        };
        let round = rounds.entry(start).or_default();
        match event {
            Migration::Begun(_) => round.has_begun = true,
            Migration::Replica(_) => round.replicas += 1,
            Migration::Done(_) => round.is_done = true,
        }
        if round.has_begun && round.is_done && round.replicas > 0 {
            rounds.remove(&start);
            return;
        }
    }
}

async fn set_all<I>(map: &Map<i32, i32, I>, keys: i32, value: i32)
where
    I: AsyncInvoker<Family = gridwire_core::hazelcast::Hazelcast>,
{
    let sets = (0..keys).map(|n| I::future(map.set(&n, &value)));
    for (n, end) in soon(join_all(sets)).await.into_iter().enumerate() {
        assert_eq!(end, Ok(()), "set {n} to {value}");
    }
}

async fn get_all<I>(map: &Map<i32, i32, I>, keys: i32, value: i32)
where
    I: AsyncInvoker<Family = gridwire_core::hazelcast::Hazelcast>,
{
    let gets = (0..keys).map(|n| I::future(map.get(&n)));
    for (n, end) in soon(join_all(gets)).await.into_iter().enumerate() {
        assert_eq!(end, Ok(Some(value)), "get {n}");
    }
}

/// Calls on a member that says nothing time out; the others serve on, and wait for its backups only so long.
async fn frozen<A: Adapter>(client: &On<A>, frozen: Uuid) {
    let map = detached().map::<i32, i32>(A::NAME);
    let is_frozen = |n: &i32| {
        let key = Codec::default().to_data(n).unwrap();
        A::with(client, |engine, _| {
            let context = engine.context();
            context.owner(context.partition(&key)) == Some(frozen)
        })
    };
    let (silent, others): (Vec<_>, Vec<_>) = (0..KEYS).partition(is_frozen);
    assert!(silent.len() > 20 && others.len() > 40, "{} {}", silent.len(), others.len());
    let brief = Duration::from_millis(500);
    let began = Instant::now();
    let gets = silent.iter().map(|n| On::<A>::future(client.invoke(map.get(n).timeout(brief))));
    for end in soon(join_all(gets)).await {
        assert_eq!(end, Err(Error::Failure(Failure::TimedOut { sent: true })));
    }
    assert!(began.elapsed() >= brief);
    let gets = others.iter().map(|n| On::<A>::future(client.invoke(map.get(n))));
    assert!(soon(join_all(gets)).await.iter().all(|end| *end == Ok(Some(1))));
    let sets = others.iter().map(|n| async move {
        let began = Instant::now();
        (
            On::<A>::future(client.invoke(detached().map::<i32, i32>(A::NAME).set(n, &1))).await,
            began.elapsed(),
        )
    });
    let sets = soon(join_all(sets)).await;
    assert!(sets.iter().all(|(end, _)| *end == Ok(())), "{sets:?}");
    // Some have their backup on the frozen member, which can't report it; the others wait for nobody.
    let late = sets.iter().filter(|(_, took)| *took >= BACKUPS).count();
    assert!(late > 0 && late < sets.len(), "{late} of {} waited", sets.len());
}

/// The last value of every key is heard of, whatever became of the connections before.
async fn hear_all<A: Adapter>(
    heard: &mut <On<A> as Invoker>::Subscription<gridwire_core::hazelcast::EntryEvent<i32, i32>>,
    value: i32,
) {
    let mut keys = vec![false; KEYS as usize];
    while keys.contains(&false) {
        match soon(On::<A>::next(heard)).await {
            Some(Ok(Delivered::Item(event))) => {
                if event.value == Some(value) {
                    keys[event.key.expect("a key") as usize] = true;
                }
            }
            other => panic!("no event but {other:?}"),
        }
    }
}
