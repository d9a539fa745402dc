//! YAML as a configuration.
//!
//! The parser is that of `yaml-rust2`: it is maintained, free of unsafe code, knows YAML 1.2 whole, and
//! gives events with their lines, so that no tree is built but ours. Aliases, tags and second documents
//! are refused: the official schema has no use for them, and aliases can grow without bound.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use yaml_rust2::Event;
use yaml_rust2::parser::Parser;
use yaml_rust2::scanner::{Marker, TScalarStyle};
use zeroize::Zeroizing;

use super::error::{ConfigError, Place, Problem};
use super::tree::{MAX_DEPTH, Node, Value};

/// The longest text that is read.
const MAX_TEXT: usize = 1 << 20;

/// The most keys of a section. Each is looked for among the others.
const MAX_KEYS: usize = 4096;

/// A section or a list that has begun.
enum Open {
    List(Vec<Node>),
    /// With the key that has no value yet, and where it stands.
    Map(Vec<(String, Node)>, Option<(String, Place)>),
}

/// Reads a text, which must be one document.
pub(super) fn read(text: &str) -> Result<Node, ConfigError> {
    let wrong = |line: usize, problem| ConfigError {
        place: Place::Line { file: None, line: line.max(1) },
        key: String::new(),
        problem,
    };
    let syntax = |line, what: &str| wrong(line, Problem::Syntax(what.into()));
    if text.len() > MAX_TEXT {
        return Err(syntax(1, "longer than 1 MiB"));
    }
    let mut parser = Parser::new_from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
    let mut open: Vec<(Place, Open)> = Vec::new();
    let mut root: Option<Node> = None;
    loop {
        let (event, mark) = parser
            .next_token()
            .map_err(|error| wrong(error.marker().line(), Problem::Syntax(error.info().into())))?;
        let place = Place::Line { file: None, line: mark.line().max(1) };
        let node = match event {
            Event::StreamEnd => break,
            Event::Nothing | Event::StreamStart | Event::DocumentEnd => continue,
            Event::DocumentStart if root.is_some() => {
                return Err(syntax(mark.line(), "a second document"));
            }
            Event::DocumentStart => continue,
            Event::Alias(_) => return Err(syntax(mark.line(), "aliases are not supported")),
            Event::Scalar(_, _, _, Some(_))
            | Event::SequenceStart(_, Some(_))
            | Event::MappingStart(_, Some(_)) => {
                return Err(syntax(mark.line(), "tags are not supported"));
            }
            Event::SequenceStart(..) | Event::MappingStart(..) if open.len() >= MAX_DEPTH => {
                return Err(syntax(mark.line(), "nested too deep"));
            }
            Event::SequenceStart(..) => {
                open.push((place, Open::List(Vec::new())));
                continue;
            }
            Event::MappingStart(..) => {
                open.push((place, Open::Map(Vec::new(), None)));
                continue;
            }
            Event::Scalar(text, style, ..) => {
                if let Some((_, Open::Map(entries, key @ None))) = open.last_mut() {
                    if entries.iter().any(|(known, _)| *known == text) {
                        let key = path(&open, &text);
                        return Err(ConfigError { key, ..wrong(mark.line(), Problem::Twice) });
                    }
                    if entries.len() >= MAX_KEYS {
                        return Err(syntax(mark.line(), "a section of more than 4,096 keys"));
                    }
                    *key = Some((text, place));
                    continue;
                }
                Node::new(place, scalar(text, style))
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some((place, Open::List(items))) => Node::new(place, Value::List(items)),
                Some((place, Open::Map(entries, _))) => Node::new(place, Value::Map(entries)),
                None => continue,
            },
        };
        match open.last_mut() {
            None => root = Some(node),
            Some((_, Open::List(items))) => items.push(node),
            Some((_, Open::Map(entries, key))) => match key.take() {
                // What is wrong with a section is best looked for at its key.
                Some((key, place)) => entries.push((key, Node::new(place, node.value))),
                None => return Err(key_expected(&mark)),
            },
        }
    }
    Ok(root.unwrap_or_else(|| Node::new(Place::Line { file: None, line: 1 }, Value::Null)))
}

fn key_expected(mark: &Marker) -> ConfigError {
    let problem = Problem::Syntax("a list or a section as a key".to_string());
    ConfigError {
        place: Place::Line { file: None, line: mark.line() },
        key: String::new(),
        problem,
    }
}

fn scalar(text: String, style: TScalarStyle) -> Value {
    let text = Zeroizing::new(text);
    match (style, text.as_str()) {
        (TScalarStyle::Plain, "" | "~" | "null" | "Null" | "NULL") => Value::Null,
        _ => Value::Scalar(text),
    }
}

/// The way to a key of the innermost section.
fn path(open: &[(Place, Open)], key: &str) -> String {
    let mut path = String::new();
    for (_, section) in open {
        match section {
            Open::Map(_, Some((key, _))) => path.extend([key.as_str(), "."]),
            Open::Map(_, None) => {}
            Open::List(items) => path.extend(["[", &items.len().to_string(), "]."]),
        }
    }
    path + key
}
