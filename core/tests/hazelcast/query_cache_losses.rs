//! What a query cache does when events are lost, or a connection that they come on.

use super::*;

#[test]
fn what_is_missing_is_asked_for_and_comes() {
    let (mut served, cache) = filled(&QueryCacheConfig::default(), &[(1, 11)]);
    let listen = cache.listen();
    let (_, events) = served.script.client.subscribe(served.script.now, listen.listen);
    served.event(UPDATED, 3, 1, 13);
    assert!(!cache.is_fresh());
    assert_eq!(cache.get(&1).unwrap(), Some(11));
    served.pass(Duration::from_secs(1));
    let (id, cursor) = served.script.expect::<SetReadCursor>();
    assert_eq!((cursor.sequence, &*cursor.cache_name), (1, served.name.as_str()));
    served.script.answer(id, &SetReadCursorResponse { response: true });
    served.event(UPDATED, 1, 1, 12);
    served.event(UPDATED, 2, 1, 14);
    served.event(UPDATED, 3, 1, 13);
    assert!(cache.is_fresh());
    assert_eq!(cache.get(&1).unwrap(), Some(13));
    served.pass(Duration::from_secs(20));
    assert!(!served.script.has_sent::<SetReadCursor>());
    assert!(!served.script.has_sent::<AddListener>());
    assert!(
        served
            .heard(events)
            .contains(&QueryCacheEvent::Lost { partition: Some(partition(1).cast_unsigned()) })
    );
}

/// Members that are asked twice begin twice, and number 1 once more looks as if they had lost count.
#[test]
fn members_are_given_time_to_send_what_they_were_asked_for() {
    let (mut served, cache) = filled(&QueryCacheConfig::default(), &[(1, 11)]);
    let asked = |served: &mut Served| {
        let mut partitions = Vec::new();
        while served.script.has_sent::<SetReadCursor>() {
            let (id, cursor) = served.script.expect::<SetReadCursor>();
            served.script.answer(id, &SetReadCursorResponse { response: true });
            partitions.push(cursor.sequence);
        }
        partitions
    };
    let after = |served: &mut Served, millis: u64| {
        let mut all = Vec::new();
        for _ in 0..millis / 100 {
            served.pass(Duration::from_millis(100));
            all.extend(asked(served));
        }
        all
    };
    served.event(UPDATED, 3, 1, 13);
    assert_eq!(after(&mut served, 4000), [1]);
    // Another one misses something: that is new.
    let other = (2..1000).find(|key| partition(*key) != partition(1)).unwrap();
    served.event(ADDED, 1, other, 12);
    served.event(UPDATED, 5, other, 13);
    assert_eq!(after(&mut served, 1000), [2]);
    // And something else of the same one.
    served.event(UPDATED, 1, 1, 14);
    served.event(UPDATED, 5, 1, 15);
    assert_eq!(after(&mut served, 1000), [2]);
    // Members have looked through their buffers meanwhile, and nothing came.
    let again = after(&mut served, 5500);
    assert!(again.len() == 2, "{again:?}");
    for sequence in 2..=5 {
        served.event(UPDATED, sequence, 1, 10 + sequence);
        served.event(UPDATED, sequence, other, 20 + sequence);
    }
    assert!(cache.is_fresh());
    assert_eq!(sorted(&cache), [(1, 15), (other, 25)]);
    assert!(after(&mut served, 10_000).is_empty());
}

#[test]
fn what_members_have_no_more_is_read_again() {
    let (mut served, cache) = filled(&QueryCacheConfig::default(), &[(1, 11), (2, 12)]);
    let listen = cache.listen();
    let (_, events) = served.script.client.subscribe(served.script.now, listen.listen);
    let (former, name) = (served.listener, served.name.clone());
    served.event(UPDATED, 30, 1, 13);
    served.pass(Duration::from_secs(1));
    let (id, _) = served.script.expect::<SetReadCursor>();
    served.script.answer(id, &SetReadCursorResponse { response: false });
    served.publish();
    assert_ne!(served.name, name);
    assert_eq!(sorted(&cache), [(1, 11), (2, 12)], "what was there is read on");
    served.fill(&[(1, 13)]);
    assert_eq!(sorted(&cache), [(1, 13)]);
    assert!(cache.is_fresh());
    assert_eq!(served.heard(events).last(), Some(&QueryCacheEvent::Refreshed));

    // The former publisher is removed, and what still comes from it is dropped.
    let (_, removed) = served.script.expect::<RemoveEntryListener>();
    assert_eq!((&*removed.name, removed.registration_id), (name.as_str(), Uuid::new(4, 4)));
    let (id, destroyed) = served.script.expect::<DestroyCache>();
    assert_eq!(*destroyed.cache_name, *name);
    served.script.answer(id, &DestroyCacheResponse { response: true });
    let new = std::mem::replace(&mut served.listener, former);
    served.event(ADDED, 1, 9, 99);
    served.listener = new;
    assert_eq!(cache.get(&9).unwrap(), None);
    served.event(ADDED, 1, 9, 98);
    assert_eq!(cache.get(&9).unwrap(), Some(98));
}

#[test]
fn without_recovery_the_user_decides() {
    let mut config = QueryCacheConfig::default();
    config.recover = false;
    let (mut served, cache) = filled(&config, &[(1, 11)]);
    served.event(UPDATED, 2, 1, 13);
    served.pass(Duration::from_secs(20));
    assert!(!served.script.has_sent::<SetReadCursor>() && !cache.is_fresh());
    // Nothing but this partition is held up.
    served.event(ADDED, 1, 2, 12);
    assert_eq!(cache.get(&2).unwrap(), Some(12));

    for (response, is_fresh) in [(false, false), (true, true)] {
        let Call { order, opener } = cache.try_recover();
        let ticket = served.script.client.submit(served.script.now, order);
        served.script.drain();
        let (id, cursor) = served.script.expect::<SetReadCursor>();
        assert_eq!(cursor.sequence, 1);
        served.script.answer(id, &SetReadCursorResponse { response });
        let answer = served.script.done(ticket).unwrap().unwrap();
        assert!(matches!(opener.open(&answer, &codec()), Ok(it) if it == response));
        if response {
            served.event(UPDATED, 1, 1, 12);
            served.event(UPDATED, 2, 1, 13);
        }
        assert_eq!(cache.is_fresh(), is_fresh);
    }
    let Call { order, opener } = cache.try_recover();
    let ticket = served.script.submit(Call::<Hazelcast, bool> { order, opener });
    assert!(served.script.done(ticket).is_some_and(|end| end.is_ok()), "nothing is missing");
}

#[test]
fn a_partition_that_moves_begins_anew_without_a_loss() {
    let (mut served, cache) = filled(&QueryCacheConfig::default(), &[]);
    served.event(ADDED, 1, 1, 11);
    served.end_of_sequence(1);
    served.event(UPDATED, 1, 1, 12);
    assert_eq!(cache.get(&1).unwrap(), Some(12));
    assert!(cache.is_fresh());
}

#[test]
fn after_a_connection_was_lost_all_is_read_again_even_in_another_cluster() {
    for cluster in [Uuid::new(9, 9), Uuid::new(8, 8)] {
        let (mut served, cache) = filled(&QueryCacheConfig::default(), &[(1, 11), (2, 12)]);
        let listen = cache.listen();
        let (_, events) = served.script.client.subscribe(served.script.now, listen.listen);
        let name = served.name.clone();
        served.script.close(Cause::Reset);
        assert!(!cache.is_fresh());
        assert_eq!(sorted(&cache), [(1, 11), (2, 12)]);
        while served.script.opening.is_empty() {
            served.script.wait();
        }
        served.script.open();
        let (id, _) = served.script.expect::<Authentication>();
        let answer = AuthenticationResponse { cluster_id: Some(cluster), ..accepted() };
        served.script.answer(id, &answer);
        let (id, _) = served.script.expect::<AddClusterViewListener>();
        let member_infos = vec![world::script::member(MEMBER, 5701)];
        served.script.event(id, &MembersViewEvent { version: 1, member_infos });
        served.script.event(id, &world::script::partitions(1, MEMBER));
        served.script.answer(id, &AddClusterViewListenerResponse {});
        // The former publisher is heard again meanwhile.
        let (id, former) = served.script.expect::<AddListener>();
        assert_eq!(*former.listener_name, *name);
        served.script.answer(id, &AddListenerResponse { response: Uuid::new(4, 4) });
        served.pass(Duration::from_secs(5));
        served.publish();
        assert_ne!(served.name, name);
        served.fill(&[(3, 13)]);
        assert_eq!(sorted(&cache), [(3, 13)]);
        assert!(cache.is_fresh());
        assert_eq!(
            served.heard(events),
            [QueryCacheEvent::Lost { partition: None }, QueryCacheEvent::Refreshed]
        );
        served.pass(Duration::from_secs(20));
        assert!(!served.script.has_sent::<AddListener>(), "it is done once");
    }
}

#[test]
fn building_again_is_tried_until_it_succeeds() {
    let (mut served, cache) = filled(&QueryCacheConfig::default(), &[(1, 11)]);
    let Call { order, .. } = cache.refresh();
    let ticket = served.script.client.submit(served.script.now, order);
    served.script.drain();
    let (id, listener) = served.script.expect::<AddListener>();
    served.script.answer(id, &AddListenerResponse { response: Uuid::new(4, 5) });
    let (id, _) = served.script.expect::<PublisherCreateWithValue>();
    served.script.error(id, ErrorCode::ILLEGAL_ARGUMENT.0);
    assert!(matches!(served.script.done(ticket), Some(Err(Error::Remote(_)))));
    assert_eq!(sorted(&cache), [(1, 11)]);
    let (_, removed) = served.script.expect::<RemoveEntryListener>();
    assert_eq!(removed.registration_id, Uuid::new(4, 5));
    let (_, destroyed) = served.script.expect::<DestroyCache>();
    assert_eq!(destroyed.cache_name, listener.listener_name);

    // The engine's own goes on, with pauses that grow.
    served.event(UPDATED, 7, 1, 13);
    served.pass(Duration::from_secs(1));
    let (id, _) = served.script.expect::<SetReadCursor>();
    served.script.error(id, ErrorCode::ILLEGAL_ARGUMENT.0);
    for _ in 0..10 {
        let (id, _) = served.script.expect::<AddListener>();
        served.script.answer(id, &AddListenerResponse { response: Uuid::new(4, 6) });
        let (id, _) = served.script.expect::<PublisherCreateWithValue>();
        served.script.error(id, ErrorCode::ILLEGAL_ARGUMENT.0);
        assert!(!served.script.has_sent::<AddListener>());
        served.pass(Duration::from_secs(5));
        // Whatever pings there were.
        served.script.sent.retain(|(_, message)| message.message_type() != 0x00_0b00);
        if served.script.has_sent::<SetReadCursor>() {
            let (id, _) = served.script.expect::<SetReadCursor>();
            served.script.answer(id, &SetReadCursorResponse { response: false });
        }
    }
    served.publish();
    served.fill(&[(1, 14)]);
    assert_eq!(sorted(&cache), [(1, 14)]);
}
