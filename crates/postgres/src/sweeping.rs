//! Sweeps the rows of what was deleted, a limited number at a time.
//!
//! The table `removals` is the queue, and the remaining rows are the progress, so any server can resume. The newest
//! deletion goes first, so that a small one does not wait for a large one. Each step holds the tree's lock, so no two
//! servers delete the same rows.

use release_links_domain::address::Holder;
use release_links_domain::{NamespaceId, ProjectId, UserId};
use release_links_sql::left_places::{left, occupancy};
use release_links_sql::place_columns;
use release_links_sql::removals::{Budget, RELEASES_AT_ONCE, ROWS_OF_A_BOT, Removal, Removed};

use crate::failure::Failure;
use crate::hiding::hide_user;
use crate::keeping::{delete_files_of_project, delete_uploads_of_project};
use crate::query::{Session, statements};
use crate::rows::Row;
use crate::tables::left_places::{AT, record_departure, reserve_address_of, reserve_former_addresses_of};
use crate::tables::removals::{dequeue, enqueue, is_pending, newest};

statements! {
    BOTS = "SELECT u.id FROM tokens t JOIN users u ON u.id = t.user_id WHERE t.project_id = $1 AND t.kind = 'project'
        AND u.bot AND u.email IS NOT NULL LIMIT $2";
    TOKENS = "DELETE FROM tokens WHERE id IN (SELECT id FROM tokens WHERE project_id = $1 LIMIT $2)";
    MEMBERS = "DELETE FROM project_members WHERE project_id = $1 AND user_id IN
        (SELECT user_id FROM project_members WHERE project_id = $1 LIMIT $2)";
    RULES = "DELETE FROM protected_tags WHERE id IN (SELECT id FROM protected_tags WHERE project_id = $1 LIMIT $2)";
    LINKS_OF_RELEASES = "DELETE FROM links WHERE id IN (SELECT l.id FROM
        (SELECT id AS release FROM releases WHERE project_id = $1 ORDER BY created_at, id LIMIT $3) page
        JOIN links l ON l.release_id = page.release LIMIT $2)";
    RELEASES_OF_PROJECT = "DELETE FROM releases WHERE id IN
        (SELECT id FROM releases WHERE project_id = $1 ORDER BY created_at, id LIMIT $2)";
    PACKAGES = "DELETE FROM packages WHERE id IN (SELECT id FROM packages WHERE project_id = $1 LIMIT $2)";
    TAGS = "DELETE FROM tags WHERE id IN (SELECT id FROM tags WHERE project_id = $1 LIMIT $2)";
    HISTORY = "DELETE FROM history WHERE project_id = $1 AND seq IN
        (SELECT seq FROM history WHERE project_id = $1 ORDER BY seq LIMIT $2)";
    ENDED_STEPS = "DELETE FROM ended_steps WHERE project_id = $1 AND (tag, path, until, seq) IN
        (SELECT tag, path, until, seq FROM ended_steps WHERE project_id = $1 LIMIT $2)";
    // Locked before users, in the same order as by transactions that create something in a project.
    LOCK_PROJECT = "SELECT FROM projects WHERE id = $1 FOR UPDATE";
    PROJECT = "DELETE FROM projects WHERE id = $1";
    NAMESPACE_BELOW = "SELECT id FROM namespaces WHERE parent_id = $1 LIMIT 1";
    PROJECT_IN = "SELECT id FROM projects WHERE namespace_id = $1 LIMIT 1";
    GROUP_MEMBERS = "DELETE FROM group_members WHERE group_id = $1 AND user_id IN
        (SELECT user_id FROM group_members WHERE group_id = $1 LIMIT $2)";
    IS_STILL_NAMED = "SELECT FROM left_places WHERE below = $1 LIMIT 1";
    PLACE_BELOW = "SELECT id, parent_id, path, since FROM namespaces WHERE id = $1 AND parent_id IS NOT NULL";
    DETACH = "UPDATE namespaces SET parent_id = NULL WHERE id = $1";
    LEFT_BY_PROJECT = concat!("SELECT FROM left_places l WHERE ", AT!("l", "$1", "$2"), "
        AND l.project_id IS NOT NULL LIMIT 1");
    LEFT_BY = concat!("SELECT ", place_columns!(), " FROM left_places WHERE namespace_id = $1");
    CLEAR_HOLDER = "UPDATE left_places SET namespace_id = NULL WHERE id = $1";
    NAMESPACE = "DELETE FROM namespaces WHERE id = $1";
    IS_REMOVED = "SELECT FROM namespaces WHERE id = $1 AND full_path IS NULL AND parent_id IS NULL";
    AUTHORED = "UPDATE releases SET author_id = NULL WHERE id IN
        (SELECT id FROM releases WHERE author_id = $1 LIMIT $2)";
    CREATED = "UPDATE projects SET creator_id = NULL WHERE id IN
        (SELECT id FROM projects WHERE creator_id = $1 LIMIT $2)";
    UPLOADED = "UPDATE uploads SET uploader_id = NULL WHERE id IN
        (SELECT id FROM uploads WHERE uploader_id = $1 LIMIT $2)";
    TOKENS_OF_USER = "DELETE FROM tokens WHERE id IN (SELECT id FROM tokens WHERE user_id = $1 LIMIT $2)";
    IN_PROJECTS = "DELETE FROM project_members WHERE user_id = $1 AND project_id IN
        (SELECT project_id FROM project_members WHERE user_id = $1 LIMIT $2)";
    IN_GROUPS = "DELETE FROM group_members WHERE user_id = $1 AND group_id IN
        (SELECT group_id FROM group_members WHERE user_id = $1 LIMIT $2)";
    USER = "DELETE FROM users WHERE id = $1";
}

/// Deletes about `rows` rows of pending deletions in one transaction. Returns whether there may be more.
pub async fn sweep(session: &Session, rows: i64) -> Result<bool, Failure> {
    if !is_pending(session).await? {
        return Ok(false);
    }
    session.begin_on_tree().await?;
    let mut budget = Budget::of(rows);
    while budget.has_rows_left() {
        let Some(Removal { id, removed, target }) = newest(session).await? else { break };
        let is_complete = match removed {
            Removed::Project => project(session, target, &mut budget).await?,
            Removed::Namespace => namespace(session, target, &mut budget).await?,
            Removed::User => user(session, target, &mut budget).await?,
        };
        if is_complete {
            budget.spend(1);
            dequeue(session, id).await?;
        }
        if removed == Removed::User {
            // End the step here: no project may be locked while this user is. Transactions that create something in a
            // project lock the project first.
            break;
        }
    }
    session.commit().await?;
    is_pending(session).await
}

/// Runs statements that each change up to `$2` rows of `$1`. Returns whether none are left.
async fn run_all(session: &Session, budget: &mut Budget, statements: &[&str], of: i64) -> Result<bool, Failure> {
    for sql in statements {
        budget.spend_changed(session.run(sql, &[&of, &budget.left()]).await?);
        if !budget.has_rows_left() {
            return Ok(false);
        }
    }
    Ok(true)
}

fn id_in(row: &Row) -> Result<i64, Failure> {
    row.get(0)
}

async fn project(session: &Session, id: i64, budget: &mut Budget) -> Result<bool, Failure> {
    let Ok(project) = ProjectId::try_from(id) else { return Ok(true) };
    session.exists(LOCK_PROJECT, &[&id]).await?;
    // The bots go before the tokens, through which they are found.
    let bots = session.all(BOTS, &[&id, &(budget.left() / ROWS_OF_A_BOT + 1)], id_in).await?;
    if !bots.is_empty() {
        for bot in bots.into_iter().filter_map(|bot| UserId::try_from(bot).ok()) {
            hide_user(session, bot).await?;
        }
        // End the step here as well: no other project may be locked while these users are.
        budget.exhaust();
        return Ok(false);
    }
    if !run_all(session, budget, &[TOKENS, MEMBERS, RULES], id).await? {
        return Ok(false);
    }
    loop {
        let links = session.run(LINKS_OF_RELEASES, &[&id, &budget.left(), &RELEASES_AT_ONCE]).await?;
        budget.spend_changed(links);
        if !budget.has_rows_left() {
            return Ok(false);
        }
        // The first `RELEASES_AT_ONCE` releases have no links any more.
        let releases = session.run(RELEASES_OF_PROJECT, &[&id, &RELEASES_AT_ONCE]).await?;
        budget.spend_changed(releases);
        if releases == 0 {
            break;
        }
    }
    if !budget.has_rows_left() {
        return Ok(false);
    }
    let files = delete_files_of_project(session, id, budget.left()).await?;
    if files > 0 || delete_uploads_of_project(session, id, budget.left()).await? > 0 {
        // End the step here: no bytes of other projects may be locked while these are.
        budget.exhaust();
        return Ok(false);
    }
    if !run_all(session, budget, &[PACKAGES, TAGS, HISTORY, ENDED_STEPS], id).await? {
        return Ok(false);
    }
    for below in reserve_former_addresses_of(session, project, budget.left()).await? {
        budget.spend(1);
        enqueue_if_unused(session, below).await?;
    }
    if !budget.has_rows_left() {
        return Ok(false);
    }
    reserve_address_of(session, project).await?;
    session.run(PROJECT, &[&id]).await?;
    Ok(true)
}

async fn namespace(session: &Session, id: i64, budget: &mut Budget) -> Result<bool, Failure> {
    while budget.has_rows_left() {
        let mut lowest = id;
        while let Some(below) = session.first(NAMESPACE_BELOW, &[&lowest], id_in).await? {
            lowest = below;
        }
        while let Some(inside) = session.first(PROJECT_IN, &[&lowest], id_in).await? {
            if !project(session, inside, budget).await? {
                return Ok(false);
            }
            budget.spend(1);
        }
        if !run_all(session, budget, &[GROUP_MEMBERS], lowest).await? {
            return Ok(false);
        }
        finish_namespace(session, lowest).await?;
        budget.spend(1);
        if lowest == id {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Deletes an empty namespace, but keeps it, hidden, while an old path leads through it.
async fn finish_namespace(session: &Session, id: i64) -> Result<(), Failure> {
    let Ok(namespace) = NamespaceId::try_from(id) else { return Ok(()) };
    let is_named = session.exists(IS_STILL_NAMED, &[&id]).await?;
    if let Some(place) = session.first(PLACE_BELOW, &[&id], |row| occupancy(row, 0)).await? {
        if is_named {
            record_departure(session, &place, Holder::Namespace(namespace)).await?;
            session.run(DETACH, &[&id]).await?;
        } else if session.exists(LEFT_BY_PROJECT, &[&place.below, &place.segment]).await? {
            record_departure(session, &place, Holder::Nobody).await?;
        }
    }
    if is_named {
        return Ok(());
    }
    let left = session.all(LEFT_BY, &[&id], |row| left(row, 0)).await?;
    for (row, place) in &left {
        if session.exists(LEFT_BY_PROJECT, &[&place.below, &place.segment]).await? {
            session.run(CLEAR_HOLDER, &[row]).await?;
        }
    }
    session.run(NAMESPACE, &[&id]).await?;
    for (_, place) in left {
        enqueue_if_unused(session, place.below).await?;
    }
    Ok(())
}

/// Queues a hidden namespace for deletion once no old path leads through it.
async fn enqueue_if_unused(session: &Session, id: i64) -> Result<(), Failure> {
    if session.exists(IS_REMOVED, &[&id]).await? && !session.exists(IS_STILL_NAMED, &[&id]).await? {
        enqueue(session, Removed::Namespace, id).await?;
    }
    Ok(())
}

async fn user(session: &Session, id: i64, budget: &mut Budget) -> Result<bool, Failure> {
    let all = [AUTHORED, CREATED, UPLOADED, TOKENS_OF_USER, IN_PROJECTS, IN_GROUPS];
    if !run_all(session, budget, &all, id).await? {
        return Ok(false);
    }
    session.run(USER, &[&id]).await?;
    Ok(true)
}
