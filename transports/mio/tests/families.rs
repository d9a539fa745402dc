//! The ready-made clients on mio.
#![allow(missing_docs)]

#[path = "../../driver/tests/suite/families.rs"]
mod families;

#[cfg(feature = "hazelcast")]
#[test]
fn hazelcast() {
    use gridwire_core::hazelcast::{Config, MemberConfig};
    let member = gridwire_mio::testing::Member::on_loopback(MemberConfig::default()).unwrap();
    let config = Config::new([member.target()]);
    let client = gridwire_mio::HazelcastClient::connect(config).unwrap();
    futures_lite::future::block_on(families::hazelcast(client.clone()));
    client.close();
    member.shutdown();
}

#[cfg(feature = "kafka")]
#[test]
fn kafka() {
    use gridwire_core::kafka::{Config, server};
    let broker = gridwire_mio::testing::Broker::on_loopback(server::Config::default()).unwrap();
    let config = Config::new([broker.target()]);
    let client = gridwire_mio::KafkaClient::connect(config).unwrap();
    futures_lite::future::block_on(families::kafka(client.clone()));
    client.close();
    broker.shutdown();
}

#[cfg(feature = "xcp")]
#[test]
fn xcp() {
    use gridwire_core::xcp::{client, server};
    let agent = gridwire_mio::testing::Agent::on_loopback(server::Config::default()).unwrap();
    let config = client::Config::new(agent.target());
    let client = gridwire_mio::XcpClient::connect(config).unwrap();
    futures_lite::future::block_on(families::xcp(client.clone()));
    client.close();
    agent.shutdown();
}
