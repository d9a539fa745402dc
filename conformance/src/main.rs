//! The gridwire program.
fn main() {}
