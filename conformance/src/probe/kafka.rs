//! Asks a Kafka broker which APIs it serves. Brokers answer this before any login.

use super::link::{Link, Stop};
use super::{ApiRange, Finding};

use bytes::Bytes;
use gridwire_core::Str;
use gridwire_core::kafka::code::ErrorCode;
use gridwire_core::kafka::frame::{Splitter, correlation_id, split_response, write_request};
use gridwire_core::kafka::message::Request;
use gridwire_core::kafka::message::api;
use gridwire_core::kafka::message::api_versions::{ApiVersionsRequest, ApiVersionsResponse};
use gridwire_core::kafka::wire::{Message, Reader, Writer};

/// The version that all brokers since 2.4 know, and the one that those know which answer at all.
const ASK: i16 = 3;
const FALLBACK: i16 = 0;

/// No broker offers this many bytes of APIs.
const MAX_ANSWER: usize = 1 << 20;

pub(super) fn probe(link: &mut Link) -> Result<Finding, Stop> {
    let mut answer = ask(link, ASK)?;
    if answer.error_code == ErrorCode::UNSUPPORTED_VERSION {
        answer = ask(link, FALLBACK)?;
    }
    let apis = answer.api_keys.iter().map(|offered| ApiRange {
        key: offered.api_key,
        name: api(offered.api_key).map(|api| api.name),
        min: offered.min_version,
        max: offered.max_version,
    });
    Ok(Finding::Kafka { apis: apis.collect(), error: answer.error_code.0 })
}

fn ask(link: &mut Link, version: i16) -> Result<ApiVersionsResponse, Stop> {
    let request = ApiVersionsRequest {
        client_software_name: Str::from_static("gridwire"),
        client_software_version: Str::from_static(env!("CARGO_PKG_VERSION")),
        ..ApiVersionsRequest::default()
    };
    let id = i32::from(version) + 1;
    let client = Str::from_static("gridwire-probe");
    let mut writer = Writer::new();
    write_request(&mut writer, version, id, Some(&client), &request).map_err(|_| Stop::Foreign)?;
    for chunk in writer.finish() {
        link.send(&chunk)?;
    }
    let mut splitter = Splitter::new(MAX_ANSWER);
    let frame = link.read(|data| splitter.next(data).map_err(|_| Stop::Foreign))?;
    parse(&frame, id, version).ok_or(Stop::Foreign)
}

fn parse(frame: &Bytes, id: i32, version: i16) -> Option<ApiVersionsResponse> {
    if correlation_id(frame) != Ok(id) {
        return None;
    }
    let (_, body) = split_response(frame, &ApiVersionsRequest::API, version).ok()?;
    ApiVersionsResponse::decode(version, &mut Reader::new(&body))
        .ok()
        // A broker that doesn't know the version answers in the first.
        .or_else(|| ApiVersionsResponse::decode(FALLBACK, &mut Reader::new(&body)).ok())
}
