//! A token as clients see it (docs/contract.md, "Provisioning").

use release_links_domain::access::AccessLevel;
use release_links_domain::token::Scope;
use release_links_usecases::{TokenMade, TokenShown};
use serde::Serialize;
use utoipa::ToSchema;

use super::parameters::scopes;
use crate::operation::shown;
use crate::shapes::time;

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = APIEntitiesPersonalAccessToken)]
pub(super) struct TokenBody {
    id: i64,
    name: String,
    #[schema(required = true)]
    description: Option<String>,
    #[schema(schema_with = scopes)]
    scopes: Vec<&'static str>,
    user_id: i64,
    active: bool,
    revoked: bool,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(required = true, format = DateTime)]
    last_used_at: Option<String>,
    #[schema(required = true, format = Date)]
    expires_at: Option<String>,
    /// Only for a project's token.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = shown::<AccessLevel>, required = false)]
    access_level: Option<i64>,
}

impl TokenBody {
    pub(super) fn new(shown: TokenShown) -> Self {
        let TokenShown { record, active } = shown;
        Self {
            id: record.id.get(),
            name: record.name,
            description: record.description.map(String::from),
            scopes: record.scopes.into_iter().map(Scope::as_str).collect(),
            user_id: record.user.get(),
            active,
            revoked: record.revoked,
            created_at: time(record.created_at),
            last_used_at: record.last_used_at.map(time),
            expires_at: record.expires_on.map(|day| day.to_string()),
            access_level: record.level.map(AccessLevel::number),
        }
    }
}

/// A new token. This is the only answer that contains the token itself.
#[derive(Serialize, ToSchema)]
#[schema(as = APIEntitiesPersonalAccessTokenWithToken)]
pub(super) struct NewTokenBody {
    #[serde(flatten)]
    shown: TokenBody,
    token: String,
}

impl NewTokenBody {
    pub(super) fn new(issued: TokenMade) -> Self {
        Self { shown: TokenBody::new(issued.shown), token: issued.secret.reveal().to_owned() }
    }
}
