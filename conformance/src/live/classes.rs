//! Programs in Java that use Apache Kafka's own classes, as what a message or a batch has to be held against.

use super::Error;
use super::install::{Part, install};
use super::process::{Process, java};
use super::suite;

use std::time::Duration;

/// A release of Apache Kafka, of which its classes are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KafkaClasses {
    /// 3.9.1, the last with the oldest versions of messages.
    V3,
    /// 4.4.0.
    V4,
}

/// Runs a program of `conformance/live` that answers each line of its input with a line, and gives the answers.
pub fn ask_kafka(
    classes: KafkaClasses,
    program: &str,
    input: &str,
    within: Duration,
) -> Result<Vec<String>, Error> {
    let library = match classes {
        KafkaClasses::V3 => Part::KafkaClients3,
        KafkaClasses::V4 => Part::Kafka,
    };
    install(library)?;
    let printed = Process::start(program, |directory| {
        let file = directory.join("input");
        std::fs::write(&file, input)?;
        let mut command = java(library.name(), "-Xmx512m");
        command.arg(suite().join(program)).arg(file);
        Ok(command)
    })?
    .finish(within)?;
    Ok(printed.lines().map(str::to_owned).collect())
}
