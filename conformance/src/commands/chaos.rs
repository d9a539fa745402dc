//! `gridwire chaos crash|restart|freeze`

use std::process::ExitCode;
use std::time::Duration;

use gridwire_conformance::chaos::{self, Storm};

use super::say;

/// Works on a cluster of three real Hazelcast members while they are killed, moved or stopped, and checks
/// that every call ends and no acknowledged write is lost.
///
/// The members are fetched and started by the program itself, which GRIDWIRE_LIVE=1 allows. Exit code 1
/// if anything was lost, hung or heard twice.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// What is done to the members.
    #[arg(long, value_name = "STORM")]
    run: Run,
    /// For how long at least, beside starting and checking.
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    seconds: u64,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Run {
    /// One is killed and another started in its place, again and again.
    #[value(alias = "a")]
    Crash,
    /// All are killed, and as many started on other ports.
    #[value(alias = "b")]
    Restart,
    /// One is stopped for longer than the heartbeat timeout, then goes on.
    #[value(alias = "c")]
    Freeze,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let storm = match arguments.run {
        Run::Crash => Storm::Crash,
        Run::Restart => Storm::Restart,
        Run::Freeze => Storm::Freeze,
    };
    let outcome = chaos::run(storm, Duration::from_secs(arguments.seconds))?;
    say(&outcome);
    Ok(ExitCode::from(u8::from(!outcome.is_good())))
}
