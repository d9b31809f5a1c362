//! docs/monitoring.md, "The log": what the log has of requests, and of credentials that are refused.

use std::sync::Arc;

use crate::harness::{Api, Launch, ROOT_TOKEN, Request, Server, Visibility};
use serde_json::Value;

/// The lines of a server's log that contain `text`, once it has stopped.
fn lines(server: &Server, text: &str) -> Vec<String> {
    server.stop();
    server.stderr().lines().filter(|line| line.contains(text)).map(str::to_owned).collect()
}

/// The value of a field in a line.
fn field<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    line.split_once(&format!(" {name}="))?.1.split(' ').next()
}

#[test]
fn a_requests_line_names_client_user_token_and_operation_and_counts_bytes() {
    let server = Arc::new(Launch::new().start());
    let api = Api::on(&server, Visibility::Public);
    let developer = api.developer();
    let itself = developer.get("/api/v4/personal_access_tokens/self").send().status(200).json();
    let answer = developer.get(api.links()).send().status(200);
    api.anonymous().get("/api/v4/nothing").send().status(404);
    let lines = lines(&server, "INFO request ");
    let of = |path: &str| lines.iter().rev().find(|line| field(line, "path") == Some(path)).unwrap();
    let line = of(&api.links());
    let expected = [
        ("client", "127.0.0.1".to_owned()),
        ("user", itself["user_id"].to_string()),
        ("token", itself["id"].to_string()),
        ("operation", "getApiV4ProjectsIdReleasesTagNameAssetsLinks".to_owned()),
        ("status", "200".to_owned()),
        ("bytes", answer.text.len().to_string()),
    ];
    for (name, value) in expected {
        assert_eq!(field(line, name), Some(value.as_str()), "{name} in {line}");
    }
    let nothing = of("/api/v4/nothing");
    assert_eq!(["user", "token", "operation"].map(|name| field(nothing, name)), [None; 3], "{nothing}");
}

#[test]
fn a_trusted_proxy_says_which_client_asks_and_gives_the_request_its_id_and_nobody_else_does() {
    for (proxies, client, id_is_taken) in
        [("127.0.0.0/8,::1", "198.51.100.7", true), ("10.0.0.0/8", "127.0.0.1", false)]
    {
        let server = Launch::new().env("RELEASE_LINKS_TRUSTED_PROXIES", proxies).start();
        let forwarded =
            Request::new(server.address(), "GET", "/-/health").header("X-Forwarded-For", "203.0.113.9, 198.51.100.7");
        let answer = forwarded.header("X-Request-Id", "of-the-proxy").send().status(200);
        assert_eq!(answer.header("x-request-id") == Some("of-the-proxy"), id_is_taken, "{proxies}");
        let lines = lines(&server, "INFO request ");
        assert_eq!(field(&lines[0], "client"), Some(client), "{lines:?}");
        assert_eq!(field(&lines[0], "request_id") == Some("of-the-proxy"), id_is_taken, "{lines:?}");
    }
}

#[test]
fn a_refused_credential_has_a_line_with_its_client_and_the_reason_at_a_level_of_its_own() {
    let server = Arc::new(Launch::new().env("RELEASE_LINKS_LOG", "warn").start());
    let api = Api::on(&server, Visibility::Public);
    let developer = api.developer();
    developer.delete("/api/v4/personal_access_tokens/self").send().status(204);
    developer.get(api.links()).send().status(401);
    let unknown = Request::new(server.address(), "GET", "/api/v4/user").header("PRIVATE-TOKEN", "a-guess");
    unknown.send().status(401);
    // A request without a credential guesses none.
    Request::new(server.address(), "GET", "/api/v4/user").send().status(401);
    Request::new(server.address(), "GET", "/api/v4/user").header("PRIVATE-TOKEN", ROOT_TOKEN).send().status(200);
    let lines = lines(&server, "authentication failed");
    let told: Vec<&str> = lines.iter().map(|line| line.split_once(" WARN ").unwrap().1).collect();
    assert_eq!(told.len(), 2, "{lines:?}");
    for (line, reason) in told.iter().zip(["revoked", "unknown"]) {
        assert!(
            line.starts_with(&format!("authentication failed client=127.0.0.1 reason={reason} request_id=")),
            "{line}"
        );
    }
    assert!(!server.stderr().contains("a-guess"));
}

#[test]
fn every_line_is_an_object_if_json_is_asked_for() {
    let launch = Launch::new().env("RELEASE_LINKS_LOG_FORMAT", "json").env("RELEASE_LINKS_LOG", "debug");
    let server = launch.start();
    Request::new(server.address(), "GET", "/api/v4/%22,%22status%22:1?private_token=x").send().status(404);
    let failed = launch.bare().arg("--log-format").arg("json").arg("--listen").arg(server.address().to_string()).run();
    assert_eq!(failed.code, Some(1), "{failed:?}");
    server.stop();
    let said = server.stderr() + &failed.stderr;
    let lines: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    assert!(lines.iter().all(|line| line["time"].is_string() && line["level"].is_string()), "{said}");
    let request = lines.iter().find(|line| line["message"] == "request").unwrap();
    assert_eq!((&request["path"], &request["status"]), (&"/api/v4/%22,%22status%22:1".into(), &404.into()));
    assert!(lines.last().unwrap()["message"].as_str().unwrap().contains("cannot listen"), "{said}");
}
