//! Whether an agent takes a message, and with which code it refuses one.

use crate::malformed::{Fault, Malformed};
use crate::xcp::error::Error;
use crate::xcp::header::{Header, SchemaKey};
use crate::xcp::json;
use crate::xcp::message::kinds::kind_fits;
use crate::xcp::message::{CodecId, Embedding, Ether, Kind, NackCode, Text, Tokens, kind_id};
use crate::xcp::server::Config;
use crate::xcp::session::Agreed;

/// The namespace of the standard kinds, hashed.
const STANDARD: &str = "xcp";

/// The Ether of a DATA message, `None` for a body that isn't looked into, or the code to refuse it.
pub(super) fn data(
    config: &Config,
    agreed: &Agreed,
    header: &Header,
    body: &[u8],
) -> Result<Option<Ether>, NackCode> {
    if !agreed.codecs.contains(&header.body_codec) {
        return Err(NackCode::CODEC_UNSUPPORTED);
    }
    let key = &header.schema_key;
    let ether = match header.body_codec {
        CodecId::JSON => json_body(config, body)?,
        // The reference as shipped writes JSON under this label. Protobuf itself isn't read yet.
        CodecId::PROTOBUF if body.first() == Some(&b'{') => json_body(config, body)?,
        CodecId::PROTOBUF => return Err(NackCode::CODEC_UNSUPPORTED),
        _ => None,
    };
    if !knows(config, key) {
        return Err(NackCode::SCHEMA_UNKNOWN);
    }
    let (kind, major) = match &ether {
        Some(ether) if !kind_fits(key.kind_id, &ether.kind) => return Err(NackCode::KIND_MISMATCH),
        Some(ether) => (ether.kind_id(), ether.schema_version),
        None => (key.kind_id, 1),
    };
    let major = if key.major == 0 { major } else { u32::from(key.major) };
    let covers = |major| config.terms.accepts.iter().any(|r| r.covers(kind, major, key.minor));
    let takes = config.terms.accepts.is_empty() || u16::try_from(major).is_ok_and(covers);
    if takes { Ok(ether) } else { Err(NackCode::KIND_MISMATCH) }
}

fn json_body(config: &Config, body: &[u8]) -> Result<Option<Ether>, NackCode> {
    match json::parse_lenient("body", body).map(Ether::from_json) {
        Ok(Ok(ether)) => Ok(Some(ether)),
        _ if !config.require_ether => Ok(None),
        Ok(Err(_)) => Err(NackCode::KIND_MISMATCH),
        Err(_) => Err(NackCode::CODEC_UNSUPPORTED),
    }
}

/// A key that names no more than a kind says nothing to look up.
fn knows(config: &Config, key: &SchemaKey) -> bool {
    let SchemaKey { ns_hash, kind_id: kind, major, hash128, .. } = *key;
    if ns_hash == 0 && major == 0 && hash128 == [0; 16] {
        return true;
    }
    let standard = (ns_hash == 0 || ns_hash == kind_id(STANDARD))
        && major <= 1
        && hash128 == [0; 16]
        && [Text::KIND, Tokens::KIND, Embedding::KIND, "image"].iter().any(|k| kind_fits(kind, k));
    // A higher minor version only adds.
    let same = |known: &SchemaKey| {
        (known.ns_hash, known.kind_id, known.major) == (ns_hash, kind, major)
            && (known.hash128 == hash128 || hash128 == [0; 16])
    };
    standard || config.schemas.iter().any(same)
}

/// The code for a message that its session would not take.
pub(super) const fn refusal(error: &Error) -> NackCode {
    match error {
        Error::Malformed(Malformed { fault: Fault::Limit { .. }, .. }) => {
            NackCode::MESSAGE_TOO_LARGE
        }
        Error::Malformed(_) => NackCode::CHECKSUM,
        _ => NackCode::CODEC_UNSUPPORTED,
    }
}
