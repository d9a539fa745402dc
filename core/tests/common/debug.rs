//! Reads what derived `Debug` prints back into values, so that a message of any type can be compared
//! with JSON.

use serde_json::{Map, Value};

/// A printed message as JSON. Bytes become `{"bytes": length, "base64": text}`, codes and ids what is
/// in brackets, what must not be shown the word `secret`.
pub(crate) fn parse(text: &str) -> Value {
    let mut parser = Parser { left: text };
    let value = parser.value();
    assert!(parser.left.is_empty(), "unread: {}", parser.left);
    value
}

struct Parser<'a> {
    left: &'a str,
}

impl<'a> Parser<'a> {
    fn take(&mut self, token: &str) -> bool {
        match self.left.strip_prefix(token) {
            Some(left) => {
                self.left = left.trim_start();
                true
            }
            None => false,
        }
    }

    fn until(&mut self, end: impl Fn(char) -> bool) -> &'a str {
        let (word, left) = self.left.split_at(self.left.find(end).unwrap_or(self.left.len()));
        self.left = left.trim_start();
        word
    }

    fn value(&mut self) -> Value {
        if self.take("[") {
            let mut items = Vec::new();
            while !self.take("]") {
                items.push(self.value());
                self.take(",");
            }
            return items.into();
        }
        if self.left.starts_with('{') {
            return self.fields();
        }
        if let Some(left) = self.left.strip_prefix("b\"") {
            self.left = left;
            let bytes: Vec<u8> = self.quoted().chars().map(|c| c as u8).collect();
            let mut map = Map::new();
            map.insert("bytes".into(), bytes.len().into());
            map.insert("base64".into(), base64(&bytes).into());
            return map.into();
        }
        if let Some(left) = self.left.strip_prefix('"') {
            self.left = left;
            return self.quoted().into();
        }
        let word = self.until(|c| !c.is_alphanumeric() && !matches!(c, '-' | '_' | '.'));
        match word {
            "None" => Value::Null,
            "secret" => word.into(),
            "true" => true.into(),
            "false" => false.into(),
            "Uuid" => self.inside().into(),
            "ErrorCode" => {
                let code = self.inside().split(' ').next().unwrap_or_default();
                code.parse::<i64>().expect("a code").into()
            }
            "Some" | "Tags" => {
                assert!(self.take("("));
                let value = self.value();
                assert!(self.take(")"));
                value
            }
            _ if self.left.starts_with('{') => self.fields(),
            number => match number.parse::<i64>() {
                Ok(number) => number.into(),
                Err(_) => number.parse::<f64>().expect(number).into(),
            },
        }
    }

    /// What is in brackets.
    fn inside(&mut self) -> &'a str {
        assert!(self.take("("));
        let inside = self.until(|c| c == ')');
        assert!(self.take(")"));
        inside
    }

    /// `{ name: value, .. }`
    fn fields(&mut self) -> Value {
        assert!(self.take("{"));
        let mut map = Map::new();
        while !self.take("}") {
            let name = self.until(|c| c == ':');
            assert!(self.take(":"));
            map.insert(name.into(), self.value());
            self.take(",");
        }
        map.into()
    }

    /// The rest of a string literal. An escaped byte counts as one character.
    fn quoted(&mut self) -> String {
        let mut out = String::new();
        let mut chars = self.left.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.left = self.left[at + 1..].trim_start();
                    return out;
                }
                '\\' => out.push(match chars.next().expect("an escape").1 {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    '0' => '\0',
                    'x' => {
                        let hex = &self.left[at + 2..at + 4];
                        chars.nth(1);
                        char::from(u8::from_str_radix(hex, 16).expect("two digits"))
                    }
                    'u' => {
                        let from = at + 3;
                        let len = self.left[from..].find('}').expect("an end");
                        chars.nth(len + 1);
                        let code = u32::from_str_radix(&self.left[from..from + len], 16);
                        char::from_u32(code.expect("hex")).expect("a character")
                    }
                    other => other,
                }),
                other => out.push(other),
            }
        }
        panic!("a string without an end");
    }
}

/// The padded base64 of some bytes.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let bits =
            (0..3).fold(0, |bits, at| bits << 8 | chunk.get(at).map_or(0, |b| usize::from(*b)));
        for digit in 0..4 {
            let present = digit <= chunk.len();
            out.push(if present { DIGITS[bits >> (18 - 6 * digit) & 63] as char } else { '=' });
        }
    }
    out
}
