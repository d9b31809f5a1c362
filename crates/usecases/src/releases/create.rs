//! Creates a release with all of its links, or nothing.

use release_links_domain::access::Admission;
use release_links_domain::policy::Action;
use release_links_domain::release::{ReleaseTexts, date_of_new, parse_links};
use release_links_domain::tag::TagName;
use release_links_domain::token::{Caller, Intent};
use release_links_ports::{NewRelease, ReleaseWriteError};

use super::{ReleaseDraft, ReleaseShown, Releases, refuse_milestones};
use crate::caller::{always, ask, project_ref, see_releases};
use crate::{Missing, ParameterFaults, Refusal, Taken};

impl Releases {
    /// Creates a release, and its tag if there is none.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in this order: docs/contract.md, "Permissions", steps 5 and 6; faulty parameters; no
    /// right to write, or a protected tag; a tag that already has a release; milestones; an invalid tag name; texts
    /// that are too long; invalid links.
    pub async fn create(
        &self,
        caller: &Caller,
        project: &str,
        wanted: Result<(String, ReleaseDraft), ParameterFaults>,
    ) -> Result<ReleaseShown, Refusal> {
        // The read needs the tag, but the contract reports faulty parameters after the checks on the project.
        let tag: Option<TagName> = wanted.as_ref().ok().and_then(|(tag, _)| tag.parse().ok());
        let view = self
            .releases
            .load_for_write(&project_ref(project)?, caller.reader(Admission::ReadReleases), tag.clone())
            .await?;
        let (project, resource, found) = see_releases(caller, Intent::Write, view)?;
        let (raw_tag, draft) = wanted?;
        let found = always(found)?;
        ask(caller, resource, Action::WriteReleases { tag: &raw_tag, rules: &found.rules })?;
        if found.release.is_some() {
            return Err(Refusal::Taken(Taken::Release));
        }
        refuse_milestones(&draft.milestones)?;
        let tag = tag.ok_or(Refusal::InvalidTag)?;
        draft.texts().check().map_err(Refusal::InvalidRelease)?;
        let links = parse_links(draft.links).map_err(Refusal::InvalidLinks)?;
        let now = self.clock.now();
        let release = NewRelease {
            project: project.id,
            tag,
            name: draft.name,
            description: draft.description,
            tag_message: draft.tag_message,
            target: draft.target,
            created_at: now,
            released_at: date_of_new(draft.released_at, now),
            author: caller.user(),
            links,
        };
        let release = self.releases.create(release).await.map_err(into_refusal)?;
        Ok(self.show(release, project.full_path))
    }
}

impl ReleaseDraft {
    fn texts(&self) -> ReleaseTexts<'_> {
        ReleaseTexts {
            name: self.name.as_deref(),
            description: self.description.as_deref(),
            target: self.target.as_deref(),
            tag_message: self.tag_message.as_deref(),
        }
    }
}

fn into_refusal(error: ReleaseWriteError) -> Refusal {
    match error {
        ReleaseWriteError::Conflict(()) => Refusal::Taken(Taken::Release),
        ReleaseWriteError::Gone => Refusal::NotFound(Missing::Project),
        ReleaseWriteError::Store(error) => Refusal::Store(error),
    }
}
