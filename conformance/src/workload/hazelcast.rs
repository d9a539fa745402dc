//! Hazelcast: a map's ordinary operations, one key space per lane, and a listener that hears them.

use gridwire_core::hazelcast::{EntryEvents, Hazelcast, Structures};
use gridwire_core::invoker::{AsyncInvoker, Delivered};

use super::{Amount, Meter, Tally, in_lanes};

/// Works on the map `name`, which must be this run's own.
pub async fn run<I: AsyncInvoker<Family = Hazelcast>>(
    client: &I,
    name: &str,
    amount: Amount,
) -> Tally {
    let meter = Meter::default();
    let map = client.map::<String, String>(name);
    let (m, map) = (&meter, &map);
    in_lanes(amount, |lane, round| async move {
        let key = format!("{lane}/{}", round % 64);
        let (first, second) = (format!("value {round}"), format!("another {round}"));
        let known = round >= 64;
        m.run("set", I::future(map.set(key.as_str(), first.as_str()))).await;
        m.expect("get", I::future(map.get(key.as_str())), Some(first.clone())).await;
        m.expect("put", I::future(map.put(key.as_str(), second.as_str())), Some(first)).await;
        m.expect("contains_key", I::future(map.contains_key(key.as_str())), true).await;
        if round % 16 == 15 {
            let entries: Vec<_> =
                (0..20).map(|n| (format!("{lane}/all/{n}"), key.clone())).collect();
            let all = map.put_all(entries.iter().map(|(key, value)| (key, value)));
            m.run("put_all", I::future(all)).await;
            let keys = entries.iter().map(|(key, _)| key);
            if let Some(mut found) = m.run("get_all", I::future(map.get_all(keys))).await {
                found.sort_unstable();
                let mut expected = entries.clone();
                expected.sort_unstable();
                m.check(found == expected, || format!("get_all: {found:?}"));
            }
        }
        if round % 32 == 31 {
            m.expect("remove", I::future(map.remove(key.as_str())), Some(second)).await;
            m.expect("get what was removed", I::future(map.get(key.as_str())), None).await;
            m.run("set again", I::future(map.set(key.as_str(), "again"))).await;
        } else if known {
            m.run("delete", I::future(map.delete(key.as_str()))).await;
            m.run("set again", I::future(map.set(key.as_str(), "again"))).await;
        }
    })
    .await;
    listen(client, name, m).await;
    m.run("clear", I::future(map.clear())).await;
    m.expect("size", I::future(map.size()), 0).await;
    meter.finish()
}

/// A listener hears what happens from its registration on, in order.
async fn listen<I: AsyncInvoker<Family = Hazelcast>>(client: &I, name: &str, m: &Meter) {
    let map = client.map::<String, String>(name);
    let events = EntryEvents::ADDED | EntryEvents::UPDATED | EntryEvents::REMOVED;
    let mut heard = map.listen(events, true);
    if m.run("add_entry_listener", I::registered(&mut heard)).await.is_none() {
        return;
    }
    m.run("put", I::future(map.put("heard", "first"))).await;
    m.run("put", I::future(map.put("heard", "second"))).await;
    m.run("remove", I::future(map.remove("heard"))).await;
    let expected = [
        (EntryEvents::ADDED, Some("first")),
        (EntryEvents::UPDATED, Some("second")),
        (EntryEvents::REMOVED, None),
    ];
    for (kind, value) in expected {
        match I::next(&mut heard).await {
            Some(Ok(Delivered::Item(event))) => m.check(
                event.kind == kind
                    && event.key.as_deref() == Some("heard")
                    && event.value.as_deref() == value,
                || format!("an event {event:?} instead of {kind:?} {value:?}"),
            ),
            other => m.check(false, || format!("no event but {other:?}")),
        }
    }
}
