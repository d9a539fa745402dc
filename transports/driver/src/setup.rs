//! [`Setup`]: what a client or peer is started with: its engine's configuration, and how its
//! connections are secured.

use std::fmt;

use crate::tls::Tls;

/// An engine's configuration and what only the transport needs to know. Every `Config` is one
/// without TLS, so most callers never name this type:
///
/// ```text
/// Client::connect(config)
/// Client::connect(Setup::new(config).tls(Tls::trusting(&pem)?))     // feature `tls`
/// ```
pub struct Setup<C> {
    pub(crate) config: C,
    pub(crate) tls: Tls,
}

impl<C> Setup<C> {
    /// A configuration, without TLS.
    pub fn new(config: C) -> Self {
        Self { config, tls: Tls::default() }
    }

    /// Whom connections trust, and who this side is. A client uses it for targets with a TLS name; a
    /// listening peer requires it of every connection.
    #[cfg(feature = "tls")]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = tls;
        self
    }
}

impl<C> From<C> for Setup<C> {
    fn from(config: C) -> Self {
        Self::new(config)
    }
}

impl<C: fmt::Debug> fmt::Debug for Setup<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup")
            .field("config", &self.config)
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}
