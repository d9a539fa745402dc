//! Real clients as peers: the official Python clients, Hazelcast's for Node, and kcat.

use super::install::{Part, install};
use super::process::Process;
use super::{Error, cache, suite};

use std::process::Command;
use std::time::Duration;

fn python(script: &str, arguments: &[&str]) -> Result<Process, Error> {
    install(Part::Python)?;
    Process::start(script, |_| {
        let mut command = Command::new(cache().join(Part::Python.name()).join("bin/python"));
        command.arg("-u").arg(suite().join(script)).args(arguments);
        Ok(command)
    })
}

/// Runs a script of `conformance/live` to its end and gives what it printed.
pub fn run_python(script: &str, arguments: &[&str], within: Duration) -> Result<String, Error> {
    python(script, arguments)?.finish(within)
}

/// Runs a script of `conformance/live` for Node to its end and gives what it printed.
pub fn run_node(script: &str, arguments: &[&str], within: Duration) -> Result<String, Error> {
    install(Part::NodeClient)?;
    Process::start(script, |_| {
        let modules = cache().join(Part::NodeClient.name()).join("node_modules");
        let mut command = Command::new("env");
        command.arg(format!("NODE_PATH={}", modules.display())).arg("node");
        command.arg(suite().join(script)).args(arguments);
        Ok(command)
    })?
    .finish(within)
}

/// Runs kcat to its end and gives what it printed. With `input`, that file's path is the last argument.
pub fn run_kcat(
    arguments: &[&str],
    input: Option<&str>,
    within: Duration,
) -> Result<String, Error> {
    install(Part::Kcat)?;
    Process::start("kcat", |directory| {
        let mut command = Command::new("kcat");
        // A minute for metadata, which may be of topics that are made meanwhile.
        command.args(["-m", "60"]).args(arguments);
        if let Some(input) = input {
            let file = directory.join("input");
            std::fs::write(&file, input)?;
            command.arg(file);
        }
        Ok(command)
    })?
    .finish(within)
}

/// A script that runs beside the test.
#[derive(Debug)]
pub struct PythonPeer {
    process: Process,
    /// Lines that were handed out.
    read: usize,
}

impl PythonPeer {
    /// Starts a script of `conformance/live`.
    pub fn start(script: &str, arguments: &[&str]) -> Result<Self, Error> {
        Ok(Self { process: python(script, arguments)?, read: 0 })
    }

    /// The next whole line that it prints.
    pub fn next_line(&mut self, within: Duration) -> Result<String, Error> {
        let read = self.read;
        let line = self.process.wait_for(within, |peer| {
            let printed = peer.stdout();
            let whole = printed.rfind('\n').map_or("", |end| &printed[..end]);
            whole.lines().nth(read).map(str::to_owned)
        })?;
        self.read += 1;
        Ok(line)
    }

    /// Waits for its own end and gives all that it printed.
    pub fn finish(self, within: Duration) -> Result<String, Error> {
        self.process.finish(within)
    }
}
