//! The projects port.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use release_links_domain::access::Reader;
use release_links_domain::address::Holder;
use release_links_domain::link::OnConflict;
use release_links_domain::namespace::NamespaceRef;
use release_links_domain::placement::{PlacementObstacle, ProjectPlacement, visibility_to_check};
use release_links_domain::project::{Project, ProjectRef, ProjectRules};
use release_links_domain::{NamespaceId, ProjectId, UserId};
use release_links_ports::{
    NamespaceView, NewProject, Page, PageRequest, ProjectChanges, ProjectDetails, ProjectFilter, ProjectOrder,
    ProjectRead, ProjectRepository, StoreError, Transfer, Viewer, WriteError,
};

use crate::MemoryStore;
use crate::listing::{holds, is_seen, page_of, sorted};
use crate::state::{Members, ProjectRow, State, stored};

/// Whether the viewer sees a project, or has the level over it that the filter asks for.
fn is_listed(details: &ProjectDetails, viewer: &Viewer, filter: &ProjectFilter) -> bool {
    let level = details.project_access.max(details.group_access);
    let is_in_reach = viewer.only.is_none_or(|only| details.project.id == only);
    is_in_reach
        && match filter.least_level {
            None => is_seen(details.project.rules.visibility, level, viewer),
            Some(least) => level >= Some(least),
        }
}

fn matches(project: &Project, filter: &ProjectFilter) -> bool {
    let is_found = |text: &String| holds(project.name.as_str(), text) || holds(project.path.as_str(), text);
    filter.search.as_ref().is_none_or(is_found)
        && filter.visibility.is_none_or(|wanted| project.rules.visibility == wanted)
        && filter.archived.is_none_or(|wanted| project.rules.archived == wanted)
        && filter.id_after.is_none_or(|after| project.id.get() > after)
        && filter.id_before.is_none_or(|before| project.id.get() < before)
        && filter.topics.iter().all(|topic| project.topics.as_slice().contains(topic))
        && filter.active.contains(project.last_activity_at)
}

impl State {
    fn create_project(&mut self, new: NewProject) -> Result<Project, WriteError<PlacementObstacle>> {
        let above = self.namespace_view(new.namespace, None).ok_or(WriteError::Gone)?;
        let placement = ProjectPlacement {
            visibility: Some(new.visibility),
            namespace: (above.namespace.kind, above.visibility),
            path_is_taken: self.at(Some(new.namespace), new.path.as_str()).is_some(),
        };
        placement.check().map_err(WriteError::Conflict)?;
        let id = self.next_id();
        self.arrive(Holder::Project(id), Some(new.namespace), &new.path);
        let rules = ProjectRules { visibility: new.visibility, archived: false, releases: new.releases };
        let row = ProjectRow {
            namespace: new.namespace,
            name: new.name,
            path: new.path,
            rules,
            description: new.description,
            default_branch: new.default_branch,
            topics: new.topics,
            links_on_conflict: OnConflict::default(),
            generic_duplicates_allowed: true,
            creator: Some(new.creator).filter(|creator| self.users.contains_key(creator)),
            created_at: stored(new.created_at),
            members: Members::new(),
            tag_rules: BTreeMap::new(),
            tags: Vec::new(),
            releases: BTreeMap::new(),
            channels: BTreeMap::new(),
            packages: BTreeMap::new(),
            uploads: BTreeMap::new(),
            history: Vec::new(),
            pruned: Vec::new(),
            burnt: BTreeSet::new(),
        };
        self.projects.insert(id, row);
        Ok(self.details(id, None).ok_or(WriteError::Gone)?.project)
    }

    fn update_project(
        &mut self,
        id: ProjectId,
        changes: ProjectChanges,
        viewer: UserId,
    ) -> Result<ProjectDetails, WriteError<PlacementObstacle>> {
        let current = self.details(id, None).ok_or(WriteError::Gone)?.project;
        let namespace = changes.namespace.unwrap_or(current.namespace.id);
        let path = changes.path.unwrap_or(current.path);
        let above = self.namespace_view(namespace, None).ok_or(WriteError::Gone)?;
        let (holder, there) = (Holder::Project(id), self.at(Some(namespace), path.as_str()));
        let moves = namespace != current.namespace.id;
        let placement = ProjectPlacement {
            visibility: visibility_to_check(current.rules.visibility, changes.visibility, moves),
            namespace: (above.namespace.kind, above.visibility),
            path_is_taken: there.is_some_and(|there| there != holder),
        };
        placement.check().map_err(WriteError::Conflict)?;
        // In another case, the place is the same.
        if there.is_none() {
            self.leave(holder);
            self.arrive(holder, Some(namespace), &path);
        }
        let row = self.projects.get_mut(&id).ok_or(WriteError::Gone)?;
        (row.namespace, row.path, row.name) = (namespace, path, changes.name.unwrap_or(current.name));
        row.description = changes.description.apply(current.description);
        row.default_branch = changes.default_branch.unwrap_or(current.default_branch);
        row.topics = changes.topics.unwrap_or(current.topics);
        row.links_on_conflict = changes.links_on_conflict.unwrap_or(current.links_on_conflict);
        row.generic_duplicates_allowed =
            changes.generic_duplicates_allowed.unwrap_or(current.generic_duplicates_allowed);
        row.rules = ProjectRules {
            visibility: changes.visibility.unwrap_or(current.rules.visibility),
            archived: changes.archived.unwrap_or(current.rules.archived),
            releases: changes.releases.unwrap_or(current.rules.releases),
        };
        self.details(id, Some(viewer)).ok_or(WriteError::Gone)
    }
}

#[async_trait]
impl ProjectRepository for MemoryStore {
    async fn get(&self, project: &ProjectRef, reader: Reader) -> ProjectRead<ProjectDetails> {
        self.read(|state| state.view(project, reader, |id, _| state.details(id, reader.user)))
    }

    async fn namespace(
        &self,
        namespace: Option<NamespaceId>,
        viewer: UserId,
    ) -> Result<Option<NamespaceView>, StoreError> {
        self.read(|state| {
            let own = state.users.get(&viewer).map(|user| user.namespace);
            state.namespace_view(namespace.or(own)?, Some(viewer))
        })
    }

    async fn load_for_transfer(
        &self,
        project: &ProjectRef,
        target: Option<NamespaceRef>,
        reader: Reader,
    ) -> ProjectRead<Transfer> {
        self.read(|state| {
            state.view(project, reader, |_, row| {
                let target = target.and_then(|target| state.find_namespace(&target));
                let target = target.and_then(|target| state.namespace_view(target, reader.user));
                Some(Transfer { from: row.namespace, target })
            })
        })
    }

    async fn list(
        &self,
        viewer: Viewer,
        filter: ProjectFilter,
        page: PageRequest,
    ) -> Result<Page<ProjectDetails>, StoreError> {
        self.read(|state| {
            let all = state.projects.keys().filter_map(|&id| state.details(id, viewer.user));
            let listed = all.filter(|details| is_listed(details, &viewer, &filter));
            let is_within = |details: &ProjectDetails| {
                let namespace = details.project.namespace.id;
                filter.within.is_none_or(|within| {
                    namespace == within.namespace
                        || (within.subgroups && state.and_above(namespace).any(|above| above == within.namespace))
                })
            };
            let listed = listed.filter(is_within);
            let wanted = listed.filter(|details| matches(&details.project, &filter)).collect();
            let key = |ProjectDetails { project, .. }: &ProjectDetails| {
                let (text, time) = match filter.order {
                    ProjectOrder::Id => ("", None),
                    ProjectOrder::Name => (project.name.as_str(), None),
                    ProjectOrder::Path => (project.path.as_str(), None),
                    ProjectOrder::CreatedAt => ("", Some(project.created_at)),
                    ProjectOrder::LastActivityAt => ("", Some(project.last_activity_at)),
                };
                (text.to_ascii_lowercase(), time, project.id)
            };
            page_of(sorted(wanted, filter.sort, key), page)
        })
    }

    async fn create(&self, project: NewProject) -> Result<Project, WriteError<PlacementObstacle>> {
        self.write(|state| state.create_project(project))
    }

    async fn update(
        &self,
        project: ProjectId,
        changes: ProjectChanges,
        viewer: UserId,
    ) -> Result<ProjectDetails, WriteError<PlacementObstacle>> {
        self.write(|state| state.update_project(project, changes, viewer))
    }

    async fn delete(&self, project: ProjectId) -> Result<bool, StoreError> {
        self.write(|state| Ok(state.remove_project(project)))
    }
}
