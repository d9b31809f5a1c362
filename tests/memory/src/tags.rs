//! The tags port.

use async_trait::async_trait;
use release_links_domain::access::{Reader, is_protected};
use release_links_domain::project::ProjectRef;
use release_links_domain::tag::{Tag, TagName, TagOrder, TagRelease};
use release_links_domain::version::VersionKey;
use release_links_domain::{ProjectId, Sort};
use release_links_ports::{
    Batch, BatchedPage, ListedTag, PageRequest, ProjectRead, ReleaseKey, StoreError, TagFound, TagQuery, TagRepository,
    WriteError,
};

use crate::MemoryStore;
use crate::listing::page_of;
use crate::state::ProjectRow;

impl ProjectRow {
    /// A tag with what its release says.
    fn tag_shown(&self, name: &str) -> Option<Tag> {
        let release = self.release_of(name).map(|(_, release)| TagRelease { description: release.description.clone() });
        Some(Tag { release, ..self.tag(name)?.clone() })
    }

    fn sorted_tags(&self, order: TagOrder, sort: Sort) -> Vec<TagName> {
        let mut tags: Vec<_> = self.tags.iter().collect();
        match order {
            // Tags of the same time stay in the order in which they were made.
            TagOrder::Updated => tags.sort_by_key(|tag| tag.created_at),
            TagOrder::Name => tags.sort_by_key(|tag| &tag.name),
            TagOrder::Version => tags.sort_by_key(|tag| VersionKey::of(tag.name.as_str())),
        }
        if sort == Sort::Descending {
            tags.reverse();
        }
        if order == TagOrder::Version {
            let (with, mut without): (Vec<_>, Vec<_>) =
                tags.into_iter().partition(|tag| VersionKey::of(tag.name.as_str()).is_some());
            without.sort_by_key(|tag| &tag.name);
            tags = [with, without].concat();
        }
        tags.into_iter().map(|tag| tag.name.clone()).collect()
    }

    fn tag_sizes(&self, tags: Vec<TagName>) -> Vec<(TagName, u64)> {
        let size = |name: &TagName| {
            let Some(Tag { message, target, release, .. }) = self.tag_shown(name.as_str()) else { return 0 };
            let texts = [message, target, release.and_then(|release| release.description)];
            texts.into_iter().flatten().map(|text| text.len() as u64).sum()
        };
        tags.into_iter().map(|name| (name.clone(), size(&name))).collect()
    }

    fn tag_batch(&self, (now, rest): (Vec<TagName>, Vec<TagName>)) -> Batch<ListedTag, TagName> {
        let rules = self.all_rules();
        let found = now.into_iter().filter_map(|name| self.tag_shown(name.as_str()));
        let listed = found.map(|tag| ListedTag { protected: is_protected(tag.name.as_str(), &rules), tag });
        Batch { rows: listed.collect(), rest }
    }
}

#[async_trait]
impl TagRepository for MemoryStore {
    async fn list(
        &self,
        project: &ProjectRef,
        reader: Reader,
        query: TagQuery,
        page: PageRequest,
    ) -> ProjectRead<BatchedPage<ListedTag, TagName>> {
        self.read(|state| {
            state.view(project, reader, |_, row| {
                let search = query.search.as_ref();
                let found = row.sorted_tags(query.order, query.sort).into_iter();
                let found = found.filter(|name| search.is_none_or(|search| search.finds(name.as_str())));
                let page = page_of(found, page);
                let batch = row.tag_batch(Batch::<ListedTag, TagName>::divide_small(row.tag_sizes(page.rows)));
                Some(BatchedPage { batch, total: page.total, has_next: page.has_next })
            })
        })
    }

    async fn read_on(&self, project: ProjectId, tags: Vec<TagName>) -> Result<Batch<ListedTag, TagName>, StoreError> {
        self.read(|state| match state.projects.get(&project) {
            Some(row) => row.tag_batch(Batch::<ListedTag, TagName>::divide(row.tag_sizes(tags))),
            None => Batch { rows: Vec::new(), rest: Vec::new() },
        })
    }

    async fn get(&self, key: &ReleaseKey) -> ProjectRead<TagFound> {
        self.read(|state| {
            state.view(&key.project, key.reader, |_, row| {
                Some(TagFound { rules: row.rules_on(&key.tag), tag: row.tag_shown(&key.tag) })
            })
        })
    }

    async fn delete(&self, project: ProjectId, tag: TagName) -> Result<(), WriteError<()>> {
        self.write(|state| {
            let project = state.projects.get_mut(&project).ok_or(WriteError::Gone)?;
            project.tag(tag.as_str()).ok_or(WriteError::Gone)?;
            if project.release_of(tag.as_str()).is_some() {
                return Err(WriteError::Conflict(()));
            }
            project.tags.retain(|other| other.name != tag);
            Ok(())
        })
    }
}
