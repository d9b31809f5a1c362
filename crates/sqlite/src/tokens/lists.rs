//! Lists tokens: the personal ones of all users or of one user, and those of a project.

use jiff::civil::Date;
use release_links_domain::ProjectId;
use release_links_ports::{Page, PageRequest, TokenFilter, TokenOrder, TokenRecord};
use release_links_sql::paging::{clamped, limit_and_offset, milliseconds};
use release_links_sql::token_selection;
use release_links_sql::tokens::{order_by, record};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use crate::failure::Failure;
use crate::query::{all, counted};
use crate::tables::tokens::{BOT, OWNER_IS_THERE, PROJECT_IS_THERE};
use crate::tables::users::IS_THERE;

/// The condition of the filter on a token `t`.
macro_rules! FILTER {
    () => {
        concat!(
            " AND ",
            OWNER_IS_THERE!(),
            " AND (?4 IS NULL OR t.revoked = ?4)
            AND (?5 IS NULL OR (t.revoked = 0 AND (t.expires_on IS NULL OR t.expires_on > ?6)) = ?5)
            AND (?7 IS NULL OR instr(lower(t.name), lower(?7)) > 0)
            AND (?8 IS NULL OR t.created_at >= ?8) AND (?9 IS NULL OR t.created_at <= ?9)
            AND (?10 IS NULL OR t.last_used_at >= ?10) AND (?11 IS NULL OR t.last_used_at <= ?11)
            AND (?12 IS NULL OR t.expires_on >= ?12) AND (?13 IS NULL OR t.expires_on < ?13)"
        )
    };
}

const NAME: &str = "t.name COLLATE NOCASE";
const EXPIRY: &str = "ifnull(t.expires_on, '~')";
const LAST_USE: &str = "ifnull(t.last_used_at, 9223372036854775807)";

/// Whose tokens are listed.
#[derive(Clone, Copy)]
enum Of {
    All,
    User(i64),
    Project(i64),
}

impl Of {
    /// Returns the statements of a page and of its count. The list of all tokens has an index for each order, which the
    /// first condition selects. The tokens of one user or project are read through the index by user or project.
    fn statements(self, order: TokenOrder) -> [String; 2] {
        let (indexed, condition) = match self {
            Self::User(_) => ("", "t.user_id = ?1 AND t.kind = 'personal'"),
            Self::Project(_) => {
                ("", "t.project_id = ?1 AND t.kind = 'project' AND t.revoked = 0 AND m.level IS NOT NULL")
            }
            Self::All => match order {
                TokenOrder::CreatedAscending | TokenOrder::CreatedDescending => (
                    " INDEXED BY tokens_by_creation",
                    "?1 = 0 AND t.created_at >= -9223372036854775808 AND t.kind = 'personal'",
                ),
                TokenOrder::NameAscending | TokenOrder::NameDescending => {
                    (" INDEXED BY tokens_by_name", "?1 = 0 AND t.name COLLATE NOCASE >= '' AND t.kind = 'personal'")
                }
                TokenOrder::ExpiresAscending => (
                    " INDEXED BY tokens_by_expiry",
                    "?1 = 0 AND ifnull(t.expires_on, '~') >= '' AND t.kind = 'personal'",
                ),
                TokenOrder::ExpiresAscendingIdDescending => (
                    " INDEXED BY tokens_by_expiry_newest_first",
                    "?1 = 0 AND ifnull(t.expires_on, '~') >= '' AND t.kind = 'personal'",
                ),
                TokenOrder::LastUsedAscending | TokenOrder::LastUsedDescending => (
                    " INDEXED BY tokens_by_last_use",
                    "?1 = 0 AND ifnull(t.last_used_at, 9223372036854775807) >= -9223372036854775808 AND t.kind = 'personal'",
                ),
            },
        };
        let of = format!("FROM tokens t{indexed} {} WHERE {condition}{}", BOT!(), FILTER!());
        let order = order_by(order, [NAME, EXPIRY, LAST_USE]);
        [
            format!("SELECT {} {of} ORDER BY {order} LIMIT ?2 OFFSET ?3", token_selection!()),
            format!("SELECT count(*) FROM (SELECT 1 {of} LIMIT ?2 OFFSET ?3)"),
        ]
    }

    const fn id(self) -> i64 {
        match self {
            Self::All => 0,
            Self::User(id) | Self::Project(id) => id,
        }
    }
}

/// Returns the statements of the list of all tokens.
#[cfg(test)]
pub fn listings() -> Vec<String> {
    TokenOrder::ALL.iter().flat_map(|&order| Of::All.statements(order)).collect()
}

/// Returns the statements of the lists of one user's or project's tokens, which are few enough to sort.
#[cfg(test)]
pub fn sorted_listings() -> Vec<String> {
    TokenOrder::ALL
        .iter()
        .flat_map(|&order| [Of::User(1), Of::Project(1)].map(|of| of.statements(order)[0].clone()))
        .collect()
}

/// Returns a page of personal access tokens.
pub fn personal(conn: &Connection, filter: &TokenFilter, wanted: PageRequest) -> Result<Page<TokenRecord>, Failure> {
    page_of(conn, filter.user.map_or(Of::All, |user| Of::User(user.get())), filter, wanted)
}

/// Returns a page of a project's tokens.
pub fn of_project(
    conn: &Connection,
    project: ProjectId,
    filter: &TokenFilter,
    wanted: PageRequest,
) -> Result<Page<TokenRecord>, Failure> {
    page_of(conn, Of::Project(project.get()), filter, wanted)
}

fn page_of(conn: &Connection, of: Of, filter: &TokenFilter, wanted: PageRequest) -> Result<Page<TokenRecord>, Failure> {
    let [list, count] = of.statements(filter.order);
    let [limit, offset] = limit_and_offset(wanted);
    let rows = all(conn, &list, params_from_iter(values(of, [limit, offset], filter)), |row| record(row, 0))?;
    Page::of(rows, wanted, |limit| counted(conn, &count, params_from_iter(values(of, [clamped(limit), 0], filter))))
}

/// Returns the parameters of the statements.
fn values(of: Of, [limit, offset]: [i64; 2], filter: &TokenFilter) -> [Value; 13] {
    let day = |day: Option<Date>| Value::from(day.map(|day| day.to_string()));
    let (active, today) = filter.active.unzip();
    let [created_after, created_before] = milliseconds(filter.created).map(Value::from);
    let [used_after, used_before] = milliseconds(filter.last_used).map(Value::from);
    [
        of.id().into(),
        limit.into(),
        offset.into(),
        filter.revoked.into(),
        active.into(),
        day(today),
        filter.search.clone().into(),
        created_after,
        created_before,
        used_after,
        used_before,
        day(filter.expires_after),
        day(filter.expires_before),
    ]
}
