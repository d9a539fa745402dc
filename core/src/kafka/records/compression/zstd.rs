//! Zstandard, by Facebook's own library through zstd-safe.
//!
//! Frames may lack their content's size and are read as a stream. The library asks for a window as
//! large as the frame's header says, 128 MiB at most: memory that the system gives only as it is written
//! to, and that is not kept for the next batch.

use alloc::vec::Vec;

use zstd_safe::{DCtx, DParameter, InBuffer, OutBuffer, compress_bound};

use super::{KEPT, Output};
use crate::kafka::records::RecordsError;
use crate::{Fault, Malformed};

const CONTEXT: &str = "RecordBatch.records";

const BROKEN: Malformed = Malformed::other(CONTEXT, "not zstd, or broken");

/// The largest window that Kafka's clients write, and the largest that they read, as a power of two.
const WINDOW: u32 = 27;

/// What the library keeps from batch to batch.
#[derive(Default)]
pub(super) struct Context(Option<DCtx<'static>>);

impl Context {
    pub(super) fn decompress(
        &mut self,
        packed: &[u8],
        out: &mut Output<'_>,
    ) -> Result<(), RecordsError> {
        let context = match &mut self.0 {
            Some(context) => context,
            none => {
                let context = DCtx::try_create().ok_or(OUT_OF_MEMORY)?;
                none.insert(context)
            }
        };
        let result = stream(context, packed, out);
        // What broke, and what needed much, is thrown away.
        if result.is_err() || context.sizeof() > KEPT {
            self.0 = None;
        }
        result
    }
}

const OUT_OF_MEMORY: Malformed = Malformed::other(CONTEXT, "zstd got no memory");

fn stream(context: &mut DCtx<'_>, packed: &[u8], out: &mut Output<'_>) -> Result<(), RecordsError> {
    context.set_parameter(DParameter::WindowLogMax(WINDOW)).map_err(|_| BROKEN)?;
    let mut input = InBuffer::around(packed);
    let mut wanted = packed.len().saturating_mul(4).max(1_024);
    loop {
        let mut room = OutBuffer::around(out.room(wanted));
        let more = context.decompress_stream(&mut room, &mut input).map_err(|_| BROKEN)?;
        let written = room.pos();
        let full = written == room.capacity();
        out.advance(written)?;
        wanted = 1;
        if input.pos() < packed.len() || full && more != 0 {
            continue;
        }
        // 0 says that a frame has ended.
        if more != 0 {
            let fault = Fault::Truncated { needed: more, available: 0 };
            return Err(Malformed::new(CONTEXT, fault).into());
        }
        return Ok(());
    }
}

pub(super) fn compress(
    records: &[u8],
    level: Option<i32>,
    out: &mut Vec<u8>,
) -> Result<(), RecordsError> {
    let at = out.len();
    out.resize(at + compress_bound(records.len()), 0);
    let room = out.get_mut(at..).unwrap_or_default();
    let level = level.unwrap_or(zstd_safe::CLEVEL_DEFAULT);
    let level = level.clamp(zstd_safe::min_c_level(), zstd_safe::max_c_level());
    // There is room for the worst of cases; what can fail is getting memory.
    let written = zstd_safe::compress(room, records, level).map_err(|_| OUT_OF_MEMORY)?;
    out.truncate(at + written);
    Ok(())
}
