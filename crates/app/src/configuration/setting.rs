//! What clap's declaration of an argument says about it as a setting.

use std::any::TypeId;
use std::ffi::OsString;
use std::fmt;

use clap::builder::ValueParser;
use clap::{Arg, ArgAction, Command as Cli, error::ContextKind, error::ContextValue};
use toml::Value;

/// The argument that names the file of settings, and so cannot be in it.
pub(crate) const FILE: &str = "config";

/// An argument with a variable and a flag.
#[derive(Clone, Copy)]
pub(crate) struct Setting<'a> {
    pub(crate) arg: &'a Arg,
    /// The long flag's name, which is also the key in the file of settings.
    pub(crate) key: &'a str,
}

/// What the file of settings holds for a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Integer,
    Boolean,
    Text,
    Texts,
}

/// The settings that a command declares itself; the root declares all that the server has.
pub(crate) fn settings(command: &Cli) -> impl Iterator<Item = Setting<'_>> {
    command.get_arguments().filter_map(Setting::of)
}

impl<'a> Setting<'a> {
    /// The argument as a setting, if it is one.
    pub(crate) fn of(arg: &'a Arg) -> Option<Self> {
        arg.get_env()?;
        Some(Self { arg, key: arg.get_long()? })
    }

    /// The name of the variable.
    pub(crate) fn variable(self) -> String {
        self.arg.get_env().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// The name of the variable that names a file with the value.
    pub(crate) fn file_variable(self) -> String {
        self.variable() + "_FILE"
    }

    /// Whether the value may be secret: help hides what its variable holds.
    pub(crate) fn is_secret(self) -> bool {
        self.arg.is_hide_env_values_set()
    }

    /// Whether the command line may hold the value: help hides a flag that others must not see.
    pub(crate) fn is_flag(self) -> bool {
        !self.arg.is_hide_set()
    }

    /// What the file of settings holds for it.
    pub(crate) fn kind(self) -> Kind {
        let parsed = ValueParser::type_id(self.arg.get_value_parser());
        let integers = [TypeId::of::<u16>(), TypeId::of::<u32>(), TypeId::of::<u64>(), TypeId::of::<usize>()];
        if matches!(self.arg.get_action(), ArgAction::Append) || self.arg.get_value_delimiter().is_some() {
            Kind::Texts
        } else if integers.iter().any(|integer| parsed == *integer) {
            Kind::Integer
        } else if parsed == TypeId::of::<bool>() {
            Kind::Boolean
        } else {
            Kind::Text
        }
    }

    /// Checks values as clap checks those of the flag.
    ///
    /// # Errors
    /// Returns what is wrong with them.
    pub(crate) fn check(self, values: &[String]) -> Result<(), String> {
        if self.kind() == Kind::Boolean {
            return Ok(());
        }
        let flags = values.iter().map(|value| OsString::from(format!("--{}={value}", self.key)));
        let alone = Cli::new("").no_binary_name(true).arg(self.arg.clone().env(None));
        alone.try_get_matches_from(flags).map(drop).map_err(|error| reason(&error))
    }
}

/// Why clap refuses a value, without the name of the flag.
fn reason(error: &clap::Error) -> String {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    match (cause, error.get(ContextKind::ValidValue)) {
        (Some(cause), _) => cause,
        (None, Some(ContextValue::Strings(valid))) => format!("must be one of {}", valid.join(", ")),
        (None, _) => error.kind().to_string(),
    }
}

impl Kind {
    /// The value as a flag would hold it, if it is of this kind.
    pub(crate) fn texts(self, value: &Value) -> Option<Vec<String>> {
        match (self, value) {
            (Self::Integer, Value::Integer(number)) => Some(vec![number.to_string()]),
            (Self::Boolean, Value::Boolean(truth)) => Some(vec![truth.to_string()]),
            (Self::Text, Value::String(text)) => Some(vec![text.clone()]),
            (Self::Texts, Value::Array(all)) => all.iter().map(|one| one.as_str().map(str::to_owned)).collect(),
            _ => None,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Integer => "an integer",
            Self::Boolean => "true or false",
            Self::Text => "a string in quotes",
            Self::Texts => "a list of strings",
        })
    }
}

/// The known name that another resembles most.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> &'a str {
    known.into_iter().min_by_key(|known| strsim::damerau_levenshtein(known, name)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::arguments::Arguments;

    #[test]
    fn a_variable_has_the_name_of_the_flag() {
        for setting in settings(&Arguments::command()) {
            let name = setting.key.to_uppercase().replace('-', "_");
            assert_eq!(setting.variable(), format!("RELEASE_LINKS_{name}"));
        }
    }

    #[test]
    fn clap_refuses_no_value_of_a_secret_as_it_would_repeat_it() {
        let command = Arguments::command();
        let all = settings(&command).chain(command.get_subcommands().flat_map(settings));
        let secrets: Vec<_> = all.filter(|setting| setting.is_secret()).collect();
        for name in ["database", "root-token", "from", "to"] {
            assert!(secrets.iter().any(|setting| setting.key == name), "{name}");
        }
        for setting in secrets {
            for value in ["", "x", "0", "-", "a\nb", "\u{1f600}"] {
                assert_eq!(setting.check(&[value.to_owned()]), Ok(()), "{} {value:?}", setting.key);
            }
        }
    }
}
