//! The adapters' common suite on both kinds of tokio runtime, and what is tokio's own.

#[path = "../../driver/tests/suite/mod.rs"]
mod suite;

use std::future::Future;

use gridwire_core::call::Failure;
use gridwire_core::invoker::Invoker;
use gridwire_tokio::Tokio;
use tokio::runtime::Builder;

use suite::support::*;
use suite::toy;

fn on_two_threads<F: Future<Output = ()>>(test: impl FnOnce(Tokio) -> F) {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(test(Tokio::new(runtime.handle().clone())));
}

fn on_the_current_thread<F: Future<Output = ()>>(test: impl FnOnce(Tokio) -> F) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(test(Tokio::new(runtime.handle().clone())));
}

everything!(multi_thread, crate::on_two_threads);
everything!(current_thread, crate::on_the_current_thread);

#[test]
fn calls_end_when_the_runtime_is_torn_down() {
    within_a_minute(|| {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let tokio = Tokio::new(runtime.handle().clone());
        let (server, client) = runtime.block_on(joined(&tokio));
        let call = client.invoke(toy::poll(600_000)).send();
        drop(runtime);
        assert_eq!(failure(futures_lite::future::block_on(call)), Failure::ShutDown);
        drop((server, client));
    });
}

#[test]
fn without_a_runtime_connecting_fails_in_words() {
    let connecting = gridwire_tokio::Client::<toy::client::ToyClient>::connect(config(LOCAL));
    let error = futures_lite::future::block_on(connecting).unwrap_err();
    assert!(error.to_string().contains("no reactor running"), "{error}");
}
