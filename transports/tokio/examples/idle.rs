//! A client that is connected and does nothing, to see what that takes: `idle THREADS HOST:PORT` of a
//! Hazelcast member. Without an address, the same program without a client.

use std::error::Error;
use std::future::pending;
use std::net::SocketAddr;

use gridwire_tokio::HazelcastClient;
use gridwire_tokio::core::endpoint::Target;
use gridwire_tokio::core::hazelcast::Config;
use tokio::runtime::Builder;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let threads: usize = arguments.next().ok_or("how many threads?")?.parse()?;
    let mut builder =
        if threads == 1 { Builder::new_current_thread() } else { Builder::new_multi_thread() };
    let runtime = builder.worker_threads(threads).enable_all().build()?;
    runtime.block_on(async {
        // So that there is something that was run.
        tokio::spawn(async {}).await?;
        let Some(address) = arguments.next() else { return pending().await };
        let address: SocketAddr = address.parse()?;
        let target = Target::new(address.ip().to_string().as_str(), address.port());
        let _client = HazelcastClient::connect(Config::new([target])).await?;
        println!("connected");
        pending().await
    })
}
