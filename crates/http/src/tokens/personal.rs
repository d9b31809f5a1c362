//! `/personal_access_tokens` and `/users/:id/personal_access_tokens`.

use release_links_domain::{TokenId, UserId};
use release_links_usecases::PersonalToken;

use super::parameters::{NewToken, Renewal, TokenList};
use super::shape::{NewTokenBody, TokenBody};
use crate::operation::{self, Address, Answer, CallerThenParameters, Nothing, Operation, OrNone, Refused, address};
use crate::pagination;
use crate::reply::{Reply, created, no_content, ok};

const TOKENS: &str = "/api/v4/personal_access_tokens";
const OWN: &str = "/api/v4/personal_access_tokens/self";
const TOKEN: &str = "/api/v4/personal_access_tokens/{id}";

/// Returns the operations on personal tokens.
pub(super) fn operations() -> Vec<Operation> {
    let found = || Answer::ok::<TokenBody>("The token.");
    let revoked = || Answer::no_content("The token was revoked.");
    let rotated = || Answer::ok::<NewTokenBody>("The new token; this answer alone shows it.");
    vec![
        operation::post("/api/v4/users/{user_id}/personal_access_tokens", "Create a personal token", create)
            .signed_in()
            .answers(Answer::created::<NewTokenBody>("The new token; this answer alone shows it.")),
        operation::get(TOKENS, "List personal tokens", list)
            .signed_in()
            .answers(Answer::page::<TokenBody>("A page of the tokens that the caller may see.")),
        operation::get(OWN, "Get the token of the request", get::<Own>).signed_in().answers(found()),
        operation::delete(OWN, "Revoke the token of the request", revoke::<Own>).signed_in().answers(revoked()),
        operation::post("/api/v4/personal_access_tokens/self/rotate", "Rotate the token of the request", rotate::<Own>)
            .signed_in()
            .answers(rotated())
            .refuses(&[Refused::BAD]),
        operation::get(TOKEN, "Get a personal token", get::<ById>).signed_in().answers(found()),
        operation::delete(TOKEN, "Revoke a personal token", revoke::<ById>).signed_in().answers(revoked()),
        operation::post("/api/v4/personal_access_tokens/{id}/rotate", "Rotate a personal token", rotate::<ById>)
            .signed_in()
            .answers(rotated())
            .refuses(&[Refused::BAD]),
    ]
}

address! {
    /// The owner of a personal token.
    struct OwnerAddress {
        /// The user's id.
        user_id: OrNone<UserId>,
    }
}

address! {
    /// A personal token.
    struct ById {
        /// The token's id.
        id: OrNone<TokenId>,
    }
}

/// The token of the request itself.
type Own = Nothing;

/// The address of a personal token.
trait OfToken: Address + 'static {
    fn token(self) -> PersonalToken;
}

impl OfToken for Own {
    fn token(self) -> PersonalToken {
        PersonalToken::Own
    }
}

impl OfToken for ById {
    fn token(self) -> PersonalToken {
        PersonalToken::Id(self.id)
    }
}

async fn create(asked: CallerThenParameters<OwnerAddress, NewToken>) -> Reply {
    let CallerThenParameters { incoming, address, parameters, caller } = asked;
    let draft = parameters.map(NewToken::draft);
    let issued = incoming.service.tokens.create_personal(&caller, address.user_id, draft).await?;
    created(&incoming.request, &NewTokenBody::new(issued))
}

async fn list(asked: CallerThenParameters<Nothing, TokenList>) -> Reply {
    let CallerThenParameters { incoming, parameters, caller, .. } = asked;
    let page = parameters.as_ref().map(|list| list.page).unwrap_or_default();
    let found = incoming.service.tokens.list_personal(&caller, parameters.map(TokenList::wanted)).await?;
    pagination::page(&incoming, page, found, TokenBody::new)
}

async fn get<A: OfToken>(asked: CallerThenParameters<A, ()>) -> Reply {
    let CallerThenParameters { incoming, address, caller, .. } = asked;
    let shown = incoming.service.tokens.get_personal(&caller, address.token()).await?;
    ok(&incoming.request, &TokenBody::new(shown))
}

async fn revoke<A: OfToken>(asked: CallerThenParameters<A, ()>) -> Reply {
    let CallerThenParameters { incoming, address, caller, .. } = asked;
    incoming.service.tokens.revoke_personal(&caller, address.token()).await?;
    Ok(no_content())
}

async fn rotate<A: OfToken>(asked: CallerThenParameters<A, Renewal>) -> Reply {
    let CallerThenParameters { incoming, address, parameters, caller } = asked;
    let expiry = parameters.map(|renewal| renewal.expires_at);
    let issued = incoming.service.tokens.rotate_personal(&caller, address.token(), expiry).await?;
    ok(&incoming.request, &NewTokenBody::new(issued))
}
