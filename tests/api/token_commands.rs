//! docs/contract.md, "Starting the server": tokens on the command line, for an operator who is locked out.

use crate::harness::{Launch, ROOT_TOKEN, Request, Server};
use crate::release_commands;

/// What a command on tokens that did its work printed.
#[track_caller]
fn printed(launch: &Launch, words: &[&str]) -> String {
    release_commands::printed(launch, &[&["token"], words].concat())
}

#[track_caller]
pub fn refused(launch: &Launch, words: &[&str], reason: &str) {
    release_commands::refused(launch, &[&["token"], words].concat(), reason);
}

fn user_of(server: &Server, token: &str) -> crate::harness::Response {
    Request::new(server.address(), "GET", "/api/v4/user").header("PRIVATE-TOKEN", token).send()
}

#[test]
fn a_created_token_is_printed_alone_and_works_while_the_server_runs() {
    let launch = Launch::new();
    let server = launch.start();
    let stdout = printed(&launch, &["create", "--user", "ROOT", "--scopes", "api"]);
    let token = stdout.strip_suffix('\n').unwrap();
    assert!(token.starts_with("glpat-") && !token.contains(char::is_whitespace), "{stdout:?}");
    assert_eq!(user_of(&server, token).status(200).json()["username"], "root");
}

#[test]
fn a_token_that_has_expired_is_made_with_a_warning() {
    let launch = Launch::new();
    let server = launch.start();
    let words = ["create", "--user", "root", "--scopes", "api", "--expires-at"];
    let ended = release_commands::command(&launch, &[&["token"], &words[..], &["2020-01-01"]].concat());
    assert_eq!((ended.code, ended.stderr.lines().count()), (Some(0), 1), "{ended:?}");
    assert!(ended.stderr.contains(" WARN ") && ended.stderr.contains("--expires-at 2020-01-01"), "{ended:?}");
    let refusal = user_of(&server, ended.stdout.trim()).status(401);
    assert!(refusal.text.contains("Token is expired"), "{refusal:?}");
    printed(&launch, &[&words[..], &["2099-12-31"]].concat());
}

#[test]
fn a_list_names_tokens_and_shows_none() {
    let launch = Launch::new();
    launch.start().stop();
    let made =
        printed(&launch, &["create", "--user", "root", "--scopes", "read_api,api,api", "--name", "two\u{a0}words"]);
    let list = printed(&launch, &["list", "--user", "root"]);
    let lines: Vec<&str> = list.lines().collect();
    assert_eq!(lines[0], "id\tname\tscopes\tstate\texpires_at\tlast_used_at");
    assert!(lines[1].starts_with("1\tfirst start\tapi\tactive\t"), "{list}");
    assert!(lines[2].starts_with("2\ttwo\\u{a0}words\tapi,read_api\tactive\t"), "{list}");
    assert_eq!(lines.len(), 3);
    for token in [ROOT_TOKEN, made.trim()] {
        assert!(!list.contains(token) && !list.contains(&token["glpat-".len()..]), "{list}");
    }
}

#[test]
fn a_token_revoked_on_the_command_line_is_refused_by_the_running_server() {
    let launch = Launch::new();
    let server = launch.start();
    user_of(&server, ROOT_TOKEN).status(200);
    assert_eq!(printed(&launch, &["revoke", "--id", "1"]), "revoked token 1\n");
    let refusal = user_of(&server, ROOT_TOKEN).status(401);
    assert!(refusal.text.contains("Token was revoked"), "{refusal:?}");
    assert!(printed(&launch, &["list", "--user", "root"]).contains("\trevoked\t"));
}

#[test]
fn what_makes_no_sense_is_told_with_exit_code_1() {
    let launch = Launch::new();
    let create = ["create", "--user", "root", "--scopes", "api"];
    launch.start().stop();
    refused(&launch, &["create", "--user", "nobody", "--scopes", "api"], "there is no user \"nobody\"");
    refused(&launch, &["list", "--user", "nobody"], "there is no user \"nobody\"");
    refused(&launch, &["create", "--user", "root", "--scopes", "api,root"], "there are api, read_api, ");
    refused(&launch, &["create", "--user", "root"], "--scopes");
    refused(&launch, &["create", "--user", "root", "--scopes", ""], "there are api, read_api, ");
    for name in ["", " ", "\u{3000}"] {
        refused(&launch, &[&create[..], &["--name", name]].concat(), "'--name <TEXT>': is empty");
    }
    for day in ["tomorrow", "2031-02-30", "2031-2-3"] {
        refused(&launch, &[&create[..], &["--expires-at", day]].concat(), "must be a date as YYYY-MM-DD");
    }
    refused(&launch, &["revoke", "--id", "1000"], "there is no token with the id 1000");
    refused(&launch, &["revoke", "--id", "-1"], "-1");
    let elsewhere = launch.clone().bare().arg("token").arg("list").arg("--user").arg("root");
    let ended = elsewhere.arg("--database").arg("mysql://x").run();
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("sqlite:PATH"), "{ended:?}");
}

#[test]
fn a_database_that_is_not_there_is_told_at_once() {
    let command = Launch::new().bare().arg("token").arg("list").arg("--user").arg("root");
    let ended = command.arg("--database").arg("postgres://links:open-sesame@127.0.0.1:1/links").run();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{ended:?}");
    assert!(ended.stderr.contains("cannot reach the database"), "{ended:?}");
    assert!(!ended.stderr.contains("sesame") && !ended.stderr.contains("waiting"), "{ended:?}");
}
