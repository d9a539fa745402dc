//! A map's requests as they are sent, to a member that is a test: times, routes, indexes, queries.
#![cfg(feature = "hazelcast")]

#[path = "hazelcast/mod.rs"]
mod world;

use std::time::Duration;

use gridwire_core::call::{Call, Caller as _, Opener};
use gridwire_core::hazelcast::message::client::{CreateProxy, CreateProxyResponse};
use gridwire_core::hazelcast::message::map;
use gridwire_core::hazelcast::query::{attr, paging, partition, partitions, this};
use gridwire_core::hazelcast::{
    Answer, BitmapIndex, Codec, Error, Expiry, Hazelcast, Index, Map, Request, Structures,
    Transformation,
};
use gridwire_core::invoker::Detached;
use world::script::{Script, one};

type Numbers = Map<i32, i32, Detached<Hazelcast>>;

/// A map that exists already.
fn ready() -> (Script, Numbers) {
    let mut script = Script::connected(one());
    let map: Numbers = Detached::new(script.client.codec()).map("m");
    script.submit(map.size());
    let (id, _) = script.expect::<CreateProxy>();
    script.answer(id, &CreateProxyResponse {});
    let (id, _) = script.expect::<map::Size>();
    script.answer(id, &map::SizeResponse { response: 0 });
    (script, map)
}

/// What a call sends first, and to which partition.
fn sent<M: Request, R: 'static>(script: &mut Script, call: Call<Hazelcast, R>) -> (M, i32) {
    script.submit(call);
    let is_it = |message: &gridwire_core::hazelcast::Message| message.message_type() == M::ID;
    let found = script.sent.iter().find(|(_, message)| is_it(message));
    let partition = found.map(|(_, message)| message.partition_id());
    (script.expect::<M>().1, partition.expect("it was sent"))
}

fn partition_of(key: i32) -> i32 {
    let hash = Codec::default().to_data(&key).unwrap().partition_hash();
    gridwire_core::partition::hazelcast_partition(hash, 271) as i32
}

/// The message that carries a maximum idle time is sent only where there is one, and times are in the
/// protocol's milliseconds.
#[test]
fn expiry() {
    let (mut script, map) = ready();
    for (expiry, ttl) in [
        (Expiry::default(), -1),
        (Expiry::ttl(Duration::ZERO), 0),
        (Expiry::ttl(Duration::from_nanos(1)), 1),
        (Expiry::ttl(Duration::from_micros(2999)), 2),
        (Expiry::ttl(Duration::MAX), i64::MAX),
    ] {
        let (put, partition) = sent::<map::Put, _>(&mut script, map.put_with(&1, &1, expiry));
        assert_eq!((put.ttl, partition), (ttl, partition_of(1)));
        let (set, _) = sent::<map::Set, _>(&mut script, map.set_with(&1, &1, expiry));
        assert_eq!((set.ttl, set.thread_id), (ttl, 0));
        let call = map.set_ttl(&1, expiry.ttl);
        assert_eq!(sent::<map::SetTtl, _>(&mut script, call).0.ttl, ttl);
    }
    let both =
        Expiry { ttl: Some(Duration::from_secs(2)), max_idle: Some(Duration::from_nanos(1)) };
    for (expiry, times) in [
        (Expiry::max_idle(Duration::from_secs(1)), (-1, 1000)),
        (Expiry::NEVER, (0, 0)),
        (both, (2000, 1)),
    ] {
        let call = map.put_with(&1, &1, expiry);
        let (put, _) = sent::<map::PutWithMaxIdle, _>(&mut script, call);
        assert_eq!((put.ttl, put.max_idle), times);
        let call = map.put_if_absent_with(&1, &1, expiry);
        let (put, _) = sent::<map::PutIfAbsentWithMaxIdle, _>(&mut script, call);
        assert_eq!((put.ttl, put.max_idle), times);
        let call = map.put_transient_with(&1, &1, expiry);
        let (put, _) = sent::<map::PutTransientWithMaxIdle, _>(&mut script, call);
        assert_eq!((put.ttl, put.max_idle), times);
    }
}

#[test]
fn queries_go_to_the_partition_that_they_ask() {
    let (mut script, map) = ready();
    let great = this().gt(1);
    let call = map.keys_where(&great);
    assert_eq!(sent::<map::KeySetWithPredicate, _>(&mut script, call).1, -1);
    let call = map.keys_where(&partition(4, great.clone()));
    assert_eq!(sent::<map::KeySetWithPredicate, _>(&mut script, call).1, partition_of(4));
    let call = map.remove_all(&partitions([5, 6], great.clone()));
    assert_eq!(sent::<map::RemoveAll, _>(&mut script, call).1, partition_of(5));
    let call = map.values_page(&paging(3));
    let (page, partition) = sent::<map::ValuesWithPagingPredicate, _>(&mut script, call);
    let holder = page.predicate;
    let found = (holder.page_size, holder.iteration_type_id, holder.predicate_data, partition);
    assert_eq!(found, (3, 1, None, -1));
    let call = map.keys_page(&gridwire_core::hazelcast::query::partition(7, paging(3)));
    let (page, partition) = sent::<map::KeySetWithPagingPredicate, _>(&mut script, call);
    assert_eq!((page.predicate.iteration_type_id, partition), (0, partition_of(7)));
}

#[test]
fn indexes_in_the_form_that_members_compare() {
    let (mut script, map) = ready();
    let by = BitmapIndex { unique_key: attr("this.id"), transformation: Transformation::Long };
    for (index, name, kind, attributes) in [
        (Index::sorted(["age"]), "m_sorted_age", 0, &["age"][..]),
        (Index::hash([" this.name ", "age"]), "m_hash_name_age", 1, &["name", "age"]),
        (Index::hash(["name"]).named("mine"), "mine", 1, &["name"]),
        (Index::hash(["name"]).named(" "), "m_hash_name", 1, &["name"]),
        (Index::bitmap("sex", by), "m_bitmap_sex", 2, &["sex"]),
    ] {
        let (add, _) = sent::<map::AddIndex, _>(&mut script, map.add_index(&index));
        let config = add.index_config;
        let found: Vec<_> = config.attributes.iter().map(gridwire_core::Str::as_str).collect();
        assert_eq!((config.name.as_deref(), config.kind, &*found), (Some(name), kind, attributes));
        let options = config.bitmap_index_options;
        let options = options.map(|it| (it.unique_key.to_string(), it.unique_key_transformation));
        assert_eq!(options, (kind == 2).then(|| ("id".into(), 1)));
    }
    let many: Vec<_> = (0..256).map(|n| format!("a{n}")).collect();
    for wrong in [
        Index::sorted([""; 0]),
        Index::sorted(many.iter().map(|name| attr(name.as_str()))),
        Index::sorted(["a", " a"]),
        Index::sorted(["a", "this.a"]),
        Index::sorted(["this. "]),
        Index::hash(["a."]),
    ] {
        let ticket = script.submit(map.add_index(&wrong));
        assert!(matches!(script.done(ticket), Some(Err(Error::Misuse(_)))), "{wrong:?}");
    }
}

/// A failed page is asked for again, from the same place; a finished partition is never asked by its
/// last pointers, which would begin it anew.
#[test]
fn cursors() {
    let (mut script, map) = ready();
    let mut cursor = map.iterate_keys(10);
    for (partition, pointers, answered) in [
        (0, vec![(i32::MAX, -1)], vec![(211, 256)]),
        (0, vec![(211, 256)], vec![(211, 256), (3, 512)]),
        (0, vec![(211, 256), (3, 512)], vec![(211, 256), (-1, 512)]),
        (1, vec![(i32::MAX, -1)], vec![]),
        (2, vec![(i32::MAX, -1)], vec![(-1, 256)]),
    ] {
        for _ in 0..2 {
            let (fetch, to) = sent::<map::FetchKeys, _>(&mut script, cursor.next_page());
            assert_eq!(
                (fetch.iteration_pointers, fetch.batch, to),
                (pointers.clone(), 10, partition)
            );
        }
        let call = cursor.next_page();
        let opener = call.opener;
        let ticket = script.submit(Call {
            order: call.order,
            opener: Opener::Plain(|_: &Answer, _: &Codec| Ok(())),
        });
        let (id, _) = script.expect::<map::FetchKeys>();
        let key = Codec::default().to_data(&partition).unwrap();
        let response = map::FetchKeysResponse { iteration_pointers: answered, keys: vec![key] };
        script.answer(id, &response);
        let answer: Answer = script.done(ticket).expect("an end").expect("an answer");
        let page = opener.open(&answer, &Codec::default()).expect("a page");
        assert_eq!(cursor.turn(page), [partition]);
    }
}
