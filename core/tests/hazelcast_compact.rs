//! Schemas of compact records: sent before the values that need them, fetched for those that come.
#![cfg(feature = "hazelcast")]

#[path = "hazelcast/mod.rs"]
mod world;

use std::sync::Arc;
use std::time::Duration;

use gridwire_core::call::{Caller, ClientEvent, Failure, Learn, Opener, Order, Ticket, Unopened};
use gridwire_core::endpoint::Cause;
use gridwire_core::hazelcast::compact::{
    Compact, CompactField, CompactReader, CompactType, CompactWriter, FieldKind, GenericRecord,
    Schema,
};
use gridwire_core::hazelcast::error::{ErrorCode, SerializationError};
use gridwire_core::hazelcast::message::client::*;
use gridwire_core::hazelcast::message::{custom, map};
use gridwire_core::hazelcast::{
    Answer, Codec, Data, EntryEvents, Error, Hazelcast, List, Map, Structures, Uuid, Value,
};
use gridwire_core::invoker::Detached;
use world::Pair;
use world::script::{CLUSTER, MEMBER, Script, accepted, member, one, partitions};

macro_rules! record {
    ($name:ident $type_name:literal { $($field:ident: $type:ty $(= $default:expr)?),* }) => {
        #[derive(Debug, Clone, PartialEq)]
        struct $name { $($field: $type),* }
        impl Compact for $name {
            fn compact_type() -> &'static CompactType {
                static TYPE: CompactType = CompactType::new(
                    $type_name, &[$((stringify!($field), <$type as CompactField>::KIND)),*]);
                &TYPE
            }
            fn write(&self, to: &mut CompactWriter<'_, '_>) -> Result<(), Error> {
                $(to.field(stringify!($field), &self.$field)?;)*
                Ok(())
            }
            fn read(from: &CompactReader<'_>) -> Result<Self, Error> {
                Ok(Self { $($field: record!(from $field $($default)?)),* })
            }
        }
        gridwire_core::compact!($name);
    };
    ($from:ident $field:ident) => { $from.field(stringify!($field))? };
    ($from:ident $field:ident $default:expr) => { $from.field_or(stringify!($field), $default)? };
}

record! { Inner "inner" { n: i32 } }
record! { Outer "outer" { id: i64, inner: Option<Inner> } }

type Records = Map<i32, Outer, Detached<Hazelcast>>;

fn schema<T: Compact>() -> &'static Arc<Schema> {
    T::compact_type().schema().unwrap()
}

fn outer(n: i32) -> Outer {
    Outer { id: 1, inner: Some(Inner { n }) }
}

/// A map that exists already.
fn ready(script: &mut Script) -> Records {
    let map = Detached::new(script.client.codec()).map("m");
    script.submit(map.size());
    let (id, _) = script.expect::<CreateProxy>();
    script.answer(id, &CreateProxyResponse {});
    let (id, _) = script.expect::<map::Size>();
    script.answer(id, &map::SizeResponse { response: 0 });
    map
}

fn take(script: &mut Script, expected: &str, members: &[Uuid]) {
    let (id, request) = script.expect::<SendSchema>();
    assert_eq!(request.schema.type_name, expected);
    script.answer(id, &SendSchemaResponse { replicated_members: members.to_vec() });
}

fn failure(script: &Script, ticket: Ticket) -> Error {
    script.done(ticket).expect("it has ended").expect_err("it has failed")
}

#[test]
fn schemas_go_before_the_values_that_need_them() {
    let mut script = Script::connected(one());
    let map = ready(&mut script);
    let first = script.submit(map.put(&1, &outer(1)));
    let second = script.submit(map.put(&2, &outer(2)));
    let other = script.submit(map.get(&1));
    assert!(script.has_sent::<map::Get>(), "what needs no schema doesn't wait");
    take(&mut script, "outer", &[MEMBER]);
    assert!(!script.has_sent::<map::Put>() && !script.has_sent::<CreateProxy>());
    take(&mut script, "inner", &[MEMBER]);
    assert!(!script.has_sent::<SendSchema>(), "each once, whoever waits");
    for ticket in [first, second] {
        let (id, _) = script.expect::<map::Put>();
        script.answer(id, &map::PutResponse { response: None });
        assert!(script.done(ticket).unwrap().is_ok());
    }
    script.submit(map.put_all([(&3, &outer(3)), (&4, &outer(4))]));
    script.submit(map.set(&5, &outer(5)));
    assert!(script.has_sent::<map::PutAll>() && script.has_sent::<map::Set>());
    let _ = other;
}

#[test]
fn scattered_requests_wait_too() {
    let mut script = Script::connected(one());
    let map = ready(&mut script);
    script.submit(map.put_all([(&3, &outer(3)), (&4, &outer(4))]));
    take(&mut script, "outer", &[MEMBER]);
    assert!(!script.has_sent::<map::PutAll>());
    take(&mut script, "inner", &[MEMBER]);
    assert!(script.has_sent::<map::PutAll>());
}

#[test]
fn a_schema_is_sent_until_every_member_has_it() {
    let other = Uuid::new(1, 2);
    let mut script = Script::connected(one());
    let map = ready(&mut script);
    // The view listener's id is that of the second message.
    let members = vec![member(MEMBER, 5701), member(other, 5702)];
    script.event(2, &MembersViewEvent { version: 2, member_infos: members });
    let ticket = script.submit(map.set(&1, &Outer { id: 1, inner: None }));
    let began = script.now;
    for _ in 0..3 {
        take(&mut script, "outer", &[MEMBER]);
        assert!(!script.has_sent::<map::Set>() && !script.has_sent::<SendSchema>());
        while !script.has_sent::<SendSchema>() {
            assert!(script.wait());
        }
    }
    // An error that passes is a try like another.
    let (id, _) = script.expect::<SendSchema>();
    script.error(id, ErrorCode::HAZELCAST_INSTANCE_NOT_ACTIVE.0);
    while !script.has_sent::<SendSchema>() {
        assert!(script.wait());
    }
    assert_eq!(script.now - began, Duration::from_secs(4), "the retry pause between each");
    take(&mut script, "outer", &[other, MEMBER]);
    assert!(script.has_sent::<map::Set>() && script.done(ticket).is_none());
}

#[test]
fn a_schema_that_never_gets_everywhere_fails_the_call() {
    let mut script = Script::connected(one());
    let map = ready(&mut script);
    let call = map.set(&1, &Outer { id: 1, inner: None }).timeout(Duration::from_secs(1000));
    let ticket = script.submit(call);
    let mut tries = 0;
    while script.done(ticket).is_none() {
        if script.has_sent::<SendSchema>() {
            take(&mut script, "outer", &[]);
            tries += 1;
        } else {
            if script.has_sent::<Ping>() {
                let (id, _) = script.expect::<Ping>();
                script.answer(id, &PingResponse {});
            }
            assert!(script.wait());
        }
    }
    assert_eq!(tries, 100);
    let id = schema::<Outer>().id();
    assert_eq!(failure(&script, ticket), SerializationError::NotReplicated(id).into());
    assert_eq!(script.client.in_flight(), 0);
    // The next call begins afresh.
    script.submit(map.set(&1, &Outer { id: 1, inner: None }));
    take(&mut script, "outer", &[MEMBER]);
    assert!(script.has_sent::<map::Set>());
}

#[test]
fn the_call_s_own_time_ends_the_wait_and_nothing_is_sent_after() {
    let mut script = Script::connected(one());
    let map = ready(&mut script);
    let call = map.set(&1, &Outer { id: 1, inner: None }).timeout(Duration::from_millis(2500));
    let began = script.now;
    let ticket = script.submit(call);
    while script.done(ticket).is_none() {
        if script.has_sent::<SendSchema>() {
            take(&mut script, "outer", &[]);
        } else {
            assert!(script.wait());
        }
    }
    assert_eq!(script.now - began, Duration::from_millis(2500));
    assert_eq!(failure(&script, ticket), Failure::TimedOut { sent: false }.into());
    script.sent.clear();
    for _ in 0..5 {
        script.wait();
    }
    assert!(!script.has_sent::<SendSchema>(), "nobody waits for it");
}

#[test]
fn an_error_that_lasts_fails_those_who_wait() {
    let mut script = Script::connected(one());
    let map = ready(&mut script);
    let ticket = script.submit(map.set(&1, &Outer { id: 1, inner: None }));
    let (id, _) = script.expect::<SendSchema>();
    script.error(id, ErrorCode::UNSUPPORTED_OPERATION.0);
    assert_eq!(failure(&script, ticket).code(), Some(ErrorCode::UNSUPPORTED_OPERATION));
}

#[test]
fn a_connection_lost_meanwhile_has_the_schema_sent_again() {
    let mut script = Script::connected(one());
    let map = ready(&mut script);
    let ticket = script.submit(map.set(&1, &Outer { id: 1, inner: None }));
    script.expect::<SendSchema>();
    script.close(Cause::Reset);
    script.open();
    script.let_in();
    take(&mut script, "outer", &[MEMBER]);
    let (id, _) = script.expect::<map::Set>();
    script.answer(id, &map::SetResponse {});
    assert!(script.done(ticket).unwrap().is_ok());
    // The same cluster still has it after another reconnect.
    script.close(Cause::Reset);
    script.open();
    script.let_in();
    assert!(!script.has_sent::<SendAllSchemas>());
    script.submit(map.set(&1, &Outer { id: 1, inner: None }));
    assert!(script.has_sent::<map::Set>());
}

/// Lets the client in to another cluster, and gives the id of its `SendAllSchemas`.
fn changed(script: &mut Script, cluster: Uuid) -> (i64, SendAllSchemas) {
    let (id, _) = script.expect::<Authentication>();
    let accepted = accepted();
    script.answer(id, &AuthenticationResponse { cluster_id: Some(cluster), ..accepted });
    let all = script.expect::<SendAllSchemas>();
    let (id, _) = script.expect::<AddClusterViewListener>();
    script.event(id, &MembersViewEvent { version: 1, member_infos: vec![member(MEMBER, 5701)] });
    script.event(id, &partitions(1, MEMBER));
    script.answer(id, &AddClusterViewListenerResponse {});
    assert!(!script.client.is_connected(), "not before it has the schemas");
    all
}

#[test]
fn a_cluster_that_took_another_s_place_gets_all_schemas_first() {
    let mut script = Script::connected(one());
    let map = ready(&mut script);
    script.submit(map.set(&1, &outer(1)));
    take(&mut script, "outer", &[MEMBER]);
    take(&mut script, "inner", &[MEMBER]);
    script.close(Cause::Reset);
    let waiting = script.submit(map.get(&1));
    script.open();
    let (_, all) = changed(&mut script, Uuid::new(9, 10));
    let mut names: Vec<_> = all.schemas.iter().map(|schema| schema.type_name.to_string()).collect();
    names.sort();
    assert_eq!(names, ["inner", "outer"]);
    assert!(!script.has_sent::<map::Get>());
    // It is owed to the next connection if this one ends.
    script.close(Cause::Reset);
    assert!(script.opening.is_empty());
    script.wait();
    script.open();
    let (id, _) = changed(&mut script, Uuid::new(9, 10));
    script.answer(id, &SendAllSchemasResponse {});
    assert!(script.client.is_connected());
    assert!(script.has_sent::<map::Get>() && script.done(waiting).is_none());
    // To whom it is only told once, so each is asked about before it is used.
    script.submit(map.set(&1, &Outer { id: 1, inner: None }));
    take(&mut script, "outer", &[MEMBER]);
    assert!(script.has_sent::<map::Set>());
    assert_ne!(script.client.context().cluster_id(), Some(CLUSTER));
}

#[test]
fn a_cluster_that_won_t_take_them_is_used_all_the_same() {
    let mut script = Script::connected(one());
    let map = ready(&mut script);
    script.submit(map.set(&1, &Outer { id: 1, inner: None }));
    take(&mut script, "outer", &[MEMBER]);
    script.close(Cause::Reset);
    script.open();
    let (id, _) = changed(&mut script, Uuid::new(9, 10));
    script.error(id, ErrorCode::UNSUPPORTED_OPERATION.0);
    assert!(script.client.is_connected());
    assert!(script.notes().contains("did not take the schemas"), "{}", script.notes());
}

#[test]
fn a_cluster_that_never_says_that_it_took_them_is_left() {
    let mut script = Script::connected(one());
    let map = ready(&mut script);
    script.submit(map.set(&1, &Outer { id: 1, inner: None }));
    take(&mut script, "outer", &[MEMBER]);
    script.close(Cause::Reset);
    script.open();
    let conn = script.conn;
    changed(&mut script, Uuid::new(9, 10));
    while !script.closed.contains(&conn) {
        assert!(script.wait());
    }
}

/// Data of a client that isn't this one.
fn foreign<T: gridwire_core::hazelcast::Write>(value: &T) -> Data {
    Codec::default().to_data(value).unwrap()
}

/// A schema that is being fetched: the call, the request's id, and what learns from its answer.
struct Fetching {
    ticket: Ticket,
    id: i64,
    schema_id: i64,
    learn: Learn<Hazelcast>,
}

/// Opens an answer that needs a schema, and asks for that.
fn fetch<T: 'static>(script: &mut Script, answer: &Answer, call: &Opening<T>) -> Fetching {
    let Err(Unopened::Needs(need)) = call.open(answer, &script.client.codec()) else {
        panic!("it needs a schema")
    };
    let ticket = script.client.submit(script.now, Order::new(need.plan));
    script.drain();
    let (id, FetchSchema { schema_id }) = script.expect();
    Fetching { ticket, id, schema_id, learn: need.learn }
}

type Opening<T> = Opener<Hazelcast, Answer, T>;

/// What a fetched schema has the codec do.
fn learn(
    script: &mut Script,
    fetching: Fetching,
    schema: Option<custom::Schema>,
) -> Result<(), Error> {
    script.answer(fetching.id, &FetchSchemaResponse { schema });
    let answer = script.done(fetching.ticket).unwrap().unwrap();
    (fetching.learn)(&answer, &script.client.codec())
}

#[test]
fn schemas_of_what_comes_are_fetched_one_after_the_other() {
    let mut script = Script::connected(one());
    ready(&mut script);
    let map = Detached::new(script.client.codec()).map::<i32, GenericRecord>("m");
    let call = map.get(&1);
    let ticket = script.client.submit(script.now, call.order);
    script.drain();
    let (id, _) = script.expect::<map::Get>();
    script.answer(id, &map::GetResponse { response: Some(foreign(&outer(7))) });
    let answer = script.done(ticket).unwrap().unwrap();
    let fetching = fetch(&mut script, &answer, &call.opener);
    assert_eq!(fetching.schema_id, schema::<Outer>().id());
    learn(&mut script, fetching, Some(schema::<Outer>().to_message())).unwrap();
    let fetching = fetch(&mut script, &answer, &call.opener);
    assert_eq!(fetching.schema_id, schema::<Inner>().id());
    learn(&mut script, fetching, Some(schema::<Inner>().to_message())).unwrap();
    let record = call.opener.open(&answer, &script.client.codec()).unwrap().unwrap();
    let inner: GenericRecord = record.get("inner").unwrap();
    assert_eq!(inner.get::<i32>("n").unwrap(), 7);
    // As a type that has these very schemas it is read without.
    let typed = Detached::new(script.client.codec()).map::<i32, Outer>("m").get(&1);
    let fresh = Codec::default();
    assert_eq!(typed.opener.open(&answer, &fresh).unwrap(), Some(outer(7)));
}

#[test]
fn a_schema_that_isn_t_there_or_isn_t_the_one_is_an_error() {
    let mut script = Script::connected(one());
    ready(&mut script);
    let map = Detached::new(script.client.codec()).map::<i32, Value>("m");
    let call = map.get(&1);
    let ticket = script.client.submit(script.now, call.order);
    script.drain();
    let (id, _) = script.expect::<map::Get>();
    let value = foreign(&List(vec![Inner { n: 7 }]));
    script.answer(id, &map::GetResponse { response: Some(value) });
    let answer = script.done(ticket).unwrap().unwrap();
    let inner = schema::<Inner>();
    let fetching = fetch(&mut script, &answer, &call.opener);
    let error = learn(&mut script, fetching, None).unwrap_err();
    assert_eq!(error, SerializationError::NoSuchSchema(inner.id()).into());
    assert_eq!(
        error.to_string(),
        "no member knows the schema 0x6e0ca3196a1a626c of a compact record"
    );
    let mut wrong = vec![schema::<Outer>().to_message()];
    let field = |name: &str, kind| custom::FieldDescriptor { field_name: name.into(), kind };
    for fields in [
        vec![],
        vec![field("n", FieldKind::Int64.id())],
        vec![field("n", 9), field("n", 9)],
        // Not available, char, portable, and what there is no such.
        vec![field("n", 0)],
        vec![field("n", 5)],
        vec![field("n", 31)],
        vec![field("n", 47)],
        vec![field("n", -1)],
    ] {
        wrong.push(custom::Schema { type_name: "inner".into(), fields });
    }
    for schema in wrong {
        let fetching = fetch(&mut script, &answer, &call.opener);
        let error = learn(&mut script, fetching, Some(schema)).unwrap_err();
        assert!(matches!(error, Error::Malformed(_)), "{error}");
    }
    let fetching = fetch(&mut script, &answer, &call.opener);
    learn(&mut script, fetching, Some(inner.to_message())).unwrap();
    let Some(Value::List(_, items)) = call.opener.open(&answer, &script.client.codec()).unwrap()
    else {
        panic!()
    };
    assert!(matches!(&items[..], [Value::Record(record)] if record.get::<i32>("n").unwrap() == 7));
}

#[test]
fn client_and_member_by_themselves() {
    let mut pair = Pair::connected(3);
    // Another client's record, of a type with more fields than this one knows.
    let other = GenericRecord::builder("outer")
        .field("id", 5i64)
        .field("inner", GenericRecord::builder("inner").field("n", 6).build().unwrap())
        .field("since", "2021")
        .build()
        .unwrap();
    let inner: GenericRecord = other.get("inner").unwrap();
    for schema in [other.schema(), inner.schema()] {
        pair.member.schemas().keep(schema);
    }
    let raw = pair.invoker().map::<i32, Data>("m");
    let map = pair.invoker().map::<i32, Outer>("m");
    let generic = pair.invoker().map::<i32, GenericRecord>("m");
    let listen = map.listen(EntryEvents::ALL, true);
    let (_, subscription) = pair.client.subscribe(pair.now, listen.listen);
    pair.settle();
    assert_eq!(pair.run(raw.put(&1, &foreign(&other))), Ok(None));
    assert_eq!(pair.run(map.get(&1)), Ok(Some(Outer { id: 5, inner: Some(Inner { n: 6 }) })));
    assert_eq!(pair.run(generic.get(&1)), Ok(Some(other.clone())));
    // What is put is known to the member, nested records included.
    assert!(pair.member.schemas().get(schema::<Outer>().id()).is_none());
    assert_eq!(
        pair.run(map.put(&1, &outer(8))),
        Ok(Some(Outer { id: 5, inner: Some(Inner { n: 6 }) }))
    );
    assert!(pair.member.schemas().get(schema::<Outer>().id()).is_some());
    assert_eq!(pair.run(generic.get(&1)).unwrap().unwrap().get::<i64>("id"), Ok(1));
    // Events are opened alike.
    let items: Vec<_> = pair
        .events
        .iter()
        .filter_map(|event| match event {
            ClientEvent::Item(id, item) if *id == subscription => Some(item.clone()),
            _ => None,
        })
        .collect();
    let heard: Vec<_> = items
        .iter()
        .map(|item| pair.open(|codec| listen.opener.open(item, codec)).unwrap().value.unwrap())
        .collect();
    assert_eq!(heard, [Outer { id: 5, inner: Some(Inner { n: 6 }) }, outer(8)]);
    // Nobody knows this one.
    let lost = GenericRecord::builder("lost").field("x", 1).build().unwrap();
    pair.run(raw.put(&2, &foreign(&lost))).unwrap();
    let error = pair.run(generic.get(&2)).unwrap_err();
    assert_eq!(error, SerializationError::NoSuchSchema(lost.schema().id()).into());
    // Bytes that were serialized before by the same client bring their schema with them.
    let data = pair.client.codec().to_data(&lost).unwrap();
    pair.run(raw.put(&2, &data)).unwrap();
    assert!(pair.member.schemas().get(lost.schema().id()).is_some());
}
