//! `/projects/:id/members`, and the same under `/groups/:id` (docs/contract.md, "Provisioning").

use actix_web::http::StatusCode;
use release_links_domain::UserId;
use release_links_domain::access::AccessLevel;
use release_links_domain::location::ExternalUrl;
use release_links_ports::{Member, Reach};
use release_links_usecases::{MemberDraft, MemberSourceAddress};
use serde::Serialize;

use crate::fields::{Fields, parse_integer};
use crate::incoming::Incoming;
use crate::pagination::{headers, page_request};
use crate::reply::{Reply, created, json, no_content, ok};
use crate::shapes::UserBody;

#[derive(Debug, Serialize)]
struct MemberBody {
    #[serde(flatten)]
    user: UserBody,
    access_level: i64,
    /// Always null: memberships do not expire.
    expires_at: Option<String>,
}

impl MemberBody {
    fn new(member: Member, external: &ExternalUrl) -> Self {
        let access_level = member.level.number();
        Self { user: UserBody::public(member.user, external), access_level, expires_at: None }
    }
}

/// Returns the project or group in the path. Routes match no empty segment, so an empty group means a project.
fn address(incoming: &Incoming) -> MemberSourceAddress {
    if incoming.path.group.is_empty() {
        MemberSourceAddress::Project(incoming.path.id.clone())
    } else {
        MemberSourceAddress::Group(incoming.path.group.clone())
    }
}

/// Returns the user in the path; a text that is no id names nobody.
fn user(incoming: &Incoming) -> Option<UserId> {
    parse_integer(&incoming.path.user_id).and_then(|id| UserId::try_from(id).ok())
}

/// `GET …/members`: direct members only.
pub(crate) async fn list(incoming: Incoming, fields: Fields) -> Reply {
    page_of(incoming, fields, Reach::Direct).await
}

/// `GET …/members/all`.
pub(crate) async fn list_inherited(incoming: Incoming, fields: Fields) -> Reply {
    page_of(incoming, fields, Reach::Inherited).await
}

async fn page_of(incoming: Incoming, mut fields: Fields, reach: Reach) -> Reply {
    let page = page_request(&mut fields);
    let caller = incoming.caller().await?;
    let service = &incoming.service;
    let found = service.members.list(&caller, &address(&incoming), reach, fields.finish(page)).await?;
    let headers = headers(&incoming.request, &service.external, page, &found);
    let body: Vec<_> = found.rows.into_iter().map(|member| MemberBody::new(member, &service.external)).collect();
    json(&incoming.request, StatusCode::OK, &body, headers)
}

/// `GET …/members/:user_id`.
pub(crate) async fn get(incoming: Incoming) -> Reply {
    one(incoming, Reach::Direct).await
}

/// `GET …/members/all/:user_id`.
pub(crate) async fn get_inherited(incoming: Incoming) -> Reply {
    one(incoming, Reach::Inherited).await
}

async fn one(incoming: Incoming, reach: Reach) -> Reply {
    let caller = incoming.caller().await?;
    let member = incoming.service.members.get(&caller, &address(&incoming), reach, user(&incoming)).await?;
    ok(&incoming.request, &MemberBody::new(member, &incoming.service.external))
}

/// `POST …/members`.
pub(crate) async fn add(incoming: Incoming, mut fields: Fields) -> Reply {
    let user = match fields.present_text("user_id") {
        Some(_) => fields.id::<UserId>("user_id"),
        None => None,
    };
    let level = access_level(&mut fields);
    no_expiry(&mut fields);
    let draft = user.zip(level).map(|(user, level)| MemberDraft { user, level });
    let caller = incoming.caller().await?;
    let member = incoming.service.members.add(&caller, &address(&incoming), fields.finish_whole(draft)).await?;
    created(&incoming.request, &MemberBody::new(member, &incoming.service.external))
}

/// `PUT …/members/:user_id`.
pub(crate) async fn set_level(incoming: Incoming, mut fields: Fields) -> Reply {
    let level = access_level(&mut fields);
    no_expiry(&mut fields);
    let level = fields.finish_whole(level);
    let caller = incoming.caller().await?;
    let member = incoming.service.members.set_level(&caller, &address(&incoming), user(&incoming), level).await?;
    ok(&incoming.request, &MemberBody::new(member, &incoming.service.external))
}

/// `DELETE …/members/:user_id`.
pub(crate) async fn remove(incoming: Incoming) -> Reply {
    let caller = incoming.caller().await?;
    incoming.service.members.remove(&caller, &address(&incoming), user(&incoming)).await?;
    Ok(no_content())
}

fn access_level(fields: &mut Fields) -> Option<AccessLevel> {
    fields.present_text("access_level")?;
    fields.numbered("access_level", &AccessLevel::ALL)
}

fn no_expiry(fields: &mut Fields) {
    if fields.text("expires_at").is_some_and(|day| !day.is_empty()) {
        fields.fault("expires_at", "is not supported: memberships do not expire");
    }
}
