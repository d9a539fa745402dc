//! [`Ether`]: the envelope that agents exchange, and its JSON form (codec 1).
//!
//! `kind` and `schema_version` are required, the rest may be absent. Members are written as the draft
//! asks: the first four always, others where they hold something. Unknown members are dropped, as
//! the reference does. Numbers beyond 64 bits become doubles; those that JSON lacks become texts.

use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use serde_json::{Map, Value};

use crate::malformed::{Fault, Malformed};
use crate::text::Str;
use crate::xcp::json::{self, Object};
use crate::xcp::message::kinds::kind_id;

/// The most attachments of one Ether.
pub const MAX_ATTACHMENTS: usize = 1024;

/// A message between agents.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ether {
    /// What the payload is: `text`, `tokens`, `embedding`, `image`, or the application's word.
    pub kind: Str,
    /// The version of the kind's schema, from 1.
    pub schema_version: u32,
    /// The content.
    pub payload: Map<String, Value>,
    /// Reserved: `trace_id`, `producer`, `created_at`, `lineage`, all optional.
    pub metadata: Map<String, Value>,
    /// The application's own.
    pub extra_fields: Map<String, Value>,
    /// What goes along.
    pub attachments: Vec<Attachment>,
}

/// Data that goes along with an Ether, inline or elsewhere.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Attachment {
    /// Its name within the Ether.
    pub id: Str,
    /// Where it lies, if not inline.
    pub uri: Option<Str>,
    /// Its media type.
    pub media_type: Option<Str>,
    /// The name of its codec.
    pub codec: Option<Str>,
    /// A tensor's shape.
    pub shape: Option<Vec<u32>>,
    /// A tensor's element type.
    pub dtype: Option<Str>,
    /// Its size in bytes.
    pub size_bytes: Option<u64>,
    /// Itself; base64 in JSON.
    pub inline_bytes: Option<Bytes>,
}

impl Ether {
    /// An Ether of version 1 with this payload.
    pub fn new(kind: impl Into<Str>, payload: Map<String, Value>) -> Self {
        Self { kind: kind.into(), schema_version: 1, payload, ..Self::default() }
    }

    /// FNV-1a of the kind.
    pub fn kind_id(&self) -> u32 {
        kind_id(&self.kind)
    }

    /// The JSON form.
    pub fn encode(&self) -> Bytes {
        let mut ether = Object::new();
        ether.insert("kind".into(), self.kind.as_str().into());
        ether.insert("schema_version".into(), self.schema_version.into());
        ether.insert("payload".into(), self.payload.clone().into());
        ether.insert("metadata".into(), self.metadata.clone().into());
        if !self.extra_fields.is_empty() {
            ether.insert("extra_fields".into(), self.extra_fields.clone().into());
        }
        if !self.attachments.is_empty() {
            let attachments: Value = self.attachments.iter().map(Attachment::to_json).collect();
            ether.insert("attachments".into(), attachments);
        }
        Bytes::from(alloc::format!("{}", Value::Object(ether)))
    }

    /// Reads the JSON form.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let body = json::parse_lenient("ether", bytes)?;
        Self::from_json(body)
    }

    /// Reads JSON that was parsed.
    pub fn from_json(body: Value) -> Result<Self, Malformed> {
        let mut members = json::object("ether", body)?;
        let kind = match members.get("kind") {
            Some(Value::String(kind)) => Str::from(kind.as_str()),
            _ => return Err(Malformed::other("ether.kind", "no text")),
        };
        let attachments = match members.get("attachments") {
            None => Vec::new(),
            Some(Value::Array(list)) if list.len() <= MAX_ATTACHMENTS => {
                list.iter().map(Attachment::from_json).collect::<Result<_, _>>()?
            }
            Some(_) => return Err(Malformed::other("ether.attachments", "no list, or too long")),
        };
        let mut member = |key: &str, context| match members.remove(key) {
            None => Ok(Object::new()),
            Some(value) => json::object(context, value),
        };
        let payload = member("payload", "ether.payload")?;
        let metadata = member("metadata", "ether.metadata")?;
        let extra_fields = member("extra_fields", "ether.extra_fields")?;
        let schema_version = schema_version(members.get("schema_version"))?;
        Ok(Self { kind, schema_version, payload, metadata, extra_fields, attachments })
    }
}

/// The reference takes `1`, `"1"` and `1.0`.
fn schema_version(value: Option<&Value>) -> Result<u32, Malformed> {
    let context = "ether.schema_version";
    let version = match value {
        Some(Value::String(text)) => text.parse().ok(),
        Some(value) => value.as_u64().or_else(|| {
            let whole = |double: &f64| *double % 1.0 == 0.0 && (0.0..4e9).contains(double);
            value.as_f64().filter(whole).map(|double| double as u64)
        }),
        None => None,
    };
    match version {
        Some(version @ 1..=0xFFFF_FFFF) => Ok(version as u32),
        Some(version) => {
            Err(Malformed::new(context, Fault::Limit { size: version, limit: 0xFFFF_FFFF }))
        }
        None => Err(Malformed::other(context, "no version")),
    }
}

impl Attachment {
    fn to_json(&self) -> Value {
        let mut out = Object::new();
        out.insert("id".into(), self.id.as_str().into());
        let mut text = |key: &str, value: &Option<Str>| {
            if let Some(value) = value {
                out.insert(key.into(), value.as_str().into());
            }
        };
        text("uri", &self.uri);
        text("media_type", &self.media_type);
        text("codec", &self.codec);
        text("dtype", &self.dtype);
        if let Some(shape) = &self.shape {
            out.insert("shape".into(), shape.clone().into());
        }
        if let Some(size) = self.size_bytes {
            out.insert("size_bytes".into(), size.into());
        }
        if let Some(bytes) = &self.inline_bytes {
            out.insert("inline_bytes".into(), BASE64.encode(bytes).into());
        }
        Value::Object(out)
    }

    fn from_json(value: &Value) -> Result<Self, Malformed> {
        let context = "ether.attachment";
        let text = |key: &str| match value.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(Str::from(text.as_str()))),
            Some(_) => Err(Malformed::other(context, "not a text")),
        };
        let present = |key: &str| value.get(key).filter(|value| !value.is_null());
        let shape = match present("shape") {
            None => None,
            Some(Value::Array(list)) => Some(
                list.iter()
                    .map(|size| Ok(json::unsigned(context, Some(size), 0, 0xFFFF_FFFF)? as u32))
                    .collect::<Result<Vec<_>, Malformed>>()?,
            ),
            Some(_) => return Err(Malformed::other(context, "a shape that is no list")),
        };
        let size_bytes = present("size_bytes")
            .map(|size| json::unsigned(context, Some(size), 0, u64::MAX))
            .transpose()?;
        let inline_bytes = text("inline_bytes")?
            .map(|text| BASE64.decode(text.as_bytes()).map(Bytes::from))
            .transpose()
            .map_err(|_| Malformed::other(context, "inline bytes that are no base64"))?;
        Ok(Self {
            id: text("id")?.ok_or(Malformed::other(context, "no id"))?,
            uri: text("uri")?,
            media_type: text("media_type")?,
            codec: text("codec")?,
            dtype: text("dtype")?,
            shape,
            size_bytes,
            inline_bytes,
        })
    }
}
