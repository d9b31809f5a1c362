//! The matrix is complete: every route of the service has a row, and every row a route.

use std::collections::BTreeSet;

use super::endpoints::ENDPOINTS;
use super::rows::rows;

/// The one list of routes, as its authors write it.
const SOURCE: &str = include_str!("../../../crates/http/src/routes.rs");

/// A route whose parameters have lost their names: `GET /api/v4/projects/:`.
fn nameless(method: &str, path: &str) -> String {
    let mut nameless = format!("{} ", method.to_uppercase());
    let mut rest = path;
    while let Some(start) = rest.find('{') {
        nameless.push_str(&rest[..start]);
        let mut depth = 0;
        let length = rest[start..].find(|byte| {
            depth += i32::from(byte == '{') - i32::from(byte == '}');
            depth == 0
        });
        let end = start + length.expect("braces are closed");
        // `.json` at the end of a path names nothing.
        if !rest[start..end].starts_with("{format") {
            nameless.push(':');
        }
        rest = &rest[end + 1..];
    }
    nameless + rest
}

/// Every route of the service, without the names of parameters: `GET /api/v4/projects/:`.
///
/// Reads the list entry by entry, and gives up where it does not understand one.
pub fn routes() -> BTreeSet<String> {
    let list = SOURCE.split_once("vec![").expect("the list of routes is a vector").1;
    let list = list.split_once("\n    ]").expect("the list of routes ends").0;
    // The path that all web routes start with stands in a macro.
    let web = SOURCE.split_once("concat!(\"").map(|(_, rest)| rest.split('"').next().unwrap_or_default());
    let mut routes = BTreeSet::new();
    for (number, entry) in entries(list).into_iter().enumerate() {
        let (method, rest) = entry.split_once('(').unwrap_or_else(|| panic!("entry {number} is no route: {entry}"));
        assert!(matches!(method, "get" | "post" | "put" | "delete"), "a verb that this test does not know: {entry}");
        let (start, path) = match rest.trim_start().strip_prefix("web!(") {
            Some(path) => (web.expect("the macro `web!` joins two paths"), path),
            None => ("", rest),
        };
        let path = path.trim_start().strip_prefix('"').unwrap_or_else(|| panic!("a path is a string: {entry}"));
        let path = path.split_once('"').expect("a string ends").0.replace("\\\\", "\\");
        let route = nameless(method, &format!("{start}{path}"));
        assert!(routes.insert(route), "twice in the list: {entry}");
    }
    routes
}

/// Splits the list at the commas that no bracket and no string holds.
fn entries(list: &str) -> Vec<String> {
    let code: Vec<&str> = list.lines().map(str::trim).filter(|line| !line.starts_with("//")).collect();
    let (mut entries, mut entry, mut depth, mut quoted) = (Vec::new(), String::new(), 0, false);
    for character in code.join(" ").chars() {
        match character {
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                entries.push(std::mem::take(&mut entry).trim().to_owned());
                continue;
            }
            _ => {}
        }
        entry.push(character);
    }
    entries.push(entry.trim().to_owned());
    entries.retain(|entry| !entry.is_empty());
    entries
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
    assert!(routes.len() >= 20, "the list of routes was not understood: {routes:#?}");
    assert!(without_row.is_empty(), "routes without a row in the matrix: {without_row:#?}");
    assert!(without_route.is_empty(), "rows of the matrix without a route: {without_route:#?}");
}

#[test]
fn a_route_loses_the_names_of_its_parameters() {
    let path = r"/{id:[^/-]{1,2}(?:/[^/-]+)*}/-/releases/{tag_name}/links{format:(?:\.json)?}";
    assert_eq!(nameless("get", path), "GET /:/-/releases/:/links");
    assert_eq!(nameless_row("GET /:id/-/releases/:tag_name/latest*path"), "GET /:/-/releases/:/latest:");
}
