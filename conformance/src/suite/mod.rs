//! What every client must do, written once over [`Adapter`] and run by each adapter's tests: against
//! the embedded peers always, against real servers in the live suite.
//!
//! Each function takes the configuration of a client and a name that no other test uses. It panics when
//! something is wrong, as tests do.

#![allow(clippy::missing_panics_doc, reason = "they are the bodies of tests")]

pub mod cluster;
pub mod foreign;
pub mod hazelcast;
pub mod kafka;
pub mod maps;
pub mod near_caches;
pub mod queries;
pub mod query_caches;
pub mod records;
pub mod values;

use std::fmt::Debug;
use std::future::Future;
use std::io;
use std::time::Duration;

use futures_util::future::{Either, select};
use gridwire_core::call::{Caller, Family};
use gridwire_core::endpoint::Engine;
use gridwire_core::invoker::{AsyncInvoker, Delivered};
use gridwire_driver::Setup;
use tokio::runtime::Runtime;

use crate::adapter::Adapter;

/// Ample for whatever should take no time at all, on a machine that is busy with members and brokers.
pub const AMPLE: Duration = Duration::from_secs(60);

/// Starts embedded peers on a runtime of their own, that serve until it is dropped.
pub fn served<T>(start: impl FnOnce() -> io::Result<T>) -> (Runtime, T) {
    let runtime = Runtime::new().expect("a runtime");
    let guard = runtime.enter();
    let peers = start().expect("embedded peers");
    drop(guard);
    (runtime, peers)
}

/// Connects, works, and closes.
pub fn with_client<A: Adapter, C>(
    setup: impl Into<Setup<C::Config>>,
    work: impl AsyncFnOnce(&A::Client<C>),
) where
    C: Caller + Engine + Send + 'static,
{
    A::block_on(async {
        let client = soon(A::connect::<C>(setup)).await.expect("connected");
        work(&client).await;
        soon(A::close(&client)).await;
    });
}

/// Names of this run's own structures, so that it finds nothing that another left.
fn name<A: Adapter>(test: &str) -> String {
    format!("{test} on {}", A::NAME)
}

/// Awaits what must come, so that what doesn't fails a test instead of hanging it.
pub async fn soon<T>(future: impl Future<Output = T>) -> T {
    within(AMPLE, future).await.expect("an end within a minute")
}

/// Awaits until a time is up. `None` if nothing came.
pub async fn within<T>(time: Duration, future: impl Future<Output = T>) -> Option<T> {
    let timer = async_io::Timer::after(time);
    match select(std::pin::pin!(future), std::pin::pin!(timer)).await {
        Either::Left((value, _)) => Some(value),
        Either::Right(_) => None,
    }
}

/// Waits until something holds.
pub async fn until(what: &str, holds: impl Fn() -> bool) {
    until_told(what, async || holds()).await;
}

/// Waits until others say that something holds.
pub async fn until_told(what: &str, holds: impl AsyncFn() -> bool) {
    let waited = within(AMPLE, async {
        while !holds().await {
            async_io::Timer::after(Duration::from_millis(10)).await;
        }
    });
    assert!(waited.await.is_some(), "{what}");
}

/// Asks until it isn't the machine's fault that the answer came too late.
pub fn in_time<T>(ask: impl FnMut() -> T, is_late: impl Fn(&T) -> bool) -> T {
    let mut answers = std::iter::repeat_with(ask).take(30);
    answers.find(|answer| !is_late(answer)).expect("one that comes in time")
}

/// The next item of a subscription.
pub async fn item<I: AsyncInvoker, T: Debug + Send + 'static>(
    subscription: &mut I::Subscription<T>,
) -> T
where
    <I::Family as Family>::Error: Debug,
{
    match soon(I::next(subscription)).await {
        Some(Ok(Delivered::Item(item))) => item,
        other => panic!("no item but {other:?}"),
    }
}

/// Makes, of functions that are generic over the adapter, a test for each adapter.
#[macro_export]
macro_rules! on_each_adapter {
    ($($test:ident)*) => {$(
        mod $test {
            #[test]
            fn tokio() {
                super::$test::<gridwire_conformance::adapter::Tokio>();
            }
            #[test]
            fn async_std() {
                super::$test::<gridwire_conformance::adapter::AsyncStd>();
            }
            #[test]
            fn mio() {
                super::$test::<gridwire_conformance::adapter::Mio>();
            }
        }
    )*};
}
