//! Views of a project: loads it with the viewer's level and what a request asks for in it, in one statement, so in one
//! snapshot and one round trip.

use release_links_domain::UserId;
use release_links_domain::access::Reader;
use release_links_domain::namespace::GroupRef;
use release_links_domain::project::ProjectRef;
use release_links_ports::{ProjectFacts, ProjectView};
use release_links_sql::projects::{self, facts};
use tokio_postgres::types::ToSql;

use crate::admission;
use crate::failure::Failure;
use crate::query::{Session, Values};
use crate::rows::Row;
use crate::tables::left_places::last_holder;

/// The first column of what the request asks for.
pub const FOUND_AT: usize = projects::FACTS;
/// The column of a list's total, after the id of what the list belongs to. The columns of its page follow.
pub const TOTAL_AT: usize = FOUND_AT + 1;

/// The levels of user `$2` in project `p`: as a direct member, and as a member of an ancestor group. `OFFSET 0` keeps the planner from computing them once for each use.
macro_rules! held {
    () => {
        "CROSS JOIN LATERAL (SELECT
            (SELECT level FROM project_members WHERE project_id = p.id AND user_id = $2) AS direct,
            (SELECT max(m.level) FROM namespace_ancestors a JOIN group_members m
                ON m.group_id = a.ancestor_id AND m.user_id = $2 WHERE a.namespace_id = p.namespace_id) AS inherited
            OFFSET 0) held "
    };
}

/// The same without a viewer, who has none: `$2` is null. It saves PostgreSQL looking for memberships.
const NONE_HELD: &str = "CROSS JOIN (SELECT $2::bigint AS direct, NULL::bigint AS inherited) held ";

/// A statement in two forms, for requests that name the project or group by id or by path.
#[derive(Clone, Copy)]
pub struct Viewed {
    pub by_id: &'static str,
    pub by_path: &'static str,
}

impl Viewed {
    /// Returns the form for this project and reader. `reaches` tells whether the reader's credential is valid for the
    /// project.
    pub fn of(self, project: &ProjectRef, reader: Reader, reaches: bool) -> String {
        let sql = match project {
            ProjectRef::Id(_) => self.by_id,
            ProjectRef::Path(_) => self.by_path,
        };
        match reader.user {
            None => admission::to_project(&sql.replace(held!(), NONE_HELD), reader, reaches),
            Some(_) => admission::to_project(sql, reader, reaches),
        }
    }

    /// Returns the form for this group.
    pub fn form(self, group: &GroupRef) -> &'static str {
        match group {
            GroupRef::Id(_) => self.by_id,
            GroupRef::Path(_) => self.by_path,
        }
    }
}

/// Declares a statement on project `p` in both forms, from the columns after the project's, the joins and the end. The
/// form by path finds a project only by its current path; [`view`] also resolves former ones.
macro_rules! on_project {
    ($columns:expr, $joins:expr, $end:expr) => {
        $crate::view::Viewed {
            by_id: concat!(
                "SELECT ",
                release_links_sql::project_facts!(),
                ", held.direct, held.inherited, n.user_id, ",
                $columns,
                " FROM projects p JOIN namespaces n ON n.id = p.namespace_id ",
                $crate::view::held!(),
                $joins,
                " WHERE p.id = $1 AND n.full_path IS NOT NULL ",
                $end
            ),
            by_path: concat!(
                "SELECT ",
                release_links_sql::project_facts!(),
                ", held.direct, held.inherited, n.user_id, ",
                $columns,
                " FROM projects p JOIN namespaces n ON n.id = p.namespace_id ",
                $crate::view::held!(),
                $joins,
                " WHERE lower(n.full_path) = lower(left($1 COLLATE \"C\", -strpos(reverse($1), '/')))
                    AND lower(p.path) = lower(right($1 COLLATE \"C\", strpos(reverse($1), '/') - 1)) ",
                $end
            ),
        }
    };
}

/// Declares a statement that returns project `p` for viewer `$2` with what `$find` finds in it: a select without its
/// `SELECT`, with parameters from `$3` on. If that finds no row, the project has one row, with nulls.
macro_rules! viewed {
    ($find:expr) => {
        $crate::view::on_project!(
            "found.*",
            concat!("LEFT JOIN LATERAL ", $crate::view::asked!("(SELECT ", $find, ")"), " found ON TRUE"),
            ""
        )
    };
}

/// A subquery that finds nothing for a reader who is not admitted. `OFFSET 0` keeps the planner from searching before
/// it checks admission.
macro_rules! asked {
    ($($subquery:expr),+) => {
        concat!(
            "(SELECT asked.* FROM ",
            $($subquery,)+
            " asked WHERE ",
            $crate::admission::admitted!(),
            " OFFSET 0)"
        )
    };
}

/// Declares a statement like [`viewed`], for a page of a list: `$columns` of each row `$of` the list in its `$order`,
/// with `$3` to `$5` selecting [which rows](crate::paging::values). `$holder` is the id of what the list belongs to,
/// and may need further `$joins`.
macro_rules! viewed_page {
    ($columns:expr, of $of:expr, by $order:expr) => {
        $crate::view::viewed_page!($columns, of $of, by $order, in "p.id" "")
    };
    ($columns:expr, of $of:expr, by $order:expr, in $holder:literal $joins:expr) => {
        $crate::view::on_project!(
            concat!(
                $holder,
                ", CASE WHEN ",
                $crate::admission::admitted!(),
                " THEN ",
                $crate::paging::total!($of),
                " END, page.*"
            ),
            concat!(
                $joins,
                " LEFT JOIN LATERAL ",
                $crate::view::asked!($crate::paging::page!($columns, $of, $order)),
                " page ON TRUE"
            ),
            "ORDER BY page.number"
        )
    };
}

/// Declares the views of a file as constants and, for tests, a list of all of them.
macro_rules! views {
    ($($(#[$meta:meta])* $name:ident = $viewed:expr;)+) => {
        $($(#[$meta])* pub const $name: $crate::view::Viewed = $viewed;)+

        #[cfg(test)]
        pub const VIEWS: &[$crate::view::Viewed] = &[$($name),+];
    };
}

views! {
    /// A project without anything in it.
    FACTS = on_project!("NULL::bigint", "", "");
}

pub(crate) use {asked, held, on_project, viewed, viewed_page, views};

/// Returns whether the reader's credential, if limited to one project, is valid for this one. Looks up the project if
/// it is named by path.
pub async fn reaches(session: &Session, project: &ProjectRef, reader: Reader) -> Result<bool, Failure> {
    match (reader.only, project) {
        (None, _) => Ok(true),
        (Some(only), ProjectRef::Id(id)) => Ok(only == *id),
        (Some(only), ProjectRef::Path(_)) => {
            let found = rows(session, &FACTS.of(project, reader, false), project, reader, &[]).await?;
            Ok(found.first().map(|row| facts(row, None)).transpose()?.is_some_and(|(project, _)| project.id == only))
        }
    }
}

/// Returns the project and the rows that `sql` finds in it, with `values` as its parameters from `$3` on. There are no
/// rows if there is no project.
pub async fn rows(
    session: &Session,
    sql: &str,
    project: &ProjectRef,
    reader: Reader,
    values: Values<'_>,
) -> Result<Vec<Row>, Failure> {
    let viewer = reader.user.map(UserId::get);
    let by_id;
    let by_path;
    let named: &(dyn ToSql + Sync) = match project {
        ProjectRef::Id(id) => {
            by_id = id.get();
            &by_id
        }
        ProjectRef::Path(path) => {
            by_path = path.as_str();
            &by_path
        }
    };
    let mut all: Vec<&(dyn ToSql + Sync)> = vec![named, &viewer];
    all.extend_from_slice(values);
    session.rows(sql, &all).await
}

/// Returns a project, the reader's level in it and, if the reader is admitted to it, the result of `read` for the rows
/// found in it. A former address of a project counts only if no project has it now.
pub async fn view<T>(
    session: &Session,
    sql: Viewed,
    project: &ProjectRef,
    reader: Reader,
    values: Values<'_>,
    read: impl FnOnce(&[Row]) -> Result<Option<T>, Failure>,
) -> Result<Option<ProjectView<T>>, Failure> {
    let reached = reaches(session, project, reader).await?;
    let found = rows(session, &sql.of(project, reader, reached), project, reader, values).await?;
    if !found.is_empty() {
        return shown(&found, reader, read);
    }
    view_moved(session, sql, project, reader, values, read).await
}

/// Like [`view`], for a project that is not found by what the request calls it.
pub async fn view_moved<T>(
    session: &Session,
    sql: Viewed,
    project: &ProjectRef,
    reader: Reader,
    values: Values<'_>,
    read: impl FnOnce(&[Row]) -> Result<Option<T>, Failure>,
) -> Result<Option<ProjectView<T>>, Failure> {
    let Some(moved) = moved_from(session, project).await? else { return Ok(None) };
    let sql = sql.of(&moved, reader, reaches(session, &moved, reader).await?);
    Ok(shown(&rows(session, &sql, &moved, reader, values).await?, reader, read)?.map(has_moved))
}

/// Returns, by id, the project that last had the path that a request names, for a path that no project has now.
pub async fn moved_from(session: &Session, project: &ProjectRef) -> Result<Option<ProjectRef>, Failure> {
    match project {
        ProjectRef::Id(_) => Ok(None),
        ProjectRef::Path(path) => Ok(last_holder(session, path).await?.map(ProjectRef::Id)),
    }
}

/// Marks a view as found through a former path.
pub fn has_moved<T>(view: ProjectView<T>) -> ProjectView<T> {
    ProjectView { project: ProjectFacts { moved: true, ..view.project }, ..view }
}

/// Like [`view`], but finds a project only by its current path, for statements that are sent together. `sql` is already
/// in its [form](Viewed::of).
pub async fn view_now<T>(
    session: &Session,
    sql: &str,
    project: &ProjectRef,
    reader: Reader,
    values: Values<'_>,
    read: impl FnOnce(&[Row]) -> Result<Option<T>, Failure>,
) -> Result<Option<ProjectView<T>>, Failure> {
    shown(&rows(session, sql, project, reader, values).await?, reader, read)
}

/// Returns the project in these rows, of which there are none if there is no project.
pub fn shown<T>(
    rows: &[Row],
    reader: Reader,
    read: impl FnOnce(&[Row]) -> Result<Option<T>, Failure>,
) -> Result<Option<ProjectView<T>>, Failure> {
    let Some(first) = rows.first() else { return Ok(None) };
    let (project, access) = facts(first, reader.user)?;
    let (level, there_are_none) = (access.level(), !first.holds(FOUND_AT)?);
    let admitted = reader.is_admitted_to(project.id, project.rules, level);
    let found = if admitted { read(if there_are_none { &[] } else { rows })? } else { None };
    Ok(Some(ProjectView { project, level, found }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use release_links_domain::access::Admission;

    #[test]
    fn no_memberships_are_read_for_a_reader_without_a_user() {
        let anonymous = Reader::anonymous(Admission::SeeProject);
        let user = Reader { user: Some(2.try_into().unwrap()), ..anonymous };
        for project in [ProjectRef::Id(1.try_into().unwrap()), ProjectRef::Path("g/p".parse().unwrap())] {
            assert!(FACTS.of(&project, user, true).contains("members"));
            assert!(!FACTS.of(&project, anonymous, true).contains("members"));
        }
    }
}
