//! The port of histories.

use async_trait::async_trait;
use jiff::Timestamp;
use release_links_domain::access::Reader;
use release_links_domain::address::Holder;
use release_links_domain::history::{Actor, Event, HistoryFilter, HistoryRow, Origin, ReleaseState, Step, steps};
use release_links_domain::link::LinkFields;
use release_links_domain::project::ProjectRef;
use release_links_domain::tag::TagName;
use release_links_domain::{LinkId, ProjectId};
use release_links_ports::{
    Batch, BatchedPage, HistoryPage, HistoryRepository, PageRequest, ProjectRead, ReleaseKey, StoreError,
};

use crate::MemoryStore;
use crate::listing::page_of;
use crate::state::{ProjectRow, ReleaseRow, State, stored};

impl ReleaseRow {
    fn state(&self) -> ReleaseState {
        let Self { name, description, released_at, .. } = self;
        ReleaseState { name: name.clone(), description: description.clone(), released_at: *released_at }
    }
}

/// What happened to the links of a release.
fn links_between(before: Option<&ReleaseRow>, after: Option<&ReleaseRow>) -> Vec<Event> {
    let link = |release: Option<&ReleaseRow>, id: &LinkId| release.and_then(|release| release.links.get(id)).cloned();
    let mut ids: Vec<LinkId> =
        [before, after].into_iter().flatten().flat_map(|row| row.links.keys().copied()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.iter().map(|id| Event::Link { id: *id, before: link(before, id), after: link(after, id) }).collect()
}

/// What happened in a project, each with its tag.
fn between(before: &ProjectRow, after: &ProjectRow) -> Vec<(TagName, Event)> {
    let mut ids: Vec<_> = before.releases.keys().chain(after.releases.keys()).collect();
    ids.sort_unstable();
    ids.dedup();
    let (mut first, mut last) = (Vec::new(), Vec::new());
    for id in ids {
        let (old, new) = (before.releases.get(id), after.releases.get(id));
        let Some(tag) = new.or(old).map(|release| release.tag.clone()) else { continue };
        let release = Event::Release { before: old.map(ReleaseRow::state), after: new.map(ReleaseRow::state) };
        let of_links = links_between(old, new).into_iter().map(|event| (tag.clone(), event));
        let row = (tag.clone(), release);
        if new.is_some() {
            first.push(row);
        } else {
            last.push(row);
        }
        first.extend(of_links);
        match (old.is_some_and(|old| old.immutable), new.is_some_and(|new| new.immutable)) {
            (false, true) => first.push((tag, Event::Immutable)),
            (true, false) if new.is_some() => first.push((tag, Event::Thaw)),
            _ => {}
        }
    }
    let tag =
        |project: &ProjectRow, name| Some(project.releases.get(&project.channels.get(name)?.release)?.tag.clone());
    let mut names: Vec<_> = before.channels.keys().chain(after.channels.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let channels = names.into_iter().filter_map(|name| {
        let (old, new) = (tag(before, name), tag(after, name));
        Some((new.clone().or(old.clone())?, Event::Channel { name: name.clone(), before: old, after: new }))
    });
    first.into_iter().chain(channels).chain(last).filter(|(_, event)| !event.is_nothing()).collect()
}

impl ProjectRow {
    fn add(&mut self, tag: Option<TagName>, actor: &Actor, origin: Origin, event: Event) {
        let last = self.history.last();
        let seq = last.map_or(0, |last| last.seq) + 1;
        let at = stored(origin.at).max(last.map_or(Timestamp::MIN, |last| last.at));
        self.history.push(HistoryRow { seq, at, tag, actor: Some(actor.clone()), event });
    }

    fn listed(&self, tag: Option<&str>, filter: &HistoryFilter, wanted: PageRequest) -> HistoryPage {
        let has_tag = |row: &HistoryRow| tag.is_none_or(|tag| row.tag.as_ref().is_some_and(|own| own.as_str() == tag));
        let found = self.history.iter().rev().filter(|row| has_tag(row) && filter.admits(&row.event));
        let page = page_of(found.map(|row| (row.seq, size(row))), wanted);
        let batch = self.batch(Batch::<HistoryRow, i64>::divide_small(page.rows));
        BatchedPage { batch, total: page.total, has_next: page.has_next }
    }

    fn batch(&self, (now, rest): (Vec<i64>, Vec<i64>)) -> Batch<HistoryRow, i64> {
        let found = |seq: &i64| self.history.iter().find(|row| row.seq == *seq).cloned();
        Batch { rows: now.iter().filter_map(found).collect(), rest }
    }
}

/// How many bytes of text a row has.
fn size(row: &HistoryRow) -> u64 {
    let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let bytes = match &row.event {
        Event::Link { before, after, .. } => [before, after].into_iter().flatten().map(LinkFields::text_bytes).sum(),
        Event::Release { before, after } => {
            [before, after].into_iter().flatten().map(|state| text(&state.name) + text(&state.description)).sum()
        }
        Event::Immutable | Event::Thaw | Event::Channel { .. } | Event::Prune => 0,
    };
    bytes as u64
}

impl State {
    /// Adds what has happened since `before` to the histories.
    pub fn add_to_history(&mut self, before: &Self, origin: Origin) {
        let actor = self.actor(origin);
        for (id, project) in &mut self.projects {
            let Some(old) = before.projects.get(id) else { continue };
            let events = between(old, project);
            for (tag, event) in events {
                project.add(Some(tag), &actor, origin, event);
            }
        }
    }

    fn actor(&self, origin: Origin) -> Actor {
        let username = origin.user.and_then(|user| self.user(user)).map(|user| user.username.to_string());
        Actor { user: origin.user, username, token: origin.token }
    }

    /// Whether an immutable release had this tag in a project, or under a path that leads to it.
    pub fn is_burnt(&self, id: ProjectId, project: &ProjectRow, tag: &TagName) -> bool {
        project.burnt.contains(tag)
            || self.paths_to(id).into_iter().any(|path| self.burnt.contains(&(path, tag.clone())))
    }

    fn paths_to(&self, project: ProjectId) -> Vec<String> {
        let mut paths = self.all_paths(Holder::Project(project));
        paths.retain(|path| {
            let path = path.parse::<ProjectRef>();
            path.is_ok_and(|path| self.find_project(&path).is_some_and(|(found, _)| found == project))
        });
        paths
    }

    /// Refuses these tags from now on to a project, and under all paths that lead to it.
    pub fn burn(&mut self, project: ProjectId, tags: Vec<TagName>) {
        let paths = self.paths_to(project);
        for tag in tags {
            self.burnt.extend(paths.iter().map(|path| (path.clone(), tag.clone())));
            if let Some(row) = self.projects.get_mut(&project) {
                row.burnt.insert(tag);
            }
        }
    }

    fn prune(&mut self, from: Option<ProjectId>, before: Timestamp, origin: Origin) -> Option<(ProjectId, u64)> {
        let actor = self.actor(origin);
        let is_pruned = |project: &ProjectRow| project.history.last().is_some_and(|row| row.event == Event::Prune);
        let has_old = |project: &ProjectRow| {
            let kept = if is_pruned(project) { project.history.last().map(|row| row.seq) } else { None };
            project.history.iter().any(|row| row.at < before && Some(row.seq) != kept)
        };
        let mut projects = self.projects.iter_mut().filter(|(id, _)| Some(**id) >= from);
        let (&id, project) = projects.find(|(_, project)| has_old(project))?;
        if !is_pruned(project) {
            project.add(None, &actor, origin, Event::Prune);
        }
        let newest = project.history.last().map(|row| row.seq);
        let rows = std::mem::take(&mut project.history);
        let (old, new): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.at < before && Some(row.seq) != newest);
        let dropped = old.len() as u64;
        project.pruned.extend(old);
        project.history = new;
        Some((id, dropped))
    }
}

#[async_trait]
impl HistoryRepository for MemoryStore {
    async fn of_release(&self, key: &ReleaseKey, filter: HistoryFilter, page: PageRequest) -> ProjectRead<HistoryPage> {
        self.read(|state| {
            state.view(&key.project, key.reader, |_, row| {
                row.release_of(&key.tag)?;
                Some(row.listed(Some(&key.tag), &filter, page))
            })
        })
    }

    async fn of_project(
        &self,
        project: &ProjectRef,
        reader: Reader,
        filter: HistoryFilter,
        page: PageRequest,
    ) -> ProjectRead<HistoryPage> {
        self.read(|state| state.view(project, reader, |_, row| Some(row.listed(None, &filter, page))))
    }

    async fn read_on(&self, project: ProjectId, rows: Vec<i64>) -> Result<Batch<HistoryRow, i64>, StoreError> {
        self.read(|state| match state.projects.get(&project) {
            None => Batch { rows: Vec::new(), rest: Vec::new() },
            Some(row) => {
                let size = |seq: &i64| row.history.iter().find(|row| row.seq == *seq).map_or(0, size);
                row.batch(Batch::<HistoryRow, i64>::divide(rows.iter().map(|seq| (*seq, size(seq))).collect()))
            }
        })
    }

    async fn led_at(&self, key: &ReleaseKey, path: &str, at: Timestamp) -> ProjectRead<Step> {
        self.read(|state| {
            state.view(&key.project, key.reader, |_, row| {
                row.release_of(&key.tag)?;
                let has_tag = |row: &&HistoryRow| row.tag.as_ref().is_some_and(|own| own.as_str() == key.tag);
                let rows = row.pruned.iter().chain(&row.history).filter(has_tag);
                steps(rows, path).into_iter().find(|step| step.covers(at))
            })
        })
    }

    async fn prune(
        &self,
        from: Option<ProjectId>,
        before: Timestamp,
        origin: Origin,
    ) -> Result<Option<(ProjectId, u64)>, StoreError> {
        self.write(|state| Ok(state.prune(from, before, origin)))
    }
}
