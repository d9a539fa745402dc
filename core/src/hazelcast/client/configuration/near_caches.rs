//! The section `near-cache`: a part for each map, or pattern of maps.

use core::time::Duration;

use super::cursor::Cursor;
use super::draft::Draft;
use super::error::{ConfigError, Problem};
use super::walk::Rule::{Fixed, Refused, Section, Set, Switched};
use super::walk::{Entry, entry, walk};
use crate::hazelcast::near_cache::{EvictionPolicy, InMemoryFormat, NearCacheConfig};

pub(super) const NEAR_CACHE: &[Entry] = &[
    entry(
        "in-memory-format",
        Set(|draft, at| {
            const FORMATS: &[(&str, Option<InMemoryFormat>)] = &[
                ("BINARY", Some(InMemoryFormat::Binary)),
                ("OBJECT", Some(InMemoryFormat::Object)),
                ("NATIVE", None),
            ];
            let native = "there is no memory besides the process's own";
            let format = at.choice(FORMATS, "BINARY or OBJECT")?;
            let format = format.ok_or_else(|| at.error(Problem::NotSupported(native)))?;
            set(draft, |it| it.in_memory_format = format);
            Ok(())
        }),
    ),
    entry(
        "serialize-keys",
        Set(|draft, at| at.switch().map(|on| set(draft, |it| it.serialize_keys = on))),
    ),
    entry(
        "invalidate-on-change",
        Set(|draft, at| at.switch().map(|on| set(draft, |it| it.invalidate_on_change = on))),
    ),
    entry(
        "time-to-live-seconds",
        Set(|draft, at| time(at).map(|time| set(draft, |it| it.time_to_live = time))),
    ),
    entry(
        "max-idle-seconds",
        Set(|draft, at| time(at).map(|time| set(draft, |it| it.max_idle = time))),
    ),
    entry("eviction", Section(EVICTION)),
    entry("cache-local-entries", Fixed("false", "clients have no entries of their own")),
    entry(
        "local-update-policy",
        Fixed(
            "INVALIDATE",
            "what the client changes is forgotten, as official clients do for maps",
        ),
    ),
    entry("preloader", Switched("no files are written")),
];

const EVICTION: &[Entry] = &[
    entry("size", Set(|draft, at| at.count().map(|size| set(draft, |it| it.eviction.size = size)))),
    entry("max-size-policy", Fixed("ENTRY_COUNT", "the size is a number of entries")),
    entry(
        "eviction-policy",
        Set(|draft, at| {
            const POLICIES: &[(&str, EvictionPolicy)] = &[
                ("LRU", EvictionPolicy::Lru),
                ("LFU", EvictionPolicy::Lfu),
                ("RANDOM", EvictionPolicy::Random),
                ("NONE", EvictionPolicy::None),
            ];
            let policy = at.choice(POLICIES, "LRU, LFU, RANDOM or NONE")?;
            set(draft, |it| it.eviction.policy = policy);
            Ok(())
        }),
    ),
    entry("comparator-class-name", Refused("it is a class of Java's")),
];

/// The shortest interval that the official client allows.
const SHORTEST: i32 = 30;

pub(super) fn read(draft: &mut Draft, at: &Cursor<'_>) -> Result<(), ConfigError> {
    for (name, node) in at.entries()? {
        let configs = &mut draft.config.near_caches;
        let known = configs.iter().position(|config| config.name.as_str() == name);
        draft.near_cache = known.unwrap_or_else(|| {
            configs.push(NearCacheConfig::new(name.as_str()));
            configs.len() - 1
        });
        walk(NEAR_CACHE, draft, &at.child(name, node))?;
    }
    Ok(())
}

pub(super) fn reconciliation_interval(
    draft: &mut Draft,
    at: &Cursor<'_>,
) -> Result<(), ConfigError> {
    let what = "seconds from 30, or 0 for never";
    let interval = match at.integer(0, what)? {
        0 => None,
        1..SHORTEST => return Err(at.expected(what)),
        seconds => Some(Duration::from_secs(u64::from(seconds.unsigned_abs()))),
    };
    draft.config.invalidation_reconciliation_interval = interval;
    Ok(())
}

fn set(draft: &mut Draft, set: impl FnOnce(&mut NearCacheConfig)) {
    if let Some(config) = draft.config.near_caches.get_mut(draft.near_cache) {
        set(config);
    }
}

fn time(at: &Cursor<'_>) -> Result<Duration, ConfigError> {
    let seconds = at.integer(0, "seconds, or 0 for ever")?;
    Ok(Duration::from_secs(u64::from(seconds.unsigned_abs())))
}
