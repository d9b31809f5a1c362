//! `/projects/:id/access_tokens`.

use release_links_domain::access::AccessLevel;
use release_links_usecases::ProjectTokenDraft;

use super::parameters::{NewToken, Renewal, TokenList};
use super::shape::{NewTokenBody, TokenBody};
use crate::addresses::{ProjectAddress, ProjectTokenAddress};
use crate::fields::Fields;
use crate::operation::{
    self, Answer, CallerThenParameters, Declared, Number, Operation, Parameter, Parameters, Refused,
};
use crate::pagination;
use crate::reply::{Reply, created, no_content, ok};

const TOKENS: &str = "/api/v4/projects/{id}/access_tokens";
const TOKEN: &str = "/api/v4/projects/{id}/access_tokens/{token_id}";

/// Returns the operations on the tokens of projects.
pub(super) fn operations() -> Vec<Operation> {
    vec![
        operation::get(TOKENS, "List the tokens of a project", list)
            .signed_in()
            .answers(Answer::page::<TokenBody>("A page of tokens.")),
        operation::post(TOKENS, "Create a token of a project", create).signed_in().answers(Answer::created::<
            NewTokenBody,
        >(
            "The new token; this answer alone shows it.",
        )),
        operation::get(TOKEN, "Get a token of a project", get)
            .signed_in()
            .answers(Answer::ok::<TokenBody>("The token.")),
        operation::delete(TOKEN, "Revoke a token of a project", revoke)
            .signed_in()
            .answers(Answer::no_content("The token was revoked.")),
        operation::post(
            "/api/v4/projects/{id}/access_tokens/self/rotate",
            "Rotate the token of the request, which is one of the project",
            rotate_own,
        )
        .signed_in()
        .answers(Answer::ok::<NewTokenBody>("The new token; this answer alone shows it."))
        .refuses(&[Refused::BAD]),
        operation::post("/api/v4/projects/{id}/access_tokens/{token_id}/rotate", "Rotate a token of a project", rotate)
            .signed_in()
            .answers(Answer::ok::<NewTokenBody>("The new token; this answer alone shows it."))
            .refuses(&[Refused::BAD]),
    ]
}

/// A new token of a project.
struct NewProjectToken {
    token: NewToken,
    level: AccessLevel,
}

/// The parameter of the level.
const LEVEL: &str = "access_level";

impl Parameters for NewProjectToken {
    fn declare() -> Vec<Declared> {
        let mut declared = NewToken::declare();
        let level = Declared::of::<AccessLevel>(LEVEL, "What the token may do in the project.");
        let default = Some(AccessLevel::DEFAULT_OF_PROJECT_TOKENS.number().into());
        declared.push(Declared { default, ..level });
        declared
    }

    fn read(fields: &mut Fields) -> Option<Self> {
        let token = NewToken::read(fields);
        let level = Number::<AccessLevel>::read(LEVEL, fields)?.unwrap_or(AccessLevel::DEFAULT_OF_PROJECT_TOKENS);
        Some(Self { token: token?, level })
    }
}

async fn create(asked: CallerThenParameters<ProjectAddress, NewProjectToken>) -> Reply {
    let CallerThenParameters { incoming, address, parameters, caller } = asked;
    let draft = parameters.map(|NewProjectToken { token, level }| ProjectTokenDraft { token: token.draft(), level });
    let issued = incoming.service.tokens.create_for_project(&caller, &address.id, draft).await?;
    created(&incoming.request, &NewTokenBody::new(issued))
}

async fn list(asked: CallerThenParameters<ProjectAddress, TokenList>) -> Reply {
    let CallerThenParameters { incoming, address, parameters, caller } = asked;
    let page = parameters.as_ref().map(|list| list.page).unwrap_or_default();
    let wanted = parameters.map(TokenList::wanted);
    let found = incoming.service.tokens.list_of_project(&caller, &address.id, wanted).await?;
    pagination::page(&incoming, page, found, TokenBody::new)
}

async fn get(asked: CallerThenParameters<ProjectTokenAddress, ()>) -> Reply {
    let CallerThenParameters { incoming, address, caller, .. } = asked;
    let shown = incoming.service.tokens.get_of_project(&caller, &address.id, address.token_id).await?;
    ok(&incoming.request, &TokenBody::new(shown))
}

async fn revoke(asked: CallerThenParameters<ProjectTokenAddress, ()>) -> Reply {
    let CallerThenParameters { incoming, address, caller, .. } = asked;
    incoming.service.tokens.revoke_of_project(&caller, &address.id, address.token_id).await?;
    Ok(no_content())
}

async fn rotate(asked: CallerThenParameters<ProjectTokenAddress, Renewal>) -> Reply {
    let CallerThenParameters { incoming, address, parameters, caller } = asked;
    let expiry = parameters.map(|renewal| renewal.expires_at);
    let tokens = &incoming.service.tokens;
    let issued = tokens.rotate_of_project(&caller, &address.id, address.token_id, expiry).await?;
    ok(&incoming.request, &NewTokenBody::new(issued))
}

async fn rotate_own(asked: CallerThenParameters<ProjectAddress, Renewal>) -> Reply {
    let CallerThenParameters { incoming, address, parameters, caller } = asked;
    let expiry = parameters.map(|renewal| renewal.expires_at);
    let issued = incoming.service.tokens.rotate_own_of_project(&caller, &address.id, expiry).await?;
    ok(&incoming.request, &NewTokenBody::new(issued))
}
