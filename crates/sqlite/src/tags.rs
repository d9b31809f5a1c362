//! The tags port.

use async_trait::async_trait;
use release_links_domain::ProjectId;
use release_links_domain::access::{Reader, is_protected};
use release_links_domain::project::ProjectRef;
use release_links_domain::tag::{Tag, TagName};
use release_links_ports::{
    Batch, BatchedPage, ListedTag, Page, PageRequest, ProjectRead, ReleaseKey, StoreError, TagFound, TagQuery,
    TagRepository, WriteError,
};
use rusqlite::Connection;

use crate::SqliteStore;
use crate::failure::Failure;
use crate::reader::Lane;
use crate::tables::protected_tags::{rules, rules_on};
use crate::tables::tags::{by_name, delete_tag, has_release, row_of, size_of, sizes};
use crate::view::view;

fn page_of(
    conn: &Connection,
    project: ProjectId,
    query: &TagQuery,
    wanted: PageRequest,
) -> Result<BatchedPage<ListedTag, TagName>, Failure> {
    let Page { rows, total, has_next } = sizes(conn, project, query, wanted)?;
    let batch = read_batch(conn, project, Batch::<ListedTag, TagName>::divide_small(rows))?;
    Ok(BatchedPage { batch, total, has_next })
}

fn read_batch(
    conn: &Connection,
    project: ProjectId,
    (now, rest): (Vec<TagName>, Vec<TagName>),
) -> Result<Batch<ListedTag, TagName>, Failure> {
    let rules = rules(conn, project, Lane::Long)?;
    let found = now.into_iter().map(|name| by_name(conn, project, name.as_str()));
    let found = found.filter_map(Result::transpose).collect::<Result<Vec<Tag>, _>>()?;
    let listed = found.into_iter().map(|tag| ListedTag { protected: is_protected(tag.name.as_str(), &rules), tag });
    Ok(Batch { rows: listed.collect(), rest })
}

/// Reads the next batch of a list.
fn read_on(conn: &Connection, project: ProjectId, tags: Vec<TagName>) -> Result<Batch<ListedTag, TagName>, Failure> {
    let sizes = tags.into_iter().map(|name| size_of(conn, project, name));
    let sizes = sizes.collect::<Result<_, Failure>>()?;
    read_batch(conn, project, Batch::<ListedTag, TagName>::divide(sizes))
}

fn delete(conn: &Connection, project: ProjectId, name: &TagName) -> Result<(), WriteError<()>> {
    let tag = row_of(conn, project, name)?.ok_or(WriteError::Gone)?;
    if has_release(conn, tag)? {
        return Err(WriteError::Conflict(()));
    }
    Ok(delete_tag(conn, tag)?)
}

#[async_trait]
impl TagRepository for SqliteStore {
    async fn list(
        &self,
        project: &ProjectRef,
        reader: Reader,
        query: TagQuery,
        page: PageRequest,
    ) -> ProjectRead<BatchedPage<ListedTag, TagName>> {
        let project = project.clone();
        // Even a search with few results reads all tag names of the project, and each tag is matched against each rule.
        self.read_long(move |conn| {
            view(conn, &project, reader, |project| page_of(conn, project, &query, page).map(Some))
        })
        .await
    }

    async fn read_on(&self, project: ProjectId, tags: Vec<TagName>) -> Result<Batch<ListedTag, TagName>, StoreError> {
        self.read_long(move |conn| read_on(conn, project, tags)).await
    }

    async fn get(&self, key: &ReleaseKey) -> ProjectRead<TagFound> {
        let key = key.clone();
        self.read_any(move |conn, lane| {
            view(conn, &key.project, key.reader, |project| {
                let tag = by_name(conn, project, &key.tag)?;
                Ok(Some(TagFound { rules: rules_on(conn, project, &key.tag, lane)?, tag }))
            })
        })
        .await
    }

    async fn delete(&self, project: ProjectId, tag: TagName) -> Result<(), WriteError<()>> {
        self.write(move |conn| delete(conn, project, &tag)).await
    }
}
