//! `gridwire replay FILE…`

use super::{progress, say, table};

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use gridwire_conformance::capture::read;
use gridwire_conformance::replay::{FileReport, Tally, replay};

/// Decodes each message of captured sessions, encodes it again and compares.
///
/// Exit code 1 if any message differs. Messages that aren't declared are counted.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// .pcap files of TCP connections, gzip'd or not.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Print the whole report as JSON.
    #[arg(long)]
    json: bool,
    /// List the messages that aren't declared.
    #[arg(long)]
    undeclared: bool,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let bar = progress(arguments.files.len(), "replaying");
    let mut reports = Vec::new();
    for file in &arguments.files {
        let name = file.display().to_string();
        let session = read(file).with_context(|| name.clone())?;
        reports.push(replay(&name, &session));
        bar.inc(1);
    }
    bar.finish_and_clear();
    if arguments.json {
        say(serde_json::to_string_pretty(&reports)?);
    } else {
        show(&reports, arguments.undeclared);
    }
    let differ = reports.iter().any(|report| !report.differences.is_empty());
    Ok(ExitCode::from(u8::from(differ)))
}

fn show(reports: &[FileReport], list_undeclared: bool) {
    let headings = ["file", "protocol", "conns", "same", "differ", "undeclared", "bytes", "unread"];
    let mut rows = table(&headings, &[2, 3, 4, 5, 6, 7]);
    let mut total = Tally::default();
    for report in reports {
        for (protocol, tally) in &report.protocols {
            rows.add_row(row(&report.file, protocol, &report.connections.to_string(), tally));
            total.add(tally);
        }
        if report.unrecognized > 0 {
            let unknown = Tally { unread: report.unrecognized, ..Tally::default() };
            rows.add_row(row(&report.file, "unknown", "", &unknown));
        }
    }
    rows.add_row(row("all", "", "", &total));
    say(rows);
    if total.longer > 0 {
        say(format_args!("{} messages had bytes after their last field", total.longer));
    }
    if list_undeclared {
        for (name, count) in &total.undeclared {
            say(format_args!("undeclared: {name}: {count}"));
        }
    }
    for report in reports {
        for found in &report.differences {
            say(format_args!(
                "{}: connection {} ({} to {}), byte {} {}: {}: {}",
                report.file,
                found.connection,
                found.client,
                found.server,
                found.offset,
                found.direction,
                found.message,
                found.how
            ));
        }
    }
}

fn row(file: &str, protocol: &str, connections: &str, tally: &Tally) -> Vec<String> {
    let counts =
        [tally.same, tally.different, tally.undeclared_messages(), tally.bytes, tally.unread];
    let name = file.rsplit('/').next().unwrap_or(file);
    [name.to_owned(), protocol.to_owned(), connections.to_owned()]
        .into_iter()
        .chain(counts.map(|count| count.to_string()))
        .collect()
}
