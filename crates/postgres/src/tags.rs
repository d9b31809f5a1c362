//! The tags port.

use async_trait::async_trait;
use release_links_domain::project::ProjectRef;
use release_links_domain::tag::{Tag, TagName, TagRelease, TagSearch};
use release_links_domain::{ProjectId, ReleaseId, UserId};
use release_links_ports::{
    Page, PageRequest, ProjectView, ReleaseKey, StoreError, TagRepository, TagsFound, TakenError,
};
use tokio_postgres::Row;

use crate::PostgresStore;
use crate::failure::Failure;
use crate::paging;
use crate::protected_tags::{RULES, rule, rules};
use crate::query::{Session, Values, statements, together};
use crate::rows::Cells;
use crate::view::{FOUND_AT, TOTAL_AT, has_moved, moved_from, view, view_now, viewed, viewed_page, views};

/// Where the columns of a tag begin where rules are found too, and those of a rule.
const TAG_AT: usize = FOUND_AT + 1;
const RULE_AT: usize = TAG_AT + 6;

views! {
    LIST = viewed_page!("t.id, t.name, t.message, t.target, r.id, r.description",
        of "tags t LEFT JOIN releases r ON r.tag_id = t.id WHERE t.project_id = p.id
            AND ($6::text IS NULL OR lower(t.name) LIKE lower($6 COLLATE \"C\"))",
        by "t.id DESC");
    // Each row is the tag, or a rule.
    GET = viewed!("p.id, shown.* FROM (
            SELECT t.id, t.name, t.message, t.target, r.id, r.description,
                NULL::bigint AS rule, NULL AS pattern, NULL::bigint AS level
            FROM tags t LEFT JOIN releases r ON r.tag_id = t.id WHERE t.project_id = p.id AND t.name = $3
            UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, id, pattern, create_level
            FROM protected_tags WHERE project_id = p.id) shown");
}

statements! {
    // Whoever makes a release in the project waits here.
    LOCK = "SELECT 1 FROM projects WHERE id = $1 FOR NO KEY UPDATE";
    FIND = "SELECT id, EXISTS (SELECT FROM releases WHERE tag_id = tags.id) FROM tags WHERE project_id = $1 AND name = $2";
    DELETE = "DELETE FROM tags WHERE id = $1";
}

/// A tag, of which the columns begin at `at`.
fn tag(row: &Row, at: usize) -> Result<Tag, Failure> {
    let cells = Cells::new(row, "tags", at)?;
    let release: Option<ReleaseId> = cells.optional_number(4, "id of its release")?;
    let description = cells.raw(5, "description of its release")?;
    Ok(Tag {
        name: cells.text(1, "name")?,
        message: cells.raw(2, "message")?,
        target: cells.raw(3, "target")?,
        release: release.map(|_| TagRelease { description }),
    })
}

/// A search as a pattern for `LIKE`.
fn pattern(search: &TagSearch) -> String {
    let escaped = |text: &str| text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    match search {
        TagSearch::Start(text) => format!("{}%", escaped(text)),
        TagSearch::End(text) => format!("%{}", escaped(text)),
        TagSearch::Anywhere(text) => format!("%{}%", escaped(text)),
    }
}

async fn list(
    session: &Session,
    project: &ProjectRef,
    viewer: Option<UserId>,
    search: Option<&TagSearch>,
    wanted: PageRequest,
) -> Result<Option<ProjectView<TagsFound<Page<Tag>>>>, Failure> {
    let now = list_now(session, project, viewer, search, wanted).await?;
    if now.is_some() {
        return Ok(now);
    }
    let Some(moved) = moved_from(session, project).await? else { return Ok(None) };
    Ok(list_now(session, &moved, viewer, search, wanted).await?.map(has_moved))
}

/// As [`list`], in the project that has the path now.
async fn list_now(
    session: &Session,
    project: &ProjectRef,
    viewer: Option<UserId>,
    search: Option<&TagSearch>,
    wanted: PageRequest,
) -> Result<Option<ProjectView<TagsFound<Page<Tag>>>>, Failure> {
    let [limit, offset, counted] = paging::values(wanted);
    let pattern = search.map(pattern);
    let values: Values<'_> = &[&limit, &offset, &counted, &pattern];
    let read = |rows: &[Row]| paging::read(rows, TOTAL_AT, wanted, tag);
    session.prepare(&[LIST.of(project), RULES.of(project)]).await?;
    let ((), tags, rules, ()) = together!(
        session.begin_snapshot(),
        view_now(session, LIST, project, viewer, values, read),
        view_now(session, RULES, project, viewer, &[], rules),
        session.commit(),
    )?;
    Ok(tags.zip(rules).map(|(tags, rules)| ProjectView {
        project: tags.project,
        level: tags.level,
        found: TagsFound { rules: rules.found, tags: tags.found },
    }))
}

fn tag_and_rules(rows: &[Row]) -> Result<TagsFound<Option<Tag>>, Failure> {
    let mut found = TagsFound { rules: Vec::new(), tags: None };
    for row in rows {
        if row.try_get::<_, Option<i64>>(RULE_AT)?.is_some() {
            found.rules.push(rule(row, RULE_AT)?);
        } else {
            found.tags = Some(tag(row, TAG_AT)?);
        }
    }
    Ok(found)
}

async fn delete(session: &Session, project: ProjectId, name: &TagName) -> Result<(), TakenError<()>> {
    session.prepare(&[LOCK, FIND, DELETE]).await?;
    let ((), _, found) = together!(
        session.begin(),
        session.exists(LOCK, &[&project.get()]),
        session.first(FIND, &[&project.get(), &name.as_str()], |row| Ok((row.try_get(0)?, row.try_get(1)?))),
    )?;
    let (id, has_release): (i64, bool) = found.ok_or(TakenError::Gone)?;
    if has_release {
        return Err(TakenError::Taken(()));
    }
    together!(session.run(DELETE, &[&id]), session.commit())?;
    Ok(())
}

#[async_trait]
impl TagRepository for PostgresStore {
    async fn list(
        &self,
        project: &ProjectRef,
        viewer: Option<UserId>,
        search: Option<TagSearch>,
        page: PageRequest,
    ) -> Result<Option<ProjectView<TagsFound<Page<Tag>>>>, StoreError> {
        Ok(list(&self.session().await?, project, viewer, search.as_ref(), page).await?)
    }

    async fn get(&self, key: &ReleaseKey) -> Result<Option<ProjectView<TagsFound<Option<Tag>>>>, StoreError> {
        let session = self.session().await?;
        Ok(view(&session, GET, &key.project, key.viewer, &[&key.tag], tag_and_rules).await?)
    }

    async fn delete(&self, project: ProjectId, tag: TagName) -> Result<(), TakenError<()>> {
        let session = self.session().await?;
        let deleted = delete(&session, project, &tag).await;
        session.settle(deleted).await
    }
}
