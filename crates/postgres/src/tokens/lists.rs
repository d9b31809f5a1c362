//! Lists tokens: the personal ones of all users or of one user, and those of a project.

use release_links_domain::access::Reader;
use release_links_domain::project::ProjectRef;
use release_links_ports::{Page, PageRequest, ProjectView, TokenFilter, TokenRecord};
use release_links_sql::token_selection;
use release_links_sql::tokens::record;

use crate::failure::Failure;
use crate::paging::{self, paged};
use crate::query::{Session, Values, statements};
use crate::rows::Row;
use crate::tables::tokens::{BOT, IN_FORCE, OWNER_IS_THERE};
use crate::view::{TOTAL_AT, view, viewed_page, views};

/// The tokens that match `$of` and the filter. `$revoked` is the part of the filter that `$6` to `$8` do not cover.
macro_rules! wanted {
    ($of:expr, $revoked:literal) => {
        concat!(
            "tokens t ",
            BOT!(),
            " WHERE ",
            $of,
            " AND ",
            OWNER_IS_THERE!(),
            " AND (",
            $revoked,
            "::boolean IS NULL OR t.revoked = ",
            $revoked,
            ") AND ($6::boolean IS NULL
                OR (NOT t.revoked AND (t.expires_on IS NULL OR t.expires_on > $7 COLLATE \"C\")) = $6)
            AND ($8::text IS NULL OR position(lower($8 COLLATE \"C\") IN lower(t.name)) > 0)"
        )
    };
}

views! {
    LIST_OF_PROJECT = viewed_page!(token_selection!(), of wanted!(concat!("t.project_id = p.id AND ", IN_FORCE!()), "$9"),
        by "t.id");
}

statements! {
    LIST_ALL = paged!(token_selection!(), of wanted!("t.id > $1 AND t.kind = 'personal'", "$2"), by "t.id");
    LIST_OF_USER = paged!(token_selection!(), of wanted!("t.user_id = $1 AND t.kind = 'personal'", "$2"), by "t.id");
}

/// Returns a page of personal access tokens.
pub async fn personal(
    session: &Session,
    filter: &TokenFilter,
    wanted: PageRequest,
) -> Result<Page<TokenRecord>, Failure> {
    let (list, of) = filter.user.map_or((LIST_ALL, 0), |user| (LIST_OF_USER, user.get()));
    let [limit, offset, counted] = paging::values(wanted);
    let (active, today) = active(filter);
    let values: Values<'_> = &[&of, &filter.revoked, &limit, &offset, &counted, &active, &today, &filter.search];
    paging::read(&session.rows(list, values).await?, 0, wanted, record)
}

/// Returns a page of a project's tokens.
pub async fn of_project(
    session: &Session,
    project: &ProjectRef,
    reader: Reader,
    filter: &TokenFilter,
    wanted: PageRequest,
) -> Result<Option<ProjectView<Page<TokenRecord>>>, Failure> {
    let [limit, offset, counted] = paging::values(wanted);
    let (active, today) = active(filter);
    let values: Values<'_> = &[&limit, &offset, &counted, &active, &today, &filter.search, &filter.revoked];
    let read = |rows: &[Row]| paging::read(rows, TOTAL_AT, wanted, record).map(Some);
    view(session, LIST_OF_PROJECT, project, reader, values, read).await
}

fn active(filter: &TokenFilter) -> (Option<bool>, Option<String>) {
    filter.active.map(|(active, today)| (active, today.to_string())).unzip()
}
