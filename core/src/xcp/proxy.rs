//! [`Agent`]: what a user calls, whoever runs it.

use core::time::Duration;

use bytes::Bytes;

use crate::call::{Call, Unopened};
use crate::invoker::Invoker;
use crate::xcp::error::Error;
use crate::xcp::family::{Answer, Bodies, Request, Xcp};
use crate::xcp::message::{CodecId, Ether, Kind, MsgType};

/// The agent at the other end of a client.
#[derive(Debug, Clone)]
pub struct Agent<I> {
    invoker: I,
    channel_id: u32,
    timeout: Option<Duration>,
}

/// Gives every invoker of this family its agent: `client.agent()`.
pub trait Agents: Invoker<Family = Xcp> {
    /// The agent at the other end.
    fn agent(&self) -> Agent<Self> {
        Agent::new(self.clone())
    }
}

impl<I: Invoker<Family = Xcp>> Agents for I {}

impl<I: Invoker<Family = Xcp>> Agent<I> {
    /// The agent whose calls `invoker` runs.
    pub const fn new(invoker: I) -> Self {
        Self { invoker, channel_id: 1, timeout: None }
    }

    /// The same agent on another channel; DATA goes on 1 by default.
    pub fn channel(mut self, channel_id: u32) -> Self {
        self.channel_id = channel_id;
        self
    }

    /// The same agent with a time of its own for each call.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sends an Ether and gives the one that answers it.
    ///
    /// # Errors
    /// [`Error::Nack`] if the agent refuses it.
    pub fn send(&self, ether: &Ether) -> I::Invocation<Ether> {
        self.run(Call::one(self.on_channel(Request::ether(ether)), |answer: &Answer, _| {
            answer.ether().map_err(Unopened::Failed)
        }))
    }

    /// Sends a value of a standard kind and gives the one that answers it.
    pub fn ask<Q: Kind, A: Kind + Send + 'static>(&self, question: &Q) -> I::Invocation<A> {
        let request = match question.to_ether() {
            Ok(ether) => self.on_channel(Request::ether(&ether)),
            Err(error) => return self.invoker.invoke(Call::fail(error)),
        };
        self.run(Call::one(request, |answer: &Answer, _| {
            let read = |ether: Ether| A::from_ether(&ether).map_err(Error::from);
            answer.ether().and_then(read).map_err(Unopened::Failed)
        }))
    }

    /// Sends an Ether and drops what answers it, which may be a bare ACK.
    pub fn tell(&self, ether: &Ether) -> I::Invocation<()> {
        let request = self.on_channel(Request::ether(ether));
        self.run(Call::one(request, |_: &Answer, _| Ok(())))
    }

    /// Sends a body of any codec that the agent agreed to, and gives the answer as it came.
    pub fn send_body(&self, codec: CodecId, body: Bytes) -> I::Invocation<Answer> {
        self.request(self.on_channel(Request::data(codec, body)))
    }

    /// Sends any request, and gives the answer as it came.
    pub fn request(&self, request: Request) -> I::Invocation<Answer> {
        self.run(Call::one(request, |answer: &Answer, _| Ok(answer.clone())))
    }

    /// Asks whether the agent is there: how long its answer took.
    pub fn ping(&self) -> I::Invocation<Duration> {
        self.run(Call::one(Request::ping(), pong))
    }

    fn on_channel(&self, mut request: Request) -> Request {
        request.channel_id = self.channel_id;
        request
    }

    fn run<R: Send + 'static>(&self, mut call: Call<Xcp, R>) -> I::Invocation<R> {
        call.order.timeout = self.timeout;
        self.invoker.invoke(call)
    }
}

fn pong(answer: &Answer, _: &Bodies) -> Result<Duration, Unopened<Xcp>> {
    match answer.header.msg_type {
        MsgType::PONG => Ok(answer.took),
        _ => Err(Unopened::Failed(Error::Protocol("a PING answered by something else"))),
    }
}
