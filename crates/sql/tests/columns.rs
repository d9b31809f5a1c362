//! The column lists that a table's declaration provides for statements.

use release_links_sql::{Kind, TABLES, link_bytes, links, tag_columns, tags, token_columns, tokens};

#[test]
fn a_table_lists_the_columns_that_statements_read() {
    assert_eq!(tag_columns!(), "id, name, message, target, created_at");
    assert_eq!(tag_columns!("t"), "t.id, t.name, t.message, t.target, t.created_at");
    assert_eq!(tag_columns!(NULL), "NULL AS id, NULL AS name, NULL AS message, NULL AS target, NULL AS created_at");
    assert_eq!(tag_columns!(held "t"), "t.name, t.message, t.target, t.created_at");
    assert_eq!(tag_columns!(new), "project_id, name, message, target, created_at, version");
    assert_eq!(tag_columns!(held ":", ""), ":name, :message, :target, :created_at");
    assert_eq!(tag_columns!(new "f(", ")"), "f(project_id), f(name), f(message), f(target), f(created_at), f(version)");
    assert_eq!((tags::COUNT, tags::COLUMNS.target.at), (5, 3));
}

#[test]
fn a_column_that_is_not_read_is_copied_but_not_listed() {
    assert!(!token_columns!().contains("digest"));
    assert_eq!((tokens::COLUMNS.kind.at, tokens::COLUMNS.user_id.at), (1, 2));
    let tokens = TABLES.iter().find(|table| table.name == "tokens").unwrap();
    assert!(tokens.columns.iter().any(|(name, _)| *name == "digest"));
}

#[test]
fn every_text_of_a_link_but_its_type_counts_in_its_size() {
    let texts = links::TABLE.columns.iter().filter(|(_, kind)| *kind == Kind::Text).map(|(name, _)| *name);
    let (counted, others): (Vec<_>, Vec<_>) = texts.partition(|name| link_bytes!().contains(&format!("({name})")));
    assert_eq!((counted, others), (vec!["name", "url", "path", "digest"], vec!["link_type"]));
}
