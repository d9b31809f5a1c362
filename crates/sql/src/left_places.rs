//! The table of former addresses (`left_places`): which namespace or project had one, and for how long.

use release_links_domain::address::{Holder, Stay};
use release_links_domain::{NamespaceId, ProjectId};

use crate::{Cells, SqlRow};

mod paths;

pub use paths::Paths;

columns! {
    ($) place_columns = numbered "left_places" {
        id: Integer read,
        below: Integer read,
        segment: Text read,
        namespace_id: Integer,
        project_id: Integer,
        since: Integer read,
    }
}

/// The columns of a stay, after the row's number.
mod of_stay {
    use crate::Column;

    pub const BELOW: Column = Column { at: 1, name: "below" };
    pub const NAMESPACE: Column = Column { at: 2, name: "namespace_id" };
    pub const PROJECT: Column = Column { at: 3, name: "project_id" };
    pub const SINCE: Column = Column { at: 4, name: "since" };
    pub const UNTIL: Column = Column { at: 5, name: "id" };
}

/// The parent id of top-level paths.
pub const TOP: i64 = 0;

/// Reads a stay from its number in column `at`, the parent namespace, the namespace or project that stays there, and
/// the numbers of the moves that began and ended the stay.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn stay<R: SqlRow>(row: &R, at: usize) -> Result<Stay, R::Failure> {
    let cells = Cells::new(row, TABLE.name, at)?;
    let namespace: Option<NamespaceId> = cells.optional_number(of_stay::NAMESPACE)?;
    let project: Option<ProjectId> = cells.optional_number(of_stay::PROJECT)?;
    let holder = match (namespace, project) {
        (Some(namespace), _) => Holder::Namespace(namespace),
        (None, Some(project)) => Holder::Project(project),
        (None, None) => Holder::Nobody,
    };
    let is_at_top = cells.integer(of_stay::BELOW)? == TOP;
    Ok(Stay {
        below: if is_at_top { None } else { Some(cells.number(of_stay::BELOW)?) },
        holder,
        since: cells.integer(of_stay::SINCE)?,
        until: cells.optional_integer(of_stay::UNTIL)?,
    })
}

/// Returns the ids of the namespace and the project of a holder, at most one of which is set.
#[must_use]
pub fn holder_ids(holder: Holder) -> (Option<i64>, Option<i64>) {
    match holder {
        Holder::Namespace(namespace) => (Some(namespace.get()), None),
        Holder::Project(project) => (None, Some(project.get())),
        Holder::Nobody => (None, None),
    }
}

/// An address, as parent and segment, and the move since which its holder has it.
#[derive(Debug, Clone)]
pub struct Occupancy {
    /// The parent namespace, or [`TOP`].
    pub below: i64,
    /// The last segment of the path.
    pub segment: String,
    /// The number of the move that brought the holder there.
    pub since: i64,
}

/// Reads an occupancy from the columns after the id in column `at`: parent, segment and first move.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn occupancy<R: SqlRow>(row: &R, at: usize) -> Result<Occupancy, R::Failure> {
    let cells = Cells::new(row, TABLE.name, at)?;
    Ok(Occupancy {
        below: cells.integer(COLUMNS.below)?,
        segment: cells.string(COLUMNS.segment)?,
        since: cells.integer(COLUMNS.since)?,
    })
}

/// Like [`occupancy`], with the id of the row.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn left<R: SqlRow>(row: &R, at: usize) -> Result<(i64, Occupancy), R::Failure> {
    Ok((Cells::new(row, TABLE.name, at)?.integer(COLUMNS.id)?, occupancy(row, at)?))
}
