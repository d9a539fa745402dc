//! The adapters' common suite on mio, driven by who waits and by the background thread, and what is
//! mio's own.

#[path = "../../driver/tests/suite/mod.rs"]
mod suite;

use std::future::Future;

use gridwire_core::invoker::{Delivered, Invoker};
use gridwire_mio::{Client, Mio, Server};

use suite::support::*;
use suite::toy::{self, Op};

fn by_who_waits<F: Future<Output = ()>>(test: impl FnOnce(Mio) -> F) {
    let mio = Mio::new().unwrap();
    mio.block_on(test(mio.clone()));
}

fn by_the_background<F: Future<Output = ()>>(test: impl FnOnce(Mio) -> F) {
    futures_lite::future::block_on(test(Mio::new().unwrap()));
}

everything!(waiting, crate::by_who_waits);
everything!(background, crate::by_the_background);

#[test]
fn blocking_handles_from_many_threads() {
    within_a_minute(|| {
        let mio = Mio::new().unwrap();
        let server = Server::drive(&mio, toy::server::ToyServer::default(), LOCAL).unwrap();
        let config = config(server.local_addr());
        let client = Client::<toy::client::ToyClient>::connect(config).unwrap();
        let threads: Vec<_> = (0..8)
            .map(|thread| {
                let client = client.clone();
                std::thread::spawn(move || {
                    for round in 0..200 {
                        let payload = format!("{thread}:{round}");
                        let echoed = client.invoke(toy::echo(payload.clone())).wait().unwrap();
                        assert_eq!(echoed, payload);
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        let calls: Vec<_> =
            (0..64).map(|n| client.invoke(toy::echo(n.to_string())).send()).collect();
        for (n, call) in calls.into_iter().enumerate() {
            assert_eq!(call.wait().unwrap(), n.to_string());
        }
        let mut news = client.listen(toy::subscribe());
        news.registered().unwrap();
        client.invoke(toy::plain(Op::Publish, "extra")).wait().unwrap();
        assert_eq!(news.next().unwrap().unwrap(), Delivered::Item("extra".into()));
        client.close();
        assert!(news.next().unwrap().is_err());
        assert!(news.next().is_none());
        server.shutdown();
        assert!(server.event().is_none());
    });
}
