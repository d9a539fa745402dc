//! [`Metrics`]: what a client has done since it was made, and how it stands.
//!
//! The engine counts as it goes, in plain integers; a snapshot is a copy. Every call that was submitted
//! is, at any moment, in exactly one of: in flight, completed, failed, timed out, indeterminate,
//! cancelled.

use super::Client;
use crate::call::Failure;
use crate::hazelcast::error::Error;
use crate::metrics::{Histogram, Measured, Report, Sample};
use crate::time::Instant;

/// The fields, their names for collectors, and going through them: written down once.
macro_rules! metrics {
    ($($kind:ident $field:ident = $name:literal, $help:literal;)*) => {
        /// A client's numbers at one moment. Counts are since the client was made.
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Metrics {
            $(#[doc = $help] pub $field: u64,)*
            /// Time from submission to the end of calls, however they ended, but for cancelled ones.
            pub call_times: Histogram,
        }

        impl Report for Metrics {
            fn each(&self, visit: &mut dyn FnMut(&'static str, &'static str, Sample<'_>)) {
                $(visit($name, $help, Sample::$kind(self.$field));)*
                let help = "Time from submission to the end of calls.";
                visit("gridwire_hazelcast_call_seconds", help, Sample::Times(&self.call_times));
            }
        }
    };
}

metrics! {
    Counter calls_submitted = "gridwire_hazelcast_calls_submitted_total",
        "Calls submitted; registrations of listeners count as calls.";
    Counter calls_completed = "gridwire_hazelcast_calls_completed_total",
        "Calls that ended with an answer.";
    Counter calls_failed = "gridwire_hazelcast_calls_failed_total",
        "Calls that ended with an error that is none of the following.";
    Counter calls_timed_out = "gridwire_hazelcast_calls_timed_out_total",
        "Calls whose own deadline ended them.";
    Counter calls_indeterminate = "gridwire_hazelcast_calls_indeterminate_total",
        "Calls of which it is not known whether they were done.";
    Counter calls_cancelled = "gridwire_hazelcast_calls_cancelled_total",
        "Calls that nobody waited for any more.";
    Gauge calls_in_flight = "gridwire_hazelcast_calls_in_flight",
        "Calls that have not ended.";
    Gauge requests_out = "gridwire_hazelcast_requests_out",
        "Requests of calls that were sent and not answered, or wait to be sent.";
    Gauge requests_parked = "gridwire_hazelcast_requests_parked",
        "Those of them that wait for a connection.";
    Gauge requests_waiting = "gridwire_hazelcast_requests_waiting",
        "Requests above the limit of those in flight, which wait for one of them to end.";
    Counter requests_refused = "gridwire_hazelcast_requests_refused_total",
        "Requests that were refused because too many were in flight.";
    Counter requests_sent = "gridwire_hazelcast_requests_sent_total",
        "Requests of calls that were sent, each time they were.";
    Counter requests_retried = "gridwire_hazelcast_requests_retried_total",
        "Those of them that were sent before.";
    Counter late_answers = "gridwire_hazelcast_late_answers_total",
        "Answers that were dropped because their call had ended.";
    Counter backups_missed = "gridwire_hazelcast_backups_missed_total",
        "Answered requests that ended before all their backups were reported.";
    Counter connections_opened = "gridwire_hazelcast_connections_opened_total",
        "Connections on which a member let the client in.";
    Counter connections_closed = "gridwire_hazelcast_connections_closed_total",
        "Connections that ended after that.";
    Counter connections_failed = "gridwire_hazelcast_connections_failed_total",
        "Connections that ended before.";
    Gauge connections_active = "gridwire_hazelcast_connections_active",
        "Connections to members that are in use.";
    Counter heartbeats_sent = "gridwire_hazelcast_heartbeats_sent_total",
        "Pings sent to silent members.";
    Counter events_received = "gridwire_hazelcast_events_received_total",
        "Events that members sent for listeners.";
    Counter events_delivered = "gridwire_hazelcast_events_delivered_total",
        "Those of them that had a listener still.";
    Counter bytes_in = "gridwire_hazelcast_received_bytes_total",
        "Bytes taken from connections, without TLS.";
    Counter bytes_out = "gridwire_hazelcast_sent_bytes_total",
        "Bytes that connections took, without TLS.";
    Counter reconnects = "gridwire_hazelcast_reconnects_total",
        "Times that the client was connected again after its last connection was lost.";
    Counter cluster_changes = "gridwire_hazelcast_cluster_changes_total",
        "Times that the cluster was another than before.";
}

impl Metrics {
    /// Notes how a call ended that somebody waited for.
    pub(super) fn ended<T>(&mut self, now: Instant, submitted: Instant, end: &Result<T, Error>) {
        *match end {
            Ok(_) => &mut self.calls_completed,
            Err(Error::Failure(Failure::TimedOut { .. })) => &mut self.calls_timed_out,
            Err(Error::Failure(Failure::Indeterminate(_))) => &mut self.calls_indeterminate,
            Err(_) => &mut self.calls_failed,
        } += 1;
        self.call_times.record(now - submitted);
    }

    /// Notes the end of a connection, on which a member had let the client in, or had not.
    pub(super) fn connection_ended(&mut self, was_let_in: bool) {
        if was_let_in {
            self.connections_closed += 1;
        } else {
            self.connections_failed += 1;
        }
    }

    /// Calls that have ended.
    fn calls_ended(&self) -> u64 {
        self.calls_completed
            + self.calls_failed
            + self.calls_timed_out
            + self.calls_indeterminate
            + self.calls_cancelled
    }
}

impl Client {
    /// A snapshot of what the client has done and how it stands.
    pub fn metrics(&self) -> Metrics {
        let mut metrics = self.metrics.clone();
        metrics.calls_in_flight = metrics.calls_submitted.saturating_sub(metrics.calls_ended());
        metrics.requests_out = self.requests() as u64;
        metrics.requests_parked = self.parked_requests() as u64;
        metrics.requests_waiting = self.waiting.len() as u64;
        metrics.connections_active = self.ready.len() as u64;
        metrics
    }
}

impl Measured for Client {
    type Metrics = Metrics;

    fn metrics(&self) -> Metrics {
        self.metrics()
    }
}
