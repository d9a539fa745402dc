//! A client that is connected and does nothing, to see what that takes: `idle HOST:PORT` of a Hazelcast
//! member. Without an address, the same program without a client.

use std::error::Error;
use std::future::pending;
use std::net::SocketAddr;

use gridwire_async_std::HazelcastClient;
use gridwire_async_std::core::endpoint::Target;
use gridwire_async_std::core::hazelcast::Config;

fn main() -> Result<(), Box<dyn Error>> {
    async_std::task::block_on(async {
        // So that the executor and its threads are there.
        async_std::task::spawn(async {}).await;
        let Some(address) = std::env::args().nth(1) else { return pending().await };
        let address: SocketAddr = address.parse()?;
        let target = Target::new(address.ip().to_string().as_str(), address.port());
        let _client = HazelcastClient::connect(Config::new([target])).await?;
        println!("connected");
        pending().await
    })
}
