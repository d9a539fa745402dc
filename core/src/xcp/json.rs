//! JSON as this protocol's peers write it: a bound on nesting, and numbers that JSON doesn't have.
//!
//! The Python reference sends and takes `NaN`, `Infinity` and numbers beyond a double. Where a body
//! allows them they are read as the texts `"NaN"`, `"Infinity"` and `"-Infinity"`, which is how
//! Protobuf's own JSON writes them; they are never sent bare.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Map, Value};

use crate::malformed::{Fault, Malformed};

/// How deep objects and lists may stand in each other.
pub const MAX_NESTING: u32 = 64;

pub(crate) type Object = Map<String, Value>;

/// Reads one value, and nothing behind it.
pub(crate) fn parse(context: &'static str, bytes: &[u8]) -> Result<Value, Malformed> {
    check_nesting(context, bytes)?;
    serde_json::from_slice(bytes).map_err(|_| Malformed::other(context, "no valid JSON"))
}

/// Reads one value that may hold numbers which JSON doesn't have.
pub(crate) fn parse_lenient(context: &'static str, bytes: &[u8]) -> Result<Value, Malformed> {
    let strict = parse(context, bytes);
    if let Err(Malformed { fault: Fault::Other(_), .. }) = strict
        && let Cow::Owned(rewritten) = quote_odd_numbers(bytes)
    {
        return parse(context, &rewritten);
    }
    strict
}

/// An object out of a value.
pub(crate) fn object(context: &'static str, value: Value) -> Result<Object, Malformed> {
    match value {
        Value::Object(object) => Ok(object),
        Value::Null => Err(Malformed::new(context, Fault::Null)),
        _ => Err(Malformed::other(context, "not an object")),
    }
}

/// An unsigned integer of at most `max`; `default` if the member is absent.
pub(crate) fn unsigned(
    context: &'static str,
    member: Option<&Value>,
    default: u64,
    max: u64,
) -> Result<u64, Malformed> {
    let Some(value) = member else { return Ok(default) };
    let number =
        value.as_u64().ok_or_else(|| Malformed::other(context, "not an unsigned integer"))?;
    if number > max {
        return Err(Malformed::new(context, Fault::Limit { size: number, limit: max }));
    }
    Ok(number)
}

fn check_nesting(context: &'static str, bytes: &[u8]) -> Result<(), Malformed> {
    let (mut depth, mut in_text, mut escaped) = (0u32, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => {
                depth += 1;
                if depth > MAX_NESTING {
                    return Err(Malformed::new(context, Fault::Nesting(MAX_NESTING)));
                }
            }
            b'}' | b']' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

/// Puts quotes around the numbers that JSON doesn't have, outside texts.
fn quote_odd_numbers(bytes: &[u8]) -> Cow<'_, [u8]> {
    let mut out = Vec::new();
    let (mut kept, mut at, mut in_text) = (0, 0, false);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' if in_text => at += 1,
            b'"' => in_text = !in_text,
            b'-' | b'0'..=b'9' | b'N' | b'I' if !in_text => {
                let rest = bytes.get(at..).unwrap_or_default();
                let length = rest
                    .iter()
                    .position(|byte| !matches!(byte, b'+' | b'-' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z'))
                    .unwrap_or(rest.len());
                if let Some(name) = odd_number(rest.get(..length).unwrap_or_default()) {
                    out.extend_from_slice(bytes.get(kept..at).unwrap_or_default());
                    out.push(b'"');
                    out.extend_from_slice(name.as_bytes());
                    out.push(b'"');
                    kept = at + length;
                }
                at += length.max(1);
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    if kept == 0 {
        return Cow::Borrowed(bytes);
    }
    out.extend_from_slice(bytes.get(kept..).unwrap_or_default());
    Cow::Owned(out)
}

fn odd_number(token: &[u8]) -> Option<&'static str> {
    match token {
        b"NaN" => Some("NaN"),
        b"Infinity" => Some("Infinity"),
        b"-Infinity" => Some("-Infinity"),
        [b'-' | b'0'..=b'9', ..] => {
            let number: f64 = core::str::from_utf8(token).ok()?.parse().ok()?;
            match number {
                f64::INFINITY => Some("Infinity"),
                f64::NEG_INFINITY => Some("-Infinity"),
                _ => None,
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use serde_json::json;

    use super::*;

    #[test]
    fn nesting_is_bounded_and_brackets_in_texts_do_not_count() {
        let deep = |n: usize| [vec![b'['; n], vec![b']'; n]].concat();
        assert!(parse("body", &deep(64)).is_ok());
        let fault = Fault::Nesting(64);
        assert_eq!(parse("body", &deep(65)), Err(Malformed::new("body", fault)));
        assert_eq!(parse("body", &deep(1 << 20)).unwrap_err().fault, fault);
        let text = [b"\"\\\"".to_vec(), vec![b'['; 100], b"\"".to_vec()].concat();
        assert!(parse("body", &text).is_ok());
    }

    #[test]
    fn numbers_that_json_lacks_become_texts_only_where_allowed() {
        let body = br#"{"NaN":"a NaN, Infinity","v":[NaN,-Infinity,1e400,-1e999,1.5,Infinity]}"#;
        assert!(parse("body", body).is_err());
        let expected = json!({
            "NaN": "a NaN, Infinity",
            "v": ["NaN", "-Infinity", "Infinity", "-Infinity", 1.5, "Infinity"],
        });
        assert_eq!(parse_lenient("body", body), Ok(expected));
        for wrong in ["", "nan", "[NaN", "Nan", "{\"a\":}", "1 2", "\u{feff}{}"] {
            assert!(parse_lenient("body", wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
