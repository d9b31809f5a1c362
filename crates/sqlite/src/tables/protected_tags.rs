//! The table of tag protection rules.

use release_links_domain::access::{TagCreateLevel, TagRule};
use release_links_domain::tag::TagPattern;
use release_links_domain::{ProjectId, ProtectedTagId};
use release_links_ports::{Page, PageRequest};
use release_links_sql::paging::{clamped, limit_and_offset};
use release_links_sql::protected_tags::rule;
use release_links_sql::rule_columns;
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::query::{all, count, count_changed, first, insert, statements};
use crate::reader::Lane;

/// The maximum number of rules per project.
const MAX_RULES: u64 = TagRule::MAX_PER_PROJECT as u64;

statements! {
    LIST = concat!("SELECT ", rule_columns!(), " FROM protected_tags WHERE project_id = ?1
        ORDER BY pattern LIMIT ?2 OFFSET ?3");
    COUNT = "SELECT count(*) FROM (SELECT 1 FROM protected_tags WHERE project_id = ?1 LIMIT ?2)";
    GET = concat!("SELECT ", rule_columns!(), " FROM protected_tags WHERE project_id = ?1 AND pattern = ?2");
    INSERT = concat!("INSERT INTO protected_tags (", rule_columns!(new), ") VALUES (?1, ?2, ?3)");
    DELETE = "DELETE FROM protected_tags WHERE project_id = ?1 AND id = ?2";
    RULES = concat!("SELECT ", rule_columns!(), " FROM protected_tags WHERE project_id = ?1 LIMIT ?2");
}

/// Returns a page of a project's rules, ordered by pattern.
pub fn page_of(conn: &Connection, project: ProjectId, wanted: PageRequest) -> Result<Page<TagRule>, Failure> {
    let [limit, offset] = limit_and_offset(wanted);
    let rows = all(conn, LIST, params![project.get(), limit, offset], |row| rule(row, 0))?;
    Page::of(rows, wanted, |limit| count(conn, COUNT, project.get(), limit))
}

/// Returns the rule with this pattern.
pub fn by_pattern(conn: &Connection, project: ProjectId, pattern: &str) -> Result<Option<TagRule>, Failure> {
    first(conn, GET, params![project.get(), pattern], |row| rule(row, 0))
}

/// Counts the rules of a project, up to the limit.
pub fn rules_in(conn: &Connection, project: ProjectId) -> Result<usize, Failure> {
    let rules = count(conn, COUNT, project.get(), MAX_RULES)?;
    Ok(usize::try_from(rules).unwrap_or(usize::MAX))
}

/// Inserts a rule, whose pattern must be free.
pub fn insert_rule(
    conn: &Connection,
    project: ProjectId,
    pattern: &TagPattern,
    level: TagCreateLevel,
) -> Result<i64, Failure> {
    insert(conn, INSERT, params![project.get(), pattern.as_str(), level.number()])
}

/// Deletes a rule. Returns whether there was one.
pub fn delete(conn: &Connection, project: ProjectId, rule: ProtectedTagId) -> Result<bool, Failure> {
    Ok(count_changed(conn, DELETE, params![project.get(), rule.get()])? > 0)
}

/// Returns all rules of a project. An older version may have stored more rules than a worker reads.
pub fn rules(conn: &Connection, project: ProjectId, lane: Lane) -> Result<Vec<TagRule>, Failure> {
    match lane {
        Lane::Long => all(conn, RULES, params![project.get(), -1], |row| rule(row, 0)),
        Lane::Short => {
            let rules = all(conn, RULES, params![project.get(), clamped(MAX_RULES + 1)], |row| rule(row, 0))?;
            if rules.len() as u64 > MAX_RULES { Err(Failure::TooLong) } else { Ok(rules) }
        }
    }
}

/// Returns the rules of a project that protect this tag.
pub fn rules_on(conn: &Connection, project: ProjectId, tag: &str, lane: Lane) -> Result<Vec<TagRule>, Failure> {
    let mut rules = rules(conn, project, lane)?;
    rules.retain(|rule| rule.pattern.matches(tag));
    Ok(rules)
}
