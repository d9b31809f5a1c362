//! The port of histories.

use async_trait::async_trait;
use jiff::Timestamp;
use release_links_domain::ProjectId;
use release_links_domain::access::Reader;
use release_links_domain::history::{HistoryFilter, HistoryRow, Origin, Step};
use release_links_domain::project::ProjectRef;
use release_links_ports::{
    Batch, HistoryPage, HistoryRepository, PageRequest, ProjectRead, REMOVED_AT_A_TIME, ReleaseKey, StoreError,
};

use crate::SqliteStore;
use crate::tables::history::{led_at, page_of, prune, read_on};
use crate::tables::releases::release_id;
use crate::view::view;

#[async_trait]
impl HistoryRepository for SqliteStore {
    async fn of_release(&self, key: &ReleaseKey, filter: HistoryFilter, page: PageRequest) -> ProjectRead<HistoryPage> {
        let key = key.clone();
        // A filter reads all rows that it leaves out.
        self.read_long(move |conn| {
            view(conn, &key.project, key.reader, |project| match release_id(conn, project, &key.tag)? {
                None => Ok(None),
                Some(_) => page_of(conn, project, Some(&key.tag), &filter, page).map(Some),
            })
        })
        .await
    }

    async fn of_project(
        &self,
        project: &ProjectRef,
        reader: Reader,
        filter: HistoryFilter,
        page: PageRequest,
    ) -> ProjectRead<HistoryPage> {
        let project = project.clone();
        self.read_long(move |conn| {
            view(conn, &project, reader, |project| page_of(conn, project, None, &filter, page).map(Some))
        })
        .await
    }

    async fn read_on(&self, project: ProjectId, rows: Vec<i64>) -> Result<Batch<HistoryRow, i64>, StoreError> {
        self.read_long(move |conn| read_on(conn, project, rows)).await
    }

    async fn led_at(&self, key: &ReleaseKey, path: &str, at: Timestamp) -> ProjectRead<Step> {
        self.read(|conn| {
            view(conn, &key.project, key.reader, |project| match release_id(conn, project, &key.tag)? {
                None => Ok(None),
                Some(_) => led_at(conn, project, &key.tag, path, at.as_millisecond()),
            })
        })
        .await
    }

    async fn prune(
        &self,
        from: Option<ProjectId>,
        before: Timestamp,
        origin: Origin,
    ) -> Result<Option<(ProjectId, u64)>, StoreError> {
        let (from, before) = (from.map_or(0, ProjectId::get), before.as_millisecond());
        self.write(move |conn| Ok(prune(conn, from, before, origin, REMOVED_AT_A_TIME)?)).await
    }
}
