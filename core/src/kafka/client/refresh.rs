//! Keeping the metadata true: asked for at the start, when something is missing or moved, and when it
//! is old.

use core::time::Duration;

use bytes::Bytes;

use super::{Client, Task, decode};
use crate::backoff::{Backoff, BackoffRules};
use crate::call::{ClientEvent, Lifecycle};
use crate::endpoint::ConnId;
use crate::kafka::error::Error;
use crate::kafka::message::metadata::{MetadataRequest, MetadataRequestTopic};
use crate::kafka::wire::Versions;
use crate::time::Instant;

/// How the client's metadata stands.
#[derive(Debug)]
pub(super) struct Refresh {
    /// Something has shown that it is out of date, or incomplete.
    pub(super) wanted: bool,
    /// Somebody asked for a topic that was never asked for: no reason to wait.
    pub(super) urgent: bool,
    in_flight: bool,
    not_before: Instant,
    /// When it is too old; `None` before the first answer.
    stale_at: Option<Instant>,
    backoff: Backoff,
}

impl Refresh {
    pub(super) fn new(rules: BackoffRules) -> Self {
        Self {
            wanted: true,
            urgent: false,
            in_flight: false,
            not_before: Instant::ZERO,
            stale_at: None,
            backoff: Backoff::new(rules),
        }
    }
}

impl Client {
    pub(super) fn pump_refresh(&mut self, now: Instant) {
        let refresh = &mut self.refresh;
        if let Some(at) = refresh.stale_at {
            if at <= now {
                refresh.wanted = true;
            } else {
                self.wake_at(at);
            }
        }
        let refresh = &self.refresh;
        if !(refresh.wanted || refresh.urgent) || refresh.in_flight {
            return;
        }
        if refresh.not_before > now && !refresh.urgent {
            let at = refresh.not_before;
            return self.wake_at(at);
        }
        self.expire_records(now);
        let Some(conn) = self.ready_any(now) else { return };
        let agreed =
            self.agreed(conn).map(|agreed| agreed.newest::<MetadataRequest>(Versions::ALL));
        let Some(Ok(version)) = agreed else { return self.not_refreshed(now) };
        let topics = self.cluster.watched().map(|name| MetadataRequestTopic {
            name: Some(name.clone()),
            ..MetadataRequestTopic::default()
        });
        let request = MetadataRequest {
            topics: Some(topics.collect()),
            // Before version 4 the broker's own setting decides.
            allow_auto_topic_creation: version < 4 || self.config.allow_auto_create_topics,
            ..MetadataRequest::default()
        };
        self.refresh.wanted = false;
        self.refresh.urgent = false;
        self.refresh.in_flight = true;
        let timeout = self.config.request_timeout;
        if self.send(now, conn, version, &request, Task::Refresh, timeout).is_err() {
            // A name that can't be written: whoever used it has been told.
            self.not_refreshed(now);
        }
    }

    pub(super) fn refreshed(
        &mut self,
        now: Instant,
        conn: ConnId,
        version: i16,
        frame: &Bytes,
    ) -> Result<(), Error> {
        let answer = match decode::<MetadataRequest>(frame, version) {
            Ok(answer) => answer,
            Err(error) => {
                self.not_refreshed(now);
                return Err(error);
            }
        };
        self.throttled(now, conn, version, &answer);
        if !answer.error_code.is_ok() {
            self.not_refreshed(now);
            return Ok(());
        }
        self.cluster.update(&answer, &self.config.bootstrap_servers);
        self.prune_slots();
        self.adopt_bootstrap();
        if !core::mem::replace(&mut self.connected, true) {
            self.links.event(ClientEvent::Lifecycle(Lifecycle::Connected));
        }
        let refresh = &mut self.refresh;
        refresh.in_flight = false;
        refresh.stale_at = Some(now + self.config.metadata_max_age.max(Duration::from_secs(1)));
        if refresh.wanted || self.cluster.is_incomplete(self.config.unknown_topic_retries) {
            refresh.wanted = true;
            refresh.not_before = refresh.backoff.failed(now, &mut self.rng).unwrap_or(now);
        } else {
            // However often something looks stale, brokers are not flooded.
            refresh.not_before = now + self.config.retry_backoff.initial;
            refresh.backoff.succeeded();
        }
        Ok(())
    }

    pub(super) fn not_refreshed(&mut self, now: Instant) {
        let refresh = &mut self.refresh;
        refresh.in_flight = false;
        refresh.wanted = true;
        refresh.urgent = false;
        refresh.not_before = refresh.backoff.failed(now, &mut self.rng).unwrap_or(now);
        let at = refresh.not_before;
        self.wake_at(at);
    }
}
