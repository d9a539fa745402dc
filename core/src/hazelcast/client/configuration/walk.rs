//! How a table of keys is held against a part of a configuration.

use alloc::string::String;
use alloc::vec::Vec;

use super::cursor::Cursor;
use super::draft::Draft;
use super::error::{ConfigError, Problem};

/// A key of a section.
pub(super) struct Entry {
    pub(super) key: &'static str,
    pub(super) rule: Rule,
}

/// What a key may be.
pub(super) enum Rule {
    /// A value, which sets something.
    Set(fn(&mut Draft, &Cursor<'_>) -> Result<(), ConfigError>),
    /// More keys.
    Section(&'static [Entry]),
    /// Something that this client does in one way: that value may stand there.
    Fixed(&'static str, &'static str),
    /// A feature that this client lacks. It may stand there switched off.
    Switched(&'static str),
    /// A feature that this client lacks. It may stand there empty.
    Refused(&'static str),
}

pub(super) const fn entry(key: &'static str, rule: Rule) -> Entry {
    Entry { key, rule }
}

/// Refuses all other keys of a section that is read as a whole.
pub(super) fn only(at: &Cursor<'_>, keys: &[&'static str]) -> Result<(), ConfigError> {
    for (said, node) in at.entries()? {
        if !keys.iter().any(|key| at.is(key, said)) {
            let nearest = nearest(said, keys.iter().copied(), at.loose);
            return Err(at.child(said, node).error(Problem::UnknownKey { nearest }));
        }
    }
    Ok(())
}

/// Does what a section says.
pub(super) fn walk(
    section: &'static [Entry],
    draft: &mut Draft,
    at: &Cursor<'_>,
) -> Result<(), ConfigError> {
    for (said, node) in at.entries()? {
        let Some(entry) = section.iter().find(|entry| at.is(entry.key, said)) else {
            let nearest = nearest(said, section.iter().map(|entry| entry.key), at.loose);
            return Err(at.child(said, node).error(Problem::UnknownKey { nearest }));
        };
        let at = at.child(entry.key, node);
        let refuse = |why| Err(at.error(Problem::NotSupported(why)));
        match &entry.rule {
            Rule::Set(set) => set(draft, &at)?,
            Rule::Section(keys) => walk(keys, draft, &at)?,
            Rule::Fixed(only, why) => {
                if !at.text()?.eq_ignore_ascii_case(only) {
                    return refuse(why);
                }
            }
            Rule::Switched(why) => match at.get("enabled") {
                Some(enabled) if enabled.switch()? => return refuse(why),
                Some(_) => {}
                None => drop(at.entries()?),
            },
            Rule::Refused(why) if !node.is_empty() => return refuse(why),
            Rule::Refused(_) => {}
        }
    }
    Ok(())
}

/// The key that is the fewest letters away, if that is at most a third of it.
fn nearest(
    said: &str,
    keys: impl Iterator<Item = &'static str>,
    loose: bool,
) -> Option<&'static str> {
    if said.len() > 80 {
        return None;
    }
    let plain = |key: &str| if loose { key.replace('-', "") } else { String::from(key) };
    keys.map(|key| (distance(said, &plain(key)), key))
        .filter(|(distance, key)| *distance <= key.len() / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, key)| key)
}

/// How many letters are to be put in, left out or changed.
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut left = i + 1;
        let mut before = i;
        for (above, b) in row.iter_mut().skip(1).zip(to.chars()) {
            let change = before + usize::from(a != b);
            before = *above;
            *above = change.min(left + 1).min(before + 1);
            left = *above;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::super::near_caches::NEAR_CACHE;
    use super::super::schema::CLIENT;
    use super::{Entry, Rule, distance, nearest};

    #[test]
    fn keys_are_suggested_by_the_letters_that_differ() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        let keys = || CLIENT.iter().map(|entry| entry.key);
        assert_eq!(nearest("cluster-nmae", keys(), false), Some("cluster-name"));
        assert_eq!(nearest("clustername", keys(), false), Some("cluster-name"));
        assert_eq!(nearest("something-else", keys(), false), None);
    }

    /// The table in the module's docs is what users read: it names every key that sets something.
    #[test]
    fn the_documentation_names_every_key() {
        fn check(section: &[Entry], docs: &str) {
            for entry in section {
                match &entry.rule {
                    Rule::Set(_) => {
                        assert!(docs.contains(entry.key), "{} isn't documented", entry.key);
                    }
                    Rule::Section(keys) => check(keys, docs),
                    Rule::Fixed(..) | Rule::Switched(_) | Rule::Refused(_) => {}
                }
            }
        }
        check(CLIENT, include_str!("mod.rs"));
        check(NEAR_CACHE, include_str!("mod.rs"));
    }
}
