//! The files that hold settings: the one of all settings, and those of single secrets.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use clap::Command as Cli;

use super::setting::{FILE, Kind, nearest, settings};

/// The file of settings that is read if none is named and it exists.
const DEFAULT_PATH: &str = "/etc/release-links/config.toml";
/// The maximum size of a file.
const MAX_BYTES: u64 = 64 * 1024;
/// The bits of a file's mode by which its group and others may read it.
const OTHERS_READ: u32 = 0o044;

/// What a file of settings says: the values by key, as flags would hold them.
#[derive(Debug, Default)]
pub(crate) struct SettingsFile {
    /// The file, if there is one.
    pub(crate) path: Option<PathBuf>,
    pub(crate) values: BTreeMap<String, Vec<String>>,
}

/// A file of settings, or of one, that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}", path.display())]
pub(crate) struct FileError {
    path: PathBuf,
    problem: Problem,
}

/// Why a file cannot be used. No message repeats a value, which may be secret.
#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error("cannot be read: {0}")]
    Read(#[from] io::Error),
    #[error("is no file")]
    NotAFile,
    #[error("has more than {MAX_BYTES} bytes")]
    TooLong,
    #[error("is not UTF-8")]
    NotUtf8,
    #[error("line {line}: {message}")]
    Syntax { line: usize, message: String },
    #[error("there is no setting {key:?}; do you mean {nearest}?")]
    UnknownKey { key: String, nearest: String },
    #[error("{key}: must be {expected}")]
    WrongKind { key: String, expected: Kind },
    #[error("{key}: {reason}")]
    Invalid { key: String, reason: String },
    #[error("is empty")]
    Empty,
    #[error("others than its owner may read it: its mode is {0:o}; `chmod 600` on the file is the remedy")]
    Exposed(u32),
}

impl SettingsFile {
    /// Reads the named file, or the one in `/etc` if that exists, and checks it against the settings of `command`.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read, or holds what is no setting or no value of it.
    pub(crate) fn read(named: Option<&PathBuf>, command: &Cli) -> Result<Self, FileError> {
        let path = named.map_or(Path::new(DEFAULT_PATH), PathBuf::as_path);
        match open(path) {
            Err(Problem::Read(error)) if error.kind() == ErrorKind::NotFound && named.is_none() => Ok(Self::default()),
            opened => opened
                .and_then(|(_, text)| parse(&text, command))
                .map(|values| Self { path: Some(path.to_owned()), values })
                .map_err(|problem| FileError { path: path.to_owned(), problem }),
        }
    }
}

/// Reads the file that holds one secret, which nobody but its owner may read. The line's end is not part of the secret.
///
/// # Errors
/// Returns an error if the file cannot be read, others may read it, or it is empty.
pub(crate) fn read_secret(path: &Path) -> Result<String, FileError> {
    let secret = || {
        let (mode, text) = open(path)?;
        if mode & OTHERS_READ != 0 {
            return Err(Problem::Exposed(mode & 0o777));
        }
        let text = text.strip_suffix('\n').unwrap_or(&text);
        let text = text.strip_suffix('\r').unwrap_or(text).to_owned();
        if text.is_empty() {
            return Err(Problem::Empty);
        }
        Ok(text)
    };
    secret().map_err(|problem| FileError { path: path.to_owned(), problem })
}

/// Returns a file's mode and text.
fn open(path: &Path) -> Result<(u32, String), Problem> {
    // Opening a pipe would wait for somebody who writes.
    let kind = std::fs::metadata(path)?.file_type();
    if !kind.is_file() {
        return Err(Problem::NotAFile);
    }
    let file = File::open(path)?;
    let mode = file.metadata()?.mode();
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Problem::TooLong);
    }
    Ok((mode, String::from_utf8(bytes).map_err(|_| Problem::NotUtf8)?))
}

fn parse(text: &str, command: &Cli) -> Result<BTreeMap<String, Vec<String>>, Problem> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        Problem::Syntax { line: before.matches('\n').count() + 1, message: error.message().to_owned() }
    })?;
    let known: BTreeMap<_, _> =
        settings(command).map(|setting| (setting.key, setting)).filter(|(key, _)| *key != FILE).collect();
    let mut values = BTreeMap::new();
    for (key, value) in table {
        let Some(setting) = known.get(key.as_str()) else {
            let nearest = nearest(&key, known.keys().copied()).to_owned();
            return Err(Problem::UnknownKey { key, nearest });
        };
        let expected = setting.kind();
        let Some(texts) = expected.texts(&value) else {
            return Err(Problem::WrongKind { key, expected });
        };
        if let Err(reason) = setting.check(&texts) {
            return Err(Problem::Invalid { key, reason });
        }
        values.insert(key, texts);
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use clap::{Arg, ArgAction, value_parser};

    use super::*;

    fn command() -> Cli {
        Cli::new("x").args([
            Arg::new("one").long("one").env("ONE").value_parser(value_parser!(u16).range(1..)),
            Arg::new("many").long("many").env("MANY").action(ArgAction::Append),
            Arg::new("split").long("split").env("SPLIT").value_delimiter(','),
            Arg::new("word").long("word").env("WORD").value_parser(["text", "json"]),
            Arg::new("on").long("on").env("ON").action(ArgAction::SetTrue).value_parser(value_parser!(bool)),
            Arg::new("argument").long("argument"),
        ])
    }

    #[test]
    fn a_value_has_the_type_of_its_argument() {
        let text = "one = 7\nmany = ['a', 'b']\nsplit = []\nword = 'json'\non = true";
        let values = parse(text, &command()).unwrap();
        let expected =
            [("many", &["a", "b"][..]), ("on", &["true"]), ("one", &["7"]), ("split", &[]), ("word", &["json"])];
        let expected = expected.map(|(key, values)| (key.to_owned(), values.iter().map(ToString::to_string).collect()));
        assert_eq!(values, BTreeMap::from(expected));
        for (text, problem) in [
            ("one = '7'", "one: must be an integer"),
            ("one = 0", "one: 0 is not in 1..=65535"),
            ("many = 'a'", "many: must be a list of strings"),
            ("split = [1]", "split: must be a list of strings"),
            ("word = 'xml'", "word: must be one of text, json"),
            ("word = 1979-05-27", "word: must be a string in quotes"),
            ("on = 'true'", "on: must be true or false"),
            ("argument = 'a'", "there is no setting \"argument\"; do you mean many?"),
        ] {
            assert_eq!(parse(text, &command()).unwrap_err().to_string(), problem, "{text}");
        }
    }

    #[test]
    fn a_file_has_a_maximum_size() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let at_most = usize::try_from(MAX_BYTES).unwrap();
        io::Write::write_all(&mut file, &vec![b'#'; at_most]).unwrap();
        assert!(open(file.path()).is_ok());
        io::Write::write_all(&mut file, b"#").unwrap();
        assert!(matches!(open(file.path()), Err(Problem::TooLong)));
        assert!(matches!(open(Path::new("/dev/zero")), Err(Problem::NotAFile)));
        let row =
            format!("| A file with settings, or with a secret, bytes | {},{:03} |", MAX_BYTES / 1000, MAX_BYTES % 1000);
        assert!(include_str!("../../../../docs/limits.md").contains(&row), "{row}");
    }
}
