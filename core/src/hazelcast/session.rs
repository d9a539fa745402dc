//! One connection, of both roles: from its bytes to whole messages, and who may speak at all.
//!
//! ```text
//! client                                   member
//!   "CP2", authentication ------------->   ExpectPrelude, ExpectAuthentication
//!   ExpectAuthentication  <-------------   status 0..3, or an error of type 0
//!   Ready                                  Ready
//! ```
//!
//! A member reads no more than 4,096 bytes of a client that it doesn't know, and no fragments. A
//! member that is still starting answers with error 19, and is asked again on the same connection.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::time::Duration;

use bytes::{Buf, Bytes, BytesMut};

use super::error::{Error, ErrorCode, Refusal, RemoteError, StackFrame, Violation};
use super::frame::{Fragment, Limits, PRELUDE, Scanned, Scanner};
use super::message::client::{AuthenticationCustomResponse, AuthenticationResponse};
use super::message::custom::{ErrorHolder, MemberInfo, StackTraceElement};
use super::message::error::Error as ErrorMessage;
use super::raw::Message;
use super::{Payload, Uuid};
use crate::fragment::{FragmentLimits, Reassembly};
use crate::time::Instant;
use crate::{Fault, Malformed, Str};

/// The version of the value serialization that both sides speak.
pub(crate) const SERIALIZATION_VERSION: i8 = 1;

/// The receiving half of a connection: whole messages, whatever way their bytes come.
#[derive(Debug)]
pub(crate) struct Inbound {
    scanner: Scanner,
    message_limit: usize,
    fragments: FragmentLimits,
    /// Hardly any connection ever sees a fragment.
    partials: Option<Box<Reassembly<i64>>>,
    /// How long a message may take, and since when one does that isn't whole.
    patience: Option<Duration>,
    unfinished: Option<Unfinished>,
}

/// A message of which not all bytes are here.
#[derive(Debug, Clone, Copy)]
struct Unfinished {
    since: Instant,
    bytes: usize,
}

/// Bytes of a message in a second that are as good as its end.
const PROGRESS: usize = 64 << 10;

impl Inbound {
    /// Of a peer that is trusted with messages of `message_limit` bytes.
    pub(crate) fn new(message_limit: usize, fragments: FragmentLimits) -> Self {
        let scanner = Scanner::new(Limits { message: message_limit });
        Self { scanner, message_limit, fragments, partials: None, patience: None, unfinished: None }
    }

    /// Gives each message so long to be whole, and a second more for each 64 KiB of it that came: a
    /// length that lies would hold up what comes after it for as long as anything comes.
    pub(crate) fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = Some(patience);
        self
    }

    /// Of a client that has yet to say who it is; [`Inbound::trust`] lifts the limit.
    pub(crate) fn untrusted(message_limit: usize, fragments: FragmentLimits) -> Self {
        let mut inbound = Self::new(message_limit, fragments);
        inbound.scanner.set_limits(Limits::BEFORE_AUTHENTICATION);
        inbound
    }

    /// The client is known now.
    pub(crate) fn trust(&mut self) {
        self.scanner.set_limits(Limits { message: self.message_limit });
    }

    /// The next whole message, if there is one. After an error the connection is beyond repair.
    pub(crate) fn next(
        &mut self,
        now: Instant,
        data: &mut BytesMut,
    ) -> Result<Option<Message>, Error> {
        loop {
            match self.scanner.next(data)? {
                None => {
                    let since = self.unfinished.map_or(now, |message| message.since);
                    let bytes = data.len();
                    self.unfinished = (bytes > 0).then_some(Unfinished { since, bytes });
                    return Ok(None);
                }
                Some(Scanned::Message(message)) => {
                    self.unfinished = None;
                    return Ok(Some(message));
                }
                Some(Scanned::Fragment(fragment)) => {
                    self.unfinished = None;
                    if let Some(message) = self.join(now, fragment)? {
                        return Ok(Some(message));
                    }
                }
            }
        }
    }

    fn join(&mut self, now: Instant, fragment: Fragment) -> Result<Option<Message>, Error> {
        let limits = self.fragments;
        let Fragment { id, begin, end, frames } = fragment;
        let partials = self.partials.get_or_insert_with(|| Box::new(Reassembly::new(limits)));
        let joined = match (begin, end) {
            (true, _) => partials.begin(now, id, (), frames).map(|()| None),
            (false, false) => partials.piece(now, &id, frames).map(|()| None),
            (false, true) => partials.end(now, &id, frames).map(|((), pieces)| Some(pieces)),
        };
        let Some(pieces) = joined.map_err(|error| Error::Violation(error.into()))? else {
            return Ok(None);
        };
        let length = pieces.iter().map(Bytes::len).sum();
        if length > self.message_limit {
            let fault = Fault::Limit { size: length as u64, limit: self.message_limit as u64 };
            return Err(Malformed::new("message", fault).into());
        }
        let mut whole = BytesMut::with_capacity(length);
        for piece in &pieces {
            whole.extend_from_slice(piece);
        }
        Ok(Some(Message::new(whole.freeze())?))
    }

    /// Whether a message was begun whose rest is overdue.
    pub(crate) fn is_overdue(&mut self, now: Instant) -> bool {
        self.unfinished_until().is_some_and(|until| until <= now)
            || self.partials.as_mut().is_some_and(|partials| partials.expire(now).is_some())
    }

    /// When [`Inbound::is_overdue`] is next worth asking.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let pieces = self.partials.as_ref().and_then(|partials| partials.deadline());
        [pieces, self.unfinished_until()].into_iter().flatten().min()
    }

    fn unfinished_until(&self) -> Option<Instant> {
        let Unfinished { since, bytes } = self.unfinished?;
        Some(since + self.patience? + Duration::from_secs((bytes / PROGRESS) as u64))
    }
}

/// Takes the prelude off the front. False: more bytes are needed.
pub(crate) fn take_prelude(data: &mut BytesMut) -> Result<bool, Error> {
    let length = data.len().min(PRELUDE.len());
    if data.get(..length) != PRELUDE.get(..length) {
        return Err(Malformed::other("prelude", "the client speaks another protocol").into());
    }
    if length == PRELUDE.len() {
        data.advance(length);
    }
    Ok(length == PRELUDE.len())
}

/// What speaks there, if the first bytes that come are another protocol's: no answer of a member begins
/// so, since its first frame is short.
pub(crate) fn other_protocol(data: &[u8]) -> Option<&'static str> {
    let is_text = |byte: &u8| matches!(byte, b'\r' | b'\n' | b'\t' | b' '..=b'~');
    match data {
        [b'H', b'T', b'T', b'P', b'/', ..] => Some("a web server"),
        // An alert or a handshake.
        [0x15 | 0x16, 3, 0..=4, ..] => Some("TLS, which this client was not told to use there,"),
        [first @ .., _] if first.len() >= 4 && first.iter().take(4).all(is_text) => {
            Some("a protocol of text")
        }
        _ => None,
    }
}

/// A member that let the client in.
#[derive(Debug, Clone)]
pub(crate) struct Accepted {
    pub(crate) member: Uuid,
    pub(crate) cluster: Uuid,
    pub(crate) partition_count: u32,
    pub(crate) server_version: Str,
    /// The cluster as the member knows it; empty if it is too old to say.
    pub(crate) members: Vec<MemberInfo>,
    pub(crate) owners: Vec<(Uuid, Vec<i32>)>,
}

/// Reads the answer to an authentication.
pub(crate) fn accepted(answer: AuthenticationResponse) -> Result<Accepted, Refusal> {
    match answer.status {
        0 => {}
        1 => return Err(Refusal::Credentials),
        2 => return Err(Refusal::SerializationVersion),
        3 => return Err(Refusal::NotAllowed),
        other => return Err(Refusal::Status(other)),
    }
    if answer.serialization_version != SERIALIZATION_VERSION {
        return Err(Refusal::SerializationVersion);
    }
    let found = answer.partition_count;
    Ok(Accepted {
        member: answer.member_uuid.ok_or(Refusal::Incomplete("the member's id"))?,
        cluster: answer.cluster_id.ok_or(Refusal::Incomplete("the cluster's id"))?,
        partition_count: u32::try_from(found)
            .ok()
            .filter(|count| (1..=MAX_PARTITIONS).contains(count))
            .ok_or(Refusal::PartitionCount { expected: MAX_PARTITIONS, found })?,
        server_version: answer.server_hazelcast_version.detached(),
        members: answer.member_infos,
        owners: answer.partitions,
    })
}

/// The two answers say the same, save that one has null where the other has nothing.
impl From<AuthenticationCustomResponse> for AuthenticationResponse {
    fn from(answer: AuthenticationCustomResponse) -> Self {
        Self {
            status: answer.status,
            address: answer.address,
            member_uuid: answer.member_uuid,
            serialization_version: answer.serialization_version,
            server_hazelcast_version: answer.server_hazelcast_version,
            partition_count: answer.partition_count,
            cluster_id: answer.cluster_id,
            failover_supported: answer.failover_supported,
            tpc_ports: answer.tpc_ports,
            tpc_token: answer.tpc_token,
            member_list_version: answer.member_list_version,
            member_infos: answer.member_infos.unwrap_or_default(),
            partition_list_version: answer.partition_list_version,
            partitions: answer.partitions.unwrap_or_default(),
            key_value_pairs: answer.key_value_pairs,
        }
    }
}

impl From<AuthenticationResponse> for AuthenticationCustomResponse {
    fn from(answer: AuthenticationResponse) -> Self {
        Self {
            status: answer.status,
            address: answer.address,
            member_uuid: answer.member_uuid,
            serialization_version: answer.serialization_version,
            server_hazelcast_version: answer.server_hazelcast_version,
            partition_count: answer.partition_count,
            cluster_id: answer.cluster_id,
            failover_supported: answer.failover_supported,
            tpc_ports: answer.tpc_ports,
            tpc_token: answer.tpc_token,
            member_list_version: answer.member_list_version,
            member_infos: Some(answer.member_infos),
            partition_list_version: answer.partition_list_version,
            partitions: Some(answer.partitions),
            key_value_pairs: answer.key_value_pairs,
        }
    }
}

/// The most partitions that a cluster may have: a table costs 32 bytes each, 4 MiB at most.
pub(crate) const MAX_PARTITIONS: u32 = 1 << 17;

/// Reads an error message.
pub(crate) fn remote_error(message: &Message) -> Result<RemoteError, Error> {
    let (ErrorMessage { holders }, _) = ErrorMessage::decode(message)?;
    let mut errors = holders.into_iter().map(|holder| RemoteError {
        code: ErrorCode(holder.error_code),
        class: holder.class_name.detached(),
        message: holder.message.as_ref().map(Str::detached),
        stack: holder.stack_trace_elements.iter().map(frame).collect(),
        causes: Vec::new(),
    });
    let empty = || Error::Violation(Violation::Other("an error without an error in it"));
    let mut error = errors.next().ok_or_else(empty)?;
    error.causes = errors.collect();
    Ok(error)
}

fn frame(element: &StackTraceElement) -> StackFrame {
    StackFrame {
        class: element.class_name.detached(),
        method: element.method_name.detached(),
        file: element.file_name.as_ref().map(Str::detached),
        line: element.line_number,
    }
}

/// An error as a member sends it, without a stack.
pub(crate) fn error_message(code: ErrorCode, class: &'static str, text: Str) -> ErrorMessage {
    let holder = ErrorHolder {
        error_code: code.0,
        class_name: Str::from_static(class),
        message: Some(text),
        stack_trace_elements: Vec::new(),
    };
    ErrorMessage { holders: Vec::from([holder]) }
}
