//! Where settings come from: flags, variables, files of single secrets, the file of settings, and defaults, in this order.
//!
//! clap's declarations are the one list of settings. What a file says becomes the default of its argument.

pub(crate) mod example;
mod files;
mod setting;
pub(crate) mod variables;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{ArgMatches, Command as Cli, CommandFactory as _, FromArgMatches as _};

use self::files::{SettingsFile, read_secret};
use self::setting::{FILE, Setting, settings};
use crate::arguments::Arguments;

/// Where the settings of this run come from.
pub(crate) struct Sources {
    /// The arguments of the command that runs.
    matches: ArgMatches,
    /// What files say, by key.
    given: BTreeMap<String, Given>,
    /// The file of settings, if there is one.
    file: Option<PathBuf>,
}

/// What a file says about a setting.
struct Given {
    values: Vec<String>,
    /// The file, or the variable that names it.
    by: String,
}

/// Reads the command line, the environment and the files.
///
/// # Errors
/// Returns what to tell the operator, which is also the help that was asked for.
pub(crate) fn read() -> Result<(Arguments, Sources), clap::Error> {
    let declared = Arguments::command();
    // Help, and what is wrong with the command line, come before what is wrong with a file.
    let asked = variables::without_empty(without_required(declared.clone())).try_get_matches().map_err(without_urls)?;
    refuse_visible_secrets(&declared, &asked)?;
    let file = SettingsFile::read(asked.get_one(FILE), &declared).map_err(refusal)?;
    let mut given = BTreeMap::new();
    for (key, values) in file.values {
        let by = file.path.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
        given.insert(key, Given { values, by });
    }
    refuse_doubles(&declared)?;
    add_secrets(chosen(&declared, &asked).0, &mut given)?;
    let command = variables::without_empty(with_defaults(declared, &given));
    let mut matches = command.try_get_matches().map_err(without_urls)?;
    let arguments = Arguments::from_arg_matches(&matches).map_err(|error| error.format(&mut Arguments::command()))?;
    while let Some((_, below)) = matches.remove_subcommand() {
        matches = below;
    }
    Ok((arguments, Sources { matches, given, file: file.path }))
}

/// The command that the arguments name, at whatever depth, and its own arguments.
fn chosen<'a>(mut command: &'a Cli, mut matches: &'a ArgMatches) -> (&'a Cli, &'a ArgMatches) {
    while let Some((name, below)) = matches.subcommand()
        && let Some(found) = command.find_subcommand(name)
    {
        (command, matches) = (found, below);
    }
    (command, matches)
}

/// Settings are no longer required, as files are not read yet.
fn without_required(command: Cli) -> Cli {
    command
        .mut_args(|arg| if Setting::of(&arg).is_some() { arg.required(false) } else { arg })
        .mut_subcommands(without_required)
}

fn with_defaults(command: Cli, given: &BTreeMap<String, Given>) -> Cli {
    let command = command.mut_args(|arg| match Setting::of(&arg).and_then(|setting| given.get(setting.key)) {
        Some(given) => arg.default_values(given.values.clone()).required(false),
        None => arg,
    });
    command.mut_subcommands(|command| with_defaults(command, given))
}

/// Refuses flags that others on the machine could read.
fn refuse_visible_secrets(declared: &Cli, asked: &ArgMatches) -> Result<(), clap::Error> {
    let (command, matches) = chosen(declared, asked);
    let given = |setting: &Setting<'_>| matches.value_source(setting.arg.get_id().as_str());
    let hidden = settings(command).find(|it| !it.is_flag() && given(it) == Some(ValueSource::CommandLine));
    let Some(setting) = hidden else { return Ok(()) };
    let message = format!("--{}: others can see flags: use {}, or a file", setting.key, setting.variable());
    Err(refusal(message))
}

/// Refuses secrets that are in a variable and in a file, whether the command that runs takes them or not.
fn refuse_doubles(command: &Cli) -> Result<(), clap::Error> {
    for setting in settings(command).filter(|setting| setting.is_secret()) {
        let (variable, by) = (setting.variable(), setting.file_variable());
        if variables::non_empty(&variable).is_some() && variables::non_empty(&by).is_some() {
            return Err(refusal(format!("{variable} and {by} are both set: unset one")));
        }
    }
    command.get_subcommands().try_for_each(refuse_doubles)
}

/// Adds the secrets of a command that are in files of their own.
fn add_secrets(command: &Cli, given: &mut BTreeMap<String, Given>) -> Result<(), clap::Error> {
    for setting in settings(command).filter(|setting| setting.is_secret()) {
        let by = setting.file_variable();
        let Some(path) = variables::non_empty(&by) else { continue };
        let secret = read_secret(path.as_ref()).map_err(|error| refusal(format!("{by}: {error}")))?;
        given.insert(setting.key.to_owned(), Given { values: vec![secret], by });
    }
    Ok(())
}

fn refusal(message: impl std::fmt::Display) -> clap::Error {
    clap::Error::raw(ErrorKind::ValueValidation, format!("{message}\n"))
}

/// Does not repeat a URL that is at the wrong place, as it may hold a password.
fn without_urls(mut error: clap::Error) -> clap::Error {
    for kind in [ContextKind::InvalidArg, ContextKind::InvalidSubcommand, ContextKind::InvalidValue] {
        if matches!(error.get(kind), Some(ContextValue::String(word)) if word.contains("://")) {
            error.insert(kind, ContextValue::String("[URL]".into()));
        }
    }
    error
}

impl Sources {
    /// Every setting with its value, unless that is secret, and where it comes from: tab-separated lines.
    pub(crate) fn table(&self) -> String {
        let declared = Arguments::command();
        let mut table = String::from("setting\tvalue\tsource\n");
        for setting in settings(&declared) {
            let (value, source) = self.value_and_source(setting);
            // Writing to a string cannot fail.
            let _ = writeln!(table, "{}\t{value}\t{source}", setting.key);
        }
        table
    }

    fn value_and_source(&self, setting: Setting<'_>) -> (String, String) {
        let id = setting.arg.get_id().as_str();
        let source = match (self.matches.value_source(id), self.given.get(setting.key)) {
            (Some(ValueSource::CommandLine), _) => format!("--{}", setting.key),
            (Some(ValueSource::EnvVariable), _) => setting.variable(),
            (_, Some(given)) => given.by.clone(),
            _ => "default".to_owned(),
        };
        let value = match self.matches.get_raw(id) {
            None => "[unset]".to_owned(),
            Some(_) if setting.is_secret() && source != "default" => "[set]".to_owned(),
            Some(values) => {
                let values: Vec<_> = values.map(OsStr::to_string_lossy).collect();
                values.join(",").escape_debug().to_string()
            }
        };
        (value, source)
    }

    /// The file of settings, if there is one.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }
}
