//! The OpenAPI document: the server, the command and the repository have the same, the list of operations in the docs is
//! made from it, and an answer that it does not allow is found.

use serde_json::Value;

use crate::harness::document::fault;
use crate::harness::{Api, Launch, Response};

const COMMITTED: &str = include_str!("../../docs/openapi.json");
const COMPATIBILITY: &str = include_str!("../../docs/compatibility.md");

#[test]
fn the_server_the_command_and_the_repository_have_the_same_document() {
    let printed = Launch::new().bare().arg("openapi").run();
    assert_eq!(printed.code, Some(0), "{}", printed.stderr);
    assert!(printed.stdout == COMMITTED, "write it again: cargo run -q -- openapi > docs/openapi.json");
    let api = Api::public();
    let served = api.anonymous().get("/api/v4/openapi.json").send().status(200);
    assert!(served.text == COMMITTED);
}

#[test]
fn the_docs_list_every_operation_of_the_document() {
    let document: Value = serde_json::from_str(COMMITTED).unwrap();
    let mut rows = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for method in ["get", "post", "put", "patch", "delete"] {
            let operation = &operations[method];
            if operation.is_null() {
                continue;
            }
            let summary = operation["summary"].as_str().unwrap();
            let ours = if operation["x-not-in-gitlab"] == true { "ours" } else { "" };
            rows.push(format!("| {} | `{path}` | {summary} | {ours} |", method.to_uppercase()));
        }
    }
    let section = COMPATIBILITY.split_once("## All operations").expect("the section of operations").1;
    let section = section.split_once("\n## ").map_or(section, |(section, _)| section);
    let listed: Vec<_> = section.lines().filter(|line| line.contains("| `/")).collect();
    assert!(listed == rows, "the table should be:\n{}", rows.join("\n"));
}

const LIST: &str = "/api/v4/projects/1/releases/v1/assets/links";

/// An answer in JSON, with these headers as well.
fn answer(status: u16, headers: &[(&str, &str)], text: &str) -> Response {
    let headers = [("content-type", "application/json")].iter().chain(headers);
    let headers = headers.map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    Response { status, headers, text: text.to_owned() }
}

fn bare(status: u16) -> Response {
    Response { status, headers: Vec::new(), text: String::new() }
}

#[test]
fn answers_that_the_document_allows_pass() {
    let link = r#"{"id":1,"name":"a","url":"http://a","direct_asset_url":"http://a","link_type":"other"}"#;
    for (method, target, answer) in [
        (
            "GET",
            LIST.to_owned() + "?page=2",
            answer(200, &[("x-page", "2"), ("x-next-page", "")], &format!("[{link}]")),
        ),
        ("POST", LIST.to_owned() + ".json", answer(201, &[("etag", "W/\"a\"")], link)),
        ("HEAD", LIST.to_owned() + "/", answer(200, &[], "")),
        ("GET", LIST.to_owned(), bare(304)),
        ("GET", LIST.to_owned(), answer(404, &[], r#"{"message":"404 Not Found"}"#)),
        ("GET", "/g/p/%2D/releases/v1/downloads/a/b".to_owned(), bare(302)),
        ("PATCH", LIST.to_owned(), answer(405, &[], r#"{"error":"405 Not Allowed"}"#)),
        ("GET", "/nothing".to_owned(), answer(404, &[], r#"{"error":"404 Not Found"}"#)),
        ("GET", "/nothing".to_owned(), bare(408)),
    ] {
        assert_eq!(fault(method, &target, &answer), Ok(()), "{method} {target}");
    }
}

#[test]
fn an_answer_that_the_document_does_not_allow_is_found() {
    let without_url = r#"[{"id":1,"name":"a","direct_asset_url":"http://a","link_type":"other"}]"#;
    for (method, target, answer, words) in [
        ("GET", LIST, answer(202, &[], "[]"), "only the statuses"),
        ("GET", LIST, answer(200, &[], without_url), "\"url\" is missing"),
        ("GET", LIST, answer(200, &[], "{}"), "is no \"array\""),
        ("GET", LIST, answer(200, &[], "["), "not JSON"),
        ("GET", LIST, answer(200, &[("x-page", "two")], "[]"), "X-Page"),
        ("GET", LIST, answer(304, &[], ""), "no body"),
        ("GET", LIST, answer(404, &[], r#"{"error":"404 Not Found"}"#), "\"message\" is missing"),
        ("HEAD", LIST, bare(200), "content type"),
        ("PATCH", LIST, answer(200, &[], "[]"), "no such operation"),
        ("GET", "/nothing", answer(405, &[], r#"{"error":"405 Not Allowed"}"#), "404"),
        ("GET", "/nothing", answer(404, &[], r#"{"message":"404 Not Found"}"#), "\"error\" is missing"),
    ] {
        let found = fault(method, target, &answer).expect_err(target);
        assert!(found.contains(words), "{method} {target}: {found}");
    }
}
