//! What every adapter must do, generic over its runtime, tried with the toy protocol of core's own
//! tests. Each adapter's `tests/suite.rs` runs [`everything!`] on its event loops.
//!
//! Nothing here sleeps to wait for something to happen: peers are scripted threads on loopback.
#![allow(dead_code, missing_docs, unreachable_pub, clippy::missing_panics_doc)]

#[path = "../../../../core/tests/toy/mod.rs"]
pub mod toy;

pub mod calls;
pub mod peers;
pub mod support;

/// Runs the whole suite: `everything!(module, run)`, where `run` takes a closure that is given a
/// runtime and makes the future of the test.
#[macro_export]
macro_rules! everything {
    ($module:ident, $run:path) => {
        mod $module {
            macro_rules! each {
                ($file:ident: $name:ident) => {
                    #[test]
                    fn $name() {
                        $crate::suite::support::within_a_minute(|| {
                            $run(|runtime| async move {
                                $crate::suite::$file::$name(&runtime).await;
                            });
                        });
                    }
                };
            }
            each!(calls: every_shape_of_call);
            each!(calls: many_tasks_at_once);
            each!(calls: many_threads_at_once);
            each!(calls: sent_first_and_awaited_later);
            each!(calls: dropped_before_the_first_poll);
            each!(calls: dropped_in_flight_is_undone);
            each!(calls: dropped_after_its_end_is_undone);
            each!(calls: closing_ends_every_call);
            each!(calls: a_slow_reader_is_told_what_it_missed);
            each!(calls: a_server_that_shuts_down_ends_its_connections);
            each!(calls: a_reader_that_was_held_back_goes_on);
            each!(peers: a_refused_port_is_an_error);
            each!(peers: a_target_with_tls_is_refused_in_words);
            each!(peers: each_address_of_a_name_is_tried);
            each!(peers: a_name_without_address_is_an_error);
            each!(peers: a_silent_peer_ends_by_the_deadline);
            each!(peers: a_peer_that_closes_at_any_byte);
            each!(peers: a_peer_that_resets_at_any_byte);
            each!(peers: a_peer_that_answers_byte_by_byte);
            each!(peers: a_slow_peer_gets_all_of_it);
            each!(peers: the_last_handle_closes_the_connection);
            each!(peers: garbage_ends_the_connection);
        }
    };
}
