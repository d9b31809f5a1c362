//! What one reader sees of a project, group or namespace.

use release_links_domain::access::Reader;
use release_links_domain::address::Holder;
use release_links_domain::namespace::{Group, GroupRef, Namespace, NamespaceKind};
use release_links_domain::project::{Project, ProjectRef};
use release_links_domain::{GroupId, NamespaceId, ProjectId, UserId};
use release_links_ports::{GroupView, NamespaceView, ProjectDetails, ProjectFacts, ProjectView};

use crate::state::{Kind, ProjectRow, State};

impl State {
    /// A project, the reader's level in it, and what `find` finds there for a reader who is admitted to it.
    pub fn view<T>(
        &self,
        project: &ProjectRef,
        reader: Reader,
        find: impl FnOnce(ProjectId, &ProjectRow) -> Option<T>,
    ) -> Option<ProjectView<T>> {
        let (id, moved) = self.find_project(project)?;
        let row = self.projects.get(&id)?;
        let level = self.access_to_project(row, reader.user).level();
        let found = if reader.is_admitted_to(id, row.rules, level) { find(id, row) } else { None };
        let project = ProjectFacts { id, full_path: self.path_of_project(row), rules: row.rules, moved };
        Some(ProjectView { project, level, found })
    }

    /// The project that a request names, and whether by a path that it has left.
    pub fn find_project(&self, project: &ProjectRef) -> Option<(ProjectId, bool)> {
        let path = match project {
            ProjectRef::Id(id) => return Some((*id, false)),
            ProjectRef::Path(path) => path,
        };
        match self.at_path(path.as_str()) {
            Some(Holder::Project(project)) => Some((project, false)),
            _ => Some((self.last_at_path(path)?, true)),
        }
    }

    /// A project with the viewer's levels in it.
    pub fn details(&self, id: ProjectId, viewer: Option<UserId>) -> Option<ProjectDetails> {
        let row = self.projects.get(&id)?;
        let project = Project {
            id,
            name: row.name.clone(),
            full_name: format!("{} / {}", self.full_name(row.namespace), row.name),
            description: row.description.clone(),
            path: row.path.clone(),
            full_path: self.path_of_project(row),
            namespace: self.namespace(row.namespace),
            rules: row.rules,
            default_branch: row.default_branch.clone(),
            topics: row.topics.clone(),
            links_on_conflict: row.links_on_conflict,
            generic_duplicates_allowed: row.generic_duplicates_allowed,
            creator: row.creator,
            created_at: row.created_at,
            last_activity_at: row.last_activity_at(),
        };
        let access = self.access_to_project(row, viewer);
        Some(ProjectDetails { project, project_access: access.outside_groups(), group_access: access.inherited })
    }

    /// A namespace that exists.
    fn namespace(&self, id: NamespaceId) -> Namespace {
        let row = &self.namespaces[&id];
        let (name, kind) = match &row.kind {
            Kind::Group { name, .. } => (name.to_string(), NamespaceKind::Group),
            Kind::User(user) => (self.users[user].name.clone(), NamespaceKind::User),
        };
        let full_path = self.path_of_namespace(id);
        Namespace { id, name, path: row.path.clone(), full_path, parent: row.parent(), kind }
    }

    /// The names of a namespace that exists and of the groups above it, from the top down.
    fn full_name(&self, id: NamespaceId) -> String {
        let mut names: Vec<_> = self.and_above(id).map(|above| self.namespace(above).name).collect();
        names.reverse();
        names.join(" / ")
    }

    /// A namespace as the viewer stands in it.
    pub fn namespace_view(&self, id: NamespaceId, viewer: Option<UserId>) -> Option<NamespaceView> {
        let visibility = self.namespaces.get(&id)?.visibility;
        let level = self.access_to_namespace(id, viewer).level();
        Some(NamespaceView { namespace: self.namespace(id), level, visibility })
    }

    /// A group as the viewer stands in it.
    pub fn group_view(&self, id: GroupId, viewer: Option<UserId>) -> Option<GroupView> {
        let row = self.namespaces.get(&id)?;
        let Kind::Group { name, description, parent, .. } = &row.kind else { return None };
        let group = Group {
            id,
            name: name.clone(),
            path: row.path.clone(),
            full_path: self.path_of_namespace(id),
            full_name: self.full_name(id),
            parent: *parent,
            description: description.clone(),
            visibility: row.visibility,
        };
        let is_above = |project: &ProjectRow| self.and_above(project.namespace).any(|above| above == id);
        let is_member = |project: &ProjectRow| viewer.is_some_and(|viewer| project.members.contains_key(&viewer));
        let member_below = self.projects.values().any(|project| is_member(project) && is_above(project));
        Some(GroupView { group, level: self.group_access(id, viewer), member_below })
    }

    /// As [`group_view`](Self::group_view), of a group as a request names it.
    pub fn named_group_view(&self, group: &GroupRef, viewer: Option<UserId>) -> Option<GroupView> {
        self.group_view(self.find_namespace(group)?, viewer)
    }

    /// The namespace that a request names.
    pub fn find_namespace(&self, namespace: &GroupRef) -> Option<NamespaceId> {
        match namespace {
            GroupRef::Id(id) => Some(*id),
            GroupRef::Path(path) => match self.at_path(path.as_str())? {
                Holder::Namespace(id) => Some(id),
                Holder::Project(_) | Holder::Nobody => None,
            },
        }
    }
}
