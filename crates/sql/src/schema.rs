//! The tables of a store, and the values that their rows hold: the same in every SQL database.

use Kind::{Boolean, Bytes, Integer, Text};

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
    const fn numbered(name: &'static str, columns: &'static [(&'static str, Kind)]) -> Self {
        Self { name, columns, key: 1, numbered: true }
    }

    const fn paired(name: &'static str, columns: &'static [(&'static str, Kind)]) -> Self {
        Self { name, columns, key: 2, numbered: false }
    }

    /// The columns of the key.
    #[must_use]
    pub fn key(&self) -> &'static [(&'static str, Kind)] {
        self.columns.split_at(self.key.min(self.columns.len())).0
    }
}

/// Every table, in an order in which rows find those that they refer to; within a table, the order of keys does the same.
pub const TABLES: &[Table] = &[
    Table::numbered(
        "users",
        &[
            ("id", Integer),
            ("name", Text),
            ("email", Text),
            ("administrator", Boolean),
            ("bot", Boolean),
            ("created_at", Integer),
        ],
    ),
    Table::numbered(
        "namespaces",
        &[
            ("id", Integer),
            ("parent_id", Integer),
            ("user_id", Integer),
            ("name", Text),
            ("path", Text),
            ("full_path", Text),
            ("visibility", Text),
            ("since", Integer),
            ("created_at", Integer),
        ],
    ),
    Table::paired("namespace_ancestors", &[("namespace_id", Integer), ("ancestor_id", Integer)]),
    Table::paired(
        "group_members",
        &[("group_id", Integer), ("user_id", Integer), ("level", Integer), ("created_at", Integer)],
    ),
    Table::numbered(
        "projects",
        &[
            ("id", Integer),
            ("namespace_id", Integer),
            ("name", Text),
            ("path", Text),
            ("visibility", Text),
            ("archived", Boolean),
            ("releases_access", Text),
            ("creator_id", Integer),
            ("since", Integer),
            ("created_at", Integer),
        ],
    ),
    Table::paired(
        "project_members",
        &[("project_id", Integer), ("user_id", Integer), ("level", Integer), ("created_at", Integer)],
    ),
    Table::numbered(
        "left_places",
        &[
            ("id", Integer),
            ("below", Integer),
            ("segment", Text),
            ("namespace_id", Integer),
            ("project_id", Integer),
            ("since", Integer),
        ],
    ),
    Table::numbered("removals", &[("id", Integer), ("kind", Text), ("target_id", Integer)]),
    Table::numbered(
        "tags",
        &[
            ("id", Integer),
            ("project_id", Integer),
            ("name", Text),
            ("message", Text),
            ("target", Text),
            ("created_at", Integer),
        ],
    ),
    Table::numbered(
        "releases",
        &[
            ("id", Integer),
            ("project_id", Integer),
            ("tag_id", Integer),
            ("tag", Text),
            ("name", Text),
            ("description", Text),
            ("created_at", Integer),
            ("released_at", Integer),
            ("author_id", Integer),
        ],
    ),
    Table::numbered(
        "links",
        &[
            ("id", Integer),
            ("project_id", Integer),
            ("release_id", Integer),
            ("name", Text),
            ("url", Text),
            ("path", Text),
            ("link_type", Text),
        ],
    ),
    Table::numbered(
        "protected_tags",
        &[("id", Integer), ("project_id", Integer), ("pattern", Text), ("create_level", Integer)],
    ),
    Table::numbered(
        "tokens",
        &[
            ("id", Integer),
            ("kind", Text),
            ("digest", Bytes),
            ("user_id", Integer),
            ("project_id", Integer),
            ("name", Text),
            ("scopes", Text),
            ("created_at", Integer),
            ("last_used_at", Integer),
            ("expires_on", Text),
            ("ends_at", Integer),
            ("revoked", Boolean),
        ],
    ),
];
