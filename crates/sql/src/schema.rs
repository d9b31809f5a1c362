//! Every table of a store.

use crate::Kind::Integer;
use crate::{
    Table, left_places, links, members, namespaces, projects, protected_tags, releases, removals, tags, tokens, users,
};

/// Every namespace with each namespace above it, and with itself.
const ANCESTORS: Table = Table::paired("namespace_ancestors", &[("namespace_id", Integer), ("ancestor_id", Integer)]);

/// Every table, in an order in which rows find those that they refer to; within a table, the order of keys does the same.
pub const TABLES: &[Table] = &[
    users::TABLE,
    namespaces::TABLE,
    ANCESTORS,
    members::OF_GROUPS,
    projects::TABLE,
    members::OF_PROJECTS,
    left_places::TABLE,
    removals::TABLE,
    tags::TABLE,
    releases::TABLE,
    links::TABLE,
    protected_tags::TABLE,
    tokens::TABLE,
];
