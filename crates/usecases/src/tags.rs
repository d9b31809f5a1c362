//! Tags: what releases are named by (contract section 8). Who may read or write releases may read or write them.

use std::sync::Arc;

use release_links_domain::access::{Admission, Step, TagRule, is_protected};
use release_links_domain::tag::{Tag, TagSearch};
use release_links_domain::token::{Caller, Intent};
use release_links_ports::{Page, PageRequest, TagRepository, TakenError};

use crate::caller::{ask, project_ref, see_releases};
use crate::{Missing, ParameterFaults, Refusal, ReleaseAddress, Taken};

/// A tag, and whether a rule of its project protects it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagShown {
    /// The tag.
    pub tag: Tag,
    /// Whether a rule matches it.
    pub protected: bool,
}

/// A page of tags.
pub type TagPage = Page<TagShown>;

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

    /// A page of a project's tags, the last made first.
    ///
    /// # Errors
    /// The refusals of contract section 4, steps 5 and 6, then the parameters' faults.
    pub async fn list(
        &self,
        caller: &Caller,
        project: &str,
        wanted: Result<(Option<TagSearch>, PageRequest), ParameterFaults>,
    ) -> Result<TagPage, Refusal> {
        let (search, page) = wanted.as_ref().cloned().unwrap_or_default();
        let view = self.tags.list(&project_ref(project)?, caller.reader(Admission::ReadReleases), search, page).await?;
        let (_, _, found) = see_releases(caller, Intent::Read, view)?;
        wanted?;
        Ok(found.tags.map(|tag| show(tag, &found.rules)))
    }

    /// One tag.
    ///
    /// # Errors
    /// The refusals of contract section 4, steps 5 to 7.
    pub async fn get(&self, caller: &Caller, address: &ReleaseAddress) -> Result<TagShown, Refusal> {
        let view = self.tags.get(&address.key(caller)?).await?;
        let (_, _, found) = see_releases(caller, Intent::Read, view)?;
        let tag = found.tags.ok_or(Refusal::NotFound(Missing::Tag))?;
        Ok(show(tag, &found.rules))
    }

    /// Removes a tag that no release uses.
    ///
    /// # Errors
    /// In this order: contract section 4, steps 5 and 6; no right to write, or a protected tag; no such tag; a release.
    pub async fn delete(&self, caller: &Caller, address: &ReleaseAddress) -> Result<(), Refusal> {
        let view = self.tags.get(&address.key(caller)?).await?;
        let (project, standing, found) = see_releases(caller, Intent::Write, view)?;
        ask(standing, &project, Step::WriteReleases { tag: &address.tag, rules: &found.rules })?;
        let tag = found.tags.ok_or(Refusal::NotFound(Missing::Tag))?;
        self.tags.delete(project.id, tag.name).await.map_err(|error| match error {
            TakenError::Taken(()) => Refusal::Taken(Taken::Tag),
            TakenError::Gone => Refusal::NotFound(Missing::Tag),
            TakenError::Store(error) => Refusal::Store(error),
        })
    }
}

fn show(tag: Tag, rules: &[TagRule]) -> TagShown {
    TagShown { protected: is_protected(tag.name.as_str(), rules), tag }
}

#[cfg(test)]
mod tests;
