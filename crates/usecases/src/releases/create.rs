//! Creates a release with all of its links, or does to the one of its tag what the request says: all of it, or nothing.

use release_links_domain::ProjectId;
use release_links_domain::access::Admission;
use release_links_domain::link::{OnConflict, Outcome};
use release_links_domain::policy::Action;
use release_links_domain::project::ProjectRef;
use release_links_domain::release::{Release, ReleaseTexts, SentLinks, date_of_new};
use release_links_domain::tag::TagName;
use release_links_domain::token::{Caller, Intent};
use release_links_ports::{IfExists, NewRelease, ReleaseKey, ReleaseRefused, ReleaseWriteError};

use super::{ReleaseDraft, ReleaseShown, Releases, refuse_milestones};
use crate::caller::{always, ask, project_ref, see_releases};
use crate::{Missing, ParameterFaults, Refusal, Taken};

impl Releases {
    /// Creates a release, and its tag if there is none; or does to the release of the tag what `on_conflict` says.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in this order: docs/contract.md, "Permissions", steps 5 and 6; faulty parameters; no
    /// right to write, or a protected tag; a tag that already has a release, or that an immutable one had; an immutable
    /// release that would change; milestones; an invalid tag name; texts that are too long; invalid links.
    pub async fn create(
        &self,
        caller: &Caller,
        project: &str,
        wanted: Result<(String, ReleaseDraft), ParameterFaults>,
    ) -> Result<(ReleaseShown, Outcome), Refusal> {
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
        let exists = found.release.is_some();
        match draft.on_conflict {
            OnConflict::Fail if exists => return Err(Refusal::Taken(Taken::Release)),
            _ if found.burnt && !exists => return Err(Refusal::Taken(Taken::BurntTag)),
            OnConflict::Replace if found.immutable => {
                self.refuse_if_immutable(caller, project.id, &raw_tag, &draft).await?;
            }
            OnConflict::Keep if exists => {
                if let Some(release) = self.current(caller, project.id, &raw_tag).await? {
                    return Ok((self.show(release, project.full_path), Outcome::Kept));
                }
            }
            _ => {}
        }
        refuse_milestones(&draft.milestones)?;
        let tag = tag.ok_or(Refusal::InvalidTag)?;
        draft.texts().check().map_err(Refusal::InvalidRelease)?;
        let release = self.new_release(caller, project.id, tag, draft)?;
        if !exists {
            // Invalid links are refused before the write begins.
            release.links.accept().map_err(Refusal::InvalidLinks)?;
        }
        let (release, outcome) = self.releases.create(release).await.map_err(into_refusal)?;
        Ok((self.show(release, project.full_path), outcome))
    }

    /// Refuses a release that would change an immutable one, before it is judged. The write checks it again.
    async fn refuse_if_immutable(
        &self,
        caller: &Caller,
        project: ProjectId,
        tag: &str,
        draft: &ReleaseDraft,
    ) -> Result<(), Refusal> {
        let Some(current) = self.current(caller, project, tag).await? else { return Ok(()) };
        let refuses = match SentLinks::parse(draft.links.clone()) {
            Ok(sent) => current.refuses(&draft.changes, &sent, &current.links),
            Err(_) => current.immutable,
        };
        if refuses { Err(Refusal::Immutable) } else { Ok(()) }
    }

    /// Returns the release that a tag has, unless it was deleted meanwhile.
    async fn current(&self, caller: &Caller, project: ProjectId, tag: &str) -> Result<Option<Release>, Refusal> {
        let reader = caller.reader(Admission::ReadReleases);
        let view =
            self.releases.get(&ReleaseKey { project: ProjectRef::Id(project), tag: tag.to_owned(), reader }).await?;
        Ok(view.and_then(|view| view.found))
    }

    fn new_release(
        &self,
        caller: &Caller,
        project: ProjectId,
        tag: TagName,
        draft: ReleaseDraft,
    ) -> Result<NewRelease, Refusal> {
        let now = self.clock.now();
        let ReleaseDraft { changes, tag_message, target, links, on_conflict, .. } = draft;
        let if_exists = match on_conflict {
            OnConflict::Fail => IfExists::Fail,
            OnConflict::Keep => IfExists::Keep,
            OnConflict::Replace => IfExists::Replace(changes.clone()),
        };
        Ok(NewRelease {
            project,
            tag,
            name: changes.name.apply(None),
            description: changes.description.apply(None),
            tag_message,
            target,
            created_at: now,
            released_at: date_of_new(changes.released_at, now),
            author: caller.user(),
            token: caller.origin(now).token,
            links: SentLinks::parse(links).map_err(Refusal::InvalidLinks)?,
            if_exists,
        })
    }
}

impl ReleaseDraft {
    fn texts(&self) -> ReleaseTexts<'_> {
        ReleaseTexts {
            target: self.target.as_deref(),
            tag_message: self.tag_message.as_deref(),
            ..ReleaseTexts::of(&self.changes)
        }
    }
}

fn into_refusal(error: ReleaseWriteError) -> Refusal {
    match error {
        ReleaseWriteError::Conflict(ReleaseRefused::Exists) => Refusal::Taken(Taken::Release),
        ReleaseWriteError::Conflict(ReleaseRefused::Burnt) => Refusal::Taken(Taken::BurntTag),
        ReleaseWriteError::Conflict(ReleaseRefused::Immutable) => Refusal::Immutable,
        ReleaseWriteError::Conflict(ReleaseRefused::Links(faults)) => Refusal::InvalidLinks(faults),
        ReleaseWriteError::Gone => Refusal::NotFound(Missing::Project),
        ReleaseWriteError::Store(error) => Refusal::Store(error),
    }
}
