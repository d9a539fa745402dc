//! Kafka's own message definitions: JSON with `//` comments.

use std::path::Path;

use gridwire_core::kafka::wire::Versions;
use serde_json::Value;

/// Reads a definition, if the release has it.
pub(crate) fn load(release: &Path, name: &str) -> Option<Value> {
    let text = std::fs::read_to_string(release.join(format!("{name}.json"))).ok()?;
    Some(serde_json::from_str(&without_comments(&text)).expect("a definition is JSON"))
}

fn without_comments(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let (mut quoted, mut escaped) = (false, false);
        let mut end = line.len();
        for (at, c) in line.char_indices() {
            match c {
                _ if escaped => escaped = false,
                '\\' if quoted => escaped = true,
                '"' => quoted = !quoted,
                '/' if !quoted && line[at..].starts_with("//") => {
                    end = at;
                    break;
                }
                _ => {}
            }
        }
        out.push_str(&line[..end]);
        out.push('\n');
    }
    out
}

/// A range in the grammar of the definitions.
pub(crate) fn versions(text: &str) -> Versions {
    if text == "none" {
        return Versions::NONE;
    }
    let number = |digits: &str| digits.parse::<i16>().expect("a version");
    match (text.strip_suffix('+'), text.split_once('-')) {
        (Some(min), _) => Versions::new(number(min), i16::MAX),
        (_, Some((min, max))) => Versions::new(number(min), number(max)),
        _ => Versions::new(number(text), number(text)),
    }
}

/// A range under a key; none if it is not there.
pub(crate) fn range(of: &Value, key: &str) -> Versions {
    of[key].as_str().map_or(Versions::NONE, versions)
}

/// `ThrottleTimeMs` to `throttle_time_ms`.
pub(crate) fn snake(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (at, c) in letters.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| letters[before]);
        let after = letters.get(at + 1);
        let starts = before.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            || before.is_some_and(|b| b.is_ascii_uppercase())
                && after.is_some_and(char::is_ascii_lowercase);
        if c.is_ascii_uppercase() && starts {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}
