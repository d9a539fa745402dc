//! Reads .pcap and .pcap.gz.

use super::stream::Stream;
use super::{Connection, Direction, End, Segment, Session};

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use etherparse::{LinuxSllSlice, NetSlice, SlicedPacket, TcpSlice, TransportSlice};
use flate2::bufread::MultiGzDecoder;
use pcap_file::DataLink;
use pcap_file::pcap::PcapReader;

/// Why a capture can't be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file can't be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It is no .pcap, or ends in the middle of a packet.
    #[error(transparent)]
    Format(#[from] pcap_file::PcapError),
    /// Captured on a kind of network that isn't supported.
    #[error("packets of link type {0:?} are not supported")]
    Link(DataLink),
    /// Packets of a connection are missing, so that its bytes can't be put in order.
    #[error("packets {direction} are missing on the connection from {client} to {server}")]
    Hole {
        /// The connection's client.
        client: SocketAddr,
        /// The connection's server.
        server: SocketAddr,
        /// Where they are missing.
        direction: Direction,
    },
}

/// Reads a file.
pub fn read(file: impl AsRef<Path>) -> Result<Session, Error> {
    read_from(BufReader::new(File::open(file)?))
}

/// Reads what a file holds; whether it is gzip'd shows in its first bytes.
pub fn read_from(mut source: impl BufRead) -> Result<Session, Error> {
    if source.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
        packets(MultiGzDecoder::new(source))
    } else {
        packets(source)
    }
}

fn packets(source: impl Read) -> Result<Session, Error> {
    let mut reader = PcapReader::new(source)?;
    let link = reader.header().datalink;
    let mut builder = Builder::default();
    while let Some(packet) = reader.next_packet() {
        let packet = packet?;
        let sliced = match link {
            DataLink::ETHERNET => SlicedPacket::from_ethernet(&packet.data),
            DataLink::RAW | DataLink::IPV4 | DataLink::IPV6 => SlicedPacket::from_ip(&packet.data),
            // Four bytes of address family, then the packet.
            DataLink::NULL | DataLink::LOOP => {
                SlicedPacket::from_ip(packet.data.get(4..).unwrap_or_default())
            }
            DataLink::LINUX_SLL => match LinuxSllSlice::from_slice(&packet.data) {
                Ok(_) => SlicedPacket::from_linux_sll(&packet.data),
                Err(_) => continue,
            },
            other => return Err(Error::Link(other)),
        };
        // Whatever is not TCP over IP is other people's traffic.
        let Ok(sliced) = sliced else { continue };
        let (source, destination) = match &sliced.net {
            Some(NetSlice::Ipv4(ip)) => (
                IpAddr::from(ip.header().source_addr()),
                IpAddr::from(ip.header().destination_addr()),
            ),
            Some(NetSlice::Ipv6(ip)) => (
                IpAddr::from(ip.header().source_addr()),
                IpAddr::from(ip.header().destination_addr()),
            ),
            _ => continue,
        };
        if let Some(TransportSlice::Tcp(tcp)) = &sliced.transport {
            let from = SocketAddr::new(source, tcp.source_port());
            let to = SocketAddr::new(destination, tcp.destination_port());
            builder.packet(packet.timestamp, from, to, tcp)?;
        }
    }
    builder.finish()
}

/// Sorts packets into connections.
#[derive(Debug, Default)]
struct Builder {
    connections: Vec<Growing>,
    /// The latest connection between two addresses, the smaller first.
    latest: BTreeMap<(SocketAddr, SocketAddr), usize>,
}

#[derive(Debug)]
struct Growing {
    connection: Connection,
    to_server: Stream,
    to_client: Stream,
}

impl Builder {
    fn packet(
        &mut self,
        at: Duration,
        from: SocketAddr,
        to: SocketAddr,
        tcp: &TcpSlice<'_>,
    ) -> Result<(), Error> {
        let ends = (from.min(to), from.max(to));
        let opens = tcp.syn() && !tcp.ack();
        let index = match self.latest.get(&ends) {
            Some(index) if !(opens && self.connections[*index].is_old()) => *index,
            _ => {
                let from_client = opens || (!tcp.syn() && from.port() > to.port());
                let (client, server) = if from_client { (from, to) } else { (to, from) };
                self.latest.insert(ends, self.connections.len());
                self.connections.push(Growing::new(client, server));
                self.connections.len() - 1
            }
        };
        self.connections[index].packet(at, from, tcp)
    }

    fn finish(self) -> Result<Session, Error> {
        let mut session = Session::default();
        for growing in self.connections {
            for direction in [Direction::ToServer, Direction::ToClient] {
                if growing.stream(direction).has_hole() {
                    return Err(growing.hole(direction));
                }
            }
            session.connections.push(growing.connection);
        }
        Ok(session)
    }
}

impl Growing {
    fn new(client: SocketAddr, server: SocketAddr) -> Self {
        let connection = Connection { client, server, segments: Vec::new(), end: End::Open };
        Self { connection, to_server: Stream::default(), to_client: Stream::default() }
    }

    /// Whether a SYN now begins another connection on the same ports, and is no repetition.
    fn is_old(&self) -> bool {
        self.connection.end != End::Open || !self.connection.segments.is_empty()
    }

    fn stream(&self, direction: Direction) -> &Stream {
        match direction {
            Direction::ToServer => &self.to_server,
            Direction::ToClient => &self.to_client,
        }
    }

    fn hole(&self, direction: Direction) -> Error {
        Error::Hole { client: self.connection.client, server: self.connection.server, direction }
    }

    fn packet(&mut self, at: Duration, from: SocketAddr, tcp: &TcpSlice<'_>) -> Result<(), Error> {
        let (direction, stream) = if from == self.connection.client {
            (Direction::ToServer, &mut self.to_server)
        } else {
            (Direction::ToClient, &mut self.to_client)
        };
        if tcp.syn() {
            stream.begin(tcp.sequence_number());
        }
        let segments = &mut self.connection.segments;
        let complete = stream.push(tcp.sequence_number(), tcp.payload(), |bytes| {
            segments.push(Segment { at, direction, bytes: Bytes::copy_from_slice(bytes) });
        });
        if !complete {
            return Err(self.hole(direction));
        }
        if tcp.rst() {
            self.connection.end = End::Reset(direction);
        } else if tcp.fin() && self.connection.end == End::Open {
            self.connection.end = End::Finished(direction);
        }
        Ok(())
    }
}
