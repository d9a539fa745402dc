//! The standard kinds of Ether, as types: text, tokens, embedding.
//!
//! [`Kind`] turns them to an [`Ether`] and back; applications may implement it for kinds of theirs.

use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Map, Value};

use crate::malformed::Malformed;
use crate::text::Str;
use crate::xcp::error::Error;
use crate::xcp::message::ether::Ether;

/// FNV-1a, 32 bits, of a kind's UTF-8: how schema keys and capabilities name kinds.
pub fn kind_id(kind: &str) -> u32 {
    kind.bytes().fold(0x811C_9DC5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// Constants that the Python reference has for the standard kinds; no hash of anything.
const ALIASES: [(u32, &str); 4] = [
    (0x6EA7_E21B, "text"),
    (0x8B4E_3A2C, "tokens"),
    (0x9C5F_4B3D, "embedding"),
    (0xAD6F_5C4E, "image"),
];

/// Whether a schema key's or capability's kind is this one; 0 is unstated and fits all.
pub fn kind_fits(id: u32, kind: &str) -> bool {
    id == 0 || id == kind_id(kind) || ALIASES.contains(&(id, kind))
}

/// A typed payload.
pub trait Kind: Sized {
    /// The kind's name.
    const KIND: &'static str;

    /// The payload's members.
    ///
    /// # Errors
    /// A value that JSON can't carry.
    fn to_payload(&self) -> Result<Map<String, Value>, Error>;

    /// Reads the payload.
    ///
    /// # Errors
    /// A member is missing or of another type.
    fn from_payload(payload: &Map<String, Value>) -> Result<Self, Malformed>;

    /// The value as an Ether of version 1.
    fn to_ether(&self) -> Result<Ether, Error> {
        Ok(Ether::new(Self::KIND, self.to_payload()?))
    }

    /// Reads an Ether of this kind.
    fn from_ether(ether: &Ether) -> Result<Self, Malformed> {
        if ether.kind != *Self::KIND {
            return Err(Malformed::other("ether.kind", "another kind"));
        }
        Self::from_payload(&ether.payload)
    }
}

/// Plain text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text {
    /// The text.
    pub text: Str,
}

impl Kind for Text {
    const KIND: &'static str = "text";

    fn to_payload(&self) -> Result<Map<String, Value>, Error> {
        Ok(Map::from_iter([("text".into(), self.text.as_str().into())]))
    }

    fn from_payload(payload: &Map<String, Value>) -> Result<Self, Malformed> {
        let text = payload.get("text").and_then(Value::as_str);
        Ok(Self { text: text.ok_or(Malformed::other("text.text", "no text"))?.into() })
    }
}

/// Ids of tokens.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tokens {
    /// The ids.
    pub token_ids: Vec<u64>,
    /// Which of them count.
    pub mask: Option<Vec<bool>>,
}

impl Kind for Tokens {
    const KIND: &'static str = "tokens";

    fn to_payload(&self) -> Result<Map<String, Value>, Error> {
        let mut payload = Map::from_iter([("token_ids".into(), self.token_ids.clone().into())]);
        if let Some(mask) = &self.mask {
            payload.insert("mask".into(), mask.clone().into());
        }
        Ok(payload)
    }

    fn from_payload(payload: &Map<String, Value>) -> Result<Self, Malformed> {
        let token_ids = elements("tokens.token_ids", payload.get("token_ids"), Value::as_u64)?;
        let mask = payload.get("mask").filter(|mask| !mask.is_null());
        // The reference's masks are of truths or of ones and zeros.
        let flag = |value: &Value| value.as_bool().or(value.as_u64().map(|number| number != 0));
        let mask = mask.map(|mask| elements("tokens.mask", Some(mask), flag)).transpose()?;
        Ok(Self { token_ids, mask })
    }
}

/// A vector.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Embedding {
    /// Its values, `dim` of them.
    pub values: Vec<f64>,
}

impl Kind for Embedding {
    const KIND: &'static str = "embedding";

    fn to_payload(&self) -> Result<Map<String, Value>, Error> {
        if !self.values.iter().all(|value| value.is_finite()) {
            return Err(Error::Misuse("JSON holds no NaN and no infinity"));
        }
        let dim = self.values.len() as u64;
        Ok(Map::from_iter([
            ("values".into(), self.values.clone().into()),
            ("dim".into(), dim.into()),
        ]))
    }

    fn from_payload(payload: &Map<String, Value>) -> Result<Self, Malformed> {
        let values = elements("embedding.values", payload.get("values"), double)?;
        match payload.get("dim") {
            Some(dim) if dim.as_u64() != Some(values.len() as u64) => {
                Err(Malformed::other("embedding.dim", "not the number of values"))
            }
            _ => Ok(Self { values }),
        }
    }
}

fn double(value: &Value) -> Option<f64> {
    match value {
        Value::String(text) => match text.as_str() {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            _ => None,
        },
        value => value.as_f64(),
    }
}

fn elements<T>(
    context: &'static str,
    list: Option<&Value>,
    read: impl Fn(&Value) -> Option<T>,
) -> Result<Vec<T>, Malformed> {
    let wrong = Malformed::other(context, "not a list of the right elements");
    let list = list.and_then(Value::as_array).ok_or(wrong)?;
    list.iter().map(|value| read(value).ok_or(wrong)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_values_survive_their_ether() {
        let text = Text { text: "Grüße".into() };
        let ether = Ether::decode(&text.to_ether().unwrap().encode()).unwrap();
        assert_eq!(Text::from_ether(&ether), Ok(text));
        let tokens = Tokens { token_ids: alloc::vec![1, u64::MAX], mask: None };
        let ether = Ether::decode(&tokens.to_ether().unwrap().encode()).unwrap();
        assert_eq!(Tokens::from_ether(&ether), Ok(tokens));
        assert!(Text::from_ether(&ether).is_err());
        let values = alloc::vec![0.1, -0.0, 3.4028235e38, 1e-7, f64::MIN_POSITIVE];
        let embedding = Embedding { values };
        let ether = Ether::decode(&embedding.to_ether().unwrap().encode()).unwrap();
        assert_eq!(Embedding::from_ether(&ether), Ok(embedding));
        assert!(Embedding { values: alloc::vec![f64::NAN] }.to_ether().is_err());
    }

    #[test]
    fn what_json_lacks_is_read_into_a_vector() {
        let body = br#"{"kind":"embedding","schema_version":1,"payload":{"values":[NaN,-1e400]}}"#;
        let values = Embedding::from_ether(&Ether::decode(body).unwrap()).unwrap().values;
        assert!(values[0].is_nan() && values[1] == f64::NEG_INFINITY);
    }

    #[test]
    fn kinds_go_by_hash_alias_or_nothing() {
        assert!(kind_fits(0, "anything") && kind_fits(0xBDE6_4E3E, "text"));
        assert!(kind_fits(0x6EA7_E21B, "text") && !kind_fits(0x6EA7_E21B, "tokens"));
    }
}
