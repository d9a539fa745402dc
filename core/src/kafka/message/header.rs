//! The headers that stand before every request and response.

use gridwire_derive::message;

use crate::Str;

/// Stands before every request. [`Api::request_header`](super::Api::request_header) says in which
/// version.
#[message(versions = "0-2", flexible = "2+")]
pub struct RequestHeader {
    /// The API's key.
    pub request_api_key: i16,
    /// The version of the request and of its response.
    pub request_api_version: i16,
    /// A number that the response repeats.
    pub correlation_id: i32,
    /// The client's name for itself. Its length stays classic, so that a broker can read the header
    /// of an ApiVersions request newer than itself.
    #[kafka(versions = "1+", nullable = "1+", flexible = "none")]
    pub client_id: Option<Str>,
}

/// Stands before every response. [`Api::response_header`](super::Api::response_header) says in
/// which version.
#[message(versions = "0-1", flexible = "1+")]
pub struct ResponseHeader {
    /// The number that the request had.
    pub correlation_id: i32,
}
