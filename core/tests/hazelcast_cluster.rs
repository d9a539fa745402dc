//! Which cluster a client goes to, by what right, and which of its members.
#![cfg(feature = "hazelcast")]

#[path = "hazelcast/mod.rs"]
mod world;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use gridwire_core::call::{Call, Caller, ClientEvent, Failure, Lifecycle};
use gridwire_core::endpoint::{Cause, Endpoint, Input, Target};
use gridwire_core::hazelcast::error::Refusal;
use gridwire_core::hazelcast::message::client::*;
use gridwire_core::hazelcast::message::custom::{Address, EndpointQualifier, MemberInfo};
use gridwire_core::hazelcast::{
    Cluster, ClusterEvents, Config, Credentials, DistributedObject, Error, Hazelcast, LoadBalancer,
    MemberConfig, MembershipEvent, ObjectEvent, Operation, Reconnect, Routing, Structures,
    Translator, Uuid,
};
use gridwire_core::invoker::Detached;
use world::Pair;
use world::script::{MEMBER, Script, accepted, member, one};

const OTHER: Uuid = Uuid::new(2, 2);
const THIRD: Uuid = Uuid::new(3, 3);

/// Connected to the first of three members.
fn three(config: Config) -> Script {
    let mut script = Script::opened(config);
    let_in_to_three(&mut script, |_| ());
    script
}

fn let_in_to_three(script: &mut Script, change: impl Fn(&mut MemberInfo)) {
    let (id, _) = script.expect::<Authentication>();
    script.answer(id, &accepted());
    let (id, _) = script.expect::<AddClusterViewListener>();
    let mut member_infos = vec![member(MEMBER, 5701), member(OTHER, 5702), member(THIRD, 5703)];
    member_infos.iter_mut().for_each(change);
    script.event(id, &MembersViewEvent { version: 1, member_infos });
    script.answer(id, &AddClusterViewListenerResponse {});
}

/// Lets the client in to the other two.
fn join_the_others(script: &mut Script) {
    for uuid in [OTHER, THIRD] {
        script.open();
        let (id, _) = script.expect::<Authentication>();
        script.answer(id, &AuthenticationResponse { member_uuid: Some(uuid), ..accepted() });
    }
}

fn ports(script: &Script) -> Vec<u16> {
    script.targets.iter().map(|target| target.port).collect()
}

fn anything() -> Call<gridwire_core::hazelcast::Hazelcast, ()> {
    Call::one(Operation::new(&GetDistributedObjects {}), |_, _| Ok(()))
}

#[test]
fn members_see_the_credentials_and_no_log_does() {
    let mut config = one();
    config.credentials = Credentials::user("jane", "s3cret");
    assert!(!format!("{config:?}").contains("s3cret"), "{config:?}");
    let mut script = Script::opened(config);
    let (_, request) = script.expect::<Authentication>();
    assert_eq!(request.username.as_deref(), Some("jane"));
    assert_eq!(request.password.as_deref(), Some("s3cret"));
    assert!(!format!("{request:?}").contains("s3cret"), "{request:?}");

    for credentials in [Credentials::Token("t0ken".into()), Credentials::Custom("t0ken".into())] {
        let mut config = one();
        config.credentials = credentials;
        let mut script = Script::opened(config);
        let (id, request) = script.expect::<AuthenticationCustom>();
        assert_eq!(&request.credentials.0[..], b"t0ken");
        script.answer(id, &AuthenticationCustomResponse::from(accepted()));
        script.expect::<AddClusterViewListener>();
    }
}

#[test]
fn an_embedded_member_lets_in_whom_it_should() {
    let all = [
        Credentials::None,
        Credentials::user("jane", "s3cret"),
        Credentials::user("jane", "other"),
        Credentials::Token("t0ken".into()),
    ];
    for wanted in &all {
        for shown in &all {
            let mut members = MemberConfig::default();
            members.credentials = wanted.clone();
            let mut config = one();
            config.credentials = shown.clone();
            let mut pair = Pair::with(7, config, members);
            pair.settle();
            assert_eq!(pair.client.is_connected(), wanted == shown, "{wanted:?} {shown:?}");
        }
    }
}

/// A configuration with two further clusters.
fn with_failover() -> Config {
    let mut config = one();
    config.connection_retry.give_up_after = Some(Duration::from_secs(10));
    let other = |name: &'static str, port| Cluster {
        name: name.into(),
        credentials: Credentials::user("jane", "s3cret"),
        addresses: vec![Target::new("other", port)],
        connection_retry: config.connection_retry,
    };
    config.failover = vec![other("blue", 1), other("green", 2)];
    config.failover_try_count = Some(2);
    config
}

#[test]
fn clusters_that_are_not_there_are_tried_in_turn_and_given_up() {
    let mut script = Script::opened(with_failover());
    let refuse = |script: &mut Script| {
        while let Some(conn) = script.opening.pop_front() {
            script.client.handle(script.now, Input::Closed { conn, cause: Cause::Refused });
            script.drain();
        }
    };
    script.close(Cause::Reset);
    while script.shut_down_with().is_none() {
        assert!(script.wait());
        refuse(&mut script);
    }
    let end = script.shut_down_with().unwrap();
    let Err(Error::Failure(Failure::NotConnected(Cause::Targets(each)))) = end else { panic!() };
    assert!(!each.is_empty() && each.iter().all(|(_, cause)| *cause == Cause::Refused));
    let mut order = ports(&script);
    order.dedup();
    assert_eq!(order, [5701, 1, 2, 5701, 1, 2]);
    // Each had its ten seconds, and each change its pause.
    let seconds = script.now.as_nanos() / 1_000_000_000;
    assert!((60..=70).contains(&seconds), "{seconds}");
}

#[test]
fn a_client_that_is_no_longer_allowed_goes_on_with_the_next_cluster() {
    let mut script = Script::opened(with_failover());
    script.let_in();
    script.close(Cause::Reset);
    script.open();
    let (id, request) = script.expect::<Authentication>();
    assert_eq!((request.cluster_name.as_str(), request.username), ("dev", None));
    script.answer(id, &AuthenticationResponse { status: 3, ..AuthenticationResponse::default() });
    assert!(script.notes().contains("not allowed"), "{}", script.notes());
    assert!(script.wait());
    script.open();
    let (id, request) = script.expect::<Authentication>();
    assert_eq!(request.cluster_name.as_str(), "blue");
    assert_eq!(request.username.as_deref(), Some("jane"));
    let cluster_id = Some(Uuid::new(8, 8));
    script.answer(id, &AuthenticationResponse { cluster_id, ..accepted() });
    let is_changed = |event: &_| matches!(event, ClientEvent::Lifecycle(Lifecycle::ChangedCluster));
    assert!(script.events.iter().any(is_changed));
    assert_eq!(script.shut_down_with(), None);
}

#[test]
fn wrong_credentials_end_a_client_that_has_nowhere_else_to_go() {
    let mut script = Script::opened(one());
    let (id, _) = script.expect::<Authentication>();
    script.answer(id, &AuthenticationResponse { status: 1, ..AuthenticationResponse::default() });
    assert_eq!(script.refusal(), Some(Refusal::Credentials));
}

#[test]
fn calls_wait_for_a_connection_or_fail_at_once_as_configured() {
    for (reconnect, async_start) in
        [(Reconnect::On, false), (Reconnect::Async, false), (Reconnect::On, true)]
    {
        let mut config = one();
        (config.reconnect, config.async_start) = (reconnect, async_start);
        let mut script = Script::opened(config);
        let early = script.submit(anything());
        let offline = |end| matches!(end, Some(Err(Error::Failure(Failure::NotConnected(_)))));
        assert_eq!(offline(script.done(early)), async_start);
        script.let_in();
        script.close(Cause::Reset);
        let late = script.submit(anything());
        assert_eq!(offline(script.done(late)), reconnect == Reconnect::Async);
    }
}

#[test]
fn a_client_that_is_not_to_reconnect_ends_with_its_connection() {
    let mut config = one();
    config.reconnect = Reconnect::Off;
    let mut script = Script::connected(config);
    let call = script.submit(anything());
    script.close(Cause::Reset);
    let failure = Failure::NotConnected(Cause::Reset);
    assert_eq!(script.shut_down_with(), Some(Err(failure.into())));
    // Its bytes were taken: nobody knows what became of it.
    let end = script.done(call).unwrap();
    assert!(matches!(end, Err(Error::Failure(Failure::Indeterminate(_)))), "{end:?}");
}

/// How many of 60 requests that any member can serve each connection got.
fn spread(balancer: LoadBalancer) -> Vec<usize> {
    let mut config = one();
    config.load_balancer = balancer;
    let mut script = three(config);
    join_the_others(&mut script);
    let mut counts = BTreeMap::new();
    for _ in 0..60 {
        script.submit(anything());
        script.expect::<GetDistributedObjects>();
        *counts.entry(script.conn).or_insert(0) += 1;
    }
    counts.into_values().collect()
}

#[test]
fn requests_for_anybody_are_spread_as_configured() {
    assert_eq!(spread(LoadBalancer::RoundRobin), [20, 20, 20]);
    let random = spread(LoadBalancer::Random);
    assert!(random.len() == 3 && random != [20, 20, 20], "{random:?}");
    assert_eq!(spread(LoadBalancer::Custom(Arc::new(|_| Some(OTHER)))), [60]);
    // Who isn't there, and nobody.
    assert_eq!(spread(LoadBalancer::Custom(Arc::new(|_| Some(Uuid::new(7, 7))))), [20, 20, 20]);
    assert_eq!(spread(LoadBalancer::Custom(Arc::new(|_| None))), [20, 20, 20]);
}

#[test]
fn one_connection_or_those_of_a_group() {
    let mut config = one();
    config.routing = Routing::SingleMember;
    let mut script = three(config.clone());
    assert_eq!(ports(&script), [5701]);

    config.routing = Routing::MultiMember;
    script = Script::opened(config);
    let (id, request) = script.expect::<Authentication>();
    assert_eq!(request.routing_mode, 2);
    script.answer(id, &accepted());
    let (id, _) = script.expect::<AddClusterViewListener>();
    let member_infos = vec![member(MEMBER, 5701), member(OTHER, 5702), member(THIRD, 5703)];
    script.event(id, &MembersViewEvent { version: 1, member_infos });
    script.answer(id, &AddClusterViewListenerResponse {});
    assert_eq!(ports(&script), [5701]);
    let groups = |version, groups: &[&[Uuid]]| MemberGroupsViewEvent {
        version,
        member_groups: groups.iter().map(|group| group.to_vec()).collect(),
    };
    script.event(id, &groups(2, &[&[OTHER], &[MEMBER, THIRD]]));
    assert_eq!(ports(&script), [5701, 5703]);
    let first = script.conn;
    script.open();
    let third = script.conn;
    let (auth, _) = script.expect::<Authentication>();
    script.answer(auth, &AuthenticationResponse { member_uuid: Some(THIRD), ..accepted() });
    // An older view changes nothing; a newer one does.
    script.conn = first;
    script.received.clear();
    script.event(id, &groups(1, &[&[MEMBER, OTHER], &[THIRD]]));
    assert_eq!((ports(&script).len(), script.closed.len()), (2, 0));
    script.event(id, &groups(3, &[&[MEMBER, OTHER], &[THIRD]]));
    assert_eq!((ports(&script), &script.closed[..]), (vec![5701, 5703, 5702], &[third][..]));
}

#[test]
fn members_are_reached_by_the_addresses_that_are_configured() {
    let public = |member: &mut MemberInfo| {
        let purpose = EndpointQualifier { kind: 1, identifier: Some("public".into()) };
        let port = member.address.port + 10_000;
        member.address.host = "internal".into();
        member.address_map = vec![(purpose, Address { host: "public".into(), port })];
    };
    let reached = |use_public_ip, translator: Option<Translator>, first: Target| {
        let mut config = Config::new([first]);
        (config.use_public_ip, config.address_translator) = (use_public_ip, translator);
        let mut script = Script::opened(config);
        let_in_to_three(&mut script, public);
        let mut targets: Vec<_> = script.targets[1..].iter().map(ToString::to_string).collect();
        targets.sort();
        targets.join(" ")
    };
    let outside = || Target::new("public", 15701);
    let inside = || Target::new("internal", 5701);
    assert_eq!(reached(None, None, outside()), "public:15702 public:15703");
    assert_eq!(reached(None, None, inside()), "internal:5702 internal:5703");
    assert_eq!(reached(Some(false), None, outside()), "internal:5702 internal:5703");
    assert_eq!(reached(Some(true), None, inside()), "public:15702 public:15703");
    let translator =
        Translator(Arc::new(|target| (target.port == 5702).then(|| Target::new("elsewhere", 99))));
    assert_eq!(reached(None, Some(translator), inside()), "elsewhere:99");
}

#[test]
fn an_empty_list_of_members_is_not_believed() {
    let mut script = Script::opened(one());
    let (id, _) = script.expect::<Authentication>();
    script.answer(id, &accepted());
    let (id, _) = script.expect::<AddClusterViewListener>();
    script.event(id, &MembersViewEvent { version: 1, member_infos: vec![member(MEMBER, 5701)] });
    script.event(id, &MembersViewEvent { version: 2, member_infos: Vec::new() });
    script.answer(id, &AddClusterViewListenerResponse {});
    assert_eq!(script.client.members().len(), 1);
    assert!(script.client.is_connected());
}

#[test]
fn members_and_owners_are_known_from_the_first_answer() {
    let mut script = Script::opened(one());
    let (id, _) = script.expect::<Authentication>();
    let answer = AuthenticationResponse {
        member_list_version: 3,
        member_infos: vec![member(MEMBER, 5701), member(OTHER, 5702)],
        partition_list_version: 5,
        partitions: vec![(MEMBER, vec![0, 2]), (OTHER, vec![1, 999, -1])],
        ..accepted()
    };
    script.answer(id, &answer);
    let context = script.client.context();
    assert_eq!(context.members().len(), 2);
    assert_eq!(
        (context.owner(1), context.owner(2), context.owner(3)),
        (Some(OTHER), Some(MEMBER), None)
    );
}

#[test]
fn backups_that_are_not_reported_fail_a_call_if_so_configured() {
    for (fail, is_lost) in [(false, false), (false, true), (true, false), (true, true)] {
        let mut config = one();
        config.fail_on_indeterminate_operation_state = fail;
        let mut script = Script::connected(config);
        let map = Detached::new(script.client.codec()).map::<String, i32>("m");
        let ticket = script.submit(map.put("a", &1));
        let (id, _) = script.expect::<CreateProxy>();
        script.answer(id, &CreateProxyResponse {});
        let (id, _) = script.expect::<gridwire_core::hazelcast::message::map::Put>();
        let mut answer = world::script::encoded(
            id,
            &gridwire_core::hazelcast::message::map::PutResponse { response: None },
        );
        answer.set_backup_acks(1);
        script.feed(&answer.into_bytes());
        if is_lost {
            // The owner goes after its answer: whether a backup has it, nobody says.
            script.close(Cause::Eof);
        }
        while script.done(ticket).is_none() {
            assert!(script.wait());
        }
        let end = script.done(ticket).unwrap();
        let is_unknown = matches!(end, Err(Error::Failure(Failure::Indeterminate(_))));
        assert_eq!(is_unknown, fail, "{end:?}");
        assert_eq!(end.is_ok(), !fail);
    }
}

#[test]
fn a_clients_life_and_its_members_are_heard_by_who_asks() {
    let mut pair = Pair::with(7, one(), MemberConfig::default());
    let life = pair.subscribe(pair.invoker().lifecycle());
    let members = pair.subscribe(pair.invoker().membership());
    // Begun before there was a connection.
    assert_eq!(pair.items(&life), [Lifecycle::Started, Lifecycle::Connected]);
    let members_so_far = pair.items(&members);
    assert!(
        matches!(&members_so_far[..], [MembershipEvent::Initial(all)] if all.len() == 1)
            || matches!(&members_so_far[..], [MembershipEvent::Initial(none), MembershipEvent::Added(_)]
                if none.is_empty()),
        "{members_so_far:?}"
    );
    let late = pair.subscribe(pair.invoker().membership());
    let initial = pair.items(&late);
    assert!(
        matches!(&initial[..], [MembershipEvent::Initial(all)] if all.len() == 1),
        "{initial:?}"
    );
    for conn in pair.connections() {
        pair.reset(conn);
    }
    pair.pass(Duration::from_secs(5));
    assert_eq!(pair.items(&life), [Lifecycle::Disconnected, Lifecycle::Connected]);
    let now = pair.now;
    pair.client.shut_down(now);
    pair.settle();
    assert_eq!(pair.items(&life), [Lifecycle::ShuttingDown, Lifecycle::ShutDown]);
}

#[test]
fn a_listener_is_registered_when_the_members_that_are_being_joined_have_it() {
    for fails in [false, true] {
        let mut script = three(one());
        let (_, id) = script.client.subscribe(
            script.now,
            Detached::<Hazelcast>::new(script.client.codec()).object_events().listen,
        );
        script.drain();
        let registered = |script: &mut Script| {
            let (request, _) = script.expect::<AddDistributedObjectListener>();
            let response = Uuid::new(6, 6);
            script.answer(request, &AddDistributedObjectListenerResponse { response });
        };
        let is_done = |script: &Script| {
            script.events.iter().any(|event| matches!(event, ClientEvent::Done(_, Ok(_))))
        };
        registered(&mut script);
        assert!(!is_done(&script), "two members are not asked yet");
        script.open();
        let (auth, _) = script.expect::<Authentication>();
        script.answer(auth, &AuthenticationResponse { member_uuid: Some(OTHER), ..accepted() });
        registered(&mut script);
        assert!(!is_done(&script), "one member is not asked yet");
        if fails {
            let conn = script.opening.pop_front().unwrap();
            let cause = Cause::Refused;
            script.client.handle(script.now, Input::Closed { conn, cause });
            script.drain();
        } else {
            script.open();
            let (auth, _) = script.expect::<Authentication>();
            script.answer(auth, &AuthenticationResponse { member_uuid: Some(THIRD), ..accepted() });
            registered(&mut script);
        }
        assert!(is_done(&script), "fails: {fails}");
        script.client.unsubscribe(script.now, id);
    }
}

/// Members that are listed and can't be reached are tried over and over. Attempts that begin later than the
/// listener aren't waited for, so that it is registered even where one is always under way.
#[test]
fn a_listener_does_not_wait_for_members_that_are_tried_again_and_again() {
    let mut script = three(one());
    script.now = script.now + Duration::from_millis(1_500);
    let conn = script.opening.pop_front().unwrap();
    script.client.handle(script.now, Input::Closed { conn, cause: Cause::Refused });
    script.drain();
    // From here on the two take turns, 5 s each with a second between.
    let events = Detached::<Hazelcast>::new(script.client.codec()).object_events();
    let (ticket, _) = script.client.subscribe(script.now, events.listen);
    script.drain();
    let (request, _) = script.expect::<AddDistributedObjectListener>();
    let response = Uuid::new(6, 6);
    script.answer(request, &AddDistributedObjectListenerResponse { response });
    let soon = script.now + Duration::from_secs(10);
    assert!(script.done(ticket).is_none());
    while script.done(ticket).is_none() {
        assert!(script.wait() && script.now < soon, "{:?}", script.now);
        while script.has_sent::<Ping>() {
            let (id, _) = script.expect::<Ping>();
            script.answer(id, &PingResponse {});
        }
    }
    assert!(matches!(script.done(ticket), Some(Ok(_))));
}

/// A member that hung for long takes itself for the cluster when it goes on; its address may be that of
/// another member before the list says so.
#[test]
fn a_member_that_the_cluster_does_not_list_is_not_talked_with() {
    let mut script = three(one());
    let view = script.conn;
    let answer_as = |script: &mut Script, uuid| {
        let (id, _) = script.expect::<Authentication>();
        script.answer(id, &AuthenticationResponse { member_uuid: Some(uuid), ..accepted() });
    };
    // The second leaves while it is being joined, the third is another than the list says.
    script.open();
    let hangs = script.conn;
    let mut infos = vec![member(MEMBER, 5701), member(THIRD, 5703)];
    script.conn = view;
    script.event(2, &MembersViewEvent { version: 2, member_infos: infos.clone() });
    assert_eq!(script.closed, [hangs]);
    script.open();
    let stranger = script.conn;
    answer_as(&mut script, Uuid::new(4, 4));
    assert_eq!(script.closed, [hangs, stranger]);
    let is_asked = script.sent.iter().any(|(conn, _)| *conn == stranger);
    assert!(!is_asked, "for backups, or anything");
    // The list says so: it is joined at once.
    infos[1].uuid = Uuid::new(4, 4);
    script.conn = view;
    script.event(2, &MembersViewEvent { version: 3, member_infos: infos });
    assert_eq!(ports(&script).last(), Some(&5703));
    script.open();
    answer_as(&mut script, Uuid::new(4, 4));
    assert_eq!(script.closed, [hangs, stranger]);
}

/// Behind one address for all, any of those listed may answer: the one that is missing is asked for again.
#[test]
fn a_member_that_answers_for_another_does_not_keep_it_away() {
    let mut script = three(one());
    for uuid in [THIRD, OTHER] {
        script.open();
        let (id, _) = script.expect::<Authentication>();
        script.answer(id, &AuthenticationResponse { member_uuid: Some(uuid), ..accepted() });
    }
    assert!(script.closed.is_empty());
    let gone = script.conn;
    script.close(Cause::Reset);
    assert_eq!(script.conn, gone);
    while script.opening.is_empty() {
        assert!(script.wait());
    }
    assert_eq!(ports(&script).last(), Some(&5702), "the second's place, whoever is there");
}

#[test]
fn structures_that_come_and_go_are_heard() {
    let mut pair = Pair::connected(7);
    let objects = pair.subscribe(pair.invoker().object_events());
    let map = pair.invoker().map::<String, i32>("m");
    pair.run(map.put("a", &1)).unwrap();
    let object = DistributedObject { service: "hz:impl:mapService".into(), name: "m".into() };
    assert_eq!(pair.items(&objects), [ObjectEvent::Created(object)]);
}
