//! A whole engine fed arbitrary steps.
//!
//! The driver here is a hostile one: it opens, feeds, reports, closes and wakes in any order, with
//! ids that may be stale or invented and time that may run backwards. What must hold all the same:
//!
//! - no panic, no endless drain;
//! - nothing is sent on an id after its `Close`, nor before it stands;
//! - after `Timeout` at a moment, the next deadline lies behind it;
//! - bytes that an engine leaves unconsumed are bounded, since what it refuses it closes.

use std::collections::BTreeSet;
use std::time::Duration;

use arbitrary::{Result, Unstructured};
use bytes::{Bytes, BytesMut};
use gridwire_core::endpoint::{
    Cause, Chunks, ConnId, Endpoint, Input, ListenerId, Output, Peer, Shutdown,
};
use gridwire_core::time::Instant;
use gridwire_core::xcp::frame::{Flags, SumOrder, VERSION, encode};

/// Outputs in one drain after which an engine counts as endless.
const DRAIN_LIMIT: usize = 1 << 20;
/// Bytes that may lie unconsumed: no fuzz input is as long.
const UNREAD_LIMIT: usize = 1 << 24;

/// Who uses the engine: gives it commands, and hears what it says.
pub trait User<E: Endpoint> {
    /// Does what a number says.
    fn command(&mut self, engine: &mut E, now: Instant, number: u8, input: &mut Unstructured<'_>) {
        let _ = (engine, now, number, input);
    }

    /// Hears what the engine says.
    fn event(&mut self, event: E::Event) {
        drop(event);
    }
}

/// A user of an engine that needs none.
#[derive(Debug)]
pub struct Nobody;

impl<E: Endpoint> User<E> for Nobody {}

enum Step<'a> {
    Accept,
    Open(u8),
    Receive(u8, Bytes),
    Again(u8),
    Sent(u8, u16),
    Close(u8, u8),
    Pass(u32),
    Back(u16),
    Timeout,
    Invented(u64),
    Command(u8, &'a [u8]),
}

impl<'a> Step<'a> {
    /// A byte says what, and what follows has a fixed length or says how long it is: so inputs can be
    /// put together by hand, from what was captured.
    ///
    /// ```text
    /// 0 accept | 1 opened (conn) | 2 bytes (conn, length u16, bytes)
    /// 3, 4, 5 the same in a frame of Kafka; of Hazelcast (flags u16 first); of XCP (flags u8, header)
    /// 6 unconsumed bytes again | 7 taken (conn, count u16) | 8 closed (conn, cause)
    /// 9 time passes (u32, of 16 µs) | 10 time runs backwards (u16 ns) | 11 wake | 12 an invented id
    /// 13 command (number, length u16, what it reads)
    /// ```
    fn take(input: &mut Unstructured<'a>) -> Result<Self> {
        Ok(match input.arbitrary::<u8>()? % 14 {
            0 => Self::Accept,
            1 => Self::Open(input.arbitrary()?),
            2 => Self::Receive(input.arbitrary()?, Bytes::copy_from_slice(bytes(input)?)),
            3 => {
                let (which, body) = (input.arbitrary()?, bytes(input)?);
                Self::Receive(which, [&(body.len() as u32).to_be_bytes(), body].concat().into())
            }
            4 => {
                let (which, flags) = (input.arbitrary()?, input.arbitrary::<u16>()?);
                let body = bytes(input)?;
                let length = (body.len() as u32 + 6).to_le_bytes();
                Self::Receive(which, [&length, &flags.to_le_bytes()[..], body].concat().into())
            }
            5 => {
                let (which, flags) = (input.arbitrary()?, Flags(input.arbitrary()?));
                let (header, body) = (bytes(input)?, Bytes::copy_from_slice(bytes(input)?));
                let frame = encode(VERSION, flags, header, body, SumOrder::Big);
                Self::Receive(which, flat(frame.unwrap_or_default()))
            }
            6 => Self::Again(input.arbitrary()?),
            7 => Self::Sent(input.arbitrary()?, input.arbitrary()?),
            8 => Self::Close(input.arbitrary()?, input.arbitrary()?),
            9 => Self::Pass(input.arbitrary()?),
            10 => Self::Back(input.arbitrary()?),
            11 => Self::Timeout,
            12 => Self::Invented(input.arbitrary()?),
            _ => Self::Command(input.arbitrary()?, bytes(input)?),
        })
    }
}

/// A length and so many bytes, or as many as there are.
fn bytes<'a>(input: &mut Unstructured<'a>) -> Result<&'a [u8]> {
    let length = usize::from(input.arbitrary::<u16>()?).min(input.len());
    input.bytes(length)
}

fn flat(chunks: Chunks) -> Bytes {
    chunks.iter().map(Bytes::as_ref).collect::<Vec<_>>().concat().into()
}

struct Conn {
    id: ConnId,
    stands: bool,
    unread: BytesMut,
    unsent: usize,
}

struct Run<'e, E: Endpoint, U> {
    engine: &'e mut E,
    user: &'e mut U,
    conns: Vec<Conn>,
    dead: BTreeSet<ConnId>,
    now: Instant,
}

/// Drives an engine by arbitrary steps, then drains it.
pub fn drive<E: Endpoint>(engine: &mut E, user: &mut impl User<E>, data: &[u8]) {
    let mut input = Unstructured::new(data);
    let (conns, dead, now) = (Vec::new(), BTreeSet::new(), Instant::ZERO);
    let mut run = Run { engine, user, conns, dead, now };
    run.drain();
    while !input.is_empty() {
        let Ok(step) = Step::take(&mut input) else { break };
        match step {
            Step::Accept => run.accept(),
            Step::Open(which) => run.opened(which),
            Step::Receive(which, bytes) => run.receive(which, &bytes),
            Step::Again(which) => run.receive(which, b""),
            Step::Sent(which, bytes) => run.sent(which, usize::from(bytes)),
            Step::Close(which, cause) => run.close(which, cause),
            Step::Pass(ticks) => run.now = run.now + Duration::from_micros(u64::from(ticks) * 16),
            Step::Back(nanos) => {
                run.now = Instant::from_nanos(run.now.as_nanos().saturating_sub(u64::from(nanos)));
            }
            Step::Timeout => run.timeout(),
            Step::Invented(bits) => run.invented(bits),
            Step::Command(number, input) => {
                let input = &mut Unstructured::new(input);
                run.user.command(run.engine, run.now, number, input);
            }
        }
        run.drain();
    }
}

impl<E: Endpoint, U: User<E>> Run<'_, E, U> {
    fn conn(&mut self, which: u8) -> Option<usize> {
        (!self.conns.is_empty()).then(|| usize::from(which) % self.conns.len())
    }

    fn accept(&mut self) {
        // Of three sockets, for engines that have several.
        let on = ListenerId(self.conns.len() as u32 % 3);
        if let Some(id) = self.engine.accept(self.now, on, &Peer::default()) {
            self.conns.push(Conn { id, stands: true, unread: BytesMut::new(), unsent: 0 });
        }
    }

    fn opened(&mut self, which: u8) {
        let Some(index) = self.conn(which) else { return };
        self.conns[index].stands = true;
        let conn = self.conns[index].id;
        self.engine.handle(self.now, Input::Opened { conn, peer: &Peer::default() });
    }

    fn receive(&mut self, which: u8, bytes: &[u8]) {
        let Some(index) = self.conn(which) else { return };
        let conn = &mut self.conns[index];
        if !conn.stands {
            return;
        }
        conn.unread.extend_from_slice(bytes);
        assert!(conn.unread.len() < UNREAD_LIMIT, "unconsumed bytes without bound");
        self.engine.handle(self.now, Input::Received { conn: conn.id, data: &mut conn.unread });
    }

    fn sent(&mut self, which: u8, bytes: usize) {
        let Some(index) = self.conn(which) else { return };
        let conn = &mut self.conns[index];
        let bytes = bytes.min(conn.unsent);
        conn.unsent -= bytes;
        self.engine.handle(self.now, Input::Sent { conn: conn.id, bytes });
    }

    fn close(&mut self, which: u8, cause: u8) {
        let Some(index) = self.conn(which) else { return };
        let conn = self.conns.swap_remove(index).id;
        self.dead.insert(conn);
        let cause = match cause % 4 {
            0 => Cause::Eof,
            1 => Cause::Reset,
            2 => Cause::Refused,
            _ => Cause::TimedOut,
        };
        self.engine.handle(self.now, Input::Closed { conn, cause });
    }

    fn timeout(&mut self) {
        if let Some(deadline) = self.engine.deadline() {
            self.now = self.now.max(deadline);
        }
        self.engine.handle(self.now, Input::Timeout);
        self.drain();
        let next = self.engine.deadline();
        assert!(
            next.is_none_or(|next| next > self.now),
            "due again at once: {next:?} at {:?}",
            self.now
        );
    }

    fn invented(&mut self, bits: u64) {
        let conn = ConnId::from_u64(bits);
        if self.conns.iter().any(|known| known.id == conn) {
            return;
        }
        let mut data = BytesMut::from(&b"\x00\x00\x00\x09nonsense!"[..]);
        self.engine.handle(self.now, Input::Opened { conn, peer: &Peer::default() });
        self.engine.handle(self.now, Input::Received { conn, data: &mut data });
        self.engine.handle(self.now, Input::Sent { conn, bytes: 3 });
        self.engine.handle(self.now, Input::Closed { conn, cause: Cause::Eof });
    }

    fn drain(&mut self) {
        for _ in 0..DRAIN_LIMIT {
            let Some(output) = self.engine.poll_output() else { return };
            match output {
                Output::Open { conn, .. } => {
                    self.conns.push(Conn {
                        id: conn,
                        stands: false,
                        unread: BytesMut::new(),
                        unsent: 0,
                    });
                }
                Output::Send { conn, data } => {
                    assert!(!self.dead.contains(&conn), "sent on a dead id");
                    let Some(known) = self.conns.iter_mut().find(|known| known.id == conn) else {
                        panic!("sent on an id that nobody knows")
                    };
                    assert!(known.stands, "sent before the connection stands");
                    known.unsent += data.iter().map(Bytes::len).sum::<usize>();
                }
                Output::Close { conn, how } => {
                    assert!(self.dead.insert(conn), "closed twice");
                    self.conns.retain(|known| known.id != conn);
                    assert!(
                        !matches!(how, Shutdown::Flush(time) if time > Duration::from_secs(60)),
                        "an end that waits for ever"
                    );
                }
                Output::Resume { conn } => {
                    if let Some(known) = self.conns.iter_mut().find(|known| known.id == conn) {
                        let input = Input::Received { conn, data: &mut known.unread };
                        self.engine.handle(self.now, input);
                    }
                }
                Output::Event(event) => self.user.event(event),
                Output::Pause { .. } => {}
            }
        }
        panic!("a drain without end");
    }
}
