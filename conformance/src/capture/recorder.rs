//! Writes .pcap: the bytes of a session in packets that tcpdump could have caught.

use super::{Direction, End, Session};

use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use etherparse::{PacketBuilder, PacketBuilderStep, TcpHeader};
use pcap_file::pcap::{PcapHeader, PcapPacket, PcapWriter};
use pcap_file::{DataLink, PcapError, TsResolution};

/// Payload of one packet: as loopback interfaces have it, below what an IP packet can hold.
const MAX_PAYLOAD: usize = 32 << 10;

/// Writes connections as they happen. Times are UNIX times, and should not go backwards.
#[derive(Debug)]
pub struct Recorder<W: Write> {
    writer: PcapWriter<W>,
    connections: Vec<Written>,
}

/// A connection of a [`Recorder`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened(usize);

#[derive(Debug)]
struct Written {
    client: SocketAddr,
    server: SocketAddr,
    /// The next sequence number to the server, and to the client.
    next: [u32; 2],
}

#[derive(Clone, Copy, Default)]
struct Flags {
    syn: bool,
    fin: bool,
    rst: bool,
}

impl<W: Write> Recorder<W> {
    /// Begins a file.
    pub fn new(sink: W) -> io::Result<Self> {
        let header = PcapHeader {
            snaplen: 256 << 10,
            datalink: DataLink::ETHERNET,
            ts_resolution: TsResolution::NanoSecond,
            ..PcapHeader::default()
        };
        Ok(Self {
            writer: PcapWriter::with_header(sink, header).map_err(error)?,
            connections: vec![],
        })
    }

    /// A connection was opened.
    pub fn open(
        &mut self,
        at: Duration,
        client: SocketAddr,
        server: SocketAddr,
    ) -> io::Result<Opened> {
        let id = Opened(self.connections.len());
        self.connections.push(Written { client, server, next: [1000, 2000] });
        let syn = Flags { syn: true, ..Flags::default() };
        self.packet(at, id, Direction::ToServer, syn, &[])?;
        self.packet(at, id, Direction::ToClient, syn, &[])?;
        self.packet(at, id, Direction::ToServer, Flags::default(), &[])?;
        Ok(id)
    }

    /// Bytes went over it.
    pub fn data(
        &mut self,
        at: Duration,
        id: Opened,
        direction: Direction,
        bytes: &[u8],
    ) -> io::Result<()> {
        bytes
            .chunks(MAX_PAYLOAD)
            .try_for_each(|part| self.packet(at, id, direction, Flags::default(), part))
    }

    /// It ended.
    pub fn close(&mut self, at: Duration, id: Opened, end: End) -> io::Result<()> {
        let fin = Flags { fin: true, ..Flags::default() };
        match end {
            End::Open => Ok(()),
            End::Finished(first) => {
                self.packet(at, id, first, fin, &[])?;
                self.packet(at, id, first.reverse(), fin, &[])?;
                self.packet(at, id, first, Flags::default(), &[])
            }
            End::Reset(from) => {
                self.packet(at, id, from, Flags { rst: true, ..Flags::default() }, &[])
            }
        }
    }

    /// Writes a whole session, its connections one after the other.
    pub fn session(&mut self, session: &Session) -> io::Result<()> {
        for connection in &session.connections {
            let mut at = connection.segments.first().map_or(Duration::ZERO, |first| first.at);
            let id = self.open(at, connection.client, connection.server)?;
            for segment in &connection.segments {
                at = segment.at;
                self.data(at, id, segment.direction, &segment.bytes)?;
            }
            self.close(at, id, connection.end)?;
        }
        Ok(())
    }

    /// Gives the sink back.
    pub fn finish(self) -> W {
        self.writer.into_writer()
    }

    fn packet(
        &mut self,
        at: Duration,
        id: Opened,
        direction: Direction,
        flags: Flags,
        payload: &[u8],
    ) -> io::Result<()> {
        let Some(connection) = self.connections.get_mut(id.0) else {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "a connection of another recorder",
            ));
        };
        let (from, to) = match direction {
            Direction::ToServer => (connection.client, connection.server),
            Direction::ToClient => (connection.server, connection.client),
        };
        let (own, other) = match direction {
            Direction::ToServer => (0, 1),
            Direction::ToClient => (1, 0),
        };
        let mut step = tcp(from, to, connection.next[own])?;
        // All but the opening SYN acknowledge what has come.
        if !flags.syn || direction == Direction::ToClient {
            step = step.ack(connection.next[other]);
        }
        if flags.syn {
            step = step.syn();
        }
        if flags.fin {
            step = step.fin();
        }
        if flags.rst {
            step = step.rst();
        }
        if !payload.is_empty() {
            step = step.psh();
        }
        let counted = payload.len() as u32 + u32::from(flags.syn) + u32::from(flags.fin);
        connection.next[own] = connection.next[own].wrapping_add(counted);

        let mut bytes = Vec::with_capacity(step.size(payload.len()));
        step.write(&mut bytes, payload).map_err(io::Error::other)?;
        let packet = PcapPacket::new(at, bytes.len() as u32, &bytes);
        self.writer.write_packet(&packet).map(drop).map_err(error)
    }
}

fn tcp(
    from: SocketAddr,
    to: SocketAddr,
    sequence: u32,
) -> io::Result<PacketBuilderStep<TcpHeader>> {
    let ethernet = PacketBuilder::ethernet2([0; 6], [0; 6]);
    let ip = match (from.ip(), to.ip()) {
        (IpAddr::V4(from), IpAddr::V4(to)) => ethernet.ipv4(from.octets(), to.octets(), 64),
        (IpAddr::V6(from), IpAddr::V6(to)) => ethernet.ipv6(from.octets(), to.octets(), 64),
        _ => return Err(io::Error::new(io::ErrorKind::InvalidInput, "addresses of two families")),
    };
    Ok(ip.tcp(from.port(), to.port(), sequence, u16::MAX))
}

fn error(error: PcapError) -> io::Error {
    match error {
        PcapError::IoError(error) => error,
        other => io::Error::other(other),
    }
}
