//! The OpenAPI document: the server, the command and the repository have the same, and the list of operations in the docs is
//! made from it.

use serde_json::Value;

use crate::harness::{Api, Launch};

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
        for method in ["get", "post", "put", "delete"] {
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
