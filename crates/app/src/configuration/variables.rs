//! The variables of the environment that mean nothing here: most likely they are misspelt.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};

use clap::{Arg, Command as Cli};

use super::setting::{Setting, nearest};
use crate::version;

/// How the names of this program's variables begin.
const PREFIX: &str = "RELEASE_LINKS_";

/// Warns about each variable that no setting of `command` has, with the one that it resembles most. The variable of the build,
/// which may still be set where the binary is tried, is not meant for it.
pub(crate) fn warn_about_unknown(command: &Cli) {
    let mut known = BTreeSet::new();
    add_variables(command, &mut known);
    let names = std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned());
    let ours = names.filter(|name| name.starts_with(PREFIX) && name != version::COMMIT_VARIABLE);
    let unknown = ours.filter(|name| !known.contains(name)).collect::<BTreeSet<_>>();
    for name in unknown {
        let nearest = nearest(&name, known.iter().map(String::as_str));
        tracing::warn!("the variable {} is unknown and ignored; do you mean {nearest}?", name.escape_debug());
    }
}

fn add_variables(command: &Cli, names: &mut BTreeSet<String>) {
    for setting in command.get_arguments().filter_map(Setting::of) {
        names.insert(setting.variable());
        if setting.is_secret() {
            names.insert(setting.file_variable());
        }
    }
    command.get_subcommands().for_each(|command| add_variables(command, names));
}

/// Treats an empty variable as unset, as container platforms and environment files set what has no value.
pub(crate) fn without_empty(command: Cli) -> Cli {
    let is_empty = |arg: &Arg| arg.get_env().and_then(std::env::var_os).is_some_and(|value| value.is_empty());
    command.mut_args(|arg| if is_empty(&arg) { arg.env(None) } else { arg }).mut_subcommands(without_empty)
}

/// The value of a variable that is set.
pub(crate) fn non_empty(name: impl AsRef<OsStr>) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}
