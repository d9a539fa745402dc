//! The least that a client can be: one `map.get`, by the core and std's sockets alone.
//!
//! `map_get HOST PORT MAP KEY` prints the value of a text key if it is text, too. What it is made of is
//! looked at when it is built small (`cargo build --profile small --example map_get`): neither the
//! messages that it never sends nor the decoders that print come along.

mod driver;

use std::error::Error;
use std::time::Duration;

use gridwire_core::call::{Caller, ClientEvent};
use gridwire_core::endpoint::*;
use gridwire_core::hazelcast::{Client, Config, Structures};
use gridwire_core::invoker::Detached;

use self::driver::Driver;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [host, port, map, key] = &arguments[..] else {
        return Err("usage: map_get HOST PORT MAP KEY".into());
    };
    // The seed and the time come from the OS in a program that is no example.
    let start = Start { seed: [42; 32], unix_at_zero: Duration::from_secs(1_700_000_000) };
    let config = Config::new([Target::new(host.as_str(), port.parse()?)]);
    let mut client = Driver::new(Client::start(config, start), None);

    let codec = client.engine.codec();
    let call = Detached::new(codec.clone()).map::<String, String>(map).get(key);
    let ticket = client.engine.submit(client.now(), call.order);
    loop {
        for event in client.turn() {
            if let ClientEvent::Done(done, end) = event
                && done == ticket
            {
                let value = call.opener.open(&end?, &codec);
                let value = value.map_err(|unopened| format!("{unopened:?}"))?;
                println!("{}", value.as_deref().unwrap_or("nothing"));
                return Ok(());
            }
        }
        std::thread::sleep(Duration::from_micros(100));
    }
}
