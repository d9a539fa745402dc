//! Who made a request that a broker forwards to the controller, in Envelope's `request_principal`, unless
//! the cluster has a principal class of its own.

use gridwire_derive::message;

use super::{Embedded, Framing};
use crate::Str;

/// An authenticated user. [`Embedded`] reads and writes it.
#[message(versions = "0", flexible = "0+")]
pub struct DefaultPrincipalData {
    /// The principal's type, such as "User".
    pub r#type: Str,
    /// The principal's name.
    pub name: Str,
    /// Whether it logged in with a delegation token.
    pub token_authenticated: bool,
}

impl Embedded for DefaultPrincipalData {
    const FRAMING: Framing = Framing::Closed;
}
