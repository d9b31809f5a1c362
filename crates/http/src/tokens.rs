//! `/users/:id/personal_access_tokens` (contract section 9).

use jiff::civil::Date;
use release_links_domain::UserId;
use release_links_domain::token::Scope;
use release_links_usecases::{TokenDraft, TokenMade};
use serde::Serialize;

use crate::fields::{Fields, not_among, parse_integer};
use crate::incoming::Incoming;
use crate::params::Param;
use crate::reply::{Reply, created};
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
    /// Only in the answer that makes the token.
    token: String,
}

impl TokenBody {
    fn made(made: &TokenMade) -> Self {
        let record = &made.record;
        Self {
            id: record.id.get(),
            name: record.name.clone(),
            scopes: record.scopes.iter().map(|scope| scope.as_str()).collect(),
            user_id: record.user.get(),
            active: made.active,
            revoked: record.revoked,
            created_at: time(record.created_at),
            last_used_at: record.last_used_at.map(time),
            expires_at: record.expires_on.map(|day| day.to_string()),
            token: made.secret.reveal().to_owned(),
        }
    }
}

/// `POST /users/:id/personal_access_tokens`.
pub(crate) async fn create_personal(incoming: Incoming) -> Reply {
    let mut fields = Fields::of(&incoming.params);
    let name = fields.present_text("name");
    let scopes = scopes(&incoming, &mut fields);
    let expires_on = expires_on(&mut fields);
    let draft = name.map(|name| TokenDraft { name, scopes, expires_on });
    let user = parse_integer(&incoming.path.id).and_then(|id| UserId::try_from(id).ok());
    let caller = incoming.caller().await?;
    let made = incoming.service.tokens.create_personal(&caller, user, fields.finish_whole(draft)).await?;
    created(&incoming.request, &TokenBody::made(&made))
}

/// `scopes[]`: at least one, each a known one; said twice is said once.
fn scopes(incoming: &Incoming, fields: &mut Fields<'_>) -> Vec<Scope> {
    fields.require("scopes");
    let words: Vec<&str> = match incoming.params.get("scopes") {
        Some(Param::List(words)) => {
            words.iter().map(|word| if let Param::Text(word) = word { word } else { "" }).collect()
        }
        Some(Param::Text(words)) => words.split(',').map(str::trim).collect(),
        Some(Param::Null | Param::Map(_)) => Vec::new(),
        None => return Vec::new(),
    };
    let known: Option<Vec<Scope>> = words.iter().map(|word| word.parse().ok()).collect();
    match known {
        Some(scopes) if !scopes.is_empty() => {
            Scope::ALL.iter().copied().filter(|scope| scopes.contains(scope)).collect()
        }
        _ => {
            fields.fault("scopes", not_among(Scope::ALL));
            Vec::new()
        }
    }
}

/// `expires_at`: a day, `YYYY-MM-DD`. One in the past is accepted.
fn expires_on(fields: &mut Fields<'_>) -> Option<Date> {
    let text = fields.text("expires_at").filter(|text| !text.is_empty())?;
    let has_form = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let day = if has_form { text.parse().ok() } else { None };
    if day.is_none() {
        fields.fault("expires_at", "is invalid, must be a date as YYYY-MM-DD");
    }
    day
}
