//! The messages of the protocol: numbers of types, codecs and errors, control bodies, Ethers.

pub mod control;
pub mod ether;
pub mod kinds;

pub use control::{Ack, Caps, KindRange, Nack, Nonce};
pub use ether::{Attachment, Ether};
pub use kinds::{Embedding, Kind, Text, Tokens, kind_id};

use core::fmt;

/// An open set of numbers, with names for those that are known.
macro_rules! numbers {
    ($(#[$doc:meta])* $name:ident { $($(#[$value_doc:meta])* $value:ident = $number:expr, $text:expr;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u16);

        impl $name {
            $($(#[$value_doc])* pub const $value: Self = Self($number);)*

            /// The name of a known number.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($number => Some($text),)*
                    _ => None,
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.name() {
                    Some(name) => f.write_str(name),
                    None => write!(f, "{:#06x}", self.0),
                }
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

numbers! {
    /// What a message is. Up to 0xFF the protocol's own, above 0x100 the application's. The numbers
    /// are the Python reference's: the draft's table has others, and the two collide.
    MsgType {
        /// Opens a session.
        HELLO = 0, "HELLO";
        /// Answers HELLO.
        CAPS = 1, "CAPS";
        /// Acknowledges a message.
        ACK = 2, "ACK";
        /// Refuses a message.
        NACK = 3, "NACK";
        /// Asks whether the peer is there.
        PING = 4, "PING";
        /// Answers PING.
        PONG = 5, "PONG";
        /// Asks for fields that are missing.
        CLARIFY_REQ = 6, "CLARIFY_REQ";
        /// Gives them.
        CLARIFY_RES = 7, "CLARIFY_RES";
        /// An Ether, or another body.
        DATA = 0x100, "DATA";
    }
}

impl MsgType {
    /// Whether the application gave the number its meaning.
    pub const fn is_application(self) -> bool {
        self.0 > Self::DATA.0
    }
}

impl Default for MsgType {
    fn default() -> Self {
        Self::DATA
    }
}

numbers! {
    /// How a body is written.
    CodecId {
        /// UTF-8 JSON.
        JSON = 1, "JSON";
        /// A tensor of 32-bit floats.
        TENSOR_F32 = 2, "TENSOR_F32";
        /// A tensor of 16-bit floats.
        TENSOR_F16 = 3, "TENSOR_F16";
        /// A quantised tensor.
        TENSOR_QNT8 = 4, "TENSOR_QNT8";
        /// Protobuf.
        PROTOBUF = 8, "PROTOBUF";
        /// Several tensors.
        MIXED_LATENT = 0x10, "MIXED_LATENT";
        /// An Arrow IPC stream.
        ARROW_IPC = 0x20, "ARROW_IPC";
        /// A tensor as DLPack lays it out.
        DLPACK = 0x21, "DLPACK";
    }
}

impl Default for CodecId {
    fn default() -> Self {
        Self::JSON
    }
}

numbers! {
    /// Why a message was refused. Unknown codes survive.
    NackCode {
        /// Nothing was wrong.
        OK = 0, "OK";
        /// The schema key isn't known.
        SCHEMA_UNKNOWN = 1, "SCHEMA_UNKNOWN";
        /// The body's codec isn't known, or wasn't agreed.
        CODEC_UNSUPPORTED = 2, "CODEC_UNSUPPORTED";
        /// The message is too large.
        MESSAGE_TOO_LARGE = 3, "MESSAGE_TOO_LARGE";
        /// The kind isn't taken, or isn't what the schema key says.
        KIND_MISMATCH = 4, "KIND_MISMATCH";
        /// The payload doesn't match its sum. Of the private range, sent where `ack` was agreed.
        CHECKSUM = 0x8001, "CHECKSUM";
    }
}
