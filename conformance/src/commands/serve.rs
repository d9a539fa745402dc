//! `gridwire serve hazelcast|kafka|xcp`

use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::Context as _;
use gridwire_core::endpoint::Engine;
use gridwire_core::{hazelcast, kafka, xcp};

use super::say;

/// Serves an embedded peer until interrupted.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// What to serve.
    protocol: Protocol,
    /// Where to listen: the protocol's usual port on 127.0.0.1 unless told otherwise. Port 0 chooses
    /// a free one.
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Protocol {
    /// A cluster of one member.
    Hazelcast,
    /// A broker in memory, with a topic `demo` of 3 partitions.
    Kafka,
    /// An agent that echoes.
    Xcp,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let at = |port| arguments.listen.unwrap_or(SocketAddr::from(([127, 0, 0, 1], port)));
    match arguments.protocol {
        Protocol::Hazelcast => {
            serve::<hazelcast::Member>(hazelcast::MemberConfig::default(), at(5701), "Hazelcast")
        }
        Protocol::Kafka => {
            let topics = vec![("demo".into(), 3)];
            let config = kafka::server::Config { topics, ..Default::default() };
            serve::<kafka::server::Broker>(config, at(9092), "Kafka")
        }
        Protocol::Xcp => {
            serve::<xcp::server::XcpAgent>(xcp::server::Config::default(), at(xcp::PORT), "XCP")
        }
    }
}

fn serve<E>(config: E::Config, at: SocketAddr, what: &str) -> anyhow::Result<ExitCode>
where
    E: Engine<Event: Send + std::fmt::Debug> + Send + 'static,
{
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let server = gridwire_tokio::Server::<E>::bind(config, at)
            .with_context(|| format!("can't listen at {at}"))?;
        say(format_args!("{what} at {}; Ctrl-C ends it", server.local_addr()));
        let interrupted = tokio::signal::ctrl_c();
        tokio::pin!(interrupted);
        loop {
            tokio::select! {
                ended = &mut interrupted => {
                    ended?;
                    break;
                }
                event = server.event() => match event {
                    Some(event) => tracing::info!(?event),
                    None => break,
                },
            }
        }
        server.shutdown().await;
        Ok(ExitCode::SUCCESS)
    })
}
