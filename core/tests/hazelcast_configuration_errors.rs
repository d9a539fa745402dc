//! What is wrong with a configuration from YAML or from environment variables, in words: with the key and
//! the line, and without secrets.
#![cfg(feature = "yaml")]

use gridwire_core::hazelcast::Config;
use gridwire_core::hazelcast::configuration::{Place, Problem};

/// Texts and what is said of them.
const WRONG: &[(&str, &str)] = &[
    ("", "line 1: `hazelcast-client` is missing"),
    ("a: [", "line 2: while parsing a node, did not find expected node content"),
    ("hazelcast-client:\n  cluster-name: \"x\n", "line "),
    (
        "hazelcast-client:\n\n  network:\n    connection-timeout: abc\n",
        "line 4: hazelcast-client.network.connection-timeout: expected milliseconds, found \"abc\"",
    ),
    (
        "hazelcast-client:\n  clustername: x\n",
        "line 2: hazelcast-client.clustername: no such key; did you mean `cluster-name`?",
    ),
    ("hazelcast-client:\n  quux: x\n", "line 2: hazelcast-client.quux: no such key"),
    (
        "hazelcast-client-failover:\n  clients: [a]\n",
        "line 1: hazelcast-client-failover: no such key; did you mean `hazelcast-client`?",
    ),
    (
        "hazelcast-client:\n  cluster-name: a\n  cluster-name: b\n",
        "line 3: hazelcast-client.cluster-name: said twice",
    ),
    (
        "hazelcast-client:\n  cluster-name: [a]\n",
        "line 2: hazelcast-client.cluster-name: expected text, found a list",
    ),
    (
        "hazelcast-client:\n  cluster-name:\n",
        "line 2: hazelcast-client.cluster-name: expected text, found nothing",
    ),
    (
        "hazelcast-client:\n  network: yes\n",
        "line 2: hazelcast-client.network: expected a section, found \"yes\"",
    ),
    (
        "hazelcast-client:\n  network:\n    redo-operation: yes\n",
        "line 3: hazelcast-client.network.redo-operation: expected true or false, found \"yes\"",
    ),
    (
        "hazelcast-client:\n  network:\n    cluster-members: a\n",
        "line 3: hazelcast-client.network.cluster-members: expected a list, found \"a\"",
    ),
    (
        "hazelcast-client:\n  network:\n    cluster-members:\n      - a\n      - b:0\n",
        "line 5: hazelcast-client.network.cluster-members[1]: expected host, host:port, host:first-last (at most 100 \
         ports) or [IPv6]:port, found \"b:0\"",
    ),
    (
        "hazelcast-client:\n  network:\n    smart-routing: true\n    cluster-routing: {mode: SINGLE_MEMBER}\n",
        "line 4: hazelcast-client.network.cluster-routing.mode: not together with `smart-routing`",
    ),
    (
        "hazelcast-client:\n  connection-strategy:\n    connection-retry:\n      jitter: 1.5\n",
        "line 4: hazelcast-client.connection-strategy.connection-retry.jitter: expected a number from 0 to 1, found \
         \"1.5\"",
    ),
    (
        "hazelcast-client:\n  connection-strategy:\n    connection-retry:\n      multiplier: NaN\n",
        "line 4: hazelcast-client.connection-strategy.connection-retry.multiplier: expected a number from 1, found \
         \"NaN\"",
    ),
    (
        "hazelcast-client:\n  properties:\n    hazelcast.client.heartbeat.timout: 1\n",
        "line 3: hazelcast-client.properties.hazelcast.client.heartbeat.timout: no such key; did you mean \
         `hazelcast.client.heartbeat.timeout`?",
    ),
    (
        "hazelcast-client:\n  properties:\n    hazelcast.client.heartbeat.timeout: 0\n",
        "line 3: hazelcast-client.properties.hazelcast.client.heartbeat.timeout: expected milliseconds above 0, found \
         \"0\"",
    ),
    (
        "hazelcast-client:\n  flake-id-generator:\n    default: {}\n",
        "line 2: hazelcast-client.flake-id-generator: not supported: settings of single structures are not read from \
         files",
    ),
    (
        "hazelcast-client:\n  near-cache:\n    default: {in-memory-format: NATIVE}\n",
        "line 3: hazelcast-client.near-cache.default.in-memory-format: not supported: there is no memory besides the \
         process's own",
    ),
    (
        "hazelcast-client:\n  near-cache:\n    a:\n      local-update-policy: CACHE_ON_UPDATE\n",
        "line 4: hazelcast-client.near-cache.a.local-update-policy: not supported: what the client changes is \
         forgotten, as official clients do for maps",
    ),
    (
        "hazelcast-client:\n  near-cache:\n    a:\n      eviction: {size: 0}\n",
        "line 4: hazelcast-client.near-cache.a.eviction.size: expected a whole number above 0, found \"0\"",
    ),
    (
        "hazelcast-client:\n  near-cache:\n    a:\n      max-idle: 1\n",
        "line 4: hazelcast-client.near-cache.a.max-idle: no such key",
    ),
    (
        "hazelcast-client:\n  properties:\n    hazelcast.invalidation.reconciliation.interval.seconds: 29\n",
        "line 3: hazelcast-client.properties.hazelcast.invalidation.reconciliation.interval.seconds: expected seconds \
         from 30, or 0 for never, found \"29\"",
    ),
    (
        "hazelcast-client:\n  network:\n    aws:\n      enabled: true\n",
        "line 3: hazelcast-client.network.aws: not supported: members are not looked for by other services; name them \
         in `cluster-members`",
    ),
    (
        "hazelcast-client:\n  network:\n    ssl:\n      enabled: true\n      properties:\n        trustStore: /a\n",
        "line 5: hazelcast-client.network.ssl.properties: not supported: key stores of Java's are not read; \
         certificates and keys are given to the adapter",
    ),
    (
        "hazelcast-client:\n  serialization:\n    enable-compression: true\n",
        "line 3: hazelcast-client.serialization.enable-compression: not supported: objects of Java's are not written",
    ),
    (
        "hazelcast-client:\n  security:\n    username-password:\n      username: a\n",
        "line 3: hazelcast-client.security.username-password: `password` is missing",
    ),
    (
        "hazelcast-client:\n  security:\n    username-password: {username: a, password: hidden}\n    \
         token: {value: hidden}\n",
        "line 4: hazelcast-client.security.token: not together with `username-password`",
    ),
    (
        "hazelcast-client:\n  security:\n    token:\n      encoding: base64\n      value: hidden!\n",
        "line 5: hazelcast-client.security.token.value: expected base64, found other text",
    ),
    (
        "hazelcast-client:\n  security:\n    username-password: {username: a, passwort: hidden}\n",
        "line 3: hazelcast-client.security.username-password.passwort: no such key; did you mean `password`?",
    ),
    (
        "hazelcast-client:\n  security: hidden\n",
        "line 2: hazelcast-client.security: expected a section, found other text",
    ),
    (
        "hazelcast-client:\n  security:\n    username-password: hidden\n",
        "line 3: hazelcast-client.security.username-password: expected a section, found other text",
    ),
    ("hazelcast-client: &a {}\nother: *a\n", "line 2: aliases are not supported"),
    ("hazelcast-client: !!map {}\n", "line 1: tags are not supported"),
    ("hazelcast-client: {}\n---\nhazelcast-client: {}\n", "line 2: a second document"),
    ("? [a]\n: b\n", "line "),
];

#[test]
fn what_is_wrong_is_said_with_key_and_line_and_without_secrets() {
    for (text, expected) in WRONG {
        let error = Config::from_yaml(text).expect_err(text);
        let said = error.to_string();
        if expected.ends_with(' ') {
            assert!(said.starts_with(expected), "{text}\n{said}");
        } else {
            assert_eq!(said, *expected, "{text}");
        }
        assert!(!format!("{error:?} {said}").contains("hidden"), "{said}");
    }
}

#[test]
fn what_is_wrong_with_a_variable_is_said_with_its_name() {
    for (name, value, expected) in [
        (
            "HZCLIENT_NETWORK_CONNECTIONTIMEOUT",
            "soon",
            "HZCLIENT_NETWORK_CONNECTIONTIMEOUT: hazelcast-client.network.connection-timeout: expected milliseconds, \
             found \"soon\"",
        ),
        (
            "HZCLIENT_CLUSTERNAMES",
            "a",
            "HZCLIENT_CLUSTERNAMES: hazelcast-client.clusternames: no such key; did you mean `cluster-name`?",
        ),
        ("HZCLIENT_", "a", "HZCLIENT_: no such key"),
        (
            "HZCLIENT_NEARCACHE_DEFAULT_INMEMORYFORMAT",
            "STONE",
            "HZCLIENT_NEARCACHE_DEFAULT_INMEMORYFORMAT: hazelcast-client.near-cache.default.in-memory-format: expected \
             BINARY or OBJECT, found \"STONE\"",
        ),
        (
            "HZCLIENT_CLIENTLABELS_X",
            "a",
            "HZCLIENT_CLIENTLABELS_X: hazelcast-client.client-labels.x: no such key",
        ),
    ] {
        let error = Config::from_env([(name, value)]).unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert_eq!(error.place, Place::Variable(name.into()));
    }
    let twice = [("HZCLIENT_CLUSTERNAME", "a"), ("HZCLIENT_CLUSTERNAME_X", "b")];
    assert_eq!(Config::from_env(twice).unwrap_err().problem, Problem::Twice);

    // Nothing is set if anything is wrong.
    let mut config = Config::default();
    let variables = [("HZCLIENT_CLUSTERNAME", "a"), ("HZCLIENT_NETWORK_REDOOPERATION", "?")];
    config.apply_env(variables).unwrap_err();
    assert_eq!(&*config.cluster_name, "dev");
}

#[test]
fn texts_without_end_are_refused() {
    let deep = format!("hazelcast-client: {}1{}", "[".repeat(100), "]".repeat(100));
    assert!(Config::from_yaml(&deep).unwrap_err().to_string().contains("nested too deep"));
    let deeper = format!("hazelcast-client: {}", "{a: ".repeat(100_000));
    Config::from_yaml(&deeper).unwrap_err();
    let block: String = (0..1000).map(|depth| " ".repeat(depth) + "a:\n").collect();
    assert!(Config::from_yaml(&block).unwrap_err().to_string().contains("nested too deep"));
    for piece in
        ["[", "{", "- ", "? ", "? a\n", "a: ", "a: &a\n ", "\"", "|\n", "!a ", "[a, ", "\t", "%a\n"]
    {
        let text = format!("hazelcast-client:\n {}", piece.repeat(900_000 / piece.len()));
        // Whatever it is, it ends.
        drop(Config::from_yaml(&text));
    }
    let wide: String = (0..100_000u32).flat_map(|n| [n.to_string(), ": 1\n".to_owned()]).collect();
    let error = Config::from_yaml(&wide).unwrap_err().to_string();
    assert_eq!(error, "line 4097: a section of more than 4,096 keys");
    let long = format!("hazelcast-client: {{}} #{}", " ".repeat(1 << 20));
    assert_eq!(Config::from_yaml(&long).unwrap_err().to_string(), "line 1: longer than 1 MiB");
    let name = format!("HZCLIENT_{}", "A_".repeat(10_000));
    Config::from_env([(name.as_str(), "1")]).unwrap_err();
    let members = "host:1-100, ".repeat(200);
    let text = format!("hazelcast-client: {{network: {{cluster-members: [{members}]}}}}");
    assert!(Config::from_yaml(&text).unwrap_err().to_string().contains("at most 10,000 addresses"));
}
