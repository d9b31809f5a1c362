//! Tables and their values, independent of the database.

/// A value that every database can store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// SQL's `NULL`.
    Null,
    /// An integer.
    Integer(i64),
    /// A text.
    Text(String),
    /// A byte string.
    Bytes(Vec<u8>),
    /// A boolean.
    Boolean(bool),
}

/// The type of a column's values, which may also be null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Integers.
    Integer,
    /// Texts.
    Text,
    /// A byte string.
    Bytes,
    /// A boolean.
    Boolean,
}

/// A table, with its columns in the order of its rows.
#[derive(Debug)]
pub struct Table {
    /// The name.
    pub name: &'static str,
    /// Each column's name and kind.
    pub columns: &'static [(&'static str, Kind)],
    /// The number of leading columns that form the primary key.
    pub key: usize,
    /// Whether the first column is an id that the database assigns and never assigns twice.
    pub numbered: bool,
}

impl Table {
    /// Declares a table whose primary key is an assigned id.
    pub(crate) const fn numbered(name: &'static str, columns: &'static [(&'static str, Kind)]) -> Self {
        Self { name, columns, key: 1, numbered: true }
    }

    /// Declares a table whose primary key is its first two columns.
    pub(crate) const fn paired(name: &'static str, columns: &'static [(&'static str, Kind)]) -> Self {
        Self { name, columns, key: 2, numbered: false }
    }

    /// Declares a table whose primary key is its first `key` columns.
    pub(crate) const fn keyed(name: &'static str, key: usize, columns: &'static [(&'static str, Kind)]) -> Self {
        Self { name, columns, key, numbered: false }
    }

    /// Returns the columns of the primary key.
    #[must_use]
    pub fn key(&self) -> &'static [(&'static str, Kind)] {
        self.columns.split_at(self.key.min(self.columns.len())).0
    }
}
