//! The table of links that lead to a file of their project.

use release_links_domain::file::{FileRef, Package};
use release_links_domain::link::Link;
use release_links_domain::{LinkId, ProjectId};
use release_links_sql::link_columns;
use release_links_sql::links::{COUNT as COLUMNS_OF_A_LINK, link};
use release_links_sql::paging;
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::query::{all, counted, exists, run, statements};

statements! {
    LEAD = "INSERT INTO links_to_files (link_id, project_id, file) VALUES (?1, ?2, ?3)
        ON CONFLICT (link_id) DO UPDATE SET file = excluded.file";
    UNLEAD = "DELETE FROM links_to_files WHERE link_id = ?1";
    OTHERS = "SELECT count(*) FROM (SELECT 1 FROM links_to_files WHERE project_id = ?1 AND file = ?2
        AND link_id IS NOT ?3 LIMIT ?4)";
    OF_FILE = concat!("SELECT ", link_columns!("l"), ", r.tag FROM links_to_files t CROSS JOIN links l CROSS JOIN releases r
        WHERE t.project_id = ?1 AND t.file = ?2 AND l.id = t.link_id AND r.id = l.release_id AND r.project_id = ?1
        ORDER BY t.link_id LIMIT ?3");
    // A name has no slash, so what follows the range's first text is one.
    PACKAGE_IS_PROTECTED = "SELECT 1 FROM links_to_files t CROSS JOIN links l CROSS JOIN releases r CROSS JOIN package_files f
        WHERE t.project_id = ?1 AND t.file >= ?3 AND t.file < ?4 AND l.id = t.link_id AND r.id = l.release_id
        AND r.project_id = ?1 AND r.immutable <> 0 AND f.package_id = ?2 AND f.name = substr(t.file, length(?3) + 1)";
    IS_PROTECTED = "SELECT 1 FROM links_to_files t CROSS JOIN links l CROSS JOIN releases r
        WHERE t.project_id = ?1 AND t.file = ?2 AND l.id = t.link_id AND r.id = l.release_id AND r.project_id = ?1
        AND r.immutable <> 0";
}

/// Returns how many links follow a file at most, as a limit.
fn most() -> i64 {
    paging::clamped(Link::MAX_OF_A_FILE as u64)
}

/// Records which file a link leads to, if any.
pub fn lead(conn: &Connection, project: ProjectId, link: LinkId, file: Option<&FileRef>) -> Result<(), Failure> {
    match file {
        Some(file) => run(conn, LEAD, params![link.get(), project.get(), file.to_string()]),
        None => run(conn, UNLEAD, params![link.get()]),
    }
}

/// Returns whether so many links other than this one follow a file that no more do.
pub fn is_full(conn: &Connection, project: ProjectId, file: &FileRef, but: Option<LinkId>) -> Result<bool, Failure> {
    let values = params![project.get(), file.to_string(), but.map(LinkId::get), most()];
    Ok(paging::clamped(counted(conn, OTHERS, values)?) >= most())
}

/// Returns the links that lead to a file, each with the tag of its release.
pub fn of_file(conn: &Connection, project: ProjectId, file: &FileRef) -> Result<Vec<(Link, String)>, Failure> {
    all(conn, OF_FILE, params![project.get(), file.to_string(), most()], |row| {
        Ok((link(row, 0)?, row.get(COLUMNS_OF_A_LINK)?))
    })
}

/// Returns whether a link of an immutable release leads to a file.
pub fn is_protected(conn: &Connection, project: ProjectId, file: &FileRef) -> Result<bool, Failure> {
    exists(conn, IS_PROTECTED, params![project.get(), file.to_string()])
}

/// Returns whether a link of an immutable release leads to a file of a package.
pub fn package_is_protected(conn: &Connection, project: ProjectId, package: &Package) -> Result<bool, Failure> {
    let [first, end] = package.file_refs();
    exists(conn, PACKAGE_IS_PROTECTED, params![project.get(), package.id.get(), first, end])
}
