//! All tables of a store.

use crate::Kind::Integer;
use crate::{
    Table, channels, file_bytes, history, keys, left_places, links, links_to_files, members, namespaces, packages,
    projects, protected_tags, releases, removals, tags, tokens, uploads, users,
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
    links_to_files::TABLE,
    history::TABLE,
    history::ENDED_STEPS,
    history::BURNT_TAGS,
    protected_tags::TABLE,
    file_bytes::TABLE,
    packages::TABLE,
    packages::files::TABLE,
    uploads::TABLE,
    keys::TABLE,
    tokens::TABLE,
];
