//! The header of a frame: where a message belongs and how its body is to be read.
//!
//! Written as JSON with only those keys that differ from their default, `{"msgId":5}`, which the
//! Python reference takes; read in any order and spacing, unknown keys skipped, the last of double
//! keys winning. The Cap'n Proto form is told apart by its first byte and refused.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;

use bytes::Bytes;
use serde_json::Value;

use crate::malformed::{Fault, Malformed};
use crate::text::Str;
use crate::xcp::error::Error;
use crate::xcp::json;
use crate::xcp::message::{CodecId, MsgType};

/// The most tags that a header may carry.
pub const MAX_TAGS: usize = 256;

/// A frame's header.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Header {
    /// The ordered stream within the connection.
    pub channel_id: u32,
    /// What the message is.
    pub msg_type: MsgType,
    /// How the body is written.
    pub body_codec: CodecId,
    /// What schema the body has; all zero is unstated.
    pub schema_key: SchemaKey,
    /// The message's own id; 0 on the reference's replies.
    pub msg_id: u64,
    /// The message that this one answers; 0 is none.
    pub in_reply_to: u64,
    /// Keys and values in order; keys may repeat.
    pub tags: Vec<Tag>,
}

/// A reference to a body's schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SchemaKey {
    /// FNV-1a of the namespace.
    pub ns_hash: u32,
    /// FNV-1a of the kind.
    pub kind_id: u32,
    /// Major version of the schema.
    pub major: u16,
    /// Minor version of the schema.
    pub minor: u16,
    /// First half of the schema's SHA-256.
    pub hash128: [u8; 16],
}

impl SchemaKey {
    /// Whether the key says nothing.
    pub fn is_unstated(&self) -> bool {
        *self == Self::default()
    }
}

/// A key and a value of the application's, or of an extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// The key.
    pub key: Str,
    /// The value.
    pub val: Str,
}

impl Header {
    /// The first tag of a key.
    pub fn tag(&self, key: &str) -> Option<&str> {
        self.tags.iter().find(|tag| tag.key == *key).map(|tag| tag.val.as_str())
    }

    /// The header as short JSON.
    pub fn encode(&self) -> Bytes {
        let mut out = String::from("{");
        number(&mut out, "channelId", u64::from(self.channel_id), 0);
        number(&mut out, "msgType", u64::from(self.msg_type.0), u64::from(MsgType::DATA.0));
        number(&mut out, "bodyCodec", u64::from(self.body_codec.0), u64::from(CodecId::JSON.0));
        if !self.schema_key.is_unstated() {
            comma(&mut out);
            out.push_str("\"schemaKey\":{");
            let key = &self.schema_key;
            number(&mut out, "nsHash", u64::from(key.ns_hash), 0);
            number(&mut out, "kindId", u64::from(key.kind_id), 0);
            number(&mut out, "major", u64::from(key.major), 0);
            number(&mut out, "minor", u64::from(key.minor), 0);
            if key.hash128 != [0; 16] {
                comma(&mut out);
                out.push_str("\"hash128\":\"");
                for byte in key.hash128 {
                    let _ = write!(out, "{byte:02x}");
                }
                out.push('"');
            }
            out.push('}');
        }
        number(&mut out, "msgId", self.msg_id, 0);
        number(&mut out, "inReplyTo", self.in_reply_to, 0);
        if !self.tags.is_empty() {
            comma(&mut out);
            out.push_str("\"tags\":");
            let tags = self.tags.iter().map(
                |Tag { key, val }| serde_json::json!({ "key": key.as_str(), "val": val.as_str() }),
            );
            let _ = write!(out, "{}", Value::Array(tags.collect()));
        }
        out.push('}');
        Bytes::from(out)
    }

    /// Reads a header.
    ///
    /// # Errors
    /// It is no JSON object, a member has the wrong type or is out of range, or it has the Cap'n
    /// Proto form.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        // A Cap'n Proto segment table begins with a count, whose upper bytes are zero; JSON holds
        // no zero bytes.
        if bytes.get(..8).is_some_and(|start| start.contains(&0)) {
            return Err(Error::Unsupported("a header in Cap'n Proto form"));
        }
        Ok(Self::from_json(bytes)?)
    }

    fn from_json(bytes: &[u8]) -> Result<Self, Malformed> {
        let members = json::object("header", json::parse("header", bytes)?)?;
        let member = |key, context, default: u16, max| {
            json::unsigned(context, members.get(key), u64::from(default), max)
        };
        let short = u64::from(u16::MAX);
        let msg_type = member("msgType", "header.msgType", MsgType::DATA.0, short)?;
        let body_codec = member("bodyCodec", "header.bodyCodec", CodecId::JSON.0, short)?;
        Ok(Self {
            channel_id: member("channelId", "header.channelId", 0, u64::from(u32::MAX))? as u32,
            msg_type: MsgType(msg_type as u16),
            body_codec: CodecId(body_codec as u16),
            schema_key: members.get("schemaKey").map_or(Ok(SchemaKey::default()), schema_key)?,
            msg_id: member("msgId", "header.msgId", 0, u64::MAX)?,
            in_reply_to: member("inReplyTo", "header.inReplyTo", 0, u64::MAX)?,
            tags: members.get("tags").map_or(Ok(Vec::new()), tags)?,
        })
    }
}

fn comma(out: &mut String) {
    if !out.ends_with('{') {
        out.push(',');
    }
}

fn number(out: &mut String, key: &str, value: u64, default: u64) {
    if value != default {
        comma(out);
        let _ = write!(out, "\"{key}\":{value}");
    }
}

fn schema_key(value: &Value) -> Result<SchemaKey, Malformed> {
    let context = "header.schemaKey";
    let members = value.as_object().ok_or(Malformed::other(context, "not an object"))?;
    let member = |key, max| json::unsigned(context, members.get(key), 0, max);
    let (word, short) = (u64::from(u32::MAX), u64::from(u16::MAX));
    Ok(SchemaKey {
        ns_hash: member("nsHash", word)? as u32,
        kind_id: member("kindId", word)? as u32,
        major: member("major", short)? as u16,
        minor: member("minor", short)? as u16,
        hash128: members.get("hash128").map_or(Ok([0; 16]), hash128)?,
    })
}

/// 32 hexadecimal digits, or none at all.
fn hash128(value: &Value) -> Result<[u8; 16], Malformed> {
    let context = "header.schemaKey.hash128";
    let text = value.as_str().ok_or(Malformed::other(context, "not a text"))?.as_bytes();
    let mut hash = [0; 16];
    if text.is_empty() {
        return Ok(hash);
    }
    if text.len() != 32 {
        return Err(Malformed::new(context, Fault::Length(text.len() as i64)));
    }
    let digit = |digit: u8| char::from(digit).to_digit(16);
    for (byte, pair) in hash.iter_mut().zip(text.chunks_exact(2)) {
        let [high, low] = pair else { continue };
        *byte = match (digit(*high), digit(*low)) {
            (Some(high), Some(low)) => (high << 4 | low) as u8,
            _ => return Err(Malformed::other(context, "not hexadecimal")),
        };
    }
    Ok(hash)
}

fn tags(value: &Value) -> Result<Vec<Tag>, Malformed> {
    let context = "header.tags";
    let list = value.as_array().ok_or(Malformed::other(context, "not a list"))?;
    if list.len() > MAX_TAGS {
        let fault = Fault::Limit { size: list.len() as u64, limit: MAX_TAGS as u64 };
        return Err(Malformed::new(context, fault));
    }
    let text = |tag: &Value, key| tag.get(key).and_then(Value::as_str).map(Str::from);
    list.iter()
        .map(|tag| match (text(tag, "key"), text(tag, "val")) {
            (Some(key), Some(val)) => Ok(Tag { key, val }),
            _ => Err(Malformed::other(context, "a tag without key or val")),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_only_what_differs_from_the_default() {
        assert_eq!(Header::default().encode(), "{}");
        let header = Header { msg_id: 5, ..Header::default() };
        assert_eq!(header.encode(), r#"{"msgId":5}"#);
        let header = Header {
            channel_id: 1,
            msg_type: MsgType::HELLO,
            schema_key: SchemaKey { minor: 2, hash128: [0xAB; 16], ..SchemaKey::default() },
            tags: alloc::vec![Tag { key: "k".into(), val: "\"é".into() }],
            ..Header::default()
        };
        let text = header.encode();
        let expected = "{\"channelId\":1,\"msgType\":0,\"schemaKey\":{\"minor\":2,\"hash128\":\
                        \"abababababababababababababababab\"},\"tags\":[{\"key\":\"k\",\"val\":\"\\\"é\"}]}";
        assert_eq!(text, expected.as_bytes());
        assert_eq!(Header::decode(&text), Ok(header));
    }

    #[test]
    fn tells_the_form_of_the_draft_from_json() {
        let mut unpacked = [0u8; 56];
        unpacked[4] = 6;
        assert!(matches!(Header::decode(&unpacked), Err(Error::Unsupported(_))));
        assert!(matches!(Header::decode(b"not json"), Err(Error::Malformed(_))));
        assert!(matches!(Header::decode(b""), Err(Error::Malformed(_))));
    }
}
