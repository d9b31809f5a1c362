//! Where the first token of `root` goes: to the terminal or, as other streams end in logs, into a file of its own.

use std::error::Error;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, IsTerminal as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use release_links_usecases::Secret;

use crate::database::Database;

/// What is added to the name of a SQLite database.
const SUFFIX: &str = ".root-token";
/// The name of the file where the database is none.
const NAME: &str = "release-links.root-token";
/// The mode of a file that only its owner may use.
const PRIVATE: u32 = 0o600;

/// Gives the operator the token, and returns what to print on stdout about it.
///
/// # Errors
/// Returns a message for the operator if the file cannot be written.
pub(crate) fn hand_over(token: &Secret, database: &Database) -> Result<String, Box<dyn Error>> {
    let token = token.reveal();
    if io::stdout().is_terminal() {
        return Ok(format!("the administrator's name is root; its token, shown only now: {token}"));
    }
    let file = std::path::absolute(file(database))?;
    write(&file, token).map_err(|error| {
        let remedy = "for another, run `release-links token create --user root --scopes api` on this database";
        format!("cannot write the token of root to {}: {error}; {remedy}", file.display())
    })?;
    Ok(format!(
        "the administrator's name is root; its token is in {}: delete the file once you have it",
        file.display()
    ))
}

/// A file beside the database or, if that is on a server, in the service's own directory, which systemd names, or else
/// in the working directory.
fn file(database: &Database) -> PathBuf {
    match database {
        Database::Sqlite(path) => {
            let mut name = path.clone().into_os_string();
            name.push(SUFFIX);
            name.into()
        }
        Database::Postgres(_) => {
            let own = std::env::var_os("STATE_DIRECTORY").unwrap_or_default();
            // systemd separates several by colons.
            std::env::split_paths(&own).next().unwrap_or_default().join(NAME)
        }
    }
}

/// Replaces the file of an earlier database.
fn write(file: &Path, token: &str) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(PRIVATE).open(file)?;
    writeln!(file, "{token}")?;
    file.sync_all()
}
