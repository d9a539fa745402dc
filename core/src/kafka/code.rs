//! [`ErrorCode`]: the codes with which brokers answer, and what a client does about each.
//!
//! Whether a code is worth a retry follows the classes of Java's exceptions, which is what brokers
//! are written against. Codes unknown here survive as numbers and count as final.

use core::fmt;

/// A broker's error code; 0 is success.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ErrorCode(pub i16);

/// What a client does about an error code before it gives up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Nothing: it is success.
    Proceed,
    /// Send again after a pause.
    Retry,
    /// Ask for metadata, then send again to whoever leads now.
    RefreshMetadata,
    /// Find the coordinator anew, then send again.
    FindCoordinator,
    /// Join the group again: with the id given ([`ErrorCode::MEMBER_ID_REQUIRED`]), without one
    /// ([`ErrorCode::UNKNOWN_MEMBER_ID`]), at epoch 0 ([`ErrorCode::FENCED_MEMBER_EPOCH`]), else
    /// with the same id.
    Rejoin,
    /// Abort the transaction; the producer can then go on.
    Abort,
    /// Begin again with the addresses that were configured: this is not the cluster, or not the broker,
    /// that the client takes it for.
    Rebootstrap,
    /// Fail the call: sending it again gives the same answer.
    Fail,
    /// Give up the connection, the member or the producer: it was not let in, or another has taken its
    /// place.
    Fatal,
}

macro_rules! codes {
    ($($name:ident = $code:literal;)*) => {
        #[allow(missing_docs)]
        impl ErrorCode {
            $(pub const $name: Self = Self($code);)*

            /// Every code that has a name.
            pub const KNOWN: &[Self] = &[$(Self::$name),*];

            /// The code's name in Kafka's documentation, if it has one.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($code => Some(stringify!($name)),)*
                    _ => None,
                }
            }
        }
    };
}

codes! {
    UNKNOWN_SERVER_ERROR = -1;
    NONE = 0;
    OFFSET_OUT_OF_RANGE = 1;
    CORRUPT_MESSAGE = 2;
    UNKNOWN_TOPIC_OR_PARTITION = 3;
    INVALID_FETCH_SIZE = 4;
    LEADER_NOT_AVAILABLE = 5;
    NOT_LEADER_OR_FOLLOWER = 6;
    REQUEST_TIMED_OUT = 7;
    BROKER_NOT_AVAILABLE = 8;
    REPLICA_NOT_AVAILABLE = 9;
    MESSAGE_TOO_LARGE = 10;
    STALE_CONTROLLER_EPOCH = 11;
    OFFSET_METADATA_TOO_LARGE = 12;
    NETWORK_EXCEPTION = 13;
    COORDINATOR_LOAD_IN_PROGRESS = 14;
    COORDINATOR_NOT_AVAILABLE = 15;
    NOT_COORDINATOR = 16;
    INVALID_TOPIC_EXCEPTION = 17;
    RECORD_LIST_TOO_LARGE = 18;
    NOT_ENOUGH_REPLICAS = 19;
    NOT_ENOUGH_REPLICAS_AFTER_APPEND = 20;
    INVALID_REQUIRED_ACKS = 21;
    ILLEGAL_GENERATION = 22;
    INCONSISTENT_GROUP_PROTOCOL = 23;
    INVALID_GROUP_ID = 24;
    UNKNOWN_MEMBER_ID = 25;
    INVALID_SESSION_TIMEOUT = 26;
    REBALANCE_IN_PROGRESS = 27;
    INVALID_COMMIT_OFFSET_SIZE = 28;
    TOPIC_AUTHORIZATION_FAILED = 29;
    GROUP_AUTHORIZATION_FAILED = 30;
    CLUSTER_AUTHORIZATION_FAILED = 31;
    INVALID_TIMESTAMP = 32;
    UNSUPPORTED_SASL_MECHANISM = 33;
    ILLEGAL_SASL_STATE = 34;
    UNSUPPORTED_VERSION = 35;
    TOPIC_ALREADY_EXISTS = 36;
    INVALID_PARTITIONS = 37;
    INVALID_REPLICATION_FACTOR = 38;
    INVALID_REPLICA_ASSIGNMENT = 39;
    INVALID_CONFIG = 40;
    NOT_CONTROLLER = 41;
    INVALID_REQUEST = 42;
    UNSUPPORTED_FOR_MESSAGE_FORMAT = 43;
    POLICY_VIOLATION = 44;
    OUT_OF_ORDER_SEQUENCE_NUMBER = 45;
    DUPLICATE_SEQUENCE_NUMBER = 46;
    INVALID_PRODUCER_EPOCH = 47;
    INVALID_TXN_STATE = 48;
    INVALID_PRODUCER_ID_MAPPING = 49;
    INVALID_TRANSACTION_TIMEOUT = 50;
    CONCURRENT_TRANSACTIONS = 51;
    TRANSACTION_COORDINATOR_FENCED = 52;
    TRANSACTIONAL_ID_AUTHORIZATION_FAILED = 53;
    SECURITY_DISABLED = 54;
    OPERATION_NOT_ATTEMPTED = 55;
    KAFKA_STORAGE_ERROR = 56;
    LOG_DIR_NOT_FOUND = 57;
    SASL_AUTHENTICATION_FAILED = 58;
    UNKNOWN_PRODUCER_ID = 59;
    REASSIGNMENT_IN_PROGRESS = 60;
    DELEGATION_TOKEN_AUTH_DISABLED = 61;
    DELEGATION_TOKEN_NOT_FOUND = 62;
    DELEGATION_TOKEN_OWNER_MISMATCH = 63;
    DELEGATION_TOKEN_REQUEST_NOT_ALLOWED = 64;
    DELEGATION_TOKEN_AUTHORIZATION_FAILED = 65;
    DELEGATION_TOKEN_EXPIRED = 66;
    INVALID_PRINCIPAL_TYPE = 67;
    NON_EMPTY_GROUP = 68;
    GROUP_ID_NOT_FOUND = 69;
    FETCH_SESSION_ID_NOT_FOUND = 70;
    INVALID_FETCH_SESSION_EPOCH = 71;
    LISTENER_NOT_FOUND = 72;
    TOPIC_DELETION_DISABLED = 73;
    FENCED_LEADER_EPOCH = 74;
    UNKNOWN_LEADER_EPOCH = 75;
    UNSUPPORTED_COMPRESSION_TYPE = 76;
    STALE_BROKER_EPOCH = 77;
    OFFSET_NOT_AVAILABLE = 78;
    MEMBER_ID_REQUIRED = 79;
    PREFERRED_LEADER_NOT_AVAILABLE = 80;
    GROUP_MAX_SIZE_REACHED = 81;
    FENCED_INSTANCE_ID = 82;
    ELIGIBLE_LEADERS_NOT_AVAILABLE = 83;
    ELECTION_NOT_NEEDED = 84;
    NO_REASSIGNMENT_IN_PROGRESS = 85;
    GROUP_SUBSCRIBED_TO_TOPIC = 86;
    INVALID_RECORD = 87;
    UNSTABLE_OFFSET_COMMIT = 88;
    THROTTLING_QUOTA_EXCEEDED = 89;
    PRODUCER_FENCED = 90;
    RESOURCE_NOT_FOUND = 91;
    DUPLICATE_RESOURCE = 92;
    UNACCEPTABLE_CREDENTIAL = 93;
    INCONSISTENT_VOTER_SET = 94;
    INVALID_UPDATE_VERSION = 95;
    FEATURE_UPDATE_FAILED = 96;
    PRINCIPAL_DESERIALIZATION_FAILURE = 97;
    SNAPSHOT_NOT_FOUND = 98;
    POSITION_OUT_OF_RANGE = 99;
    UNKNOWN_TOPIC_ID = 100;
    DUPLICATE_BROKER_REGISTRATION = 101;
    BROKER_ID_NOT_REGISTERED = 102;
    INCONSISTENT_TOPIC_ID = 103;
    INCONSISTENT_CLUSTER_ID = 104;
    TRANSACTIONAL_ID_NOT_FOUND = 105;
    FETCH_SESSION_TOPIC_ID_ERROR = 106;
    INELIGIBLE_REPLICA = 107;
    NEW_LEADER_ELECTED = 108;
    OFFSET_MOVED_TO_TIERED_STORAGE = 109;
    FENCED_MEMBER_EPOCH = 110;
    UNRELEASED_INSTANCE_ID = 111;
    UNSUPPORTED_ASSIGNOR = 112;
    STALE_MEMBER_EPOCH = 113;
    MISMATCHED_ENDPOINT_TYPE = 114;
    UNSUPPORTED_ENDPOINT_TYPE = 115;
    UNKNOWN_CONTROLLER_ID = 116;
    UNKNOWN_SUBSCRIPTION_ID = 117;
    TELEMETRY_TOO_LARGE = 118;
    INVALID_REGISTRATION = 119;
    TRANSACTION_ABORTABLE = 120;
    INVALID_RECORD_STATE = 121;
    SHARE_SESSION_NOT_FOUND = 122;
    INVALID_SHARE_SESSION_EPOCH = 123;
    FENCED_STATE_EPOCH = 124;
    INVALID_VOTER_KEY = 125;
    DUPLICATE_VOTER = 126;
    VOTER_NOT_FOUND = 127;
    INVALID_REGULAR_EXPRESSION = 128;
    REBOOTSTRAP_REQUIRED = 129;
    STREAMS_INVALID_TOPOLOGY = 130;
    STREAMS_INVALID_TOPOLOGY_EPOCH = 131;
    STREAMS_TOPOLOGY_FENCED = 132;
    SHARE_SESSION_LIMIT_REACHED = 133;
    GROUP_DELETION_FAILED = 134;
    STREAMS_TOPOLOGY_DESCRIPTION_UPDATE_FAILED = 135;
    CONTROLLER_ID_NOT_REGISTERED = 136;
}

impl ErrorCode {
    /// Whether the answer is a success.
    pub const fn is_ok(self) -> bool {
        self.0 == 0
    }

    /// The code, unless it is success.
    ///
    /// # Errors
    /// The code itself.
    pub const fn ok(self) -> Result<(), Self> {
        if self.is_ok() { Ok(()) } else { Err(self) }
    }

    /// Whether the same request may succeed later.
    pub const fn retriable(self) -> bool {
        self.refreshes_metadata()
            || matches!(
                self.0,
                2 | 7 | 14
                    ..=16 | 19 | 20 | 41 | 51 | 70 | 71 | 75 | 78 | 88 | 89 | 106 | 122 | 123 | 133
            )
    }

    /// Whether the error says that the metadata used for the request is stale.
    pub const fn refreshes_metadata(self) -> bool {
        matches!(self.0, 3 | 5 | 6 | 9 | 13 | 56 | 72 | 74 | 80 | 83 | 84 | 100 | 103)
    }

    /// What to do about it.
    pub const fn action(self) -> Action {
        match self {
            Self::NONE => Action::Proceed,
            Self::COORDINATOR_LOAD_IN_PROGRESS
            | Self::COORDINATOR_NOT_AVAILABLE
            | Self::NOT_COORDINATOR => Action::FindCoordinator,
            Self::ILLEGAL_GENERATION
            | Self::UNKNOWN_MEMBER_ID
            | Self::REBALANCE_IN_PROGRESS
            | Self::MEMBER_ID_REQUIRED
            | Self::FENCED_MEMBER_EPOCH => Action::Rejoin,
            Self::TRANSACTION_ABORTABLE => Action::Abort,
            Self::REBOOTSTRAP_REQUIRED => Action::Rebootstrap,
            Self::UNSUPPORTED_SASL_MECHANISM
            | Self::ILLEGAL_SASL_STATE
            | Self::SASL_AUTHENTICATION_FAILED
            | Self::FENCED_INSTANCE_ID
            | Self::UNRELEASED_INSTANCE_ID
            | Self::PRODUCER_FENCED => Action::Fatal,
            code if code.refreshes_metadata() => Action::RefreshMetadata,
            code if code.retriable() => Action::Retry,
            _ => Action::Fail,
        }
    }
}

impl From<i16> for ErrorCode {
    fn from(code: i16) -> Self {
        Self(code)
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} ({})", self.0),
            None => write!(f, "error code {}", self.0),
        }
    }
}

impl fmt::Debug for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ErrorCode({}", self.0)?;
        if let Some(name) = self.name() {
            write!(f, " {name}")?;
        }
        f.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn what_is_worth_a_retry_is_retried_and_nothing_else() {
        for code in i16::MIN..=i16::MAX {
            let code = ErrorCode(code);
            let again = match code.action() {
                Action::Retry | Action::RefreshMetadata | Action::FindCoordinator => true,
                Action::Proceed
                | Action::Rejoin
                | Action::Abort
                | Action::Rebootstrap
                | Action::Fail
                | Action::Fatal => false,
            };
            assert_eq!(code.retriable(), again, "{code}");
            assert_eq!(
                code.refreshes_metadata(),
                code.action() == Action::RefreshMetadata,
                "{code}"
            );
            assert_eq!(code.name().is_some(), ErrorCode::KNOWN.contains(&code));
        }
    }

    #[test]
    fn each_class_has_its_codes() {
        for (code, action) in [
            (0, Action::Proceed),
            (7, Action::Retry),
            (6, Action::RefreshMetadata),
            (16, Action::FindCoordinator),
            (22, Action::Rejoin),
            (79, Action::Rejoin),
            (82, Action::Fatal),
            (120, Action::Abort),
            (129, Action::Rebootstrap),
            (-1, Action::Fail),
        ] {
            assert_eq!(ErrorCode(code).action(), action);
        }
    }

    #[test]
    fn unknown_codes_survive_as_numbers() {
        let code = ErrorCode::from(4321);
        assert_eq!((code.name(), code.action(), code.retriable()), (None, Action::Fail, false));
        assert_eq!(code.to_string(), "error code 4321");
        assert_eq!(format!("{code:?}"), "ErrorCode(4321)");
        assert_eq!(ErrorCode(3).to_string(), "UNKNOWN_TOPIC_OR_PARTITION (3)");
    }
}
