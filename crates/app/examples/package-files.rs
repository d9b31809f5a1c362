//! Writes what the Debian package has besides the binary and the files that the repository holds: man pages, completions, the
//! file with settings, and changelogs.
//!
//! Man pages and completions come from the declaration of the command line, which is the binary's own.
#![allow(dead_code, unreachable_pub, reason = "of the binary's modules, it needs only the declaration")]

#[path = "../src/arguments.rs"]
mod arguments;
#[path = "../src/log"]
mod log {
    pub(crate) mod filter;
    pub(crate) mod format;
}
#[path = "../src/version.rs"]
mod version;

use std::error::Error;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::{Command as Cli, CommandFactory as _};
use clap_complete::Shell;
use clap_mangen::Man;
use jiff::Timestamp;

use crate::arguments::Arguments;

/// The name of the package and of its command.
const NAME: &str = "release-links";
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The example that the settings of the package are made from.
const SETTINGS: &str = include_str!("../../../docs/deploy/config.toml");
/// Its lines that are others in the package, where the database has a place and a proxy is on the same host.
const SET: [(&str, &str); 2] = [
    ("#database = \"sqlite:data/release-links.db\"", "database = \"sqlite:/var/lib/release-links/release-links.db\""),
    ("#trusted-proxies = \"NETWORKS\"", "trusted-proxies = \"127.0.0.1\""),
];
/// What changed, for people.
const CHANGELOG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../CHANGELOG.md");

fn main() -> ExitCode {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [folder] = arguments.as_slice() else {
        eprintln!("package-files: takes the folder to write to");
        return ExitCode::FAILURE;
    };
    match write_all(folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("package-files: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write_all(folder: &Path) -> Result<(), Box<dyn Error>> {
    let (man, completions) = (folder.join("man"), folder.join("completions"));
    for folder in [&man, &completions] {
        // What an earlier version wrote.
        let _ = fs::remove_dir_all(folder);
        fs::create_dir_all(folder)?;
    }
    let time = time()?;
    let mut command = Arguments::command().disable_help_subcommand(true);
    command.build();
    write_pages(&command, &man, &time.strftime("%F").to_string())?;
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        clap_complete::generate_to(shell, &mut visible(&Arguments::command()), NAME, &completions)?;
    }
    fs::write(folder.join("config.toml"), settings()?)?;
    fs::copy(CHANGELOG, folder.join("changelog"))?;
    fs::write(folder.join("changelog.Debian"), debian_changelog(time))?;
    let pages = fs::read_dir(man)?.map(|page| Ok(page?.path())).collect::<std::io::Result<Vec<_>>>()?;
    gzip(pages.into_iter().chain(["changelog", "changelog.Debian"].map(|name| folder.join(name))))
}

/// The time that the package is of: what `SOURCE_DATE_EPOCH` says, or else when the changelog was written.
fn time() -> Result<Timestamp, Box<dyn Error>> {
    match std::env::var("SOURCE_DATE_EPOCH") {
        Ok(seconds) => Ok(Timestamp::from_second(seconds.parse()?)?),
        Err(_) => Ok(Timestamp::try_from(fs::metadata(CHANGELOG)?.modified()?)?),
    }
}

/// Writes the man pages of a command and of those below it.
fn write_pages(command: &Cli, folder: &Path, date: &str) -> std::io::Result<()> {
    for below in command.get_subcommands() {
        write_pages(below, folder, date)?;
    }
    let page = Man::new(command.clone()).date(date).source(format!("{NAME} {VERSION}")).manual("User Commands");
    page.generate_to(folder).map(drop)
}

/// A command without the flags that the command line may not hold, which completions would offer.
fn visible(command: &Cli) -> Cli {
    let flags = command.get_arguments().filter(|arg| !arg.is_hide_set()).cloned();
    let shown = Cli::new(command.get_name().to_owned()).args(flags).subcommands(command.get_subcommands().map(visible));
    let shown = command.get_about().into_iter().fold(shown, |shown, about| shown.about(about.clone()));
    command.get_version().into_iter().fold(shown, |shown, version| shown.version(version.to_owned()))
}

fn settings() -> Result<String, String> {
    let mut settings = SETTINGS.to_owned();
    for (line, set) in SET {
        if !settings.lines().any(|found| found == line) {
            return Err(format!("the example of the settings has no line {line}"));
        }
        settings = settings.replace(line, set);
    }
    Ok(settings)
}

/// The changelog in Debian's format, which has one entry that names the other changelog.
fn debian_changelog(time: Timestamp) -> String {
    let date = time.strftime("%a, %d %b %Y %H:%M:%S +0000");
    let maintainer = "The release-links authors <authors@release-links.invalid>";
    format!(
        "{NAME} ({VERSION}-1) unstable; urgency=medium\n\n  * changelog.gz says what changed.\n\n -- {maintainer}  {date}\n"
    )
}

/// Compresses files in their places, as packages have them.
fn gzip(files: impl Iterator<Item = impl AsRef<OsStr>>) -> Result<(), Box<dyn Error>> {
    let done = Command::new("gzip").args(["--best", "--no-name", "--force"]).args(files).status()?;
    if done.success() { Ok(()) } else { Err(format!("gzip: {done}").into()) }
}
