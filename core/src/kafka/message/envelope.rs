//! Envelope (58): a broker passes a request on to the controller, in the name of the client that
//! sent it.

use bytes::Bytes;
use gridwire_derive::message;

use crate::kafka::code::ErrorCode;

/// A request passed on.
#[message(
    key = 58, versions = "0", flexible = "0+",
    listeners = "controller", internal, response = EnvelopeResponse
)]
pub struct EnvelopeRequest {
    /// The request with its header.
    #[kafka(secret)]
    pub request_data: Bytes,
    /// Who sent it, in the form of the broker; `None` if that cannot be said.
    #[kafka(nullable = "0+")]
    pub request_principal: Option<Bytes>,
    /// The client's address, of 4 or 16 bytes.
    pub client_host_address: Bytes,
}

/// The answer passed back.
#[message(key = 58, versions = "0", flexible = "0+")]
pub struct EnvelopeResponse {
    /// The answer with its header; `None` on errors.
    #[kafka(nullable = "0+", default = null, secret)]
    pub response_data: Option<Bytes>,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
}
