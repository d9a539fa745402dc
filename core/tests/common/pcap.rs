//! Captured sessions, as far as these tests need them: classic pcap files with Ethernet, IPv4 and
//! TCP, from SYN to the end.

use std::collections::BTreeMap;
use std::path::Path;

/// One TCP connection: what each side sent.
#[derive(Default)]
pub(crate) struct Session {
    pub(crate) client: Vec<u8>,
    pub(crate) server: Vec<u8>,
}

/// One direction while it is put together: the first sequence number, and the segments by distance.
#[derive(Default)]
struct Half {
    start: u32,
    segments: BTreeMap<u32, Vec<u8>>,
}

impl Half {
    fn bytes(self) -> Vec<u8> {
        let mut out = Vec::new();
        for (at, segment) in self.segments {
            let at = at as usize;
            assert!(at <= out.len(), "a hole in a captured stream");
            if at + segment.len() > out.len() {
                let known = out.len() - at;
                out.extend_from_slice(&segment[known..]);
            }
        }
        out
    }
}

/// The connections of a capture, in the order of their SYNs.
pub(crate) fn sessions(path: &Path) -> Vec<Session> {
    let file = std::fs::read(path).expect("a capture");
    let u32_at = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().expect("four bytes"));
    assert_eq!(u32_at(0) & 0xffff_0fff, 0xa1b2_0000 | u32_at(0) & 0x0fff, "little-endian pcap");
    let mut halves: Vec<[Half; 2]> = Vec::new();
    let mut open: BTreeMap<[u8; 12], (usize, usize)> = BTreeMap::new();
    let mut at = 24;
    while at + 16 <= file.len() {
        let len = u32_at(at + 8) as usize;
        packet(&file[at + 16..at + 16 + len], &mut halves, &mut open);
        at += 16 + len;
    }
    halves
        .into_iter()
        .map(|[client, server]| Session { client: client.bytes(), server: server.bytes() })
        .collect()
}

fn packet(
    packet: &[u8],
    halves: &mut Vec<[Half; 2]>,
    open: &mut BTreeMap<[u8; 12], (usize, usize)>,
) {
    // Ethernet: 12 bytes of addresses, then the type; IPv4: header length in words, protocol at 9.
    assert_eq!(packet[12..14], [8, 0], "IPv4");
    let ip = &packet[14..];
    let total = usize::from(u16::from_be_bytes([ip[2], ip[3]]));
    assert_eq!(ip[9], 6, "TCP");
    let tcp = &ip[usize::from(ip[0] & 15) * 4..total];
    let (mut forth, mut back) = ([0; 12], [0; 12]);
    forth[..8].copy_from_slice(&ip[12..20]);
    forth[8..].copy_from_slice(&tcp[..4]);
    for (from, to) in [(0..4, 4..8), (4..8, 0..4), (8..10, 10..12), (10..12, 8..10)] {
        back[to].copy_from_slice(&forth[from]);
    }
    let sequence = u32::from_be_bytes(tcp[4..8].try_into().expect("four bytes"));
    let (syn, ack) = (tcp[13] & 2 != 0, tcp[13] & 16 != 0);
    if syn && !ack {
        open.insert(forth, (halves.len(), 0));
        open.insert(back, (halves.len(), 1));
        halves.push(Default::default());
    }
    let Some((connection, side)) = open.get(&forth) else { return };
    let half = &mut halves[*connection][*side];
    if syn {
        half.start = sequence.wrapping_add(1);
        return;
    }
    let data = &tcp[usize::from(tcp[12] >> 4) * 4..];
    if !data.is_empty() {
        let segment = half.segments.entry(sequence.wrapping_sub(half.start)).or_default();
        if data.len() > segment.len() {
            *segment = data.to_vec();
        }
    }
}
