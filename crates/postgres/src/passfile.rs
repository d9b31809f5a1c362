//! libpq's password file, which keeps passwords out of URLs: lines of `host:port:database:user:password`.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// The permission bits of users other than the owner.
const OTHERS: u32 = 0o077;

/// What a line must match to give the password.
pub struct Login<'a> {
    pub host: &'a str,
    pub port: u16,
    pub database: &'a str,
    pub user: &'a str,
}

/// Reads a password file.
///
/// # Errors
/// An I/O error, also if others may read the file, which libpq does not use then either.
pub fn read(path: &Path) -> io::Result<String> {
    if fs::metadata(path)?.permissions().mode() & OTHERS != 0 {
        return Err(io::Error::other("others may read it; chmod 600 on the file prevents that"));
    }
    fs::read_to_string(path)
}

/// Returns the password of the first line that matches.
pub fn password(file: &str, login: &Login<'_>) -> Option<String> {
    let port = login.port.to_string();
    let wanted = [login.host, &port, login.database, login.user];
    file.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let [host, port, database, user, password] = fields(line)?;
        let matches =
            [host, port, database, user].iter().zip(wanted).all(|(field, wanted)| field == "*" || field == wanted);
        matches.then_some(password)
    })
}

/// Splits a line at its first four colons that no backslash precedes, and removes the backslashes.
fn fields(line: &str) -> Option<[String; 5]> {
    let mut fields = <[String; 5]>::default();
    let mut at = 0;
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match letter {
            ':' if at < 4 => at += 1,
            '\\' => fields[at].extend(letters.next()),
            letter => fields[at].push(letter),
        }
    }
    (at == 4).then_some(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(file: &str) -> Option<String> {
        password(file, &Login { host: "db.example.com", port: 5432, database: "links", user: "service" })
    }

    #[test]
    fn the_first_line_that_matches_gives_the_password() {
        let file = "#db.example.com:5432:links:service:comment\n\
            db.example.com:5433:links:service:port\n\
            db.example.com:*:links:service:first\n\
            *:*:*:*:second\n";
        assert_eq!(found(file).as_deref(), Some("first"));
        assert_eq!(found("db.example.com:5432:links:other:x\nnonsense\n*:*:*\n"), None);
    }

    #[test]
    fn a_backslash_makes_a_colon_part_of_its_field() {
        assert_eq!(found(r"*:*:*:*:a\:b\\c:d").as_deref(), Some(r"a:b\c:d"));
        let login = Login { host: "::1", port: 1, database: "a:b", user: r"c\d" };
        assert_eq!(password(r"\:\:1:1:a\:b:c\\d:yes", &login).as_deref(), Some("yes"));
    }

    #[test]
    fn a_file_that_others_may_read_is_not_used() {
        let path = std::env::temp_dir().join(format!("release-links-passfile-{}", std::process::id()));
        fs::write(&path, "*:*:*:*:x").unwrap();
        let read_with = |mode| {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            read(&path).map_err(|error| error.to_string())
        };
        let outcomes = [0o600, 0o640, 0o604].map(read_with);
        fs::remove_file(&path).unwrap();
        assert_eq!(outcomes[0].as_deref(), Ok("*:*:*:*:x"));
        assert!(outcomes[1..].iter().all(Result::is_err), "{outcomes:?}");
    }
}
