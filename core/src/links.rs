//! [`Links`]: the connections of one engine, and its queue of outputs.
//!
//! Every engine of every family keeps its connections here, each with whatever state the family has
//! for it. `Links` owns what is the same for all:
//!
//! ```text
//!   open ---> Opening --opened--> Open --closed/close--> (slot free, id stale)
//!                                  ^
//!   accept ------------------------+
//!
//!   send(conn, bytes) -> pending -- poll_output: one Send per connection and drain --> handed out
//!                                                     Sent{n} -------------------------> taken
//! ```
//!
//! - Outputs come oldest first; a connection's `Send` stands where its first byte since the last
//!   drain was queued, and takes along all that was queued until it is drained.
//! - Small messages of one drain are copied behind each other; bodies of 2 KiB and more stay slices.
//! - Backpressure counts the bytes pending and handed out, less those taken. [`Links::has_room`] says
//!   whether a command may add more; [`Links::sent`] says when there is room again.
//! - Events are bounded: [`Links::is_full`] tells a reader to stop, and [`Links::retry`] has the
//!   driver offer the rest after the drain.
//! - The end of a connection says how many of its bytes may have reached the peer: [`Ended`].

use alloc::collections::VecDeque;
use core::fmt;

use bytes::{Bytes, BytesMut};

use crate::endpoint::{Chunks, ConnId, Output, Shutdown, Target};
use crate::slab::Slab;

/// Bodies of at least this many bytes are never copied on their way out.
pub const SLICE_FROM: usize = 2048;

/// The most bytes that are allocated for small messages because there were so many the last time.
const MOST_ROOM: usize = 64 << 10;

/// Bounds of an engine's connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkLimits {
    /// Bytes pending and handed out above which commands are refused; 1 MiB by default.
    pub high_water: usize,
    /// Events queued above which no more input is read; 1,024 by default.
    pub events: usize,
}

impl Default for LinkLimits {
    fn default() -> Self {
        Self { high_water: 1 << 20, events: 1024 }
    }
}

struct Link<S> {
    state: S,
    open: bool,
    /// Complete pieces that wait for the next drain.
    pending: Chunks,
    /// Small messages that wait for the next drain, behind `pending`.
    tail: BytesMut,
    /// What the last tail took: the next one is likely to be as long, and then is allocated once.
    room: usize,
    /// Bytes queued since the connection began.
    queued: u64,
    /// Bytes pending and handed out, less those taken.
    unsent: usize,
    /// A `Flush` marker is in the queue.
    flushing: bool,
    /// Above the high-water mark since `has_room` last said so.
    choked: bool,
    paused: bool,
    retrying: bool,
}

// Not the bytes themselves: there are passwords among them.
impl<S: fmt::Debug> fmt::Debug for Link<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { state, open, unsent, paused, .. } = self;
        let mut link = f.debug_struct("Link");
        link.field("state", state).field("open", open).field("unsent", unsent);
        link.field("paused", paused).finish_non_exhaustive()
    }
}

/// A connection that has ended.
#[derive(Debug, PartialEq, Eq)]
pub struct Ended<S> {
    /// What the family had for it.
    pub state: S,
    /// How many of the bytes that were queued for it may have reached the peer: those that the
    /// transport took; or, where this side ended it, those that were handed out, since they may be on
    /// their way this moment, with nobody left to hear of it.
    pub reached: u64,
}

impl<S> Link<S> {
    fn count(&mut self, bytes: usize) {
        self.queued += bytes as u64;
        self.unsent += bytes;
    }

    /// Bytes that were not handed out yet: no transport can have sent any of them.
    fn kept(&self) -> usize {
        self.pending.iter().map(Bytes::len).sum::<usize>() + self.tail.len()
    }

    fn append(&mut self, piece: Bytes) {
        if piece.is_empty() {
            return;
        }
        if piece.len() >= SLICE_FROM {
            self.count(piece.len());
            if !self.tail.is_empty() {
                self.pending.push(self.tail.split().freeze());
            }
            self.pending.push(piece);
        } else if self.pending.is_empty() && self.tail.is_empty() {
            // The first piece of a drain is often its only one: keep it as it is.
            self.count(piece.len());
            self.pending.push(piece);
        } else {
            self.append_slice(&piece);
        }
    }

    fn append_slice(&mut self, message: &[u8]) {
        self.count(message.len());
        if self.tail.is_empty() {
            let is_small = self.pending.last().is_some_and(|last| last.len() < SLICE_FROM);
            let former = if is_small { self.pending.pop() } else { None }.unwrap_or_default();
            // What is left behind a slice may do: a buffer is not taken anew for each small head of a large
            // message.
            let needed = former.len() + message.len();
            if self.tail.capacity() < needed {
                self.tail.reserve(self.room.max(needed));
            }
            self.tail.extend_from_slice(&former);
        }
        self.tail.extend_from_slice(message);
    }

    fn drain(&mut self) -> Option<Chunks> {
        // Taken whole, room that a large slice left behind included: an idle connection holds no buffer.
        let tail = core::mem::take(&mut self.tail);
        if !tail.is_empty() {
            self.room = tail.len().min(MOST_ROOM);
            self.pending.push(tail.freeze());
        }
        (!self.pending.is_empty()).then(|| core::mem::take(&mut self.pending))
    }
}

#[derive(Debug)]
enum Queued<E> {
    Ready(Output<E>),
    Flush(ConnId),
}

/// Connection slots with a family's state `S`, and outputs with events `E`.
#[derive(Debug)]
pub struct Links<S, E> {
    links: Slab<Link<S>>,
    queue: VecDeque<Queued<E>>,
    events: usize,
    limits: LinkLimits,
}

impl<S, E> Links<S, E> {
    /// No connections yet.
    pub fn new(limits: LinkLimits) -> Self {
        Self { links: Slab::default(), queue: VecDeque::new(), events: 0, limits }
    }

    /// Asks the driver for a connection.
    pub fn open(&mut self, target: Target, state: S) -> ConnId {
        let conn = self.add(state, false);
        self.queue.push_back(Queued::Ready(Output::Open { conn, target }));
        conn
    }

    /// Takes a connection that came to a listening socket.
    pub fn accept(&mut self, state: S) -> ConnId {
        self.add(state, true)
    }

    fn add(&mut self, state: S, open: bool) -> ConnId {
        ConnId(self.links.insert(Link {
            state,
            open,
            pending: Chunks::new(),
            tail: BytesMut::new(),
            room: 0,
            queued: 0,
            unsent: 0,
            flushing: false,
            choked: false,
            paused: false,
            retrying: false,
        }))
    }

    /// Notes that a connection stands, and sends what was queued for it. `None` if the id is stale
    /// or the connection stood before.
    pub fn opened(&mut self, conn: ConnId) -> Option<&mut S> {
        let link = self.links.get_mut(conn.0).filter(|link| !link.open)?;
        link.open = true;
        if link.unsent > 0 && !link.flushing {
            link.flushing = true;
            self.queue.push_back(Queued::Flush(conn));
        }
        Some(&mut link.state)
    }

    /// Forgets a connection that the transport has ended.
    pub fn closed(&mut self, conn: ConnId) -> Option<Ended<S>> {
        let link = self.links.remove(conn.0)?;
        Some(Ended { reached: link.queued.saturating_sub(link.unsent as u64), state: link.state })
    }

    /// Ends a connection from this side. What was queued for it goes out first if `how` flushes.
    pub fn close(&mut self, conn: ConnId, how: Shutdown) -> Option<Ended<S>> {
        let mut link = self.links.remove(conn.0)?;
        if link.open
            && matches!(how, Shutdown::Flush(_))
            && let Some(data) = link.drain()
        {
            self.queue.push_back(Queued::Ready(Output::Send { conn, data }));
        }
        self.queue.push_back(Queued::Ready(Output::Close { conn, how }));
        Some(Ended { reached: link.queued - link.kept() as u64, state: link.state })
    }

    /// The family's state of a connection.
    pub fn get(&self, conn: ConnId) -> Option<&S> {
        self.links.get(conn.0).map(|link| &link.state)
    }

    /// The family's state of a connection.
    pub fn get_mut(&mut self, conn: ConnId) -> Option<&mut S> {
        self.links.get_mut(conn.0).map(|link| &mut link.state)
    }

    /// All connections, in the order of their slots.
    pub fn iter(&self) -> impl Iterator<Item = (ConnId, &S)> {
        self.links.iter().map(|(key, link)| (ConnId(key), &link.state))
    }

    /// All connections, in the order of their slots.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (ConnId, &mut S)> {
        self.links.iter_mut().map(|(key, link)| (ConnId(key), &mut link.state))
    }

    /// How many connections there are, opening ones included.
    pub fn len(&self) -> usize {
        self.links.len()
    }

    /// Whether there is no connection.
    pub fn is_empty(&self) -> bool {
        self.links.is_empty()
    }

    /// Queues one message. False if the id is stale, and nothing was queued.
    pub fn send(&mut self, conn: ConnId, message: Chunks) -> bool {
        let Some(link) = self.links.get_mut(conn.0) else { return false };
        message.into_iter().for_each(|piece| link.append(piece));
        if link.open && !link.flushing {
            link.flushing = true;
            self.queue.push_back(Queued::Flush(conn));
        }
        true
    }

    /// Queues one message by copying it, which is best for small ones. False if the id is stale.
    pub fn send_slice(&mut self, conn: ConnId, message: &[u8]) -> bool {
        let Some(link) = self.links.get_mut(conn.0) else { return false };
        link.append_slice(message);
        if link.open && !link.flushing {
            link.flushing = true;
            self.queue.push_back(Queued::Flush(conn));
        }
        true
    }

    /// Notes that the transport took bytes. True if a command was refused for lack of room before and
    /// there is room again: half of the high-water mark.
    pub fn sent(&mut self, conn: ConnId, bytes: usize) -> bool {
        let Some(link) = self.links.get_mut(conn.0) else { return false };
        link.unsent = link.unsent.saturating_sub(bytes);
        let room = link.choked && link.unsent <= self.limits.high_water / 2;
        if room {
            link.choked = false;
        }
        room
    }

    /// Whether a command may queue more on this connection. If not, [`Links::sent`] will say when.
    pub fn has_room(&mut self, conn: ConnId) -> bool {
        let Some(link) = self.links.get_mut(conn.0) else { return false };
        let room = link.unsent < self.limits.high_water;
        link.choked |= !room;
        room
    }

    /// Bytes of a connection that the transport has not taken yet.
    pub fn unsent(&self, conn: ConnId) -> usize {
        self.links.get(conn.0).map_or(0, |link| link.unsent)
    }

    /// Bytes queued for a connection since it began: where the next message begins. To be held against
    /// [`Ended::reached`].
    pub fn queued(&self, conn: ConnId) -> u64 {
        self.links.get(conn.0).map_or(0, |link| link.queued)
    }

    /// Whether a connection stands, and is not merely opening.
    pub fn is_open(&self, conn: ConnId) -> bool {
        self.links.get(conn.0).is_some_and(|link| link.open)
    }

    /// Stops reading from a connection.
    pub fn pause(&mut self, conn: ConnId) {
        if let Some(link) = self.links.get_mut(conn.0).filter(|link| !link.paused) {
            link.paused = true;
            self.queue.push_back(Queued::Ready(Output::Pause { conn }));
        }
    }

    /// Goes on reading from a paused connection.
    pub fn resume(&mut self, conn: ConnId) {
        if let Some(link) = self.links.get_mut(conn.0).filter(|link| link.paused) {
            link.paused = false;
            self.queue.push_back(Queued::Ready(Output::Resume { conn }));
        }
    }

    /// Whether a connection was paused and not resumed.
    pub fn is_paused(&self, conn: ConnId) -> bool {
        self.links.get(conn.0).is_some_and(|link| link.paused)
    }

    /// Has the driver offer the unconsumed bytes again once everything queued is drained. Engines
    /// call it when they stopped reading because of [`Links::is_full`].
    pub fn retry(&mut self, conn: ConnId) {
        if let Some(link) = self.links.get_mut(conn.0).filter(|link| !link.retrying && !link.paused)
        {
            link.retrying = true;
            self.queue.push_back(Queued::Ready(Output::Resume { conn }));
        }
    }

    /// Queues an event.
    pub fn event(&mut self, event: E) {
        self.events += 1;
        self.queue.push_back(Queued::Ready(Output::Event(event)));
    }

    /// Whether so many events wait that no more input should be read now.
    pub fn is_full(&self) -> bool {
        self.events >= self.limits.events
    }

    /// The oldest output.
    pub fn poll_output(&mut self) -> Option<Output<E>> {
        loop {
            match self.queue.pop_front()? {
                Queued::Ready(output) => {
                    match &output {
                        Output::Event(_) => self.events -= 1,
                        Output::Resume { conn } => match self.links.get_mut(conn.0) {
                            Some(link) => link.retrying = false,
                            None => continue,
                        },
                        Output::Pause { conn } if !self.links.contains(conn.0) => continue,
                        _ => {}
                    }
                    return Some(output);
                }
                Queued::Flush(conn) => {
                    let Some(link) = self.links.get_mut(conn.0) else { continue };
                    link.flushing = false;
                    if let Some(data) = link.drain() {
                        return Some(Output::Send { conn, data });
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;
    use alloc::vec::Vec;
    use core::time::Duration;

    use super::*;

    fn links() -> Links<u8, &'static str> {
        Links::new(LinkLimits { high_water: 100, events: 2 })
    }

    fn flat(chunks: &Chunks) -> Vec<u8> {
        chunks.iter().flat_map(|chunk| chunk.iter().copied()).collect()
    }

    #[test]
    fn one_send_per_connection_and_drain_in_order() {
        let mut links = links();
        let (a, b) = (links.accept(1), links.accept(2));
        links.send_slice(a, b"one ");
        links.send_slice(b, b"other");
        links.send_slice(a, b"two ");
        links.send(a, Chunks::from_iter([Bytes::from(vec![7; SLICE_FROM])]));
        links.send_slice(a, b"three");
        let Some(Output::Send { conn, data }) = links.poll_output() else { panic!() };
        assert_eq!((conn, data.len()), (a, 3));
        let mut expected = b"one two ".to_vec();
        expected.extend_from_slice(&[7; SLICE_FROM]);
        expected.extend_from_slice(b"three");
        assert_eq!(flat(&data), expected);
        let Some(Output::Send { conn, data }) = links.poll_output() else { panic!() };
        assert_eq!((conn, flat(&data)), (b, b"other".to_vec()));
        assert_eq!(links.poll_output(), None);
    }

    #[test]
    fn what_was_queued_while_opening_goes_out_when_open() {
        let mut links = links();
        let conn = links.open(Target::new("h", 1), 0);
        links.send_slice(conn, b"early");
        assert!(matches!(links.poll_output(), Some(Output::Open { .. })));
        assert_eq!(links.poll_output(), None);
        assert!(links.opened(conn).is_some());
        assert!(links.opened(conn).is_none());
        assert!(matches!(links.poll_output(), Some(Output::Send { .. })));
    }

    #[test]
    fn closing_flushes_then_forgets() {
        let mut links = links();
        let conn = links.accept(0);
        links.send_slice(conn, b"last words");
        let how = Shutdown::Flush(Duration::from_secs(1));
        assert_eq!(links.close(conn, how), Some(Ended { state: 0, reached: 10 }));
        assert!(!links.send_slice(conn, b"too late"));
        assert!(matches!(links.poll_output(), Some(Output::Send { .. })));
        assert_eq!(links.poll_output(), Some(Output::Close { conn, how }));
        assert_eq!(links.poll_output(), None);
        assert_eq!(links.closed(conn), None);

        let conn = links.accept(0);
        links.send_slice(conn, b"dropped");
        assert_eq!(links.close(conn, Shutdown::Now), Some(Ended { state: 0, reached: 0 }));
        assert_eq!(links.poll_output(), Some(Output::Close { conn, how: Shutdown::Now }));
        assert_eq!(links.poll_output(), None);
    }

    /// What the transport took may have reached the peer; so may what it was given, if nobody will say.
    #[test]
    fn says_how_far_bytes_may_have_gone() {
        let half_sent = || {
            let mut links = links();
            let conn = links.accept(0);
            links.send_slice(conn, b"handed out");
            assert!(matches!(links.poll_output(), Some(Output::Send { .. })));
            links.sent(conn, 4);
            links.send_slice(conn, b"kept");
            assert_eq!(links.queued(conn), 14);
            (links, conn)
        };
        let (mut links, conn) = half_sent();
        assert_eq!(links.closed(conn), Some(Ended { state: 0, reached: 4 }));
        let (mut links, conn) = half_sent();
        assert_eq!(links.close(conn, Shutdown::Now), Some(Ended { state: 0, reached: 10 }));
        let (mut links, conn) = half_sent();
        let how = Shutdown::Flush(Duration::ZERO);
        assert_eq!(links.close(conn, how), Some(Ended { state: 0, reached: 14 }));
    }

    #[test]
    fn small_heads_of_large_messages_share_a_buffer() {
        let mut links = Links::<u8, ()>::new(LinkLimits::default());
        let conn = links.accept(0);
        (0..100).for_each(|_| {
            links.send_slice(conn, &[1; 500]);
        });
        while links.poll_output().is_some() {}
        (0..10).for_each(|_| {
            links.send_slice(conn, &[1; 100]);
            links.send(conn, Chunks::from_iter([Bytes::from(vec![7; SLICE_FROM])]));
        });
        let Some(Output::Send { data, .. }) = links.poll_output() else { panic!() };
        let heads: Vec<_> = data.iter().filter(|chunk| chunk.len() == 100).collect();
        assert_eq!(heads.len(), 10);
        for pair in heads.windows(2) {
            assert_eq!(pair[0].as_ptr().wrapping_add(100), pair[1].as_ptr());
        }
    }

    #[test]
    fn refuses_above_high_water_and_says_when_there_is_room() {
        let mut links = links();
        let conn = links.accept(0);
        assert!(links.has_room(conn));
        links.send_slice(conn, &[0; 120]);
        assert!(!links.has_room(conn));
        assert!(!links.sent(conn, 60), "60 left of 100, not half yet");
        assert!(links.sent(conn, 10));
        assert!(!links.sent(conn, 10), "said once");
    }

    #[test]
    fn stops_at_the_bound_of_events_and_resumes_after_the_drain() {
        let mut links = links();
        let conn = links.accept(0);
        links.event("a");
        assert!(!links.is_full());
        links.event("b");
        assert!(links.is_full());
        links.retry(conn);
        links.retry(conn);
        assert_eq!(links.poll_output(), Some(Output::Event("a")));
        assert_eq!(links.poll_output(), Some(Output::Event("b")));
        assert_eq!(links.poll_output(), Some(Output::Resume { conn }));
        assert_eq!(links.poll_output(), None);
        assert!(!links.is_full());
    }

    #[test]
    fn pauses_and_resumes_once_and_only_the_living() {
        let mut links = links();
        let conn = links.accept(0);
        links.pause(conn);
        links.pause(conn);
        assert_eq!(links.poll_output(), Some(Output::Pause { conn }));
        links.resume(conn);
        links.resume(conn);
        assert_eq!(links.poll_output(), Some(Output::Resume { conn }));
        links.pause(conn);
        links.closed(conn);
        assert_eq!(links.poll_output(), None);
    }
}
