//! What the README and the docs say is true: the short walk works, and everything they name exists.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::{Metadata, MetadataCommand};

use crate::harness::{Launch, ROOT_TOKEN};

const DEFAULT_ADDRESS: &str = "127.0.0.1:8080";

/// Printed before the last block, so that its output can be told from the rest.
const LAST: &str = "== the last block ==";

fn root() -> PathBuf {
    fs::canonicalize(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).unwrap()
}

/// The files below a directory that are part of the project.
fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        if matches!(name, ".git" | "target" | "data" | "node_modules" | "__pycache__") {
            continue;
        }
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// The pages at the root that people read first, and every page of the docs, by name.
fn pages() -> Vec<(PathBuf, String)> {
    let mut pages: Vec<_> = ["README.md", "CONTRIBUTING.md", "SECURITY.md"].map(|name| root().join(name)).into();
    pages.extend(files(&root().join("docs")).into_iter().filter(|path| path.extension() == Some(OsStr::new("md"))));
    pages
        .into_iter()
        .map(|path| (path.clone(), fs::read_to_string(&path).unwrap_or_else(|_| panic!("no {}", path.display()))))
        .collect()
}

/// The fenced blocks of shell commands.
fn shell_blocks(page: &str) -> Vec<&str> {
    let blocks = page.split("\n```sh\n").skip(1);
    blocks.map(|rest| rest.split_once("\n```").expect("a block is closed").0).collect()
}

/// The commands of a block, continued lines put together.
fn commands(block: &str) -> Vec<String> {
    let joined = block.replace("\\\n", " ");
    joined
        .lines()
        .map(|line| line.trim().to_owned())
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect()
}

/// What stands between single backticks, outside of fenced blocks.
fn quoted(page: &str) -> Vec<&str> {
    let outside = page.split("\n```").step_by(2);
    outside.flat_map(|text| text.split('`').skip(1).step_by(2)).collect()
}

/// What links in the page lead to within the project.
fn link_targets(page: &str) -> Vec<&str> {
    let targets = page.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let inside = targets.filter(|target| !target.contains("://") && !target.starts_with('#'));
    inside.map(|target| target.split('#').next().unwrap_or(target)).collect()
}

/// The blocks as one script, without the commands that start a server or run the tests: both are done here already.
fn script(blocks: &[&str], address: &str) -> String {
    let mut script = String::from("set -euo pipefail\n");
    for (number, block) in blocks.iter().enumerate() {
        if number + 1 == blocks.len() {
            script.extend(["printf '%s\\n' '", LAST, "'\n"]);
        }
        let mut skipped = false;
        for line in block.lines() {
            let start = line.trim_start();
            let drops =
                ["cargo run", "tests/run", "TOKEN=", "export TOKEN="].iter().any(|word| start.starts_with(word));
            skipped = drops || skipped && start != line;
            if !skipped {
                script += &line.replace(DEFAULT_ADDRESS, address);
                script.push('\n');
            }
        }
    }
    script
}

#[test]
fn the_short_walk_leads_to_the_links_target() {
    let readme = fs::read_to_string(root().join("README.md")).expect("there is a README");
    let (_, walk) = readme.split_once("\n## A short walk\n").expect("the README has a short walk");
    let walk = walk.split("\n## ").next().unwrap();
    let blocks = shell_blocks(walk);
    assert!(blocks.len() >= 2, "{walk}");
    assert!(walk.contains(DEFAULT_ADDRESS), "{walk}");
    // A second start would show no token.
    let starts = shell_blocks(&readme).into_iter().flat_map(commands).filter(|line| line == "cargo run --release");
    assert_eq!(starts.count(), 1);

    let launch = Launch::new();
    let server = launch.start();
    let script = script(&blocks, &server.address().to_string());
    let mut bash = Command::new("bash");
    bash.arg("-c").arg(&script).env("TOKEN", ROOT_TOKEN).current_dir(launch.directory());
    let output = bash.output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{script}\n{stdout}\n{stderr}");
    assert!(!stdout.contains("\"error\":") && !stdout.contains("\"message\":"), "{script}\n{stdout}");

    let (before, last) = stdout.split_once(LAST).unwrap();
    let (_, target) = before.rsplit_once("\"url\":\"").expect("the walk makes a link");
    let target = target.split('"').next().unwrap();
    let arrives =
        |line: &str| line.trim().eq_ignore_ascii_case(&format!("location: {target}")) || line.trim() == target;
    assert!(last.lines().any(arrives), "no way to {target} in {last}");
}

#[test]
fn every_path_that_the_docs_name_exists() {
    let all = files(&root());
    let mut missing = Vec::new();
    for (page, text) in pages() {
        for target in link_targets(&text) {
            if !page.parent().unwrap().join(target).exists() {
                missing.push(format!("{}: {target}", page.display()));
            }
        }
        for word in quoted(&text).into_iter().flat_map(str::split_whitespace) {
            let word = word.trim_end_matches(['.', ',', ';', ':']);
            let inside = ["crates/", "tests/", "docs/", ".ci/"].iter().any(|top| word.starts_with(top));
            let named =
                !word.contains('/') && [".md", ".rs", ".toml", ".lock"].iter().any(|ending| word.ends_with(ending));
            let exists = if inside { root().join(word).exists() } else { all.iter().any(|path| path.ends_with(word)) };
            if (inside || named) && !word.contains(['*', '<', '…']) && !exists {
                missing.push(format!("{}: {word}", page.display()));
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn every_test_that_the_docs_name_exists() {
    let sources = files(&root()).into_iter().filter(|path| path.extension() == Some(OsStr::new("rs")));
    let sources: String = sources.map(|path| fs::read_to_string(path).unwrap()).collect();
    let mut missing = Vec::new();
    for (page, text) in pages() {
        for word in quoted(&text) {
            let letters = word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
            let sentence = letters && word.matches('_').count() >= 4;
            // A word that clients send may be as long as the name of a test.
            let is_known = [format!("fn {word}("), format!("\"{word}\"")].iter().any(|text| sources.contains(text));
            if sentence && !is_known {
                missing.push(format!("{}: {word}", page.display()));
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new());
}

/// What is wrong with a command of cargo or of `tests/run`, if anything.
fn fault(command: &str, metadata: &Metadata) -> Option<String> {
    let words: Vec<&str> = command.split_whitespace().take_while(|word| *word != "--").collect();
    let following = |flags: &[&str]| {
        let pairs = words.windows(2).filter(|pair| flags.contains(&pair[0]));
        pairs.map(|pair| pair[1].to_owned()).collect::<Vec<_>>()
    };
    if words[0] == "tests/run" {
        let suites = fs::read_to_string(root().join("tests/run")).ok()?;
        let unknown = words[1..].iter().find(|word| word.chars().all(char::is_lowercase) && !suites.contains(**word));
        return unknown.map(|word| format!("tests/run knows no {word}"));
    }
    let known = ["run", "build", "test", "clippy", "fmt", "doc", "install", "publish", "add", "deb"];
    if !known.contains(words.get(1)?) {
        return Some(format!("cargo has no {}", words[1]));
    }
    let packages = &metadata.packages;
    for name in following(&["-p", "--package"]) {
        if !packages.iter().any(|package| package.name.as_str() == name) {
            return Some(format!("there is no package {name}"));
        }
    }
    for name in following(&["--test", "--bin", "--example", "--bench"]) {
        if !packages.iter().flat_map(|package| &package.targets).any(|target| target.name == name) {
            return Some(format!("there is no target {name}"));
        }
    }
    let features = following(&["--features", "-F"]);
    let unknown = features.into_iter().find(|name| !packages.iter().any(|package| package.features.contains_key(name)));
    unknown.map(|name| format!("there is no feature {name}"))
}

/// What is wrong with a command of our own, if anything: its subcommands and flags must be known to the help.
fn own_fault(command: &str) -> Option<String> {
    let words: Vec<&str> = command.split_whitespace().collect();
    let binary = words.iter().rposition(|word| *word == "release-links" || word.ends_with("/release-links"))?;
    let name = |word: &&&str| word.bytes().all(|byte| byte.is_ascii_lowercase());
    let subcommands: Vec<&str> = words[binary + 1..].iter().take_while(name).copied().collect();
    let help = Launch::new().bare();
    let help = subcommands.iter().fold(help, |help, word| help.arg(*word)).arg("--help").run();
    if help.code != Some(0) {
        return Some(format!("release-links has no {subcommands:?}"));
    }
    let flags = words[binary + 1..].iter().filter(|word| word.starts_with("--"));
    let known = |flag: &str| help.stdout.split_whitespace().any(|word| word == flag);
    let unknown = flags.map(|flag| flag.split('=').next().unwrap_or(flag)).find(|flag| !known(flag));
    unknown.map(|flag| format!("{subcommands:?} has no {flag}"))
}

/// A command of our own, however the docs start it.
fn own(command: &str) -> Option<String> {
    let (first, rest) = command.split_once(" -- ").unwrap_or((command, ""));
    if first == "cargo run --release" {
        return Some(format!("release-links {rest}"));
    }
    let word = command.split_whitespace().find(|word| !word.contains('='))?;
    (["release-links", "sudo"].contains(&word) || word.ends_with("/release-links")).then(|| command.to_owned())
}

#[test]
fn every_command_that_the_docs_name_exists() {
    let metadata = MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().exec().unwrap();
    let mut faults = Vec::new();
    for (page, text) in pages() {
        let fenced = shell_blocks(&text).into_iter().flat_map(commands);
        for command in fenced.chain(quoted(&text).into_iter().map(str::to_owned)) {
            let ours = ["cargo ", "tests/run"].iter().any(|start| command.starts_with(start));
            if let Some(fault) = ours.then(|| fault(&command, &metadata)).flatten() {
                faults.push(format!("{}: `{command}`: {fault}", page.display()));
            }
            if let Some(fault) = own(&command).and_then(|command| own_fault(&command)) {
                faults.push(format!("{}: `{command}`: {fault}", page.display()));
            }
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn each_version_in_the_changelog_begins_with_what_an_operator_must_do() {
    let changelog = fs::read_to_string(root().join("CHANGELOG.md")).unwrap();
    let versions: Vec<_> = changelog.split("\n## ").skip(1).collect();
    assert!(!versions.is_empty());
    for version in versions {
        let (name, text) = version.split_once('\n').unwrap();
        let first = text.trim_start().strip_prefix("### What an operator must do\n\n");
        assert!(first.is_some_and(|rest| !rest.starts_with(['#', '\n'])), "{name} says nothing to operators at first");
    }
}

/// A text on one line, without the marks of comments: citations wrap.
fn unwrapped(text: &str) -> String {
    text.lines().map(|line| line.trim_start().trim_start_matches(['/', '!']).trim()).collect::<Vec<_>>().join(" ")
}

/// The headings that a text cites after the name of the contract: `docs/contract.md, "A", "B" and "C"`.
fn cited(text: &str) -> Vec<&str> {
    let mut headings = Vec::new();
    for rest in text.split("docs/contract.md").skip(1) {
        let mut rest = rest.strip_prefix('`').unwrap_or(rest).strip_prefix(", ").unwrap_or_default();
        while let Some((heading, after)) = rest.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
            headings.push(heading);
            rest = after.strip_prefix(", ").or_else(|| after.strip_prefix(" and ")).unwrap_or_default();
        }
    }
    headings
}

#[test]
fn citations_that_wrap_are_found() {
    let text = "/// One (docs/contract.md,\n    /// \"A\" and\n    /// \"B\n    /// C\").\n`docs/contract.md`, \"D\"";
    assert_eq!(cited(&unwrapped(text)), ["A", "B C", "D"]);
}

#[test]
fn every_heading_of_the_contract_that_the_code_cites_is_there() {
    let contract = fs::read_to_string(root().join("docs/contract.md")).unwrap();
    let headings: Vec<&str> = contract.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let sources = files(&root()).into_iter().filter(|path| {
        path.extension().is_some_and(|ending| ending == "rs" || ending == "md")
            && !path.ends_with("tests/api/readme.rs")
    });
    let mut count = 0;
    for path in sources {
        let text = unwrapped(&fs::read_to_string(&path).unwrap());
        for heading in cited(&text) {
            assert!(headings.contains(&heading), "{} cites {heading:?}", path.display());
            count += 1;
        }
        let by_number = ["ontract section ", "ontract sections "].iter().any(|words| text.contains(words));
        assert!(!by_number, "{} cites a section by its number", path.display());
    }
    assert!(count > 100, "{count}");
}
