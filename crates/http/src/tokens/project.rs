//! `/projects/:id/access_tokens`.

use actix_web::http::StatusCode;
use release_links_domain::access::AccessLevel;
use release_links_ports::PageRequest;
use release_links_usecases::ProjectTokenDraft;

use super::{NewTokenBody, TokenBody, draft, renewal, search, token_id};
use crate::fields::Fields;
use crate::incoming::Incoming;
use crate::pagination::headers;
use crate::reply::{Reply, created, json, no_content, ok};

/// `POST /projects/:id/access_tokens`.
pub(crate) async fn create_for_project(incoming: Incoming, mut fields: Fields) -> Reply {
    let token = draft(&mut fields);
    let level = fields.numbered("access_level", &AccessLevel::ALL).unwrap_or(AccessLevel::DEFAULT_OF_PROJECT_TOKENS);
    let draft = token.map(|token| ProjectTokenDraft { token, level });
    let caller = incoming.caller().await?;
    let tokens = &incoming.service.tokens;
    let issued = tokens.create_for_project(&caller, &incoming.path.id, fields.finish_whole(draft)).await?;
    created(&incoming.request, &NewTokenBody::new(issued))
}

/// `GET /projects/:id/access_tokens`.
pub(crate) async fn list_of_project(incoming: Incoming, fields: Fields) -> Reply {
    let search = search(fields);
    let wanted = search.as_ref().map_or(PageRequest::default(), |search| search.page);
    let caller = incoming.caller().await?;
    let page = incoming.service.tokens.list_of_project(&caller, &incoming.path.id, search).await?;
    let headers = headers(&incoming.request, &incoming.service.external, wanted, &page);
    let body: Vec<_> = page.rows.into_iter().map(TokenBody::new).collect();
    json(&incoming.request, StatusCode::OK, &body, headers)
}

/// `GET /projects/:id/access_tokens/:token_id`.
pub(crate) async fn get_of_project(incoming: Incoming) -> Reply {
    let caller = incoming.caller().await?;
    let shown = incoming.service.tokens.get_of_project(&caller, &incoming.path.id, token_id(&incoming)).await?;
    ok(&incoming.request, &TokenBody::new(shown))
}

/// `DELETE /projects/:id/access_tokens/:token_id`.
pub(crate) async fn revoke_of_project(incoming: Incoming) -> Reply {
    let caller = incoming.caller().await?;
    incoming.service.tokens.revoke_of_project(&caller, &incoming.path.id, token_id(&incoming)).await?;
    Ok(no_content())
}

/// `POST /projects/:id/access_tokens/:token_id/rotate`.
pub(crate) async fn rotate_of_project(incoming: Incoming, fields: Fields) -> Reply {
    let renewal = renewal(fields);
    let caller = incoming.caller().await?;
    let tokens = &incoming.service.tokens;
    let issued = tokens.rotate_of_project(&caller, &incoming.path.id, token_id(&incoming), renewal).await?;
    ok(&incoming.request, &NewTokenBody::new(issued))
}
