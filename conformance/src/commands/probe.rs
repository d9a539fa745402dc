//! `gridwire probe HOST[:PORT]…`

use super::{progress, say, table};

use std::process::ExitCode;
use std::time::Duration;

use gridwire_conformance::probe::{ApiRange, Cluster, Finding, Found, Probe, Target, parse_target};

/// Says what each address speaks: Hazelcast, Kafka, XCP, something else, or nothing.
///
/// Without a port, the usual ones are tried: 5701-5703, 9092, 9944. Exit code 1 if none of the three
/// protocols was found anywhere.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// HOST, HOST:PORT or HOST:FIRST-LAST.
    #[arg(required = true)]
    targets: Vec<String>,
    /// The Hazelcast cluster's name to log in with.
    #[arg(long, default_value = "dev")]
    cluster: String,
    /// Its password; only 3.x members ask for one.
    #[arg(long, default_value = "dev-pass")]
    password: String,
    /// How long a peer may take to accept, and for each answer, in milliseconds.
    #[arg(long, default_value_t = 2000, value_name = "MILLISECONDS")]
    timeout: u64,
    /// Print everything that was found as JSON.
    #[arg(long)]
    json: bool,
    /// Show closed ports too, where several were probed.
    #[arg(long)]
    all: bool,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut targets: Vec<Target> = Vec::new();
    for text in &arguments.targets {
        targets.extend(parse_target(text)?);
    }
    let probe = Probe {
        step: Duration::from_millis(arguments.timeout.max(1)),
        cluster: arguments.cluster.clone(),
        password: arguments.password.clone(),
        ..Probe::default()
    };
    let bar = progress(targets.len(), "probing");
    let found = probe.scan(&targets, || bar.inc(1));
    bar.finish_and_clear();
    if arguments.json {
        say(serde_json::to_string_pretty(&found)?);
    } else {
        show(&found, arguments.all);
    }
    let known =
        |one: &Found| matches!(one.finding, Finding::Hazelcast { .. } | Finding::Kafka { .. });
    Ok(ExitCode::from(u8::from(!found.iter().any(known))))
}

fn show(found: &[Found], all: bool) {
    let mut rows = table(&["address", "speaks", "details", "ms"], &[3]);
    let mut closed = 0;
    for one in found {
        let (speaks, details) = describe(&one.finding);
        if matches!(one.finding, Finding::Closed { .. }) && found.len() > 1 && !all {
            closed += 1;
        } else {
            rows.add_row([&one.target, &speaks, &details, &one.millis.to_string()]);
        }
    }
    if !rows.is_empty() {
        say(rows);
    }
    if closed > 0 {
        say(format_args!("{closed} closed"));
    }
}

fn describe(finding: &Finding) -> (String, String) {
    match finding {
        Finding::Hazelcast { protocol, version, cluster, members, partitions, .. } => {
            let speaks = match version {
                Some(version) => format!("Hazelcast {version}"),
                None => "Hazelcast".into(),
            };
            let mut details = vec![format!("protocol {protocol}")];
            details.push(match cluster {
                Cluster::Accepted => "cluster name accepted".into(),
                Cluster::Refused => "cluster name refused, or credentials wanted".into(),
                Cluster::Other(said) => said.clone(),
            });
            if !members.is_empty() {
                let names: Vec<_> = members.iter().map(|member| member.address.as_str()).collect();
                details.push(format!("{} members: {}", members.len(), names.join(", ")));
            }
            if let Some(partitions) = partitions {
                details.push(format!("{partitions} partitions"));
            }
            (speaks, details.join("\n"))
        }
        Finding::Kafka { apis, error } => {
            let mut details = vec![format!("{} APIs", apis.len())];
            details.extend(apis.iter().filter_map(named));
            if *error != 0 {
                details.push(format!("error {error}"));
            }
            ("Kafka".into(), details.join("\n"))
        }
        Finding::Xcp { codecs, max_frame_bytes, plain } => {
            let codecs: Vec<_> = codecs.iter().map(ToString::to_string).collect();
            let form = if *plain { "the reference's form" } else { "with extensions" };
            let details =
                format!("{form}\ncodecs {}\nframes up to {max_frame_bytes} B", codecs.join(", "));
            ("XCP".into(), details)
        }
        Finding::Other { first, looks_like } => {
            let speaks = looks_like.unwrap_or("something else");
            (speaks.into(), format!("first bytes {first}"))
        }
        Finding::HangsUp => ("nothing".into(), "accepts and closes".into()),
        Finding::Silent => ("nothing".into(), "accepts and stays silent".into()),
        Finding::Closed { why } => ("closed".into(), why.clone()),
    }
}

/// Those of the APIs that are declared; `--json` has the rest by number.
fn named(api: &ApiRange) -> Option<String> {
    Some(format!("{} {}-{}", api.name?, api.min, api.max))
}
