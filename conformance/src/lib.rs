//! Embedded peers, record and replay, simulation, and the live suite: what holds gridwire against
//! other implementations. The `gridwire` program is a thin shell around it.

pub mod capture;
pub mod live;
pub mod probe;
pub mod replay;
pub mod simulation;

/// Bytes as people read them.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
