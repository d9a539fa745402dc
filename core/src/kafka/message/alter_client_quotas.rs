//! AlterClientQuotas (49): sets and removes quotas of users, clients and addresses.

pub use request::AlterClientQuotasRequest;
pub use response::AlterClientQuotasResponse;

/// The request.
pub mod request {
    use alloc::vec::Vec;

    use gridwire_derive::message;

    use crate::Str;

    use super::AlterClientQuotasResponse;

    /// Changes quotas.
    #[message(
        key = 49, versions = "0-1", flexible = "1+",
        listeners = "broker, controller", response = AlterClientQuotasResponse
    )]
    pub struct AlterClientQuotasRequest {
        /// The entities, each with its changes or its result.
        pub entries: Vec<EntryData>,
        /// Whether only to check the request.
        pub validate_only: bool,
    }

    /// An entity.
    #[message]
    pub struct EntryData {
        /// Whose quotas these are.
        pub entity: Vec<EntityData>,
        /// The changes.
        pub ops: Vec<OpData>,
    }

    /// One part of an entity: its user, client id or address.
    #[message]
    pub struct EntityData {
        /// The entity's type: `user`, `client-id` or `ip`.
        pub entity_type: Str,
        /// The entity's name; `None` is the default entity.
        #[kafka(nullable = "0+")]
        pub entity_name: Option<Str>,
    }

    /// A change.
    #[message]
    pub struct OpData {
        /// The quota's name.
        pub key: Str,
        /// The value.
        pub value: f64,
        /// Whether to remove the quota; `value` is then of no account.
        pub remove: bool,
    }
}

/// The response.
pub mod response {
    use alloc::vec::Vec;

    use gridwire_derive::message;

    use crate::Str;
    use crate::kafka::code::ErrorCode;

    /// How the changes went.
    #[message(key = 49, versions = "0-1", flexible = "1+")]
    pub struct AlterClientQuotasResponse {
        /// Milliseconds that the client should wait before it sends again.
        pub throttle_time_ms: i32,
        /// The entities, each with its changes or its result.
        pub entries: Vec<EntryData>,
    }

    /// An entity.
    #[message]
    pub struct EntryData {
        /// The error, or [`ErrorCode::NONE`].
        pub error_code: ErrorCode,
        /// The error in words.
        #[kafka(nullable = "0+")]
        pub error_message: Option<Str>,
        /// Whose quotas these are.
        pub entity: Vec<EntityData>,
    }

    /// One part of an entity: its user, client id or address.
    #[message]
    pub struct EntityData {
        /// The entity's type: `user`, `client-id` or `ip`.
        pub entity_type: Str,
        /// The entity's name; `None` is the default entity.
        #[kafka(nullable = "0+")]
        pub entity_name: Option<Str>,
    }
}
