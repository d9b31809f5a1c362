//! docs/contract.md, "Starting the server": where settings come from, which source wins, and what is said of secrets.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::json;

use crate::harness::{Api, Ended, Launch, ROOT_TOKEN, Request, Visibility};
use crate::starting::refused;

const EXAMPLE: &str = include_str!("../../docs/deploy/config.toml");
const SECRET: &str = "open-sesame-and-more";

/// A setting as the example shows it.
#[derive(Debug, Clone)]
struct Shown {
    key: &'static str,
    /// The default or, if there is none, what kind of value it has.
    value: &'static str,
    is_secret: bool,
    is_flag: bool,
}

fn shown() -> Vec<Shown> {
    let blocks = EXAMPLE.split("\n\n").skip(1);
    let shown = blocks.map(|block| {
        let (key, value) = block.trim_end().rsplit_once("\n#").unwrap().1.split_once(" = ").unwrap();
        Shown { key, value, is_secret: block.contains("_FILE names"), is_flag: !block.contains("is no flag") }
    });
    shown.collect()
}

impl Shown {
    fn variable(&self) -> String {
        format!("RELEASE_LINKS_{}", self.key.to_uppercase().replace('-', "_"))
    }

    fn default(&self) -> Option<&str> {
        let is_kind = self.value.trim_matches(['[', ']', '"']).chars().all(|letter| !letter.is_ascii_lowercase());
        let is_number = self.value.parse::<u64>().is_ok() || self.value.starts_with("\"127.");
        (is_number || !is_kind).then(|| self.value.trim_matches(['[', ']', '"']))
    }

    /// A valid value, which the number varies where that is possible.
    fn sample(&self, number: u8) -> String {
        match self.value.trim_matches(['[', ']', '"']) {
            kind if kind == "N" || kind.parse::<u64>().is_ok() => number.to_string(),
            "info" => ["error", "warn", "info", "debug"][usize::from(number) % 4].to_owned(),
            "text" => ["text", "json"][usize::from(number) % 2].to_owned(),
            "PLACE" => format!("file:files-{number}"),
            "NETWORKS" => format!("10.0.0.{number}"),
            "URL" => format!("https://{number}.example.com"),
            "TOKEN" => format!("token-{number}"),
            kind if kind == "HOST:PORT" || kind.starts_with("127.") => format!("127.0.0.1:{number}"),
            default => default.to_owned(),
        }
    }

    /// The line in a file of settings.
    fn line(&self, value: &str) -> String {
        match self.value.as_bytes() {
            [b'[', ..] => format!("{} = [\"{value}\"]\n", self.key),
            [b'"', ..] => format!("{} = \"{value}\"\n", self.key),
            _ => format!("{} = {value}\n", self.key),
        }
    }
}

fn write(path: &Path, mode: u32, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// A launch with a file of settings.
fn with_file(text: &str) -> Launch {
    let launch = Launch::new().bare();
    write(&launch.directory().join("c.toml"), 0o644, text);
    launch.env("RELEASE_LINKS_CONFIG", "c.toml")
}

fn args(launch: Launch, words: &str) -> Launch {
    words.split_whitespace().fold(launch, Launch::arg)
}

fn show(launch: Launch) -> Ended {
    args(launch, "config show").run()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_flag_wins_over_its_variable_then_its_own_file_then_the_file_of_settings_then_the_default(
        choices in proptest::collection::vec((0_u8..16, [1_u8..=60, 1..=60, 1..=60, 1..=60]), shown().len())
    ) {
        let mut launch = args(Launch::new().bare(), "config show --config c.toml");
        let mut file = String::new();
        let mut expected = String::from("setting\tvalue\tsource\n");
        for (setting, (sources, numbers)) in shown().iter().zip(choices) {
            let values = numbers.map(|number| setting.sample(number));
            let (key, variable) = (setting.key, setting.variable());
            let (file_variable, own_file) = (format!("{variable}_FILE"), format!("{key}.secret"));
            let mut holds = (setting.default().unwrap_or("[unset]").to_owned(), "default".to_owned());
            if sources & 1 != 0 {
                file += &setting.line(&values[0]);
                holds = (values[0].clone(), "c.toml".to_owned());
            }
            if sources & 6 == 2 && setting.is_secret {
                write(&launch.directory().join(&own_file), 0o600, &values[1]);
                launch = launch.env(&file_variable, own_file);
                holds = (values[1].clone(), file_variable);
            }
            if sources & 4 != 0 {
                launch = launch.env(&variable, &values[2]);
                holds = (values[2].clone(), variable);
            }
            if sources & 8 != 0 && setting.is_flag {
                launch = launch.arg(format!("--{key}={}", values[3]));
                holds = (values[3].clone(), format!("--{key}"));
            }
            let (value, source) = holds;
            let value = if setting.is_secret && source != "default" { "[set]".to_owned() } else { value };
            writeln!(expected, "{key}\t{value}\t{source}").unwrap();
        }
        expected += "config\tc.toml\t--config\n";
        write(&launch.directory().join("c.toml"), 0o644, &file);
        let ended = launch.run();
        prop_assert_eq!((ended.code, &ended.stdout), (Some(0), &expected), "{:?}\n{}", &ended, file);
    }
}

#[test]
fn a_root_token_that_is_easy_to_guess_is_refused_before_anything_is_made() {
    for task in ["config check", "serve"] {
        let launch = Launch::new().bare().env("RELEASE_LINKS_ROOT_TOKEN", "short");
        refused(&args(launch.clone(), task).run(), "the root token must be at least 20 characters long");
        assert!(!launch.directory().join("data").exists(), "{task}");
    }
}

#[test]
fn the_example_is_what_the_program_prints_and_holds_the_defaults() {
    let printed = args(Launch::new().bare(), "config show --default").run();
    assert_eq!(
        (printed.code, printed.stdout.as_str()),
        (Some(0), EXAMPLE),
        "docs/deploy/config.toml is not up to date"
    );
    let defaults: String = shown().iter().filter_map(|it| Some(it.line(it.default()?))).collect();
    let rows = |text: &str, column: usize| {
        let rows = text.lines().filter(|row| !row.starts_with("config") && !row.starts_with("database\t"));
        rows.map(|row| row.split('\t').take(column).map(str::to_owned).collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    let without = show(Launch::new().bare());
    let with = show(with_file(&defaults));
    assert_eq!(rows(&with.stdout, 2), rows(&without.stdout, 2), "{with:?}");
    assert_ne!(rows(&with.stdout, 3), rows(&without.stdout, 3));
}

#[test]
fn a_file_of_settings_with_a_mistake_is_refused_with_its_name_and_what_to_write() {
    for (text, message) in [
        ("keepalive = 3", r#"there is no setting "keepalive"; do you mean keep-alive?"#),
        ("config = 'x'", r#"there is no setting "config""#),
        ("user = 'root'", r#"there is no setting "user""#),
        ("from = 'sqlite:x'", r#"there is no setting "from""#),
        ("keep-alive = '3'", "keep-alive: must be an integer"),
        ("listen = 3", "listen: must be a string in quotes"),
        ("[database]\nurl = 'sqlite:x'", "database: must be a string in quotes"),
        ("keep-alive = 100_000", "keep-alive: 100000 is not in 0..=86400"),
        ("log = 'inof'", "log: \"inof\" is no level"),
        ("drain = 1\ndrain = 2", "line 2: duplicate key"),
        ("drain = 1\n\nlisten = x", "line 3: string values must be quoted"),
        (&"#".repeat(65_537), "has more than 65536 bytes"),
    ] {
        let launch = with_file(text);
        for command in ["config check", "serve", "token list --user root", "openapi"] {
            refused(&args(launch.clone(), command).run(), &format!("c.toml: {message}").to_lowercase());
        }
    }
    let launch = Launch::new().bare();
    refused(&args(launch.clone(), "config check --config none.toml").run(), "none.toml: cannot be read: no such file");
    refused(&args(launch.clone(), "serve --config .").run(), ".: is no file");
    fs::write(launch.directory().join("c.toml"), b"log = '\xff'").unwrap();
    refused(&args(launch, "config show --config c.toml").run(), "c.toml: is not utf-8");
    refused(&args(with_file("listen = 'nonsense'"), "config check").run(), "--listen: \"nonsense\" is not an address");
}

#[test]
fn help_shows_the_defaults_of_the_program_even_if_the_file_is_broken() {
    let plain = args(Launch::new().bare(), "serve --help").run();
    let said = |text: &str| args(with_file(text), "serve --help --config c.toml").run().stdout;
    assert_eq!(plain.code, Some(0));
    assert!(plain.stdout.contains("[default: 75]"), "{}", plain.stdout);
    for text in ["keep-alive = 9", "keep-alive = 'x'", "="] {
        assert_eq!(said(text).replace("CONFIG=c.toml", "CONFIG="), plain.stdout, "{text}");
    }
}

#[test]
fn the_file_of_settings_configures_the_server_and_every_command_that_shares_a_setting() {
    let own =
        "listen = '127.0.0.1:0'\ndatabase = 'sqlite:own.db'\nexternal-url = 'https://file.example.com'\ndrain = 0";
    let launch = with_file(own).env("RELEASE_LINKS_ROOT_TOKEN", ROOT_TOKEN);
    let server = Arc::new(launch.start());
    let api = Api::on(&server, Visibility::Public);
    let made = api.create(&json!({ "name": "a", "url": "http://a", "filepath": "/bin/a" })).status(201);
    assert!(made.text.contains(r#""direct_asset_url":"https://file.example.com/"#), "{made:?}");
    assert!(launch.directory().join("own.db").is_file());
    let list = args(launch.clone(), "token list --user root").run();
    assert_eq!((list.code, list.stdout.lines().count()), (Some(0), 2), "{list:?}");
    let backup = args(launch.clone(), "backup copy.db").run();
    assert!(backup.stdout.starts_with("copied own.db to copy.db"), "{backup:?}");
    write(&launch.directory().join("h.toml"), 0o644, &format!("listen = '{}'", server.address()));
    let check = args(launch.clone(), "healthcheck --config h.toml").run();
    assert_eq!(check.code, Some(0), "{check:?}");
    server.stop();
    let check = args(launch, "config check").run();
    assert_eq!((check.code, check.stdout.as_str()), (Some(0), "the settings are valid, those in c.toml included\n"));
}

#[test]
fn a_secret_in_a_file_of_its_own_is_used_and_its_last_line_end_is_not_part_of_it() {
    let launch = Launch::new();
    for (end, name) in [("", "a"), ("\n", "b"), ("\r\n", "c")] {
        write(&launch.directory().join("token"), 0o400, &format!("{ROOT_TOKEN}{end}"));
        write(&launch.directory().join("url"), 0o600, &format!("sqlite:{name}.db{end}"));
        let own = launch.clone().bare().env("RELEASE_LINKS_ROOT_TOKEN_FILE", "token");
        let own = own.env("RELEASE_LINKS_DATABASE_FILE", "url").env("RELEASE_LINKS_LISTEN", "127.0.0.1:0");
        let server = own.start();
        Request::new(server.address(), "GET", "/api/v4/user").header("PRIVATE-TOKEN", ROOT_TOKEN).send().status(200);
        server.stop();
        assert!(!server.stdout().contains(ROOT_TOKEN) && !server.stderr().contains(ROOT_TOKEN));
        assert!(launch.directory().join(format!("{name}.db")).is_file());
        fs::remove_file(launch.directory().join("token")).unwrap();
    }
}

#[test]
fn a_file_with_a_secret_that_others_may_read_and_one_that_is_no_use_are_refused() {
    let launch = Launch::new().bare().env("RELEASE_LINKS_DATABASE_FILE", "url");
    let file = launch.directory().join("url");
    let check = || args(launch.clone(), "config check").run();
    refused(&check(), "release_links_database_file: url: cannot be read: no such file");
    for mode in [0o640, 0o604, 0o644, 0o444] {
        write(&file, mode, "sqlite:x.db");
        refused(&check(), &format!("url: others than its owner may read it: its mode is {mode:o}"));
    }
    write(&file, 0o600, "\n");
    refused(&check(), "url: is empty");
    write(&file, 0o600, "sqlite:x.db");
    assert_eq!(check().code, Some(0));
    refused(
        &args(launch.clone().env("RELEASE_LINKS_DATABASE", "sqlite:y.db"), "config check --database sqlite:z.db").run(),
        "release_links_database and release_links_database_file are both set",
    );
    let both = launch.clone().env("RELEASE_LINKS_COPY_TO", "sqlite:y.db").env("RELEASE_LINKS_COPY_TO_FILE", "none");
    refused(&args(both, "healthcheck").run(), "release_links_copy_to and release_links_copy_to_file are both set");
    // The file of a secret that the command does not use need not be readable.
    let other = launch.env("RELEASE_LINKS_COPY_FROM_FILE", "none").env("RELEASE_LINKS_ROOT_TOKEN_FILE", "none");
    refused(&args(other.clone(), "token list --user root").run(), "there is no database x.db");
    refused(&args(other, "copy --to sqlite:z.db").run(), "release_links_copy_from_file: none: cannot be read");
}

#[test]
fn a_secret_that_is_no_flag_is_refused_as_one() {
    for command in ["", "serve", "config check", "config show"] {
        let ended = args(Launch::new().bare(), command).arg(format!("--root-token={SECRET}")).run();
        refused(&ended, "others can see flags: use release_links_root_token");
        assert!(!ended.stderr.contains(SECRET), "{ended:?}");
    }
}

#[test]
fn secrets_are_in_no_output_of_any_command() {
    let url = format!("postgres://links:{SECRET}@127.0.0.1:1/links");
    let launch = Launch::new().bare().env("RELEASE_LINKS_LOG", "debug");
    write(&launch.directory().join("secret"), 0o600, &url);
    write(&launch.directory().join("exposed"), 0o644, &url);
    let toml = format!("database = '{url}'\nroot-token = '{SECRET}'");
    write(&launch.directory().join("c.toml"), 0o600, &toml);
    let broken = ["'", " 1", " {", "\nx = ", "\n[root-token]", " = 3"].map(|end| format!("{toml}{end}"));
    let broken = broken.into_iter().chain([format!("root-token = {SECRET}"), format!("database = ['{url}']")]);
    let broken: Vec<_> = broken.collect();
    for (number, text) in broken.iter().enumerate() {
        write(&launch.directory().join(format!("{number}.toml")), 0o600, text);
    }
    let sources = ["DATABASE", "ROOT_TOKEN", "COPY_FROM"].map(|name| (name.to_owned(), url.clone()));
    let files =
        ["DATABASE_FILE", "ROOT_TOKEN_FILE", "COPY_FROM_FILE"].map(|name| (name.to_owned(), "secret".to_owned()));
    let exposed = files.clone().map(|(name, _)| (name, "exposed".to_owned()));
    let both = sources.clone().into_iter().chain(files.clone()).collect::<Vec<_>>();
    let config = |name: String| vec![("CONFIG".to_owned(), name)];
    let settings = [sources.to_vec(), files.to_vec(), exposed.to_vec(), both, config("c.toml".to_owned())];
    let misplaced =
        ["", "serve ", "token list --user ", "--databse=", "config show --default="].map(|it| format!("{it}{url}"));
    let commands = [
        "--help",
        "serve --help",
        "config show",
        "config check",
        "config show --default",
        "openapi",
        "healthcheck",
        "token list --user root",
        "token revoke --id x",
        "backup x.db",
        "restore x.db",
        "copy --to sqlite:x.db",
        "serve --keep-alive x",
        "serve --listen x",
        "--version",
        "nonsense",
    ];
    for setting in settings {
        let launch = setting
            .iter()
            .fold(launch.clone(), |launch, (name, value)| launch.env(&format!("RELEASE_LINKS_{name}"), value));
        for command in commands {
            let ended = args(launch.clone(), command).run();
            assert!(!(ended.stdout + &ended.stderr).contains("sesame"), "{setting:?} {command}");
        }
    }
    for (number, text) in broken.iter().enumerate() {
        let ended = args(launch.clone(), "config check --config").arg(format!("{number}.toml")).run();
        assert!(ended.code == Some(1) && !(ended.stdout + &ended.stderr).contains("sesame"), "{text}");
    }
    for command in misplaced {
        let ended = args(launch.clone(), &command).run();
        assert!(ended.code == Some(1) && !(ended.stdout + &ended.stderr).contains("sesame"), "{command}");
    }
}
