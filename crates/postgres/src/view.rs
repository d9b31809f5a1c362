//! A project as one viewer stands in it, and what a request asks for there: one statement, so one moment and one round trip.

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

/// Where the columns of what was asked for begin.
pub const FOUND_AT: usize = projects::FACTS;
/// Where the total of a list stands, and the columns of its page begin, after what the list belongs to.
pub const TOTAL_AT: usize = FOUND_AT + 1;

/// A statement in both forms, by how a request names the project or group.
#[derive(Clone, Copy)]
pub struct Viewed {
    pub by_id: &'static str,
    pub by_path: &'static str,
}

impl Viewed {
    /// The form for this project and reader; `reaches` tells whether the reader's credential reaches the project.
    pub fn of(self, project: &ProjectRef, reader: Reader, reaches: bool) -> String {
        let sql = match project {
            ProjectRef::Id(_) => self.by_id,
            ProjectRef::Path(_) => self.by_path,
        };
        admission::to_project(sql, reader, reaches)
    }

    /// The form for this group.
    pub fn form(self, group: &GroupRef) -> &'static str {
        match group {
            GroupRef::Id(_) => self.by_id,
            GroupRef::Path(_) => self.by_path,
        }
    }
}

/// The levels that user `$2` has over project `p` as a member, and as a member of the groups above. Without a viewer, `$2` is
/// null and equals nothing.
/// `OFFSET 0` keeps the planner from working them out once for each place that asks for them.
macro_rules! held {
    () => {
        "CROSS JOIN LATERAL (SELECT
            (SELECT level FROM project_members WHERE project_id = p.id AND user_id = $2) AS direct,
            (SELECT max(m.level) FROM namespace_ancestors a JOIN group_members m
                ON m.group_id = a.ancestor_id AND m.user_id = $2 WHERE a.namespace_id = p.namespace_id) AS inherited
            OFFSET 0) held "
    };
}

/// Declares a statement on project `p` in both forms, from its columns after those of the project, its joins and its end. By
/// path it finds the project that has the path now: [`view`] looks for one that has left it.
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

/// Declares a statement that shows project `p` to viewer `$2` with what `$find` finds there: a select without its `SELECT`,
/// in which `$3` and further are its values. A project without any such row comes once, with nulls.
macro_rules! viewed {
    ($find:expr) => {
        $crate::view::on_project!(
            "found.*",
            concat!("LEFT JOIN LATERAL ", $crate::view::asked!("(SELECT ", $find, ")"), " found ON TRUE"),
            ""
        )
    };
}

/// A subquery that looks for nothing on behalf of a reader who is not admitted. `OFFSET 0` keeps the planner from moving the
/// question behind the search.
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

/// Declares a statement as [`viewed`] does, for a page of a list: `$columns` of each row `$of` the list in its `$order`,
/// `$3` to `$5` telling [which](crate::paging::values). `$holder` is the id of what the list belongs to, and may come by
/// further `$joins`.
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

/// Declares the statements of a file that show a project, and for tests the list of them all.
macro_rules! views {
    ($($(#[$meta:meta])* $name:ident = $viewed:expr;)+) => {
        $($(#[$meta])* pub const $name: $crate::view::Viewed = $viewed;)+

        #[cfg(test)]
        pub const VIEWS: &[$crate::view::Viewed] = &[$($name),+];
    };
}

views! {
    /// A project alone.
    FACTS = on_project!("NULL::bigint", "", "");
}

pub(crate) use {asked, held, on_project, viewed, viewed_page, views};

/// Whether the reader's credential reaches the project, where it reaches only one. A path takes a look-up.
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

/// The project and the rows that `sql` finds there, `values` being those from `$3` on; no rows when there is no project.
async fn rows(
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

/// A project, the reader's level in it, and what `read` makes of the rows found there for a reader who is admitted to it. An
/// address that a project has left counts only when no project has it now.
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
    let Some(moved) = moved_from(session, project).await? else { return Ok(None) };
    let sql = sql.of(&moved, reader, reaches(session, &moved, reader).await?);
    Ok(shown(&rows(session, &sql, &moved, reader, values).await?, reader, read)?.map(has_moved))
}

/// The project, by its id, that had the path last by which a request names one, when none has it now.
pub async fn moved_from(session: &Session, project: &ProjectRef) -> Result<Option<ProjectRef>, Failure> {
    match project {
        ProjectRef::Id(_) => Ok(None),
        ProjectRef::Path(path) => Ok(last_holder(session, path).await?.map(ProjectRef::Id)),
    }
}

/// The same view, of a project that was named by a path which it has left.
pub fn has_moved<T>(view: ProjectView<T>) -> ProjectView<T> {
    ProjectView { project: ProjectFacts { moved: true, ..view.project }, ..view }
}

/// As [`view`], of the project that has the path now alone, for statements that are sent together: `sql` is in its
/// [form](Viewed::of).
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

fn shown<T>(
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
