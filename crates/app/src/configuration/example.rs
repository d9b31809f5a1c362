//! The example of a file of settings, which explains every setting and sets none.

use std::fmt::Write as _;

use clap::Command as Cli;

use super::setting::{FILE, Kind, Setting, settings};

const HEAD: &str = "\
# The settings of release-links. It reads this file as /etc/release-links/config.toml, or as what --config or
# RELEASE_LINKS_CONFIG names. Each setting is also a flag, such as --keep-alive, and a variable, such as
# RELEASE_LINKS_KEEP_ALIVE: a flag wins over a variable, and a variable over this file.
#
# Lines that are commented out show the default or, if there is none, what kind of value to write.
# `release-links config check` checks this file, and `release-links config show` shows which values hold, and why.
";

/// Returns the example for the settings that a command declares.
pub(crate) fn example(command: &Cli) -> String {
    let mut text = HEAD.to_owned();
    for setting in settings(command).filter(|setting| setting.key != FILE) {
        text.push('\n');
        let help = setting.arg.get_long_help().or(setting.arg.get_help()).map(ToString::to_string).unwrap_or_default();
        // clap drops the last full stop. Writing to a string cannot fail.
        let _ = writeln!(text, "# {}.", help.trim_end_matches('.').replace('\n', "\n# "));
        if setting.is_secret() {
            let variable = setting.file_variable();
            let _ = writeln!(text, "# A secret is safer in a file of its own, which {variable} names.");
        }
        let _ = writeln!(text, "#{} = {}", setting.key, value(setting));
    }
    text
}

/// The default or, if there is none, what help calls the value.
fn value(setting: Setting<'_>) -> String {
    let default = setting.arg.get_default_values().iter().map(|value| value.to_string_lossy().into_owned());
    let mut values: Vec<_> = default.collect();
    if values.is_empty() {
        values.extend(setting.arg.get_value_names().unwrap_or_default().iter().map(ToString::to_string));
    }
    match setting.kind() {
        Kind::Integer | Kind::Boolean => values.concat(),
        Kind::Text => format!("{:?}", values.concat()),
        Kind::Texts => format!("{values:?}"),
    }
}
