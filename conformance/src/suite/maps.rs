//! Hazelcast's map beyond its basic operations: changes on conditions, expiry, all that is in it, locks
//! between clients; and what only real members do, that look into values and run code.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::{join, join_all};
use gridwire_core::call::Failure;
use gridwire_core::hazelcast::error::ErrorCode;
use gridwire_core::hazelcast::query::{attr, key, paging, this};
use gridwire_core::hazelcast::serialization::{Identified, Reader, Writer};
use gridwire_core::hazelcast::{
    BitmapIndex, Client, Config, EntryEvents, EntryProcessor, Error, Expiry, Form, Hazelcast,
    Index, Json, Map, Structures,
};
use gridwire_core::invoker::{AsyncInvoker, Invoker as _};

use super::hazelcast::detached;
use super::{item, name, soon, with_client, within};
use crate::adapter::Adapter;

type On<A> = <A as Adapter>::Client<Client>;

const SECOND: Duration = Duration::from_secs(1);

/// Ends a call that must succeed.
pub(super) async fn done<I: AsyncInvoker<Family = Hazelcast>, R: Send + 'static>(
    call: I::Invocation<R>,
    _: &I,
) -> R {
    match soon(I::future(call)).await {
        Ok(result) => result,
        Err(Error::Remote(error)) => panic!("{error}: {:?}", error.stack),
        Err(error) => panic!("{error}"),
    }
}

/// Sets a value, and again as long as it isn't known whether it was set: members are lost meanwhile.
pub(super) async fn set_surely<K: Form<K>, V: Form<V>, I: AsyncInvoker<Family = Hazelcast>>(
    map: &Map<K, V, I>,
    key: &K,
    value: &V,
) {
    let known = soon(async {
        loop {
            match I::future(map.set(key, value)).await {
                Err(Error::Failure(Failure::Indeterminate(_))) => {}
                known => return known,
            }
        }
    });
    known.await.unwrap_or_else(|error| panic!("{error}"));
}

/// The code of a call that a member must refuse.
async fn refused<I: AsyncInvoker<Family = Hazelcast>, R: Send + 'static>(
    call: I::Invocation<R>,
    _: &I,
) -> ErrorCode {
    match soon(I::future(call)).await {
        Err(Error::Remote(error)) => error.code,
        Err(error) => panic!("no member's error: {error}"),
        Ok(_) => panic!("it was not refused"),
    }
}

/// Changes on conditions, and what is removed in other ways.
pub fn changes<A: Adapter>(config: Config) {
    with_client::<A, Client>(config, async |on| {
        let map: Map<String, i64, On<A>> = on.map(&name::<A>("changes"));
        assert_eq!(done(map.put_if_absent("a", &1), on).await, None);
        assert_eq!(done(map.put_if_absent("a", &2), on).await, Some(1));
        assert_eq!(done(map.replace("a", &3), on).await, Some(1));
        assert_eq!(done(map.replace("b", &3), on).await, None);
        assert!(!done(map.replace_if_same("a", &1, &4), on).await);
        assert!(done(map.replace_if_same("a", &3, &4), on).await);
        assert!(!done(map.remove_if_same("a", &3), on).await);
        assert!(done(map.contains_value(&4), on).await);
        assert!(done(map.remove_if_same("a", &4), on).await);
        assert!(!done(map.contains_value(&4), on).await);
        assert!(done(map.try_put("a", &5, Duration::ZERO), on).await);
        assert!(done(map.try_remove("a", SECOND), on).await);
        assert!(!done(map.try_remove("a", SECOND), on).await);
        done(map.put_transient("t", &6), on).await;
        assert!(done(map.evict("t"), on).await);
        done(map.set("u", &7), on).await;
        done(map.evict_all(), on).await;
        assert_eq!(done(map.size(), on).await, 0);
        done(map.flush(), on).await;
        // There is no map store to load from, which members say in one way and in another.
        assert_eq!(refused(map.load_all(true), on).await, ErrorCode::ILLEGAL_ARGUMENT);
        refused(map.load(["u"], true), on).await;
        done(map.set("u", &7), on).await;
        done(map.destroy(), on).await;
        assert_eq!(done(map.get("u"), on).await, None);
    });
}

/// Entries that go by themselves, and what a member says of that.
pub fn expiry<A: Adapter>(config: Config) {
    with_client::<A, Client>(config, async |on| {
        let map: Map<String, i64, On<A>> = on.map(&name::<A>("expiry"));
        let [hour, day] = [3600 * SECOND, 86_400 * SECOND];
        assert_eq!(done(map.put_with("brief", &1, SECOND), on).await, None);
        done(map.set_with("idle", &2, Expiry::max_idle(SECOND)), on).await;
        let both = Expiry { ttl: Some(day), max_idle: Some(hour) };
        assert_eq!(done(map.put_if_absent_with("both", &3, both), on).await, None);
        done(map.put_transient_with("transient", &4, Expiry::max_idle(hour)), on).await;
        done(map.put_transient_with("longer", &5, hour), on).await;
        done(map.set_with("stays", &6, Expiry::NEVER), on).await;
        assert_eq!(done(map.put_if_absent_with("stays", &7, hour), on).await, Some(6));
        assert!(done(map.set_ttl("longer", Some(day)), on).await);
        assert!(!done(map.set_ttl("nothing", Some(day)), on).await);

        let view = done(map.entry_view("both"), on).await.expect("an entry");
        assert_eq!((view.key.as_str(), view.value), ("both", 3));
        assert_eq!((view.ttl, view.max_idle), (Some(day), Some(hour)));
        assert!(view.expires.is_some() && view.created.is_none(), "{view:?}");
        let view = done(map.entry_view("longer"), on).await.expect("an entry");
        assert_eq!((view.ttl, view.max_idle), (Some(day), None));
        let view = done(map.entry_view("stays"), on).await.expect("an entry");
        assert_eq!((view.ttl, view.max_idle, view.expires), (None, None, None));
        assert_eq!(done(map.entry_view("nothing"), on).await, None);

        async_io::Timer::after(3 * SECOND).await;
        assert_eq!(done(map.get("brief"), on).await, None);
        assert_eq!(done(map.get("idle"), on).await, None);
        assert_eq!(done(map.get("both"), on).await, Some(3));
        let mut left = done(map.keys(), on).await;
        left.sort_unstable();
        assert_eq!(left, ["both", "longer", "stays", "transient"]);
    });
}

/// Everything that is in a map: at once, and partition by partition.
pub fn whole<A: Adapter>(config: Config) {
    with_client::<A, Client>(config, async |on| {
        let map: Map<String, i64, On<A>> = on.map(&name::<A>("whole"));
        let entries: BTreeMap<String, i64> = (0..2000).map(|n| (format!("key {n}"), n)).collect();
        done(map.set_all(&entries), on).await;
        assert_eq!(BTreeMap::from_iter(done(map.entries(), on).await), entries);
        let mut keys = done(map.keys(), on).await;
        keys.sort_unstable();
        assert!(keys.iter().eq(entries.keys()));
        let mut values = done(map.values(), on).await;
        values.sort_unstable();
        assert!(values.into_iter().eq(0..2000));

        let (mut found, mut cursor) = (Vec::new(), map.iterate(3));
        while !cursor.is_done() {
            found.extend(cursor.turn(done(cursor.next_page(), on).await));
        }
        assert_eq!(found.len(), entries.len(), "each once");
        assert_eq!(BTreeMap::from_iter(found), entries);
        let (mut found, mut cursor) = (Vec::new(), map.iterate_keys(100));
        while !cursor.is_done() {
            found.extend(cursor.turn(done(cursor.next_page(), on).await));
        }
        found.sort_unstable();
        assert_eq!(found, keys);
    });
}

/// Locks between two clients, and between owners of one.
pub fn locks<A: Adapter>(config: Config) {
    with_client::<A, Client>(config.clone(), async |on| {
        let off = &soon(A::connect::<Client>(config.clone())).await.expect("connected");
        let name = name::<A>("locks");
        let here: Map<String, i64, On<A>> = on.map(&name);
        let there: Map<String, i64, On<A>> = off.map(&name);
        let mine = here.with_owner(on.lock_owner());
        let other = here.with_owner(on.lock_owner());
        // The same number, of another client: not the same owner.
        let theirs = there.with_owner(off.lock_owner());
        done(mine.lock("a"), on).await;
        done(mine.lock("a"), on).await;
        assert!(done(there.is_locked("a"), off).await);
        assert_eq!(done(mine.put("a", &1), on).await, None);
        assert_eq!(done(theirs.get("a"), off).await, Some(1));
        for timeout in [Duration::ZERO, SECOND / 10] {
            assert!(!done(theirs.try_lock("a", timeout), off).await);
            assert!(!done(other.try_lock("a", timeout), on).await);
            assert!(!done(there.try_put("a", &2, timeout), off).await);
        }
        let code = refused(theirs.unlock("a"), off).await;
        assert_eq!(code, ErrorCode::ILLEGAL_MONITOR_STATE);

        // One waits, and is let in by the second unlock.
        let unlock = async {
            async_io::Timer::after(SECOND / 5).await;
            done(mine.unlock("a"), on).await;
            assert!(done(here.is_locked("a"), on).await);
            done(mine.unlock("a"), on).await;
        };
        join(done(theirs.lock("a"), off), unlock).await;
        assert!(!done(mine.try_lock("a", Duration::ZERO), on).await);

        // One gives up waiting: what it would have got is given back.
        let waits = On::<A>::future(other.lock("a"));
        assert!(within(SECOND / 5, waits).await.is_none());
        done(theirs.unlock("a"), off).await;
        assert!(done(mine.try_lock("a", 20 * SECOND), on).await, "it is free again");
        done(here.force_unlock("a"), on).await;
        assert!(!done(here.is_locked("a"), on).await);

        // A lease ends by itself, and what waited goes on.
        done(mine.lock_with_lease("b", SECOND), on).await;
        assert_eq!(done(theirs.put("b", &3), off).await, None);
        assert!(!done(there.is_locked("b"), off).await);
        assert!(done(theirs.try_lock_with_lease("b", SECOND, SECOND / 2), off).await);
        done(mine.lock("b"), on).await;
        done(mine.unlock("b"), on).await;
        soon(A::close(off)).await;
    });
}

/// A change that waits for another's lock ends by its own time, and it isn't known whether it will be done;
/// nobody else waits for it.
pub fn waiting_ends<A: Adapter>(config: Config) {
    with_client::<A, Client>(config, async |on| {
        let name = name::<A>("waiting ends");
        let map: Map<String, i64, On<A>> = on.map(&name);
        let mine = map.with_owner(on.lock_owner());
        done(mine.lock("a"), on).await;
        let put = || detached().map::<String, i64>(&name).put("a", &1).timeout(SECOND / 2);
        let began = std::time::Instant::now();
        let ends: Vec<_> = (0..10).map(|_| On::<A>::future(on.invoke(put()))).collect();
        for end in soon(join_all(ends)).await {
            assert_eq!(end, Err(Error::Failure(Failure::TimedOut { sent: true })));
        }
        // Not at once; and after a minute or two only if nobody had kept the time.
        assert!(SECOND / 2 <= began.elapsed());
        assert_eq!(done(map.get("a"), on).await, None);
        done(map.set("b", &2), on).await;
        done(mine.unlock("a"), on).await;
        // Those that were given up may be done now: what is asked for comes after them.
        done(map.set("a", &3), on).await;
        assert_eq!(done(map.get("a"), on).await, Some(3));
    });
}

/// Listeners of a key, and of evictions.
pub fn key_listeners<A: Adapter>(config: Config) {
    with_client::<A, Client>(config, async |on| {
        let map: Map<String, i64, On<A>> = on.map(&name::<A>("key listeners"));
        let mut of_key = map.listen_to("a", EntryEvents::ALL, true);
        let mut evicted = map.listen(EntryEvents::EVICTED, true);
        let mut lost = map.lost_partitions();
        soon(On::<A>::registered(&mut of_key)).await.unwrap();
        soon(On::<A>::registered(&mut evicted)).await.unwrap();
        soon(On::<A>::registered(&mut lost)).await.unwrap();
        done(map.set("b", &1), on).await;
        done(map.set("a", &2), on).await;
        done(map.evict("b"), on).await;
        done(map.evict("a"), on).await;
        let event = item::<On<A>, _>(&mut of_key).await;
        assert_eq!((event.kind, event.value), (EntryEvents::ADDED, Some(2)));
        let event = item::<On<A>, _>(&mut of_key).await;
        assert_eq!((event.kind, event.old_value), (EntryEvents::EVICTED, Some(2)));
        // In no order among keys: they have owners of their own.
        let mut gone = BTreeMap::new();
        for _ in 0..2 {
            let event = item::<On<A>, _>(&mut evicted).await;
            assert_eq!(event.kind, EntryEvents::EVICTED);
            gone.insert(event.key.expect("a key"), event.old_value);
        }
        assert_eq!(gone, BTreeMap::from([("a".into(), Some(2)), ("b".into(), Some(1))]));
        let nothing = On::<A>::next(&mut lost);
        assert!(within(SECOND / 10, nothing).await.is_none());
    });
}

/// Members look into values: listeners of what matches, removal, pages, indexes.
pub fn looked_into<A: Adapter>(config: Config) {
    with_client::<A, Client>(config, async |on| {
        let map: Map<i32, i64, On<A>> = on.map(&name::<A>("looked into"));
        let mut great = map.listen_where(&this().gt(5), EntryEvents::ALL, true);
        let mut one = map.listen_to_where(&7, &this().gt(5), EntryEvents::ALL, false);
        soon(On::<A>::registered(&mut great)).await.unwrap();
        soon(On::<A>::registered(&mut one)).await.unwrap();
        for (key, value) in [(3, 10), (3, 1), (3, 11), (7, 2), (7, 9)] {
            done(map.set(&key, &value), on).await;
        }
        let [added, updated] = [EntryEvents::ADDED, EntryEvents::UPDATED];
        // In order for each key only: they have owners of their own.
        let mut events = Vec::new();
        for _ in 0..3 {
            let event = item::<On<A>, _>(&mut great).await;
            events.push((event.key, event.kind, event.old_value, event.value));
        }
        events.sort_by_key(|(key, ..)| *key);
        assert_eq!(events[0], (Some(3), added, None, Some(10)));
        assert_eq!(events[1], (Some(3), updated, Some(1), Some(11)));
        assert_eq!((events[2].0, events[2].3), (Some(7), Some(9)));
        let event = item::<On<A>, _>(&mut one).await;
        assert_eq!((event.kind, event.key, event.value), (updated, Some(7), None));

        for n in 0..10 {
            done(map.set(&n, &i64::from(n)), on).await;
        }
        done(map.remove_all(&this().lt(4)), on).await;
        let mut entries = done(map.entries_where(&key().lt(6)), on).await;
        entries.sort_unstable();
        assert_eq!(entries, [(4, 4), (5, 5)]);
        let mut values = done(map.values_where(&this().ge(8)), on).await;
        values.sort_unstable();
        assert_eq!(values, [8, 9]);
        let mut pages = paging(4);
        let page = done(map.keys_page(&pages), on).await;
        assert_eq!(page.items, [4, 5, 6, 7]);
        pages.advance(&page);
        let page = done(map.keys_page(&pages), on).await;
        assert_eq!(page.items, [8, 9]);
        pages.reset();
        let page = done(map.entries_page(&pages), on).await;
        assert_eq!(page.items, [(4, 4), (5, 5), (6, 6), (7, 7)]);

        let people: Map<i32, Json, On<A>> = on.map(&name::<A>("indexed"));
        for n in 0..20 {
            let person = format!(r#"{{"name": "name{n}", "age": {}, "sex": {}}}"#, n + 20, n % 2);
            done(people.set(&n, &Json(person)), on).await;
        }
        for index in [
            Index::sorted(["age"]),
            Index::sorted([" this.age "]),
            Index::hash(["name", "age"]).named("both"),
            Index::bitmap("sex", BitmapIndex::default()),
        ] {
            done(people.add_index(&index), on).await;
        }
        let found = done(people.keys_where(&attr("age").gt(37).and(attr("sex").eq(0))), on).await;
        assert_eq!(found, [18]);
        for wrong in [Index::hash([""; 0]), Index::hash(["a", "a"]), Index::sorted(["a."])] {
            let end = soon(On::<A>::future(people.add_index(&wrong))).await;
            assert!(matches!(end, Err(Error::Misuse(_))), "{wrong:?}: {end:?}");
        }
    });
}

/// Something of a class that no member has.
#[derive(Debug)]
struct Stranger;

impl Identified for Stranger {
    const FACTORY_ID: i32 = 4711;
    const CLASS_ID: i32 = 1;
    fn write_fields(&self, _: &mut Writer<'_>) -> Result<(), Error> {
        Ok(())
    }
    fn read_fields(_: &mut Reader<'_>) -> Result<Self, Error> {
        Ok(Self)
    }
}

gridwire_core::hazelcast::identified!(Stranger);

impl EntryProcessor for Stranger {
    type Output = Option<i64>;
}

/// Code that a member does not have is its clear error, by each way to name it.
pub fn strangers<A: Adapter>(config: Config) {
    with_client::<A, Client>(config, async |on| {
        let map: Map<i32, i64, On<A>> = on.map(&name::<A>("strangers"));
        done(map.set(&1, &1), on).await;
        let codes = [
            refused(map.execute_on_key(&1, &Stranger), on).await,
            refused(map.submit_to_key(&1, &Stranger), on).await,
            refused(map.execute_on_keys(&[1, 2], &Stranger), on).await,
            refused(map.execute_on_all(&Stranger), on).await,
            refused(map.execute_where(&this().gt(0), &Stranger), on).await,
            refused(map.add_interceptor(&Stranger), on).await,
        ];
        assert_eq!(codes, [ErrorCode::HAZELCAST_SERIALIZATION; 6]);
        assert!(!done(map.remove_interceptor("nosuch"), on).await);
        assert_eq!(done(map.get(&1), on).await, Some(1), "the client lives on");
    });
}

/// Adds to a number; of a class that the live suite's members have.
#[derive(Debug)]
struct Add(i64);

impl Identified for Add {
    const FACTORY_ID: i32 = 4712;
    const CLASS_ID: i32 = 1;
    fn write_fields(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        to.i64(self.0);
        Ok(())
    }
    fn read_fields(from: &mut Reader<'_>) -> Result<Self, Error> {
        Ok(Self(from.i64()?))
    }
}

/// Doubles what is put, and gives one more; of a class that the live suite's members have.
#[derive(Debug)]
struct Distort;

impl Identified for Distort {
    const FACTORY_ID: i32 = 4712;
    const CLASS_ID: i32 = 2;
    fn write_fields(&self, _: &mut Writer<'_>) -> Result<(), Error> {
        Ok(())
    }
    fn read_fields(_: &mut Reader<'_>) -> Result<Self, Error> {
        Ok(Self)
    }
}

gridwire_core::hazelcast::identified!(Add, Distort);

impl EntryProcessor for Add {
    type Output = Option<i64>;
}

/// Entry processors and interceptors that members have the code of.
pub fn code<A: Adapter>(config: Config) {
    with_client::<A, Client>(config, async |on| {
        let map: Map<i32, i64, On<A>> = on.map(&name::<A>("code"));
        let entries: BTreeMap<i32, i64> = (0..100).map(|n| (n, i64::from(n) * 10)).collect();
        done(map.set_all(&entries), on).await;
        assert_eq!(done(map.execute_on_key(&1, &Add(5)), on).await, Some(10));
        assert_eq!(done(map.submit_to_key(&1, &Add(-5)), on).await, Some(15));
        assert_eq!(done(map.execute_on_key(&100, &Add(1000)), on).await, None);
        let mut found = done(map.execute_on_keys(&[2, 3, 99], &Add(1)), on).await;
        found.sort_unstable();
        assert_eq!(found, [(2, Some(20)), (3, Some(30)), (99, Some(990))]);
        let mut found = done(map.execute_where(&this().ge(990), &Add(1)), on).await;
        found.sort_unstable();
        assert_eq!(found, [(99, Some(991)), (100, Some(1000))]);
        let found = BTreeMap::from_iter(done(map.execute_on_all(&Add(0)), on).await);
        assert_eq!(found.len(), 101);
        assert_eq!((found[&1], found[&2], found[&100]), (Some(10), Some(21), Some(1001)));

        let id = done(map.add_interceptor(&Distort), on).await;
        done(map.set(&200, &4), on).await;
        assert_eq!(done(map.get(&200), on).await, Some(9));
        assert!(done(map.remove_interceptor(&id), on).await);
        assert!(!done(map.remove_interceptor(&id), on).await);
        assert_eq!(done(map.get(&200), on).await, Some(8));
    });
}

/// The event journal of a map whose name begins with `journaled`, as the member is configured.
pub fn journal<A: Adapter>(config: Config) {
    with_client::<A, Client>(config, async |on| {
        let map: Map<i32, String, On<A>> = on.map(&name::<A>("journaled"));
        done(map.set(&1, "one"), on).await;
        let data = gridwire_core::invoker::Invoker::codec(on).to_data(&1).unwrap();
        let partition = A::with(on, |engine, _| engine.context().partition(&data));
        let bounds = done(map.journal_bounds(partition), on).await;
        assert_eq!((bounds.oldest, bounds.newest), (0, 0));
        done(map.set(&1, "two"), on).await;
        done(map.delete(&1), on).await;
        let page = done(map.read_journal(partition, 0, 1..=100), on).await;
        let brief: Vec<_> = page
            .events
            .iter()
            .map(|event| (event.kind, event.key, event.value.as_deref(), event.after_lost))
            .collect();
        assert_eq!(
            brief,
            [
                (EntryEvents::ADDED, 1, Some("one"), false),
                (EntryEvents::UPDATED, 1, Some("two"), false),
                (EntryEvents::REMOVED, 1, None, false),
            ]
        );
        assert_eq!(page.events[1].old_value.as_deref(), Some("one"));
        assert_eq!((page.sequences, page.next, page.read), (vec![0, 1, 2], 3, 3));
        let empty = done(map.read_journal(partition, 3, 0..=100), on).await;
        assert_eq!((empty.events.len(), empty.next), (0, 3));
        // It waits for what comes.
        let later = async {
            async_io::Timer::after(SECOND / 5).await;
            done(map.set(&1, "three"), on).await;
        };
        let (page, ()) = join(done(map.read_journal(partition, 3, 1..=1), on), later).await;
        assert_eq!(page.events[0].value.as_deref(), Some("three"));
        let without: Map<i32, String, On<A>> = on.map(&name::<A>("without"));
        let code = refused(without.journal_bounds(partition), on).await;
        assert_eq!(code, ErrorCode::UNSUPPORTED_OPERATION);
    });
}
