//! The parameters of tokens (docs/contract.md, "Provisioning").

use jiff::civil::Date;
use release_links_domain::UserId;
use release_links_domain::description::ShortDescription;
use release_links_domain::namespace::DisplayName;
use release_links_domain::token::{Scope, Scopes, expiry_day};
use release_links_ports::{TimeRange, TokenOrder};
use release_links_usecases::{TokenDraft, TokenSearch};
use serde_json::Value;
use utoipa::openapi::schema::{SchemaType, Type};
use utoipa::openapi::{Array, Schema};

use crate::fields::{Fields, not_among};
use crate::moment::Moment;
use crate::operation::{
    Bool, Clearable, Day, Declared, Filled, Id, OrDefault, Parameter, Parsed, Present, Shape, Word, one_of, parameters,
};
use crate::pagination::Page;
use crate::params::Param;
use crate::sorting::OneOf;

parameters! {
    /// A new token.
    pub(super) struct NewToken {
        /// What the token is for.
        name: Present<Parsed<DisplayName>>,
        /// A longer text on what the token is for.
        description: Clearable<ShortDescription>,
        /// What the token may be used for.
        scopes: ScopeList,
        /// The day from which the token is no longer valid.
        expires_at: Expiry,
    }
}

parameters! {
    /// What a rotation may change.
    pub(super) struct Renewal {
        /// The day from which the new token is no longer valid; by default as before.
        expires_at: Expiry,
    }
}

parameters! {
    /// Which tokens a list shows, and in which order.
    pub(super) struct TokenList {
        /// Only tokens of this user.
        user_id: Id<UserId>,
        /// Only tokens that are in force, or only those that are not.
        state: Word<State>,
        /// Only tokens that were revoked, or only those that were not.
        revoked: Bool,
        /// Part of the name, in any case.
        search: Filled<String>,
        /// Only tokens that were created at this time or later.
        created_after: Moment,
        /// Only tokens that were created at this time or earlier.
        created_before: Moment,
        /// Only tokens that were last used at this time or later.
        last_used_after: Moment,
        /// Only tokens that were last used at this time or earlier.
        last_used_before: Moment,
        /// Only tokens that expire on this day or later.
        expires_after: FilterDay,
        /// Only tokens that expire before this day.
        expires_before: FilterDay,
        /// How the tokens are sorted.
        sort: OrDefault<OneOf<TokenOrder>>,
        /// The number of the page, from 1.
        page: Page,
    }
}

impl NewToken {
    /// Returns the token as a draft.
    pub(super) fn draft(self) -> TokenDraft {
        TokenDraft {
            name: self.name,
            description: self.description.apply(None),
            scopes: self.scopes,
            expires_on: self.expires_at,
        }
    }
}

impl TokenList {
    /// Returns the tokens to look for.
    pub(super) fn wanted(self) -> TokenSearch {
        TokenSearch {
            user: self.user_id,
            active: self.state.map(|state| state == State::Active),
            revoked: self.revoked,
            text: self.search,
            created: TimeRange { after: self.created_after, before: self.created_before },
            last_used: TimeRange { after: self.last_used_after, before: self.last_used_before },
            expires_after: self.expires_after,
            expires_before: self.expires_before,
            order: self.sort,
            page: self.page,
        }
    }
}

/// Whether a token is in force, in GitLab's words.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Active,
    Inactive,
}

impl State {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
        }
    }
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Shape for State {
    const ALL: &'static [Self] = &[Self::Active, Self::Inactive];

    fn schema(nullable: bool) -> Schema {
        one_of(Self::ALL, Type::String, nullable)
    }

    fn json(self) -> Option<Value> {
        Some(self.as_str().into())
    }
}

/// `scopes[]`, or the same as one text with commas: at least one known scope.
pub(super) struct ScopeList;

impl Parameter for ScopeList {
    type Value = Scopes;

    fn declare(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>) {
        to.push(Declared {
            schema: |_nullable| scopes().into(),
            is_required: true,
            ..Declared::of::<String>(name, meaning)
        });
    }

    fn read(name: &str, fields: &mut Fields) -> Option<Scopes> {
        fields.require(name);
        let named: Option<Vec<Scope>> = match fields.sent(name)? {
            Param::List(words) => {
                words.iter().map(|word| if let Param::Text(word) = word { word.parse().ok() } else { None }).collect()
            }
            Param::Text(words) => words.split(',').map(|word| word.trim().parse().ok()).collect(),
            Param::Null | Param::Map(_) => None,
        };
        let scopes = named.and_then(|named| named.try_into().ok());
        if scopes.is_none() {
            fields.fault(name, not_among(Scope::ALL));
        }
        scopes
    }
}

/// Returns the schema of scopes, of which there is at least one.
pub(super) fn scopes() -> Array {
    let words: Vec<&str> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
    let word = utoipa::openapi::Object::builder().schema_type(SchemaType::new(Type::String)).enum_values(Some(words));
    Array::builder().items(word).min_items(Some(1)).build()
}

/// `expires_at`, a day; empty counts as absent.
pub(super) struct Expiry;

impl Parameter for Expiry {
    type Value = Option<Date>;

    fn declare(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>) {
        to.push(Declared::of::<Day>(name, meaning));
    }

    fn read(name: &str, fields: &mut Fields) -> Option<Option<Date>> {
        let Some(text) = fields.filled_text(name) else { return Some(None) };
        Some(expiry_day(&text).map_err(|fault| fields.fault(name, fault)).ok())
    }
}

/// A day in a filter, in the form of [`Expiry`].
pub(super) struct FilterDay;

impl Parameter for FilterDay {
    type Value = Option<Date>;

    fn declare(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>) {
        Expiry::declare(name, meaning, to);
    }

    fn read(name: &str, fields: &mut Fields) -> Option<Option<Date>> {
        let Some(text) = fields.filled_text(name) else { return Some(None) };
        Some(expiry_day(&text).map_err(|_| fields.fault(name, "is invalid")).ok())
    }
}
