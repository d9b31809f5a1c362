//! What the parameters and answers of groups and projects have in common, and in part of users and tokens (docs/contract.md, "Provisioning").

use actix_web::http::StatusCode;
use release_links_domain::namespace::{DisplayName, PathSegment};
use release_links_domain::project::Visibility;

use crate::fields::Fields;
use crate::incoming::Incoming;
use crate::reply::{Reply, json};

/// A name; whether it must be there is the caller's question.
pub(crate) fn name(fields: &mut Fields, raw: Option<String>) -> Option<DisplayName> {
    raw?.parse().map_err(|fault| fields.fault("name", fault)).ok()
}

/// A name that must be there.
pub(crate) fn required_name(fields: &mut Fields) -> Option<DisplayName> {
    let raw = fields.present_text("name");
    name(fields, raw)
}

/// A segment of a path.
pub(crate) fn path(fields: &mut Fields, raw: Option<String>) -> Option<PathSegment> {
    raw?.parse().map_err(|fault| fields.fault("path", fault)).ok()
}

/// Who may see it; null counts as absent.
pub(crate) fn visibility(fields: &mut Fields) -> Option<Visibility> {
    fields.word("visibility", Visibility::ALL)
}

/// What to search for; an empty text searches for nothing.
pub(crate) fn search(fields: &mut Fields) -> Option<String> {
    fields.text("search").filter(|text| !text.is_empty())
}

/// The answer to a removal.
pub(crate) fn accepted(incoming: &Incoming) -> Reply {
    json(&incoming.request, StatusCode::ACCEPTED, &serde_json::json!({"message": "202 Accepted"}), Vec::new())
}
