//! The members port.

use async_trait::async_trait;
use release_links_domain::access::{AccessLevel, Grants, Reader};
use release_links_domain::membership::{ChangeDecision, MembershipChange};
use release_links_domain::user::{User, UserRef};
use release_links_domain::{GroupId, NamespaceId, ProjectId, UserId};
use release_links_ports::{
    Member, MemberCandidate, MemberFilter, MemberRepository, MemberSource, MemberSourceRead, MemberSourceRef,
    MemberSourceView, MemberWriteError, NewMember, Page, PageRequest, Reach, Viewer, WriteError,
};

use crate::MemoryStore;
use crate::listing::{holds, is_seen, page_of};
use crate::state::{Kind, Members, State};

fn matches(user: &User, filter: &MemberFilter) -> bool {
    let MemberFilter { search, only, except } = filter;
    search.as_ref().is_none_or(|text| holds(&user.name, text) || holds(user.username.as_str(), text))
        && only.as_ref().is_none_or(|only| only.contains(&user.id))
        && !except.contains(&user.id)
}

impl State {
    /// The owners of a group and of those above it, each with the group that they are a member of.
    pub fn owners_over(&self, group: GroupId) -> impl Iterator<Item = (NamespaceId, UserId)> {
        let members = self
            .and_above(group)
            .flat_map(|id| self.namespaces[&id].members().map(move |(user, level)| (id, user, level)));
        members.filter(|(.., level)| *level == AccessLevel::Owner).map(|(id, user, _)| (id, user))
    }

    /// The direct members of a project or group, if it is there.
    fn members_of(&mut self, source: MemberSource) -> Option<&mut Members> {
        match source {
            MemberSource::Project(id) => self.projects.get_mut(&id).map(|project| &mut project.members),
            MemberSource::Group(id) => match &mut self.namespaces.get_mut(&id)?.kind {
                Kind::Group { members, .. } => Some(members),
                Kind::User(_) => None,
            },
        }
    }

    fn direct_members(&self, source: MemberSource) -> Members {
        match source {
            MemberSource::Project(id) => self.projects[&id].members.clone(),
            MemberSource::Group(id) => self.namespaces[&id].members().collect(),
        }
    }

    /// Those of the groups from a namespace up that show themselves to the viewer.
    fn inherited_members(&self, namespace: NamespaceId, viewer: &Viewer) -> Vec<(UserId, AccessLevel)> {
        let seen = self.and_above(namespace).filter(|&group| {
            is_seen(self.namespaces[&group].visibility, self.group_access(group, viewer.user), viewer)
        });
        seen.flat_map(|group| self.namespaces[&group].members()).collect()
    }

    /// The members of a project or group that exists, each once.
    fn members(&self, source: MemberSource, viewer: &Viewer, reach: Reach) -> Members {
        let mut members = self.direct_members(source);
        if reach == Reach::Direct {
            return members;
        }
        let namespace = match source {
            MemberSource::Project(id) => self.projects[&id].namespace,
            MemberSource::Group(id) => id,
        };
        let mut inherited = self.inherited_members(namespace, viewer);
        if let Kind::User(owner) = self.namespaces[&namespace].kind {
            inherited.push((owner, Grants::IN_OWN_NAMESPACE));
        }
        for (user, level) in inherited {
            members.entry(user).and_modify(|highest| *highest = level.max(*highest)).or_insert(level);
        }
        members
    }

    fn member(&self, user: UserId, level: AccessLevel) -> Option<Member> {
        Some(Member { user: self.user(user)?, level })
    }

    /// A project or group, the reader's level in it, and what `find` finds there for a reader who may see it.
    fn member_source_view<T>(
        &self,
        source: &MemberSourceRef,
        reader: Reader,
        find: impl FnOnce(MemberSource) -> Option<T>,
    ) -> Option<MemberSourceView<T>> {
        match source {
            MemberSourceRef::Project(project) => {
                self.view(project, reader, |id, _| find(MemberSource::Project(id))).map(MemberSourceView::Project)
            }
            MemberSourceRef::Group(group) => {
                let group = self.named_group_view(group, reader.user)?;
                let sees = reader.access_in_namespace(group.level).sees(group.group.visibility);
                let found = if sees { find(MemberSource::Group(group.group.id)) } else { None };
                Some(MemberSourceView::Group(group, found))
            }
        }
    }

    fn add_member(&mut self, source: MemberSource, user: UserId, level: AccessLevel) -> Result<Member, WriteError<()>> {
        let member = self.member(user, level).ok_or(WriteError::Gone)?;
        let members = self.members_of(source).ok_or(WriteError::Gone)?;
        if members.contains_key(&user) {
            return Err(WriteError::Conflict(()));
        }
        members.insert(user, level);
        Ok(member)
    }

    /// Gives a direct member another level, or none, for somebody who stands at `ceiling`.
    fn change_member(
        &mut self,
        source: MemberSource,
        user: UserId,
        new: Option<AccessLevel>,
        ceiling: AccessLevel,
    ) -> Result<(), MemberWriteError> {
        let members = self.members_of(source).ok_or(MemberWriteError::Gone)?;
        let current = members.remove(&user).ok_or(MemberWriteError::Gone)?;
        if let Some(level) = new {
            members.insert(user, level);
        }
        let has_owner = matches!(source, MemberSource::Group(group) if self.owners_over(group).next().is_some());
        match (MembershipChange { of: source.kind(), current, new, ceiling }).decide() {
            ChangeDecision::Above => Err(MemberWriteError::Above),
            ChangeDecision::IfAnotherOwnerIsLeft if !has_owner => Err(MemberWriteError::LastOwner),
            ChangeDecision::IfAnotherOwnerIsLeft | ChangeDecision::Allow => Ok(()),
        }
    }
}

#[async_trait]
impl MemberRepository for MemoryStore {
    async fn list(
        &self,
        source: &MemberSourceRef,
        reader: Reader,
        reach: Reach,
        filter: MemberFilter,
        page: PageRequest,
    ) -> MemberSourceRead<Page<Member>> {
        self.read(|state| {
            state.member_source_view(source, reader, |source| {
                let members = state.members(source, &reader.into(), reach);
                let members = members.into_iter().filter_map(|(user, level)| state.member(user, level));
                Some(page_of(members.filter(|member| matches(&member.user, &filter)), page))
            })
        })
    }

    async fn get(
        &self,
        source: &MemberSourceRef,
        reader: Reader,
        reach: Reach,
        user: UserId,
    ) -> MemberSourceRead<Member> {
        self.read(|state| {
            state.member_source_view(source, reader, |source| {
                state.member(user, *state.members(source, &reader.into(), reach).get(&user)?)
            })
        })
    }

    async fn load_for_write(
        &self,
        source: &MemberSourceRef,
        reader: Reader,
        user: Option<UserRef>,
    ) -> MemberSourceRead<MemberCandidate> {
        self.read(|state| {
            state.member_source_view(source, reader, |source| {
                let user = state.named_user(user.as_ref()?)?;
                let level = state.direct_members(source).get(&user.id).copied();
                Some(MemberCandidate { user, level })
            })
        })
    }

    async fn add_to_project(&self, member: NewMember<ProjectId>) -> Result<Member, WriteError<()>> {
        self.write(|state| state.add_member(MemberSource::Project(member.source), member.user, member.level))
    }

    async fn add_to_group(&self, member: NewMember<GroupId>) -> Result<Member, WriteError<()>> {
        self.write(|state| state.add_member(MemberSource::Group(member.source), member.user, member.level))
    }

    async fn set_level(
        &self,
        source: MemberSource,
        user: UserId,
        level: AccessLevel,
        ceiling: AccessLevel,
    ) -> Result<Member, MemberWriteError> {
        self.write(|state| {
            state.change_member(source, user, Some(level), ceiling)?;
            state.member(user, level).ok_or(MemberWriteError::Gone)
        })
    }

    async fn remove(&self, source: MemberSource, user: UserId, ceiling: AccessLevel) -> Result<(), MemberWriteError> {
        self.write(|state| state.change_member(source, user, None, ceiling))
    }
}
