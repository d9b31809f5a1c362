//! `/users` and `/user` (docs/contract.md, "Provisioning").

use actix_web::http::StatusCode;
use release_links_domain::UserId;
use release_links_domain::location::ExternalUrl;
use release_links_domain::namespace::PathSegment;
use release_links_domain::user::EmailAddress;
use release_links_ports::{UserChanges, UserFilter};
use release_links_usecases::{UserDraft, UserShown};

use crate::fields::{Fields, parse_integer};
use crate::incoming::Incoming;
use crate::pagination::{headers, page_request};
use crate::provisioning;
use crate::reply::{Reply, created, json, no_content, ok};
use crate::shapes::UserBody;

fn body(shown: UserShown, external: &ExternalUrl) -> UserBody {
    if shown.in_full { UserBody::private(shown.user, external) } else { UserBody::public(shown.user, external) }
}

/// Returns the user in the path; a text that is no id names nobody.
fn user(incoming: &Incoming) -> Option<UserId> {
    parse_integer(&incoming.path.id).and_then(|id| UserId::try_from(id).ok())
}

/// `GET /user`: the caller.
pub(crate) async fn current(incoming: Incoming) -> Reply {
    let caller = incoming.caller().await?;
    let user = incoming.service.users.current(&caller).await?;
    ok(&incoming.request, &UserBody::private(user, &incoming.service.external))
}

/// `GET /users`: a page.
pub(crate) async fn list(incoming: Incoming, mut fields: Fields) -> Reply {
    let username = fields.text("username");
    let search = fields.text("search").filter(|search| !search.is_empty());
    let page = page_request(&mut fields);
    let wanted = fields.finish((UserFilter { username, search }, page));
    let caller = incoming.caller().await?;
    let service = &incoming.service;
    let found = service.users.list(&caller, wanted).await?;
    let headers = headers(&incoming.request, &service.external, page, &found);
    let rows: Vec<_> = found.rows.into_iter().map(|user| body(user, &service.external)).collect();
    json(&incoming.request, StatusCode::OK, &rows, headers)
}

/// `GET /users/:id`.
pub(crate) async fn get(incoming: Incoming) -> Reply {
    let caller = incoming.caller().await?;
    let shown = incoming.service.users.get(&caller, user(&incoming)).await?;
    ok(&incoming.request, &body(shown, &incoming.service.external))
}

/// `POST /users`.
pub(crate) async fn create(incoming: Incoming, mut fields: Fields) -> Reply {
    let username = username(&mut fields);
    let name = provisioning::required_name(&mut fields);
    let email = email(&mut fields);
    let administrator = fields.boolean("admin").unwrap_or_default();
    let draft = username.zip(name).zip(email);
    let draft = draft.map(|((username, name), email)| UserDraft { username, name, email, administrator });
    let caller = incoming.caller().await?;
    let user = incoming.service.users.create(&caller, fields.finish_whole(draft)).await?;
    created(&incoming.request, &UserBody::private(user, &incoming.service.external))
}

/// `PUT /users/:id`: fields that are not sent keep their values.
pub(crate) async fn update(incoming: Incoming, mut fields: Fields) -> Reply {
    let changes = UserChanges {
        username: if fields.has("username") { username(&mut fields) } else { None },
        name: if fields.has("name") { provisioning::required_name(&mut fields) } else { None },
        email: if fields.has("email") { email(&mut fields) } else { None },
        administrator: fields.boolean("admin"),
    };
    let changes = fields.finish(changes);
    let caller = incoming.caller().await?;
    let user = incoming.service.users.update(&caller, user(&incoming), changes).await?;
    ok(&incoming.request, &UserBody::private(user, &incoming.service.external))
}

/// `DELETE /users/:id`.
pub(crate) async fn delete(incoming: Incoming) -> Reply {
    let caller = incoming.caller().await?;
    incoming.service.users.delete(&caller, user(&incoming)).await?;
    Ok(no_content())
}

fn username(fields: &mut Fields) -> Option<PathSegment> {
    let raw = fields.present_text("username")?;
    raw.parse().map_err(|why| fields.fault("username", why)).ok()
}

fn email(fields: &mut Fields) -> Option<EmailAddress> {
    let raw = fields.present_text("email")?;
    raw.parse().map_err(|why| fields.fault("email", why)).ok()
}
