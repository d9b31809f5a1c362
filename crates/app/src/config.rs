//! `release-links config …`: checks the settings, and shows them with where they come from.

use std::io::Write as _;

use clap::CommandFactory as _;

use crate::arguments::{Arguments, ConfigCommand};
use crate::configuration::Sources;
use crate::configuration::example::example;
use crate::settings::Settings;

/// Runs the command and prints its result on stdout.
///
/// # Errors
/// Returns a message for the operator: a setting is invalid.
pub(crate) fn config(command: ConfigCommand, sources: &Sources) -> Result<(), Box<dyn std::error::Error>> {
    let text = match command {
        ConfigCommand::Check(serve) => {
            Settings::try_from(serve)?;
            match sources.file() {
                Some(file) => format!("the settings are valid, those in {} included\n", file.display()),
                None => "the settings are valid; no file has any\n".to_owned(),
            }
        }
        ConfigCommand::Show { default: true, .. } => example(&Arguments::command()),
        ConfigCommand::Show { default: false, .. } => sources.table(),
    };
    Ok(std::io::stdout().write_all(text.as_bytes())?)
}
