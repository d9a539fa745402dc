//! Any message at any version: what is written is read back, and written again it is the same. Any
//! bytes under any message type: an answer, and no panic.
#![cfg(all(feature = "hazelcast", feature = "arbitrary"))]

use arbitrary::Unstructured;
use gridwire_core::hazelcast::message;
use gridwire_core::hazelcast::{FrameWriter, Message, Version};
use gridwire_core::rng::Rng;

fn bytes(rng: &mut Rng, length: usize) -> Vec<u8> {
    // Small numbers are likelier to be lengths and flags that lead somewhere.
    (0..length)
        .map(|_| if rng.below(2) == 0 { rng.below(4) } else { rng.below(256) } as u8)
        .collect()
}

#[test]
fn every_message_round_trips_at_every_version() {
    let mut rng = Rng::new([7; 32]);
    let mut printers = 0;
    for printer in message::printers() {
        for _ in 0..20 {
            let length = rng.below(600) as usize;
            let seed = bytes(&mut rng, length);
            (printer.round_trip)(&mut Unstructured::new(&seed)).unwrap_or_else(|wrong| {
                panic!("{} ({:06x}): {wrong}", printer.name, printer.id);
            });
        }
        printers += 1;
    }
    println!("{printers} message types, 20 messages each, at every version");
}

#[test]
fn any_bytes_under_any_type_are_refused_or_read() {
    let mut rng = Rng::new([9; 32]);
    let (mut refused, mut read) = (0, 0);
    for printer in message::printers() {
        for _ in 0..60 {
            // Frames with lengths that fit, so that decoders see what is in them.
            let mut out = FrameWriter::new();
            out.request(printer.id, Version::NEWEST);
            let fixed = rng.below(80) as usize;
            out.put(&bytes(&mut rng, fixed));
            out.end_frame();
            for _ in 0..rng.below(12) {
                out.begin_frame(1 << (8 + rng.below(8)) & !(1 << 13));
                let length = rng.below(20) as usize;
                out.put(&bytes(&mut rng, length));
                out.end_frame();
            }
            let message = Message::new(out.finish().into_bytes()).unwrap();
            match printer.print(&message) {
                Err(_) => refused += 1,
                Ok(printed) => {
                    read += 1;
                    // What was read can be written, and read again as the same.
                    let again = Message::new(printed.encoded.into_bytes()).unwrap();
                    let again = printer.print(&again).unwrap();
                    assert_eq!(format!("{:?}", again.body), format!("{:?}", printed.body));
                }
            }
        }
    }
    assert!(refused > 1000 && read > 1000, "{refused} refused, {read} read");
}
