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
