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

#[cfg(feature = "kafka")]
pub async fn kafka<I>(client: I)
where
    I: gridwire_core::invoker::AsyncInvoker<Family = gridwire_core::kafka::Kafka>,
{
    use gridwire_core::invoker::Delivered;
    use gridwire_core::kafka::{KafkaExt, Position, Record};

    let producer = client.producer("demo");
    // A record joins its batch when it is sent, and goes even if nobody waits for the end.
    drop(producer.send(Record::value("first").to_partition(0)));
    let second = I::future(producer.send(Record::value("second").to_partition(0))).await.unwrap();
    assert_eq!(second.offset, Some(1));
    let mut batches = client.consumer().read("demo", [0], Position::Offset(0));
    let mut values = Vec::new();
    while values.len() < 2 {
        let Some(Ok(Delivered::Item(batch))) = I::next(&mut batches).await else { panic!() };
        values.extend(batch.records().map(|record| record.value.map(<[u8]>::to_vec)));
    }
    assert_eq!(values, [Some(b"first".to_vec()), Some(b"second".to_vec())]);
}

#[cfg(feature = "xcp")]
pub async fn xcp<I>(client: I)
where
    I: gridwire_core::invoker::AsyncInvoker<Family = gridwire_core::xcp::Xcp>,
{
    use gridwire_core::xcp::Agents;

    I::future(client.agent().ping()).await.unwrap();
}
