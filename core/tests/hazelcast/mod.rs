//! Client and member engines joined in memory, with bytes cut by a seed.
#![allow(dead_code, unreachable_pub, reason = "each test program uses a part")]

pub mod raw;
pub mod script;

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::BytesMut;
use gridwire_core::call::{
    Call, Caller, ClientEvent, Lifecycle, Listen, Order, SubscriptionId, Ticket, Unopened,
};
use gridwire_core::endpoint::{
    Cause, ConnId, Endpoint, Engine, Input, ListenerId, Output, Peer, Start, Target,
};
use gridwire_core::hazelcast::{
    Answer, Client, Codec, Config, Error, Hazelcast, Item, Member, MemberConfig, MemberEvent,
};
use gridwire_core::invoker::Detached;
use gridwire_core::rng::Rng;
use gridwire_core::time::Instant;

pub type Event = ClientEvent<Hazelcast>;

pub fn start(seed: u8) -> Start {
    Start { seed: [seed; 32], unix_at_zero: Duration::from_secs(1_700_000_000) }
}

#[derive(Default)]
struct Wire {
    member: Option<ConnId>,
    /// On their way, and delivered but not consumed.
    to_member: (BytesMut, BytesMut),
    to_client: (BytesMut, BytesMut),
}

/// One client and one member.
pub struct Pair {
    pub client: Client,
    pub member: Member,
    pub now: Instant,
    rng: Rng,
    /// Bytes are cut into pieces of at most this many.
    pub cut: usize,
    wires: BTreeMap<ConnId, Wire>,
    pub events: Vec<Event>,
    pub member_events: Vec<MemberEvent>,
    /// Connections are refused.
    pub refuse: bool,
    /// Nothing of the member arrives.
    pub mute: bool,
}

impl Pair {
    pub fn new(seed: u8) -> Self {
        Self::with(seed, Config::default(), MemberConfig::default())
    }

    pub fn with(seed: u8, config: Config, member: MemberConfig) -> Self {
        Self {
            client: Client::start(config, start(seed)),
            member: Member::start(member, start(seed.wrapping_add(100))),
            now: Instant::ZERO,
            rng: Rng::new([seed; 32]),
            cut: 1 + usize::from(seed) % 64 * usize::from(seed),
            wires: BTreeMap::new(),
            events: Vec::new(),
            member_events: Vec::new(),
            refuse: false,
            mute: false,
        }
    }

    pub fn connected(seed: u8) -> Self {
        let mut pair = Self::new(seed);
        pair.settle();
        assert!(pair.client.is_connected());
        pair
    }

    pub fn invoker(&self) -> Detached<Hazelcast> {
        Detached::new(self.client.codec())
    }

    pub fn connections(&self) -> Vec<ConnId> {
        self.wires.keys().copied().collect()
    }

    fn drain_client(&mut self) -> bool {
        let mut any = false;
        while let Some(output) = self.client.poll_output() {
            any = true;
            match output {
                Output::Open { conn, target } => {
                    let peer = Peer::default();
                    let on = ListenerId(u32::from(target.port).saturating_sub(5701));
                    let accepted =
                        (!self.refuse).then(|| self.member.accept(self.now, on, &peer)).flatten();
                    if let Some(member) = accepted {
                        self.wires.insert(conn, Wire { member: Some(member), ..Wire::default() });
                        self.client.handle(self.now, Input::Opened { conn, peer: &peer });
                    } else {
                        let cause = Cause::Refused;
                        self.client.handle(self.now, Input::Closed { conn, cause });
                    }
                }
                Output::Send { conn, data } => {
                    let length = data.iter().map(bytes::Bytes::len).sum();
                    if let Some(wire) = self.wires.get_mut(&conn) {
                        data.iter().for_each(|chunk| wire.to_member.0.extend_from_slice(chunk));
                    }
                    self.client.handle(self.now, Input::Sent { conn, bytes: length });
                }
                Output::Close { conn, .. } => {
                    if let Some(member) = self.wires.remove(&conn).and_then(|wire| wire.member) {
                        let closed = Input::Closed { conn: member, cause: Cause::Eof };
                        self.member.handle(self.now, closed);
                    }
                }
                Output::Event(event) => self.events.push(event),
                Output::Resume { conn } => self.offer_client(conn, 0),
                Output::Pause { .. } => {}
            }
        }
        any
    }

    fn drain_member(&mut self) -> bool {
        let mut any = false;
        while let Some(output) = self.member.poll_output() {
            any = true;
            let of = |wires: &BTreeMap<ConnId, Wire>, conn| {
                wires.iter().find(|(_, wire)| wire.member == Some(conn)).map(|(id, _)| *id)
            };
            match output {
                Output::Send { conn, data } => {
                    let length = data.iter().map(bytes::Bytes::len).sum();
                    if let Some(wire) = of(&self.wires, conn).and_then(|id| self.wires.get_mut(&id))
                    {
                        data.iter().for_each(|chunk| wire.to_client.0.extend_from_slice(chunk));
                    }
                    self.member.handle(self.now, Input::Sent { conn, bytes: length });
                }
                Output::Close { conn, .. } => {
                    if let Some(id) = of(&self.wires, conn) {
                        // What was sent before arrives before.
                        self.offer_client(id, usize::MAX);
                        self.wires.remove(&id);
                        self.client.handle(self.now, Input::Closed { conn: id, cause: Cause::Eof });
                    }
                }
                Output::Event(event) => self.member_events.push(event),
                Output::Resume { conn } => {
                    if let Some(id) = of(&self.wires, conn) {
                        self.offer_member(id, 0);
                    }
                }
                Output::Pause { .. } => {}
                Output::Open { .. } => panic!("a member opens nothing"),
            }
        }
        any
    }

    fn offer_client(&mut self, conn: ConnId, bytes: usize) {
        if self.mute {
            return;
        }
        let Some(wire) = self.wires.get_mut(&conn) else { return };
        let (waiting, buffer) = &mut wire.to_client;
        let piece = waiting.split_to(bytes.min(waiting.len()));
        buffer.extend_from_slice(&piece);
        self.client.handle(self.now, Input::Received { conn, data: buffer });
    }

    fn offer_member(&mut self, conn: ConnId, bytes: usize) {
        let Some(wire) = self.wires.get_mut(&conn) else { return };
        let Some(member) = wire.member else { return };
        let (waiting, buffer) = &mut wire.to_member;
        let piece = waiting.split_to(bytes.min(waiting.len()));
        buffer.extend_from_slice(&piece);
        self.member.handle(self.now, Input::Received { conn: member, data: buffer });
    }

    /// Until nothing is on its way any more. Time stands still.
    pub fn settle(&mut self) {
        loop {
            let mut any = self.drain_client();
            any |= self.drain_member();
            for conn in self.connections() {
                let piece = 1 + self.rng.below(self.cut as u64) as usize;
                if self.wires.get(&conn).is_some_and(|wire| !wire.to_member.0.is_empty()) {
                    any = true;
                    self.offer_member(conn, piece);
                }
                if !self.mute
                    && self.wires.get(&conn).is_some_and(|wire| !wire.to_client.0.is_empty())
                {
                    any = true;
                    self.offer_client(conn, piece);
                }
            }
            if !any {
                return;
            }
        }
    }

    /// Lets time pass, alarm by alarm.
    pub fn pass(&mut self, duration: Duration) {
        let until = self.now + duration;
        loop {
            self.settle();
            let next = [self.client.deadline(), self.member.deadline()].into_iter().flatten().min();
            match next {
                Some(at) if at <= until => {
                    self.now = self.now.max(at);
                    self.client.handle(self.now, Input::Timeout);
                    self.member.handle(self.now, Input::Timeout);
                }
                _ => break,
            }
        }
        self.now = until;
        self.settle();
    }

    /// Gives the members a command, and lets what follows at once happen.
    pub fn command<T>(&mut self, command: impl FnOnce(&mut Member, Instant) -> T) -> T {
        let result = command(&mut self.member, self.now);
        self.settle();
        result
    }

    /// Cuts a connection: the client sees it closed; with `lost` nothing on its way arrives.
    pub fn reset(&mut self, conn: ConnId) {
        if let Some(wire) = self.wires.remove(&conn) {
            if let Some(member) = wire.member {
                let cause = Cause::Reset;
                self.member.handle(self.now, Input::Closed { conn: member, cause });
            }
            self.client.handle(self.now, Input::Closed { conn, cause: Cause::Reset });
        }
    }

    pub fn submit<R: 'static>(&mut self, call: Call<Hazelcast, R>) -> Pending<R> {
        let ticket = self.client.submit(self.now, call.order);
        let codec = self.client.codec();
        let opener = call.opener;
        Pending {
            ticket,
            open: Box::new(move |answer| {
                opener.open(answer, &codec).map_err(|unopened| match unopened {
                    Unopened::Failed(error) => error,
                    Unopened::Needs(_) => panic!("nothing is needed yet"),
                })
            }),
        }
    }

    /// The end of a call, if it has ended.
    pub fn take<R>(&mut self, pending: &Pending<R>) -> Option<Result<R, Error>> {
        let at = self.events.iter().position(
            |event| matches!(event, ClientEvent::Done(ticket, _) if *ticket == pending.ticket),
        )?;
        let ClientEvent::Done(_, result) = self.events.remove(at) else { return None };
        Some(result.and_then(|answer| (pending.open)(&answer)))
    }

    /// Runs a call to its end, on a network without delay.
    pub fn run<R: 'static>(&mut self, call: Call<Hazelcast, R>) -> Result<R, Error> {
        let answer = self.answer(call.order)?;
        self.open(|codec| call.opener.open(&answer, codec))
    }

    fn answer(&mut self, order: Order<Hazelcast>) -> Result<Answer, Error> {
        let ticket = self.client.submit(self.now, order);
        self.settle();
        let is_end = |event: &Event| matches!(event, ClientEvent::Done(of, _) if *of == ticket);
        let at = self.events.iter().position(is_end).expect("the call has ended");
        let ClientEvent::Done(_, result) = self.events.remove(at) else { unreachable!() };
        result
    }

    /// Opens an answer or an item, and fetches what that needs.
    pub fn open<R>(
        &mut self,
        open: impl Fn(&Codec) -> Result<R, Unopened<Hazelcast>>,
    ) -> Result<R, Error> {
        let codec = self.client.codec();
        loop {
            match open(&codec) {
                Ok(value) => return Ok(value),
                Err(Unopened::Failed(error)) => return Err(error),
                Err(Unopened::Needs(need)) => {
                    let answer = self.answer(Order::new(need.plan))?;
                    (need.learn)(&answer, &codec)?;
                }
            }
        }
    }

    pub fn subscribe<T: 'static>(&mut self, listen: Listen<Hazelcast, T>) -> Subscribed<T> {
        let (ticket, id) = self.client.subscribe(self.now, listen.listen);
        self.settle();
        let codec = self.client.codec();
        Subscribed {
            ticket,
            id,
            open: Box::new(move |item| listen.opener.open(item, &codec).unwrap()),
        }
    }

    /// What a subscription brought since.
    pub fn items<T>(&mut self, subscribed: &Subscribed<T>) -> Vec<T> {
        let (mut mine, mut rest) = (Vec::new(), Vec::new());
        for event in self.events.drain(..) {
            match event {
                ClientEvent::Item(id, item) if id == subscribed.id => {
                    mine.push((subscribed.open)(&item));
                }
                other => rest.push(other),
            }
        }
        self.events = rest;
        mine
    }

    pub fn lifecycle(&self) -> Vec<Lifecycle> {
        let state = |event: &Event| match event {
            ClientEvent::Lifecycle(state) => Some(*state),
            _ => None,
        };
        self.events.iter().filter_map(state).collect()
    }

    pub fn notes(&self) -> String {
        let note = |event: &Event| match event {
            ClientEvent::Note(note) => Some(note.text.to_string()),
            _ => None,
        };
        self.events.iter().filter_map(note).collect::<Vec<_>>().join("\n")
    }

    pub fn shut_down_with(&self) -> Option<Result<(), Error>> {
        self.events.iter().find_map(|event| match event {
            ClientEvent::ShutDown(result) => Some(result.clone()),
            _ => None,
        })
    }
}

pub struct Pending<R> {
    pub ticket: Ticket,
    open: Box<dyn Fn(&gridwire_core::hazelcast::Answer) -> Result<R, Error>>,
}

pub struct Subscribed<T> {
    pub ticket: Ticket,
    pub id: SubscriptionId,
    open: Box<dyn Fn(&Item) -> T>,
}

pub fn target() -> Target {
    Target::new("127.0.0.1", 5701)
}

pub fn codec() -> Codec {
    Codec::default()
}
