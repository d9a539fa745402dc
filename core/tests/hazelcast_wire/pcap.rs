//! Just enough of pcap and TCP to read our own captures: plain files, Ethernet, IPv4, one machine.

use std::collections::BTreeMap;
use std::path::Path;

/// One connection: the bytes that each side sent.
#[derive(Default)]
pub(crate) struct Connection {
    pub(crate) to_server: Vec<u8>,
    pub(crate) to_client: Vec<u8>,
}

/// The connections of a capture, in the order of their first packets.
pub(crate) fn connections(file: &Path) -> Vec<Connection> {
    let bytes = std::fs::read(file).unwrap();
    let u32le = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    assert_eq!(u32le(0), 0xa1b2_c3d4, "{}: not a little-endian pcap file", file.display());
    let mut flows: Vec<Flow> = vec![];
    let mut open: BTreeMap<(u16, u16), usize> = BTreeMap::new();
    let mut at = 24;
    while at < bytes.len() {
        let length = u32le(at + 8);
        let packet = &bytes[at + 16..at + 16 + length];
        at += 16 + length;
        let ip = &packet[14..];
        let u16be = |bytes: &[u8], at: usize| u16::from_be_bytes([bytes[at], bytes[at + 1]]);
        let total = u16be(ip, 2) as usize;
        let tcp = &ip[(ip[0] & 15) as usize * 4..total];
        let (from, to) = (u16be(tcp, 0), u16be(tcp, 2));
        let sequence = u32::from_be_bytes(tcp[4..8].try_into().unwrap());
        let payload = &tcp[(tcp[12] >> 4) as usize * 4..];
        let (syn, ack) = (tcp[13] & 2 != 0, tcp[13] & 16 != 0);
        if syn && !ack {
            open.insert((from, to), flows.len());
            flows.push(Flow::default());
        }
        let (flow, server) = match (open.get(&(from, to)), open.get(&(to, from))) {
            (Some(flow), _) => (*flow, true),
            (_, Some(flow)) => (*flow, false),
            _ => panic!("{}: a packet before its SYN", file.display()),
        };
        let half = if server { &mut flows[flow].to_server } else { &mut flows[flow].to_client };
        half.add(sequence, syn, payload);
    }
    let connections = flows.into_iter().map(|flow| {
        assert!(flow.to_server.gap.is_empty() && flow.to_client.gap.is_empty(), "bytes missing");
        Connection { to_server: flow.to_server.bytes, to_client: flow.to_client.bytes }
    });
    connections.collect()
}

#[derive(Default)]
struct Flow {
    to_server: Half,
    to_client: Half,
}

#[derive(Default)]
struct Half {
    next: u32,
    bytes: Vec<u8>,
    /// Segments that came before what precedes them.
    gap: BTreeMap<u32, Vec<u8>>,
}

impl Half {
    fn add(&mut self, sequence: u32, syn: bool, payload: &[u8]) {
        if syn {
            self.next = sequence.wrapping_add(1);
        }
        if !payload.is_empty() {
            self.gap.insert(sequence, payload.to_vec());
        }
        while let Some((sequence, _)) =
            self.gap.iter().find(|(sequence, _)| self.next.wrapping_sub(**sequence) < 1 << 31)
        {
            let sequence = *sequence;
            let payload = self.gap.remove(&sequence).unwrap();
            let seen = self.next.wrapping_sub(sequence) as usize;
            if let Some(new) = payload.get(seen..) {
                self.bytes.extend_from_slice(new);
                self.next = self.next.wrapping_add(new.len() as u32);
            }
        }
    }
}
