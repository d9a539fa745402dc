//! Clients of one real Hazelcast member beside each other: ours on each event loop, the official ones,
//! and the floor, which is one blocking socket that sends prebuilt requests and counts answers.
//!
//! `benches/clients/run` fetches what is needed, starts a member and a process for each client, of this
//! program for ours, has them work by turns, several rounds of it, and prints the medians. Each
//! process says how many operations it did and what CPU time, user and system, that took all of it.
//!
//! With `--test`, ours work for a moment on an embedded member, in this process.
#![allow(missing_docs, unreachable_pub, missing_debug_implementations)]

mod adapters;
mod floor;
mod memory;
mod own_loop;
mod side;
mod worker;

use std::net::SocketAddr;
use std::time::Duration;

use gridwire_core::hazelcast::{MemberConfig, Structures};

use self::side::{KEYS, MAP, Operation, SIDES, Work, config, key, value};

/// Has the values stored that everybody then asks for.
pub(crate) fn fill(at: SocketAddr) {
    let client = gridwire_mio::HazelcastClient::connect(config(at)).unwrap();
    let map = client.map::<String, Vec<u8>>(MAP);
    let calls: Vec<_> = (0..KEYS).map(|n| map.put(&*key(n), &value()).send()).collect();
    for call in calls {
        call.wait().unwrap();
    }
    client.close();
}

/// A moment of each of ours, on a member in this process: all calls succeed. Those in flight are awaited at the
/// moment's end, so more than those show that the side goes on; on a busy machine that takes a longer moment.
fn smoke() {
    let member = gridwire_mio::testing::Member::on_loopback(MemberConfig::default()).unwrap();
    let at = member.local_addr();
    fill(at);
    for side in SIDES {
        let mut it = side::start(side, at).unwrap();
        for operation in [Operation::Get, Operation::Put] {
            for depth in [1, 32] {
                let moments = [20, 200, 2_000, 20_000].map(Duration::from_millis);
                let goes_on = moments.into_iter().any(|time| {
                    let work = Work { operation, depth, time };
                    worker::measure(&mut *it, work).operations > depth as u64
                });
                assert!(goes_on, "{side}: {operation:?}, {depth} in flight");
            }
        }
        println!("{side}: ok");
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["--worker", side, at] => worker::work(side, at.parse().unwrap()),
        ["--memory", name, at] => {
            let side = SIDES.into_iter().find(|side| *side == name).unwrap();
            memory::work(side, at.parse().unwrap());
        }
        ["--fill", at] => fill(at.parse().unwrap()),
        ["--test", ..] => smoke(),
        _ => {
            println!(
                "not run: see benches/clients/run, which needs Java and fetches other clients"
            );
        }
    }
}
