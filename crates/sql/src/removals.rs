//! The table of what was removed and is still to be deleted, and how much of it is deleted at a time.

use crate::Kind::{Integer, Text};
use crate::{Cells, Column, SqlRow, Table};

/// The table, for copies.
pub const TABLE: Table = Table::numbered("removals", &[("id", Integer), ("kind", Text), ("target_id", Integer)]);

/// How many releases are looked at for links together.
pub const RELEASES_AT_ONCE: i64 = 100;

/// How many rows it takes to hide a bot.
pub const ROWS_OF_A_BOT: i64 = 5;

/// What is removed.
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
    /// The word that storage uses.
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

/// Something removed, of which not everything is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Removal {
    /// The id of the row.
    pub id: i64,
    /// What was removed.
    pub removed: Removed,
    /// The id of that.
    pub target: i64,
}

/// A removal from its id, kind and target, of which the first is column `at`.
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

/// How many rows may still be deleted by one transaction.
#[derive(Debug)]
pub struct Budget(i64);

impl Budget {
    /// So many.
    #[must_use]
    pub const fn of(rows: i64) -> Self {
        Self(rows)
    }

    /// How many are left; none, or less, when it is spent.
    #[must_use]
    pub const fn left(&self) -> i64 {
        self.0
    }

    /// Whether any are left.
    #[must_use]
    pub const fn lasts(&self) -> bool {
        self.0 > 0
    }

    /// Spends some.
    pub const fn spend(&mut self, rows: i64) {
        self.0 -= rows;
    }

    /// Spends as many as a statement changed.
    pub fn spend_changed(&mut self, rows: u64) {
        self.spend(i64::try_from(rows).unwrap_or(i64::MAX));
    }

    /// Spends what is left.
    pub const fn exhaust(&mut self) {
        self.0 = 0;
    }
}
