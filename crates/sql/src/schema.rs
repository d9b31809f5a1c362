//! All tables of a store.

use crate::Kind::Integer;
use crate::{
    Table, channels, history, left_places, links, members, namespaces, projects, protected_tags, releases, removals,
    tags, tokens, users,
};

/// Every namespace paired with each of its ancestors and with itself.
const ANCESTORS: Table = Table::paired("namespace_ancestors", &[("namespace_id", Integer), ("ancestor_id", Integer)]);

/// All tables, in an order in which referenced rows come first. Within a table, key order does the same.
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
    channels::TABLE,
    links::TABLE,
    history::TABLE,
    history::ENDED_STEPS,
    history::BURNT_TAGS,
    protected_tags::TABLE,
    tokens::TABLE,
];
