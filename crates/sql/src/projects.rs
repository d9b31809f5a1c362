//! The table of projects, and projects from its rows.

use release_links_domain::UserId;
use release_links_domain::access::Grants;
use release_links_domain::project::{Project, ProjectRules};
use release_links_ports::{ProjectDetails, ProjectFacts};

use crate::namespaces::{self, namespace};
use crate::{Cells, Column, SqlRow};

columns! {
    ($) project_columns = numbered "projects" {
        id: Integer read,
        namespace_id: Integer,
        name: Text read,
        path: Text read,
        visibility: Text read,
        archived: Boolean read,
        releases_access: Text read,
        creator_id: Integer read,
        since: Integer,
        created_at: Integer read,
    }
}

/// The full path of a project `p` in namespace `n`.
#[macro_export]
macro_rules! project_path {
    () => {
        "n.full_path || '/' || p.path"
    };
}

/// What deciding needs to know of a project `p` in namespace `n`, before what gives the viewer a level: as a member, as a
/// member of a group above, and whose own namespace it is.
#[macro_export]
macro_rules! project_facts {
    () => {
        concat!("p.id, p.visibility, p.archived, p.releases_access, ", $crate::project_path!())
    };
}

/// What is read of a project `p` in namespace `n` after the namespace with the viewer's level: before the viewer's level as
/// a member.
#[macro_export]
macro_rules! project_selection {
    () => {
        concat!($crate::project_columns!("p"), ", ", $crate::project_path!())
    };
}

const FULL_PATH: Column = Column { at: COUNT, name: "path" };
const DIRECT: Column = Column { at: COUNT + 1, name: "level of its members" };

/// The columns of a project's facts.
mod fact {
    use crate::Column;

    pub const VISIBILITY: Column = Column { at: 1, name: "visibility" };
    pub const ARCHIVED: Column = Column { at: 2, name: "archived" };
    pub const RELEASES: Column = Column { at: 3, name: "releases_access" };
    pub const FULL_PATH: Column = Column { at: 4, name: "path" };
    pub const DIRECT: Column = Column { at: 5, name: "level of its members" };
    pub const INHERITED: Column = Column { at: 6, name: "level of its groups' members" };
    pub const OWNER: Column = Column { at: 7, name: "user_id of its namespace" };
}

/// How many columns the facts of a project have with what gives the viewer a level.
pub const FACTS: usize = 8;

/// What deciding needs to know of a project, and what gives the viewer a level in it. The columns are those of
/// `project_facts!` and three more: the level as a member, the highest of those as a member of the groups above, and whose
/// own namespace the project stands in.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn facts<R: SqlRow>(row: &R, viewer: Option<UserId>) -> Result<(ProjectFacts, Grants), R::Failure> {
    let cells = Cells::new(row, TABLE.name, 0)?;
    let rules = ProjectRules {
        visibility: cells.text(fact::VISIBILITY)?,
        archived: cells.boolean(fact::ARCHIVED)?,
        releases: cells.text(fact::RELEASES)?,
    };
    let owner: Option<UserId> = cells.optional_number(fact::OWNER)?;
    let access = Grants {
        direct: cells.optional_number(fact::DIRECT)?,
        inherited: cells.optional_number(fact::INHERITED)?,
        owns_namespace: owner.is_some() && owner == viewer,
    };
    let facts = ProjectFacts { id: cells.id()?, full_path: cells.text(fact::FULL_PATH)?, rules, moved: false };
    Ok((facts, access))
}

/// A project with the viewer's levels in it. The columns, of which the first is column `at`, are those of its namespace with
/// the viewer's level, of `project_selection!`, and the viewer's level as a member.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn details<R: SqlRow>(row: &R, at: usize, viewer: Option<UserId>) -> Result<ProjectDetails, R::Failure> {
    let (namespace, access) = namespace(row, at, viewer)?;
    let cells = Cells::new(row, TABLE.name, at + namespaces::WITH_LEVEL)?;
    let project = Project {
        id: cells.id()?,
        name: cells.stored(COLUMNS.name)?,
        path: cells.text(COLUMNS.path)?,
        full_path: cells.text(FULL_PATH)?,
        namespace,
        rules: ProjectRules {
            visibility: cells.text(COLUMNS.visibility)?,
            archived: cells.boolean(COLUMNS.archived)?,
            releases: cells.text(COLUMNS.releases_access)?,
        },
        creator: cells.optional_number(COLUMNS.creator_id)?,
        created_at: cells.time(COLUMNS.created_at)?,
    };
    let access = Grants { direct: cells.optional_number(DIRECT)?, ..access };
    Ok(ProjectDetails { project, project_access: access.outside_groups(), group_access: access.inherited })
}
