//! Sweeps the rows of what was deleted, a limited number at a time.
//!
//! The table `removals` is the queue, and the remaining rows are the progress, so sweeping resumes after a crash. The
//! newest deletion goes first, so that a small one does not wait for a large one.

use release_links_domain::address::Holder;
use release_links_domain::{NamespaceId, ProjectId, UserId};
use release_links_sql::left_places::{left, occupancy};
use release_links_sql::place_columns;
use release_links_sql::removals::{Budget, RELEASES_AT_ONCE, ROWS_OF_A_BOT, Removal, Removed};
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::hiding::hide_user;
use crate::query::{all, count_changed, exists, first, run, statements};
use crate::tables::left_places::{record_departure, reserve_address_of, reserve_former_addresses_of};
use crate::tables::packages::delete_files_of_project;
use crate::tables::removals::{dequeue, enqueue, newest};
use crate::tables::uploads;

statements! {
    BOTS = "SELECT u.id FROM tokens t CROSS JOIN users u WHERE t.project_id = ?1 AND t.kind = 'project'
        AND u.id = t.user_id AND u.bot = 1 AND u.email IS NOT NULL LIMIT ?2";
    TOKENS = "DELETE FROM tokens WHERE id IN (SELECT id FROM tokens WHERE project_id = ?1 LIMIT ?2)";
    MEMBERS = "DELETE FROM project_members WHERE project_id = ?1 AND user_id IN
        (SELECT user_id FROM project_members WHERE project_id = ?1 LIMIT ?2)";
    RULES = "DELETE FROM protected_tags WHERE id IN (SELECT id FROM protected_tags WHERE project_id = ?1 LIMIT ?2)";
    LINKS_OF_RELEASES = "DELETE FROM links WHERE id IN (SELECT l.id FROM
        (SELECT id AS release FROM releases WHERE project_id = ?1 ORDER BY created_at, id LIMIT ?3)
        CROSS JOIN links l ON l.release_id = release LIMIT ?2)";
    RELEASES_OF_PROJECT = "DELETE FROM releases WHERE id IN
        (SELECT id FROM releases WHERE project_id = ?1 ORDER BY created_at, id LIMIT ?2)";
    PACKAGES = "DELETE FROM packages WHERE id IN (SELECT id FROM packages WHERE project_id = ?1 LIMIT ?2)";
    TAGS = "DELETE FROM tags WHERE id IN (SELECT id FROM tags WHERE project_id = ?1 LIMIT ?2)";
    HISTORY = "DELETE FROM history WHERE project_id = ?1 AND seq IN
        (SELECT seq FROM history WHERE project_id = ?1 ORDER BY seq LIMIT ?2)";
    ENDED_STEPS = "DELETE FROM ended_steps WHERE (project_id, tag, path, until, seq) IN
        (SELECT project_id, tag, path, until, seq FROM ended_steps WHERE project_id = ?1 LIMIT ?2)";
    PROJECT = "DELETE FROM projects WHERE id = ?1";
    NAMESPACE_BELOW = "SELECT id FROM namespaces WHERE parent_id = ?1 LIMIT 1";
    PROJECT_IN = "SELECT id FROM projects WHERE namespace_id = ?1 LIMIT 1";
    GROUP_MEMBERS = "DELETE FROM group_members WHERE group_id = ?1 AND user_id IN
        (SELECT user_id FROM group_members WHERE group_id = ?1 LIMIT ?2)";
    IS_STILL_NAMED = "SELECT 1 FROM left_places WHERE below = ?1 LIMIT 1";
    PLACE_BELOW = "SELECT id, parent_id, path, since FROM namespaces WHERE id = ?1 AND parent_id IS NOT NULL";
    DETACH = "UPDATE namespaces SET parent_id = NULL WHERE id = ?1";
    LEFT_BY_PROJECT = "SELECT 1 FROM left_places WHERE below = ?1 AND segment = ?2 AND project_id IS NOT NULL LIMIT 1";
    LEFT_BY = concat!("SELECT ", place_columns!(), " FROM left_places WHERE namespace_id = ?1");
    CLEAR_HOLDER = "UPDATE left_places SET namespace_id = NULL WHERE id = ?1";
    NAMESPACE = "DELETE FROM namespaces WHERE id = ?1";
    IS_REMOVED = "SELECT 1 FROM namespaces WHERE id = ?1 AND full_path IS NULL AND parent_id IS NULL";
    AUTHORED = "UPDATE releases SET author_id = NULL WHERE id IN
        (SELECT id FROM releases WHERE author_id = ?1 LIMIT ?2)";
    CREATED = "UPDATE projects SET creator_id = NULL WHERE id IN
        (SELECT id FROM projects WHERE creator_id = ?1 LIMIT ?2)";
    UPLOADED = "UPDATE uploads SET uploader_id = NULL WHERE id IN
        (SELECT id FROM uploads WHERE uploader_id = ?1 LIMIT ?2)";
    TOKENS_OF_USER = "DELETE FROM tokens WHERE id IN (SELECT id FROM tokens WHERE user_id = ?1 LIMIT ?2)";
    IN_PROJECTS = "DELETE FROM project_members WHERE user_id = ?1 AND project_id IN
        (SELECT project_id FROM project_members WHERE user_id = ?1 LIMIT ?2)";
    IN_GROUPS = "DELETE FROM group_members WHERE user_id = ?1 AND group_id IN
        (SELECT group_id FROM group_members WHERE user_id = ?1 LIMIT ?2)";
    USER = "DELETE FROM users WHERE id = ?1";
}

/// Deletes about `rows` rows of pending deletions. Returns whether there may be more.
pub fn sweep(conn: &Connection, rows: i64) -> Result<bool, Failure> {
    let mut budget = Budget::of(rows);
    while budget.has_rows_left() {
        let Some(Removal { id, removed, target }) = newest(conn)? else {
            return Ok(false);
        };
        let is_complete = match removed {
            Removed::Project => project(conn, target, &mut budget)?,
            Removed::Namespace => namespace(conn, target, &mut budget)?,
            Removed::User => user(conn, target, &mut budget)?,
        };
        if is_complete {
            budget.spend(1);
            dequeue(conn, id)?;
        }
    }
    Ok(true)
}

/// Runs statements that each change up to `?2` rows of `?1`. Returns whether none are left.
fn run_all(conn: &Connection, budget: &mut Budget, statements: &[&str], of: i64) -> Result<bool, Failure> {
    for sql in statements {
        budget.spend_changed(count_changed(conn, sql, params![of, budget.left()])?);
        if !budget.has_rows_left() {
            return Ok(false);
        }
    }
    Ok(true)
}

fn project(conn: &Connection, id: i64, budget: &mut Budget) -> Result<bool, Failure> {
    let Ok(project) = ProjectId::try_from(id) else { return Ok(true) };
    // The bots go before the tokens, through which they are found.
    let bots: Vec<i64> = all(conn, BOTS, params![id, budget.left() / ROWS_OF_A_BOT + 1], |row| row.get(0))?;
    for bot in bots.into_iter().filter_map(|bot| UserId::try_from(bot).ok()) {
        hide_user(conn, bot)?;
        budget.spend(ROWS_OF_A_BOT);
    }
    if !budget.has_rows_left() || !run_all(conn, budget, &[TOKENS, MEMBERS, RULES], id)? {
        return Ok(false);
    }
    loop {
        budget.spend_changed(count_changed(conn, LINKS_OF_RELEASES, params![id, budget.left(), RELEASES_AT_ONCE])?);
        if !budget.has_rows_left() {
            return Ok(false);
        }
        // The first `RELEASES_AT_ONCE` releases have no links any more.
        let releases = count_changed(conn, RELEASES_OF_PROJECT, params![id, RELEASES_AT_ONCE])?;
        budget.spend_changed(releases);
        if releases == 0 {
            break;
        }
    }
    if budget.has_rows_left() {
        budget.spend_changed(delete_files_of_project(conn, project, budget.left())?);
    }
    if budget.has_rows_left() {
        budget.spend_changed(uploads::delete_of_project(conn, project, budget.left())?);
    }
    if !budget.has_rows_left() || !run_all(conn, budget, &[PACKAGES, TAGS, HISTORY, ENDED_STEPS], id)? {
        return Ok(false);
    }
    for below in reserve_former_addresses_of(conn, project, budget.left())? {
        budget.spend(1);
        enqueue_if_unused(conn, below)?;
    }
    if !budget.has_rows_left() {
        return Ok(false);
    }
    reserve_address_of(conn, project)?;
    run(conn, PROJECT, params![id])?;
    Ok(true)
}

fn namespace(conn: &Connection, id: i64, budget: &mut Budget) -> Result<bool, Failure> {
    while budget.has_rows_left() {
        let mut lowest = id;
        while let Some(below) = first(conn, NAMESPACE_BELOW, params![lowest], |row| row.get(0))? {
            lowest = below;
        }
        while let Some(inside) = first(conn, PROJECT_IN, params![lowest], |row| row.get(0))? {
            if !project(conn, inside, budget)? {
                return Ok(false);
            }
            budget.spend(1);
        }
        if !run_all(conn, budget, &[GROUP_MEMBERS], lowest)? {
            return Ok(false);
        }
        finish_namespace(conn, lowest)?;
        budget.spend(1);
        if lowest == id {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Deletes an empty namespace, but keeps it, hidden, while an old path leads through it.
fn finish_namespace(conn: &Connection, id: i64) -> Result<(), Failure> {
    let Ok(namespace) = NamespaceId::try_from(id) else { return Ok(()) };
    let is_named = exists(conn, IS_STILL_NAMED, params![id])?;
    if let Some(place) = first(conn, PLACE_BELOW, params![id], |row| occupancy(row, 0))? {
        if is_named {
            record_departure(conn, &place, Holder::Namespace(namespace))?;
            run(conn, DETACH, params![id])?;
        } else if exists(conn, LEFT_BY_PROJECT, params![place.below, place.segment])? {
            record_departure(conn, &place, Holder::Nobody)?;
        }
    }
    if is_named {
        return Ok(());
    }
    let left = all(conn, LEFT_BY, params![id], |row| left(row, 0))?;
    for (row, place) in &left {
        if exists(conn, LEFT_BY_PROJECT, params![place.below, place.segment])? {
            run(conn, CLEAR_HOLDER, params![row])?;
        }
    }
    run(conn, NAMESPACE, params![id])?;
    for (_, place) in left {
        enqueue_if_unused(conn, place.below)?;
    }
    Ok(())
}

/// Queues a hidden namespace for deletion once no old path leads through it.
fn enqueue_if_unused(conn: &Connection, id: i64) -> Result<(), Failure> {
    if exists(conn, IS_REMOVED, params![id])? && !exists(conn, IS_STILL_NAMED, params![id])? {
        enqueue(conn, Removed::Namespace, id)?;
    }
    Ok(())
}

fn user(conn: &Connection, id: i64, budget: &mut Budget) -> Result<bool, Failure> {
    if !run_all(conn, budget, &[AUTHORED, CREATED, UPLOADED, TOKENS_OF_USER, IN_PROJECTS, IN_GROUPS], id)? {
        return Ok(false);
    }
    run(conn, USER, params![id])?;
    Ok(true)
}
