//! `/users` and `/user` (contract section 9).

use release_links_domain::namespace::PathSegment;
use release_links_usecases::UserDraft;

use crate::fields::Fields;
use crate::incoming::Incoming;
use crate::reply::{Reply, created, ok};
use crate::shapes::UserBody;

/// `GET /user`: who the caller is.
pub(crate) async fn current(incoming: Incoming) -> Reply {
    let caller = incoming.caller().await?;
    let user = incoming.service.users.current(&caller).await?;
    ok(&incoming.request, &UserBody::private(user, &incoming.service.external))
}

/// `POST /users`.
pub(crate) async fn create(incoming: Incoming) -> Reply {
    let mut fields = Fields::of(&incoming.params);
    let username = fields.present_text("username");
    let username =
        username.and_then(|raw| raw.parse::<PathSegment>().map_err(|why| fields.fault("username", why)).ok());
    let name = fields.present_text("name");
    let email = fields.present_text("email");
    if email.as_ref().is_some_and(|email| !email.contains('@') || email.contains(char::is_whitespace)) {
        fields.fault("email", "is invalid");
    }
    let administrator = fields.boolean("admin").unwrap_or(false);
    let draft = username.zip(name).zip(email);
    let draft = draft.map(|((username, name), email)| UserDraft { username, name, email, administrator });
    let caller = incoming.caller().await?;
    let user = incoming.service.users.create(&caller, fields.finish_whole(draft)).await?;
    created(&incoming.request, &UserBody::private(user, &incoming.service.external))
}
