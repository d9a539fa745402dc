//! Real servers on the port that are no members of 4.0 or later: a Kafka broker, and a member of 3.12.

use crate::broker;

use gridwire_conformance::adapter::{AsyncStd, Mio, Tokio};
use gridwire_conformance::live::{HazelcastCluster, needed};
use gridwire_conformance::suite::foreign::refused;

const WHY: &str = "a Hazelcast member of 4.0 or later was expected";

#[test]
fn a_kafka_broker_is_no_member() {
    let Some(broker) = broker() else { return };
    refused::<Tokio>(broker.address(), WHY);
    refused::<AsyncStd>(broker.address(), WHY);
    refused::<Mio>(broker.address(), WHY);
}

#[test]
fn a_member_of_3_12_is_too_old() {
    let Some(member) = needed(HazelcastCluster::start_3_12()) else { return };
    let at = member.addresses()[0];
    refused::<Tokio>(at, WHY);
    refused::<AsyncStd>(at, WHY);
    refused::<Mio>(at, WHY);
}
