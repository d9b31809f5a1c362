//! The service itself, users and personal tokens.

use serde_json::json;

use super::MemberSource::Nowhere;
use super::{But, Row, row};
use crate::matrix::wire::Shot;

//   anonymous stranger guest reporter developer maintainer owner administrator
#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    row(Nowhere, "GET /", "all of it public",
        "200 200 200 200 200 200 200 200", |_| Shot::new("GET", "/")).but(But::IsAPage),
    row(Nowhere, "GET /-/style.css", "need no credential",
        "200 200 200 200 200 200 200 200", |_| Shot::new("GET", "/-/style.css")).but(But::NeedsNoCredential),
    row(Nowhere, "GET /-/health", "need no credential",
        "200 200 200 200 200 200 200 200", |_| Shot::new("GET", "/-/health")).but(But::NeedsNoCredential),
    row(Nowhere, "GET /-/liveness", "need no credential",
        "200 200 200 200 200 200 200 200", |_| Shot::new("GET", "/-/liveness")).but(But::NeedsNoCredential),
    row(Nowhere, "GET /-/readiness", "need no credential",
        "200 200 200 200 200 200 200 200", |_| Shot::new("GET", "/-/readiness")).but(But::NeedsNoCredential),
    row(Nowhere, "GET /api/v4/openapi.json", "need no credential",
        "200 200 200 200 200 200 200 200", |_| Shot::new("GET", "/api/v4/openapi.json")).but(But::NeedsNoCredential),
    row(Nowhere, "POST /api/graphql", "there is none",
        "200 200 200 200 200 200 200 200", |_| Shot::new("POST", "/api/graphql")).but(But::NeedsNoCredential),
    row(Nowhere, "GET /api/v4/version", "signed in",
        "401 200 200 200 200 200 200 200", |_| Shot::new("GET", "/api/v4/version")),
    row(Nowhere, "GET /api/v4/metadata", "signed in",
        "401 200 200 200 200 200 200 200", |_| Shot::new("GET", "/api/v4/metadata")),
    row(Nowhere, "GET /api/v4/user", "",
        "401 200 200 200 200 200 200 200", |_| Shot::new("GET", "/api/v4/user")),

    row(Nowhere, "POST /api/v4/users", "administrators",
        "401 403 403 403 403 403 403 201", |set| {
            let name = set.name();
            let email = format!("{name}@example.com");
            Shot::new("POST", "/api/v4/users").with(json!({ "username": name, "name": name, "email": email }))
        }),
    row(Nowhere, "GET /api/v4/users", "read by the signed in",
        "401 200 200 200 200 200 200 200", |_| Shot::new("GET", "/api/v4/users")),
    row(Nowhere, "GET /api/v4/users/:id", "read by the signed in",
        "401 200 200 200 200 200 200 200", |set| Shot::new("GET", format!("/api/v4/users/{}", set.place.member))),
    row(Nowhere, "GET /api/v4/users/:id/projects", "a user without a public project is hidden from the anonymous",
        "404 200 200 200 200 200 200 200", |set| {
            set.hides("users", set.place.member);
            Shot::new("GET", format!("/api/v4/users/{}/projects", set.place.member))
        }),
    row(Nowhere, "PUT /api/v4/users/:id", "administrators",
        "401 403 403 403 403 403 403 200", |set| {
            Shot::new("PUT", format!("/api/v4/users/{}", set.fresh_user())).with(json!({ "name": "Somebody Else" }))
        }),
    row(Nowhere, "PUT /api/v4/users/:id", "administrators, and not that user",
        "401 403 403 403 403 403 403 200", |set| {
            Shot::new("PUT", format!("/api/v4/users/{}", set.me())).with(json!({ "name": "Myself" }))
        }),
    row(Nowhere, "DELETE /api/v4/users/:id", "administrators",
        "401 403 403 403 403 403 403 204", |set| Shot::new("DELETE", format!("/api/v4/users/{}", set.fresh_user()))),

    row(Nowhere, "POST /api/v4/users/:id/personal_access_tokens", "that user",
        "401 201 201 201 201 201 201 201", |set| {
            Shot::new("POST", format!("/api/v4/users/{}/personal_access_tokens", set.me())).with(token())
        }),
    row(Nowhere, "POST /api/v4/users/:id/personal_access_tokens", "for another user: administrators",
        "401 403 403 403 403 403 403 201", |set| {
            Shot::new("POST", format!("/api/v4/users/{}/personal_access_tokens", set.place.member)).with(token())
        }),
    row(Nowhere, "GET /api/v4/personal_access_tokens", "the token's user, administrators",
        "401 200 200 200 200 200 200 200", |_| Shot::new("GET", "/api/v4/personal_access_tokens")),
    row(Nowhere, "GET /api/v4/personal_access_tokens/self", "the token's user",
        "401 200 200 200 200 200 200 200", |_| Shot::new("GET", "/api/v4/personal_access_tokens/self"))
        .but(But::SilentOnOtherTokens),
    row(Nowhere, "DELETE /api/v4/personal_access_tokens/self", "the token's user",
        "401 204 204 204 204 204 204 204", |set| {
            set.ask_by_a_fresh_token();
            Shot::new("DELETE", "/api/v4/personal_access_tokens/self")
        }).but(But::NeedsNoScope),
    row(Nowhere, "POST /api/v4/personal_access_tokens/self/rotate", "the token's user",
        "401 200 200 200 200 200 200 200", |set| {
            set.ask_by_a_fresh_token();
            Shot::new("POST", "/api/v4/personal_access_tokens/self/rotate")
        }).but(But::RotatesItself),
    row(Nowhere, "GET /api/v4/personal_access_tokens/:id", "the token's user",
        "401 200 200 200 200 200 200 200", |set| {
            Shot::new("GET", format!("/api/v4/personal_access_tokens/{}", set.fresh_token()))
        }).but(But::SilentOnOtherTokens),
    row(Nowhere, "GET /api/v4/personal_access_tokens/:id", "another's: administrators",
        "401 404 404 404 404 404 404 200", |set| {
            Shot::new("GET", format!("/api/v4/personal_access_tokens/{}", set.strangers_token()))
        }),
    row(Nowhere, "DELETE /api/v4/personal_access_tokens/:id", "the token's user",
        "401 204 204 204 204 204 204 204", |set| {
            Shot::new("DELETE", format!("/api/v4/personal_access_tokens/{}", set.fresh_token()))
        }).but(But::SilentOnOtherTokens),
    row(Nowhere, "DELETE /api/v4/personal_access_tokens/:id", "another's: administrators",
        "401 404 404 404 404 404 404 204", |set| {
            Shot::new("DELETE", format!("/api/v4/personal_access_tokens/{}", set.fresh_strangers_token()))
        }),
    row(Nowhere, "POST /api/v4/personal_access_tokens/:id/rotate", "the token's user",
        "401 200 200 200 200 200 200 200", |set| {
            Shot::new("POST", format!("/api/v4/personal_access_tokens/{}/rotate", set.fresh_token()))
        }).but(But::SilentOnOtherTokens),
    row(Nowhere, "POST /api/v4/personal_access_tokens/:id/rotate", "another's: administrators",
        "401 404 404 404 404 404 404 200", |set| {
            Shot::new("POST", format!("/api/v4/personal_access_tokens/{}/rotate", set.fresh_strangers_token()))
        }),
];

fn token() -> serde_json::Value {
    json!({ "name": "matrix", "scopes": ["read_api"] })
}
