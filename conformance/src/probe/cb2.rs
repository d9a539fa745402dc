//! The Hazelcast 3.x client protocol, as far as a probe needs it: a login, and the list of members.
//!
//! ```text
//! frame := i32 LE length, itself included | u8 version | u8 flags | u16 LE type | i64 LE correlation id
//!          | i32 LE partition id | u16 LE data offset | payload
//! ```
//!
//! Parameters follow each other in the payload: text is i32 LE length and bytes; a nullable value has a
//! byte before it that is 1 for null.

use super::link::{Link, Stop};
use super::{Cluster, Finding, Member, Probe};

use bytes::{Buf, Bytes, BytesMut};

const HEADER: usize = 22;
/// The answers to so small questions are small.
const MAX_MESSAGE: usize = 1 << 20;
/// The client's request and the type that answers it.
const AUTHENTICATION: u16 = 0x0002;
const AUTHENTICATION_ANSWER: u16 = 107;
const ADD_MEMBERSHIP_LISTENER: u16 = 0x0004;
const MEMBER_LIST_EVENT: u16 = 201;
const EXCEPTION: u16 = 109;

/// Logs in and asks for the members.
pub(super) fn probe(link: &mut Link, options: &Probe) -> Result<Finding, Stop> {
    let mut login = Vec::new();
    text(&mut login, &options.cluster);
    text(&mut login, &options.password);
    // No uuid, no owner uuid, an owner connection.
    login.extend([1, 1, 1]);
    text(&mut login, "GWR");
    login.push(1);
    text(&mut login, "3.12.13");

    let mut first = b"CB2".to_vec();
    first.extend(frame(AUTHENTICATION, 1, &login));
    link.send(&first)?;
    let payload = expect(link, AUTHENTICATION_ANSWER)?;
    let answer = Authentication::parse(&payload).ok_or(Stop::Foreign)?;

    let cluster = match answer.status {
        0 => Cluster::Accepted,
        1 => Cluster::Refused,
        other => Cluster::Other(format!("status {other}")),
    };
    let mut members = Vec::new();
    if cluster == Cluster::Accepted {
        link.send(&frame(ADD_MEMBERSHIP_LISTENER, 2, &[0]))?;
        members = parse_members(&expect(link, MEMBER_LIST_EVENT)?).ok_or(Stop::Foreign)?;
    }
    Ok(Finding::Hazelcast {
        protocol: "1.x (CB2)",
        version: answer.version,
        cluster,
        members,
        partitions: answer.partitions,
        cluster_id: answer.cluster_id,
    })
}

/// Reads messages until one of this type comes.
fn expect(link: &mut Link, wanted: u16) -> Result<Bytes, Stop> {
    loop {
        let (found, payload) = link.read(split)?;
        if found == wanted {
            return Ok(payload);
        }
        if found == EXCEPTION {
            return Err(Stop::Foreign);
        }
    }
}

/// Takes one message off the front: its type and payload.
fn split(data: &mut BytesMut) -> Result<Option<(u16, Bytes)>, Stop> {
    let Some(length) = data.first_chunk().map(|length| i32::from_le_bytes(*length)) else {
        return Ok(None);
    };
    let length = usize::try_from(length).map_err(|_| Stop::Foreign)?;
    if !(HEADER..=MAX_MESSAGE).contains(&length) {
        return Err(Stop::Foreign);
    }
    if data.len() < length {
        return Ok(None);
    }
    let mut frame = data.split_to(length).freeze();
    let kind = u16::from_le_bytes([frame[6], frame[7]]);
    let offset = usize::from(u16::from_le_bytes([frame[20], frame[21]]));
    if !(HEADER..=length).contains(&offset) {
        return Err(Stop::Foreign);
    }
    frame.advance(offset);
    Ok(Some((kind, frame)))
}

fn frame(kind: u16, correlation: i64, payload: &[u8]) -> Vec<u8> {
    let mut frame = ((HEADER + payload.len()) as i32).to_le_bytes().to_vec();
    // Version 1, and flags that say begin and end.
    frame.extend([1, 0xc0]);
    frame.extend(kind.to_le_bytes());
    frame.extend(correlation.to_le_bytes());
    frame.extend((-1_i32).to_le_bytes());
    frame.extend((HEADER as u16).to_le_bytes());
    frame.extend(payload);
    frame
}

fn text(to: &mut Vec<u8>, text: &str) {
    to.extend((text.len() as i32).to_le_bytes());
    to.extend(text.as_bytes());
}

/// The answer to a login; what its version doesn't have stays empty.
#[derive(Debug, PartialEq, Eq)]
struct Authentication {
    status: u8,
    version: Option<String>,
    partitions: Option<u32>,
    cluster_id: Option<String>,
}

impl Authentication {
    fn parse(payload: &[u8]) -> Option<Self> {
        let mut cursor = Cursor(payload);
        let status = cursor.byte()?;
        cursor.skip_nullable(|cursor| Some((cursor.text()?, cursor.int()?)))?;
        cursor.skip_nullable(Cursor::text)?;
        cursor.skip_nullable(Cursor::text)?;
        let _serialization_version = cursor.byte()?;
        let mut found = Self { status, version: None, partitions: None, cluster_id: None };
        // From here on each field came with a version of the protocol.
        found.later(&mut cursor);
        Some(found)
    }

    fn later(&mut self, cursor: &mut Cursor<'_>) -> Option<()> {
        self.version = Some(cursor.text()?);
        cursor.skip_nullable(members)?;
        self.partitions = Some(u32::try_from(cursor.int()?).ok()?);
        self.cluster_id = Some(cursor.text()?);
        Some(())
    }
}

fn parse_members(payload: &[u8]) -> Option<Vec<Member>> {
    members(&mut Cursor(payload))
}

fn members(cursor: &mut Cursor<'_>) -> Option<Vec<Member>> {
    let count = cursor.int()?;
    let mut members = Vec::new();
    for _ in 0..count {
        let (host, port) = (cursor.text()?, cursor.int()?);
        let uuid = cursor.text()?;
        let lite = cursor.byte()? != 0;
        for _ in 0..cursor.int()? {
            cursor.text()?;
            cursor.text()?;
        }
        members.push(Member { address: format!("{host}:{port}"), uuid, version: None, lite });
    }
    Some(members)
}

/// Reads parameters from the front.
struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    fn int(&mut self) -> Option<i32> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(i32::from_le_bytes(*bytes))
    }

    fn text(&mut self) -> Option<String> {
        let length = usize::try_from(self.int()?).ok()?;
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        String::from_utf8(bytes.to_vec()).ok()
    }

    /// Passes over a value that may be null. `None`: it is malformed.
    fn skip_nullable<T>(&mut self, value: impl FnOnce(&mut Self) -> Option<T>) -> Option<()> {
        if self.byte()? == 0 { value(self).map(drop) } else { Some(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::{Direction, read};

    #[test]
    fn answers_of_a_real_member() {
        let file = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/captures/hazelcast/3.12.13-java-wrongpassword.pcap"
        );
        let session = read(file).unwrap();
        let answers: Vec<_> = session
            .connections
            .iter()
            .map(|connection| {
                let mut stream = BytesMut::from(connection.stream(Direction::ToClient));
                let (kind, payload) = split(&mut stream).unwrap().unwrap();
                assert_eq!(kind, AUTHENTICATION_ANSWER);
                (0..payload.len()).for_each(|short| drop(Authentication::parse(&payload[..short])));
                Authentication::parse(&payload).unwrap()
            })
            .collect();
        assert_eq!(answers.iter().map(|answer| answer.status).collect::<Vec<_>>(), [0, 1, 1]);
        for answer in answers {
            assert_eq!(answer.version.as_deref(), Some("3.12.13"));
            assert_eq!(answer.partitions, Some(271));
            assert_eq!(answer.cluster_id.map(|id| id.len()), Some(36));
        }

        let mut rest = BytesMut::from(session.connections[0].stream(Direction::ToClient));
        let list = loop {
            let (kind, payload) = split(&mut rest).unwrap().unwrap();
            if kind == MEMBER_LIST_EVENT {
                break payload;
            }
        };
        (0..list.len()).for_each(|short| assert_eq!(parse_members(&list[..short]), None));
        let members = parse_members(&list).unwrap();
        assert_eq!(members.len(), 1);
        assert_eq!((members[0].address.as_str(), members[0].lite), ("127.0.0.1:5721", false));
    }

    #[test]
    fn other_protocols_are_foreign() {
        let split = |bytes: &[u8]| split(&mut BytesMut::from(bytes));
        assert_eq!(split(b"HTTP/1.1 400 Bad Request"), Err(Stop::Foreign));
        assert_eq!(split(&[5, 0, 0, 0]), Err(Stop::Foreign));
        assert_eq!(split(&[0xff; 4]), Err(Stop::Foreign));
        assert_eq!(split(&[0, 0, 0]), Ok(None));
        assert_eq!(split(&[22, 0, 0, 0, 1, 0xc0]), Ok(None));
    }
}
