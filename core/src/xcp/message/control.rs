//! Bodies of control messages, as JSON: HELLO and CAPS, ACK, NACK, PING and PONG.
//!
//! Absent members take their zero and unknown ones are skipped, as the Python reference does.

use alloc::vec::Vec;

use bytes::Bytes;
use serde_json::{Value, json};

use crate::malformed::{Fault, Malformed};
use crate::xcp::error::Error;
use crate::xcp::json::{self, Object};
use crate::xcp::message::{CodecId, NackCode};

/// The most codecs, or kinds, that one body may list.
const MAX_ENTRIES: usize = 1024;

/// What a side can do: the body of HELLO and CAPS.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Caps {
    /// Codecs, in no order of preference.
    pub codecs: Vec<CodecId>,
    /// The longest payload of one frame, in bytes; 0 is unstated.
    pub max_frame_bytes: u32,
    /// Whether bodies may lie in shared memory.
    pub shared_mem: bool,
    /// Kinds that it takes; none stands for all.
    pub accepts: Vec<KindRange>,
    /// Kinds that it sends; none stands for all.
    pub emits: Vec<KindRange>,
}

/// A kind in a range of versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KindRange {
    /// FNV-1a of the kind.
    pub kind_id: u32,
    /// The major version.
    pub major: u16,
    /// The lowest minor version.
    pub min_minor: u16,
    /// The highest minor version.
    pub max_minor: u16,
}

impl Caps {
    /// The body.
    pub fn encode(&self) -> Bytes {
        let ranges = |ranges: &[KindRange]| -> Value {
            let entry = |range: &KindRange| {
                json!({
                    "kind_id": range.kind_id, "major": range.major,
                    "min_minor": range.min_minor, "max_minor": range.max_minor,
                })
            };
            ranges.iter().map(entry).collect()
        };
        let codecs: Value = self.codecs.iter().map(|codec| codec.0).collect();
        body(&json!({
            "codecs": codecs,
            "max_frame_bytes": self.max_frame_bytes,
            "shared_mem": self.shared_mem,
            "accepts": ranges(&self.accepts),
            "emits": ranges(&self.emits),
        }))
    }

    /// Reads the body. One that doesn't begin like a JSON object is Protobuf, whatever its label:
    /// the reference ignores labels here.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        match bytes.trim_ascii_start().first() {
            Some(b'{' | b'[') => Ok(Self::from_json(bytes)?),
            _ => Err(Error::Unsupported("a HELLO or CAPS that is no JSON")),
        }
    }

    fn from_json(bytes: &[u8]) -> Result<Self, Malformed> {
        let members = json::object("caps", json::parse("caps", bytes)?)?;
        let codecs = list("caps.codecs", &members, "codecs", |value| {
            let id = json::unsigned("caps.codecs", Some(value), 0, u64::from(u16::MAX))?;
            Ok(CodecId(id as u16))
        })?;
        let word = u64::from(u32::MAX);
        let max_frame = members.get("max_frame_bytes");
        Ok(Self {
            codecs,
            max_frame_bytes: json::unsigned("caps.max_frame_bytes", max_frame, 0, word)? as u32,
            shared_mem: match members.get("shared_mem") {
                None => false,
                Some(Value::Bool(shared)) => *shared,
                Some(_) => return Err(Malformed::other("caps.shared_mem", "not a boolean")),
            },
            accepts: list("caps.accepts", &members, "accepts", KindRange::from_json)?,
            emits: list("caps.emits", &members, "emits", KindRange::from_json)?,
        })
    }
}

impl KindRange {
    /// Whether a version of a kind lies in the range.
    pub const fn covers(&self, kind_id: u32, major: u16, minor: u16) -> bool {
        self.kind_id == kind_id
            && self.major == major
            && self.min_minor <= minor
            && minor <= self.max_minor
    }

    fn from_json(value: &Value) -> Result<Self, Malformed> {
        let context = "caps.kind_range";
        let members = value.as_object().ok_or(Malformed::other(context, "not an object"))?;
        let member = |key, max| json::unsigned(context, members.get(key), 0, max);
        let short = u64::from(u16::MAX);
        Ok(Self {
            kind_id: member("kind_id", u64::from(u32::MAX))? as u32,
            major: member("major", short)? as u16,
            min_minor: member("min_minor", short)? as u16,
            max_minor: member("max_minor", short)? as u16,
        })
    }
}

/// The body of ACK.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ack {
    /// The message that is acknowledged.
    pub msg_id: u64,
}

impl Ack {
    /// The body.
    pub fn encode(&self) -> Bytes {
        body(&json!({ "msg_id": self.msg_id }))
    }

    /// Reads the body.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let members = json::object("ack", json::parse("ack", bytes)?)?;
        Ok(Self { msg_id: json::unsigned("ack.msg_id", members.get("msg_id"), 0, u64::MAX)? })
    }
}

/// The body of NACK.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nack {
    /// The message that is refused.
    pub msg_id: u64,
    /// Why.
    pub error_code: NackCode,
    /// How long to wait before trying again, in milliseconds; 0 is unstated.
    pub retry_after_ms: u32,
}

impl Nack {
    /// The body.
    pub fn encode(&self) -> Bytes {
        body(&json!({
            "msg_id": self.msg_id,
            "error_code": self.error_code.0,
            "retry_after_ms": self.retry_after_ms,
        }))
    }

    /// Reads the body.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let members = json::object("nack", json::parse("nack", bytes)?)?;
        let member = |key, context, max| json::unsigned(context, members.get(key), 0, max);
        let code = member("error_code", "nack.error_code", u64::from(u16::MAX))?;
        Ok(Self {
            msg_id: member("msg_id", "nack.msg_id", u64::MAX)?,
            error_code: NackCode(code as u16),
            retry_after_ms: member("retry_after_ms", "nack.retry_after_ms", u64::from(u32::MAX))?
                as u32,
        })
    }
}

/// The body of PING and PONG.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Nonce {
    /// Any number; the reference sends its clock in microseconds.
    pub nonce: u64,
}

impl Nonce {
    /// The body.
    pub fn encode(&self) -> Bytes {
        body(&json!({ "nonce": self.nonce }))
    }

    /// Reads the body.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let members = json::object("ping", json::parse("ping", bytes)?)?;
        Ok(Self { nonce: json::unsigned("ping.nonce", members.get("nonce"), 0, u64::MAX)? })
    }
}

fn body(value: &Value) -> Bytes {
    Bytes::from(alloc::format!("{value}"))
}

fn list<T>(
    context: &'static str,
    members: &Object,
    key: &str,
    read: impl Fn(&Value) -> Result<T, Malformed>,
) -> Result<Vec<T>, Malformed> {
    let Some(value) = members.get(key) else { return Ok(Vec::new()) };
    let list = value.as_array().ok_or(Malformed::other(context, "not a list"))?;
    if list.len() > MAX_ENTRIES {
        let fault = Fault::Limit { size: list.len() as u64, limit: MAX_ENTRIES as u64 };
        return Err(Malformed::new(context, fault));
    }
    list.iter().map(read).collect()
}
