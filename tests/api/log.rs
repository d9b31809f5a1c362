//! docs/operations.md, "Monitoring": what the log has of requests.

use serde_json::Value;

use crate::harness::{Launch, Request};

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
