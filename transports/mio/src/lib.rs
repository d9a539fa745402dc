//! gridwire on mio.
