//! Every Hazelcast message at every version, from its description: written as it was read, and in
//! memory that its bytes account for. Both in one test: the allocator counts for the whole process.

use std::alloc::System;

use bytes::BytesMut;
use gridwire_core::hazelcast::frame::FRAME_HEADER;
use gridwire_core::hazelcast::schema::MessageSchema;
use gridwire_core::hazelcast::{Message, Version, message};
use gridwire_core::rng::Rng;
use gridwire_fuzzing::shapes::{Choice, build, written_as_read};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// What a byte received may cost: allocated in all while it is read, its growth in steps included,
/// and while it is written again.
const MOST: usize = 16;
/// Enough items that what a message costs by itself doesn't count.
const ITEMS: usize = 400;

fn types() -> impl Iterator<Item = (&'static MessageSchema, u32)> {
    message::schemas().flat_map(|schema| schema.ids.iter().map(move |id| (schema, *id)))
}

fn every_type_at_every_version() {
    let mut rng = Rng::new([4; 32]);
    let mut messages = 0;
    for (schema, id) in types() {
        for at in Version::ALL.into_iter().filter(|at| *at >= schema.since) {
            for _ in 0..3 {
                let bytes = build(schema, id, at, &mut |choice| {
                    let most = match choice {
                        Choice::Items(depth) => 3u32.saturating_sub(depth).into(),
                        Choice::Null(_) => 1,
                        Choice::Length => 5,
                        Choice::Byte => 255,
                    };
                    rng.below(most + 1) as usize
                });
                written_as_read(schema, at, bytes);
                messages += 1;
            }
        }
    }
    println!("{messages} messages of {} types are written as they were read", types().count());
    assert!(messages > 10_000);
}

/// Bytes allocated while the message is read and written, for each byte of it. One that is refused
/// may not cost more.
fn cost(message: &Message) -> (usize, bool) {
    let printer = message::printer(message.message_type()).unwrap();
    let region = Region::new(ALLOCATOR);
    let read = printer.print(message).is_ok();
    let change = region.change();
    (change.bytes_allocated / message.bytes().len(), read)
}

/// Lists of the least that an item can be, wherever a message has one; then the same cut off in the
/// middle, so that what was promised doesn't come.
fn lists_cost_what_their_bytes_account_for() {
    let (mut worst, mut name, mut lists, mut refused) = (0, "", 0, 0);
    for (schema, id) in types() {
        for (at, level, null) in [Version::V2_0, Version::NEWEST]
            .into_iter()
            .flat_map(|at| (0..4).flat_map(move |level| [(at, level, 0), (at, level, 1)]))
        {
            let bytes = build(schema, id, at.max(schema.since), &mut |choice| match choice {
                Choice::Items(depth) if depth == level => ITEMS,
                Choice::Items(depth) => usize::from(depth < level),
                Choice::Null(depth) => null * usize::from(depth > level),
                Choice::Length | Choice::Byte => 0,
            });
            if bytes.len() < ITEMS {
                continue;
            }
            lists += 1;
            let mut cut = BytesMut::from(&bytes[..]);
            let (mut last, mut next) = (0, 0);
            while next < bytes.len() / 2 {
                last = next;
                next += u32::from_le_bytes(bytes[next..next + 4].try_into().unwrap()) as usize;
            }
            cut.truncate(next);
            cut[last + FRAME_HEADER - 1] |= 0x20;
            let (cost_of_part, read) = cost(&Message::new(cut.freeze()).unwrap());
            refused += usize::from(!read);
            let (cost, read) = cost(&Message::new(bytes).unwrap());
            assert!(read, "{}: {level} {null}", schema.name);
            if cost.max(cost_of_part) > worst {
                (worst, name) = (cost.max(cost_of_part), schema.name);
            }
        }
    }
    println!("{lists} long lists, {refused} of them cut off: {worst} bytes a byte, in {name}");
    assert!(worst <= MOST, "{worst} bytes for each byte received: {name}");
    assert!(lists > 500 && refused > 300, "{lists} lists, {refused} refused");
}

#[test]
fn messages_by_their_shape() {
    every_type_at_every_version();
    lists_cost_what_their_bytes_account_for();
}
