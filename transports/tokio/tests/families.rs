//! The ready-made clients on tokio.
#![allow(missing_docs)]

#[path = "../../driver/tests/suite/families.rs"]
mod families;

#[cfg(feature = "hazelcast")]
#[tokio::test]
async fn hazelcast() {
    use gridwire_core::hazelcast::{Config, MemberConfig};
    let member = gridwire_tokio::testing::Member::on_loopback(MemberConfig::default()).unwrap();
    let config = Config::new([member.target()]);
    let client = gridwire_tokio::HazelcastClient::connect(config).await.unwrap();
    families::hazelcast(client.clone()).await;
    client.close().await;
    member.shutdown().await;
}

/// Three members behind three sockets: one goes, and nothing is lost.
#[cfg(feature = "hazelcast")]
#[tokio::test]
async fn a_cluster() {
    use gridwire_core::hazelcast::{Config, MemberConfig, Structures as _};
    let config = MemberConfig::cluster(3);
    let members = gridwire_tokio::testing::Member::cluster_on_loopback(config, 3).unwrap();
    let config = Config::new(members.targets());
    let client = gridwire_tokio::HazelcastClient::connect(config).await.unwrap();
    let map = client.map::<i32, i32>("map");
    let entries: Vec<_> = (0..1000).map(|n| (n, n)).collect();
    map.set_all(entries.iter().map(|(key, value)| (key, value))).await.unwrap();
    let connections = members.with(|it, _| it.connections());
    assert!((1..=3).contains(&connections), "{connections}");
    members.with(|it, now| it.crash(now, 0));
    assert_eq!(map.size().await.unwrap(), 1000);
    assert_eq!(members.with(|it, _| it.members().to_vec()), [1, 2]);
    client.close().await;
    members.shutdown().await;
}

#[cfg(feature = "kafka")]
#[tokio::test]
async fn kafka() {
    use gridwire_core::kafka::{Config, server};
    let broker = gridwire_tokio::testing::Broker::on_loopback(server::Config::default()).unwrap();
    let config = Config::new([broker.target()]);
    let client = gridwire_tokio::KafkaClient::connect(config).await.unwrap();
    families::kafka(client.clone()).await;
    client.close().await;
    broker.shutdown().await;
}

#[cfg(feature = "xcp")]
#[tokio::test]
async fn xcp() {
    use gridwire_core::xcp::{client, server};
    let agent = gridwire_tokio::testing::Agent::on_loopback(server::Config::default()).unwrap();
    let config = client::Config::new(agent.target());
    let client = gridwire_tokio::XcpClient::connect(config).await.unwrap();
    families::xcp(client.clone()).await;
    client.close().await;
    agent.shutdown().await;
}
