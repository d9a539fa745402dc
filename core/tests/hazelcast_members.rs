//! A cluster of embedded members: views, copies of partitions, members that crash, start and fall silent.
#![cfg(feature = "hazelcast")]

#[path = "hazelcast/mod.rs"]
mod world;

use std::collections::BTreeMap;
use std::time::Duration;

use gridwire_core::call::Failure;
use gridwire_core::endpoint::Target;
use gridwire_core::hazelcast::error::ErrorCode;
use gridwire_core::hazelcast::{
    ClusterEvents, Config, EntryEvents, Error, Hazelcast, Map, MemberConfig, MembershipEvent,
    Migration, Routing, Structures,
};
use gridwire_core::invoker::Detached;
use world::Pair;

type Numbers = Map<i32, i64, Detached<Hazelcast>>;

const MILLI: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

fn config(members: usize) -> MemberConfig {
    let mut config = MemberConfig::cluster(members);
    config.partition_count = 13;
    config
}

fn with(seed: u8, members: MemberConfig) -> (Pair, Numbers) {
    let mut config = Config::new((5701..5704).map(|port| Target::new("127.0.0.1", port)));
    config.fail_on_indeterminate_operation_state = true;
    let mut pair = Pair::with(seed, config, members);
    pair.pass(SECOND);
    let map = pair.invoker().map("numbers");
    (pair, map)
}

fn cluster(seed: u8) -> (Pair, Numbers) {
    with(seed, config(3))
}

fn fill(pair: &mut Pair, map: &Numbers) -> BTreeMap<i32, i64> {
    let entries: BTreeMap<i32, i64> = (0..100).map(|n| (n, i64::from(n))).collect();
    pair.run(map.set_all(&entries)).unwrap();
    entries
}

fn all(pair: &mut Pair, map: &Numbers) -> BTreeMap<i32, i64> {
    pair.run(map.entries()).unwrap().into_iter().collect()
}

#[test]
fn all_members_serve_one_map() {
    for seed in 0..5 {
        let (mut pair, map) = cluster(seed);
        assert_eq!(pair.member.connections(), 3);
        assert_eq!(pair.client.members().len(), 3);
        for partition in 0..13 {
            let owner = pair.member.owner(partition).unwrap();
            let uuid = Some(pair.member.member_uuid(owner));
            assert_eq!(pair.client.context().owner(partition), uuid);
            assert_eq!(pair.member.replicas(partition).len(), 2);
        }
        let entries = fill(&mut pair, &map);
        assert_eq!(all(&mut pair, &map), entries);
        assert_eq!(pair.run(map.size()), Ok(100));
        assert_eq!(pair.run(map.put(&3, &33)), Ok(Some(3)));
        assert_eq!(pair.run(map.contains_value(&33)), Ok(true));
        pair.run(map.clear()).unwrap();
        assert_eq!(pair.run(map.is_empty()), Ok(true));
    }
}

/// A client of one member has it pass its requests on.
#[test]
fn one_member_speaks_for_all() {
    let mut one = Config::new([Target::new("127.0.0.1", 5702)]);
    one.routing = Routing::SingleMember;
    let mut pair = Pair::with(3, one, config(3));
    pair.pass(SECOND);
    assert_eq!(pair.member.connections(), 1);
    let map: Numbers = pair.invoker().map("numbers");
    let heard = pair.subscribe(map.listen(EntryEvents::ALL, true));
    let entries = fill(&mut pair, &map);
    assert_eq!(all(&mut pair, &map), entries);
    assert_eq!(pair.items(&heard).len(), 100);
}

/// A listener is registered at every member, and hears of each change from one of them.
#[test]
fn each_change_is_heard_once() {
    let (mut pair, map) = cluster(1);
    let heard = pair.subscribe(map.listen(EntryEvents::ALL, true));
    fill(&mut pair, &map);
    pair.run(map.clear()).unwrap();
    let events = pair.items(&heard);
    let kinds = |kind| events.iter().filter(|event| event.kind == kind).count();
    assert_eq!((kinds(EntryEvents::ADDED), kinds(EntryEvents::CLEAR_ALL)), (100, 1));
    assert_eq!(events.len(), 101);
}

#[test]
fn a_member_that_crashes_loses_nothing_that_was_acknowledged() {
    for seed in 0..10 {
        let mut members = config(3);
        members.replication_delay = (MILLI, 20 * MILLI);
        members.detection_delay = 300 * MILLI;
        let (mut pair, map) = with(seed, members);
        let entries: BTreeMap<i32, i64> = (0..100).map(|n| (n, i64::from(n))).collect();
        let filling = pair.submit(map.set_all(&entries));
        assert_eq!(pair.take(&filling), None, "the backups have nothing yet");
        pair.pass(20 * MILLI);
        assert_eq!(pair.take(&filling), Some(Ok(())));
        let membership = pair.subscribe(pair.invoker().membership());
        pair.items(&membership);
        pair.command(|it, now| it.crash(now, usize::from(seed % 3)));
        assert_eq!(pair.client.members().len(), 3, "nobody has noticed");
        pair.pass(SECOND);
        let left = pair.items(&membership);
        assert!(matches!(left[..], [MembershipEvent::Removed(_)]), "{left:?}");
        assert_eq!((pair.client.members().len(), pair.member.connections()), (2, 2));
        assert_eq!(all(&mut pair, &map), entries);
        assert_eq!(pair.member.migrations_left(), 0, "there are backups again");

        pair.command(|it, now| it.restart(now, usize::from(seed % 3)));
        let joined = pair.items(&membership);
        assert!(matches!(joined[..], [MembershipEvent::Added(_)]), "{joined:?}");
        assert_ne!(pair.member.migrations_left(), 0);
        pair.pass(5 * SECOND);
        assert_eq!((pair.member.migrations_left(), pair.member.connections()), (0, 3));
        assert_eq!(all(&mut pair, &map), entries);
        // The other two, one after the other.
        for other in 1..3 {
            pair.command(|it, now| it.crash(now, (usize::from(seed) + other) % 3));
            pair.pass(5 * SECOND);
            assert_eq!(all(&mut pair, &map), entries);
        }
    }
}

#[test]
fn what_no_backup_has_is_lost_and_not_acknowledged() {
    let mut members = config(2);
    members.replication_delay = (SECOND, SECOND);
    let (mut pair, map) = with(4, members);
    let key = (0..1000).find(|key| pair.member.owner(partition(*key)) == Some(1)).unwrap();
    let put = pair.submit(map.put(&key, &1));
    pair.settle();
    pair.command(|it, now| it.crash(now, 1));
    pair.pass(10 * SECOND);
    let end = pair.take(&put).expect("an end");
    assert!(matches!(end, Err(Error::Failure(Failure::Indeterminate(_)))), "{end:?}");
    assert_eq!(pair.run(map.get(&key)), Ok(None));
}

fn partition(key: i32) -> u32 {
    let data = world::codec().to_data(&key).unwrap();
    gridwire_core::partition::hazelcast_partition(data.partition_hash(), 13)
}

/// A client that does not count backups has its answer when they have the change.
#[test]
fn answers_wait_for_backups() {
    let mut config = Config::new([Target::new("127.0.0.1", 5701)]);
    config.backup_ack_to_client = false;
    let mut members = self::config(3);
    members.replication_delay = (SECOND, SECOND);
    let mut pair = Pair::with(5, config, members);
    pair.pass(SECOND);
    let map: Numbers = pair.invoker().map("numbers");
    let put = pair.submit(map.put(&1, &1));
    pair.pass(999 * MILLI);
    assert_eq!(pair.take(&put), None);
    pair.pass(MILLI);
    assert_eq!(pair.take(&put), Some(Ok(None)));
    // Nobody waits for a backup that is gone.
    let backup = pair.member.replicas(partition(1))[1];
    let put = pair.submit(map.put(&1, &2));
    pair.settle();
    pair.command(|it, now| it.crash(now, backup));
    assert_eq!(pair.take(&put), Some(Ok(Some(1))));
}

#[test]
fn partitions_without_a_copy_are_lost_and_said_to_be() {
    let mut members = config(2);
    members.backup_count = 0;
    let (mut pair, map) = with(6, members);
    let lost = pair.subscribe(pair.invoker().lost_partitions());
    let of_map = pair.subscribe(map.lost_partitions());
    fill(&mut pair, &map);
    let owned = (0..13).filter(|partition| pair.member.owner(*partition) == Some(1)).count();
    let kept = pair.member.map_size("numbers");
    pair.command(|it, now| it.crash(now, 1));
    pair.pass(SECOND);
    assert_eq!(pair.items(&lost).len(), owned);
    assert_eq!(pair.items(&of_map).len(), owned);
    let left = all(&mut pair, &map).len();
    assert!(left > 0 && left < kept, "{left} of {kept}");
}

#[test]
fn partitions_move_while_clients_go_on() {
    let mut members = config(3);
    members.running = Some(1);
    members.migration_time = 100 * MILLI;
    let (mut pair, map) = with(7, members);
    let entries = fill(&mut pair, &map);
    let migrations = pair.subscribe(pair.invoker().migrations());
    for member in [1, 2] {
        pair.command(|it, now| it.restart(now, member));
    }
    let planned = pair.member.migrations_left();
    assert!(planned > 13, "{planned}");
    for n in 0..40 {
        let put = pair.submit(map.put(&(n % 5), &i64::from(n % 5)));
        pair.pass(150 * MILLI);
        assert!(matches!(pair.take(&put), Some(Ok(Some(_)))));
    }
    assert_eq!(pair.member.migrations_left(), 0);
    assert_eq!(all(&mut pair, &map), entries);
    let events = pair.items(&migrations);
    assert!(matches!(events.first(), Some(Migration::Begun(_))), "{:?}", events.first());
    assert!(matches!(events.last(), Some(Migration::Done(_))), "{:?}", events.last());
    for partition in 0..13 {
        let owner = pair.member.owner(partition).unwrap();
        let uuid = Some(pair.member.member_uuid(owner));
        assert_eq!(pair.client.context().owner(partition), uuid);
    }
}

/// Members that don't pass on what isn't theirs: the client goes where the table says.
#[test]
fn members_that_refuse_what_is_not_theirs() {
    let mut members = config(3);
    members.running = Some(2);
    members.forwards = false;
    members.migration_time = 100 * MILLI;
    let (mut pair, map) = with(8, members.clone());
    let entries = fill(&mut pair, &map);
    pair.command(|it, now| it.restart(now, 2));
    for n in 0..30 {
        let put = pair.submit(map.put(&(n % 13), &i64::from(n % 13)));
        pair.pass(200 * MILLI);
        let end = pair.take(&put).unwrap_or_else(|| panic!("put {n} has not ended"));
        assert!(matches!(end, Ok(Some(_))), "{end:?}");
    }
    assert_eq!(all(&mut pair, &map), entries);

    let mut one = Config::new([Target::new("127.0.0.1", 5701)]);
    one.routing = Routing::SingleMember;
    one.invocation_timeout = SECOND;
    let mut pair = Pair::with(9, one, members);
    pair.pass(SECOND);
    let map: Numbers = pair.invoker().map("numbers");
    let key = (0..1000).find(|key| pair.member.owner(partition(*key)) == Some(1)).unwrap();
    let get = pair.submit(map.get(&key));
    pair.pass(10 * SECOND);
    let end = pair.take(&get).expect("an end").unwrap_err();
    let text = format!("{end:?}");
    assert!(end.code() == Some(ErrorCode::WRONG_TARGET) || text.contains("TimedOut"), "{text}");
}

#[test]
fn a_silent_member_is_waited_for_and_then_left_behind() {
    let mut members = config(3);
    members.member_timeout = 30 * SECOND;
    let (mut pair, map) = with(10, members);
    let entries = fill(&mut pair, &map);
    let key = (0..1000).find(|key| pair.member.owner(partition(*key)) == Some(1)).unwrap();
    let (now, uuid) = (pair.now, pair.member.member_uuid(1));
    pair.command(|it, _| it.stall(now, 1, Some(now + 5 * SECOND)));
    let get = pair.submit(map.get(&key));
    pair.pass(4 * SECOND);
    assert_eq!(pair.take(&get), None);
    pair.pass(2 * SECOND);
    assert_eq!(pair.take(&get), Some(Ok(Some(i64::from(key)))));
    assert_eq!(pair.member.member_uuid(1), uuid);

    pair.command(|it, now| it.stall(now, 1, None));
    pair.pass(29 * SECOND);
    assert_eq!(pair.client.members().len(), 3);
    pair.pass(60 * SECOND);
    assert_eq!(pair.client.members().len(), 2);
    assert_eq!(all(&mut pair, &map), entries);
    pair.command(|it, now| it.thaw(now, 1));
    pair.pass(10 * SECOND);
    assert_ne!(pair.member.member_uuid(1), uuid, "it began anew");
    assert_eq!((pair.client.members().len(), pair.member.connections()), (3, 3));
    assert_eq!(all(&mut pair, &map), entries);
}

#[test]
fn a_cluster_that_begins_anew_is_another_one() {
    let mut members = config(6);
    members.running = Some(3);
    let mut config = Config::new((5701..5707).map(|port| Target::new("127.0.0.1", port)));
    config.connection_timeout = SECOND;
    let mut pair = Pair::with(11, config, members);
    pair.pass(SECOND);
    let map: Numbers = pair.invoker().map("numbers");
    fill(&mut pair, &map);
    let id = pair.member.cluster_id();
    pair.command(gridwire_core::hazelcast::Member::crash_all);
    assert_eq!((pair.member.members().len(), pair.member.connections()), (0, 0));
    for member in 3..6 {
        pair.command(|it, now| it.restart(now, member));
    }
    pair.pass(60 * SECOND);
    assert_ne!(pair.member.cluster_id(), id);
    assert_eq!(pair.member.members(), [3, 4, 5]);
    assert_eq!(pair.client.members().len(), 3);
    assert_eq!(pair.run(map.size()), Ok(0));
    let entries = fill(&mut pair, &map);
    assert_eq!(all(&mut pair, &map), entries);
}
