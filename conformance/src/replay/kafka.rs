//! Kafka sessions. Responses say nothing of what they are, so the requests are remembered.

use super::{Outcome, Replayer, Tried, compare, differs};
use crate::capture::Direction;

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};
use gridwire_core::Malformed;
use gridwire_core::kafka::frame::{Splitter, correlation_id, split_request, split_response};
use gridwire_core::kafka::message::{
    Api, Printed, Printer, Request, api, api_versions, printer, produce,
};
use gridwire_core::kafka::wire::{Message, Reader, Writer};

const API_VERSIONS: i16 = <api_versions::ApiVersionsRequest as Request>::API.key;
const PRODUCE: i16 = <produce::ProduceRequest as Request>::API.key;
const SASL_HANDSHAKE: i16 = 17;

/// Whether a connection's first bytes can be a Kafka request.
pub(super) fn is_request(first: &[u8]) -> bool {
    let Some([a, b, c, d, e, f, g, h]) = first.first_chunk().copied() else { return false };
    let size = i32::from_be_bytes([a, b, c, d]);
    let (key, version) = (i16::from_be_bytes([e, f]), i16::from_be_bytes([g, h]));
    (8..=100 << 20).contains(&size) && (0..=200).contains(&key) && (0..=100).contains(&version)
}

/// One connection to a broker.
#[derive(Default)]
pub(super) struct Kafka {
    to_server: Splitter,
    to_client: Splitter,
    /// Requests whose responses have not come, oldest first.
    pending: VecDeque<Pending>,
    /// After a SaslHandshake of version 0, frames hold tokens without a header until a request comes.
    tokens: bool,
}

struct Pending {
    correlation_id: i32,
    key: i16,
    version: i16,
    /// A token's answer has no header either.
    token: bool,
}

impl Replayer for Kafka {
    fn protocol(&self) -> &'static str {
        "kafka"
    }

    fn next(&mut self, from: Direction, data: &mut BytesMut) -> Result<Option<Tried>, Malformed> {
        match from {
            Direction::ToServer => Ok(self.to_server.next(data)?.map(|frame| self.request(&frame))),
            Direction::ToClient => {
                Ok(self.to_client.next(data)?.map(|frame| self.response(&frame)))
            }
        }
    }
}

impl Kafka {
    fn request(&mut self, frame: &Bytes) -> Tried {
        if self.tokens && !is_request(&with_size(frame)) {
            self.pending.push_back(Pending { correlation_id: 0, key: 0, version: 0, token: true });
            return Tried { message: "SASL token".into(), outcome: Outcome::Undeclared };
        }
        self.tokens = false;
        let (header, body) = match split_request(frame) {
            Ok(split) => split,
            Err(error) => return differs("request header".into(), &error),
        };
        let (key, version) = (header.request_api_key, header.request_api_version);
        self.tokens = key == SASL_HANDSHAKE && version == 0;
        if !is_unanswered(key, version, &body) {
            let correlation_id = header.correlation_id;
            self.pending.push_back(Pending { correlation_id, key, version, token: false });
        }
        let Some((api, printer)) = declared(key, version) else {
            return undeclared(key, version, "request");
        };
        let message = format!("{} {version} request", api.name);
        let again = match header_again(&header, api.request_header(version)) {
            Ok(again) => again,
            Err(error) => return differs(message, &error),
        };
        tried(
            message,
            &frame.slice(..frame.len() - body.len()),
            &again,
            &body,
            version,
            printer.request,
        )
    }

    fn response(&mut self, frame: &Bytes) -> Tried {
        let Some(pending) = self.pending.pop_front() else {
            return differs("response".into(), &"there is no request that it answers");
        };
        if pending.token {
            return Tried { message: "SASL token".into(), outcome: Outcome::Undeclared };
        }
        let Pending { correlation_id: expected, key, mut version, .. } = pending;
        match correlation_id(frame) {
            Ok(found) if found == expected => {}
            Ok(found) => {
                return differs(
                    format!("response of key {key}"),
                    &format!("correlation id {found}, expected {expected}"),
                );
            }
            Err(error) => return differs(format!("response of key {key}"), &error),
        }
        if key == API_VERSIONS && declared(key, version).is_none() {
            // A version that the broker doesn't know is answered in the first.
            version = 0;
        }
        let Some((api, printer)) = declared(key, version) else {
            return undeclared(key, version, "response");
        };
        let message = format!("{} {version} response", api.name);
        let (header, body) = match split_response(frame, api, version) {
            Ok(split) => split,
            Err(error) => return differs(message, &error),
        };
        let again = match header_again(&header, api.response_header(version)) {
            Ok(again) => again,
            Err(error) => return differs(message, &error),
        };
        tried(
            message,
            &frame.slice(..frame.len() - body.len()),
            &again,
            &body,
            version,
            printer.response,
        )
    }
}

fn declared(key: i16, version: i16) -> Option<(&'static Api, &'static Printer)> {
    let api = api(key).filter(|api| api.versions.contains(version))?;
    Some((api, printer(key)?))
}

/// A Produce request with acks 0 gets no response.
fn is_unanswered(key: i16, version: i16, body: &Bytes) -> bool {
    key == PRODUCE
        && produce::ProduceRequest::decode(version, &mut Reader::new(body))
            .is_ok_and(|request| request.acks == 0)
}

fn header_again(header: &impl Message, form: i16) -> Result<Bytes, String> {
    let mut writer = Writer::new();
    header.encode(form, &mut writer).map_err(|error| error.to_string())?;
    Ok(writer.finish().iter().flatten().copied().collect())
}

/// Tries a body, and compares header and body with what was captured.
fn tried(
    message: String,
    header: &Bytes,
    header_again: &Bytes,
    body: &Bytes,
    version: i16,
    print: fn(i16, &Bytes) -> Result<Printed, Malformed>,
) -> Tried {
    let printed = match print(version, body) {
        Ok(printed) => printed,
        Err(error) => return differs(message, &error),
    };
    let encoded = match printed.encoded {
        Ok(encoded) => encoded,
        Err(error) => return differs(message, &error),
    };
    let captured = [&header[..], &body[..body.len() - printed.trailing.len()]].concat();
    let outcome = match compare(&captured, &[&header_again[..], &encoded[..]].concat()) {
        Outcome::Same if !printed.trailing.is_empty() => Outcome::Longer(printed.trailing.len()),
        outcome => outcome,
    };
    Tried { message, outcome }
}

fn undeclared(key: i16, version: i16, what: &str) -> Tried {
    let message = match api(key) {
        Some(api) => format!("{} {version} {what}", api.name),
        None => format!("key {key} {what}"),
    };
    Tried { message, outcome: Outcome::Undeclared }
}

fn with_size(frame: &Bytes) -> Vec<u8> {
    [&(frame.len() as i32).to_be_bytes()[..], &frame[..frame.len().min(8)]].concat()
}
