//! [`Client`]: a client engine on an event loop, as a handle that many threads share.

use std::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use gridwire_core::call::{Call, Caller, Failure, Family, Listen, Order, SubscriptionId, Undo};
use gridwire_core::endpoint::{Cause, Engine, Start};
use gridwire_core::invoker::{AsyncInvoker, Delivery, Invoker};
use gridwire_core::metrics::Measured;
use gridwire_core::slab::Key;
use gridwire_core::time::Instant;

use crate::desk::{Abandoned, CallDesk, Next};
use crate::hub::Hub;
use crate::invocation::Invocation;
use crate::runtime::Runtime;
use crate::setup::Setup;
use crate::subscription::Subscription;
use crate::tasks;
use crate::tls::Tls;

type ClientHub<C, R> = Hub<C, CallDesk<<C as Caller>::Family>, <R as Runtime>::Socket>;
type ErrorOf<C> = <<C as Caller>::Family as Family>::Error;

/// A client of one protocol on one event loop. Clones share its connections; the last one dropped,
/// invocations and subscriptions included, shuts it down.
pub struct Client<C: Caller + Send + 'static, R: Runtime> {
    shared: Arc<Shared<C, R>>,
}

struct Shared<C: Caller + Send + 'static, R: Runtime> {
    hub: Arc<ClientHub<C, R>>,
    runtime: R,
    codec: Arc<<C::Family as Family>::Codec>,
}

impl<C: Caller + Send + 'static, R: Runtime> Drop for Shared<C, R> {
    fn drop(&mut self) {
        self.hub.command(|state, now| state.engine.shut_down(now));
    }
}

impl<C: Caller + Send + 'static, R: Runtime> Client<C, R> {
    /// Starts a client on the event loop that the caller is in, and waits until it is usable. Fails
    /// when the engine gives up, by the rules of its configuration. Dropping the future ends it.
    pub async fn connect(setup: impl Into<Setup<C::Config>>) -> Result<Self, ErrorOf<C>>
    where
        C: Engine,
    {
        let runtime = R::here().map_err(not_started::<C>)?;
        Self::connect_on(&runtime, setup).await
    }

    /// Like [`Client::connect`], on an event loop of the caller's choice.
    pub async fn connect_on(
        runtime: &R,
        setup: impl Into<Setup<C::Config>>,
    ) -> Result<Self, ErrorOf<C>>
    where
        C: Engine,
    {
        let client = Self::start(runtime, setup)?;
        client.connected().await?;
        Ok(client)
    }

    /// Starts a client and doesn't wait: calls wait until it is connected.
    pub fn start(runtime: &R, setup: impl Into<Setup<C::Config>>) -> Result<Self, ErrorOf<C>>
    where
        C: Engine,
    {
        let Setup { config, tls } = setup.into();
        let engine = C::start(config, start().map_err(not_started::<C>)?);
        Ok(Self::run(runtime, engine, tls))
    }

    /// Drives an engine that was made elsewhere. Its `Instant` 0 is now.
    pub fn drive(runtime: &R, engine: C) -> Self {
        Self::run(runtime, engine, Tls::default())
    }

    fn run(runtime: &R, engine: C, tls: Tls) -> Self {
        let codec = engine.codec();
        let hub = Arc::new(Hub::new(engine, CallDesk::default(), tls));
        tasks::begin(&hub, runtime);
        hub.flush();
        Self { shared: Arc::new(Shared { hub, runtime: runtime.clone(), codec }) }
    }

    /// Waits until the client is connected; fails when it is shut down.
    pub fn connected(&self) -> impl Future<Output = Result<(), ErrorOf<C>>> + Send + '_ {
        poll_fn(|cx| self.shared.hub.lock().desk.poll_connected(cx))
    }

    /// Ends every call and subscription with an error, closes every connection, and waits until the
    /// client's tasks have ended.
    pub fn close(&self) -> impl Future<Output = ()> + Send + '_ {
        let mut told = false;
        poll_fn(move |cx| {
            if !std::mem::replace(&mut told, true) {
                self.shared.hub.command(|state, now| state.engine.shut_down(now));
            }
            self.shared.hub.poll_idle(cx)
        })
    }

    /// Gives the engine a command that is no call, or asks it something, and does what it then wants.
    pub fn with<T>(&self, command: impl FnOnce(&mut C, Instant) -> T) -> T {
        self.shared.hub.command(|state, now| command(&mut state.engine, now))
    }

    /// What the client has done, and how it stands.
    pub fn metrics(&self) -> C::Metrics
    where
        C: Measured,
    {
        self.shared.hub.lock().engine.metrics()
    }

    /// The event loop that it runs on.
    pub fn runtime(&self) -> &R {
        &self.shared.runtime
    }

    /// What turns values to bytes and back.
    pub fn codec(&self) -> &<C::Family as Family>::Codec {
        &self.shared.codec
    }

    /// Submits a call that `waker` waits for, and says by which key; the error if the client is down.
    pub(crate) fn submit(&self, order: Order<C::Family>, waker: &Waker) -> Result<Key, ErrorOf<C>> {
        self.shared.hub.command(|state, now| {
            if state.desk.is_down() {
                return Err(state.desk.end());
            }
            let ticket = state.engine.submit(now, order);
            Ok(state.desk.expect(ticket, waker.clone()))
        })
    }

    pub(crate) fn poll_call(
        &self,
        cx: &mut Context<'_>,
        seat: Key,
    ) -> Poll<Result<<C::Family as Family>::Answer, ErrorOf<C>>> {
        self.shared.hub.lock().desk.poll_call(cx, seat)
    }

    /// Nobody waits for a call any more. If it has ended well already, it is undone here.
    pub(crate) fn abandon(&self, seat: Key, undo: Option<Undo<C::Family>>) {
        let answer = self.shared.hub.command(|state, now| {
            // Its end may wait among the outputs: cancelling would lose what it took.
            state.drain(now);
            match state.desk.abandon_call(seat) {
                Abandoned::Over => None,
                Abandoned::InFlight(ticket) => {
                    state.engine.cancel(now, ticket);
                    None
                }
                Abandoned::Done(answer) => Some(answer),
            }
        });
        // Undoing reads the answer: not under the lock.
        if let (Some(answer), Some(undo)) = (answer, undo)
            && let Some(plan) = undo(&answer)
        {
            self.run_unwatched(Order::new(plan));
        }
    }

    pub(crate) fn run_unwatched(&self, order: Order<C::Family>) {
        self.shared.hub.command(|state, now| {
            if !state.desk.is_down() {
                state.engine.submit(now, order);
            }
        });
    }

    pub(crate) fn subscribe(
        &self,
        listen: <C::Family as Family>::Listen,
        capacity: usize,
    ) -> Option<SubscriptionId> {
        self.shared.hub.command(|state, now| {
            if state.desk.is_down() {
                return None;
            }
            let (ticket, id) = state.engine.subscribe(now, listen);
            state.desk.read(id, ticket, capacity);
            state.engine.demand(now, id, capacity);
            Some(id)
        })
    }

    pub(crate) fn unsubscribe(&self, id: SubscriptionId) {
        self.shared.hub.command(|state, now| {
            state.desk.unread(id);
            state.engine.unsubscribe(now, id);
        });
    }

    pub(crate) fn demand(&self, id: SubscriptionId, items: usize) {
        self.shared.hub.command(|state, now| state.engine.demand(now, id, items));
    }

    pub(crate) fn poll_next(
        &self,
        cx: &mut Context<'_>,
        id: SubscriptionId,
    ) -> Poll<Next<C::Family>> {
        self.shared.hub.lock().desk.poll_next(cx, id)
    }

    pub(crate) fn poll_registered(
        &self,
        cx: &mut Context<'_>,
        id: SubscriptionId,
    ) -> Poll<Result<(), ErrorOf<C>>> {
        self.shared.hub.lock().desk.poll_registered(cx, id)
    }

    pub(crate) fn end(&self) -> ErrorOf<C> {
        self.shared.hub.lock().desk.end()
    }
}

impl<C: Caller + Send + 'static, R: Runtime> Clone for Client<C, R> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<C: Caller + Send + 'static, R: Runtime> fmt::Debug for Client<C, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

impl<C: Caller + Send + 'static, R: Runtime> Invoker for Client<C, R> {
    type Family = C::Family;
    type Invocation<T: Send + 'static> = Invocation<C, R, T>;
    type Subscription<T: Send + 'static> = Subscription<C, R, T>;

    fn invoke<T: Send + 'static>(&self, call: Call<C::Family, T>) -> Invocation<C, R, T> {
        Invocation::new(self.clone(), call)
    }

    fn listen<T: Send + 'static>(&self, listen: Listen<C::Family, T>) -> Subscription<C, R, T> {
        Subscription::new(self.clone(), listen)
    }

    fn forget(&self, call: Call<C::Family, ()>) {
        self.run_unwatched(call.order);
    }

    fn codec(&self) -> &<C::Family as Family>::Codec {
        &self.shared.codec
    }
}

impl<C: Caller + Send + 'static, R: Runtime> AsyncInvoker for Client<C, R> {
    fn future<T: Send + 'static>(
        invocation: Invocation<C, R, T>,
    ) -> impl Future<Output = Result<T, ErrorOf<C>>> + Send {
        invocation
    }

    async fn registered<T: Send + 'static>(
        subscription: &mut Subscription<C, R, T>,
    ) -> Result<(), ErrorOf<C>> {
        subscription.registered().await
    }

    async fn next<T: Send + 'static>(
        subscription: &mut Subscription<C, R, T>,
    ) -> Option<Delivery<T, C::Family>> {
        subscription.next().await
    }
}

/// What an engine needs of the world: a seed from the OS, and the UNIX time now.
pub(crate) fn start() -> io::Result<Start> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(io::Error::other)?;
    #[expect(clippy::disallowed_types, reason = "a driver is where wall time comes from")]
    let unix_at_zero = std::time::SystemTime::now()
        .duration_since(std::time::SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    Ok(Start { seed, unix_at_zero })
}

/// The error of a client whose event loop could not be had.
pub fn not_started<C: Caller>(error: io::Error) -> ErrorOf<C> {
    Failure::NotConnected(Cause::Other(error.to_string().into())).into()
}
