//! The ready-made clients, each against its embedded peer: one body for all adapters.
#![allow(unreachable_pub)]

#[cfg(feature = "hazelcast")]
pub async fn hazelcast<I>(client: I)
where
    I: gridwire_core::invoker::AsyncInvoker<Family = gridwire_core::hazelcast::Hazelcast>,
{
    use gridwire_core::hazelcast::{EntryEvents, Structures};
    use gridwire_core::invoker::Delivered;

    let map = client.map::<String, i64>("counters");
    let mut events = map.listen(EntryEvents::ADDED, true);
    I::registered(&mut events).await.unwrap();
    assert_eq!(I::future(map.put("a", &1)).await.unwrap(), None);
    assert_eq!(I::future(map.put("a", &2)).await.unwrap(), Some(1));
    assert_eq!(I::future(map.get("a")).await.unwrap(), Some(2));
    assert_eq!(I::future(map.size()).await.unwrap(), 1);
    let Some(Ok(Delivered::Item(added))) = I::next(&mut events).await else { panic!() };
    assert_eq!((added.key.as_deref(), added.value), (Some("a"), Some(1)));
    assert_eq!(I::future(map.remove("a")).await.unwrap(), Some(2));
}

#[cfg(feature = "xcp")]
pub async fn xcp<I>(client: I)
where
    I: gridwire_core::invoker::AsyncInvoker<Family = gridwire_core::xcp::Xcp>,
{
    use gridwire_core::xcp::Agents;

    I::future(client.agent().ping()).await.unwrap();
}
