//! The tags port.

use async_trait::async_trait;
use release_links_domain::ProjectId;
use release_links_domain::access::{Reader, is_protected};
use release_links_domain::project::ProjectRef;
use release_links_domain::tag::{Tag, TagName, TagSearch};
use release_links_ports::{
    Batch, BatchedPage, ListedTag, Page, PageRequest, ProjectView, ReleaseKey, StoreError, TagFound, TagRepository,
    TakenError,
};
use release_links_sql::paging::{clamped, counted, limit_and_offset};
use release_links_sql::tag_selection;
use release_links_sql::tags::{pattern, size, tag};
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::query::{all, exists, first, run, statements};
use crate::reader::Lane;
use crate::releases::{rules, rules_on};
use crate::{SqliteStore, view::view};

macro_rules! tag {
    ($rest:literal) => {
        concat!(
            "SELECT ",
            tag_selection!(),
            " FROM tags t LEFT JOIN releases r ON r.tag_id = t.id WHERE t.project_id = ?1 ",
            $rest
        )
    };
}

/// The names of tags, each with the bytes of text that the tag has.
macro_rules! sizes {
    ($rest:literal) => {
        concat!(
            "SELECT t.id, t.name, ifnull(octet_length(t.message), 0) + ifnull(octet_length(t.target), 0)
                + ifnull(octet_length(r.description), 0)
            FROM tags t LEFT JOIN releases r ON r.tag_id = t.id WHERE t.project_id = ?1 ",
            $rest
        )
    };
}

statements! {
    LIST = sizes!("AND (?2 IS NULL OR t.name LIKE ?2 ESCAPE '\\') ORDER BY t.id DESC LIMIT ?3 OFFSET ?4");
    SIZE = sizes!("AND t.name = ?2");
    COUNT = "SELECT count(*) FROM
        (SELECT 1 FROM tags WHERE project_id = ?1 AND (?2 IS NULL OR name LIKE ?2 ESCAPE '\\') LIMIT ?3)";
    BY_NAME = tag!("AND t.name = ?2");
    ID = "SELECT id FROM tags WHERE project_id = ?1 AND name = ?2";
    HAS_RELEASE = "SELECT 1 FROM releases WHERE tag_id = ?1";
    DELETE = "DELETE FROM tags WHERE id = ?1";
}

fn page_of(
    conn: &Connection,
    project: ProjectId,
    search: Option<&TagSearch>,
    wanted: PageRequest,
) -> Result<BatchedPage<ListedTag, TagName>, Failure> {
    let pattern = search.map(pattern);
    let [limit, offset] = limit_and_offset(wanted);
    let rows = all(conn, LIST, params![project.get(), pattern, limit, offset], |row| size(row, 0))?;
    let Page { rows, total, has_next } = Page::of(rows, wanted, |limit| {
        let values = params![project.get(), pattern, clamped(limit)];
        Ok::<_, Failure>(counted(first(conn, COUNT, values, |row| row.get(0))?))
    })?;
    let batch = read_batch(conn, project, Batch::<ListedTag, TagName>::divide_small(rows))?;
    Ok(BatchedPage { batch, total, has_next })
}

fn read_batch(
    conn: &Connection,
    project: ProjectId,
    (now, rest): (Vec<TagName>, Vec<TagName>),
) -> Result<Batch<ListedTag, TagName>, Failure> {
    let rules = rules(conn, project, Lane::Long)?;
    let found =
        now.into_iter().map(|name| first(conn, BY_NAME, params![project.get(), name.as_str()], |row| tag(row, 0)));
    let found = found.filter_map(Result::transpose).collect::<Result<Vec<Tag>, _>>()?;
    let listed = found.into_iter().map(|tag| ListedTag { protected: is_protected(tag.name.as_str(), &rules), tag });
    Ok(Batch { rows: listed.collect(), rest })
}

/// Reads on in a list.
fn read_on(conn: &Connection, project: ProjectId, tags: Vec<TagName>) -> Result<Batch<ListedTag, TagName>, Failure> {
    let sizes = tags.into_iter().map(|name| {
        let found = first(conn, SIZE, params![project.get(), name.as_str()], |row| size(row, 0))?;
        Ok(found.unwrap_or((name, 0)))
    });
    let sizes = sizes.collect::<Result<_, Failure>>()?;
    read_batch(conn, project, Batch::<ListedTag, TagName>::divide(sizes))
}

fn delete(conn: &Connection, project: ProjectId, name: &TagName) -> Result<(), TakenError<()>> {
    let id: Option<i64> = first(conn, ID, params![project.get(), name.as_str()], |row| row.get(0))?;
    let id = id.ok_or(TakenError::Gone)?;
    if exists(conn, HAS_RELEASE, params![id])? {
        return Err(TakenError::Taken(()));
    }
    Ok(run(conn, DELETE, params![id])?)
}

#[async_trait]
impl TagRepository for SqliteStore {
    async fn list(
        &self,
        project: &ProjectRef,
        reader: Reader,
        search: Option<TagSearch>,
        page: PageRequest,
    ) -> Result<Option<ProjectView<BatchedPage<ListedTag, TagName>>>, StoreError> {
        let project = project.clone();
        // A search that finds little reads all names of the project, and each tag is matched with each rule.
        self.read_long(move |conn| {
            view(conn, &project, reader, |project| page_of(conn, project, search.as_ref(), page))
        })
        .await
    }

    async fn read_on(&self, project: ProjectId, tags: Vec<TagName>) -> Result<Batch<ListedTag, TagName>, StoreError> {
        self.read_long(move |conn| read_on(conn, project, tags)).await
    }

    async fn get(&self, key: &ReleaseKey) -> Result<Option<ProjectView<TagFound>>, StoreError> {
        let key = key.clone();
        self.read_any(move |conn, lane| {
            view(conn, &key.project, key.reader, |project| {
                let tag = first(conn, BY_NAME, params![project.get(), key.tag], |row| tag(row, 0))?;
                Ok(TagFound { rules: rules_on(conn, project, &key.tag, lane)?, tag })
            })
        })
        .await
    }

    async fn delete(&self, project: ProjectId, tag: TagName) -> Result<(), TakenError<()>> {
        self.write(move |conn| delete(conn, project, &tag)).await
    }
}
