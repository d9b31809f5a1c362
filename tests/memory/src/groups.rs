//! The groups port.

use async_trait::async_trait;
use release_links_domain::access::AccessLevel;
use release_links_domain::address::Holder;
use release_links_domain::namespace::{Group, GroupRef, PathSegment};
use release_links_domain::placement::{
    GroupPlacement, PlacementObstacle, visibilities_to_exclude, visibility_to_check,
};
use release_links_domain::{GroupId, NamespaceId, UserId};
use release_links_ports::{
    GroupChanges, GroupFilter, GroupOrder, GroupRepository, GroupView, NewGroup, Page, PageRequest, StoreError, Viewer,
    WriteError,
};

use crate::MemoryStore;
use crate::listing::{holds, is_seen, page_of, sorted};
use crate::state::{Kind, Members, NamespaceRow, State};

fn matches(group: &Group, filter: &GroupFilter) -> bool {
    let is_found = |text: &String| holds(group.name.as_str(), text) || holds(group.path.as_str(), text);
    !(filter.top_level_only && group.parent.is_some())
        && filter.search.as_ref().is_none_or(is_found)
        && filter.visibility.is_none_or(|visibility| group.visibility == visibility)
        && !filter.except.contains(&group.id)
        && filter.parent.is_none_or(|parent| group.parent == Some(parent))
}

impl State {
    /// Gives a namespace another path, unless something else has it. Whether it got it.
    pub fn move_namespace(&mut self, id: NamespaceId, path: PathSegment) -> bool {
        let (holder, below) = (Holder::Namespace(id), self.namespaces[&id].parent());
        match self.at(below, path.as_str()) {
            // In another case, the place is the same.
            Some(there) if there == holder => {}
            Some(_) => return false,
            None => {
                self.leave(holder);
                self.arrive(holder, below, &path);
            }
        }
        if let Some(row) = self.namespaces.get_mut(&id) {
            row.path = path;
        }
        true
    }

    fn create_group(&mut self, new: NewGroup) -> Result<Group, WriteError<PlacementObstacle>> {
        let NewGroup { name, path, parent, description, visibility, owner, created_at: _ } = new;
        let parent_is_gone = parent.is_some_and(|parent| self.group_view(parent, None).is_none());
        if parent_is_gone || owner.is_some_and(|owner| !self.users.contains_key(&owner)) {
            return Err(WriteError::Gone);
        }
        let above = parent.and_then(|parent| self.group_view(parent, None)).map(|view| view.group);
        let placement = GroupPlacement {
            visibility: Some(visibility),
            parent: above.as_ref(),
            parent_is_below: false,
            levels_below: 0,
            holds_projects: false,
            holds_groups: false,
            path_is_taken: self.at(parent, path.as_str()).is_some(),
        };
        placement.check().map_err(WriteError::Conflict)?;
        let id = self.next_id();
        self.arrive(Holder::Namespace(id), parent, &path);
        let members: Members = owner.map(|owner| (owner, AccessLevel::Owner)).into_iter().collect();
        let kind = Kind::Group { name, description, parent, members };
        self.namespaces.insert(id, NamespaceRow { path, visibility, kind });
        Ok(self.group_view(id, None).ok_or(WriteError::Gone)?.group)
    }

    fn update_group(&mut self, id: GroupId, changes: GroupChanges) -> Result<Group, WriteError<PlacementObstacle>> {
        let group = self.group_view(id, None).ok_or(WriteError::Gone)?.group;
        let path = changes.path.unwrap_or(group.path);
        let moves = changes.parent.is_some_and(|parent| parent != group.parent);
        let below = changes.parent.unwrap_or(group.parent);
        let parent = below.map(|parent| self.group_view(parent, None).ok_or(WriteError::Gone)).transpose()?;
        let parent = parent.map(|view| view.group);
        let levels =
            self.namespaces.keys().filter_map(|&other| self.and_above(other).position(|above| above == id)).max();
        let excluded = visibilities_to_exclude(group.visibility, changes.visibility);
        let in_the_way = self.at(below, path.as_str());
        let placement = GroupPlacement {
            visibility: visibility_to_check(group.visibility, changes.visibility, moves),
            parent: parent.as_ref(),
            parent_is_below: below.is_some_and(|parent| self.and_above(parent).any(|above| above == id)),
            levels_below: levels.unwrap_or_default(),
            holds_projects: self
                .projects
                .values()
                .any(|row| row.namespace == id && excluded.contains(&row.rules.visibility)),
            holds_groups: self
                .namespaces
                .values()
                .any(|row| row.parent() == Some(id) && excluded.contains(&row.visibility)),
            path_is_taken: in_the_way.is_some_and(|there| there != Holder::Namespace(id)),
        };
        placement.check().map_err(WriteError::Conflict)?;
        if moves {
            self.leave(Holder::Namespace(id));
            self.arrive(Holder::Namespace(id), below, &path);
            if let Some(NamespaceRow { kind: Kind::Group { parent, .. }, .. }) = self.namespaces.get_mut(&id) {
                *parent = below;
            }
        }
        self.move_namespace(id, path);
        let row = self.namespaces.get_mut(&id).ok_or(WriteError::Gone)?;
        row.visibility = changes.visibility.unwrap_or(row.visibility);
        if let Kind::Group { name, description, .. } = &mut row.kind {
            *description = changes.description.apply(description.take());
            *name = changes.name.unwrap_or_else(|| name.clone());
        }
        Ok(self.group_view(id, None).ok_or(WriteError::Gone)?.group)
    }
}

#[async_trait]
impl GroupRepository for MemoryStore {
    async fn get(&self, group: GroupId, viewer: Option<UserId>) -> Result<Option<GroupView>, StoreError> {
        self.read(|state| state.group_view(group, viewer))
    }

    async fn find(&self, group: &GroupRef, viewer: Option<UserId>) -> Result<Option<GroupView>, StoreError> {
        self.read(|state| state.named_group_view(group, viewer))
    }

    async fn list(&self, viewer: Viewer, filter: GroupFilter, page: PageRequest) -> Result<Page<Group>, StoreError> {
        self.read(|state| {
            let groups = state.namespaces.keys().filter_map(|&id| state.group_view(id, viewer.user));
            let listed = groups.filter(|view| match filter.least_level {
                None => view.member_below || is_seen(view.group.visibility, view.level, &viewer),
                Some(least) => view.level >= Some(least),
            });
            let wanted = listed.map(|view| view.group).filter(|group| matches(group, &filter)).collect();
            let key = |group: &Group| {
                let text = match filter.order {
                    GroupOrder::Name => group.name.as_str(),
                    GroupOrder::Path => group.path.as_str(),
                    GroupOrder::Id => "",
                };
                (text.to_ascii_lowercase(), group.id)
            };
            page_of(sorted(wanted, filter.sort, key), page)
        })
    }

    async fn create(&self, group: NewGroup) -> Result<Group, WriteError<PlacementObstacle>> {
        self.write(|state| state.create_group(group))
    }

    async fn update(&self, group: GroupId, changes: GroupChanges) -> Result<Group, WriteError<PlacementObstacle>> {
        self.write(|state| state.update_group(group, changes))
    }

    async fn delete(&self, group: GroupId) -> Result<bool, StoreError> {
        self.write(|state| {
            let is_there = state.group_view(group, None).is_some();
            if is_there {
                state.remove_namespace(group);
            }
            Ok(is_there)
        })
    }
}
