//! The tables of histories. Every write to links, releases and channels takes a [`Journal`], so that none can forget its row.

use std::sync::Arc;

use release_links_domain::history::{Event, HistoryAction, HistoryFilter, HistoryRow, Origin, Step};
use release_links_domain::link::LinkFields;
use release_links_domain::location::ExternalUrl;
use release_links_domain::{LinkId, ProjectId, ReleaseId, TokenId, UserId};
use release_links_ports::{Batch, HistoryPage, Page, PageRequest};
use release_links_sql::history::{Head, NewRow, row, size, step, values as values_of};
use release_links_sql::paging::{clamped, limit_and_offset};
use release_links_sql::{history_bytes, history_columns};
use rusqlite::{Connection, params, params_from_iter};

use crate::failure::Failure;
use crate::query::{all, count_changed, counted, first, run, statements, values};
use crate::rows::Row;

/// The rows of project `?1` that match `$condition` and a filter: the action `?2`, the path `?3` and the name `?4` of links.
macro_rules! listed {
    ($condition:literal) => {
        concat!(
            "FROM history WHERE project_id = ?1 ",
            $condition,
            " AND (?2 IS NULL OR action = ?2) AND (?3 IS NULL OR link_id IS NOT NULL AND (before_path = ?3 OR after_path = ?3))
            AND (?4 IS NULL OR link_id IS NOT NULL AND (before_name = ?4 OR after_name = ?4))"
        )
    };
}

/// Ends the steps of the links `$condition` at `?2`, with tag `?3`. A step keeps the URL and the digest itself if the row with
/// which it began was dropped.
macro_rules! end {
    ($condition:literal) => {
        concat!(
            "INSERT INTO ended_steps (project_id, tag, path, until, seq, since, link_id, url, digest)
            SELECT l.project_id, ?3, l.path, ?2, l.since_seq, l.since, l.id, iif(h.seq IS NULL, l.url, NULL),
                iif(h.seq IS NULL, l.digest, NULL)
            FROM links l LEFT JOIN history h ON h.project_id = l.project_id AND h.seq = l.since_seq
            WHERE l.",
            $condition,
            " AND l.path IS NOT NULL AND l.since < ?2"
        )
    };
}

statements! {
    HEAD = "SELECT seq, at FROM history WHERE project_id = ?1 ORDER BY seq DESC LIMIT 1";
    INSERT = concat!("INSERT INTO history (project_id, username, ", history_columns!(new), ")
        VALUES (?1, (SELECT path FROM namespaces WHERE user_id = ?4), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13,
            ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27)");
    INSERT_DELETED_LINKS = "INSERT INTO history (project_id, seq, at, user_id, username, token_id, link_id, action, tag,
            before_name, before_url, before_path, before_type, before_digest, before_size)
        SELECT project_id, ?2 + row_number() OVER (ORDER BY position, id DESC), ?3, ?4,
            (SELECT path FROM namespaces WHERE user_id = ?4), ?5, id, ?6, ?7, name, url, path, link_type, digest, size
        FROM links WHERE release_id = ?1";
    END_STEP = end!("id = ?1");
    END_STEPS = end!("release_id = ?1");
    SIZES = concat!("SELECT seq, ", history_bytes!(), " ", listed!(""), " ORDER BY seq DESC LIMIT ?5 OFFSET ?6");
    SIZES_OF_TAG = concat!("SELECT seq, ", history_bytes!(), " ", listed!("AND tag = ?7"), "
        ORDER BY seq DESC LIMIT ?5 OFFSET ?6");
    COUNT = concat!("SELECT count(*) FROM (SELECT 1 ", listed!(""), " LIMIT ?5)");
    COUNT_OF_TAG = concat!("SELECT count(*) FROM (SELECT 1 ", listed!("AND tag = ?6"), " LIMIT ?5)");
    SIZE = concat!("SELECT seq, ", history_bytes!(), " FROM history WHERE project_id = ?1 AND seq = ?2");
    BY_SEQ = concat!("SELECT ", history_columns!(), " FROM history WHERE project_id = ?1 AND seq = ?2");
    // Steps of one path follow one another, so only the first that ends later can have begun by then.
    ENDED = "SELECT link, began, since, until, coalesce(kept_url, h.after_url), coalesce(kept_digest, h.after_digest)
        FROM (SELECT link_id AS link, seq AS began, since, until, url AS kept_url, digest AS kept_digest FROM ended_steps
            WHERE project_id = ?1 AND tag = ?2 AND path = ?3 AND until > ?4 ORDER BY until, seq LIMIT 1)
        LEFT JOIN history h ON h.project_id = ?1 AND h.seq = began WHERE since <= ?4";
    CURRENT = "SELECT l.id, l.since_seq, l.since, NULL, l.url, l.digest FROM releases r
        CROSS JOIN links l ON l.release_id = r.id AND l.path = ?3
        WHERE r.project_id = ?1 AND r.tag = ?2 AND l.since <= ?4";
    // The oldest rows of each project come first.
    TO_PRUNE = "SELECT p.id FROM projects p WHERE p.id >= ?1 AND EXISTS (SELECT 1 FROM history h WHERE h.project_id = p.id
        AND h.seq = (SELECT min(seq) FROM history WHERE project_id = p.id) AND h.at < ?2
        AND NOT (h.action = ?3 AND h.seq = (SELECT max(seq) FROM history WHERE project_id = p.id)))
        ORDER BY p.id LIMIT 1";
    NEWEST_ACTION = "SELECT action FROM history WHERE project_id = ?1 ORDER BY seq DESC LIMIT 1";
    LAST_TO_PRUNE = "SELECT max(seq) FROM (SELECT seq, at FROM history WHERE project_id = ?1
        AND seq < (SELECT max(seq) FROM history WHERE project_id = ?1) ORDER BY seq LIMIT ?3) WHERE at < ?2";
    KEEP_ENDED = "UPDATE ended_steps SET url = h.after_url, digest = h.after_digest FROM history h
        WHERE h.project_id = ?1 AND h.seq <= ?2 AND h.after_path IS NOT NULL AND ended_steps.project_id = ?1
            AND ended_steps.tag = h.tag AND ended_steps.path = h.after_path AND ended_steps.seq = h.seq";
    DROP_ENDED = "DELETE FROM ended_steps WHERE (project_id, tag, path, until, seq) IN (
        SELECT s.project_id, s.tag, s.path, s.until, s.seq FROM history h CROSS JOIN ended_steps s
        ON s.project_id = ?1 AND s.tag = h.tag AND s.path = h.before_path AND s.until = h.at
        WHERE h.project_id = ?1 AND h.seq <= ?2 AND h.before_path IS NOT NULL)";
    PRUNE = "DELETE FROM history WHERE project_id = ?1 AND seq <= ?2";
}

/// The rows that one transaction adds to the history of a project.
pub struct Journal<'a> {
    /// The connection with the transaction.
    pub conn: &'a Connection,
    /// The project.
    pub project: ProjectId,
    origin: Origin,
    head: Option<Head>,
    external: Option<Arc<ExternalUrl>>,
}

impl<'a> Journal<'a> {
    /// Begins the rows that one transaction adds.
    pub const fn new(conn: &'a Connection, project: ProjectId, origin: Origin) -> Self {
        Self { conn, project, origin, head: None, external: None }
    }

    /// Tells where the service is reached, so that links may follow its files.
    #[must_use]
    pub fn serving_at(self, external: Option<Arc<ExternalUrl>>) -> Self {
        Self { external, ..self }
    }

    /// Returns where the service is reached, if this transaction knows.
    pub fn external(&self) -> Option<&ExternalUrl> {
        self.external.as_deref()
    }

    fn head(&mut self) -> Result<&mut Head, Failure> {
        let head = if let Some(head) = self.head {
            head
        } else {
            let newest = first(self.conn, HEAD, params![self.project.get()], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Head::after(newest, self.origin.at)
        };
        Ok(self.head.insert(head))
    }

    /// Returns the number of the row that is recorded next, and its time in milliseconds.
    pub fn next(&mut self) -> Result<(i64, i64), Failure> {
        let head = self.head()?;
        Ok((head.seq + 1, head.at))
    }

    /// Adds a row.
    pub fn record(&mut self, tag: Option<&str>, event: &Event) -> Result<(), Failure> {
        let by = (self.origin.user, self.origin.token);
        let head = self.head()?;
        let new = NewRow { seq: head.advance(), at: head.at, by, tag, event };
        let (project, (integers, texts)) = ([self.project.get()], values_of(&new));
        run(self.conn, INSERT, params_from_iter(values(&project).chain(values(&integers)).chain(values(&texts))))
    }

    /// Adds a row for each link of a release that is deleted with it.
    pub fn record_deleted_links(&mut self, tag: &str, release: ReleaseId) -> Result<(), Failure> {
        let (conn, Origin { user, token, .. }) = (self.conn, self.origin);
        let head = self.head()?;
        run(conn, END_STEPS, params![release.get(), head.at, tag])?;
        let (user, token) = (user.map(UserId::get), token.map(TokenId::get));
        let action = HistoryAction::LinkDelete.as_str();
        let values = params![release.get(), head.seq, head.at, user, token, action, tag];
        let added = count_changed(conn, INSERT_DELETED_LINKS, values)?;
        head.seq += i64::try_from(added).unwrap_or(i64::MAX);
        Ok(())
    }

    /// Ends the step of a link's permanent path, unless it goes on.
    pub fn end_step(
        &mut self,
        tag: &str,
        link: LinkId,
        before: &LinkFields,
        after: Option<&LinkFields>,
    ) -> Result<(), Failure> {
        if after.is_some_and(|after| before.leads_on_to(after)) {
            return Ok(());
        }
        let (_, at) = self.next()?;
        run(self.conn, END_STEP, params![link.get(), at, tag])
    }
}

/// The values of a filter, as `listed!` takes them.
fn filtered(filter: &HistoryFilter) -> [Option<&str>; 3] {
    [filter.action.map(HistoryAction::as_str), filter.path.as_deref(), filter.name.as_deref()]
}

/// Returns a page of the history of a project, or of one of its tags, of which the first rows are read.
pub fn page_of(
    conn: &Connection,
    project: ProjectId,
    tag: Option<&str>,
    filter: &HistoryFilter,
    wanted: PageRequest,
) -> Result<HistoryPage, Failure> {
    let ([limit, offset], [action, path, name]) = (limit_and_offset(wanted), filtered(filter));
    let read = |row: &Row<'_, '_>| size(row, 0);
    let id = project.get();
    let rows = match tag {
        None => all(conn, SIZES, params![id, action, path, name, limit, offset], read)?,
        Some(tag) => all(conn, SIZES_OF_TAG, params![id, action, path, name, limit, offset, tag], read)?,
    };
    let count = |limit: u64| {
        let limit = clamped(limit);
        match tag {
            None => counted(conn, COUNT, params![id, action, path, name, limit]),
            Some(tag) => counted(conn, COUNT_OF_TAG, params![id, action, path, name, limit, tag]),
        }
    };
    let Page { rows, total, has_next } = Page::of(rows, wanted, count)?;
    let batch = read_batch(conn, project, Batch::<HistoryRow, i64>::divide_small(rows))?;
    Ok(HistoryPage { batch, total, has_next })
}

fn read_batch(
    conn: &Connection,
    project: ProjectId,
    (now, rest): (Vec<i64>, Vec<i64>),
) -> Result<Batch<HistoryRow, i64>, Failure> {
    let found = now.into_iter().map(|seq| first(conn, BY_SEQ, params![project.get(), seq], |found| row(found, 0)));
    Ok(Batch { rows: found.filter_map(Result::transpose).collect::<Result<_, _>>()?, rest })
}

/// Reads the next batch of a list.
pub fn read_on(conn: &Connection, project: ProjectId, rows: Vec<i64>) -> Result<Batch<HistoryRow, i64>, Failure> {
    let size = |seq: i64| {
        let found = first(conn, SIZE, params![project.get(), seq], |row| size(row, 0))?;
        Ok(found.unwrap_or((seq, 0)))
    };
    let sizes = rows.into_iter().map(size).collect::<Result<_, Failure>>()?;
    read_batch(conn, project, Batch::<HistoryRow, i64>::divide(sizes))
}

/// Returns where the permanent link with this path of a tag's release led at a time in milliseconds.
pub fn led_at(conn: &Connection, project: ProjectId, tag: &str, path: &str, at: i64) -> Result<Option<Step>, Failure> {
    let asked = params![project.get(), tag, path, at];
    match first(conn, ENDED, asked, |row| step(row, 0))? {
        Some(ended) => Ok(Some(ended)),
        None => first(conn, CURRENT, asked, |row| step(row, 0)),
    }
}

/// Drops up to `rows` rows that are older than `before` from the history of the first project from `from` on that has some,
/// and returns the project and how many.
pub fn prune(
    conn: &Connection,
    from: i64,
    before: i64,
    origin: Origin,
    rows: i64,
) -> Result<Option<(ProjectId, u64)>, Failure> {
    let pruned = Event::Prune.action().as_str();
    let found: Option<i64> = first(conn, TO_PRUNE, params![from, before, pruned], |row| row.get(0))?;
    let Some(project) = found.and_then(|id| ProjectId::try_from(id).ok()) else { return Ok(None) };
    let id = project.get();
    let newest = first(conn, NEWEST_ACTION, params![id], |row| row.get::<String>(0))?;
    if newest.as_deref() != Some(pruned) {
        Journal::new(conn, project, origin).record(None, &Event::Prune)?;
    }
    let last = first(conn, LAST_TO_PRUNE, params![id, before, rows], |row| row.get::<Option<i64>>(0))?.flatten();
    let Some(last) = last else { return Ok(None) };
    run(conn, KEEP_ENDED, params![id, last])?;
    run(conn, DROP_ENDED, params![id, last])?;
    Ok(Some((project, count_changed(conn, PRUNE, params![id, last])?)))
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;
    use crate::migrations::migrate;

    /// A database with a link whose permanent path has led elsewhere so many times.
    fn with_steps(steps: i64) -> Connection {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        migrate(&mut conn).unwrap();
        conn.execute(
            "WITH step (seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM step WHERE seq < ?1)
            INSERT INTO history (project_id, seq, at, action, tag, link_id, after_name, after_url, after_path, after_type)
            SELECT 1, seq, 10 * seq, 'link.update', 'v1', 7, 'a', 'http://' || seq, '/bin/a', 'other' FROM step",
            [steps],
        )
        .unwrap();
        let ended = "INSERT INTO ended_steps (project_id, tag, path, until, seq, since, link_id)
            SELECT 1, 'v1', '/bin/a', at + 10, seq, at, 7 FROM history";
        conn.execute(ended, []).unwrap();
        conn
    }

    #[test]
    fn a_step_is_found_with_as_much_work_in_a_long_history_as_in_a_short_one() {
        let work = |conn: &Connection, at: i64| {
            let mut statement = conn.prepare(ENDED).unwrap();
            let found = statement.query_row(params![1, "v1", "/bin/a", at], |row| row.get::<_, String>(4)).unwrap();
            assert_eq!(found, format!("http://{}", at / 10));
            statement.get_status(StatementStatus::VmStep)
        };
        let (short, long) = (with_steps(1_000), with_steps(100_000));
        assert_eq!([work(&short, 15), work(&short, 9_995)], [work(&long, 15), work(&long, 999_995)]);
    }
}
