//! What embedded members send beside answers, message by message: invalidations of near caches, reports
//! of backups; and the faults that they have on command.
#![cfg(feature = "hazelcast")]

#[path = "hazelcast/mod.rs"]
mod world;

use std::time::Duration;

use gridwire_core::hazelcast::error::ErrorCode;
use gridwire_core::hazelcast::message::client::{BackupEvent, Ping, PingResponse};
use gridwire_core::hazelcast::message::{error, map};
use gridwire_core::hazelcast::{Data, Disturbance, Fault, MemberConfig, Payload as _, Uuid};
use world::raw::{CLIENT, Raw, data};

const SECOND: Duration = Duration::from_secs(1);

fn config() -> MemberConfig {
    let mut config = MemberConfig::cluster(3);
    config.partition_count = 7;
    config
}

fn partition(key: &Data) -> i32 {
    gridwire_core::partition::hazelcast_partition(key.partition_hash(), 7) as i32
}

fn put(key: &Data, value: i32) -> map::Put {
    let (name, value) = ("m".into(), data(&value));
    map::Put { name, key: key.clone(), value, thread_id: 1, ttl: -1 }
}

/// A key that a member owns.
fn key_of(raw: &Raw, member: usize) -> Data {
    (0..1000)
        .map(|n| data(&n))
        .find(|key| raw.members.owner(partition(key) as u32) == Some(member))
        .unwrap()
}

#[test]
fn backups_report_on_their_own_connections() {
    let mut config = config();
    config.backup_count = 2;
    config.replication_delay = (SECOND, SECOND);
    let mut raw = Raw::new(config);
    let (key, owner) = (key_of(&raw, 1), raw.conns[1]);
    let id = raw.send_aware(owner, &put(&key, 1), partition(&key));
    assert_eq!(raw.answer(owner, id).expect("at once").backup_acks(), 2);
    raw.pass(SECOND);
    for (conn, reports) in raw.conns.clone().into_iter().zip([1, 0, 1]) {
        let events: Vec<BackupEvent> = raw.events(conn);
        let ids: Vec<_> = events.iter().map(|it| it.source_invocation_correlation_id).collect();
        assert_eq!(ids, vec![id; reports]);
    }
    // Nothing was changed, so there is nothing to report.
    let get = map::Get { name: "m".into(), key: key.clone(), thread_id: 1 };
    let id = raw.send_aware(owner, &get, partition(&key));
    assert_eq!(raw.answer(owner, id).expect("at once").backup_acks(), 0);
    // Whoever does not count them itself has its answer when they have it.
    let id = raw.send(owner, &put(&key, 2), partition(&key));
    assert!(raw.answer(owner, id).is_none());
    raw.pass(SECOND);
    assert_eq!(raw.answer(owner, id).expect("now").backup_acks(), 0);
}

fn listen(raw: &mut Raw) {
    for conn in raw.conns.clone() {
        let listen = map::AddNearCacheInvalidationListener {
            name: "m".into(),
            listener_flags: 256,
            local_only: true,
        };
        raw.ask(conn, &listen);
    }
}

/// What each partition of a member has counted, and its id.
fn metadata(raw: &mut Raw, member: usize) -> (Vec<(i32, i64)>, Vec<(i32, Uuid)>) {
    let uuid = raw.members.member_uuid(member);
    let request =
        map::FetchNearCacheInvalidationMetadata { names: vec!["m".into(), "other".into()], uuid };
    let any = raw.conns[2];
    let answer = raw.ask(any, &request);
    let mut of_maps = answer.name_partition_sequence_list;
    assert_eq!(of_maps.pop(), Some(("other".into(), Vec::new())));
    (of_maps.pop().unwrap().1, answer.partition_uuid_list)
}

#[test]
fn near_caches_hear_each_change_once_and_in_order() {
    let mut raw = Raw::new(config());
    listen(&mut raw);
    let (key, owner) = (key_of(&raw, 1), raw.conns[1]);
    assert_eq!(metadata(&mut raw, 1), (vec![], vec![]));
    let to = partition(&key);
    raw.ask_at(owner, &put(&key, 1), to);
    raw.ask_at(owner, &put(&key, 2), to);
    raw.ask_at(owner, &map::Remove { name: "m".into(), key: key.clone(), thread_id: 1 }, to);
    // Nothing was there any more.
    raw.ask_at(owner, &map::Remove { name: "m".into(), key: key.clone(), thread_id: 1 }, to);
    let events: Vec<map::IMapInvalidationEvent> = raw.events(owner);
    assert_eq!(events.iter().map(|event| event.sequence).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(events.iter().all(|event| event.key.as_ref() == Some(&key)));
    assert!(events.iter().all(|event| event.source_uuid == CLIENT));
    let uuid = events[0].partition_uuid;
    assert_eq!(metadata(&mut raw, 1), (vec![(to, 3)], vec![(to, uuid)]));

    // All of the map: from the member that has the partition of the map's name.
    raw.ask(owner, &map::Clear { name: "m".into() });
    let of_name = partition(&data(&"m".to_string()));
    let teller = raw.members.owner(of_name as u32).unwrap();
    for (member, conn) in raw.conns.clone().into_iter().enumerate() {
        let events: Vec<map::IMapInvalidationEvent> = raw.events(conn);
        assert_eq!(events.len(), usize::from(member == teller));
        assert!(events.iter().all(|event| event.key.is_none()));
    }

    // Somebody else has the partition: what it counts goes along, or begins anew.
    let uuid = metadata(&mut raw, 1).1.iter().find(|(of, _)| *of == to).unwrap().1;
    raw.members.crash(raw.now, 1);
    raw.pass(SECOND);
    let owner = raw.members.owner(to as u32).unwrap();
    let (counted, uuids) = metadata(&mut raw, owner);
    assert!(counted.iter().all(|(of, _)| *of != to), "{counted:?}");
    let fresh = uuids.iter().find(|(of, _)| *of == to).unwrap().1;
    assert_ne!(fresh, uuid);
    raw.ask_at(raw.conns[owner], &put(&key, 3), to);
    raw.members.restart(raw.now, 1);
    raw.pass(SECOND);
    assert_eq!(raw.members.migrations_left(), 0);
    let owner = raw.members.owner(to as u32).unwrap();
    let (counted, uuids) = metadata(&mut raw, owner);
    assert!(counted.contains(&(to, 1)) && uuids.contains(&(to, fresh)), "{counted:?} {uuids:?}");

    let request = map::FetchNearCacheInvalidationMetadata { names: vec![], uuid: Uuid::new(1, 2) };
    let conn = raw.conns[0];
    let id = raw.send(conn, &request, -1);
    assert_eq!(code(&mut raw, conn, id), Some(ErrorCode::TARGET_NOT_MEMBER));
}

#[test]
fn invalidations_in_batches() {
    let mut config = config();
    config.invalidation_batch = Some((3, 10 * SECOND));
    let mut raw = Raw::new(config);
    listen(&mut raw);
    let (key, owner) = (key_of(&raw, 0), raw.conns[0]);
    for n in 0..4 {
        raw.ask_at(owner, &put(&key, n), partition(&key));
    }
    let sequences = |raw: &mut Raw| {
        let events: Vec<map::IMapBatchInvalidationEvent> = raw.events(owner);
        events.into_iter().map(|event| event.sequences).collect::<Vec<_>>()
    };
    assert_eq!(sequences(&mut raw), [vec![1, 2, 3]]);
    raw.pass(9 * SECOND);
    assert!(sequences(&mut raw).is_empty());
    raw.pass(SECOND);
    assert_eq!(sequences(&mut raw), [vec![4]]);
}

fn code(raw: &mut Raw, conn: gridwire_core::endpoint::ConnId, id: i64) -> Option<ErrorCode> {
    let message = raw.answer(conn, id)?;
    let error = error::Error::decode(&message).ok()?.0;
    error.holders.first().map(|holder| ErrorCode(holder.error_code))
}

#[test]
fn faults_on_command() {
    let mut raw = Raw::new(config());
    let conn = raw.conns[0];
    let key = key_of(&raw, 0);
    let to = partition(&key);
    raw.members.fault(Fault::once(Ping::ID, Disturbance::Drop));
    let id = raw.send(conn, &Ping {}, -1);
    assert!(raw.answer(conn, id).is_none());
    raw.ask(conn, &Ping {});

    raw.members.fault(Fault { after: 1, ..Fault::once(Ping::ID, Disturbance::WrongAnswer) });
    raw.ask(conn, &Ping {});
    let id = raw.send(conn, &Ping {}, -1);
    assert_ne!(raw.answer(conn, id).unwrap().message_type(), PingResponse::ID);

    raw.members.fault(Fault::once(map::Put::ID, Disturbance::Error(ErrorCode(46))));
    let id = raw.send(conn, &put(&key, 1), to);
    assert_eq!(code(&mut raw, conn, id), Some(ErrorCode(46)));
    assert_eq!(raw.members.map_size("m"), 0);

    raw.members.fault(Fault::once(map::Put::ID, Disturbance::DropAnswer));
    let id = raw.send(conn, &put(&key, 1), to);
    assert!(raw.answer(conn, id).is_none());
    assert_eq!(raw.members.map_size("m"), 1);

    raw.members.fault(Fault::once(map::Put::ID, Disturbance::AnswerTo(1000)));
    let id = raw.send(conn, &put(&key, 2), to);
    assert!(raw.answer(conn, id).is_none() && raw.answer(conn, id + 1000).is_some());

    raw.members.fault(Fault::once(map::Put::ID, Disturbance::Delay(SECOND)));
    let id = raw.send(conn, &put(&key, 3), to);
    raw.pass(SECOND / 2);
    assert!(raw.answer(conn, id).is_none());
    raw.pass(SECOND / 2);
    assert!(raw.answer(conn, id).is_some());

    // At one member, and not at another.
    let what = Disturbance::Close;
    let fault = Fault { member: Some(1), message: None, count: 1, after: 0, what };
    raw.members.fault(fault);
    raw.ask(conn, &Ping {});
    let other = raw.conns[1];
    raw.send(other, &Ping {}, -1);
    assert_eq!(raw.closed, [other]);
    raw.members.fault(Fault::once(Ping::ID, Disturbance::Drop));
    raw.members.clear_faults();
    raw.ask(conn, &Ping {});
}
