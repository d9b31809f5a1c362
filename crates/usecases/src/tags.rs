//! Tags, which releases are named by (docs/contract.md, "Releases"). Access to releases is also access to tags.

use std::sync::Arc;

use release_links_domain::ProjectId;
use release_links_domain::access::{Admission, is_protected};
use release_links_domain::policy::Action;
use release_links_domain::tag::{Tag, TagName};
use release_links_domain::token::{Caller, Intent};
use release_links_ports::{Batch, BatchedPage, ListedTag, Page, PageRequest, TagQuery, TagRepository, WriteError};

use crate::caller::{always, ask, project_ref, see_releases};
use crate::{Missing, ParameterFaults, PartlyRead, Refusal, ReleaseAddress, Taken, Unread};

/// A tag, and whether it is protected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagShown {
    /// The tag.
    pub tag: Tag,
    /// Whether a rule of the project matches it.
    pub protected: bool,
}

/// A page of tags.
pub type TagPage = PartlyRead<TagShown, UnreadTags>;

/// The tags of a page that the caller may read and that are not loaded yet; all of one project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadTags {
    project: ProjectId,
    names: Vec<TagName>,
}

impl UnreadTags {
    fn of(project: ProjectId, names: Vec<TagName>) -> Option<Self> {
        (!names.is_empty()).then_some(Self { project, names })
    }
}

impl Unread<TagShown> for UnreadTags {
    fn after(mut self, read: &[TagShown]) -> Self {
        let before = read.iter().map(|shown| shown.tag.name.clone());
        self.names = before.chain(self.names).collect();
        self
    }
}

fn show(ListedTag { tag, protected }: ListedTag) -> TagShown {
    TagShown { tag, protected }
}

/// The operations on tags.
#[derive(Clone)]
pub struct Tags {
    tags: Arc<dyn TagRepository>,
}

impl Tags {
    /// Works on the tags in `tags`.
    #[must_use]
    pub fn new(tags: Arc<dyn TagRepository>) -> Self {
        Self { tags }
    }

    /// Returns a page of a project's tags.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in this order: docs/contract.md, "Permissions", steps 5 and 6; faulty parameters.
    pub async fn list(
        &self,
        caller: &Caller,
        project: &str,
        wanted: Result<(TagQuery, PageRequest), ParameterFaults>,
    ) -> Result<TagPage, Refusal> {
        let (query, page) = wanted.as_ref().cloned().unwrap_or_default();
        let view = self.tags.list(&project_ref(project)?, caller.reader(Admission::ReadReleases), query, page).await?;
        let (project, _, found) = see_releases(caller, Intent::Read, view)?;
        wanted?;
        let BatchedPage { batch: Batch { rows, rest }, total, has_next } = always(found)?;
        let rows = rows.into_iter().map(show).collect();
        Ok(TagPage { page: Page { rows, total, has_next }, rest: UnreadTags::of(project.id, rest) })
    }

    /// Loads the next tags of a page; returns them and what is still not loaded.
    ///
    /// # Errors
    /// Returns [`Refusal::Store`] if storage fails.
    pub async fn read_on(&self, unread: UnreadTags) -> Result<(Vec<TagShown>, Option<UnreadTags>), Refusal> {
        let Batch { rows, rest } = self.tags.read_on(unread.project, unread.names).await?;
        Ok((rows.into_iter().map(show).collect(), UnreadTags::of(unread.project, rest)))
    }

    /// Returns a tag.
    ///
    /// # Errors
    /// Returns the refusals of docs/contract.md, "Permissions", steps 5 to 7, in that order.
    pub async fn get(&self, caller: &Caller, address: &ReleaseAddress) -> Result<TagShown, Refusal> {
        let view = self.tags.get(&address.key(caller)?).await?;
        let (_, _, found) = see_releases(caller, Intent::Read, view)?;
        let found = always(found)?;
        let tag = found.tag.ok_or(Refusal::NotFound(Missing::Tag))?;
        Ok(TagShown { protected: is_protected(tag.name.as_str(), &found.rules), tag })
    }

    /// Deletes a tag that has no release.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in this order: docs/contract.md, "Permissions", steps 5 and 6; no right to write, or a
    /// protected tag; no such tag; a release that uses it.
    pub async fn delete(&self, caller: &Caller, address: &ReleaseAddress) -> Result<(), Refusal> {
        let view = self.tags.get(&address.key(caller)?).await?;
        let (project, resource, found) = see_releases(caller, Intent::Write, view)?;
        let found = always(found)?;
        ask(caller, resource, Action::WriteReleases { tag: &address.tag, rules: &found.rules })?;
        let tag = found.tag.ok_or(Refusal::NotFound(Missing::Tag))?;
        self.tags.delete(project.id, tag.name).await.map_err(|error| match error {
            WriteError::Conflict(()) => Refusal::Taken(Taken::Tag),
            WriteError::Gone => Refusal::NotFound(Missing::Tag),
            WriteError::Store(error) => Refusal::Store(error),
        })
    }
}

#[cfg(test)]
mod tests;
