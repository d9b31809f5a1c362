//! The column lists that a table's declaration provides for statements.

use release_links_sql::{TABLES, link_columns, links, token_columns, tokens};

#[test]
fn a_table_lists_the_columns_that_statements_read() {
    assert_eq!(link_columns!(), "id, name, url, path, link_type");
    assert_eq!(link_columns!("l"), "l.id, l.name, l.url, l.path, l.link_type");
    assert_eq!(link_columns!(NULL), "NULL AS id, NULL AS name, NULL AS url, NULL AS path, NULL AS link_type");
    assert_eq!(link_columns!(held "l"), "l.name, l.url, l.path, l.link_type");
    assert_eq!(link_columns!(new), "project_id, release_id, name, url, path, link_type");
    assert_eq!((links::COUNT, links::COLUMNS.link_type.at), (5, 4));
}

#[test]
fn a_column_that_is_not_read_is_copied_but_not_listed() {
    assert!(!token_columns!().contains("digest"));
    assert_eq!((tokens::COLUMNS.kind.at, tokens::COLUMNS.user_id.at), (1, 2));
    let tokens = TABLES.iter().find(|table| table.name == "tokens").unwrap();
    assert!(tokens.columns.iter().any(|(name, _)| *name == "digest"));
}
