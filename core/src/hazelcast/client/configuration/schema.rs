//! The official schema as tables: what each key may be, and what it sets.
//!
//! A key that the official client has and this one lacks stands here too, with the reason why it is
//! refused: what a user asked for and doesn't get is said at the start, not found out in production.

use alloc::string::String;
use core::time::Duration;

use base64::Engine;

use super::cursor::Cursor;
use super::draft::Draft;
use super::error::{ConfigError, Problem};
use super::members;
use super::near_caches;
use super::walk::Rule::{Fixed, Refused, Section, Set, Switched};
use super::walk::{Entry, entry, only, walk};
use crate::Secret;
use crate::hazelcast::client::cluster::{Credentials, LoadBalancer, Reconnect, Routing};
use crate::hazelcast::serialization::ByteOrder;

const CODE: &str =
    "it names classes of Java's; types are registered in code, by `Config::serialization`";
const THREADS: &str = "this client has no threads of its own";
const CLOUD: &str = "members are not looked for by other services; name them in `cluster-members`";
const SOCKET: &str = "the transport sets its sockets";
const STRUCTURE: &str = "settings of single structures are not read from files";

/// Below `hazelcast-client`.
pub(super) const CLIENT: &[Entry] = &[
    entry(
        "cluster-name",
        Set(|draft, at| at.text().map(|name| draft.config.cluster_name = name.into())),
    ),
    entry(
        "instance-name",
        Set(|draft, at| at.text().map(|name| draft.config.client_name = name.into())),
    ),
    entry("client-labels", Set(labels)),
    entry("properties", Section(PROPERTIES)),
    entry("network", Section(NETWORK)),
    entry("connection-strategy", Section(STRATEGY)),
    entry("security", Section(SECURITY)),
    entry("load-balancer", Section(BALANCER)),
    entry(
        "backup-ack-to-client-enabled",
        Set(|draft, at| at.switch().map(|on| draft.config.backup_ack_to_client = on)),
    ),
    entry("metrics", Section(METRICS)),
    entry("serialization", Section(SERIALIZATION)),
    entry(
        "cp-direct-to-leader-routing",
        Fixed("false", "requests for the CP subsystem go to any member"),
    ),
    entry("sql", Section(SQL)),
    entry("tpc", Switched("connections to the ports of single threads")),
    entry("import", Refused("files are read by the program")),
    entry(
        "config-replacers",
        Refused("the program says what `${…}` stands for, by `Loader::variables`"),
    ),
    entry("listeners", Refused("they are classes of Java's; listeners are added in code")),
    entry("proxy-factories", Refused("they are classes of Java's")),
    entry("native-memory", Switched("there is no memory besides the process's own")),
    entry("user-code-deployment", Switched("there is no code of Java's to send")),
    entry("instance-tracking", Switched("no files are written")),
    entry("near-cache", Set(near_caches::read)),
    entry("query-caches", Refused(STRUCTURE)),
    entry("flake-id-generator", Refused(STRUCTURE)),
    entry("reliable-topic", Refused(STRUCTURE)),
];

const NETWORK: &[Entry] = &[
    entry(
        "cluster-members",
        Set(|draft, at| members::read(at).map(|members| draft.addresses = Some(members))),
    ),
    entry(
        "smart-routing",
        Set(|draft, at| {
            draft.exclusive(at, Draft::ROUTING, "smart-routing")?;
            draft.config.routing =
                if at.switch()? { Routing::AllMembers } else { Routing::SingleMember };
            Ok(())
        }),
    ),
    entry("cluster-routing", Section(ROUTING)),
    entry(
        "redo-operation",
        Set(|draft, at| at.switch().map(|on| draft.config.redo_operation = on)),
    ),
    entry("connection-timeout", Set(connection_timeout)),
    entry("ssl", Set(ssl)),
    entry("socket-options", Section(SOCKETS)),
    entry("outbound-ports", Refused("the system chooses them")),
    entry("socket-interceptor", Switched("it is a class of Java's")),
    entry("auto-detection", Switched(CLOUD)),
    entry("aws", Switched(CLOUD)),
    entry("gcp", Switched(CLOUD)),
    entry("azure", Switched(CLOUD)),
    entry("kubernetes", Switched(CLOUD)),
    entry("eureka", Switched(CLOUD)),
    entry("discovery-strategies", Refused(CLOUD)),
    entry("hazelcast-cloud", Switched(CLOUD)),
    entry("icmp-ping", Switched("members are watched by heartbeats alone")),
];

const ROUTING: &[Entry] = &[
    entry(
        "mode",
        Set(|draft, at| {
            const MODES: &[(&str, Routing)] = &[
                ("ALL_MEMBERS", Routing::AllMembers),
                ("SINGLE_MEMBER", Routing::SingleMember),
                ("MULTI_MEMBER", Routing::MultiMember),
            ];
            draft.exclusive(at, Draft::ROUTING, "cluster-routing")?;
            draft.config.routing =
                at.choice(MODES, "ALL_MEMBERS, SINGLE_MEMBER or MULTI_MEMBER")?;
            Ok(())
        }),
    ),
    entry("routing-strategy", Fixed("PARTITION_GROUPS", "members tell the groups")),
];

const SOCKETS: &[Entry] = &[
    entry("tcp-no-delay", Fixed("true", SOCKET)),
    entry("keep-alive", Refused(SOCKET)),
    entry("reuse-address", Refused(SOCKET)),
    entry("linger-seconds", Refused(SOCKET)),
    entry("buffer-size", Refused(SOCKET)),
];

const STRATEGY: &[Entry] = &[
    entry("async-start", Set(|draft, at| at.switch().map(|on| draft.config.async_start = on))),
    entry(
        "reconnect-mode",
        Set(|draft, at| {
            const MODES: &[(&str, Reconnect)] =
                &[("ON", Reconnect::On), ("OFF", Reconnect::Off), ("ASYNC", Reconnect::Async)];
            draft.config.reconnect = at.choice(MODES, "ON, OFF or ASYNC")?;
            Ok(())
        }),
    ),
    entry("connection-retry", Section(RETRY)),
];

const RETRY: &[Entry] = &[
    entry(
        "initial-backoff-millis",
        Set(|draft, at| wait(at).map(|wait| draft.config.connection_retry.initial = wait)),
    ),
    entry(
        "max-backoff-millis",
        Set(|draft, at| wait(at).map(|wait| draft.config.connection_retry.max = wait)),
    ),
    entry(
        "multiplier",
        Set(|draft, at| {
            draft.config.connection_retry.multiplier = at.number(1.0, 1e9, "a number from 1")?;
            Ok(())
        }),
    ),
    entry(
        "jitter",
        Set(|draft, at| {
            draft.config.connection_retry.jitter = at.number(0.0, 1.0, "a number from 0 to 1")?;
            Ok(())
        }),
    ),
    entry(
        "cluster-connect-timeout-millis",
        Set(|draft, at| {
            let millis = at.integer(-1, "milliseconds, or -1 for without end")?;
            draft.config.connection_retry.give_up_after =
                u64::try_from(millis).ok().map(Duration::from_millis);
            Ok(())
        }),
    ),
];

const SECURITY: &[Entry] = &[
    entry("username-password", Set(user)),
    entry("token", Set(token)),
    entry(
        "credentials-factory",
        Refused("it is a class of Java's; give `Config::credentials` in code"),
    ),
    entry("kerberos", Refused("give the ticket's bytes in code, as `Credentials::Token`")),
    entry("realms", Refused("they are login modules of Java's")),
];

const BALANCER: &[Entry] = &[
    entry(
        "type",
        Set(|draft, at| {
            const TYPES: &[(&str, u8)] = &[("round-robin", 0), ("random", 1), ("custom", 2)];
            draft.config.load_balancer = match at.choice(TYPES, "round-robin or random")? {
                0 => LoadBalancer::RoundRobin,
                1 => LoadBalancer::Random,
                _ => {
                    return Err(
                        at.error(Problem::NotSupported("give `LoadBalancer::Custom` in code"))
                    );
                }
            };
            Ok(())
        }),
    ),
    entry("class-name", Refused("it is a class of Java's; give `LoadBalancer::Custom` in code")),
];

const METRICS: &[Entry] = &[
    entry("enabled", Set(|draft, at| at.switch().map(|on| draft.statistics.section = Some(on)))),
    entry(
        "collection-frequency-seconds",
        Set(|draft, at| at.seconds().map(|period| draft.statistics.section_period = Some(period))),
    ),
    entry("jmx", Switched("there is no Java here")),
];

const SERIALIZATION: &[Entry] = &[
    entry(
        "portable-version",
        Set(|draft, at| {
            draft.portable_version = Some(at.integer(0, "a whole number from 0")?);
            Ok(())
        }),
    ),
    entry(
        "byte-order",
        Set(|draft, at| {
            const ORDERS: &[(&str, ByteOrder)] =
                &[("BIG_ENDIAN", ByteOrder::Big), ("LITTLE_ENDIAN", ByteOrder::Little)];
            draft.byte_order = Some(at.choice(ORDERS, "BIG_ENDIAN or LITTLE_ENDIAN")?);
            Ok(())
        }),
    ),
    entry(
        "use-native-byte-order",
        Set(|draft, at| at.switch().map(|on| draft.native_order = Some(on))),
    ),
    entry(
        "check-class-def-errors",
        Fixed("true", "a portable type that differs is always an error"),
    ),
    entry("enable-compression", Fixed("false", "objects of Java's are not written")),
    entry("enable-shared-object", Fixed("false", "objects of Java's are not written")),
    entry("allow-unsafe", Fixed("false", "there is no unsafe code")),
    entry(
        "allow-override-default-serializers",
        Fixed("false", "types that are built in keep their serializers"),
    ),
    entry("data-serializable-factories", Refused(CODE)),
    entry("portable-factories", Refused(CODE)),
    entry("serializers", Refused(CODE)),
    entry("global-serializer", Refused(CODE)),
    entry("compact-serialization", Refused(CODE)),
    entry("java-serialization-filter", Refused("objects of Java's are not read")),
];

const SQL: &[Entry] =
    &[entry("resubmission-mode", Fixed("NEVER", "statements are not submitted again"))];

const PROPERTIES: &[Entry] = &[
    entry(
        "hazelcast.client.shuffle.member.list",
        Set(|draft, at| at.switch().map(|on| draft.config.shuffle_member_list = on)),
    ),
    entry(
        "hazelcast.client.heartbeat.interval",
        Set(|draft, at| at.millis().map(|time| draft.config.heartbeat_interval = time)),
    ),
    entry(
        "hazelcast.client.heartbeat.timeout",
        Set(|draft, at| at.millis().map(|time| draft.config.heartbeat_timeout = time)),
    ),
    entry(
        "hazelcast.client.invocation.timeout.seconds",
        Set(|draft, at| at.seconds().map(|time| draft.config.invocation_timeout = time)),
    ),
    entry(
        "hazelcast.client.invocation.retry.pause.millis",
        Set(|draft, at| wait(at).map(|time| draft.config.invocation_retry_pause = time)),
    ),
    entry(
        "hazelcast.client.max.concurrent.invocations",
        Set(|draft, at| at.count().map(|count| draft.config.max_concurrent_invocations = count)),
    ),
    entry(
        "hazelcast.client.operation.backup.timeout.millis",
        Set(|draft, at| at.millis().map(|time| draft.config.backup_ack_timeout = time)),
    ),
    entry(
        "hazelcast.client.operation.fail.on.indeterminate.state",
        Set(|draft, at| {
            at.switch().map(|on| draft.config.fail_on_indeterminate_operation_state = on)
        }),
    ),
    entry(
        "hazelcast.discovery.public.ip.enabled",
        Set(|draft, at| at.switch().map(|on| draft.config.use_public_ip = Some(on))),
    ),
    entry(
        "hazelcast.client.metrics.enabled",
        Set(|draft, at| at.switch().map(|on| draft.statistics.property = Some(on))),
    ),
    entry(
        "hazelcast.client.metrics.collection.frequency",
        Set(|draft, at| at.seconds().map(|period| draft.statistics.property_period = Some(period))),
    ),
    entry(
        "hazelcast.client.statistics.enabled",
        Set(|draft, at| at.switch().map(|on| draft.statistics.former = Some(on))),
    ),
    entry(
        "hazelcast.client.statistics.period.seconds",
        Set(|draft, at| at.seconds().map(|period| draft.statistics.former_period = Some(period))),
    ),
    entry(
        "hazelcast.invalidation.max.tolerated.miss.count",
        Set(|draft, at| {
            let count = at.integer(0, "a whole number from 0")?;
            draft.config.invalidation_max_tolerated_miss_count = count.unsigned_abs();
            Ok(())
        }),
    ),
    entry(
        "hazelcast.invalidation.reconciliation.interval.seconds",
        Set(near_caches::reconciliation_interval),
    ),
    entry("hazelcast.client.metrics.debug.enabled", Fixed("false", "there are no such metrics")),
    entry("hazelcast.client.metrics.jmx.enabled", Fixed("false", "there is no Java here")),
    entry(
        "hazelcast.client.invocation.backoff.timeout.millis",
        Set(|draft, at| {
            let millis = at.integer(-1, "milliseconds, or -1 for not at all")?;
            let time = u64::try_from(millis).ok().filter(|millis| *millis > 0);
            draft.config.invocation_backoff_timeout = time.map(Duration::from_millis);
            Ok(())
        }),
    ),
    entry("hazelcast.discovery.enabled", Fixed("false", CLOUD)),
    entry("hazelcast.client.cloud.discovery.token", Refused(CLOUD)),
    entry("hazelcast.client.event.thread.count", Refused(THREADS)),
    entry(
        "hazelcast.client.event.queue.capacity",
        Refused("the adapter has a limit for each listener"),
    ),
    entry("hazelcast.client.io.input.thread.count", Refused(THREADS)),
    entry("hazelcast.client.io.output.thread.count", Refused(THREADS)),
    entry("hazelcast.client.io.balancer.interval.seconds", Refused(THREADS)),
    entry("hazelcast.client.io.write.through", Refused(THREADS)),
    entry("hazelcast.client.concurrent.window.ms", Refused(THREADS)),
    entry("hazelcast.client.response.thread.count", Refused(THREADS)),
    entry("hazelcast.client.response.thread.dynamic", Refused(THREADS)),
    entry("hazelcast.client.jobupload.partsize", Refused("there is no code of Java's to send")),
    entry("hazelcast.client.sql.partition.argument.cache.size", Refused(STRUCTURE)),
    entry(
        "hazelcast.client.connectivity.logging.delay.seconds",
        Refused("what is logged is for the program to say"),
    ),
    entry("hazelcast.partitioning.strategy.class", Refused("it is a class of Java's")),
];

fn labels(draft: &mut Draft, at: &Cursor<'_>) -> Result<(), ConfigError> {
    draft.config.labels = at.texts()?.into_iter().map(|(_, label)| label.into()).collect();
    Ok(())
}

/// A pause, which may be none.
fn wait(at: &Cursor<'_>) -> Result<Duration, ConfigError> {
    let millis = at.integer(0, "milliseconds")?;
    Ok(Duration::from_millis(u64::from(millis.unsigned_abs())))
}

/// 0 is the longest there is, as the official client has it.
fn connection_timeout(draft: &mut Draft, at: &Cursor<'_>) -> Result<(), ConfigError> {
    let time = wait(at)?;
    let longest = Duration::from_millis(u64::from(i32::MAX.unsigned_abs()));
    draft.config.connection_timeout = if time.is_zero() { longest } else { time };
    Ok(())
}

/// Certificates are the adapter's: files of Java's can't be read here.
fn ssl(draft: &mut Draft, at: &Cursor<'_>) -> Result<(), ConfigError> {
    const KEYS: &[Entry] = &[
        entry("enabled", Set(|draft, at| at.switch().map(|on| draft.tls = Some(on)))),
        entry("factory-class-name", Refused("it is a class of Java's")),
        entry(
            "properties",
            Refused(
                "key stores of Java's are not read; certificates and keys are given to the adapter",
            ),
        ),
    ];
    match at.get("enabled") {
        Some(enabled) if enabled.switch()? => walk(KEYS, draft, at),
        Some(_) => {
            draft.tls = Some(false);
            Ok(())
        }
        // Off by default.
        None => at.entries().map(|_| ()),
    }
}

fn user(draft: &mut Draft, at: &Cursor<'_>) -> Result<(), ConfigError> {
    draft.exclusive(at, Draft::IDENTITY, "username-password")?;
    only(at, &["username", "password"])?;
    // Variables may set one of the two.
    let (old_name, old_password) = match &draft.config.credentials {
        Credentials::User { name, password } => (Some(name.clone()), Some(password.clone())),
        _ => (None, None),
    };
    let name = at.get("username").map(|name| name.text().map(Into::into)).transpose()?;
    let password = at.get("password").map(|password| password.secret()).transpose()?;
    let missing = |key| at.error(Problem::Missing(key));
    draft.config.credentials = Credentials::User {
        name: name.or(old_name).ok_or_else(|| missing("username"))?,
        password: password.or(old_password).ok_or_else(|| missing("password"))?,
    };
    Ok(())
}

fn token(draft: &mut Draft, at: &Cursor<'_>) -> Result<(), ConfigError> {
    draft.exclusive(at, Draft::IDENTITY, "token")?;
    only(at, &["encoding", "value"])?;
    let is_base64 = match at.get("encoding") {
        Some(encoding) => {
            encoding.choice(&[("none", false), ("base64", true)], "none or base64")?
        }
        None => false,
    };
    let value = at.get("value").ok_or_else(|| at.error(Problem::Missing("value")))?;
    let mut token = value.secret()?;
    if is_base64 {
        let bytes = base64::engine::general_purpose::STANDARD.decode(token.expose());
        // The token itself isn't shown.
        let wrong = Problem::Expected { what: "base64", found: String::from("other text") };
        token = Secret::from(bytes.map_err(|_| value.error(wrong))?);
    }
    draft.config.credentials = Credentials::Token(token);
    Ok(())
}
