//! gridwire on tokio.
