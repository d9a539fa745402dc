//! The page's tables of keys, held against the schema: each key is there, none other is, and the
//! default that stands there is the default.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::Loader;
use super::near_caches::NEAR_CACHE;
use super::schema::CLIENT;
use super::walk::{Entry, Rule};
use crate::hazelcast::Config;

const PAGE: &str = include_str!("../../../../../docs/hazelcast.md");

/// All keys that set something, from the root, joined by dots.
fn keys(section: &'static [Entry], before: &str, into: &mut Vec<String>) {
    for entry in section {
        let key = format!("{before}{}", entry.key);
        match &entry.rule {
            Rule::Set(_) => into.push(key.replace("properties.", "")),
            Rule::Section(section) => keys(section, &format!("{key}."), into),
            Rule::Fixed(..) | Rule::Switched(_) | Rule::Refused(_) => {}
        }
    }
}

/// What stands between backticks in a cell.
fn code(cell: &str) -> Option<&str> {
    cell.trim().strip_prefix('`')?.strip_suffix('`')
}

/// The rows of the page's tables of keys: the key, the field, the default if it is a value.
fn rows() -> BTreeMap<&'static str, (&'static str, Option<&'static str>)> {
    let tables = PAGE.split("\n| ").filter(|row| row.starts_with('`'));
    let row = |row: &'static str| {
        let cells: Vec<_> = row.split(" | ").collect();
        let last = cells.last()?.split(" |").next()?;
        Some((code(cells.first()?)?, (code(cells.get(1)?)?, code(last))))
    };
    tables.filter_map(row).collect()
}

#[test]
fn every_key_stands_in_the_tables_and_no_other_does() {
    let mut known = Vec::new();
    keys(CLIENT, "", &mut known);
    assert!(known.len() > 35);
    let rows = rows();
    for key in &known {
        assert!(rows.contains_key(key.as_str()), "{key} is not in docs/hazelcast.md");
    }
    let mut of_near_caches = Vec::new();
    keys(NEAR_CACHE, "", &mut of_near_caches);
    for key in of_near_caches {
        assert!(PAGE.contains(&format!("`{key}`")), "{key} is not in docs/hazelcast.md");
    }
    for key in rows.keys() {
        assert!(
            known.iter().any(|known| known == key),
            "docs/hazelcast.md has {key}, the schema has not"
        );
    }
}

#[test]
fn the_fields_exist_and_the_defaults_are_those() {
    let default = format!("{:?}", Config::default());
    let mut checked = 0;
    for (key, (field, value)) in rows() {
        assert!(default.contains(&format!("{field}: ")), "{key}: there is no field {field}");
        let Some(value) = value else { continue };
        let key = key.replace('-', "");
        let path = match key.strip_prefix("hazelcast.") {
            Some(_) => format!("PROPERTIES_{}", key.replace('.', "_")),
            None => key.replace('.', "_"),
        };
        let name = format!("HZCLIENT_{}", path.to_uppercase());
        let config = Loader::new().env([(name, value.to_string())]).expect(&key).finish();
        assert_eq!(format!("{config:?}"), default, "{key} is {value} by default");
        checked += 1;
    }
    assert!(checked > 30, "{checked}");
}
