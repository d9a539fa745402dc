//! A client that is connected and does nothing, to see what that takes: `idle HOST:PORT` of a Hazelcast
//! member. Without an address, the same program without a client.

use std::error::Error;
use std::net::SocketAddr;
use std::thread::sleep;
use std::time::Duration;

use gridwire_mio::HazelcastClient;
use gridwire_mio::core::endpoint::Target;
use gridwire_mio::core::hazelcast::Config;

fn main() -> Result<(), Box<dyn Error>> {
    let Some(address) = std::env::args().nth(1) else {
        // As the client's thread does: so that there is something that was run.
        let mut poll = mio::Poll::new()?;
        poll.poll(&mut mio::Events::with_capacity(16), Some(Duration::ZERO))?;
        sleep(Duration::MAX);
        return Ok(());
    };
    let address: SocketAddr = address.parse()?;
    let target = Target::new(address.ip().to_string().as_str(), address.port());
    let _client = HazelcastClient::connect(Config::new([target]))?;
    println!("connected");
    sleep(Duration::MAX);
    Ok(())
}
