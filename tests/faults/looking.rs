//! Looking into the database file while the server runs.

use std::path::Path;

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
