//! What the tests need: a deadline for hangs, futures joined, a latch for threads, engines that watch.

use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Poll, Waker};
use std::time::Duration;

use gridwire_core::call::{Caller, ClientEvent, Failure, Lifecycle, Order, SubscriptionId, Ticket};
use gridwire_core::endpoint::{Cause, Endpoint, Engine, Input, Output, Start, Target};
use gridwire_core::links::LinkLimits;
use gridwire_core::time::Instant;
use gridwire_driver::{Client, Runtime, Server};

use super::toy::client::{Config, ToyClient};
use super::toy::server::ToyServer;
use super::toy::{Codec, Everything, Toy, ToyError};

pub const LOCAL: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

/// Fails a test that hangs, rather than hanging the run.
pub fn within_a_minute(test: impl FnOnce() + Send + 'static) {
    let (done, wait) = mpsc::channel();
    std::thread::spawn(move || {
        let _ = done.send(catch_unwind(AssertUnwindSafe(test)));
    });
    match wait.recv_timeout(Duration::from_secs(60)) {
        Ok(Ok(())) => {}
        Ok(Err(panic)) => resume_unwind(panic),
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("the test hangs"),
        Err(mpsc::RecvTimeoutError::Disconnected) => unreachable!("the test says how it ended"),
    }
}

pub fn config(at: SocketAddr) -> Config {
    Config {
        targets: vec![Target::new(at.ip().to_string().as_str(), at.port())],
        timeout: None,
        limits: LinkLimits { high_water: 64 << 20, events: 64 },
    }
}

pub fn serve<R: Runtime>(runtime: &R) -> Server<ToyServer, R> {
    Server::drive(runtime, ToyServer::default(), LOCAL).unwrap()
}

pub async fn joined<R: Runtime>(runtime: &R) -> (Server<ToyServer, R>, Client<ToyClient, R>) {
    let server = serve(runtime);
    let client = Client::connect_on(runtime, config(server.local_addr())).await.unwrap();
    (server, client)
}

pub async fn join_all<T>(futures: impl IntoIterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut futures: Vec<_> = futures.into_iter().map(|f| (Box::pin(f), None)).collect();
    poll_fn(|cx| {
        for (future, result) in &mut futures {
            if result.is_none()
                && let Poll::Ready(ended) = future.as_mut().poll(cx)
            {
                *result = Some(ended);
            }
        }
        if futures.iter().all(|(_, result)| result.is_some()) {
            return Poll::Ready(());
        }
        Poll::Pending
    })
    .await;
    futures.into_iter().filter_map(|(_, result)| result).collect()
}

/// Polls a future once.
pub async fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    poll_fn(|cx| Poll::Ready(Pin::new(&mut *future).poll(cx))).await
}

/// Counts down, and can be awaited.
#[derive(Clone)]
pub struct Latch(Arc<Mutex<(usize, Option<Waker>)>>);

impl Latch {
    pub fn new(count: usize) -> Self {
        Self(Arc::new(Mutex::new((count, None))))
    }

    pub fn count_down(&self) {
        let mut state = self.0.lock().unwrap();
        state.0 -= 1;
        if state.0 == 0
            && let Some(waker) = state.1.take()
        {
            waker.wake();
        }
    }

    pub async fn wait(&self) {
        poll_fn(|cx| {
            let mut state = self.0.lock().unwrap();
            if state.0 == 0 {
                return Poll::Ready(());
            }
            state.1 = Some(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

/// What an engine was told.
#[derive(Debug, Default)]
pub struct Seen {
    pub sent: AtomicUsize,
    pub sent_after_closed: AtomicUsize,
    pub closed: Mutex<Vec<Cause>>,
}

/// The toy's client, watched; it gives up when its last connection is gone, whoever ended that.
pub struct Watched {
    engine: ToyClient,
    pub seen: Arc<Seen>,
    cause: Option<Cause>,
}

impl Watched {
    pub fn new(config: Config) -> Self {
        let start = Start { seed: [7; 32], unix_at_zero: Duration::ZERO };
        Self { engine: ToyClient::start(config, start), seen: Arc::default(), cause: None }
    }
}

impl Endpoint for Watched {
    type Event = ClientEvent<Toy>;

    fn handle(&mut self, now: Instant, input: Input<'_>) {
        match &input {
            Input::Sent { bytes, .. } => {
                self.seen.sent.fetch_add(*bytes, Ordering::SeqCst);
                if self.cause.is_some() {
                    self.seen.sent_after_closed.fetch_add(1, Ordering::SeqCst);
                }
            }
            Input::Closed { cause, .. } => {
                self.seen.closed.lock().unwrap().push(cause.clone());
                self.cause = Some(cause.clone());
            }
            _ => {}
        }
        self.engine.handle(now, input);
    }

    fn poll_output(&mut self) -> Option<Output<ClientEvent<Toy>>> {
        match self.engine.poll_output()? {
            Output::Event(ClientEvent::Lifecycle(Lifecycle::Disconnected)) => {
                // The engine itself, if the transport has told of no end.
                let cause = self.cause.clone().unwrap_or(Cause::Local);
                let failure = Failure::NotConnected(cause);
                Some(Output::Event(ClientEvent::ShutDown(Err(failure.into()))))
            }
            output => Some(output),
        }
    }

    fn deadline(&self) -> Option<Instant> {
        self.engine.deadline()
    }
}

impl Caller for Watched {
    type Family = Toy;

    fn submit(&mut self, now: Instant, order: Order<Toy>) -> Ticket {
        self.engine.submit(now, order)
    }

    fn subscribe(&mut self, now: Instant, listen: Everything) -> (Ticket, SubscriptionId) {
        self.engine.subscribe(now, listen)
    }

    fn unsubscribe(&mut self, now: Instant, id: SubscriptionId) {
        self.engine.unsubscribe(now, id);
    }

    fn cancel(&mut self, now: Instant, ticket: Ticket) {
        self.engine.cancel(now, ticket);
    }

    fn shut_down(&mut self, now: Instant) {
        self.engine.shut_down(now);
    }

    fn codec(&self) -> Arc<Codec> {
        self.engine.codec()
    }
}

pub fn failure<T: std::fmt::Debug>(result: Result<T, ToyError>) -> Failure {
    match result {
        Err(ToyError::Call(failure)) => failure,
        other => panic!("not a failed call: {other:?}"),
    }
}
