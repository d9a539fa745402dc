//! Gzip, by flate2. Streams that were written behind each other are read as one, as Java reads them.

use std::io::{Read, Write};

use alloc::vec::Vec;

use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;

use super::Output;
use crate::Malformed;
use crate::kafka::records::RecordsError;

const BROKEN: Malformed = Malformed::other("RecordBatch.records", "not gzip, or broken");

pub(super) fn decompress(packed: &[u8], out: &mut Output<'_>) -> Result<(), RecordsError> {
    let mut stream = MultiGzDecoder::new(packed);
    let mut wanted = packed.len().saturating_mul(4).max(1_024);
    loop {
        let read = stream.read(out.room(wanted)).map_err(|_| BROKEN)?;
        if read == 0 {
            return Ok(());
        }
        out.advance(read)?;
        wanted = 1;
    }
}

pub(super) fn compress(
    records: &[u8],
    level: Option<u8>,
    out: &mut Vec<u8>,
) -> Result<(), RecordsError> {
    let level = level.map_or(6, |level| u32::from(level.clamp(1, 9)));
    let mut stream = GzEncoder::new(out, flate2::Compression::new(level));
    // Writing to memory does not fail.
    let failed = |_| Malformed::other("RecordBatch.records", "gzip could not compress them");
    stream.write_all(records).map_err(failed)?;
    stream.finish().map_err(failed)?;
    Ok(())
}
