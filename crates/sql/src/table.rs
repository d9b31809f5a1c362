//! What a table is, and the values that its rows hold: the same in every SQL database.

/// A value as every database can keep it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// None.
    Null,
    /// A whole number.
    Integer(i64),
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Yes or no.
    Boolean(bool),
}

/// What the values of a column are, unless they are null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Whole numbers.
    Integer,
    /// Texts.
    Text,
    /// Bytes.
    Bytes,
    /// Yes or no.
    Boolean,
}

/// A table, its columns in the order in which rows hold them.
#[derive(Debug)]
pub struct Table {
    /// What it is called.
    pub name: &'static str,
    /// Each column's name and kind.
    pub columns: &'static [(&'static str, Kind)],
    /// How many columns, from the first on, tell one row from another and put them in order.
    pub key: usize,
    /// Whether the first column is an id that is handed out, never twice.
    pub numbered: bool,
}

impl Table {
    /// A table of which the first column is an id.
    pub(crate) const fn numbered(name: &'static str, columns: &'static [(&'static str, Kind)]) -> Self {
        Self { name, columns, key: 1, numbered: true }
    }

    /// A table of which the first two columns together tell one row from another.
    pub(crate) const fn paired(name: &'static str, columns: &'static [(&'static str, Kind)]) -> Self {
        Self { name, columns, key: 2, numbered: false }
    }

    /// The columns of the key.
    #[must_use]
    pub fn key(&self) -> &'static [(&'static str, Kind)] {
        self.columns.split_at(self.key.min(self.columns.len())).0
    }
}
