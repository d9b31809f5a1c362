//! The queue of pending deletions (`removals`), and the number of rows that one transaction deletes.

use crate::Kind::{Integer, Text};
use crate::{Cells, Column, SqlRow, Table};

/// The table, for copies.
pub const TABLE: Table = Table::numbered("removals", &[("id", Integer), ("kind", Text), ("target_id", Integer)]);

/// The number of releases whose links one statement deletes.
pub const RELEASES_AT_ONCE: i64 = 100;

/// The number of rows that hiding a bot writes.
pub const ROWS_OF_A_BOT: i64 = 5;

/// What is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removed {
    /// A project.
    Project,
    /// A group, or the namespace of a user.
    Namespace,
    /// A user.
    User,
}

impl Removed {
    /// Returns the value of the column `kind`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::Namespace => "namespace",
            Self::User => "user",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [Self::Project, Self::Namespace, Self::User].into_iter().find(|removed| removed.as_str() == word)
    }
}

/// A pending deletion: something hidden whose rows are not all deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Removal {
    /// The id of the row.
    pub id: i64,
    /// What kind of thing is deleted.
    pub removed: Removed,
    /// The id of what is deleted.
    pub target: i64,
}

/// Reads a removal from its id, kind and target, starting at column `at`.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn removal<R: SqlRow>(row: &R, at: usize) -> Result<Removal, R::Failure> {
    let cells = Cells::new(row, TABLE.name, at)?;
    Ok(Removal {
        id: cells.integer(Column { at: 0, name: "id" })?,
        removed: cells.word(Column { at: 1, name: "kind" }, Removed::from_word)?,
        target: cells.integer(Column { at: 2, name: "target_id" })?,
    })
}

/// The number of rows that a transaction may still change.
#[derive(Debug)]
pub struct Budget(i64);

impl Budget {
    /// Creates a budget of `rows` rows.
    #[must_use]
    pub const fn of(rows: i64) -> Self {
        Self(rows)
    }

    /// Returns the rest of the budget; zero or negative once it is spent.
    #[must_use]
    pub const fn left(&self) -> i64 {
        self.0
    }

    /// Returns whether any of the budget is left.
    #[must_use]
    pub const fn has_rows_left(&self) -> bool {
        self.0 > 0
    }

    /// Spends `rows` rows.
    pub const fn spend(&mut self, rows: i64) {
        self.0 -= rows;
    }

    /// Spends the rows that a statement changed.
    pub fn spend_changed(&mut self, rows: u64) {
        self.spend(i64::try_from(rows).unwrap_or(i64::MAX));
    }

    /// Spends the rest.
    pub const fn exhaust(&mut self) {
        self.0 = 0;
    }
}
