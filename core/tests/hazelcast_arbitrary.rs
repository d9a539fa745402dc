//! Any message at any version: what is written is read back, and written again it is the same. Any
//! bytes under any message type: an answer, and no panic.
#![cfg(all(feature = "hazelcast", feature = "arbitrary"))]

use arbitrary::{Arbitrary, Unstructured};
use bytes::Bytes;
use gridwire_core::hazelcast::message::error::Error;
use gridwire_core::hazelcast::message::{self, client, map, sql};
use gridwire_core::hazelcast::schema::Versioned;
use gridwire_core::hazelcast::{FrameWriter, Message, Payload, Version};
use gridwire_core::rng::Rng;

fn bytes(rng: &mut Rng, length: usize) -> Vec<u8> {
    // Small numbers are likelier to be lengths and flags that lead somewhere.
    (0..length)
        .map(|_| if rng.below(2) == 0 { rng.below(4) } else { rng.below(256) } as u8)
        .collect()
}

fn encode<M: Payload>(message: &M, at: Version) -> Bytes {
    let mut out = FrameWriter::new();
    message.encode(at, &mut out);
    out.finish().into_bytes()
}

fn round_trips<M: Payload + for<'a> Arbitrary<'a>>(rng: &mut Rng) {
    for _ in 0..200 {
        let length = rng.below(400) as usize;
        let seed = bytes(rng, length);
        let any = M::arbitrary(&mut Unstructured::new(&seed)).unwrap();
        let newest = Message::new(encode(&any, Version::NEWEST)).unwrap();
        let (decoded, _) = M::decode(&newest).unwrap();
        assert_eq!(decoded, any, "{}", M::NAME);

        let versioned = Versioned::<M>::arbitrary(&mut Unstructured::new(&seed)).unwrap();
        let Versioned { at, message } = versioned;
        let encoded = Message::new(encode(&message, at)).unwrap();
        let (decoded, found) = M::decode(&encoded).unwrap();
        assert_eq!(decoded, message, "{} at {at}", M::NAME);
        assert!(found <= at, "{} at {at}: {found}", M::NAME);
        assert_eq!(encode(&decoded, found), encoded.bytes(), "{} at {at}", M::NAME);
    }
}

macro_rules! round_trips {
    ($($message:ty),* $(,)?) => {{
        let mut rng = Rng::new([7; 32]);
        $(round_trips::<$message>(&mut rng);)*
    }};
}

#[test]
fn messages_round_trip_at_every_version() {
    round_trips! {
        Error,
        client::Authentication,
        client::AuthenticationResponse,
        client::AuthenticationCustom,
        client::AuthenticationCustomResponse,
        client::MembersViewEvent,
        client::PartitionsViewEvent,
        client::MemberGroupsViewEvent,
        client::ClusterVersionEvent,
        client::CreateProxies,
        client::GetDistributedObjectsResponse,
        client::DistributedObjectEvent,
        client::Statistics,
        client::SendSchema,
        client::SendSchemaResponse,
        client::FetchSchemaResponse,
        client::Ping,
        map::Put,
        map::PutResponse,
        map::DeleteResponse,
        map::AddEntryListenerToKeyWithPredicate,
        map::EntryEvent,
        map::GetAllResponse,
        map::PutAll,
        map::EventJournalRead,
        map::EventJournalReadResponse,
        sql::Execute,
        sql::ExecuteResponse,
        sql::FetchResponse,
        sql::MappingDdlResponse,
    }
}

#[test]
fn any_bytes_under_any_type_are_refused_or_read() {
    let mut rng = Rng::new([9; 32]);
    let (mut refused, mut read) = (0, 0);
    for printer in message::printers() {
        for _ in 0..300 {
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
