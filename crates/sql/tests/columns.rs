//! The column lists that a table's declaration provides for statements.

use release_links_sql::{TABLES, tag_columns, tags, token_columns, tokens};

#[test]
fn a_table_lists_the_columns_that_statements_read() {
    assert_eq!(tag_columns!(), "id, name, message, target");
    assert_eq!(tag_columns!("t"), "t.id, t.name, t.message, t.target");
    assert_eq!(tag_columns!(NULL), "NULL AS id, NULL AS name, NULL AS message, NULL AS target");
    assert_eq!(tag_columns!(held "t"), "t.name, t.message, t.target");
    assert_eq!(tag_columns!(new), "project_id, name, message, target, created_at");
    assert_eq!((tags::COUNT, tags::COLUMNS.target.at), (4, 3));
}

#[test]
fn a_column_that_is_not_read_is_copied_but_not_listed() {
    assert!(!token_columns!().contains("digest"));
    assert_eq!((tokens::COLUMNS.kind.at, tokens::COLUMNS.user_id.at), (1, 2));
    let tokens = TABLES.iter().find(|table| table.name == "tokens").unwrap();
    assert!(tokens.columns.iter().any(|(name, _)| *name == "digest"));
}
