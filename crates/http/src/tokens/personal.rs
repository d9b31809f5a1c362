//! `/personal_access_tokens` and `/users/:id/personal_access_tokens`.

use actix_web::http::StatusCode;
use release_links_domain::UserId;
use release_links_ports::PageRequest;
use release_links_usecases::PersonalToken;

use super::{NewTokenBody, TokenBody, draft, renewal, search, token_id};
use crate::fields::{Fields, parse_integer};
use crate::incoming::Incoming;
use crate::pagination::headers;
use crate::reply::{Reply, created, json, no_content, ok};

/// `POST /users/:id/personal_access_tokens`.
pub(crate) async fn create_personal(incoming: Incoming, mut fields: Fields) -> Reply {
    let draft = draft(&mut fields);
    let user = parse_integer(&incoming.path.id).and_then(|id| UserId::try_from(id).ok());
    let caller = incoming.caller().await?;
    let issued = incoming.service.tokens.create_personal(&caller, user, fields.finish_whole(draft)).await?;
    created(&incoming.request, &NewTokenBody::new(issued))
}

/// `GET /personal_access_tokens`.
pub(crate) async fn list_personal(incoming: Incoming, fields: Fields) -> Reply {
    let search = search(fields);
    let wanted = search.as_ref().map_or(PageRequest::default(), |search| search.page);
    let caller = incoming.caller().await?;
    let page = incoming.service.tokens.list_personal(&caller, search).await?;
    let headers = headers(&incoming.request, &incoming.service.external, wanted, &page);
    let body: Vec<_> = page.rows.into_iter().map(TokenBody::new).collect();
    json(&incoming.request, StatusCode::OK, &body, headers)
}

/// `GET /personal_access_tokens/self`.
pub(crate) async fn get_own(incoming: Incoming) -> Reply {
    get(&incoming, PersonalToken::Own).await
}

/// `GET /personal_access_tokens/:id`.
pub(crate) async fn get_personal(incoming: Incoming) -> Reply {
    get(&incoming, PersonalToken::Id(token_id(&incoming))).await
}

/// `DELETE /personal_access_tokens/self`.
pub(crate) async fn revoke_own(incoming: Incoming) -> Reply {
    revoke(&incoming, PersonalToken::Own).await
}

/// `DELETE /personal_access_tokens/:id`.
pub(crate) async fn revoke_personal(incoming: Incoming) -> Reply {
    revoke(&incoming, PersonalToken::Id(token_id(&incoming))).await
}

/// `POST /personal_access_tokens/self/rotate`.
pub(crate) async fn rotate_own(incoming: Incoming, fields: Fields) -> Reply {
    rotate(&incoming, PersonalToken::Own, fields).await
}

/// `POST /personal_access_tokens/:id/rotate`.
pub(crate) async fn rotate_personal(incoming: Incoming, fields: Fields) -> Reply {
    rotate(&incoming, PersonalToken::Id(token_id(&incoming)), fields).await
}

async fn get(incoming: &Incoming, token: PersonalToken) -> Reply {
    let caller = incoming.caller().await?;
    let shown = incoming.service.tokens.get_personal(&caller, token).await?;
    ok(&incoming.request, &TokenBody::new(shown))
}

async fn revoke(incoming: &Incoming, token: PersonalToken) -> Reply {
    let caller = incoming.caller().await?;
    incoming.service.tokens.revoke_personal(&caller, token).await?;
    Ok(no_content())
}

async fn rotate(incoming: &Incoming, token: PersonalToken, fields: Fields) -> Reply {
    let renewal = renewal(fields);
    let caller = incoming.caller().await?;
    let issued = incoming.service.tokens.rotate_personal(&caller, token, renewal).await?;
    ok(&incoming.request, &NewTokenBody::new(issued))
}
