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

use arbitrary::{Arbitrary, Unstructured};
use bytes::BytesMut;
use gridwire_core::endpoint::{Cause, ConnId, Endpoint, Input, ListenerId, Output, Peer};
use gridwire_core::time::Instant;

/// Outputs in one drain after which an engine counts as endless.
const DRAIN_LIMIT: usize = 1 << 20;
/// Bytes that may lie unconsumed: no fuzz input is as long.
const UNREAD_LIMIT: usize = 1 << 24;

#[derive(Debug, Arbitrary)]
enum Step<'a> {
    Accept,
    Open(u8),
    Receive(u8, &'a [u8]),
    /// Bytes with the length prefix that makes sense for many protocols, so that more gets through.
    ReceiveFramed(u8, u16, &'a [u8]),
    Again(u8),
    Sent(u8, u16),
    Close(u8, u8),
    Pass(u32),
    Back(u16),
    Timeout,
    Invented(u64),
    Command(u8),
}

struct Conn {
    id: ConnId,
    stands: bool,
    unread: BytesMut,
    unsent: usize,
}

struct Run<'e, E: Endpoint> {
    engine: &'e mut E,
    conns: Vec<Conn>,
    dead: BTreeSet<ConnId>,
    now: Instant,
}

/// Drives an engine by arbitrary steps; `command` is what the engine's user does, by a number.
pub fn drive<E: Endpoint>(
    engine: &mut E,
    data: &[u8],
    mut command: impl FnMut(&mut E, Instant, u8, &mut Unstructured<'_>),
) {
    let mut input = Unstructured::new(data);
    let mut run = Run { engine, conns: Vec::new(), dead: BTreeSet::new(), now: Instant::ZERO };
    run.drain();
    while !input.is_empty() {
        let Ok(step) = Step::arbitrary(&mut input) else { break };
        match step {
            Step::Accept => run.accept(),
            Step::Open(which) => run.opened(which),
            Step::Receive(which, bytes) => run.receive(which, bytes),
            Step::ReceiveFramed(which, kind, bytes) => {
                let length = bytes.len() as u32;
                let framed = match kind % 3 {
                    0 => [&length.to_be_bytes()[..], bytes].concat(),
                    1 => [&(length + 6).to_le_bytes()[..], &kind.to_le_bytes(), bytes].concat(),
                    _ => [&b"CP2"[..], bytes].concat(),
                };
                run.receive(which, &framed);
            }
            Step::Again(which) => run.receive(which, b""),
            Step::Sent(which, bytes) => run.sent(which, usize::from(bytes)),
            Step::Close(which, cause) => run.close(which, cause),
            Step::Pass(micros) => run.now = run.now + Duration::from_micros(u64::from(micros) * 16),
            Step::Back(nanos) => {
                run.now = Instant::from_nanos(run.now.as_nanos().saturating_sub(u64::from(nanos)));
            }
            Step::Timeout => run.timeout(),
            Step::Invented(bits) => run.invented(bits),
            Step::Command(number) => command(run.engine, run.now, number, &mut input),
        }
        run.drain();
    }
}

impl<E: Endpoint> Run<'_, E> {
    fn conn(&mut self, which: u8) -> Option<usize> {
        (!self.conns.is_empty()).then(|| usize::from(which) % self.conns.len())
    }

    fn accept(&mut self) {
        if let Some(id) = self.engine.accept(self.now, ListenerId(0), &Peer::default()) {
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
                    known.unsent += data.iter().map(bytes::Bytes::len).sum::<usize>();
                }
                Output::Close { conn, .. } => {
                    assert!(self.dead.insert(conn), "closed twice");
                    self.conns.retain(|known| known.id != conn);
                }
                Output::Resume { conn } => {
                    if let Some(known) = self.conns.iter_mut().find(|known| known.id == conn) {
                        let input = Input::Received { conn, data: &mut known.unread };
                        self.engine.handle(self.now, input);
                    }
                }
                Output::Pause { .. } | Output::Event(_) => {}
            }
        }
        panic!("a drain without end");
    }
}
