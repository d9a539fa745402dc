//! DescribeClientQuotas (48): the quotas of users, clients and addresses.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;

/// Asks for quotas.
#[message(key = 48, versions = "0-1", flexible = "1+", response = DescribeClientQuotasResponse)]
pub struct DescribeClientQuotasRequest {
    /// What the entities must match.
    pub components: Vec<ComponentData>,
    /// Whether entities with more parts are left out.
    pub strict: bool,
}

/// What one part of an entity must match.
#[message]
pub struct ComponentData {
    /// The entity's type: `user`, `client-id` or `ip`.
    pub entity_type: Str,
    /// 0 this name, 1 the default entity, 2 any name.
    pub match_type: i8,
    /// The name.
    #[kafka(nullable = "0+")]
    pub r#match: Option<Str>,
}

/// The quotas.
#[message(key = 48, versions = "0-1", flexible = "1+")]
pub struct DescribeClientQuotasResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The error in words.
    #[kafka(nullable = "0+")]
    pub error_message: Option<Str>,
    /// The entities; `None` on errors.
    #[kafka(nullable = "0+")]
    pub entries: Option<Vec<EntryData>>,
}

/// An entity and its quotas.
#[message]
pub struct EntryData {
    /// Whose quotas these are.
    pub entity: Vec<EntityData>,
    /// The quotas.
    pub values: Vec<ValueData>,
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

/// A quota.
#[message]
pub struct ValueData {
    /// The quota's name.
    pub key: Str,
    /// The value.
    pub value: f64,
}
