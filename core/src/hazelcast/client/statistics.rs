//! What the client tells a member of itself, for the management center.
//!
//! Off unless configured. Every period one member is told, any of them: the cluster passes it on. What
//! is told is text; the part for metrics stays empty, which members take for "none". Nobody waits for
//! the answer.

use alloc::format;
use alloc::string::String;
use core::fmt::Write;

use super::config::SHORTEST;
use super::connections::CLIENT_TYPE;
use super::{Alarm, Client};
use crate::Str;
use crate::endpoint::ConnId;
use crate::hazelcast::message::client::Statistics;
use crate::hazelcast::wire::ByteArray;
use crate::time::Instant;

impl Client {
    /// The client is connected: begins to tell, unless it has begun before.
    pub(super) fn begin_statistics(&mut self, now: Instant) {
        if self.config.statistics.is_some() && !self.tells_statistics {
            self.tells_statistics = true;
            self.send_statistics(now);
        }
    }

    /// It is time to tell.
    pub(super) fn send_statistics(&mut self, now: Instant) {
        let Some(period) = self.config.statistics else { return };
        self.alarms.set(now + period.max(SHORTEST), Alarm::Statistics);
        if !self.context.is_connected {
            return;
        }
        let Some(conn) = self.context.rng.choose(&self.ready).copied() else { return };
        let Some(client_attributes) = self.attributes(now, conn) else { return };
        let timestamp = self.unix_millis();
        let metrics_blob = ByteArray::default();
        let request = Statistics { timestamp, client_attributes, metrics_blob };
        let id = self.pending.skip();
        self.send_own(now, conn, &request, id);
    }

    /// `key=value`, divided by commas, in the order of the official clients.
    fn attributes(&self, now: Instant, conn: ConnId) -> Option<Str> {
        let state = self.links.get(conn)?;
        let mut text = format!(
            "lastStatisticsCollectionTime={},enterprise=false,clientType={CLIENT_TYPE},clientVersion={}",
            self.unix_millis(),
            env!("CARGO_PKG_VERSION"),
        );
        let connected = state.connected_at.as_millis();
        let _ = write!(text, ",clusterConnectionTimestamp={connected}");
        if let Some(local) = state.local {
            let _ = write!(text, ",clientAddress={local}");
        }
        let _ = write!(text, ",clientName={}", escaped(&self.config.client_name));
        // The engine began at zero.
        let uptime = (now - Instant::ZERO).as_millis();
        let _ = write!(text, ",runtime.uptime={uptime}");
        for cache in self.codec.near_caches().all() {
            let all = cache.statistics();
            // Names have no slash of their own in front.
            let name = cache.name().strip_prefix('/').unwrap_or(cache.name());
            let name = escaped(name).replace('.', "\\.");
            let mut add = |metric: &str, value: u128| {
                let _ = write!(text, ",nc.{name}.{metric}={value}");
            };
            add("creationTime", all.creation_time.as_millis());
            add("evictions", all.evictions as u128);
            add("hits", all.hits as u128);
            add("misses", all.misses as u128);
            add("ownedEntryCount", all.owned_entry_count as u128);
            add("expirations", all.expirations as u128);
            add("invalidations", all.invalidations as u128);
            add("invalidationRequests", all.invalidation_requests as u128);
            add("ownedEntryMemoryCost", all.owned_entry_memory_cost as u128);
        }
        Some(text.into())
    }

    fn unix_millis(&self) -> i64 {
        i64::try_from(self.context.clock.unix().as_millis()).unwrap_or(i64::MAX)
    }
}

/// A value that has signs of the list's own.
fn escaped(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for sign in value.chars() {
        if matches!(sign, '\\' | ',' | '=') {
            escaped.push('\\');
        }
        escaped.push(sign);
    }
    escaped
}
