//! The matrix is complete: every route of the service has a row, and every row a route.

use std::collections::BTreeSet;

use release_links_http::endpoints;

use super::endpoints::ENDPOINTS;
use super::rows::rows;

/// A path whose parameters have lost their names: `/api/v4/projects/:`. A last one that takes several segments may also be
/// empty, so the slash before it belongs to it in the matrix.
fn nameless(path: &str) -> String {
    let segment = |segment: &str| match segment.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
        Some((_, ending)) => format!(":{ending}"),
        None => segment.to_owned(),
    };
    let path = path.split('/').map(segment).collect::<Vec<_>>().join("/");
    path.replace("/permalink/:/:", "/permalink/::")
}

/// Every route of the service, without the names of parameters: `GET /api/v4/projects/:`.
pub fn routes() -> BTreeSet<String> {
    endpoints().map(|endpoint| format!("{} {}", endpoint.method, nameless(endpoint.path))).collect()
}

/// The same of a row, whose parameters start with `:` or `*`.
fn nameless_row(route: &str) -> String {
    let mut nameless = String::new();
    let mut within_name = false;
    for character in route.chars() {
        if matches!(character, ':' | '*') {
            nameless.push(':');
            within_name = true;
        } else if !within_name || !(character.is_ascii_lowercase() || character == '_') {
            nameless.push(character);
            within_name = false;
        }
    }
    nameless
}

#[test]
fn every_route_of_the_service_has_a_row_in_the_matrix() {
    let routes = routes();
    // A reader may ask for the head alone wherever it may ask for the whole.
    let read = |method: &'static str| if method == "HEAD" { "GET" } else { method };
    let mut matrix: BTreeSet<String> = ENDPOINTS
        .iter()
        .map(|endpoint| nameless_row(&format!("{} {}", read(endpoint.method), endpoint.route)))
        .collect();
    matrix.extend(rows().map(|row| nameless_row(row.route)));
    let without_row: Vec<_> = routes.difference(&matrix).collect();
    let without_route: Vec<_> = matrix.difference(&routes).collect();
    assert!(without_row.is_empty(), "routes without a row in the matrix: {without_row:#?}");
    assert!(without_route.is_empty(), "rows of the matrix without a route: {without_route:#?}");
}

#[test]
fn a_route_loses_the_names_of_its_parameters() {
    assert_eq!(nameless("/{id}/-/releases/{tag_name}/downloads/{*path}"), "/:/-/releases/:/downloads/:");
    assert_eq!(nameless("/{id}.git"), nameless_row("/:id.git"));
    assert_eq!(nameless_row("GET /:id/-/releases/permalink/:selector*path"), "GET /:/-/releases/permalink/::");
}
