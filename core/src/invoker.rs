//! [`Invoker`]: who runs the calls of a proxy.
//!
//! A proxy (`Map<K, V, I>`, `Producer<I>`) is generic over its invoker, so each operation is written
//! once, in core, and comes out as a future under tokio, a blocking handle under mio, or the bare
//! [`Call`] under [`Detached`] for those who drive the engine themselves.

use alloc::sync::Arc;
use core::fmt;
use core::future::Future;

use crate::call::{Call, Family, Listen};

/// Runs calls and subscriptions of one family.
pub trait Invoker: Clone {
    /// The protocol's types.
    type Family: Family;
    /// What running a call gives: a future, a blocking handle, the call itself.
    type Invocation<R: Send + 'static>;
    /// What a subscription gives: a stream, an iterator, the order itself.
    type Subscription<T: Send + 'static>;

    /// Runs a call, or prepares to: nothing is sent before the invocation is polled or waited on,
    /// unless the call is one of those that go [`Call::at_once`].
    fn invoke<R: Send + 'static>(&self, call: Call<Self::Family, R>) -> Self::Invocation<R>;

    /// Begins a subscription.
    fn listen<T: Send + 'static>(&self, listen: Listen<Self::Family, T>) -> Self::Subscription<T>;

    /// Runs a call at once that nobody waits for: clean-up from `Drop`.
    fn forget(&self, call: Call<Self::Family, ()>);

    /// What turns values to bytes and back.
    fn codec(&self) -> &<Self::Family as Family>::Codec;
}

/// An invoker whose invocations can be awaited: lets one suite test every runtime.
pub trait AsyncInvoker: Invoker {
    /// The invocation as a future.
    fn future<R: Send + 'static>(
        invocation: Self::Invocation<R>,
    ) -> impl Future<Output = Result<R, <Self::Family as Family>::Error>> + Send;

    /// Waits until the peer has registered a subscription: what happens from then on is delivered.
    fn registered<T: Send + 'static>(
        subscription: &mut Self::Subscription<T>,
    ) -> impl Future<Output = Result<(), <Self::Family as Family>::Error>> + Send;

    /// The next item of a subscription; `None` when it has ended.
    fn next<T: Send + 'static>(
        subscription: &mut Self::Subscription<T>,
    ) -> impl Future<Output = Option<Delivery<T, Self::Family>>> + Send;
}

/// What a subscription's reader gets: an item, or word of what it was too slow for.
pub type Delivery<T, F> = Result<Delivered<T>, <F as Family>::Error>;

/// An item of a subscription, or how many were missed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivered<T> {
    /// An item.
    Item(T),
    /// The reader was too slow: so many items are lost, here.
    Missed(u64),
}

/// The invoker of those who drive an engine themselves: calls come back as they are, to be submitted.
pub struct Detached<F: Family> {
    codec: Arc<F::Codec>,
}

impl<F: Family> Detached<F> {
    /// Builds calls with the engine's codec.
    pub const fn new(codec: Arc<F::Codec>) -> Self {
        Self { codec }
    }
}

impl<F: Family> Clone for Detached<F> {
    fn clone(&self) -> Self {
        Self { codec: Arc::clone(&self.codec) }
    }
}

impl<F: Family> fmt::Debug for Detached<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Detached")
    }
}

impl<F: Family> Invoker for Detached<F> {
    type Family = F;
    type Invocation<R: Send + 'static> = Call<F, R>;
    type Subscription<T: Send + 'static> = Listen<F, T>;

    fn invoke<R: Send + 'static>(&self, call: Call<F, R>) -> Call<F, R> {
        call
    }

    fn listen<T: Send + 'static>(&self, listen: Listen<F, T>) -> Listen<F, T> {
        listen
    }

    /// Drops the call: only the owner of the engine can run it.
    fn forget(&self, call: Call<F, ()>) {
        drop(call);
    }

    fn codec(&self) -> &F::Codec {
        &self.codec
    }
}
