//! What happens in a cluster as its clients see it: the client's life, members, structures; who is let in;
//! and clients that keep to some of the members.

use std::time::Duration;

use gridwire_core::call::Lifecycle;
use gridwire_core::hazelcast::error::Refusal;
use gridwire_core::hazelcast::{
    Client, ClusterEvents, Config, Credentials, DistributedObject, Map, MembershipEvent,
    ObjectEvent, Routing, Structures,
};
use gridwire_core::invoker::{AsyncInvoker, Delivered};

use super::maps::done;
use super::{item, name, soon, until, with_client, within};
use crate::adapter::Adapter;

type On<A> = <A as Adapter>::Client<Client>;

/// The client's life, its members, structures that come and go, each told once; and nothing of what does
/// not happen.
pub fn watched<A: Adapter>(config: Config, members: usize) {
    with_client::<A, Client>(config, async |on| {
        let mut life = on.lifecycle();
        let mut membership = on.membership();
        let mut objects = on.object_events();
        let (mut moving, mut lost) = (on.migrations(), on.lost_partitions());
        soon(On::<A>::registered(&mut life)).await.unwrap();
        soon(On::<A>::registered(&mut membership)).await.unwrap();
        soon(On::<A>::registered(&mut objects)).await.unwrap();
        soon(On::<A>::registered(&mut moving)).await.unwrap();
        soon(On::<A>::registered(&mut lost)).await.unwrap();
        assert_eq!(item::<On<A>, _>(&mut life).await, Lifecycle::Connected);
        match item::<On<A>, _>(&mut membership).await {
            MembershipEvent::Initial(list) => assert_eq!(list.len(), members),
            other => panic!("no list but {other:?}"),
        }

        let name = name::<A>("watched");
        let map: Map<i32, i32, On<A>> = on.map(&name);
        let service = "hz:impl:mapService".into();
        let object = DistributedObject { service, name: name.as_str().into() };
        // Others of the cluster's clients make structures too.
        let mut of_this = async || loop {
            let event = item::<On<A>, _>(&mut objects).await;
            let (ObjectEvent::Created(of) | ObjectEvent::Destroyed(of)) = &event;
            if *of == object {
                break event;
            }
        };
        done(map.set(&1, &1), on).await;
        assert_eq!(soon(of_this()).await, ObjectEvent::Created(object.clone()));
        done(map.destroy(), on).await;
        assert_eq!(soon(of_this()).await, ObjectEvent::Destroyed(object.clone()));
        assert_eq!(within(Duration::from_secs(1), of_this()).await, None, "each once");

        let brief = Duration::from_millis(100);
        assert!(within(brief, On::<A>::next(&mut membership)).await.is_none());
        assert!(within(brief, On::<A>::next(&mut moving)).await.is_none());
        assert!(within(brief, On::<A>::next(&mut lost)).await.is_none());
        soon(A::close(on)).await;
        for state in [Lifecycle::ShuttingDown, Lifecycle::ShutDown] {
            match soon(On::<A>::next(&mut life)).await {
                Some(Ok(Delivered::Item(heard))) => assert_eq!(heard, state),
                other => panic!("no {state:?} but {other:?}"),
            }
        }
    });
}

/// Members without security let nobody in who shows anything, and the error says so at once.
pub fn credentials<A: Adapter>(config: &Config) {
    for credentials in [
        Credentials::user("somebody", "secret"),
        Credentials::Token(b"token".to_vec().into()),
        Credentials::Custom(b"\0\0\0\0\xff\xff\xff\xf5\0\0\0\0".to_vec().into()),
    ] {
        let mut config = config.clone();
        config.credentials = credentials;
        let end = A::block_on(async { soon(A::connect::<Client>(config)).await.map(drop) });
        let end = end.expect_err("refused");
        let text = end.to_string();
        assert!(text.contains(&Refusal::Credentials.to_string()), "{text}");
        assert!(!text.contains("secret") && !text.contains("token"), "{text}");
    }
}

/// A client that keeps to a group of members works as any other. Members without a licence tell no
/// groups: then it has one connection, as long as that lasts.
pub fn a_group<A: Adapter>(mut config: Config) {
    config.routing = Routing::MultiMember;
    with_client::<A, Client>(config, async |on| {
        let map: Map<i32, i64, On<A>> = on.map(&name::<A>("a group"));
        let entries: Vec<_> = (0..500).map(|n| (n, i64::from(n))).collect();
        let all = entries.iter().map(|(key, value)| (key, value));
        done(map.put_all(all), on).await;
        for (key, value) in &entries {
            assert_eq!(soon(On::<A>::future(map.get(key))).await, Ok(Some(*value)));
        }
        let active = A::with(on, |engine, _| engine.metrics().connections_active);
        assert_eq!(active, 1);
    });
}

/// A client tells a member of itself, and is gone. Its name is in what it tells; `log` is what members have
/// printed, who say at its end what it told them last.
pub fn told<A: Adapter>(mut config: Config, log: impl Fn() -> String) {
    let name = format!("told by {}", A::NAME);
    config.statistics = Some(Duration::from_secs(1));
    config.client_name = name.as_str().into();
    with_client::<A, Client>(config, async |on| {
        let map: Map<i32, i64, On<A>> = on.map(&name);
        assert_eq!(soon(On::<A>::future(map.size())).await, Ok(0));
        async_io::Timer::after(Duration::from_secs(3)).await;
    });
    A::block_on(async {
        let said = || {
            let log = log();
            let of = |line: &&str| line.contains(&format!(",clientName={name},"));
            log.lines().find(of).unwrap_or_default().to_owned()
        };
        until("a member says what it was told", || !said().is_empty()).await;
        let line = said();
        for part in ["latest clientAttributes=lastStat", "clientType=GWR", ",clientAddress=127."] {
            assert!(line.contains(part), "{line}");
        }
    });
}
