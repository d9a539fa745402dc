//! A toy protocol with one operation per shape of call, a client and a server engine for it, and a
//! pipe that joins them.
//!
//! It is what the contract is tried against without any real protocol in the way, and the shortest
//! example of how a family is put together from the shared machinery.
//!
//! ```text
//!   message: u32 length of the rest | u64 id | u8 operation, or kind of answer | body
//! ```
#![allow(dead_code, missing_docs, unreachable_pub)]

pub mod client;
pub mod pipe;
pub mod server;

use std::collections::BTreeMap;
use std::sync::Mutex;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use gridwire_core::call::{
    Advance, Call, Failure, Family, Listen, Need, Plan, Progress, Stepping, Steps, Unopened,
};
use gridwire_core::endpoint::ConnId;
use gridwire_core::{Fault, Malformed};

#[derive(Debug)]
pub struct Toy;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Op {
    Echo = 1,
    Session,
    Work,
    Define,
    Store,
    Load,
    Fetch,
    Take,
    Give,
    Subscribe,
    Publish,
    Batch,
    Poll,
}

pub const ANSWER: u8 = 0;
pub const ERROR: u8 = 1;
pub const EVENT: u8 = 2;

#[derive(Debug, Clone)]
pub struct Request {
    pub op: Op,
    pub body: Bytes,
    /// A schema that the server must know before this request.
    pub schema: Option<u8>,
    /// Only on this connection, or not at all.
    pub pinned: Option<ConnId>,
    /// Joins others of its kind in one message.
    pub batched: bool,
}

impl Request {
    pub fn new(op: Op, body: impl Into<Bytes>) -> Self {
        Self { op, body: body.into(), schema: None, pinned: None, batched: false }
    }
}

#[derive(Debug, Clone)]
pub struct Answer {
    pub conn: Option<ConnId>,
    pub body: Bytes,
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ToyError {
    #[error(transparent)]
    Malformed(#[from] Malformed),
    #[error("the server says {0:?}")]
    Remote(Bytes),
    #[error(transparent)]
    Call(#[from] Failure),
}

/// What a subscription asks for: all that is published.
#[derive(Debug, Clone, Copy)]
pub struct Everything;

#[derive(Debug, Default)]
pub struct Context {
    /// The session that `Work` needs, once it is open.
    pub session: Option<u8>,
}

#[derive(Debug, Default)]
pub struct Codec {
    pub schemas: Mutex<BTreeMap<u8, Bytes>>,
}

impl Family for Toy {
    type Request = Request;
    type Answer = Answer;
    type Listen = Everything;
    type Item = Bytes;
    type Error = ToyError;
    type Codec = Codec;
    type Context = Context;
}

#[allow(clippy::unnecessary_wraps)]
fn body(answer: &Answer, _: &Codec) -> Result<Bytes, Unopened<Toy>> {
    Ok(answer.body.clone())
}

pub fn plain(op: Op, payload: impl Into<Bytes>) -> Call<Toy, Bytes> {
    Call::one(Request::new(op, payload), body)
}

pub fn echo(payload: impl Into<Bytes>) -> Call<Toy, Bytes> {
    plain(Op::Echo, payload)
}

/// Known without asking anybody.
pub fn local(value: &'static [u8]) -> Call<Toy, Bytes> {
    struct Known(&'static [u8]);
    impl Steps<Toy> for Known {
        fn advance(&mut self, _: Advance<Toy>, _: &mut Stepping<'_, Toy>) -> Progress<Toy> {
            Progress::Done(Ok(Answer { conn: None, body: Bytes::from_static(self.0) }))
        }
    }
    Call::steps(Known(value), body)
}

/// Opens a session unless one is open, then works in it.
pub fn work(payload: &'static [u8]) -> Call<Toy, Bytes> {
    struct Work(&'static [u8]);
    impl Work {
        fn send(&self, session: u8, cx: &mut Stepping<'_, Toy>) -> Progress<Toy> {
            let mut body = BytesMut::from(&[session][..]);
            body.extend_from_slice(self.0);
            cx.send(1, Request::new(Op::Work, body.freeze()));
            Progress::Waiting
        }
    }
    impl Steps<Toy> for Work {
        fn advance(&mut self, event: Advance<Toy>, cx: &mut Stepping<'_, Toy>) -> Progress<Toy> {
            match (event, cx.context.session) {
                (Advance::Start, Some(session)) => self.send(session, cx),
                (Advance::Start, None) => {
                    cx.send(0, Request::new(Op::Session, Bytes::new()));
                    Progress::Waiting
                }
                (Advance::Answer { tag: 0, result: Ok(answer) }, _) => {
                    let session = answer.body.first().copied().unwrap_or_default();
                    cx.context.session = Some(session);
                    self.send(session, cx)
                }
                (Advance::Answer { result, .. }, _) => Progress::Done(result),
                (Advance::Woken, _) => Progress::Waiting,
            }
        }
    }
    Call::steps(Work(payload), body)
}

/// A value of a schema that the server must know first.
pub fn store(schema: u8, payload: &[u8]) -> Call<Toy, ()> {
    let mut bytes = BytesMut::from(&[schema][..]);
    bytes.extend_from_slice(payload);
    let request = Request { schema: Some(schema), ..Request::new(Op::Store, bytes.freeze()) };
    Call::one(request, |_, _| Ok(()))
}

/// A value that can be read only with its schema, which is fetched while opening.
pub fn load() -> Call<Toy, (Bytes, Bytes)> {
    Call::one(Request::new(Op::Load, Bytes::new()), |answer: &Answer, codec: &Codec| {
        let mut value = answer.body.clone();
        let schema = read_u8(&mut value).map_err(|e| Unopened::Failed(e.into()))?;
        match codec.schemas.lock().unwrap().get(&schema) {
            Some(name) => Ok((name.clone(), value)),
            None => Err(Unopened::Needs(Need {
                plan: Plan::One(Request::new(Op::Fetch, vec![schema])),
                learn: Box::new(|answer, codec| {
                    let mut name = answer.body.clone();
                    let schema = read_u8(&mut name)?;
                    codec.schemas.lock().unwrap().insert(schema, name);
                    Ok(())
                }),
            })),
        }
    })
}

/// Takes a token; gives it back if nobody waits for it any more.
pub fn take() -> Call<Toy, u8> {
    let open = |answer: &Answer, _: &Codec| {
        read_u8(&mut answer.body.clone()).map_err(|e| Unopened::Failed(e.into()))
    };
    Call::one(Request::new(Op::Take, Bytes::new()), open)
        .undo(|answer: &Answer| Some(Plan::One(Request::new(Op::Give, answer.body.clone()))))
}

/// Joins whatever else is batched before the next drain; the answer is its place in the log.
pub fn append(payload: &[u8]) -> Call<Toy, u32> {
    let request =
        Request { batched: true, ..Request::new(Op::Batch, Bytes::copy_from_slice(payload)) };
    Call::one(request, |answer: &Answer, _: &Codec| {
        let mut body = answer.body.clone();
        body.try_get_u32()
            .map_err(|_| Unopened::Failed(Malformed::other("append", "no offset").into()))
    })
}

/// Waits on the server for something to be published, at most so long.
pub fn poll(millis: u32) -> Call<Toy, Bytes> {
    plain(Op::Poll, millis.to_be_bytes().to_vec())
}

pub fn subscribe() -> Listen<Toy, Bytes> {
    Listen::new(Everything, |item: &Bytes, _: &Codec| Ok(item.clone()))
}

pub fn read_u8(body: &mut Bytes) -> Result<u8, Malformed> {
    let fault = Fault::Truncated { needed: 1, available: 0 };
    body.try_get_u8().map_err(|_| Malformed::new("toy body", fault))
}

pub fn message(id: u64, kind: u8, body: &[u8]) -> Bytes {
    let mut out = BytesMut::with_capacity(13 + body.len());
    out.put_u32(body.len() as u32 + 9);
    out.put_u64(id);
    out.put_u8(kind);
    out.put_slice(body);
    out.freeze()
}

/// Splits one message off the front.
pub fn split(data: &mut BytesMut) -> Result<Option<(u64, u8, Bytes)>, Malformed> {
    let Some(length) = data.first_chunk::<4>() else { return Ok(None) };
    let length = u32::from_be_bytes(*length) as usize;
    if !(9..=1 << 20).contains(&length) {
        return Err(Malformed::new("toy length", Fault::Length(length as i64)));
    }
    if data.len() < 4 + length {
        data.reserve(4 + length - data.len());
        return Ok(None);
    }
    let mut frame = data.split_to(4 + length).freeze();
    frame.advance(4);
    Ok(Some((frame.get_u64(), frame.get_u8(), frame)))
}
