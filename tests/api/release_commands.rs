//! docs/contract.md, "Immutable releases and history": what an operator does on the machine and nobody on the API.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::harness::{Api, Ended, Launch, Visibility, encoded};
use crate::history::{actions, rows};

/// Runs a command on the database that the server uses.
pub fn command(launch: &Launch, words: &[&str]) -> Ended {
    let command = words.iter().fold(launch.clone().bare(), |command, word| command.arg(*word));
    command.arg("--database").arg(launch.database_url()).run()
}

/// What a command that did its work printed.
#[track_caller]
pub fn printed(launch: &Launch, words: &[&str]) -> String {
    let ended = command(launch, words);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
    ended.stdout
}

#[track_caller]
pub fn refused(launch: &Launch, words: &[&str], reason: &str) {
    let ended = command(launch, words);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{ended:?}");
    assert!(ended.stderr.contains(reason) && !ended.stderr.contains("panicked"), "no {reason:?} in {ended:?}");
}

/// A server of one's own, and a project on it.
fn started() -> (Launch, Api) {
    let launch = Launch::new();
    let server = Arc::new(launch.start());
    let api = Api::on(&server, Visibility::Public);
    (launch, api)
}

#[test]
fn a_release_is_thawed_on_the_machine_and_its_history_says_so() {
    let (launch, api) = started();
    let tag = "cli/v1";
    api.post_release(tag).status(201);
    let links = api.links_of(&encoded(tag));
    let link = |name: &str| json!({ "name": name, "url": format!("http://{name}") });
    let (id, path) = (api.project.to_string(), api.path.to_uppercase());
    for (project, name) in [(id.as_str(), "a"), (path.as_str(), "b")] {
        api.freeze(&encoded(tag));
        api.developer().post(&links).json(link(name)).send().status(403);
        let told = printed(&launch, &["release", "thaw", project, tag]);
        assert_eq!(told, format!("the release {tag:?} can be changed again\n"));
        let made = api.developer().post(&links).json(link(name)).send();
        made.status(201);
    }
    let shown = api.guest().get(api.release_address(&encoded(tag))).send().status(200).json();
    assert!(shown.get("immutable").is_none(), "{shown}");
    let cycle = ["release.immutable", "release.thaw", "link.create"];
    let expected: Vec<_> = ["release.create"].into_iter().chain(cycle).chain(cycle).collect();
    assert_eq!(actions(&api, &api.history(&encoded(tag))), expected);
    let thaw = rows(&api, &(api.history(&encoded(tag)) + "?action=release.thaw"))[0].clone();
    let nobody = json!({ "user_id": null, "username": null, "token_id": null });
    assert_eq!((&thaw["actor"], &thaw["before"], &thaw["after"]), (&nobody, &Value::Null, &Value::Null));
}

#[test]
fn what_is_no_immutable_release_is_not_thawed() {
    let (launch, api) = started();
    let project = api.project.to_string();
    refused(&launch, &["release", "thaw", "999999", "v1.7.0"], "there is no project \"999999\"");
    refused(&launch, &["release", "thaw", "no/such", "v1.7.0"], "there is no project \"no/such\"");
    refused(&launch, &["release", "thaw", "a b", "v1.7.0"], "there is no project \"a b\"");
    refused(&launch, &["release", "thaw", &project, "v9"], "has no release \"v9\"");
    refused(&launch, &["release", "thaw", &project, ""], "has no release \"\"");
    refused(&launch, &["release", "thaw", &project, "v1.7.0"], "the release \"v1.7.0\" is not immutable");
    refused(&launch, &["release", "thaw", &project], "<TAG>");
    assert_eq!(actions(&api, &api.project_history()), ["release.create"]);
    let elsewhere = launch.clone().bare().arg("release").arg("thaw").arg("1").arg("v1").arg("--database");
    let ended = elsewhere.arg("sqlite:nothing.db").run();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{ended:?}");
}

#[test]
fn rows_from_before_a_day_are_pruned_and_later_ones_stay() {
    let (launch, api) = started();
    api.create(&json!({ "name": "a", "url": "http://a", "filepath": "/bin/a" })).status(201);
    let before = rows(&api, &api.project_history());
    assert_eq!(printed(&launch, &["history", "prune", "--before", "2020-01-01"]), "dropped 0 rows\n");
    assert_eq!(rows(&api, &api.project_history()), before);
    assert_eq!(printed(&launch, &["history", "prune", "--before", "2999-01-01"]), "dropped 2 rows\n");
    api.add("b", "http://b");
    let after = rows(&api, &api.project_history());
    let nobody = json!({ "user_id": null, "username": null, "token_id": null });
    let expected = json!({ "seq": 3, "at": after[1]["at"], "action": "history.prune", "tag_name": null, "actor": nobody,
        "before": null, "after": null });
    assert_eq!((before[0]["seq"].as_i64(), &after[1]), (Some(2), &expected));
    assert_eq!((after.len(), &after[0]["action"], &after[0]["seq"]), (2, &json!("link.create"), &json!(4)));
    assert_eq!(rows(&api, &api.history("v1.7.0")), after[..1]);
    let led = api.guest().get(api.history("v1.7.0") + "?path=/bin/a&at=2999-01-01").send().status(200).json();
    assert_eq!((&led["url"], &led["seq"]), (&json!("http://a"), &before[0]["seq"]));
}

#[test]
fn a_day_that_is_none_prunes_nothing() {
    let (launch, api) = started();
    for day in ["9999-12-31", "2026-11-27T23:59:59+14:00", "tomorrow", "2031-02-30", "2031-2-3", ""] {
        refused(&launch, &["history", "prune", "--before", day], "must be a date as YYYY-MM-DD");
    }
    refused(&launch, &["history", "prune"], "--before");
    assert_eq!(actions(&api, &api.project_history()), ["release.create"]);
}
