//! [`Printer`]: any message by its key, decoded to text and written again.
//!
//! For recorders, replay and tests. Apart from the messages themselves so that a client, which
//! knows
//! by type what it reads, does not link every message's code.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Debug;

use bytes::Bytes;

use super::{Api, Request};
use crate::Malformed;
use crate::kafka::wire::{EncodeError, Kind, Message, Reader, Writer};

/// A message of any type, as [`Printer`] saw it.
#[derive(Debug, Clone, PartialEq)]
pub struct Printed {
    /// The message as Rust's `{:?}` shows it.
    pub text: String,
    /// The message written again at the same version.
    pub encoded: Result<Bytes, EncodeError>,
    /// What stood behind the last field.
    pub trailing: Bytes,
}

type Print = fn(i16, &Bytes) -> Result<Printed, Malformed>;

/// What can be done with any message of one API.
#[derive(Debug, Clone, Copy)]
pub struct Printer {
    /// The API.
    pub api: Api,
    /// Decodes a request's body, without its header, at a version.
    pub request: Print,
    /// Decodes a response's body, without its header, at a version.
    pub response: Print,
    /// What a request looks like on the wire.
    pub request_kind: Kind,
    /// What a response looks like on the wire.
    pub response_kind: Kind,
    /// Round trips of a request and of a response, from unstructured bytes.
    #[cfg(feature = "arbitrary")]
    pub round_trips: [RoundTrip; 2],
    /// Requests and responses drawn from unstructured bytes, at one version or for another.
    #[cfg(feature = "arbitrary")]
    pub draws: [Draw; 2],
}

impl Printer {
    pub(super) const fn new<R: Request>() -> Self {
        Self {
            api: R::API,
            request: print::<R>,
            response: print::<R::Response>,
            request_kind: R::KIND,
            response_kind: <R::Response as crate::kafka::wire::Wire>::KIND,
            #[cfg(feature = "arbitrary")]
            round_trips: [round_trip::<R>, round_trip::<R::Response>],
            #[cfg(feature = "arbitrary")]
            draws: [draw::<R>, draw::<R::Response>],
        }
    }
}

fn print<M: Message>(version: i16, body: &Bytes) -> Result<Printed, Malformed> {
    let mut reader = Reader::new(body);
    let message = M::decode(version, &mut reader)?;
    Ok(printed(&message, &|writer| message.encode(version, writer), reader.rest()))
}

/// What [`print`] does for messages of all types alike.
fn printed(
    message: &dyn Debug,
    encode: &dyn Fn(&mut Writer) -> Result<(), EncodeError>,
    trailing: Bytes,
) -> Printed {
    let mut writer = Writer::new();
    let encoded = encode(&mut writer).map(|()| joined(&mut writer));
    Printed { text: format!("{message:?}"), encoded, trailing }
}

/// Everything written, in one piece.
fn joined(writer: &mut Writer) -> Bytes {
    let chunks = writer.finish();
    match chunks.as_slice() {
        [] => Bytes::new(),
        [only] => only.clone(),
        many => many.iter().flatten().copied().collect::<Vec<u8>>().into(),
    }
}

/// Draws a message at a version, and says what went wrong if it does not decode to itself.
#[cfg(feature = "arbitrary")]
pub type RoundTrip =
    fn(i16, &mut arbitrary::Unstructured<'_>) -> arbitrary::Result<Result<(), String>>;

/// Draws a message that is legal at `version`, writes it and reads it back.
///
/// # Errors
/// Too few unstructured bytes; inside, what differs.
#[cfg(feature = "arbitrary")]
pub fn round_trip<M: Message>(
    version: i16,
    u: &mut arbitrary::Unstructured<'_>,
) -> arbitrary::Result<Result<(), String>> {
    let message = M::arbitrary(u, version, M::FLEXIBLE.contains(version))?;
    let mut writer = Writer::new();
    if let Err(error) = message.encode(version, &mut writer) {
        return Ok(Err(format!("{error}: {message:?}")));
    }
    let bytes = joined(&mut writer);
    if bytes.len() < M::MIN_LEN {
        return Ok(Err(format!("shorter than {} bytes: {message:?}", M::MIN_LEN)));
    }
    let mut reader = Reader::new(&bytes);
    Ok(match M::decode(version, &mut reader) {
        Err(error) => Err(format!("{error}: {message:?}")),
        Ok(read) if read != message => Err(format!("{read:?} was {message:?}")),
        Ok(_) if reader.remaining() > 0 => Err(format!("{} bytes left", reader.remaining())),
        Ok(_) => Ok(()),
    })
}

/// Draws a message that is legal at the first version, and writes it at the second.
#[cfg(feature = "arbitrary")]
pub type Draw = fn(i16, i16, &mut arbitrary::Unstructured<'_>) -> arbitrary::Result<Printed>;

#[cfg(feature = "arbitrary")]
fn draw<M: Message>(
    from: i16,
    to: i16,
    u: &mut arbitrary::Unstructured<'_>,
) -> arbitrary::Result<Printed> {
    let message = M::arbitrary(u, from, M::FLEXIBLE.contains(from))?;
    Ok(printed(&message, &|writer| message.encode(to, writer), Bytes::new()))
}
