//! What a body of one mebibyte may cost: memory while it is read, and the length of the answer.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::harness::{Api, Launch, Request, Visibility, most_memory};

const MEBIBYTE: usize = 1024 * 1024;

/// As much of a pattern as a body may hold; `<i>` is a number that grows.
fn full(start: &str, pattern: &str, end: &str) -> String {
    let mut body = start.to_owned();
    for number in 0.. {
        let piece = pattern.replace("<i>", &number.to_string());
        if body.len() + piece.len() + end.len() > MEBIBYTE {
            break;
        }
        body += &piece;
    }
    body.trim_end_matches(',').to_owned() + end
}

#[test]
fn no_body_takes_much_memory_while_it_is_read() {
    let server = Arc::new(Launch::new().start());
    let api = Api::on(&server, Visibility::Public);
    let caller = api.developer();
    let post = || caller.post(api.links());
    let part = "--x\r\nContent-Disposition: form-data; name=\"a[<i>][b]\"\r\n\r\n\r\n";
    let multipart = |body: String| post().header("Content-Type", "multipart/form-data; boundary=x").body(body);
    let requests: Vec<Request> = vec![
        post().form(full("name=a&url=http://a&x=", "y", "")),
        post().form(full("", "a[<i>][b][c][d][e][f][g][h]&", "")),
        post().form(full("", "a[<i>]&", "")),
        post().form(full("", "a[][b]&", "")),
        post().form(full("", "&", "")),
        post().form(full("a", "[b]", "")),
        post().form(full("", "%5B%5D", "")),
        post().json(full("[", r#"{"":0},"#, "]")),
        post().json(full("[", r#"{"":{"":{"":{}}}},"#, "]")),
        post().json(full("[", "[],", "]")),
        post().json(full("{", r#""<i>":0,"#, "}")),
        post().json(full(r#"{"a":"#, r#"{"a":"#, "")),
        post().json(full(r#"{"a":""#, "\\u0001", r#""}"#)),
        post().json(full(r#"{"a":"#, "7", "}")),
        multipart(full("", part, "--x--")),
        multipart(full("", "--x\r\n\r\n\r\n", "--x--")),
    ];
    let before = most_memory(server.pid());
    for request in requests {
        request.send();
    }
    let after = most_memory(server.pid());
    assert!(after - before < 64, "{before} MiB before, {after} MiB after");
}

/// What an answer says, which is to be short.
#[track_caller]
fn told(api: &Api, draft: &Value, kind: &str) -> String {
    let answer = api.developer().post(api.releases()).json(draft).send().status(400);
    assert!(answer.text.len() < 256 * 1024, "{} bytes", answer.text.len());
    answer.json()[kind].as_str().unwrap().to_owned()
}

#[test]
fn a_hundred_faults_are_told_and_that_there_are_more() {
    let api = Api::public();
    let links = |count: usize| json!({ "tag_name": "v2", "assets": { "links": vec![json!({}); count] } });
    let faults = told(&api, &links(50), "error");
    assert!(faults.ends_with("assets[links][49][name] is missing, assets[links][49][url] is missing"), "{faults}");
    assert_eq!(faults.split(", ").count(), 100);
    let faults = told(&api, &links(15_000), "error");
    assert!(faults.ends_with("assets[links][49][url] is missing, further faults are not listed"), "{faults}");
    assert_eq!(faults.split(", ").count(), 101);
}

#[test]
fn a_hundred_equal_values_are_told_and_how_many_more_there_are() {
    let api = Api::public();
    let long = "x".repeat(900);
    let link = |n: usize| json!({ "name": (n / 2).to_string(), "url": format!("http://{}/{long}", n / 2) });
    let links: Vec<Value> = (0..900).map(link).collect();
    let faults = told(&api, &json!({ "tag_name": "v2", "assets": { "links": links } }), "message");
    let expected = ", 99 and 350 more), Links have duplicate values (450 not listed)";
    assert!(faults.starts_with("Validation failed: Links have duplicate values (0, 1, ") && faults.ends_with(expected));
}

#[test]
fn of_unknown_milestones_no_more_is_told_than_makes_an_answer_of_some_length() {
    let api = Api::public();
    let titles = "a,".repeat(MEBIBYTE / 4);
    let told_of = |milestones: Value| told(&api, &json!({ "tag_name": "v2", "milestones": milestones }), "message");
    assert_eq!(told_of(json!(titles)), format!("Milestone(s) not found: {}and more", "a, ".repeat(100)));
    assert_eq!(told_of(json!(["é".repeat(1_000)])), format!("Milestone(s) not found: {}…", "é".repeat(255)));
}
