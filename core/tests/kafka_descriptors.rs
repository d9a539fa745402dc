//! The table of APIs against Apache Kafka's own definitions and their description: who serves an API, who
//! sends it, and from which version on the throttle time of an answer is for the client to wait.
#![cfg(feature = "kafka")]

mod common;

use std::collections::BTreeSet;
use std::path::Path;

use common::definitions::{load, range};
use gridwire_core::kafka::message::{APIS, Api, Listener, api};
use gridwire_core::kafka::wire::Versions;

/// The definitions of an API's request and response, from the newest release that has versions of it.
fn newest(root: &Path, api: &Api) -> [serde_json::Value; 2] {
    let load = |suffix: &str| {
        ["4.4.0", "3.9.1"].iter().find_map(|release| {
            load(&root.join(release), &format!("{}{suffix}", api.name))
                .filter(|definition| definition["validVersions"] != "none")
        })
    };
    ["Request", "Response"].map(|suffix| load(suffix).expect("a definition"))
}

#[test]
fn listeners_are_as_the_official_definitions_say() {
    let Some(root) = common::material("kafka/definitions", "Kafka's listeners") else { return };
    for api in APIS {
        let [request, _] = newest(&root, api);
        let listeners = api.listeners.iter().map(|listener| match listener {
            Listener::Broker => "broker",
            Listener::Controller => "controller",
            Listener::ZkBroker => "zkBroker",
        });
        let official = request["listeners"].as_array().expect("a list");
        assert!(listeners.eq(official.iter().map(|name| name.as_str().unwrap())), "{}", api.name);
    }
}

#[test]
fn what_only_brokers_and_controllers_send_is_known() {
    let Some(path) = common::material("kafka/definitions/README.md", "who sends what") else {
        return;
    };
    let text = std::fs::read_to_string(path).expect("the description");
    let mut seen = 0;
    for line in text.lines() {
        // | key | name | 3.9.1 | 4.4.0 | flexible from | listeners | served to clients | internal |
        let columns: Vec<&str> = line.split('|').map(str::trim).collect();
        let Some(Ok(key)) = columns.get(1).map(|key| key.parse::<i16>()) else { continue };
        let api = api(key).expect("a declared API");
        assert_eq!(api.name, columns[2]);
        let flexible = match columns[5] {
            "none" => Versions::NONE,
            min => Versions::new(min.parse().expect("a version"), i16::MAX),
        };
        assert_eq!(api.flexible, flexible, "{}", api.name);
        assert_eq!(api.internal, columns[8] == "yes", "{}", api.name);
        assert_eq!(
            api.is_for_clients(),
            columns[7] == "yes" && columns[8] != "yes",
            "{}",
            api.name
        );
        seen += 1;
    }
    assert_eq!(seen, APIS.len());
}

/// The version named in a definition's remark "starting in version 3, on quota violation, brokers send out
/// responses before throttling".
fn remarked(root: &Path, api: &Api) -> BTreeSet<i16> {
    let mut found = BTreeSet::new();
    for release in ["4.4.0", "3.9.1"] {
        for suffix in ["Request", "Response"] {
            let path = root.join(release).join(format!("{}{suffix}.json", api.name));
            let Ok(text) = std::fs::read_to_string(path) else { continue };
            // The remark may stand on two lines.
            let text: String =
                text.lines().map(|line| line.trim_start_matches([' ', '/'])).collect();
            for (at, _) in text.match_indices("on quota violation") {
                let words: Vec<&str> = text[..at].split_whitespace().collect();
                let number = words.last().expect("a version").trim_end_matches(',');
                found.insert(number.parse().expect("a version"));
            }
        }
    }
    found
}

#[test]
fn throttle_times_are_for_the_client_from_the_version_that_says_so() {
    let Some(root) = common::material("kafka/definitions", "throttling") else { return };
    let mut remarks = 0;
    for api in APIS {
        let [_, response] = newest(&root, api);
        let fields = response["fields"].as_array().expect("fields");
        let field = fields.iter().find(|field| field["name"] == "ThrottleTimeMs");
        let present = field.map_or(Versions::NONE, |field| range(field, "versions"));
        let remarked = remarked(&root, api);
        assert!(remarked.len() <= 1, "{}: {remarked:?}", api.name);
        remarks += remarked.len();
        let since = match (remarked.first(), api.name) {
            // Kafka's own client waits from this version on; its definition has no remark.
            (None, "Produce") => 6,
            (None, _) => present.min,
            (Some(since), _) => *since,
        };
        let wanted = Versions::new(since, present.max).and(api.versions);
        assert_eq!(api.throttles.is_empty(), wanted.is_empty(), "{}", api.name);
        assert!(wanted.is_empty() || api.throttles == wanted, "{}: {wanted}", api.name);
        assert_eq!(api.throttles.and(present), api.throttles, "{}", api.name);
    }
    assert!(remarks > 30);
}

#[test]
fn headers_follow_the_versions() {
    let form = |key: i16, at: i16| {
        let api = api(key).expect("a declared API");
        (api.request_header(at), api.response_header(at))
    };
    // ApiVersions is answered under the oldest header, whatever its version.
    assert_eq!([0, 2, 3, 5].map(|at| form(18, at)), [(1, 0), (1, 0), (2, 0), (2, 0)]);
    // ControlledShutdown had no client id at first.
    assert_eq!([0, 1, 2, 3].map(|at| form(7, at)), [(0, 0), (1, 0), (1, 0), (2, 1)]);
    assert_eq!([8, 9].map(|at| form(3, at)), [(1, 0), (2, 1)]);
    assert_eq!(form(17, 1), (1, 0), "SaslHandshake is never flexible");
    let unstable: Vec<&str> =
        APIS.iter().filter(|api| api.latest_unstable).map(|api| api.name).collect();
    assert_eq!(unstable, ["InitProducerId"]);
    assert_eq!(api(22).map(Api::latest_stable), Some(5));
}
