//! The gridwire program: what the library can do, from a command line.
//!
//! Each subcommand has a file of its own in `commands`; what it does is in the library, what is there is
//! how it is asked for and shown.

mod commands;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

/// Hazelcast, Kafka and XCP on the wire: try them, serve them, look at servers, replay captures.
#[derive(Debug, Parser)]
#[command(name = "gridwire", version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// What to log to standard error, as in RUST_LOG.
    #[arg(long, global = true, value_name = "FILTER", default_value = "warn")]
    log: String,
}

#[derive(Debug, Subcommand)]
enum Command {
    Chaos(commands::chaos::Arguments),
    Demo(commands::demo::Arguments),
    Probe(commands::probe::Arguments),
    Replay(commands::replay::Arguments),
    Serve(commands::serve::Arguments),
    Simulate(commands::simulate::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(&arguments.log));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let done = match arguments.command.unwrap_or(Command::Demo(Default::default())) {
        Command::Chaos(arguments) => commands::chaos::run(&arguments),
        Command::Demo(arguments) => commands::demo::run(&arguments),
        Command::Probe(arguments) => commands::probe::run(&arguments),
        Command::Replay(arguments) => commands::replay::run(&arguments),
        Command::Serve(arguments) => commands::serve::run(&arguments),
        Command::Simulate(arguments) => commands::simulate::run(&arguments),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("gridwire: {error:#}");
            ExitCode::from(2)
        }
    }
}
