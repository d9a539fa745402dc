//! [`Invocation`]: a call as a future.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use gridwire_core::call::{
    Call, Caller, Failure, Family, Learn, Need, Opener, Order, Undo, Unopened,
};
use gridwire_core::slab::Key;

use tracing::field::Empty;
use tracing::trace_span;

use crate::client::Client;
use crate::runtime::Runtime;

/// How often an answer may say that something must be fetched before it can be read: a list of records
/// may need a schema for each.
pub(crate) const NEEDS: u16 = 1_000;

/// A call on its way. Nothing is sent before it is polled the first time, unless it goes
/// [at once](gridwire_core::call::Call::at_once); dropping it cancels it, as far as its family can.
#[must_use = "nothing is sent before it is awaited"]
pub struct Invocation<C: Caller + Send + 'static, R: Runtime, T> {
    client: Client<C, R>,
    opener: Opener<C::Family, <C::Family as Family>::Answer, T>,
    stage: Stage<C::Family>,
    /// From its submission to its end; nothing unless somebody traces calls.
    span: Option<Box<tracing::Span>>,
}

enum Stage<F: Family> {
    New(Order<F>),
    Sent(Key, Option<Undo<F>>),
    /// Rare, and larger than the others.
    Fetching(Box<Fetching<F>>),
    Over,
}

/// An answer that can't be read before another one was learnt from.
struct Fetching<F: Family> {
    seat: Key,
    answer: F::Answer,
    learn: Learn<F>,
    undo: Option<Undo<F>>,
    /// What was fetched before, and this.
    needs: u16,
}

impl<C: Caller + Send + 'static, R: Runtime, T> Invocation<C, R, T> {
    pub(crate) fn new(client: Client<C, R>, call: Call<C::Family, T>) -> Self {
        let at_once = call.order.at_once;
        let this = Self { client, opener: call.opener, stage: Stage::New(call.order), span: None };
        if at_once { this.send() } else { this }
    }

    /// Sends it now, to be awaited later: for whoever wants many in flight from one place.
    pub fn send(mut self) -> Self {
        self.begin(Waker::noop());
        self
    }

    /// The most time that it may take, from being sent to its end, instead of the client's default.
    /// Of no effect once it was sent, as a Kafka producer's record is from the start.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        if let Stage::New(order) = &mut self.stage {
            order.timeout = Some(timeout);
        }
        self
    }

    /// Who runs it.
    pub fn client(&self) -> &Client<C, R> {
        &self.client
    }

    /// The result of a call that needed nobody, if it is one: without waiting, and once.
    pub fn take_ready(&mut self) -> Option<T> {
        match &self.opener {
            Opener::Ready(result) => result.take(),
            _ => None,
        }
    }

    fn begin(&mut self, waker: &Waker) {
        if matches!(self.opener, Opener::Ready(_)) {
            return;
        }
        if let Stage::New(order) = std::mem::replace(&mut self.stage, Stage::Over) {
            let undo = order.undo.clone();
            if let Ok(seat) = self.client.submit(order, waker) {
                let call = seat.to_u64();
                let span = trace_span!(target: "gridwire", "call", call, ok = Empty);
                self.span = (!span.is_disabled()).then(|| Box::new(span));
                self.stage = Stage::Sent(seat, undo);
            }
        }
    }
}

// Nothing in it is pinned.
impl<C: Caller + Send + 'static, R: Runtime, T> Unpin for Invocation<C, R, T> {}

impl<C: Caller + Send + 'static, R: Runtime, T: 'static> Future for Invocation<C, R, T> {
    type Output = Result<T, <C::Family as Family>::Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if let Opener::Ready(result) = &this.opener {
            return Poll::Ready(result.take().ok_or_else(|| this.client.end()));
        }
        if matches!(this.stage, Stage::New(_)) {
            this.begin(cx.waker());
            if matches!(this.stage, Stage::Sent(..)) {
                // If it has ended already, the waker was woken: no need to look now.
                return Poll::Pending;
            }
        }
        let seat = match &this.stage {
            Stage::Sent(seat, _) => *seat,
            Stage::Fetching(fetching) => fetching.seat,
            Stage::New(_) | Stage::Over => return Poll::Ready(Err(this.client.end())),
        };
        let end = ready!(this.client.poll_call(cx, seat));
        if let Some(span) = &this.span {
            span.record("ok", end.is_ok());
        }
        let (answer, undo, mut needs) = match std::mem::replace(&mut this.stage, Stage::Over) {
            Stage::Fetching(fetching) => {
                let Fetching { answer, learn, undo, needs, .. } = *fetching;
                learn(&end?, this.client.codec())?;
                (answer, undo, needs)
            }
            Stage::Sent(_, undo) => (end?, undo, 0),
            Stage::New(_) | Stage::Over => return Poll::Ready(Err(this.client.end())),
        };
        // Opened again after each need that was met: the answer is the same, the codec knows more.
        loop {
            match this.opener.open(&answer, this.client.codec()) {
                Ok(value) => return Poll::Ready(Ok(value)),
                Err(Unopened::Failed(error)) => return Poll::Ready(Err(error)),
                Err(Unopened::Needs(Need { plan, learn })) => {
                    needs += 1;
                    if needs > NEEDS {
                        let endless = Failure::Overloaded("the answer needs too much to be read");
                        return Poll::Ready(Err(endless.into()));
                    }
                    let seat = this.client.submit(Order::new(plan), cx.waker())?;
                    match this.client.poll_call(cx, seat) {
                        Poll::Ready(end) => learn(&end?, this.client.codec())?,
                        Poll::Pending => {
                            let fetching = Fetching { seat, answer, learn, undo, needs };
                            this.stage = Stage::Fetching(Box::new(fetching));
                            return Poll::Pending;
                        }
                    }
                }
            }
        }
    }
}

impl<C: Caller + Send + 'static, R: Runtime, T> Drop for Invocation<C, R, T> {
    fn drop(&mut self) {
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::New(_) | Stage::Over => {}
            Stage::Sent(seat, undo) => self.client.abandon(seat, undo),
            Stage::Fetching(fetching) => {
                let Fetching { seat, answer, undo, .. } = *fetching;
                self.client.abandon(seat, None);
                if let Some(plan) = undo.and_then(|undo| undo(&answer)) {
                    self.client.run_unwatched(Order::new(plan));
                }
            }
        }
    }
}

impl<C: Caller + Send + 'static, R: Runtime, T> fmt::Debug for Invocation<C, R, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Invocation")
    }
}
