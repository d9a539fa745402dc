//! The ready-made clients on async-std.
#![allow(missing_docs)]

#[path = "../../driver/tests/suite/families.rs"]
mod families;

#[cfg(feature = "hazelcast")]
#[test]
fn hazelcast() {
    async_std::task::block_on(async {
        use gridwire_core::hazelcast::{Config, MemberConfig};
        let member =
            gridwire_async_std::testing::Member::on_loopback(MemberConfig::default()).unwrap();
        let config = Config::new([member.target()]);
        let client = gridwire_async_std::HazelcastClient::connect(config).await.unwrap();
        families::hazelcast(client.clone()).await;
        client.close().await;
        member.shutdown().await;
    });
}

#[cfg(feature = "kafka")]
#[test]
fn kafka() {
    async_std::task::block_on(async {
        use gridwire_core::kafka::{Config, server};
        let broker =
            gridwire_async_std::testing::Broker::on_loopback(server::Config::default()).unwrap();
        let config = Config::new([broker.target()]);
        let client = gridwire_async_std::KafkaClient::connect(config).await.unwrap();
        families::kafka(client.clone()).await;
        client.close().await;
        broker.shutdown().await;
    });
}

#[cfg(feature = "xcp")]
#[test]
fn xcp() {
    async_std::task::block_on(async {
        use gridwire_core::xcp::{client, server};
        let agent =
            gridwire_async_std::testing::Agent::on_loopback(server::Config::default()).unwrap();
        let config = client::Config::new(agent.target());
        let client = gridwire_async_std::XcpClient::connect(config).await.unwrap();
        families::xcp(client.clone()).await;
        client.close().await;
        agent.shutdown().await;
    });
}
