//! Frames: `size (i32) | header | body`.
//!
//! ```text
//!  0        4            8        12
//!  | size   | key | ver  | corr.  | client id | tags | body ..      a request
//!  | size   | corr.      | tags | body ..                           a response
//! ```
//!
//! [`Splitter`] takes frames off the front of a receive buffer without copying them; the functions
//! here read their headers and write whole frames. Sessions of both roles call them.

use bytes::{Buf, Bytes, BytesMut};

use super::message::{Api, Request, RequestHeader, ResponseHeader, api};
use super::wire::{EncodeError, Message, Reader, Writer};
use crate::{Fault, Malformed, Str};

/// The largest frame that is taken by default, as brokers do: 100 MiB.
pub const LIMIT: usize = 100 * 1024 * 1024;

/// The largest frame that a broker takes from a peer that has not authenticated: 512 KiB.
pub const LIMIT_BEFORE_AUTHENTICATION: usize = 512 * 1024;

/// Room is made for a frame of this size at once; a larger one has to prove that it comes.
const TRUSTED: usize = 1024 * 1024;

/// Splits frames off one connection's receive buffer.
#[derive(Debug, Clone)]
pub struct Splitter {
    limit: usize,
    // Size of the frame that is arriving, its four bytes included; 4 while that is unknown.
    needed: usize,
}

impl Default for Splitter {
    fn default() -> Self {
        Self::new(LIMIT)
    }
}

impl Splitter {
    /// Takes frames of up to `limit` bytes, the four of the size not counted.
    pub fn new(limit: usize) -> Self {
        Self { limit, needed: 4 }
    }

    /// Changes the limit, for frames whose size was not seen yet.
    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// The next frame without its size, or `None` until all of it is there. An empty frame is
    /// returned as it is: it has no header, but it can be a SASL token.
    ///
    /// # Errors
    /// The size is negative or above the limit. There is no way to go on with the connection.
    pub fn next(&mut self, data: &mut BytesMut) -> Result<Option<Bytes>, Malformed> {
        if data.len() < self.needed {
            return Ok(self.wait(data));
        }
        let Some(size) = data.first_chunk::<4>().map(|size| i32::from_be_bytes(*size)) else {
            return Ok(self.wait(data));
        };
        let Ok(len) = usize::try_from(size) else {
            return Err(Malformed::new("frame", Fault::Length(i64::from(size))));
        };
        if len > self.limit {
            let fault = Fault::Limit { size: len as u64, limit: self.limit as u64 };
            return Err(Malformed::new("frame", fault));
        }
        self.needed = len + 4;
        if data.len() < self.needed {
            return Ok(self.wait(data));
        }
        self.needed = 4;
        data.advance(4);
        Ok(Some(data.split_to(len).freeze()))
    }

    /// Makes room for what is missing: exactly, for a frame up to 1 MiB; above, the buffer doubles
    /// as it fills, so that four bytes cannot claim 100 MiB.
    fn wait(&self, data: &mut BytesMut) -> Option<Bytes> {
        let have = data.len();
        if self.needed > 4 || have > 0 {
            data.reserve(self.needed.min(have.saturating_mul(2).max(TRUSTED)).saturating_sub(have));
        }
        None
    }
}

/// A request's header, and the bytes of its body. The header's form follows the key and version in
/// it; that of a key which is not declared is taken to be version 1.
///
/// # Errors
/// The frame does not hold a header.
pub fn split_request(frame: &Bytes) -> Result<(RequestHeader, Bytes), Malformed> {
    let mut reader = Reader::new(frame);
    let key = reader.i16("RequestHeader.request_api_key")?;
    let version = reader.i16("RequestHeader.request_api_version")?;
    let form = api(key).map_or(1, |api| api.request_header(version));
    let mut reader = Reader::new(frame);
    let header = RequestHeader::decode(form, &mut reader)?;
    Ok((header, reader.rest()))
}

/// The correlation id of a response, which says what request it answers and so how to read on.
///
/// # Errors
/// The frame is too short.
pub fn correlation_id(frame: &Bytes) -> Result<i32, Malformed> {
    Reader::new(frame).i32("ResponseHeader.correlation_id")
}

/// A response's header, and the bytes of its body, given the API and version of the request.
///
/// # Errors
/// The frame does not hold a header.
pub fn split_response(
    frame: &Bytes,
    api: &Api,
    version: i16,
) -> Result<(ResponseHeader, Bytes), Malformed> {
    let mut reader = Reader::new(frame);
    let header = ResponseHeader::decode(api.response_header(version), &mut reader)?;
    Ok((header, reader.rest()))
}

/// Writes a request's whole frame; returns its size.
///
/// # Errors
/// The version cannot carry the message. Nothing of it is left in the writer.
pub fn write_request<R: Request>(
    out: &mut Writer,
    version: i16,
    correlation_id: i32,
    client_id: Option<&Str>,
    message: &R,
) -> Result<usize, EncodeError> {
    let api = R::API;
    let header = RequestHeader {
        request_api_key: api.key,
        request_api_version: version,
        correlation_id,
        client_id: client_id.cloned(),
        unknown_tags: None,
    };
    write(out, &header, api.request_header(version), message, version)
}

/// Writes a response's whole frame; returns its size.
///
/// # Errors
/// The version cannot carry the message. Nothing of it is left in the writer.
pub fn write_response<R: Request>(
    out: &mut Writer,
    version: i16,
    correlation_id: i32,
    message: &R::Response,
) -> Result<usize, EncodeError> {
    let header = ResponseHeader { correlation_id, unknown_tags: None };
    write(out, &header, R::API.response_header(version), message, version)
}

fn write(
    out: &mut Writer,
    header: &impl Message,
    form: i16,
    message: &impl Message,
    version: i16,
) -> Result<usize, EncodeError> {
    let mark = out.begin_frame();
    match header.encode(form, out).and_then(|()| message.encode(version, out)) {
        Ok(()) => out.end_frame(mark),
        Err(error) => {
            out.abort_frame(mark);
            Err(error)
        }
    }
}

#[cfg(test)]
mod tests;
