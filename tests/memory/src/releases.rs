//! The releases port.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::Timestamp;
use release_links_domain::access::Reader;
use release_links_domain::channel::Selection;
use release_links_domain::history::Origin;
use release_links_domain::link::{Link, LinkFaults, Outcome, Settled};
use release_links_domain::project::ProjectRef;
use release_links_domain::release::{LinksFaults, Release, ReleaseChanges, SentLinks};
use release_links_domain::tag::{Tag, TagName};
use release_links_domain::{LinkId, ProjectId, ReleaseId};
use release_links_ports::{
    Batch, BatchedPage, IfExists, MAX_LINK_BYTES, NewRelease, PageRequest, Precondition, ProjectRead,
    ReleaseChangeError, ReleaseKey, ReleaseNotChanged, ReleaseOrder, ReleaseRefused, ReleaseRepository,
    ReleaseWriteError, Sort, StoreError, WritableProject, WriteError,
};

use crate::MemoryStore;
use crate::listing::page_of;
use crate::state::{ProjectRow, ReleaseRow, State, stored};

impl ReleaseRow {
    /// The links in their order: those without a position, newest first, then the others.
    pub fn ordered_links(&self) -> impl Iterator<Item = Link> {
        let others = self.links.keys().rev().filter(|id| !self.placed.contains(id));
        let found = |id: &LinkId| Some(Link { id: *id, fields: self.links.get(id)?.clone() });
        others.chain(&self.placed).filter_map(found)
    }
}

impl State {
    /// A release of a project, with at most so many of its links and [`MAX_LINK_BYTES`] of them.
    fn release(&self, project: ProjectId, id: ReleaseId, most: usize) -> Option<Release> {
        let row = self.projects.get(&project)?;
        let release = row.releases.get(&id)?;
        let mut bytes = 0;
        let links = release.ordered_links().take(most).take_while(|link| {
            bytes += link.fields.text_bytes();
            bytes <= MAX_LINK_BYTES
        });
        Some(Release {
            id,
            project,
            tag: release.tag.clone(),
            name: release.name.clone(),
            description: release.description.clone(),
            target: row.tag(release.tag.as_str())?.target.clone(),
            created_at: release.created_at,
            released_at: release.released_at,
            author: release.author.and_then(|author| self.user(author)),
            immutable: release.immutable,
            links: links.collect(),
            link_count: release.links.len(),
        })
    }

    /// How many bytes of text a release has; one with more links than a release takes is as large as can be, so that it is
    /// read by itself.
    fn size(&self, project: ProjectId, id: ReleaseId) -> u64 {
        let Some(release) = self.release(project, id, usize::MAX) else { return 0 };
        if release.link_count > Link::MAX_PER_RELEASE {
            return u64::MAX;
        }
        let texts = [&release.name, &release.description, &release.target].into_iter().flatten();
        let author = release.author.map_or(0, |author| author.name.len());
        let links: usize = release.links.iter().map(|link| link.fields.text_bytes()).sum();
        (texts.map(String::len).sum::<usize>() + author + links) as u64
    }

    fn sizes(&self, project: ProjectId, releases: Vec<ReleaseId>) -> Vec<(ReleaseId, u64)> {
        releases.into_iter().map(|id| (id, self.size(project, id))).collect()
    }

    fn batch(
        &self,
        project: ProjectId,
        (now, rest): (Vec<ReleaseId>, Vec<ReleaseId>),
        links: usize,
    ) -> Batch<Release, ReleaseId> {
        Batch { rows: now.into_iter().filter_map(|id| self.release(project, id, links)).collect(), rest }
    }

    fn create_release(&mut self, new: NewRelease) -> Result<(Release, Outcome), ReleaseWriteError> {
        let project = self.projects.get(&new.project).ok_or(WriteError::Gone)?;
        if let Some((id, _)) = project.release_of(new.tag.as_str()) {
            let project = new.project;
            let outcome = self.send_again(id, new)?;
            let release = self.release(project, id, Link::MAX_PER_RELEASE).ok_or(WriteError::Gone)?;
            return Ok((release, outcome));
        }
        if self.is_burnt(new.project, project, &new.tag) {
            return Err(WriteError::Conflict(ReleaseRefused::Burnt));
        }
        let links = new.links.accept().map_err(refused)?;
        let id = self.next_id();
        let settled = links.into_iter().map(|fields| self.settle(new.project, fields, None, None));
        let links: Vec<_> = settled.collect::<Result<_, _>>().map_err(|faults| faulty(&faults))?;
        let links: BTreeMap<_, _> = links.into_iter().map(|fields| (self.next_id(), fields)).collect();
        let row = ReleaseRow {
            tag: new.tag.clone(),
            name: new.name,
            description: new.description,
            created_at: stored(new.created_at),
            released_at: stored(new.released_at),
            author: new.author.filter(|author| self.users.contains_key(author)),
            immutable: false,
            links,
            placed: Vec::new(),
        };
        let project = self.projects.get_mut(&new.project).ok_or(WriteError::Gone)?;
        if project.tag(new.tag.as_str()).is_none() {
            let (message, target, created_at) = (new.tag_message, new.target, stored(new.created_at));
            project.tags.push(Tag { name: new.tag, message, target, created_at, release: None });
        }
        project.releases.insert(id, row);
        let made = self.release(new.project, id, usize::MAX).ok_or(WriteError::Gone)?;
        Ok((made, Outcome::Created))
    }

    /// Does to a release that exists what a new one of its tag says.
    fn send_again(&mut self, id: ReleaseId, new: NewRelease) -> Result<Outcome, ReleaseWriteError> {
        let changes = match new.if_exists {
            IfExists::Fail => return Err(WriteError::Conflict(ReleaseRefused::Exists)),
            IfExists::Keep => return Ok(Outcome::Kept),
            IfExists::Replace(changes) => changes,
        };
        let current = self.release(new.project, id, usize::MAX).ok_or(WriteError::Gone)?;
        if current.refuses(&changes, &new.links, &current.links) {
            return Err(WriteError::Conflict(ReleaseRefused::Immutable));
        }
        let Some(links) = current.settle(&changes, new.links, current.links.clone()).map_err(refused)? else {
            return Ok(Outcome::Unchanged);
        };
        for link in links {
            let Link { id: of_link, fields } = match link {
                Settled::Create(fields) => Link { id: self.next_id(), fields },
                Settled::Leave(link, _) | Settled::Replace(link) => link,
            };
            let row = self.projects.get(&new.project).and_then(|project| project.releases.get(&id));
            let before = row.and_then(|row| row.links.get(&of_link)).cloned();
            let fields =
                self.settle(new.project, fields, Some(of_link), before.as_ref()).map_err(|faults| faulty(&faults))?;
            let row = self.projects.get_mut(&new.project).and_then(|project| project.releases.get_mut(&id));
            row.ok_or(WriteError::Gone)?.links.insert(of_link, fields);
        }
        self.update_release(new.project, id, changes).ok_or(WriteError::Gone)?;
        Ok(Outcome::Replaced)
    }

    /// A release for which the precondition holds, and which does not refuse the change.
    fn release_if(
        &self,
        project: ProjectId,
        id: ReleaseId,
        refuses: impl FnOnce(&Release) -> bool,
        precondition: &Precondition<Release>,
    ) -> Result<Release, ReleaseChangeError> {
        let current = self.release(project, id, Link::MAX_PER_RELEASE).ok_or(WriteError::Gone)?;
        if refuses(&current) {
            Err(WriteError::Conflict(ReleaseNotChanged::Immutable))
        } else if precondition.holds(&current) {
            Ok(current)
        } else {
            Err(WriteError::Conflict(ReleaseNotChanged::Precondition(Box::new(current))))
        }
    }

    fn update_release(&mut self, project: ProjectId, id: ReleaseId, changes: ReleaseChanges) -> Option<Release> {
        let new = changes.apply(self.release(project, id, 0)?);
        let row = self.projects.get_mut(&project)?.releases.get_mut(&id)?;
        (row.name, row.description) = (new.name, new.description);
        row.released_at = stored(new.released_at);
        self.release(project, id, Link::MAX_PER_RELEASE)
    }
}

fn faulty(faults: &LinkFaults) -> ReleaseWriteError {
    refused(LinksFaults::of_link(faults))
}

fn refused(faults: LinksFaults) -> ReleaseWriteError {
    WriteError::Conflict(ReleaseRefused::Links(faults))
}

/// The ids of a project's releases in the order asked for.
fn sorted(project: &ProjectRow, order: ReleaseOrder, sort: Sort) -> Vec<ReleaseId> {
    let key = |release: &ReleaseRow| match order {
        ReleaseOrder::ReleasedAt => release.released_at,
        ReleaseOrder::CreatedAt => release.created_at,
    };
    let mut keys: Vec<_> = project.releases.iter().map(|(&id, release)| (key(release), id)).collect();
    match sort {
        Sort::Ascending => keys.sort(),
        Sort::Descending => keys.sort_by_key(|&key| Reverse(key)),
    }
    keys.into_iter().map(|(_, id)| id).collect()
}

#[async_trait]
impl ReleaseRepository for MemoryStore {
    async fn list(
        &self,
        project: &ProjectRef,
        reader: Reader,
        order: ReleaseOrder,
        sort: Sort,
        page: PageRequest,
    ) -> ProjectRead<BatchedPage<Release, ReleaseId>> {
        self.read(|state| {
            state.view(project, reader, |id, row| {
                let page = page_of(sorted(row, order, sort), page);
                let divided = Batch::<Release, ReleaseId>::divide_small(state.sizes(id, page.rows));
                let batch = state.batch(id, divided, Link::MAX_PER_RELEASE);
                Some(BatchedPage { batch, total: page.total, has_next: page.has_next })
            })
        })
    }

    async fn read_on(
        &self,
        project: ProjectId,
        releases: Vec<ReleaseId>,
    ) -> Result<Batch<Release, ReleaseId>, StoreError> {
        self.read(|state| {
            let divided = Batch::<Release, ReleaseId>::divide(state.sizes(project, releases));
            state.batch(project, divided, usize::MAX)
        })
    }

    async fn get(&self, key: &ReleaseKey) -> ProjectRead<Release> {
        self.read(|state| {
            state.view(&key.project, key.reader, |project, row| {
                state.release(project, row.release_of(&key.tag)?.0, Link::MAX_PER_RELEASE)
            })
        })
    }

    async fn selected(
        &self,
        project: &ProjectRef,
        reader: Reader,
        selection: Selection,
        now: Timestamp,
    ) -> ProjectRead<TagName> {
        self.read(|state| {
            state
                .view(project, reader, |_, row| row.selected(&selection, now).next().map(|release| release.tag.clone()))
        })
    }

    async fn load_for_write(
        &self,
        project: &ProjectRef,
        reader: Reader,
        tag: Option<TagName>,
    ) -> ProjectRead<WritableProject> {
        self.read(|state| {
            state.view(project, reader, |id, row| {
                Some(match tag {
                    None => WritableProject { rules: row.all_rules(), release: None, immutable: false, burnt: false },
                    Some(tag) => WritableProject {
                        rules: row.rules_on(tag.as_str()),
                        release: row.release_of(tag.as_str()).map(|(id, _)| id),
                        immutable: row.release_of(tag.as_str()).is_some_and(|(_, release)| release.immutable),
                        burnt: state.is_burnt(id, row, &tag),
                    },
                })
            })
        })
    }

    async fn create(&self, release: NewRelease) -> Result<(Release, Outcome), ReleaseWriteError> {
        let origin = Origin { at: release.created_at, user: release.author, token: release.token };
        self.record(origin, |state| state.create_release(release))
    }

    async fn update(
        &self,
        project: ProjectId,
        release: ReleaseId,
        changes: ReleaseChanges,
        precondition: Precondition<Release>,
        origin: Origin,
    ) -> Result<Release, ReleaseChangeError> {
        self.record(origin, |state| {
            let refuses = |release: &Release| release.refuses(&changes, &SentLinks::default(), &[]);
            state.release_if(project, release, refuses, &precondition)?;
            state.update_release(project, release, changes).ok_or(WriteError::Gone)
        })
    }

    async fn delete(
        &self,
        project: ProjectId,
        release: ReleaseId,
        even_if_immutable: bool,
        precondition: Precondition<Release>,
        origin: Origin,
    ) -> Result<Release, ReleaseChangeError> {
        self.record(origin, |state| {
            let refuses = |release: &Release| release.immutable && !even_if_immutable;
            let found = state.release_if(project, release, refuses, &precondition)?;
            if found.immutable {
                state.burn(project, vec![found.tag.clone()]);
            }
            if let Some(project) = state.projects.get_mut(&project) {
                project.releases.remove(&release);
                project.channels.retain(|_, channel| channel.release != release);
            }
            Ok(found)
        })
    }

    async fn set_immutable(
        &self,
        project: ProjectId,
        release: ReleaseId,
        immutable: bool,
        origin: Origin,
    ) -> Result<(Release, bool), WriteError<()>> {
        self.record(origin, |state| {
            let row = state.projects.get_mut(&project).and_then(|project| project.releases.get_mut(&release));
            let before = std::mem::replace(&mut row.ok_or(WriteError::Gone)?.immutable, immutable);
            let now = state.release(project, release, Link::MAX_PER_RELEASE).ok_or(WriteError::Gone)?;
            Ok((now, before != immutable))
        })
    }
}
