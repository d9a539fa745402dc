//! [`ErrorCode`]: the numbers that members send for what went wrong, what they mean to users, and which
//! of them are worth a second try.
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

/// What an error means to who made the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An argument is wrong, of the wrong type, or asks for what this cluster doesn't have.
    Argument,
    /// Not now: the lock isn't owned, the structure is destroyed, and so on.
    State,
    /// The member can't read or write a value, or lacks its class.
    Serialization,
    /// It took too long.
    Time,
    /// Someone ended the call.
    Cancelled,
    /// The cluster is changing, or members don't reach each other.
    Cluster,
    /// Not allowed.
    Security,
    /// Something is full or too large.
    Capacity,
    /// Code of the user's own failed: the error's class says how.
    UserCode,
    /// The cluster refuses changes for now, or is too small.
    Protection,
    /// The transaction is over.
    Transaction,
    /// The change may have been made, or not.
    Indeterminate,
    /// An item or a task is gone, or there twice.
    Stale,
    /// A CP group, a counter or an id generator can't serve the call.
    Coordination,
    /// A cache's own.
    Cache,
    /// A configuration is wrong, or differs from the one in force.
    Configuration,
    /// A job's own.
    Job,
    /// A defect or the end of memory on the member.
    Internal,
    /// The code is not known here.
    Unknown,
}

macro_rules! codes {
    ($($code:literal $name:ident $kind:ident)*) => {
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

            /// What it means to who made the call.
            pub const fn kind(self) -> ErrorKind {
                match self.0 {
                    $($code => ErrorKind::$kind,)*
                    500..=600 => ErrorKind::Job,
                    1000.. => ErrorKind::UserCode,
                    _ => ErrorKind::Unknown,
                }
            }

            /// Every code that is known here, in order.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
        }
    };
}

codes! {
    0 UNDEFINED UserCode
    1 ARRAY_INDEX_OUT_OF_BOUNDS Argument
    2 ARRAY_STORE Argument
    3 AUTHENTICATION Security
    4 CACHE Cache
    5 CACHE_LOADER Cache
    6 CACHE_NOT_EXISTS Cache
    7 CACHE_WRITER Cache
    8 CALLER_NOT_MEMBER Cluster
    9 CANCELLATION Cancelled
    10 CLASS_CAST Argument
    11 CLASS_NOT_FOUND Serialization
    12 CONCURRENT_MODIFICATION State
    13 CONFIG_MISMATCH Configuration
    14 DISTRIBUTED_OBJECT_DESTROYED State
    15 EOF Serialization
    16 ENTRY_PROCESSOR UserCode
    17 EXECUTION UserCode
    18 HAZELCAST UserCode
    19 HAZELCAST_INSTANCE_NOT_ACTIVE Cluster
    20 HAZELCAST_OVERLOAD Capacity
    21 HAZELCAST_SERIALIZATION Serialization
    22 IO Cluster
    23 ILLEGAL_ARGUMENT Argument
    24 ILLEGAL_ACCESS_EXCEPTION Internal
    25 ILLEGAL_ACCESS_ERROR Internal
    26 ILLEGAL_MONITOR_STATE State
    27 ILLEGAL_STATE State
    28 ILLEGAL_THREAD_STATE State
    29 INDEX_OUT_OF_BOUNDS Argument
    30 INTERRUPTED Cancelled
    31 INVALID_ADDRESS Configuration
    32 INVALID_CONFIGURATION Configuration
    33 MEMBER_LEFT Cluster
    34 NEGATIVE_ARRAY_SIZE Argument
    35 NO_SUCH_ELEMENT Argument
    36 NOT_SERIALIZABLE Serialization
    37 NULL_POINTER Argument
    38 OPERATION_TIMEOUT Time
    39 PARTITION_MIGRATING Protection
    40 QUERY Argument
    41 QUERY_RESULT_SIZE_EXCEEDED Capacity
    42 SPLIT_BRAIN_PROTECTION Protection
    43 REACHED_MAX_SIZE Capacity
    44 REJECTED_EXECUTION Capacity
    45 RESPONSE_ALREADY_SENT Internal
    46 RETRYABLE_HAZELCAST Cluster
    47 RETRYABLE_IO Cluster
    48 RUNTIME UserCode
    49 SECURITY Security
    50 SOCKET Cluster
    51 STALE_SEQUENCE Stale
    52 TARGET_DISCONNECTED Cluster
    53 TARGET_NOT_MEMBER Cluster
    54 TIMEOUT Time
    55 TOPIC_OVERLOAD Capacity
    56 TRANSACTION Transaction
    57 TRANSACTION_NOT_ACTIVE Transaction
    58 TRANSACTION_TIMED_OUT Transaction
    59 URI_SYNTAX Configuration
    60 UTF_DATA_FORMAT Serialization
    61 UNSUPPORTED_OPERATION Argument
    62 WRONG_TARGET Cluster
    63 XA Transaction
    64 ACCESS_CONTROL Security
    65 LOGIN Security
    66 UNSUPPORTED_CALLBACK Security
    67 NO_DATA_MEMBER Cluster
    68 REPLICATED_MAP_CANT_BE_CREATED Configuration
    69 MAX_MESSAGE_SIZE_EXCEEDED Capacity
    70 WAN_REPLICATION_QUEUE_FULL Capacity
    71 ASSERTION_ERROR Internal
    72 OUT_OF_MEMORY_ERROR Internal
    73 STACK_OVERFLOW_ERROR Internal
    74 NATIVE_OUT_OF_MEMORY_ERROR Internal
    75 SERVICE_NOT_FOUND Argument
    76 STALE_TASK_ID Stale
    77 DUPLICATE_TASK Stale
    78 STALE_TASK Stale
    79 LOCAL_MEMBER_RESET Cluster
    80 INDETERMINATE_OPERATION_STATE Indeterminate
    81 FLAKE_ID_NODE_ID_OUT_OF_RANGE_EXCEPTION Coordination
    82 TARGET_NOT_REPLICA_EXCEPTION Coordination
    83 MUTATION_DISALLOWED_EXCEPTION Protection
    84 CONSISTENCY_LOST_EXCEPTION Coordination
    85 SESSION_EXPIRED_EXCEPTION Coordination
    86 WAIT_KEY_CANCELLED_EXCEPTION Coordination
    87 LOCK_ACQUIRE_LIMIT_REACHED_EXCEPTION Coordination
    88 LOCK_OWNERSHIP_LOST_EXCEPTION Coordination
    89 CP_GROUP_DESTROYED_EXCEPTION Coordination
    90 CANNOT_REPLICATE_EXCEPTION Coordination
    91 LEADER_DEMOTED_EXCEPTION Coordination
    92 STALE_APPEND_REQUEST_EXCEPTION Coordination
    93 NOT_LEADER_EXCEPTION Coordination
    94 VERSION_MISMATCH_EXCEPTION Internal
    95 NO_SUCH_METHOD_ERROR Internal
    96 NO_SUCH_METHOD_EXCEPTION Internal
    97 NO_SUCH_FIELD_ERROR Internal
    98 NO_SUCH_FIELD_EXCEPTION Internal
    99 NO_CLASS_DEF_FOUND_ERROR Serialization
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
