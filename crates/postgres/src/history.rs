//! The port of histories.

use std::collections::HashMap;

use async_trait::async_trait;
use jiff::Timestamp;
use release_links_domain::ProjectId;
use release_links_domain::access::Reader;
use release_links_domain::history::{Event, HistoryAction, HistoryFilter, HistoryRow, Origin, Step};
use release_links_domain::project::ProjectRef;
use release_links_ports::{
    Batch, HistoryPage, HistoryRepository, Page, PageRequest, ProjectRead, ProjectView, REMOVED_AT_A_TIME, ReleaseKey,
    StoreError,
};
use release_links_sql::history::{row, size, step};

use crate::PostgresStore;
use crate::failure::Failure;
use crate::paging;
use crate::query::{Session, Values};
use crate::rows::Row;
use crate::tables::history::{
    BY_SEQS, DROP_ENDED, FILTERED, FILTERED_OF_TAG, KEEP_ENDED, LAST_TO_PRUNE, LED_AT, LIST, LIST_OF_TAG,
    NEWEST_ACTION, PRUNE, SIZES, TO_PRUNE,
};
use crate::tables::tags::LOCK;
use crate::view::{FOUND_AT, TOTAL_AT, view};

/// Lists a history in one snapshot: first the sizes of the rows, then as many rows as a batch holds.
async fn list(
    session: &Session,
    project: &ProjectRef,
    reader: Reader,
    tag: Option<&str>,
    (filter, page): (&HistoryFilter, PageRequest),
) -> Result<Option<ProjectView<HistoryPage>>, Failure> {
    session.begin_snapshot().await?;
    let [limit, offset, counted] = paging::values(page);
    let (action, path, name) = (filter.action.map(HistoryAction::as_str), &filter.path, &filter.name);
    let is_filtered = *filter != HistoryFilter::default();
    let sql = match (is_filtered, tag) {
        (false, None) => LIST,
        (false, Some(_)) => LIST_OF_TAG,
        (true, None) => FILTERED,
        (true, Some(_)) => FILTERED_OF_TAG,
    };
    let paged: Values<'_> = &[&limit, &offset, &counted];
    let filtered: Values<'_> = if is_filtered { &[&action, path, name] } else { &[] };
    let tagged: Values<'_> = if tag.is_some() { &[&tag] } else { &[] };
    let values = [paged, filtered, tagged].concat();
    let sizes = |rows: &[Row]| {
        if rows.is_empty() { Ok(None) } else { paging::read(rows, TOTAL_AT, page, size).map(Some) }
    };
    let Some(view) = view(session, sql, project, reader, &values, sizes).await? else { return Ok(None) };
    let ProjectView { project, level, found } = view;
    let found = match found {
        None => None,
        Some(Page { rows, total, has_next }) => {
            let divided = Batch::<HistoryRow, i64>::divide_small(rows);
            let batch = read_batch(session, project.id, divided).await?;
            Some(HistoryPage { batch, total, has_next })
        }
    };
    session.commit().await?;
    Ok(Some(ProjectView { project, level, found }))
}

async fn read_batch(
    session: &Session,
    project: ProjectId,
    (now, rest): (Vec<i64>, Vec<i64>),
) -> Result<Batch<HistoryRow, i64>, Failure> {
    let found = session.all(BY_SEQS, &[&project.get(), &now], |found| row(found, 0)).await?;
    let mut found: HashMap<i64, HistoryRow> = found.into_iter().map(|row| (row.seq, row)).collect();
    Ok(Batch { rows: now.iter().filter_map(|seq| found.remove(seq)).collect(), rest })
}

async fn read_on(session: &Session, project: ProjectId, rows: Vec<i64>) -> Result<Batch<HistoryRow, i64>, Failure> {
    session.begin_snapshot().await?;
    let sizes = session.all(SIZES, &[&project.get(), &rows], |row| size(row, 0)).await?;
    let sizes: HashMap<i64, u64> = sizes.into_iter().collect();
    let sizes = rows.into_iter().map(|seq| (seq, sizes.get(&seq).copied().unwrap_or_default())).collect();
    let batch = read_batch(session, project, Batch::<HistoryRow, i64>::divide(sizes)).await?;
    session.commit().await?;
    Ok(batch)
}

/// Drops old rows of the first project from `from` on that has some, and returns the project and how many.
async fn prune(
    session: &Session,
    from: i64,
    before: i64,
    origin: Origin,
) -> Result<Option<(ProjectId, u64)>, StoreError> {
    let pruned = Event::Prune.action().as_str();
    session.begin().await?;
    let found = session.first(TO_PRUNE, &[&from, &before, &pruned], |row| row.get::<i64>(0)).await?;
    let Some(project) = found.and_then(|id| ProjectId::try_from(id).ok()) else { return Ok(None) };
    let id = project.get();
    session.exists(LOCK, &[&id]).await?;
    let newest = session.first(NEWEST_ACTION, &[&id], |row| row.get::<String>(0)).await?;
    if newest.as_deref() != Some(pruned) {
        session.open_journal(project, origin).await?;
        session.record(None, Event::Prune)?;
        session.write_journal().await?;
    }
    let last = session.first(LAST_TO_PRUNE, &[&id, &before, &REMOVED_AT_A_TIME], |row| row.get(0)).await?;
    let last: Option<i64> = last.flatten();
    let Some(last) = last else { return Ok(None) };
    session.run(KEEP_ENDED, &[&id, &last]).await?;
    session.run(DROP_ENDED, &[&id, &last]).await?;
    Ok(Some((project, session.run(PRUNE, &[&id, &last]).await?)))
}

#[async_trait]
impl HistoryRepository for PostgresStore {
    async fn of_release(&self, key: &ReleaseKey, filter: HistoryFilter, page: PageRequest) -> ProjectRead<HistoryPage> {
        let session = self.session_for_list().await?;
        Ok(list(&session, &key.project, key.reader, Some(&key.tag), (&filter, page)).await?)
    }

    async fn of_project(
        &self,
        project: &ProjectRef,
        reader: Reader,
        filter: HistoryFilter,
        page: PageRequest,
    ) -> ProjectRead<HistoryPage> {
        let session = self.session_for_list().await?;
        Ok(list(&session, project, reader, None, (&filter, page)).await?)
    }

    async fn read_on(&self, project: ProjectId, rows: Vec<i64>) -> Result<Batch<HistoryRow, i64>, StoreError> {
        Ok(read_on(&self.session_for_list().await?, project, rows).await?)
    }

    async fn led_at(&self, key: &ReleaseKey, path: &str, at: Timestamp) -> ProjectRead<Step> {
        let session = self.session().await?;
        let read = |rows: &[Row]| rows.first().map(|row| step(row, FOUND_AT)).transpose();
        let values: Values<'_> = &[&key.tag, &path, &at.as_millisecond()];
        Ok(view(&session, LED_AT, &key.project, key.reader, values, read).await?)
    }

    async fn prune(
        &self,
        from: Option<ProjectId>,
        before: Timestamp,
        origin: Origin,
    ) -> Result<Option<(ProjectId, u64)>, StoreError> {
        let session = self.session_for_long().await?;
        let (from, before) = (from.map_or(0, ProjectId::get), before.as_millisecond());
        let pruned = prune(&session, from, before, origin).await;
        session.settle(pruned).await
    }
}
