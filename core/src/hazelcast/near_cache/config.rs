//! [`NearCacheConfig`]: what a near cache may be told, by the names and with the defaults of the official
//! clients.

use core::time::Duration;

use super::TICK;
use crate::Str;

/// The configuration of the near caches of some maps.
///
/// Its preloader is left out, and so is the local update policy: official clients allow none but
/// `INVALIDATE` for maps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearCacheConfig {
    /// The maps that it is for: a name, or a pattern with one `*` in place of any text. `default` is
    /// for those that no other name fits.
    pub name: Str,
    /// In which form values are kept; serialized.
    pub in_memory_format: InMemoryFormat,
    /// Find records by serialized keys; false. Otherwise keys are kept as they are, and a hit
    /// serializes nothing.
    pub serialize_keys: bool,
    /// Have members tell what others change; true. Otherwise only what the client itself changes is
    /// forgotten, and what expires.
    pub invalidate_on_change: bool,
    /// How long a record is kept, to a tenth of a second; zero: for ever.
    pub time_to_live: Duration,
    /// How long a record is kept that nobody asks for, to a tenth of a second; zero: for ever.
    pub max_idle: Duration,
    /// What is forgotten when there are too many records.
    pub eviction: Eviction,
}

impl NearCacheConfig {
    /// The defaults for maps of this name, or that this pattern fits.
    pub fn new(name: impl Into<Str>) -> Self {
        Self {
            name: name.into(),
            in_memory_format: InMemoryFormat::Binary,
            serialize_keys: false,
            invalidate_on_change: true,
            time_to_live: Duration::ZERO,
            max_idle: Duration::ZERO,
            eviction: Eviction::default(),
        }
    }

    /// Whether time alone may end a record.
    pub(crate) fn expires(&self) -> bool {
        !(self.time_to_live.is_zero() && self.max_idle.is_zero())
    }

    /// Text before and after the `*`; no `*` is no pattern.
    fn pattern(&self) -> Option<(&str, &str)> {
        self.name.split_once('*')
    }
}

/// In which form values are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InMemoryFormat {
    /// Serialized: each hit reads the value anew.
    #[default]
    Binary,
    /// As they are: each hit clones the value.
    Object,
}

/// What is forgotten when there are too many records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Eviction {
    /// Records that are kept at most, and at least one; 10,000.
    pub size: usize,
    /// Which of them goes; the one that was not used for longest.
    pub policy: EvictionPolicy,
}

impl Default for Eviction {
    fn default() -> Self {
        Self { size: 10_000, policy: EvictionPolicy::Lru }
    }
}

/// Which record goes when there are too many. It is chosen among 16 of them at random, or among all if
/// there are no more; one that has expired always goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EvictionPolicy {
    /// The one that was not used for longest.
    #[default]
    Lru,
    /// The one that was used least often.
    Lfu,
    /// Any.
    Random,
    /// None: nothing new is kept then.
    None,
}

/// The configuration for a map: of the same name, else of the pattern that says most of it, else
/// `default`.
pub(super) fn of_map(configs: &[NearCacheConfig], map: &str) -> Option<NearCacheConfig> {
    // What follows an `@` says where the structure lives.
    let name = map.split_once('@').map_or(map, |(name, _)| name);
    let fit = |config: &NearCacheConfig| {
        let (before, after) = config.pattern()?;
        let fits = name.strip_prefix(before).is_some_and(|rest| rest.ends_with(after));
        fits.then_some(before.len() + after.len())
    };
    let named = |wanted: &str| configs.iter().rev().find(|config| config.name.as_str() == wanted);
    let fitting = || configs.iter().filter_map(|config| Some((fit(config)?, config)));
    let best = || fitting().max_by_key(|(length, _)| *length).map(|(_, config)| config);
    named(name).or_else(best).or_else(|| named("default")).cloned()
}

/// Whole ticks that are not shorter; none for no time at all.
pub(super) fn ticks(time: Duration) -> Option<u32> {
    let ticks = time.as_millis().div_ceil(TICK.as_millis());
    (ticks > 0).then(|| u32::try_from(ticks).unwrap_or(u32::MAX))
}
