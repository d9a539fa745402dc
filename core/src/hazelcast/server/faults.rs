//! Faults on command: requests that go unanswered, or are answered late or wrongly.

use core::time::Duration;

use super::{Due, Member};
use crate::Str;
use crate::endpoint::{Cause, Chunks, ConnId};
use crate::hazelcast::Payload as _;
use crate::hazelcast::error::{Error, ErrorCode};
use crate::hazelcast::message::client::{CreateProxyResponse, Ping, PingResponse};
use crate::hazelcast::raw::Message;
use crate::time::Instant;

/// Something that goes wrong with some of the requests to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// At which member; at any if `None`.
    pub member: Option<usize>,
    /// With which requests, by their message type (`map::Put::ID`); with any if `None`.
    pub message: Option<u32>,
    /// How many of those pass before it begins.
    pub after: u32,
    /// With how many it goes wrong then.
    pub count: u32,
    /// What goes wrong.
    pub what: Disturbance,
}

impl Fault {
    /// Goes wrong with the next request of this type, at whatever member.
    pub fn once(message: u32, what: Disturbance) -> Self {
        Self { member: None, message: Some(message), after: 0, count: 1, what }
    }
}

/// What goes wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Disturbance {
    /// It is lost.
    Drop,
    /// It is carried out, and its answer is lost.
    DropAnswer,
    /// It is taken up later.
    Delay(Duration),
    /// It is not carried out, and answered with an error of this code.
    Error(ErrorCode),
    /// It is not carried out, and answered with what answers something else.
    WrongAnswer,
    /// It is carried out, and its answer is one for the call so many ids away.
    AnswerTo(i64),
    /// Not a message but any bytes answer it.
    Garbage,
    /// The connection is reset.
    Close,
}

impl Member {
    /// Has something go wrong from now on. Of several faults the one that was asked for first counts.
    pub fn fault(&mut self, fault: Fault) {
        if fault.count > 0 {
            self.faults.push(fault);
        }
    }

    /// Nothing goes wrong any more.
    pub fn clear_faults(&mut self) {
        self.faults.clear();
    }

    /// What goes wrong with this request, if something does.
    pub(super) fn next_fault(&mut self, conn: ConnId, message: &Message) -> Option<Disturbance> {
        if self.faults.is_empty() {
            return None;
        }
        let slot = self.links.get(conn)?.slot;
        let kind = message.message_type();
        let concerns = |fault: &Fault| {
            fault.member.is_none_or(|member| member == slot)
                && fault.message.is_none_or(|message| message == kind)
        };
        let at = self.faults.iter().position(concerns)?;
        let fault = self.faults.get_mut(at)?;
        if fault.after > 0 {
            fault.after -= 1;
            return None;
        }
        fault.count -= 1;
        let what = fault.what;
        if fault.count == 0 {
            self.faults.remove(at);
        }
        Some(what)
    }

    /// Has a request go wrong. An error ends the connection.
    pub(super) fn disturb(
        &mut self,
        now: Instant,
        conn: ConnId,
        message: &Message,
        what: Disturbance,
    ) -> Result<(), Error> {
        let id = message.correlation_id();
        match what {
            Disturbance::Drop => {}
            Disturbance::DropAnswer | Disturbance::AnswerTo(_) => {
                self.spoil = Some(what);
                let result = self.handle_request(now, conn, message);
                self.spoil = None;
                return result;
            }
            Disturbance::Delay(by) => {
                self.delayed_count += 1;
                self.delayed.insert(self.delayed_count, (conn, message.clone()));
                self.timers.set(now + by, Due::Delayed(self.delayed_count));
            }
            Disturbance::Error(code) => {
                let class = "com.hazelcast.core.HazelcastException";
                let text = Str::from_static("a fault that was asked for");
                self.refuse(conn, id, code, class, text);
            }
            Disturbance::WrongAnswer if message.message_type() == Ping::ID => {
                self.respond(conn, id, &CreateProxyResponse {});
            }
            Disturbance::WrongAnswer => self.respond(conn, id, &PingResponse {}),
            Disturbance::Garbage => {
                let bytes = self.rng.seed();
                self.deliver(conn, Chunks::from_iter([bytes::Bytes::copy_from_slice(&bytes)]));
            }
            Disturbance::Close => self.close_now(conn, Cause::Local),
        }
        Ok(())
    }

    /// A request that was delayed is taken up.
    pub(super) fn handle_delayed(&mut self, now: Instant, number: u64) {
        let Some((conn, message)) = self.delayed.remove(&number) else { return };
        if let Err(error) = self.handle_request(now, conn, &message) {
            self.close(conn, Cause::from(&error));
        }
    }
}
