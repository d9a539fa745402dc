//! gridwire on async-std.
