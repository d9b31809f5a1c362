//! Tokens as clients see them (docs/contract.md, "Provisioning"): personal ones, those of projects and those of jobs.

mod job;
mod personal;
mod project;

use jiff::civil::Date;
use release_links_domain::TokenId;
use release_links_domain::access::AccessLevel;
use release_links_domain::token::{Scope, Scopes, expiry_day};
use release_links_usecases::{ParameterFaults, TokenDraft, TokenMade, TokenSearch, TokenShown};
use serde::Serialize;

pub(crate) use job::{create_for_job, end_job};
pub(crate) use personal::{
    create_personal, get_own, get_personal, list_personal, revoke_own, revoke_personal, rotate_own, rotate_personal,
};
pub(crate) use project::{create_for_project, get_of_project, list_of_project, revoke_of_project, rotate_of_project};

use crate::fields::{Fields, not_among, parse_integer};
use crate::incoming::Incoming;
use crate::pagination::page_request;
use crate::params::Param;
use crate::provisioning;
use crate::shapes::time;

#[derive(Debug, Serialize)]
struct TokenBody {
    id: i64,
    name: String,
    scopes: Vec<&'static str>,
    user_id: i64,
    active: bool,
    revoked: bool,
    created_at: String,
    last_used_at: Option<String>,
    expires_at: Option<String>,
    /// Only for a project's token.
    #[serde(skip_serializing_if = "Option::is_none")]
    access_level: Option<i64>,
}

impl TokenBody {
    fn new(shown: TokenShown) -> Self {
        let TokenShown { record, active } = shown;
        Self {
            id: record.id.get(),
            name: record.name,
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
#[derive(Serialize)]
struct NewTokenBody {
    #[serde(flatten)]
    shown: TokenBody,
    token: String,
}

impl NewTokenBody {
    fn new(issued: TokenMade) -> Self {
        Self { shown: TokenBody::new(issued.shown), token: issued.secret.reveal().to_owned() }
    }
}

/// Returns the token in the path; `None` for a text that cannot be an id.
fn token_id(incoming: &Incoming) -> Option<TokenId> {
    parse_integer(&incoming.path.token_id).and_then(|id| TokenId::try_from(id).ok())
}

/// Reads the draft of a token.
fn draft(fields: &mut Fields) -> Option<TokenDraft> {
    let name = provisioning::required_name(fields);
    let scopes = scopes(fields);
    let expires_on = expires_on(fields);
    name.zip(scopes).map(|(name, scopes)| TokenDraft { name, scopes, expires_on })
}

/// Reads `scopes[]`, or the same as one text with commas: at least one known scope.
fn scopes(fields: &mut Fields) -> Option<Scopes> {
    fields.require("scopes");
    let named: Option<Vec<Scope>> = match fields.sent("scopes")? {
        Param::List(words) => {
            words.iter().map(|word| if let Param::Text(word) = word { word.parse().ok() } else { None }).collect()
        }
        Param::Text(words) => words.split(',').map(|word| word.trim().parse().ok()).collect(),
        Param::Null | Param::Map(_) => None,
    };
    let scopes = named.and_then(|named| named.try_into().ok());
    if scopes.is_none() {
        fields.fault("scopes", not_among(Scope::ALL));
    }
    scopes
}

/// Reads `expires_at`, a day; empty counts as absent.
fn expires_on(fields: &mut Fields) -> Option<Date> {
    let text = fields.text("expires_at").filter(|text| !text.is_empty())?;
    expiry_day(&text).map_err(|fault| fields.fault("expires_at", fault)).ok()
}

/// Reads what a rotation may change.
fn renewal(mut fields: Fields) -> Result<Option<Date>, ParameterFaults> {
    let day = expires_on(&mut fields);
    fields.finish(day)
}

/// Whether a token is in force, in GitLab's words.
const STATES: [&str; 2] = ["active", "inactive"];

/// Reads which tokens a list should contain.
fn search(mut fields: Fields) -> Result<TokenSearch, ParameterFaults> {
    let user = fields.id("user_id");
    let active = fields.word("state", &STATES).map(|state| state == STATES[0]);
    let revoked = fields.boolean("revoked");
    let text = fields.text("search").filter(|text| !text.is_empty());
    let page = page_request(&mut fields);
    fields.finish(TokenSearch { user, active, revoked, text, page })
}
