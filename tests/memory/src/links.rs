//! The links port.

use async_trait::async_trait;
use jiff::Timestamp;
use release_links_domain::access::Reader;
use release_links_domain::channel::Selection;
use release_links_domain::history::Origin;
use release_links_domain::link::{
    Candidate, Link, LinkChanges, LinkConflict, LinkFields, Manifest, ManifestFaults, OnConflict, Outcome, ParsedDraft,
    Plan, Settled,
};
use release_links_domain::project::ProjectRef;
use release_links_domain::tag::TagName;
use release_links_domain::{LinkId, ProjectId, ReleaseId};
use release_links_ports::{
    Batch, BearerRead, Claim, LinkNotCreated, LinkPage, LinkRefused, LinkRepository, LinkUpdateError, LinkWriteError,
    MAX_LINK_BYTES, ManifestRefused, ManifestWriteError, PageRequest, Precondition, ProjectRead, ReleaseKey, Run,
    StoreError, WritableRelease, WriteError,
};

use crate::MemoryStore;
use crate::listing::page_of;
use crate::state::{ProjectRow, ReleaseRow, State};

impl ReleaseRow {
    fn link(&self, id: LinkId) -> Option<Link> {
        self.links.get(&id).map(|fields| Link { id, fields: fields.clone() })
    }

    fn link_by_path(&self, path: &str) -> Option<Link> {
        self.ordered_links().find(|link| link.fields.path.as_ref().is_some_and(|own| own.as_str() == path))
    }

    /// The links other than `except` that share a value with a candidate.
    fn alike(&self, candidate: &Candidate, except: Option<LinkId>) -> Vec<Link> {
        let shares = |link: &Link| !LinkConflict::between(candidate, [link]).is_none();
        self.ordered_links().filter(|link| Some(link.id) != except && shares(link)).collect()
    }
}

impl State {
    fn link(&self, project: ProjectId, id: LinkId) -> Option<Link> {
        self.projects.get(&project)?.releases.values().find_map(|release| release.link(id))
    }

    fn writable(&mut self, project: ProjectId, release: ReleaseId) -> Option<&mut ReleaseRow> {
        self.projects.get_mut(&project)?.releases.get_mut(&release)
    }

    fn create_link(
        &mut self,
        project: ProjectId,
        release: ReleaseId,
        draft: ParsedDraft,
        on_conflict: Option<OnConflict>,
    ) -> Result<(Link, Outcome), LinkWriteError> {
        let id = self.next_id();
        let setting = self.projects.get(&project).ok_or(WriteError::Gone)?.links_on_conflict;
        let release_id = release;
        let release = self.writable(project, release_id).ok_or(WriteError::Gone)?;
        let alike = release.alike(&draft.candidate(), None);
        let wanted = on_conflict.unwrap_or(setting);
        if release.immutable && draft.alters(wanted, &alike) {
            return Err(WriteError::Conflict(LinkNotCreated::Immutable));
        }
        let settled = draft.settle(wanted, release.links.len(), &alike);
        let faulty = |faults| WriteError::Conflict(LinkNotCreated::Faults(faults));
        let (id, fields, outcome) = match settled.map_err(faulty)? {
            Settled::Create(fields) => (id, fields, Outcome::Created),
            Settled::Leave(link, outcome) => return Ok((link, outcome)),
            Settled::Replace(Link { id, fields }) => (id, fields, Outcome::Replaced),
        };
        let before = release.links.get(&id).cloned();
        let fields = self.settle(project, fields, Some(id), before.as_ref()).map_err(faulty)?;
        let outcome = if before.as_ref() == Some(&fields) { Outcome::Unchanged } else { outcome };
        self.writable(project, release_id).ok_or(WriteError::Gone)?.links.insert(id, fields.clone());
        Ok((Link { id, fields }, outcome))
    }

    fn update_link(
        &mut self,
        project: ProjectId,
        release: ReleaseId,
        id: LinkId,
        changes: LinkChanges,
        precondition: &Precondition<Link>,
    ) -> Result<Link, LinkUpdateError> {
        let release_id = release;
        let release = self.writable(project, release_id).ok_or(WriteError::Gone)?;
        let current = release.link(id).ok_or(WriteError::Gone)?;
        let fields = changes.apply(current.fields.clone());
        if release.immutable && !current.fields.may_become(&fields) {
            return Err(WriteError::Conflict(LinkRefused::Immutable));
        }
        if !precondition.holds(&current) {
            return Err(WriteError::Conflict(LinkRefused::Precondition(Box::new(current))));
        }
        let candidate = Candidate::from(&fields);
        let taken = LinkConflict::between(&candidate, &release.alike(&candidate, Some(id)));
        if !taken.is_none() {
            return Err(WriteError::Conflict(LinkRefused::Taken(taken)));
        }
        let fields = self.settle(project, fields, Some(id), Some(&current.fields));
        let fields = fields.map_err(|faults| WriteError::Conflict(LinkRefused::Faults(faults)))?;
        self.writable(project, release_id).ok_or(WriteError::Gone)?.links.insert(id, fields.clone());
        Ok(Link { id, fields })
    }
}

impl State {
    /// What a manifest makes of these links, with the digests and sizes of the files that they follow.
    fn planned(&self, project: ProjectId, manifest: Manifest, current: &[Link]) -> Result<Plan, ManifestFaults> {
        let mut plan = manifest.plan(current)?;
        for (entry, link) in plan.written_mut() {
            let settled = self.settle(project, link.fields.clone(), link.id, link.before.as_ref());
            link.fields = settled.map_err(|faults| ManifestFaults::of_entry(entry, &faults))?;
        }
        Ok(plan)
    }

    fn apply_manifest(
        &mut self,
        project: ProjectId,
        release: ReleaseId,
        manifest: Manifest,
        precondition: &Precondition<Vec<Link>>,
        run: Run,
    ) -> Result<Plan, ManifestWriteError> {
        let refused = |faults| WriteError::Conflict(ManifestRefused::Faults(faults));
        let row = self.writable(project, release).ok_or(WriteError::Gone)?;
        let current: Vec<Link> = row.ordered_links().collect();
        let immutable = row.immutable;
        let bytes: usize = current.iter().map(|link| link.fields.text_bytes()).sum();
        let is_larger = current.len() > Link::MAX_PER_RELEASE || bytes > MAX_LINK_BYTES;
        let plan = if is_larger { Err(ManifestFaults::TooMany) } else { self.planned(project, manifest, &current) };
        if immutable && plan.as_ref().map_or(true, Plan::alters) {
            return Err(WriteError::Conflict(ManifestRefused::Immutable));
        }
        if !is_larger && !precondition.holds(&current) {
            return Err(WriteError::Conflict(ManifestRefused::Precondition(current)));
        }
        let mut plan = plan.map_err(refused)?;
        if run == Run::Dry {
            return Ok(plan);
        }
        let ids: Vec<LinkId> = plan.created().map(|_| self.next_id()).collect();
        plan.assign(ids);
        let row = self.writable(project, release).ok_or(WriteError::Gone)?;
        row.links = plan.stored().into_iter().map(|link| (link.id, link.fields)).collect();
        if plan.is_ordered_anew {
            row.placed = plan.stored().iter().map(|link| link.id).collect();
        }
        Ok(plan)
    }
}

fn page_of_links(release: &ReleaseRow, wanted: PageRequest) -> LinkPage {
    let page = page_of(release.ordered_links(), wanted);
    let (total, has_next) = (page.total, page.has_next);
    let is_small = |link: &Link| link.fields.text_bytes() <= LinkFields::MAX_TEXT_BYTES;
    let read = page.rows.into_iter().map(|link| if is_small(&link) { Ok(link) } else { Err(link.id) });
    LinkPage { batch: Batch::until_unread(read.collect(), |link| link.id), total, has_next }
}

fn writable_release(
    project: &ProjectRow,
    tag: &str,
    link: Option<LinkId>,
    candidate: &Candidate,
) -> Option<WritableRelease> {
    let (id, release) = project.release_of(tag)?;
    if let Some(link) = link {
        release.link(link)?;
    }
    // A link that only changes makes the release no fuller.
    let links = if link.is_none() { release.links.len().min(Link::MAX_PER_RELEASE) } else { 0 };
    Some(WritableRelease {
        id,
        immutable: release.immutable,
        rules: project.rules_on(tag),
        on_conflict: project.links_on_conflict,
        links,
        alike: release.alike(candidate, link),
    })
}

#[async_trait]
impl LinkRepository for MemoryStore {
    async fn list(&self, key: &ReleaseKey, page: PageRequest) -> ProjectRead<LinkPage> {
        self.read(|state| {
            state.view(&key.project, key.reader, |_, row| Some(page_of_links(row.release_of(&key.tag)?.1, page)))
        })
    }

    async fn read_on(&self, project: ProjectId, links: Vec<LinkId>) -> Result<Batch<Link, LinkId>, StoreError> {
        self.read(|state| {
            let size = |id| state.link(project, id).map_or(0, |link| link.fields.text_bytes() as u64);
            let sizes = links.into_iter().map(|id| (id, size(id))).collect();
            let (now, rest) = Batch::<Link, LinkId>::divide(sizes);
            Batch { rows: now.into_iter().filter_map(|id| state.link(project, id)).collect(), rest }
        })
    }

    async fn get(&self, key: &ReleaseKey, link: LinkId) -> ProjectRead<Link> {
        self.read(|state| state.view(&key.project, key.reader, |_, row| row.release_of(&key.tag)?.1.link(link)))
    }

    async fn get_for_bearer(&self, claim: &Claim, project: &ProjectRef, tag: &str, link: LinkId) -> BearerRead<Link> {
        let read = |reader| async move {
            self.get(&ReleaseKey { project: project.clone(), tag: tag.to_owned(), reader }, link).await
        };
        claim.find_and_read(self, read).await
    }

    async fn get_by_path(&self, key: &ReleaseKey, path: &str) -> ProjectRead<Link> {
        self.read(|state| state.view(&key.project, key.reader, |_, row| row.release_of(&key.tag)?.1.link_by_path(path)))
    }

    async fn get_selected_by_path(
        &self,
        project: &ProjectRef,
        reader: Reader,
        selection: Selection,
        now: Timestamp,
        path: &str,
    ) -> ProjectRead<(TagName, Link)> {
        self.read(|state| {
            state.view(project, reader, |_, row| {
                let mut releases = row.selected(&selection, now);
                releases.find_map(|release| Some((release.tag.clone(), release.link_by_path(path)?)))
            })
        })
    }

    async fn load_for_write(
        &self,
        key: &ReleaseKey,
        link: Option<LinkId>,
        candidate: &Candidate,
    ) -> ProjectRead<WritableRelease> {
        self.read(|state| {
            state.view(&key.project, key.reader, |_, row| writable_release(row, &key.tag, link, candidate))
        })
    }

    async fn create(
        &self,
        project: ProjectId,
        release: ReleaseId,
        draft: ParsedDraft,
        on_conflict: Option<OnConflict>,
        origin: Origin,
    ) -> Result<(Link, Outcome), LinkWriteError> {
        self.record(origin, |state| state.create_link(project, release, draft, on_conflict))
    }

    async fn update(
        &self,
        project: ProjectId,
        release: ReleaseId,
        link: LinkId,
        changes: LinkChanges,
        precondition: Precondition<Link>,
        origin: Origin,
    ) -> Result<Link, LinkUpdateError> {
        self.record(origin, |state| state.update_link(project, release, link, changes, &precondition))
    }

    async fn apply(
        &self,
        project: ProjectId,
        release: ReleaseId,
        manifest: Manifest,
        precondition: Precondition<Vec<Link>>,
        origin: Origin,
        run: Run,
    ) -> Result<Plan, ManifestWriteError> {
        self.record(origin, |state| state.apply_manifest(project, release, manifest, &precondition, run))
    }

    async fn delete(
        &self,
        project: ProjectId,
        release: ReleaseId,
        link: LinkId,
        precondition: Precondition<Link>,
        origin: Origin,
    ) -> Result<Link, LinkUpdateError> {
        self.record(origin, |state| {
            let release = state.writable(project, release).ok_or(WriteError::Gone)?;
            let current = release.link(link).ok_or(WriteError::Gone)?;
            if release.immutable {
                return Err(WriteError::Conflict(LinkRefused::Immutable));
            }
            if !precondition.holds(&current) {
                return Err(WriteError::Conflict(LinkRefused::Precondition(Box::new(current))));
            }
            release.links.remove(&link);
            Ok(current)
        })
    }
}
