//! Our client on real members, on each adapter.

use crate::{AMPLE, HAZELCAST, known_values, lines, one_member, three_members};

use gridwire_conformance::adapter::{Adapter, Tokio, TokioAlone};
use gridwire_conformance::live::{HazelcastCluster, needed, run_python};
use gridwire_conformance::on_each_adapter;
use gridwire_conformance::suite::{
    cluster as clusters, hazelcast as maps, maps as whole, queries, query_caches, values,
};
use gridwire_core::endpoint::Target;
use gridwire_core::hazelcast::Config;

/// A client's configuration that begins with the first member.
pub(crate) fn config(cluster: &HazelcastCluster) -> Config {
    let first = cluster.addresses()[0];
    Config::new([Target::new(first.ip().to_string(), first.port())])
}

pub(crate) fn on_one(run: impl FnOnce(Config)) {
    if let Some(cluster) = one_member() {
        run(config(cluster));
    }
}

pub(crate) fn on_three(run: impl FnOnce(Config)) {
    if let Some(cluster) = three_members() {
        run(config(cluster));
    }
}

fn operations_on_one<A: Adapter>() {
    on_one(maps::operations::<A>);
}

fn operations_on_three<A: Adapter>() {
    on_three(maps::operations::<A>);
}

fn one_connection_to_three<A: Adapter>() {
    on_three(maps::one_connection::<A>);
}

fn listeners_on_one<A: Adapter>() {
    on_one(maps::listeners::<A>);
}

fn listeners_on_three<A: Adapter>() {
    on_three(maps::listeners::<A>);
}

fn routing_to_one<A: Adapter>() {
    on_one(|config| maps::routing::<A>(config, 1));
}

fn routing_to_three<A: Adapter>() {
    on_three(|config| maps::routing::<A>(config, 3));
}

fn configured<A: Adapter>() {
    on_one(|config| maps::configured::<A>(&config));
}

fn refusal<A: Adapter>() {
    on_one(maps::refusal::<A>);
}

fn load_on_three<A: Adapter>() {
    on_three(maps::load::<A>);
}

fn acknowledgements<A: Adapter>() {
    on_three(maps::acknowledgements::<A>);
}

fn dropped<A: Adapter>() {
    on_three(maps::dropped::<A>);
}

fn closing<A: Adapter>() {
    on_three(maps::closing::<A>);
}

fn predicates_on_one<A: Adapter>() {
    on_one(queries::predicates::<A>);
}

fn predicates_on_three<A: Adapter>() {
    on_three(queries::predicates::<A>);
}

fn pages_on_one<A: Adapter>() {
    on_one(queries::pages::<A>);
}

fn pages_on_three<A: Adapter>() {
    on_three(queries::pages::<A>);
}

fn aggregates_on_one<A: Adapter>() {
    on_one(queries::aggregates::<A>);
}

fn aggregates_on_three<A: Adapter>() {
    on_three(queries::aggregates::<A>);
}

fn changes_on_one<A: Adapter>() {
    on_one(whole::changes::<A>);
}

fn changes_on_three<A: Adapter>() {
    on_three(whole::changes::<A>);
}

fn expiry_on_one<A: Adapter>() {
    on_one(whole::expiry::<A>);
}

fn expiry_on_three<A: Adapter>() {
    on_three(whole::expiry::<A>);
}

fn whole_on_one<A: Adapter>() {
    on_one(whole::whole::<A>);
}

fn whole_on_three<A: Adapter>() {
    on_three(whole::whole::<A>);
}

fn locks_on_one<A: Adapter>() {
    on_one(whole::locks::<A>);
}

fn locks_on_three<A: Adapter>() {
    on_three(whole::locks::<A>);
}

fn key_listeners_on_one<A: Adapter>() {
    on_one(whole::key_listeners::<A>);
}

fn key_listeners_on_three<A: Adapter>() {
    on_three(whole::key_listeners::<A>);
}

fn looked_into_on_one<A: Adapter>() {
    on_one(whole::looked_into::<A>);
}

fn looked_into_on_three<A: Adapter>() {
    on_three(whole::looked_into::<A>);
}

fn strangers_on_one<A: Adapter>() {
    on_one(whole::strangers::<A>);
}

fn strangers_on_three<A: Adapter>() {
    on_three(whole::strangers::<A>);
}

fn journal_on_one<A: Adapter>() {
    on_one(whole::journal::<A>);
}

fn journal_on_three<A: Adapter>() {
    on_three(whole::journal::<A>);
}

fn waiting_ends_on_one<A: Adapter>() {
    on_one(whole::waiting_ends::<A>);
}

fn waiting_ends_on_three<A: Adapter>() {
    on_three(whole::waiting_ends::<A>);
}

fn code_on_one<A: Adapter>() {
    on_one(whole::code::<A>);
}

fn code_on_three<A: Adapter>() {
    on_three(whole::code::<A>);
}

fn watched_on_one<A: Adapter>() {
    on_one(|config| clusters::watched::<A>(config, 1));
}

fn watched_on_three<A: Adapter>() {
    on_three(|config| clusters::watched::<A>(config, 3));
}

fn credentials<A: Adapter>() {
    on_one(|config| clusters::credentials::<A>(&config));
}

fn a_group_of_three<A: Adapter>() {
    on_three(clusters::a_group::<A>);
}

fn told_to_one<A: Adapter>() {
    if let Some(cluster) = one_member() {
        clusters::told::<A>(config(cluster), || cluster.log());
    }
}

fn told_to_three<A: Adapter>() {
    if let Some(cluster) = three_members() {
        clusters::told::<A>(config(cluster), || cluster.log());
    }
}

/// A client whose runtime has no thread but the caller's.
#[test]
fn on_one_thread() {
    on_one(maps::operations::<TokioAlone>);
    on_three(|config| {
        maps::listeners::<TokioAlone>(config.clone());
        maps::routing::<TokioAlone>(config.clone(), 3);
        maps::acknowledgements::<TokioAlone>(config.clone());
        maps::load::<TokioAlone>(config.clone());
        maps::dropped::<TokioAlone>(config.clone());
        maps::closing::<TokioAlone>(config.clone());
        whole::locks::<TokioAlone>(config);
    });
}

fn query_cache_views_on_one<A: Adapter>() {
    on_one(query_caches::views::<A>);
}

fn query_cache_views_on_three<A: Adapter>() {
    on_three(query_caches::views::<A>);
}

fn query_cache_kinds_on_one<A: Adapter>() {
    on_one(query_caches::kinds::<A>);
}

fn query_cache_kinds_on_three<A: Adapter>() {
    on_three(query_caches::kinds::<A>);
}

fn query_cache_losses_on_one<A: Adapter>() {
    on_one(query_caches::losses::<A>);
}

fn query_cache_losses_on_three<A: Adapter>() {
    on_three(query_caches::losses::<A>);
}

fn query_cache_ends<A: Adapter>() {
    on_three(query_caches::ends::<A>);
}

/// A member is killed, another takes its place, and then all of them are killed and started again.
#[test]
fn query_caches_in_storms() {
    let Some(mut cluster) = needed(HazelcastCluster::start(3)) else { return };
    let config = config(&cluster);
    query_caches::storms::<Tokio>(config, |round| match round {
        1 => {
            cluster.crash(2);
            Some("a member is gone")
        }
        2 => {
            needed(cluster.replace(2))?;
            Some("another has come")
        }
        3 => {
            let ports: Vec<_> =
                cluster.addresses().iter().map(std::net::SocketAddr::port).collect();
            cluster.crash_all();
            needed(cluster.start_all(&ports))?;
            Some("all have been started again")
        }
        _ => None,
    });
}

/// What the official client wrote is read as what it was.
fn python_writes_and_we_read<A: Adapter>() {
    let Some(cluster) = one_member() else { return };
    let (file, known) = known_values();
    let (at, map) = (cluster.address_list(), format!("python for {}", A::NAME));
    let Some(written) = needed(run_python(HAZELCAST, &[&at, "write", &map, &file], AMPLE)) else {
        return;
    };
    let written = lines(&written).into_iter().filter(|line| line.get("skipped").is_none());
    let written: Vec<_> = written.map(|line| line["key"].clone()).collect();
    let known: Vec<_> = known.into_iter().filter(|value| written.contains(&value["key"])).collect();
    assert!(known.len() > 45, "{} values", known.len());
    let keys: Vec<_> = known.iter().map(|value| value["key"].as_str().expect("a key")).collect();
    assert_eq!(values::read::<A>(config(cluster), &map, &keys), known);
}

/// And the other way round; what the official client can read and not write, too.
fn we_write_and_python_reads<A: Adapter>() {
    let Some(cluster) = one_member() else { return };
    let (_, known) = known_values();
    let (at, map) = (cluster.address_list(), format!("{} for python", A::NAME));
    values::write::<A>(config(cluster), &map, &known);
    let mut arguments = vec![at.as_str(), "read", &map];
    arguments.extend(known.iter().map(|value| value["key"].as_str().expect("a key")));
    let Some(read) = needed(run_python(HAZELCAST, &arguments, AMPLE)) else { return };
    let read = lines(&read);
    assert_eq!(read.len(), known.len());
    for (said, known) in read.iter().zip(&known) {
        assert_eq!(said, known);
    }
}

on_each_adapter! {
    operations_on_one operations_on_three one_connection_to_three listeners_on_one listeners_on_three
    routing_to_one routing_to_three configured refusal load_on_three acknowledgements dropped closing
    predicates_on_one predicates_on_three pages_on_one pages_on_three
    aggregates_on_one aggregates_on_three
    python_writes_and_we_read we_write_and_python_reads
    changes_on_one changes_on_three expiry_on_one expiry_on_three
    whole_on_one whole_on_three locks_on_one locks_on_three
    key_listeners_on_one key_listeners_on_three looked_into_on_one looked_into_on_three
    strangers_on_one strangers_on_three journal_on_one journal_on_three
    waiting_ends_on_one waiting_ends_on_three code_on_one code_on_three
    watched_on_one watched_on_three credentials a_group_of_three told_to_one told_to_three
    query_cache_views_on_one query_cache_views_on_three
    query_cache_kinds_on_one query_cache_kinds_on_three
    query_cache_losses_on_one query_cache_losses_on_three query_cache_ends
}
