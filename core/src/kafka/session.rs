//! The handshake of one connection, and what holds for it from then on, for both roles.
//!
//! ```text
//!   client                                          broker
//!     | ApiVersions, the newest version known here -> |
//!     | <- its APIs and versions ........ [`Agreed`]  |
//!     | <- or 35 in a body of version 0: ask again in a version that the broker names, or 0
//!     | requests ...................................> |
//!     | <... answers, strictly in the order of the requests: [`Pipeline`]
//! ```

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use bytes::Bytes;

use super::code::ErrorCode;
use super::error::{Error, Violation};
use super::frame;
use super::message::api_versions::{ApiVersion, ApiVersionsRequest, ApiVersionsResponse};
use super::message::{Request, api};
use super::wire::{Message, Reader, Versions};
use crate::Str;
use crate::time::Instant;

/// The versions that both sides of a connection speak, by API.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Agreed {
    ranges: Vec<(i16, Versions)>,
}

impl Agreed {
    /// What is both in a broker's answer and declared here. Of an API that is named twice, the first
    /// entry counts.
    pub fn new(offered: &[ApiVersion]) -> Self {
        let mut ranges: Vec<_> = offered
            .iter()
            .filter_map(|offer| {
                let api = api(offer.api_key)?;
                let ours = Versions::new(api.versions.min, api.latest_stable());
                let both = ours.and(Versions::new(offer.min_version, offer.max_version));
                (!both.is_empty()).then_some((offer.api_key, both))
            })
            .collect();
        ranges.sort_by_key(|(key, _)| *key);
        ranges.dedup_by_key(|(key, _)| *key);
        Self { ranges }
    }

    /// The versions of an API that both sides speak; `None` if the broker lacks it.
    pub fn versions(&self, key: i16) -> Option<Versions> {
        let index = self.ranges.binary_search_by_key(&key, |(key, _)| *key).ok()?;
        self.ranges.get(index).map(|(_, versions)| *versions)
    }

    /// The newest version of a request within `wanted` that both sides speak.
    ///
    /// # Errors
    /// There is none.
    pub fn newest<R: Request>(&self, wanted: Versions) -> Result<i16, Error> {
        let both =
            self.versions(R::API.key).map_or(Versions::NONE, |versions| versions.and(wanted));
        if both.is_empty() {
            return Err(Error::Unsupported(R::API.name));
        }
        Ok(both.max)
    }
}

/// How a client's handshake goes on.
#[derive(Debug, PartialEq, Eq)]
pub enum Handshake {
    /// Ask again, in this version.
    Again(i16),
    /// Both sides know what they speak.
    Done(Agreed),
}

/// The version of ApiVersions that a client tries first.
pub const FIRST_VERSION: i16 = ApiVersionsRequest::API.latest_stable();

/// What a client asks with.
pub fn versions_request(software_name: &Str, software_version: &Str) -> ApiVersionsRequest {
    ApiVersionsRequest {
        client_software_name: software_name.clone(),
        client_software_version: software_version.clone(),
        ..ApiVersionsRequest::default()
    }
}

/// Reads what a broker answered to ApiVersions of version `asked`.
///
/// # Errors
/// The answer can't be read, the broker refuses, or it speaks no version at all.
pub fn handshake(frame: &Bytes, asked: i16) -> Result<Handshake, Error> {
    let (_, body) = frame::split_response(frame, &ApiVersionsRequest::API, asked)?;
    let code = ErrorCode(Reader::new(&body).i16("ApiVersionsResponse.error_code")?);
    // A broker that does not know the version can't answer in it.
    let unsupported = code == ErrorCode::UNSUPPORTED_VERSION;
    let version = if unsupported { 0 } else { asked };
    let answer = ApiVersionsResponse::decode(version, &mut Reader::new(&body))?;
    if unsupported && asked > 0 {
        let named =
            answer.api_keys.iter().find(|offer| offer.api_key == ApiVersionsRequest::API.key);
        let next = named.map_or(0, |offer| offer.max_version.clamp(0, FIRST_VERSION));
        return Ok(Handshake::Again(if next < asked { next } else { 0 }));
    }
    if let Err(code) = code.ok() {
        return Err(Error::remote(code));
    }
    Ok(Handshake::Done(Agreed::new(&answer.api_keys)))
}

/// What a broker answers to ApiVersions, and in which version, when it serves `served`.
///
/// A version above ours is answered in version 0 with error 35 and all that we serve: clients then
/// ask again, and need no second guess.
pub fn offer(
    served: &[(i16, Versions)],
    asked: i16,
    request: Option<&ApiVersionsRequest>,
) -> (i16, ApiVersionsResponse) {
    let own = ApiVersionsRequest::API.versions;
    let (version, error_code) = match request {
        _ if !own.contains(asked) => (0, ErrorCode::UNSUPPORTED_VERSION),
        Some(request) if asked >= 3 && !names_software(request) => {
            (asked, ErrorCode::INVALID_REQUEST)
        }
        _ => (asked, ErrorCode::NONE),
    };
    let api_keys = if error_code == ErrorCode::INVALID_REQUEST {
        Vec::new()
    } else {
        let offers = served.iter().map(|(api_key, versions)| ApiVersion {
            api_key: *api_key,
            min_version: versions.min,
            max_version: versions.max,
            ..ApiVersion::default()
        });
        offers.collect()
    };
    (version, ApiVersionsResponse { error_code, api_keys, ..ApiVersionsResponse::default() })
}

/// Whether name and version of the client's library are letters, digits, `-` and `.`, as brokers
/// require (KIP-511).
fn names_software(request: &ApiVersionsRequest) -> bool {
    let legal = |text: &Str| {
        let inner = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
        let bytes = text.bytes();
        bytes.iter().all(inner)
            && bytes.first().is_some_and(u8::is_ascii_alphanumeric)
            && bytes.last().is_some_and(u8::is_ascii_alphanumeric)
    };
    legal(&request.client_software_name) && legal(&request.client_software_version)
}

/// The id on the wire of a request that is counted over the whole client: cut to what fits, and never
/// negative.
pub const fn wire_id(id: u64) -> i32 {
    (id & 0x7fff_ffff) as i32
}

/// The requests of one connection that were sent and not answered, oldest first.
#[derive(Debug, Default)]
pub struct Pipeline {
    due: VecDeque<Due>,
}

/// A request that waits for its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// Its id, counted over the whole client.
    pub id: u64,
    /// When the broker has taken too long.
    pub deadline: Instant,
    /// How many bytes of the connection went before it.
    pub start: u64,
}

impl Pipeline {
    /// Notes that a request was sent and will be answered.
    pub fn sent(&mut self, due: Due) {
        self.due.push_back(due);
    }

    /// Which request an answer is for: it must be the oldest.
    ///
    /// # Errors
    /// It is for another one, or for none.
    pub fn answered(&mut self, frame: &Bytes) -> Result<u64, Error> {
        let found = frame::correlation_id(frame)?;
        let Some(due) = self.due.front() else { return Err(Violation::Unasked(found).into()) };
        let expected = wire_id(due.id);
        if found != expected {
            return Err(Violation::OutOfOrder { expected, found }.into());
        }
        let id = due.id;
        self.due.pop_front();
        Ok(id)
    }

    /// When the first answer is too late.
    pub fn deadline(&self) -> Option<Instant> {
        self.due.iter().map(|due| due.deadline).min()
    }

    /// How many answers are due.
    pub fn len(&self) -> usize {
        self.due.len()
    }

    /// Whether no answer is due.
    pub fn is_empty(&self) -> bool {
        self.due.is_empty()
    }

    /// The requests that are not answered, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Due> {
        self.due.iter()
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::super::message::init_producer_id::InitProducerIdRequest;
    use super::super::message::metadata::MetadataRequest;
    use super::super::wire::Writer;
    use super::*;

    fn offered(ranges: &[(i16, i16, i16)]) -> Vec<ApiVersion> {
        let entry = |&(api_key, min_version, max_version): &(i16, i16, i16)| ApiVersion {
            api_key,
            min_version,
            max_version,
            ..ApiVersion::default()
        };
        ranges.iter().map(entry).collect()
    }

    /// What a client makes of an answer in `version` to what it asked in `asked`.
    fn answered(
        asked: i16,
        version: i16,
        answer: &ApiVersionsResponse,
    ) -> Result<Handshake, Error> {
        let mut writer = Writer::new();
        frame::write_response::<ApiVersionsRequest>(&mut writer, version, 1, answer).unwrap();
        let frame: Vec<u8> = writer.finish().into_iter().flatten().collect();
        handshake(&Bytes::from(frame).slice(4..), asked)
    }

    #[test]
    fn what_both_sides_know_is_spoken() {
        // A newer broker, one with a hole between, an unknown API, no version at all, an API twice.
        let offers =
            offered(&[(3, 5, 99), (1, 50, 60), (999, 0, 1), (10, 3, 2), (3, 0, 1), (22, 0, 6)]);
        let agreed = Agreed::new(&offers);
        assert_eq!(agreed.versions(3), Some(Versions::new(5, 13)));
        assert_eq!([1, 999, 10, 18].map(|key| agreed.versions(key)), [None; 4]);
        assert_eq!(agreed.newest::<MetadataRequest>(Versions::ALL), Ok(13));
        assert_eq!(agreed.newest::<MetadataRequest>(Versions::new(0, 9)), Ok(9));
        let none = agreed.newest::<MetadataRequest>(Versions::new(0, 4));
        assert_eq!(none, Err(Error::Unsupported("Metadata")));
        // The last version may still change.
        assert_eq!(agreed.newest::<InitProducerIdRequest>(Versions::ALL), Ok(5));
    }

    #[test]
    fn unknown_versions_are_answered_in_version_0_with_all_that_is_served() {
        let served = [(3, Versions::new(0, 13)), (18, Versions::new(0, 5))];
        let named = ApiVersionsRequest {
            client_software_name: "a".into(),
            client_software_version: "1".into(),
            ..ApiVersionsRequest::default()
        };
        for asked in [-1, 6, 99, i16::MAX] {
            let (version, answer) = offer(&served, asked, None);
            assert_eq!((version, answer.error_code), (0, ErrorCode::UNSUPPORTED_VERSION));
            assert_eq!(answer.api_keys, offered(&[(3, 0, 13), (18, 0, 5)]));
            // Which is what a client needs to ask again.
            assert_eq!(answered(5, 0, &answer), Ok(Handshake::Again(0)));
        }
        for asked in 0..=5 {
            let (version, answer) = offer(&served, asked, Some(&named));
            assert_eq!((version, answer.error_code), (asked, ErrorCode::NONE));
            let Ok(Handshake::Done(agreed)) = answered(asked, asked, &answer) else {
                panic!("refused")
            };
            assert_eq!(agreed.versions(3), Some(Versions::new(0, 13)));
        }
        // Software without a name, from the version on that has one.
        let unnamed = ApiVersionsRequest::default();
        let codes = [2, 3].map(|asked| offer(&served, asked, Some(&unnamed)).1.error_code);
        assert_eq!(codes, [ErrorCode::NONE, ErrorCode::INVALID_REQUEST]);
    }

    #[test]
    fn a_client_asks_again_in_a_version_that_the_broker_names() {
        let refusal = |ranges: &[(i16, i16, i16)]| ApiVersionsResponse {
            error_code: ErrorCode::UNSUPPORTED_VERSION,
            api_keys: offered(ranges),
            ..ApiVersionsResponse::default()
        };
        for (named, next) in [
            (vec![(18, 0, 3)], 3),
            (vec![(18, 0, 0)], 0),
            (vec![], 0),
            (vec![(3, 0, 9)], 0),
            // Nonsense is no reason to ask for the same for ever.
            (vec![(18, 0, 5)], 0),
            (vec![(18, 7, 99)], 0),
            (vec![(18, -5, -1)], 0),
        ] {
            assert_eq!(answered(5, 0, &refusal(&named)), Ok(Handshake::Again(next)));
        }
        let refused = Error::remote(ErrorCode::UNSUPPORTED_VERSION);
        assert_eq!(answered(0, 0, &refusal(&[(18, 0, 3)])), Err(refused));
    }
}
