//! XCP: Ethers that an agent echoes, and pings.

use gridwire_core::invoker::AsyncInvoker;
use gridwire_core::xcp::message::Text;
use gridwire_core::xcp::{Agents, Xcp};

use super::{Amount, Meter, Tally, in_lanes};

/// Asks an echoing agent.
pub async fn run<I: AsyncInvoker<Family = Xcp>>(client: &I, amount: Amount) -> Tally {
    let meter = Meter::default();
    let agent = client.agent();
    let (meter_ref, agent) = (&meter, &agent);
    in_lanes(amount, |lane, round| async move {
        let text = Text {
            text: format!("lane {lane}, round {round}: größer als nötig, 和気").into(),
        };
        let echo = I::future(agent.ask::<Text, Text>(&text));
        meter_ref.expect("an Ether's echo", echo, text.clone()).await;
        if round % 16 == 0 {
            meter_ref.run("a ping", I::future(agent.ping())).await;
        }
    })
    .await;
    meter.finish()
}
