//! An engine driven by hand: a Hazelcast member and a client of it, in one thread, with nothing but
//! std's sockets.
//!
//! `Driver`, in `driver/mod.rs`, is all that an event loop must do for any engine of this crate, client
//! or server: carry bytes, say what time it is, and do what the engine's outputs ask for. A loop of your
//! own (epoll, io_uring, a simulator) has the same six outputs and five inputs.

mod driver;

use std::error::Error;
use std::net::TcpListener;
use std::time::Duration;

use gridwire_core::call::{Call, Caller, ClientEvent};
use gridwire_core::endpoint::*;
use gridwire_core::hazelcast::{Client, Config, Hazelcast, Member, MemberConfig, Structures};
use gridwire_core::invoker::Detached;

use self::driver::Driver;

/// Runs a call to its end: submitted as it is, and its answer read by its own opener.
fn run<R: 'static>(
    client: &mut Driver<Client>,
    member: &mut Driver<Member>,
    call: Call<Hazelcast, R>,
) -> Result<R, Box<dyn Error>> {
    let ticket = client.engine.submit(client.now(), call.order);
    let codec = client.engine.codec();
    loop {
        member.turn();
        for event in client.turn() {
            if let ClientEvent::Done(done, end) = event
                && done == ticket
            {
                let opened = call.opener.open(&end?, &codec);
                // A compact value may need a schema to be fetched first; a number never does.
                return opened.map_err(|unopened| format!("{unopened:?}").into());
            }
        }
        // Std has nothing to wait for several sockets with: your loop has, until the deadline.
        std::thread::sleep(Duration::from_micros(100));
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let target = Target::new("127.0.0.1", listener.local_addr()?.port());
    // The seed comes from the OS in a program that is no example.
    let start = Start { seed: [42; 32], unix_at_zero: Duration::from_secs(1_700_000_000) };
    let mut member = Driver::new(Member::start(MemberConfig::default(), start), Some(listener));
    let mut client = Driver::new(Client::start(Config::new([target]), start), None);

    // A proxy that gives the calls themselves, since nobody else runs them.
    let counters = Detached::new(client.engine.codec()).map::<String, i64>("counters");
    println!("put: {:?}", run(&mut client, &mut member, counters.put("a", &1))?);
    println!("put: {:?}", run(&mut client, &mut member, counters.put("a", &2))?);
    println!("get: {:?}", run(&mut client, &mut member, counters.get("a"))?);
    Ok(())
}
