//! Parameters and answers that groups and projects share, some of them also with users and tokens
//! (docs/contract.md, "Provisioning").

use actix_web::http::StatusCode;
use release_links_domain::namespace::{DisplayName, PathSegment};
use release_links_domain::project::Visibility;

use crate::fields::Fields;
use crate::incoming::Incoming;
use crate::reply::{Reply, json};

/// Parses a display name; the caller decides whether it is required.
pub(crate) fn name(fields: &mut Fields, raw: Option<String>) -> Option<DisplayName> {
    raw?.parse().map_err(|fault| fields.fault("name", fault)).ok()
}

/// Reads the required parameter `name`.
pub(crate) fn required_name(fields: &mut Fields) -> Option<DisplayName> {
    let raw = fields.present_text("name");
    name(fields, raw)
}

/// Parses a path segment.
pub(crate) fn path(fields: &mut Fields, raw: Option<String>) -> Option<PathSegment> {
    raw?.parse().map_err(|fault| fields.fault("path", fault)).ok()
}

/// Reads the visibility; null counts as absent.
pub(crate) fn visibility(fields: &mut Fields) -> Option<Visibility> {
    fields.word("visibility", Visibility::ALL)
}

/// Reads the search term; an empty one counts as absent.
pub(crate) fn search(fields: &mut Fields) -> Option<String> {
    fields.text("search").filter(|text| !text.is_empty())
}

/// The answer to a deletion that finishes in the background: 202.
pub(crate) fn accepted(incoming: &Incoming) -> Reply {
    json(&incoming.request, StatusCode::ACCEPTED, &serde_json::json!({"message": "202 Accepted"}), Vec::new())
}
