//! Looking into the database file, and the folder of files, while the server runs.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rusqlite::{Connection, OpenFlags};

/// The links whose last row of the history does not tell their values, and the rows that tell of a link or release that is
/// there, or gone, otherwise than it is.
const UNTOLD: &str = "
    SELECT 'link ' || l.id || ' is not as its last row says' FROM links l LEFT JOIN history h
        ON h.project_id = l.project_id AND h.seq = (SELECT max(seq) FROM history WHERE project_id = l.project_id
            AND link_id = l.id)
        WHERE h.after_name IS NOT l.name OR h.after_url IS NOT l.url OR h.after_path IS NOT l.path
            OR h.after_type IS NOT l.link_type OR h.after_digest IS NOT l.digest OR h.after_size IS NOT l.size
    UNION ALL SELECT 'row ' || h.seq || ' of project ' || h.project_id || ' tells of a link that is not there' FROM history h
        WHERE h.after_url IS NOT NULL AND NOT EXISTS (SELECT 1 FROM links WHERE id = h.link_id)
            AND NOT EXISTS (SELECT 1 FROM history later WHERE later.project_id = h.project_id AND later.seq > h.seq
                AND later.link_id = h.link_id)
    UNION ALL SELECT 'release ' || r.tag || ' of project ' || r.project_id || ' is not as its last row says' FROM releases r
        WHERE 'release.delete' IS (SELECT action FROM history WHERE project_id = r.project_id AND tag = r.tag
            AND action LIKE 'release.%' ORDER BY seq DESC LIMIT 1)
    UNION ALL SELECT 'the rows of project ' || project_id || ' have a gap' FROM history GROUP BY project_id
        HAVING count(*) <> max(seq)";

/// How many rows the history of a project has.
pub fn rows_of_history(database: &Path, project: u64) -> u64 {
    let conn = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let rows: i64 = conn
        .query_row("SELECT count(*) FROM history WHERE project_id = ?1", [project.cast_signed()], |row| row.get(0))
        .unwrap();
    rows.unsigned_abs()
}

/// What is wrong with a file: what `SQLite` itself finds, and what its history does not tell.
pub fn complaints(database: &Path) -> Vec<String> {
    let conn = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut complaints = Vec::new();
    for pragma in ["PRAGMA integrity_check", "PRAGMA foreign_key_check"] {
        let mut statement = conn.prepare(pragma).unwrap();
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
        complaints.extend(rows.map(Result::unwrap).filter(|row| row != "ok"));
    }
    let mut statement = conn.prepare(UNTOLD).unwrap();
    complaints.extend(statement.query_map([], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap));
    complaints
}

/// The folder of the server's files, as far as it was looked at.
pub struct Folder {
    path: PathBuf,
    seen: BTreeSet<PathBuf>,
}

impl Folder {
    /// The one that is beside a database.
    pub fn beside(database: &Path) -> Self {
        Self { path: database.with_file_name("files"), seen: BTreeSet::new() }
    }

    /// Everything in the folder but the mark of the database.
    fn files(&self) -> BTreeSet<PathBuf> {
        let within = |directory: &Path| -> Vec<PathBuf> {
            let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
            entries.map(|entry| entry.unwrap().path()).collect()
        };
        let folders = within(&self.path).into_iter().filter(|folder| !folder.ends_with("database"));
        folders.flat_map(|directory| within(&directory)).collect()
    }

    /// Tells which rows of the database name bytes that are not there or, of those that were not looked at before, have another
    /// digest. Also returns the files that no row names.
    pub fn compare(&mut self, database: &Path) -> (Vec<String>, Vec<PathBuf>) {
        let conn = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        let mut statement = conn.prepare("SELECT key, sha256, size FROM file_bytes").unwrap();
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let rows: Vec<(String, String, i64)> = statement.query_map([], row).unwrap().map(Result::unwrap).collect();
        let (mut left, mut complaints, mut unseen) = (self.files(), Vec::new(), Vec::new());
        for (key, sha256, size) in rows {
            let path = self.path.join(&key[..2]).join(&key);
            let found = fs::metadata(&path).map(|file| file.len().cast_signed()).ok();
            if !left.remove(&path) || found != Some(size) {
                complaints.push(format!("{key} has {found:?} bytes instead of {size}"));
            } else if self.seen.insert(path.clone()) {
                unseen.push((path, sha256));
            }
        }
        for some in unseen.chunks(500) {
            let told = Command::new("sha256sum").args(some.iter().map(|(path, _)| path)).output().unwrap();
            let told = String::from_utf8(told.stdout).unwrap();
            let lines: Vec<_> = some.iter().map(|(path, sha256)| format!("{sha256}  {}", path.display())).collect();
            if !told.lines().eq(&lines) {
                complaints.push(format!("other bytes: {told} instead of {lines:?}"));
            }
        }
        (complaints, left.into_iter().collect())
    }
}
