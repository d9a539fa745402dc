//! [`ErrorCode`]: the numbers that members send for what went wrong, and which of them are worth a
//! second try.
//!
//! A member that runs a newer release may send a number that isn't known here: it survives as it is.

use core::fmt;

/// What went wrong, by the number that protocol 2.x has for it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ErrorCode(pub i32);

/// Whether a request that failed with a code may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// No: the member has decided.
    Never,
    /// Yes: the member says that it has not carried the request out, or that another one should.
    Always,
    /// If the request does no harm twice, or the user allowed it.
    IfHarmless,
}

macro_rules! codes {
    ($($code:literal $name:ident)*) => {
        /// The numbers by name; what they mean is in the name of the class that comes along.
        #[allow(missing_docs, reason = "the names are the protocol's and say all there is to say")]
        impl ErrorCode {
            $(pub const $name: Self = Self($code);)*

            /// The protocol's name of the code, if it is known here.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($code => Some(stringify!($name)),)*
                    _ => None,
                }
            }

            /// Every code that is known here, in order.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
        }
    };
}

codes! {
    0 UNDEFINED
    1 ARRAY_INDEX_OUT_OF_BOUNDS
    2 ARRAY_STORE
    3 AUTHENTICATION
    4 CACHE
    5 CACHE_LOADER
    6 CACHE_NOT_EXISTS
    7 CACHE_WRITER
    8 CALLER_NOT_MEMBER
    9 CANCELLATION
    10 CLASS_CAST
    11 CLASS_NOT_FOUND
    12 CONCURRENT_MODIFICATION
    13 CONFIG_MISMATCH
    14 DISTRIBUTED_OBJECT_DESTROYED
    15 EOF
    16 ENTRY_PROCESSOR
    17 EXECUTION
    18 HAZELCAST
    19 HAZELCAST_INSTANCE_NOT_ACTIVE
    20 HAZELCAST_OVERLOAD
    21 HAZELCAST_SERIALIZATION
    22 IO
    23 ILLEGAL_ARGUMENT
    24 ILLEGAL_ACCESS_EXCEPTION
    25 ILLEGAL_ACCESS_ERROR
    26 ILLEGAL_MONITOR_STATE
    27 ILLEGAL_STATE
    28 ILLEGAL_THREAD_STATE
    29 INDEX_OUT_OF_BOUNDS
    30 INTERRUPTED
    31 INVALID_ADDRESS
    32 INVALID_CONFIGURATION
    33 MEMBER_LEFT
    34 NEGATIVE_ARRAY_SIZE
    35 NO_SUCH_ELEMENT
    36 NOT_SERIALIZABLE
    37 NULL_POINTER
    38 OPERATION_TIMEOUT
    39 PARTITION_MIGRATING
    40 QUERY
    41 QUERY_RESULT_SIZE_EXCEEDED
    42 SPLIT_BRAIN_PROTECTION
    43 REACHED_MAX_SIZE
    44 REJECTED_EXECUTION
    45 RESPONSE_ALREADY_SENT
    46 RETRYABLE_HAZELCAST
    47 RETRYABLE_IO
    48 RUNTIME
    49 SECURITY
    50 SOCKET
    51 STALE_SEQUENCE
    52 TARGET_DISCONNECTED
    53 TARGET_NOT_MEMBER
    54 TIMEOUT
    55 TOPIC_OVERLOAD
    56 TRANSACTION
    57 TRANSACTION_NOT_ACTIVE
    58 TRANSACTION_TIMED_OUT
    59 URI_SYNTAX
    60 UTF_DATA_FORMAT
    61 UNSUPPORTED_OPERATION
    62 WRONG_TARGET
    63 XA
    64 ACCESS_CONTROL
    65 LOGIN
    66 UNSUPPORTED_CALLBACK
    67 NO_DATA_MEMBER
    68 REPLICATED_MAP_CANT_BE_CREATED
    69 MAX_MESSAGE_SIZE_EXCEEDED
    70 WAN_REPLICATION_QUEUE_FULL
    71 ASSERTION_ERROR
    72 OUT_OF_MEMORY_ERROR
    73 STACK_OVERFLOW_ERROR
    74 NATIVE_OUT_OF_MEMORY_ERROR
    75 SERVICE_NOT_FOUND
    76 STALE_TASK_ID
    77 DUPLICATE_TASK
    78 STALE_TASK
    79 LOCAL_MEMBER_RESET
    80 INDETERMINATE_OPERATION_STATE
    81 FLAKE_ID_NODE_ID_OUT_OF_RANGE_EXCEPTION
    82 TARGET_NOT_REPLICA_EXCEPTION
    83 MUTATION_DISALLOWED_EXCEPTION
    84 CONSISTENCY_LOST_EXCEPTION
    85 SESSION_EXPIRED_EXCEPTION
    86 WAIT_KEY_CANCELLED_EXCEPTION
    87 LOCK_ACQUIRE_LIMIT_REACHED_EXCEPTION
    88 LOCK_OWNERSHIP_LOST_EXCEPTION
    89 CP_GROUP_DESTROYED_EXCEPTION
    90 CANNOT_REPLICATE_EXCEPTION
    91 LEADER_DEMOTED_EXCEPTION
    92 STALE_APPEND_REQUEST_EXCEPTION
    93 NOT_LEADER_EXCEPTION
    94 VERSION_MISMATCH_EXCEPTION
    95 NO_SUCH_METHOD_ERROR
    96 NO_SUCH_METHOD_EXCEPTION
    97 NO_SUCH_FIELD_ERROR
    98 NO_SUCH_FIELD_EXCEPTION
    99 NO_CLASS_DEF_FOUND_ERROR
}

impl ErrorCode {
    /// Whether official clients send the request again.
    pub const fn retry(self) -> Retry {
        match self {
            Self::CALLER_NOT_MEMBER
            | Self::HAZELCAST_INSTANCE_NOT_ACTIVE
            | Self::MEMBER_LEFT
            | Self::PARTITION_MIGRATING
            | Self::RETRYABLE_HAZELCAST
            | Self::RETRYABLE_IO
            | Self::TARGET_NOT_MEMBER
            | Self::WRONG_TARGET
            | Self::TARGET_NOT_REPLICA_EXCEPTION
            | Self::CANNOT_REPLICATE_EXCEPTION => Retry::Always,
            // The official clients take the two of input and output for "never sent", and so run a call
            // twice when it was a member that lost its connection to another.
            Self::TARGET_DISCONNECTED | Self::IO | Self::SOCKET => Retry::IfHarmless,
            _ => Retry::Never,
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} ({})", self.0),
            None => write!(f, "error {}", self.0),
        }
    }
}

impl fmt::Debug for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
