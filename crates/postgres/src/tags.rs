//! The tags port.

use std::collections::HashMap;

use async_trait::async_trait;
use release_links_domain::access::{Reader, TagRule, is_protected};
use release_links_domain::project::ProjectRef;
use release_links_domain::tag::{Tag, TagName, TagOrder};
use release_links_domain::{ProjectId, Sort};
use release_links_ports::{
    Batch, BatchedPage, ListedTag, PageRequest, ProjectRead, ProjectView, ReleaseKey, StoreError, TagFound, TagQuery,
    TagRepository, WriteError,
};
use release_links_sql::protected_tags::rule;
use release_links_sql::tags::{self, pattern, size, tag};
use tracing::Span;

use crate::PostgresStore;
use crate::failure::Failure;
use crate::paging;
use crate::query::{Session, Values, together};
use crate::rows::Row;
use crate::tables::tags::{
    ALL_RULES, BY_NAME_DOWN, BY_NAME_UP, BY_VERSION_DOWN, BY_VERSION_UP, DELETE, FIND, GET, LOCK, NEWEST, OLDEST,
    SIZES, TAGS,
};
use crate::view::{FOUND_AT, TOTAL_AT, view};

/// The first columns of a tag and of a tag rule in a row that may have either.
const TAG_AT: usize = FOUND_AT + 1;
const RULE_AT: usize = TAG_AT + tags::SELECTED;

/// The tags of a batch, the rules of their project, and the names of the remaining tags.
type Read = (Vec<Tag>, Vec<TagRule>, Vec<TagName>);

async fn list(
    session: &Session,
    project: &ProjectRef,
    reader: Reader,
    query: &TagQuery,
    wanted: PageRequest,
) -> Result<Option<ProjectView<(Read, Option<u64>, bool)>>, Failure> {
    let [limit, offset, counted] = paging::values(wanted);
    let sql = match (query.order, query.sort) {
        (TagOrder::Updated, Sort::Descending) => NEWEST,
        (TagOrder::Updated, Sort::Ascending) => OLDEST,
        (TagOrder::Name, Sort::Descending) => BY_NAME_DOWN,
        (TagOrder::Name, Sort::Ascending) => BY_NAME_UP,
        (TagOrder::Version, Sort::Descending) => BY_VERSION_DOWN,
        (TagOrder::Version, Sort::Ascending) => BY_VERSION_UP,
    };
    let pattern = query.search.as_ref().map(pattern);
    let values: Values<'_> = &[&limit, &offset, &counted, &pattern];
    session.begin_snapshot().await?;
    let read = |rows: &[Row]| paging::read(rows, TOTAL_AT, wanted, size).map(Some);
    let view = view(session, sql, project, reader, values, read).await?;
    let found = match view {
        None => None,
        Some(ProjectView { project, level, found: None }) => Some(ProjectView { project, level, found: None }),
        Some(ProjectView { project, level, found: Some(page) }) => {
            let batch = read_batch(session, project.id, Batch::<ListedTag, TagName>::divide_small(page.rows)).await?;
            Some(ProjectView { project, level, found: Some((batch, page.total, page.has_next)) })
        }
    };
    session.commit().await?;
    Ok(found)
}

/// Reads the next batch of a list.
async fn read_on(session: &Session, project: ProjectId, names: Vec<TagName>) -> Result<Read, Failure> {
    session.begin_snapshot().await?;
    let wanted: Vec<&str> = names.iter().map(TagName::as_str).collect();
    let sizes: HashMap<_, _> =
        session.all(SIZES, &[&project.get(), &wanted], |row| size(row, 0)).await?.into_iter().collect();
    let sizes = names.into_iter().map(|name| {
        let size = sizes.get(&name).copied().unwrap_or_default();
        (name, size)
    });
    let read = read_batch(session, project, Batch::<ListedTag, TagName>::divide(sizes.collect())).await?;
    session.commit().await?;
    Ok(read)
}

async fn read_batch(
    session: &Session,
    project: ProjectId,
    (now, rest): (Vec<TagName>, Vec<TagName>),
) -> Result<Read, Failure> {
    let names: Vec<&str> = now.iter().map(TagName::as_str).collect();
    session.prepare(&[TAGS, ALL_RULES]).await?;
    let (found, rules) = together!(
        session.all(TAGS, &[&project.get(), &names], |row| tag(row, 0)),
        session.all(ALL_RULES, &[&project.get()], |row| rule(row, 0)),
    )?;
    let mut found: HashMap<_, _> = found.into_iter().map(|tag| (tag.name.clone(), tag)).collect();
    Ok((now.iter().filter_map(|name| found.remove(name)).collect(), rules, rest))
}

/// Matches each tag against each rule, which takes too long for a worker.
async fn matched((tags, rules, rest): Read) -> Result<Batch<ListedTag, TagName>, StoreError> {
    let span = Span::current();
    let matching = move || {
        let listed = tags.into_iter().map(|tag| ListedTag { protected: is_protected(tag.name.as_str(), &rules), tag });
        Batch { rows: listed.collect(), rest }
    };
    tokio::task::spawn_blocking(move || span.in_scope(matching))
        .await
        .map_err(|error| StoreError::Internal(error.into()))
}

fn tag_and_rules(rows: &[Row], name: &str) -> Result<TagFound, Failure> {
    let mut found = TagFound { rules: Vec::new(), tag: None };
    for row in rows {
        if row.holds(RULE_AT)? {
            found.rules.push(rule(row, RULE_AT)?);
        } else {
            found.tag = Some(tag(row, TAG_AT)?);
        }
    }
    found.rules.retain(|rule| rule.pattern.matches(name));
    Ok(found)
}

async fn delete(session: &Session, project: ProjectId, name: &TagName) -> Result<(), WriteError<()>> {
    session.prepare(&[LOCK, FIND, DELETE]).await?;
    let ((), _, found) = together!(
        session.begin(),
        session.exists(LOCK, &[&project.get()]),
        session.first(FIND, &[&project.get(), &name.as_str()], |row| Ok((row.get(0)?, row.get(1)?))),
    )?;
    let (id, has_release): (i64, bool) = found.ok_or(WriteError::Gone)?;
    if has_release {
        return Err(WriteError::Conflict(()));
    }
    together!(session.run(DELETE, &[&id]), session.commit())?;
    Ok(())
}

#[async_trait]
impl TagRepository for PostgresStore {
    async fn list(
        &self,
        project: &ProjectRef,
        reader: Reader,
        query: TagQuery,
        page: PageRequest,
    ) -> ProjectRead<BatchedPage<ListedTag, TagName>> {
        let view = list(&self.session_for_list().await?, project, reader, &query, page).await?;
        let Some(ProjectView { project, level, found }) = view else { return Ok(None) };
        let found = match found {
            None => None,
            Some((read, total, has_next)) => Some(BatchedPage { batch: matched(read).await?, total, has_next }),
        };
        Ok(Some(ProjectView { project, level, found }))
    }

    async fn read_on(&self, project: ProjectId, tags: Vec<TagName>) -> Result<Batch<ListedTag, TagName>, StoreError> {
        let read = read_on(&self.session_for_list().await?, project, tags).await?;
        matched(read).await
    }

    async fn get(&self, key: &ReleaseKey) -> ProjectRead<TagFound> {
        let session = self.session().await?;
        let read = |rows: &[Row]| tag_and_rules(rows, &key.tag).map(Some);
        Ok(view(&session, GET, &key.project, key.reader, &[&key.tag], read).await?)
    }

    async fn delete(&self, project: ProjectId, tag: TagName) -> Result<(), WriteError<()>> {
        let session = self.session().await?;
        let deleted = delete(&session, project, &tag).await;
        session.settle(deleted).await
    }
}
