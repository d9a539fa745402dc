//! The adapters' common suite on async-std, and on smol.

#[path = "../../driver/tests/suite/mod.rs"]
mod suite;

use std::future::Future;

use gridwire_async_std::AsyncIo;
use gridwire_driver::Runtime;

fn on_async_std<F: Future<Output = ()>>(test: impl FnOnce(AsyncIo) -> F) {
    async_std::task::block_on(test(AsyncIo::here().unwrap()));
}

fn on_smol<F: Future<Output = ()>>(test: impl FnOnce(AsyncIo) -> F) {
    smol::block_on(test(AsyncIo::new(|task| smol::spawn(task).detach())));
}

everything!(by_async_std, crate::on_async_std);
everything!(by_smol, crate::on_smol);
