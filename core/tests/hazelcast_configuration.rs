//! The client's configuration from YAML and from environment variables.
#![cfg(feature = "yaml")]

use std::collections::BTreeMap;
use std::time::Duration;

use gridwire_core::hazelcast::configuration::{ConfigError, Loader, Place, Problem};
use gridwire_core::hazelcast::serialization::ByteOrder;
use gridwire_core::hazelcast::{
    Config, Credentials, Eviction, EvictionPolicy, InMemoryFormat, LoadBalancer, NearCacheConfig,
};

type Field = fn(&Config) -> String;

/// Keys from the root, a value, and what it makes of which field.
const KEYS: &[(&[&str], &str, Field, &str)] = &[
    (&["cluster-name"], "shop", |c| c.cluster_name.to_string(), "shop"),
    (&["instance-name"], "till-1", |c| c.client_name.to_string(), "till-1"),
    (&["backup-ack-to-client-enabled"], "false", |c| c.backup_ack_to_client.to_string(), "false"),
    (&["network", "smart-routing"], "false", |c| format!("{:?}", c.routing), "SingleMember"),
    (&["network", "smart-routing"], "TRUE", |c| format!("{:?}", c.routing), "AllMembers"),
    (
        &["network", "cluster-routing", "mode"],
        "MULTI_MEMBER",
        |c| format!("{:?}", c.routing),
        "MultiMember",
    ),
    (
        &["network", "cluster-routing", "routing-strategy"],
        "PARTITION_GROUPS",
        |c| format!("{:?}", c.routing),
        "AllMembers",
    ),
    (&["network", "redo-operation"], "true", |c| c.redo_operation.to_string(), "true"),
    (&["network", "connection-timeout"], "250", |c| format!("{:?}", c.connection_timeout), "250ms"),
    (
        &["network", "connection-timeout"],
        "0",
        |c| c.connection_timeout.as_millis().to_string(),
        "2147483647",
    ),
    (
        &["network", "ssl", "enabled"],
        "true",
        |c| format!("{:?}", c.addresses[2].tls),
        "Some(\"127.0.0.1\")",
    ),
    (&["network", "ssl", "enabled"], "false", |c| c.addresses.len().to_string(), "0"),
    (&["connection-strategy", "async-start"], "true", |c| c.async_start.to_string(), "true"),
    (
        &["connection-strategy", "reconnect-mode"],
        "async",
        |c| format!("{:?}", c.reconnect),
        "Async",
    ),
    (
        &["connection-strategy", "connection-retry", "initial-backoff-millis"],
        "20",
        |c| format!("{:?}", c.connection_retry.initial),
        "20ms",
    ),
    (
        &["connection-strategy", "connection-retry", "max-backoff-millis"],
        "0",
        |c| format!("{:?}", c.connection_retry.max),
        "0ns",
    ),
    (
        &["connection-strategy", "connection-retry", "multiplier"],
        "2.5",
        |c| c.connection_retry.multiplier.to_string(),
        "2.5",
    ),
    (
        &["connection-strategy", "connection-retry", "jitter"],
        "0.25",
        |c| c.connection_retry.jitter.to_string(),
        "0.25",
    ),
    (
        &["connection-strategy", "connection-retry", "cluster-connect-timeout-millis"],
        "1500",
        |c| format!("{:?}", c.connection_retry.give_up_after),
        "Some(1.5s)",
    ),
    (
        &["connection-strategy", "connection-retry", "cluster-connect-timeout-millis"],
        "-1",
        |c| format!("{:?}", c.connection_retry.give_up_after),
        "None",
    ),
    (&["load-balancer", "type"], "random", |c| format!("{:?}", c.load_balancer), "Random"),
    (&["load-balancer", "type"], "round-robin", |c| format!("{:?}", c.load_balancer), "RoundRobin"),
    (&["metrics", "enabled"], "true", |c| format!("{:?}", c.statistics), "Some(5s)"),
    (&["metrics", "collection-frequency-seconds"], "9", |c| format!("{:?}", c.statistics), "None"),
    (&["security", "token", "value"], "t0ken", secret, "token t0ken"),
    (
        &["properties", "hazelcast.client.shuffle.member.list"],
        "false",
        |c| c.shuffle_member_list.to_string(),
        "false",
    ),
    (
        &["properties", "hazelcast.client.heartbeat.interval"],
        "700",
        |c| format!("{:?}", c.heartbeat_interval),
        "700ms",
    ),
    (
        &["properties", "hazelcast.client.heartbeat.timeout"],
        "800",
        |c| format!("{:?}", c.heartbeat_timeout),
        "800ms",
    ),
    (
        &["properties", "hazelcast.client.invocation.timeout.seconds"],
        "30",
        |c| format!("{:?}", c.invocation_timeout),
        "30s",
    ),
    (
        &["properties", "hazelcast.client.invocation.retry.pause.millis"],
        "50",
        |c| format!("{:?}", c.invocation_retry_pause),
        "50ms",
    ),
    (
        &["properties", "hazelcast.client.max.concurrent.invocations"],
        "77",
        |c| c.max_concurrent_invocations.to_string(),
        "77",
    ),
    (
        &["properties", "hazelcast.client.invocation.backoff.timeout.millis"],
        "70",
        |c| format!("{:?}", c.invocation_backoff_timeout),
        "Some(70ms)",
    ),
    (
        &["properties", "hazelcast.client.operation.backup.timeout.millis"],
        "60",
        |c| format!("{:?}", c.backup_ack_timeout),
        "60ms",
    ),
    (
        &["properties", "hazelcast.client.operation.fail.on.indeterminate.state"],
        "true",
        |c| c.fail_on_indeterminate_operation_state.to_string(),
        "true",
    ),
    (
        &["properties", "hazelcast.discovery.public.ip.enabled"],
        "true",
        |c| format!("{:?}", c.use_public_ip),
        "Some(true)",
    ),
    (
        &["properties", "hazelcast.client.metrics.enabled"],
        "true",
        |c| format!("{:?}", c.statistics),
        "Some(5s)",
    ),
    (
        &["properties", "hazelcast.client.statistics.enabled"],
        "true",
        |c| format!("{:?}", c.statistics),
        "Some(5s)",
    ),
    (
        &["properties", "hazelcast.client.metrics.collection.frequency"],
        "5",
        |c| format!("{:?}", c.statistics),
        "None",
    ),
    (
        &["properties", "hazelcast.client.statistics.period.seconds"],
        "5",
        |c| format!("{:?}", c.statistics),
        "None",
    ),
    (
        &["properties", "hazelcast.invalidation.max.tolerated.miss.count"],
        "0",
        |c| c.invalidation_max_tolerated_miss_count.to_string(),
        "0",
    ),
    (
        &["properties", "hazelcast.invalidation.reconciliation.interval.seconds"],
        "30",
        |c| format!("{:?}", c.invalidation_reconciliation_interval),
        "Some(30s)",
    ),
    (
        &["properties", "hazelcast.invalidation.reconciliation.interval.seconds"],
        "0",
        |c| format!("{:?}", c.invalidation_reconciliation_interval),
        "None",
    ),
    (
        &["near-cache", "default", "in-memory-format"],
        "object",
        |c| format!("{:?}", c.near_caches[0].in_memory_format),
        "Object",
    ),
    (
        &["near-cache", "default", "serialize-keys"],
        "true",
        |c| c.near_caches[0].serialize_keys.to_string(),
        "true",
    ),
    (
        &["near-cache", "default", "invalidate-on-change"],
        "false",
        |c| c.near_caches[0].invalidate_on_change.to_string(),
        "false",
    ),
    (
        &["near-cache", "default", "time-to-live-seconds"],
        "7",
        |c| format!("{:?}", c.near_caches[0].time_to_live),
        "7s",
    ),
    (
        &["near-cache", "default", "max-idle-seconds"],
        "8",
        |c| format!("{:?}", c.near_caches[0].max_idle),
        "8s",
    ),
    (
        &["near-cache", "default", "eviction", "size"],
        "9",
        |c| c.near_caches[0].eviction.size.to_string(),
        "9",
    ),
    (
        &["near-cache", "default", "eviction", "eviction-policy"],
        "LFU",
        |c| format!("{:?}", c.near_caches[0].eviction.policy),
        "Lfu",
    ),
    // What this client does in one way only may be asked for that way.
    (&["cp-direct-to-leader-routing"], "false", |c| c.cluster_name.to_string(), "dev"),
    (&["sql", "resubmission-mode"], "NEVER", |c| c.cluster_name.to_string(), "dev"),
    (&["tpc", "enabled"], "false", |c| c.cluster_name.to_string(), "dev"),
];

fn secret(config: &Config) -> String {
    match &config.credentials {
        Credentials::None => "none".into(),
        Credentials::User { name, password } => {
            format!("user {name} {}", String::from_utf8_lossy(password.expose()))
        }
        Credentials::Token(token) => format!("token {}", String::from_utf8_lossy(token.expose())),
        other => panic!("{other:?}"),
    }
}

fn targets(config: &Config) -> String {
    config.addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// Below the root, one key in each line.
fn yaml(keys: &[&str], value: &str) -> String {
    let mut text = String::from("hazelcast-client:\n");
    for (depth, key) in keys.iter().enumerate() {
        let end = if depth + 1 == keys.len() { value } else { "" };
        text.extend(["  ".repeat(depth + 1).as_str(), key, ": ", end, "\n"]);
    }
    text
}

fn variable(keys: &[&str]) -> String {
    format!("HZCLIENT_{}", keys.join("_").replace('-', "").replace('.', "_").to_uppercase())
}

#[test]
fn each_key_sets_its_field_from_a_file_and_from_a_variable() {
    for (keys, value, field, expected) in KEYS {
        let config = Config::from_yaml(&yaml(keys, value)).unwrap();
        assert_eq!(field(&config), *expected, "{keys:?} of a file");
        let config = Config::from_env([(variable(keys), value)]).unwrap();
        assert_eq!(field(&config), *expected, "{keys:?} of a variable");
    }
}

#[test]
fn nothing_said_is_the_defaults() {
    for text in
        ["hazelcast-client: {}", "hazelcast-client:", "---\nhazelcast-client:\n  network:\n"]
    {
        let config = Config::from_yaml(text).unwrap();
        assert_eq!(format!("{config:?}"), format!("{:?}", Config::default()));
    }
    let config = Config::from_env([("PATH", "/bin"), ("HZ_CLUSTERNAME", "member's")]).unwrap();
    assert_eq!(format!("{config:?}"), format!("{:?}", Config::default()));
}

#[test]
fn members_have_ports_and_tls() {
    let text = "hazelcast-client:\n  network:\n    cluster-members:\n      - one\n      \
                - two:5710-5711\n      - '[::1]:1'\n    ssl: {enabled: true}\n";
    let config = Config::from_yaml(text).unwrap();
    assert_eq!(targets(&config), "one:5701 one:5702 one:5703 two:5710 two:5711 [::1]:1");
    assert_eq!(config.addresses[3].tls.as_deref(), Some("two"));

    // Variables leave TLS alone, be it in the same load or later.
    let variables = [("HZCLIENT_NETWORK_CLUSTERMEMBERS", "three:3, four:4")];
    let loaded = Loader::new().yaml(text).unwrap().env(variables).unwrap().finish();
    let mut applied = config.clone();
    applied.apply_env(variables).unwrap();
    for config in [loaded, applied] {
        assert_eq!(targets(&config), "three:3 four:4");
        assert_eq!(config.addresses[1].tls.as_deref(), Some("four"));
    }
    let numbered: Vec<(String, String)> = (0..12)
        .rev()
        .map(|n| (format!("HZCLIENT_NETWORK_CLUSTERMEMBERS_{n}"), format!("n{n}:1")))
        .collect();
    let config = Config::from_env(numbered).unwrap();
    assert!(targets(&config).starts_with("n0:1 n1:1 n2:1"), "{}", targets(&config));
    assert!(targets(&config).ends_with("n9:1 n10:1 n11:1"), "{}", targets(&config));

    let mut config = Config::from_yaml(text).unwrap();
    config.apply_env([("HZCLIENT_NETWORK_SSL_ENABLED", "false")]).unwrap();
    assert!(config.addresses.iter().all(|target| target.tls.is_none()));
}

#[test]
fn labels_and_credentials_are_read() {
    let text = "hazelcast-client:\n  client-labels: [red, 7]\n  security:\n    username-password:\n      \
                username: jane\n      password: s3cret\n";
    let mut config = Config::from_yaml(text).unwrap();
    assert_eq!(config.labels, ["red", "7"]);
    assert_eq!(secret(&config), "user jane s3cret");
    config.apply_env([("HZCLIENT_SECURITY_USERNAMEPASSWORD_PASSWORD", "other")]).unwrap();
    assert_eq!(secret(&config), "user jane other");
    config.apply_env([("HZCLIENT_SECURITY_USERNAMEPASSWORD_PASSWORD", " a, b ")]).unwrap();
    assert_eq!(secret(&config), "user jane  a, b ");
    config.apply_env([("HZCLIENT_CLIENTLABELS_0", "blue")]).unwrap();
    assert_eq!(config.labels, ["blue"]);
    config
        .apply_env([
            ("HZCLIENT_SECURITY_TOKEN_VALUE", "aGk="),
            ("HZCLIENT_SECURITY_TOKEN_ENCODING", "base64"),
        ])
        .unwrap();
    assert_eq!(secret(&config), "token hi");
}

#[test]
fn byte_orders_and_the_portable_version_reach_the_registry() {
    let registry = |said: &str| {
        let text = format!("hazelcast-client: {{serialization: {{{said}}}}}");
        format!("{:?}", Config::from_yaml(&text).unwrap().serialization)
    };
    let of = |order| format!("{:?}", Config::default().serialization.byte_order(order));
    let native = if cfg!(target_endian = "big") { ByteOrder::Big } else { ByteOrder::Little };
    assert_eq!(registry("byte-order: LITTLE_ENDIAN"), of(ByteOrder::Little));
    assert_eq!(registry("use-native-byte-order: false"), of(ByteOrder::Big));
    assert_eq!(registry("use-native-byte-order: true, byte-order: BIG_ENDIAN"), of(native));
    assert_eq!(
        registry("portable-version: 3"),
        format!("{:?}", Config::default().serialization.portable_version(3))
    );
}

#[test]
fn properties_count_before_the_metrics_section_and_new_names_before_old() {
    let statistics = |said: &str| {
        Config::from_yaml(&format!("hazelcast-client: {{{said}}}")).unwrap().statistics
    };
    let section = "metrics: {enabled: true, collection-frequency-seconds: 9}";
    assert_eq!(statistics(section), Some(Duration::from_secs(9)));
    let old =
        "hazelcast.client.statistics.enabled: false, hazelcast.client.statistics.period.seconds: 7";
    assert_eq!(statistics(&format!("{section}, properties: {{{old}}}")), None);
    let new = "hazelcast.client.metrics.enabled: true";
    let both = format!("{section}, properties: {{{old}, {new}}}");
    assert_eq!(statistics(&both), Some(Duration::from_secs(7)));
}

#[test]
fn variables_in_values_are_put_in_place_once() {
    let text =
        "hazelcast-client:\n  cluster-name: a-${one}-${two}\n  client-labels: ['${one}', '$one']\n";
    let lookup = |name: &str| match name {
        "one" => Some("${two}".to_owned()),
        "two" => Some("2".to_owned()),
        _ => None,
    };
    let config = Loader::new().variables(lookup).yaml(text).unwrap().finish();
    assert_eq!(&*config.cluster_name, "a-${two}-2");
    assert_eq!(config.labels, ["${two}", "$one"]);
    let error = Config::from_yaml(text).unwrap_err();
    assert_eq!(error.to_string(), "line 2: hazelcast-client.cluster-name: `${one}` has no value");
}

fn failover(text: &str, files: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let files: BTreeMap<_, _> = files.iter().copied().collect();
    let file = |name: &str| files.get(name).map(|text| (*text).to_owned());
    Ok(Loader::new().failover_yaml(text, file)?.finish())
}

#[test]
fn clients_of_several_clusters_are_read() {
    let text = "hazelcast-client-failover:\n  clients:\n    - blue.yaml\n    - green.yaml\n    \
                - hazelcast-client: {cluster-name: red, client-labels: [a]}\n  try-count: 4\n";
    let blue = "hazelcast-client:\n  cluster-name: blue\n  client-labels: [a]\n  network: {cluster-members: [b:1]}\n";
    let green = "hazelcast-client:\n  cluster-name: green\n  network:\n    cluster-members: [g:2]\n    \
                 ssl: {enabled: true}\n  security: {username-password: {username: u, password: p}}\n";
    let config = failover(text, &[("blue.yaml", blue), ("green.yaml", green)]).unwrap();
    assert_eq!((&*config.cluster_name, targets(&config).as_str()), ("blue", "b:1"));
    assert_eq!((config.labels.len(), config.failover_try_count), (1, Some(4)));
    let [green_cluster, red] = &config.failover[..] else { panic!("{:?}", config.failover) };
    assert_eq!((&*green_cluster.name, &*red.name), ("green", "red"));
    assert_eq!(green_cluster.addresses[0].tls.as_deref(), Some("g"));
    assert_eq!(green_cluster.credentials, Credentials::user("u", "p"));
    assert!(red.addresses.is_empty());

    let error = failover(text, &[("blue.yaml", blue)]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 4: hazelcast-client-failover.clients[1]: no file `green.yaml`"
    );
    let other = "hazelcast-client:\n  cluster-name: green\n  network:\n    redo-operation: true\n";
    let error = failover(text, &[("blue.yaml", blue), ("green.yaml", other)]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "green.yaml, line 4: hazelcast-client.network.redo-operation: differs from the first client's: only what is \
         said of the cluster may"
    );
    let broken = "hazelcast-client:\n  x: 1\n";
    let error = failover(text, &[("blue.yaml", blue), ("green.yaml", broken)]).unwrap_err();
    assert_eq!(error.to_string(), "green.yaml, line 2: hazelcast-client.x: no such key");
    let error = failover(text, &[("blue.yaml", blue), ("green.yaml", "a: [")]).unwrap_err();
    assert!(error.to_string().starts_with("green.yaml, line "), "{error}");
    for text in ["hazelcast-client-failover: {}", "hazelcast-client-failover: {clients: []}"] {
        assert_eq!(failover(text, &[]).unwrap_err().problem, Problem::Missing("clients"));
    }
}

/// Leaves out what is refused, key by key, and says which keys those are.
fn peel(text: &str) -> (Config, Vec<String>) {
    let mut lines: Vec<&str> = text.lines().collect();
    let mut refused = Vec::new();
    loop {
        let error = match Config::from_yaml(&lines.join("\n")) {
            Ok(config) => return (config, refused),
            Err(error) => error,
        };
        assert!(matches!(error.problem, Problem::NotSupported(_)), "{error}");
        let Place::Line { line, .. } = error.place else { panic!("{error}") };
        let depth = |line: &str| line.len() - line.trim_start().len();
        let start = line - 1;
        let own = depth(lines[start]);
        let rest = lines[start + 1..].iter();
        let more = rest.take_while(|line| line.trim().is_empty() || depth(line) > own).count();
        lines.drain(start..=start + more);
        refused.push(error.key.trim_start_matches("hazelcast-client.").to_owned());
    }
}

/// A file with all sections of the official schema, as someone may bring it who comes from Java.
const FROM_JAVA: &str = include_str!("hazelcast/from_java.yaml");

const REFUSED: &[&str] = &[
    "config-replacers",
    "cp-direct-to-leader-routing",
    "flake-id-generator",
    "import",
    "listeners",
    "native-memory",
    "near-cache.prices.preloader",
    "network.discovery-strategies",
    "network.kubernetes",
    "network.outbound-ports",
    "network.socket-interceptor",
    "network.socket-options.buffer-size",
    "network.socket-options.keep-alive",
    "network.socket-options.linger-seconds",
    "network.socket-options.reuse-address",
    "network.socket-options.tcp-no-delay",
    "properties.hazelcast.client.event.queue.capacity",
    "properties.hazelcast.client.event.thread.count",
    "proxy-factories",
    "query-caches",
    "reliable-topic",
    "security.credentials-factory",
    "security.kerberos",
    "security.realms",
    "serialization.allow-unsafe",
    "serialization.compact-serialization",
    "serialization.data-serializable-factories",
    "serialization.global-serializer",
    "serialization.java-serialization-filter",
    "serialization.portable-factories",
    "serialization.serializers",
    "sql.resubmission-mode",
    "tpc",
    "user-code-deployment",
];

#[test]
fn a_file_from_java_is_read_save_for_what_is_refused_in_words() {
    let (config, mut refused) = peel(FROM_JAVA);
    refused.sort();
    assert_eq!(refused, REFUSED);
    assert_eq!(&*config.cluster_name, "warehouse");
    assert_eq!(targets(&config), "10.1.1.1:5701 10.1.1.1:5702 10.1.1.1:5703 10.1.1.2:5799");
    assert_eq!(secret(&config), "user clerk pa55");
    assert!(matches!(config.load_balancer, LoadBalancer::Random));
    assert_eq!(config.connection_retry.give_up_after, Some(Duration::from_secs(90)));
    assert_eq!(config.invocation_timeout, Duration::from_secs(60));
    let mut prices = NearCacheConfig::new("prices");
    prices.in_memory_format = InMemoryFormat::Object;
    prices.max_idle = Duration::from_secs(60);
    prices.eviction = Eviction { size: 1000, policy: EvictionPolicy::Lfu };
    assert_eq!(config.near_caches, [prices]);
    assert_eq!(config.statistics, Some(Duration::from_secs(20)));
}

/// The example that comes with the official client, if it is there.
#[test]
fn the_official_example_is_read_save_for_what_is_refused_in_words() {
    let directory = std::env::var_os("GRIDWIRE_DEFINITIONS").map(std::path::PathBuf::from);
    let file = directory.map(|path| path.join("hazelcast/hazelcast-client-full-example.yaml"));
    let Some(text) = file.and_then(|file| std::fs::read_to_string(file).ok()) else {
        println!("not checked against the official example: it is not among the definitions");
        return;
    };
    let (config, refused) = peel(&text);
    assert!(refused.iter().all(|key| !key.contains("cluster-")), "{refused:?}");
    assert_eq!(&*config.cluster_name, "my-cluster");
    assert_eq!(config.labels, ["admin", "foo"]);
    assert_eq!(targets(&config).split(' ').count(), 6);
    assert_eq!(format!("{:.1}", config.connection_retry.jitter), "0.5");
    assert!(config.redo_operation && config.async_start);
    assert_eq!(config.connection_timeout, Duration::from_secs(60));
    println!("refused: {refused:?}");
}
