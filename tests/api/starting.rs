//! docs/contract.md, "Starting the server": how the server starts, what it prints, and when it refuses to start.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;

use rustix::pty::{OpenptFlags, openpt, ptsname, unlockpt};
use serde_json::json;

use crate::harness::{Api, Ended, Launch, ROOT_TOKEN, Request, Server, Visibility};

fn get(server: &Server, target: &str) -> Request {
    Request::new(server.address(), "GET", target)
}

/// The root tokens that a server has printed.
fn printed_tokens(server: &Server) -> Vec<String> {
    let stdout = server.stdout();
    let words = stdout.split(|letter: char| letter.is_whitespace() || "\"'`,=".contains(letter));
    words.filter(|word| word.starts_with("glpat-")).map(str::to_owned).collect()
}

/// The file that holds the first token, if the server names one.
fn token_file(server: &Server) -> Option<PathBuf> {
    let stdout = server.stdout();
    Some(stdout.split_once("its token is in ")?.1.split_once(':')?.0.into())
}

/// The first token of a server that has just made it.
fn first_token(server: &Server) -> String {
    fs::read_to_string(token_file(server).unwrap()).unwrap().trim_end().to_owned()
}

/// Asserts that the server said why, in its own words, and ended with code 1.
#[track_caller]
pub fn refused(ended: &Ended, reason: &str) {
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.to_lowercase().contains(reason), "no {reason:?} in {ended:?}");
    for word in ["panicked", "RUST_BACKTRACE"] {
        assert!(!ended.stderr.contains(word), "{ended:?}");
    }
    assert!(!ended.stdout.contains("listening on"), "{ended:?}");
}

#[test]
fn it_prints_one_line_with_its_address() {
    let server = Launch::new().start();
    get(&server, "/-/health").send().status(200);
    let stdout = server.stdout();
    assert_eq!(stdout.matches(&format!("listening on http://{}", server.address())).count(), 1, "{stdout}");
}

#[test]
fn health_liveness_and_readiness_need_no_credential() {
    let server = Launch::new().start();
    for target in ["/-/health", "/-/liveness", "/-/readiness"] {
        let answer = get(&server, target).send().status(200);
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        get(&server, target).header("PRIVATE-TOKEN", "unknown").send().status(200);
        Request::new(server.address(), "HEAD", target).send().status(200);
    }
}

#[test]
fn a_health_check_succeeds_only_while_the_server_is_ready() {
    let launch = Launch::new().arg("--drain").arg("3600");
    let server = launch.start();
    let address = server.address().to_string();
    let check = Launch::new().bare().arg("healthcheck").env("RELEASE_LINKS_LISTEN", &address);
    let ended = check.run();
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (Some(0), "", ""), "{ended:?}");
    server.signal("TERM");
    server.await_on_stderr("stopping");
    refused(&check.run(), "not ready: http/1.1 503 service unavailable");
    server.stop();
    refused(&check.run(), &format!("the server at {address} does not answer"));
    refused(&check.arg("--listen").arg("127.0.0.1:0").run(), "port is 0");
}

#[test]
fn an_empty_database_gets_a_random_root_token_in_a_file_that_only_its_owner_can_read() {
    let launch = Launch::new().without_root_token();
    let server = launch.start();
    get(&server, "/-/health").send().status(200);
    let file = token_file(&server).unwrap();
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let token = &first_token(&server);
    assert!(token.starts_with("glpat-") && token.len() >= 26, "{token}");
    assert_eq!(printed_tokens(&server), Vec::<String>::new());
    fs::remove_file(&file).unwrap();
    let group = |server: &Server, path: &str| {
        let request = Request::new(server.address(), "POST", "/api/v4/groups").header("PRIVATE-TOKEN", token);
        request.json(json!({ "name": path, "path": path })).send().status(201)
    };
    group(&server, "before");
    server.stop();
    assert!(!server.stderr().contains(token.as_str()));

    let again = launch.start();
    group(&again, "after");
    again.stop();
    assert_eq!((token_file(&again), file.exists()), (None, false));
    assert!(!again.stderr().contains(token.as_str()));

    let other = Launch::new().without_root_token().start();
    assert_ne!(first_token(&other), *token);
}

#[test]
fn on_a_terminal_the_random_root_token_is_shown_and_not_stored() {
    let screen = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    unlockpt(&screen).unwrap();
    let terminal = File::options().write(true).open(ptsname(&screen, Vec::new()).unwrap().to_str().unwrap()).unwrap();
    let launch = Launch::new().without_root_token();
    let directory = launch.directory().to_owned();
    let _server = launch.with_stdout_into(terminal.into()).begin();
    let shown =
        BufReader::new(File::from(screen)).lines().map(Result::unwrap).find(|line| line.contains("root")).unwrap();
    assert!(shown.contains("shown only now: glpat-"), "{shown}");
    let files = fs::read_dir(directory).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    assert!(!files.into_iter().any(|name| name.contains("token")));
}

#[test]
fn a_given_root_token_works_and_is_never_printed() {
    let launch = Launch::new().env("RELEASE_LINKS_LOG", "debug");
    let server = Arc::new(launch.start());
    Api::on(&server, Visibility::Private).add("a", "http://a");
    server.stop();
    let said = server.stdout() + &server.stderr();
    assert!(!said.contains(ROOT_TOKEN), "{said}");
    assert_eq!(printed_tokens(&server), Vec::<String>::new());
}

#[test]
fn a_root_token_that_is_too_short_is_refused_and_not_repeated() {
    let short = "glpat-nineteen-long";
    assert_eq!(short.len(), 19);
    let launch = Launch::new().without_root_token().env("RELEASE_LINKS_ROOT_TOKEN", short);
    let ended = launch.run();
    refused(&ended, "root token");
    assert!(ended.stderr.contains("20"), "{ended:?}");
    assert!(!(ended.stdout + &ended.stderr).contains(short));
    launch.without_root_token().env("RELEASE_LINKS_ROOT_TOKEN", "exactly-20-letters-x").start();
}

#[test]
fn a_restart_on_the_same_database_keeps_everything() {
    let launch = Launch::new().arg("--external-url").arg("https://gitlab.example.com");
    let server = Arc::new(launch.start());
    let api = Api::on(&server, Visibility::Private);
    let kept = api.create(&json!({ "name": "a", "url": "http://a", "filepath": "/bin/a" })).status(201);
    let gone = api.add("b", "http://b");
    let (links, link, token) = (api.links(), api.link(kept.id()), api.guest().token().to_owned());
    api.admin().delete(api.link(gone)).send().status(200);
    server.stop();

    let server = launch.start();
    get(&server, &link).header("PRIVATE-TOKEN", token).send().is(200, &kept.text);
    let request = Request::new(server.address(), "POST", &links).header("PRIVATE-TOKEN", ROOT_TOKEN);
    let next = request.json(json!({ "name": "b", "url": "http://b" })).send().status(201).id();
    assert!(next > gone, "the id {gone} was given out again, or one before it: {next}");
}

#[test]
fn without_an_external_url_it_is_the_address_it_listens_on() {
    let server = Arc::new(Launch::new().start());
    let api = Api::on(&server, Visibility::Public);
    let made = api.create(&json!({ "name": "a", "url": "http://a", "filepath": "/bin/a" })).status(201);
    let expected = format!("http://{}/{}/-/releases/v1.7.0/downloads/bin/a", server.address(), api.path);
    assert_eq!(made.json()["direct_asset_url"], expected);
}

#[test]
fn a_slash_at_the_end_of_the_external_url_is_not_doubled() {
    let server = Arc::new(Launch::new().arg("--external-url").arg("https://gitlab.example.com/").start());
    let api = Api::on(&server, Visibility::Public);
    let made = api.create(&json!({ "name": "a", "url": "http://a", "filepath": "/bin/a" })).status(201);
    let expected = format!("https://gitlab.example.com/{}/-/releases/v1.7.0/downloads/bin/a", api.path);
    assert_eq!(made.json()["direct_asset_url"], expected);
}

#[test]
fn it_serves_without_a_subcommand_and_takes_its_settings_from_the_environment() {
    let launch =
        Launch::new().bare().env("RELEASE_LINKS_ROOT_TOKEN", ROOT_TOKEN).env("RELEASE_LINKS_LISTEN", "127.0.0.1:0");
    let server = Arc::new(launch.clone().env("RELEASE_LINKS_EXTERNAL_URL", "https://env.example.com").start());
    let api = Api::on(&server, Visibility::Public);
    let made = api.create(&json!({ "name": "a", "url": "http://a", "filepath": "/bin/a" })).status(201);
    assert!(made.text.contains(r#""direct_asset_url":"https://env.example.com/"#), "{made:?}");
    assert!(launch.directory().join("data/release-links.db").is_file());
}

#[test]
fn a_flag_wins_over_the_environment() {
    let launch =
        Launch::new().env("RELEASE_LINKS_LISTEN", "nonsense").env("RELEASE_LINKS_DATABASE", "sqlite:elsewhere.db");
    launch.start();
    assert!(!launch.directory().join("elsewhere.db").exists());
}

#[test]
fn an_empty_variable_counts_as_unset() {
    let settings = ["DATABASE", "DATABASE_CONNECTIONS", "DATABASE_TIMEOUT", "EXTERNAL_URL", "KEEP_ALIVE", "DRAIN"];
    let settings =
        settings.into_iter().chain(["MAX_CONNECTIONS", "ROOT_TOKEN", "LOG", "LOG_FORMAT", "TRUSTED_PROXIES"]);
    let settings = settings.chain(["CONFIG", "DATABASE_FILE", "ROOT_TOKEN_FILE"]);
    let empty = settings.fold(Launch::new().bare(), |launch, name| launch.env(&format!("RELEASE_LINKS_{name}"), ""));
    let server = empty.clone().env("RELEASE_LINKS_LISTEN", "127.0.0.1:0").start();
    assert!(empty.directory().join("data/release-links.db").is_file());
    assert!(token_file(&server).is_some());
    server.stop();
    assert!(server.stderr().contains(" INFO "), "{}", server.stderr());
    // Subcommands, at every depth, and settings without a default.
    let list = empty.clone().arg("token").arg("list").arg("--user").arg("root").run();
    assert_eq!((list.code, list.stdout.lines().count()), (Some(0), 2), "{list:?}");
    let copy = empty.env("RELEASE_LINKS_COPY_FROM", "").arg("copy").arg("--to").arg("sqlite:new.db");
    refused(&copy.run(), "--from");
    refused(&Launch::new().bare().arg("--database").arg("").run(), "--database");
}

#[test]
fn a_level_of_the_log_that_is_none_is_refused_with_the_choices() {
    for level in ["inof", "trace", "release_links=loud", "release_links"] {
        let launch = Launch::new().env("RELEASE_LINKS_LOG", level);
        refused(&launch.run(), "off, error, warn, info or debug");
        refused(
            &launch.bare().env("RELEASE_LINKS_LOG", level).arg("token").arg("list").arg("--user").arg("root").run(),
            "off",
        );
    }
    let silent = Launch::new().env("RELEASE_LINKS_LOG", "off").start();
    silent.stop();
    assert_eq!(silent.stderr(), "");
}

#[test]
fn a_start_announces_no_runtime() {
    let server = Launch::new().start();
    server.stop();
    assert!(server.stderr().contains("stopped") && !server.stderr().contains("runtime"), "{}", server.stderr());
}

#[test]
fn an_unknown_variable_is_named_with_the_one_that_it_resembles() {
    let launch = Launch::new().env("RELEASE_LINKS_EXTERNALURL", "https://a.example").env("RELEASE_LINKS_LOGS", "off");
    // The variable of the build is none of the server's, and no mistake.
    let server = launch.env("RELEASE_LINKS_COMMIT", "abc1234567 2026-11-27").start();
    server.stop();
    let said = server.stderr();
    let warnings: Vec<&str> = said.lines().filter_map(|line| line.split_once(" WARN ").map(|(_, rest)| rest)).collect();
    let about = |name, meant| format!("the variable {name} is unknown and ignored; do you mean {meant}?");
    let expected = [
        about("RELEASE_LINKS_EXTERNALURL", "RELEASE_LINKS_EXTERNAL_URL"),
        about("RELEASE_LINKS_LOGS", "RELEASE_LINKS_LOG"),
    ];
    assert_eq!(warnings, expected);
}

#[test]
fn a_root_token_for_a_database_in_use_is_told_with_what_to_do() {
    let launch = Launch::new();
    let first = launch.start();
    first.stop();
    assert!(!first.stderr().contains("RELEASE_LINKS_ROOT_TOKEN"), "{}", first.stderr());
    let again = launch.start();
    again.stop();
    for word in [" WARN ", "RELEASE_LINKS_ROOT_TOKEN is ignored", "release-links token create --user root"] {
        assert!(again.stderr().contains(word), "no {word:?} in {}", again.stderr());
    }
    let without = launch.without_root_token().start();
    without.stop();
    assert!(!without.stderr().contains(" WARN "), "{}", without.stderr());
}

#[test]
fn a_port_that_is_taken_is_refused_with_its_address() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    refused(&Launch::new().bare().arg("serve").arg("--listen").arg(&address).run(), &address);
}

#[test]
fn a_setting_that_makes_no_sense_is_refused_by_its_name() {
    let base = || Launch::new().bare().env("RELEASE_LINKS_LISTEN", "127.0.0.1:0").arg("serve");
    for (flag, value) in [
        ("--listen", "nonsense"),
        ("--listen", "127.0.0.1:99999"),
        ("--listen", ""),
        ("--database", "mysql://127.0.0.1/x"),
        ("--database", "nonsense"),
        ("--database", "sqlite:"),
        ("--database", "sqlite://data/x.db"),
        ("--database", "sqlite:~/x.db"),
        ("--database", "sqlite:x.db?mode=rwc"),
        ("--database", "postgres://127.0.0.1/x?gssencmode=require"),
        ("--database", "postgres://127.0.0.1/x?passfile=missing"),
        ("--database", "postgres://127.0.0.1:nonsense/x"),
        ("--database-connections", "0"),
        ("--database-connections", "many"),
        ("--database-timeout", "0"),
        ("--trusted-proxies", "localhost"),
        ("--external-url", "nonsense"),
        ("--external-url", "ftp://a.example"),
        ("--external-url", "https://"),
    ] {
        refused(&base().arg(flag).arg(value).run(), flag.trim_start_matches('-'));
    }
    refused(&base().env("RELEASE_LINKS_EXTERNAL_URL", "nonsense").run(), "external");
    refused(&base().env("RELEASE_LINKS_DATABASE", "nonsense").run(), "database");
}

#[test]
fn a_database_that_is_not_there_is_waited_for_and_its_password_told_to_nobody() {
    let base = || Launch::new().bare().arg("serve").arg("--listen").arg("127.0.0.1:0").arg("--database");
    let waiting = base().arg("postgres://links:open-sesame@127.0.0.1:1/links").start_until("waiting for the database");
    assert!(waiting.stderr().contains("127.0.0.1:1 "), "{}", waiting.stderr());
    assert!(!waiting.stderr().contains("sesame") && waiting.stdout().is_empty(), "{}", waiting.stderr());
    let ended = base().arg("postgres://links:open@sesame@127.0.0.1:1/links").run();
    refused(&ended, "%40");
    assert!(!ended.stderr.contains("sesame"), "{ended:?}");
}

#[test]
fn a_wildcard_address_wants_an_external_url() {
    for address in ["0.0.0.0:0", "[::]:0"] {
        refused(&Launch::new().bare().arg("serve").arg("--listen").arg(address).run(), "external");
    }
}

#[test]
fn an_unknown_flag_or_subcommand_is_refused_with_a_message() {
    for argument in ["--frobnicate", "frobnicate"] {
        let ended = Launch::new().bare().arg(argument).run();
        assert!(ended.code.is_some_and(|code| code != 0), "{ended:?}");
        assert!(ended.stderr.contains("frobnicate") && !ended.stderr.contains("panicked"), "{ended:?}");
    }
}

#[test]
fn help_explains_the_flags_and_their_variables() {
    let ended = Launch::new().bare().arg("--help").run();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    for word in [
        "--listen",
        "127.0.0.1:8080",
        "RELEASE_LINKS_LISTEN",
        "--database",
        "sqlite:data/release-links.db",
        "RELEASE_LINKS_DATABASE",
        "--database-connections",
        "RELEASE_LINKS_DATABASE_CONNECTIONS",
        "--database-timeout",
        "RELEASE_LINKS_DATABASE_TIMEOUT",
        "--external-url",
        "RELEASE_LINKS_EXTERNAL_URL",
        "RELEASE_LINKS_ROOT_TOKEN",
    ] {
        assert!(ended.stdout.contains(word), "no {word} in {}", ended.stdout);
    }
    let ended = Launch::new().bare().arg("serve").arg("--help").run();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.contains("--listen"), "{}", ended.stdout);
}
