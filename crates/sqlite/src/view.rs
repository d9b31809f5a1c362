//! A project as one viewer stands in it: the statement that every request on a project begins with.

use release_links_domain::project::{ProjectRef, ProjectRules};
use release_links_domain::{ProjectId, UserId};
use release_links_ports::{ProjectFacts, ProjectView};
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::query::{first, statements};
use crate::rows::Cells;

/// The viewer's highest level over project `p` in namespace `n`: as a member, as a member of a group above, or as the one
/// whose own namespace it is. Without a viewer, `?2` is null and equals nothing.
macro_rules! project {
    (where $condition:literal, from $from:literal) => {
        concat!(
            "SELECT p.id, p.full_path, p.visibility, p.archived, p.releases_access, nullif(max(
                ifnull((SELECT level FROM project_members WHERE project_id = p.id AND user_id = ?2), 0),
                ifnull((SELECT max(m.level) FROM namespace_ancestors a CROSS JOIN group_members m
                    WHERE a.namespace_id = p.namespace_id AND m.group_id = a.ancestor_id AND m.user_id = ?2), 0),
                CASE WHEN n.user_id = ?2 THEN 50 ELSE 0 END), 0)
            FROM ",
            $from,
            " JOIN namespaces n ON n.id = p.namespace_id WHERE ",
            $condition
        )
    };
}

statements! {
    BY_ID = project!(where "p.id = ?1", from "projects p");
    BY_PATH = project!(where "p.full_path = ?1", from "projects p");
    BY_OLD_PATH = project!(where "o.old_path = ?1", from "moved_paths o JOIN projects p ON p.id = o.project_id");
}

/// A project, the viewer's level in it, and what `find` finds there. An address that a project has left counts only when no
/// project has it now.
pub fn view<T>(
    conn: &Connection,
    project: &ProjectRef,
    viewer: Option<UserId>,
    find: impl FnOnce(ProjectId) -> Result<T, Failure>,
) -> Result<Option<ProjectView<T>>, Failure> {
    let found = match project {
        ProjectRef::Id(id) => facts(conn, BY_ID, id.get(), viewer, false)?,
        ProjectRef::Path(path) => match facts(conn, BY_PATH, path.as_str(), viewer, false)? {
            None => facts(conn, BY_OLD_PATH, path.as_str(), viewer, true)?,
            found => found,
        },
    };
    let Some(view) = found else { return Ok(None) };
    let found = find(view.project.id)?;
    Ok(Some(ProjectView { project: view.project, level: view.level, found }))
}

fn facts(
    conn: &Connection,
    sql: &str,
    project: impl rusqlite::ToSql,
    viewer: Option<UserId>,
    moved: bool,
) -> Result<Option<ProjectView<()>>, Failure> {
    first(conn, sql, params![project, viewer.map(UserId::get)], |row| {
        let cells = Cells::new(row, "projects", 0)?;
        let rules = ProjectRules {
            visibility: cells.text(2, "visibility")?,
            archived: cells.raw(3, "archived")?,
            releases: cells.text(4, "releases_access")?,
        };
        let project = ProjectFacts { id: cells.id()?, full_path: cells.text(1, "full_path")?, rules, moved };
        Ok(ProjectView { project, level: cells.optional_number(5, "level of its members")?, found: () })
    })
}
