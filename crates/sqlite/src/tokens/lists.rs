//! Lists tokens: the personal ones of all users or of one user, and those of a project.

use release_links_domain::{ProjectId, UserId};
use release_links_ports::{Page, PageRequest, TokenFilter, TokenRecord};
use release_links_sql::paging::{clamped, limit_and_offset};
use release_links_sql::token_selection;
use release_links_sql::tokens::record;
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::query::{all, counted, statements};
use crate::tables::tokens::{OWNER_IS_THERE, PROJECT_IS_THERE, TOKENS};
use crate::tables::users::IS_THERE;

/// The tokens that match `$of` and the filter.
macro_rules! wanted {
    ($of:literal) => {
        concat!(
            " FROM ",
            TOKENS!(),
            " WHERE ",
            $of,
            " AND ",
            OWNER_IS_THERE!(),
            " AND (?4 IS NULL OR t.revoked = ?4)
            AND (?5 IS NULL OR (t.revoked = 0 AND (t.expires_on IS NULL OR t.expires_on > ?6)) = ?5)
            AND (?7 IS NULL OR instr(lower(t.name), lower(?7)) > 0)"
        )
    };
}

macro_rules! list {
    ($of:literal) => {
        concat!("SELECT ", token_selection!(), wanted!($of), " ORDER BY t.id LIMIT ?2 OFFSET ?3")
    };
}

macro_rules! count {
    ($of:literal) => {
        concat!("SELECT count(*) FROM (SELECT 1", wanted!($of), " LIMIT ?2 OFFSET ?3)")
    };
}

statements! {
    LIST_ALL = list!("t.id > ?1 AND t.kind = 'personal'");
    COUNT_ALL = count!("t.id > ?1 AND t.kind = 'personal'");
    LIST_OF_USER = list!("t.user_id = ?1 AND t.kind = 'personal'");
    COUNT_OF_USER = count!("t.user_id = ?1 AND t.kind = 'personal'");
    LIST_OF_PROJECT = list!("t.project_id = ?1 AND t.kind = 'project' AND t.revoked = 0 AND m.level IS NOT NULL");
    COUNT_OF_PROJECT = count!("t.project_id = ?1 AND t.kind = 'project' AND t.revoked = 0 AND m.level IS NOT NULL");
}

/// Returns a page of personal access tokens.
pub fn personal(conn: &Connection, filter: &TokenFilter, wanted: PageRequest) -> Result<Page<TokenRecord>, Failure> {
    match filter.user.map(UserId::get) {
        None => page_of(conn, [LIST_ALL, COUNT_ALL], 0, filter, wanted),
        Some(user) => page_of(conn, [LIST_OF_USER, COUNT_OF_USER], user, filter, wanted),
    }
}

/// Returns a page of a project's tokens.
pub fn of_project(
    conn: &Connection,
    project: ProjectId,
    filter: &TokenFilter,
    wanted: PageRequest,
) -> Result<Page<TokenRecord>, Failure> {
    page_of(conn, [LIST_OF_PROJECT, COUNT_OF_PROJECT], project.get(), filter, wanted)
}

fn page_of(
    conn: &Connection,
    [list, count]: [&str; 2],
    of: i64,
    filter: &TokenFilter,
    wanted: PageRequest,
) -> Result<Page<TokenRecord>, Failure> {
    let (active, today) = filter.active.map(|(active, today)| (active, today.to_string())).unzip();
    let (revoked, search) = (filter.revoked, &filter.search);
    let [limit, offset] = limit_and_offset(wanted);
    let rows = all(conn, list, params![of, limit, offset, revoked, active, today, search], |row| record(row, 0))?;
    Page::of(rows, wanted, |limit| {
        let values = params![of, clamped(limit), 0, revoked, active, today, search];
        counted(conn, count, values)
    })
}
