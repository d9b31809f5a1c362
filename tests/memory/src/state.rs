//! The rows, and the questions about them that several ports ask.

use std::collections::{BTreeMap, BTreeSet};
use std::iter::successors;

use jiff::Timestamp;
use jiff::civil::Date;
use release_links_domain::access::{AccessLevel, Grants, TagRule};
use release_links_domain::address::Stay;
use release_links_domain::channel::{ChannelName, Selection};
use release_links_domain::description::{ProjectDescription, ShortDescription};
use release_links_domain::file::{
    PackageFileName, PackageName, PackageStatus, PackageVersion, UploadName, UploadSecret,
};
use release_links_domain::history::HistoryRow;
use release_links_domain::link::{LinkFields, OnConflict};
use release_links_domain::location::ExternalUrl;
use release_links_domain::namespace::{DisplayName, FullPath, PathSegment};
use release_links_domain::project::{BranchName, ProjectRules, Topics, Visibility};
use release_links_domain::tag::{Tag, TagName};
use release_links_domain::token::{Scope, TokenKind};
use release_links_domain::user::{EmailAddress, User, UserRef};
use release_links_domain::{
    IdError, LinkId, NamespaceId, PackageFileId, PackageId, ProjectId, ProtectedTagId, ReleaseId, TokenId, UploadId,
    UserId,
};
use release_links_ports::{DatabaseKey, KeptBytes, KeyUse, TokenDigest};

/// Everything that is stored.
#[derive(Debug, Clone, Default)]
pub struct State {
    last_id: i64,
    /// Where the service is reached.
    pub external: Option<ExternalUrl>,
    /// How many times something was created, moved or removed: the numbers of the moves in `stays`.
    pub moves: i64,
    pub users: BTreeMap<UserId, UserRow>,
    pub namespaces: BTreeMap<NamespaceId, NamespaceRow>,
    pub projects: BTreeMap<ProjectId, ProjectRow>,
    pub tokens: BTreeMap<TokenId, TokenRow>,
    /// What stands where and what stood there before, each with its segment in lower case.
    pub stays: Vec<(String, Stay)>,
    /// The names of tags that immutable releases had, each with a path, in lower case, that led to the project.
    pub burnt: BTreeSet<(String, TagName)>,
    pub keys: BTreeMap<KeyUse, DatabaseKey>,
}

/// A user, whose username is the path of their namespace.
#[derive(Debug, Clone)]
pub struct UserRow {
    pub namespace: NamespaceId,
    pub name: String,
    pub email: EmailAddress,
    pub administrator: bool,
    pub bot: bool,
    pub created_at: Timestamp,
}

/// A group, or the namespace of a user.
#[derive(Debug, Clone)]
pub struct NamespaceRow {
    pub path: PathSegment,
    pub visibility: Visibility,
    pub kind: Kind,
}

/// What a namespace is.
#[derive(Debug, Clone)]
pub enum Kind {
    Group { name: DisplayName, description: Option<ShortDescription>, parent: Option<NamespaceId>, members: Members },
    User(UserId),
}

/// Direct members with their levels.
pub type Members = BTreeMap<UserId, AccessLevel>;

/// A project with all that belongs to it.
#[derive(Debug, Clone)]
pub struct ProjectRow {
    pub namespace: NamespaceId,
    pub name: DisplayName,
    pub path: PathSegment,
    pub rules: ProjectRules,
    pub description: Option<ProjectDescription>,
    pub default_branch: BranchName,
    pub topics: Topics,
    pub links_on_conflict: OnConflict,
    pub generic_duplicates_allowed: bool,
    pub creator: Option<UserId>,
    pub created_at: Timestamp,
    pub members: Members,
    pub tag_rules: BTreeMap<ProtectedTagId, TagRule>,
    /// In the order in which they were made. What their releases say is not kept with them.
    pub tags: Vec<Tag>,
    pub releases: BTreeMap<ReleaseId, ReleaseRow>,
    pub channels: BTreeMap<ChannelName, ChannelRow>,
    pub packages: BTreeMap<PackageId, PackageRow>,
    pub uploads: BTreeMap<UploadId, UploadRow>,
    pub history: Vec<HistoryRow>,
    /// The rows that are no longer in the history.
    pub pruned: Vec<HistoryRow>,
    /// The tags that immutable releases had which were deleted.
    pub burnt: BTreeSet<TagName>,
}

/// A channel.
#[derive(Debug, Clone)]
pub struct ChannelRow {
    pub release: ReleaseId,
    pub updated_at: Timestamp,
}

/// A package with its files.
#[derive(Debug, Clone)]
pub struct PackageRow {
    pub name: PackageName,
    pub version: PackageVersion,
    pub status: PackageStatus,
    pub created_at: Timestamp,
    pub files: BTreeMap<PackageFileId, FileRow>,
}

/// A file of a package.
#[derive(Debug, Clone)]
pub struct FileRow {
    pub name: PackageFileName,
    pub kept: KeptBytes,
    pub created_at: Timestamp,
}

/// An upload.
#[derive(Debug, Clone)]
pub struct UploadRow {
    pub secret: UploadSecret,
    pub name: UploadName,
    pub kept: KeptBytes,
    pub uploader: Option<UserId>,
    pub created_at: Timestamp,
}

/// A release with its links.
#[derive(Debug, Clone)]
pub struct ReleaseRow {
    pub tag: TagName,
    pub name: Option<String>,
    pub description: Option<String>,
    pub created_at: Timestamp,
    pub released_at: Timestamp,
    pub author: Option<UserId>,
    pub immutable: bool,
    pub links: BTreeMap<LinkId, LinkFields>,
    /// The links that have a position, in its order, and perhaps some that were deleted.
    pub placed: Vec<LinkId>,
}

/// A token of any kind.
#[derive(Debug, Clone)]
pub struct TokenRow {
    pub kind: TokenKind,
    pub digest: TokenDigest,
    /// None once a project's token was revoked, and its bot removed.
    pub user: Option<UserId>,
    pub name: String,
    pub description: Option<ShortDescription>,
    pub scopes: Vec<Scope>,
    pub expires_on: Option<Date>,
    pub revoked: bool,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
}

/// A time as it is read back: to the millisecond.
pub fn stored(time: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(time.as_millisecond()).expect("a time without its microseconds is one")
}

impl NamespaceRow {
    /// The group right above.
    pub const fn parent(&self) -> Option<NamespaceId> {
        match self.kind {
            Kind::Group { parent, .. } => parent,
            Kind::User(_) => None,
        }
    }

    /// The direct members; nobody is a member of a user's namespace.
    pub fn members(&self) -> impl Iterator<Item = (UserId, AccessLevel)> {
        let members = match &self.kind {
            Kind::Group { members, .. } => Some(members),
            Kind::User(_) => None,
        };
        members.into_iter().flatten().map(|(&user, &level)| (user, level))
    }
}

impl ProjectRow {
    /// The release of a tag.
    pub fn release_of(&self, tag: &str) -> Option<(ReleaseId, &ReleaseRow)> {
        self.releases.iter().find(|(_, release)| release.tag.as_str() == tag).map(|(&id, release)| (id, release))
    }

    /// A tag by its name.
    pub fn tag(&self, name: &str) -> Option<&Tag> {
        self.tags.iter().find(|tag| tag.name.as_str() == name)
    }

    /// All rules that protect tags.
    pub fn all_rules(&self) -> Vec<TagRule> {
        self.tag_rules.values().cloned().collect()
    }

    /// The rules that protect this tag.
    pub fn rules_on(&self, tag: &str) -> Vec<TagRule> {
        self.tag_rules.values().filter(|rule| rule.pattern.matches(tag)).cloned().collect()
    }

    /// When the last created release was created, or the project itself.
    pub fn last_activity_at(&self) -> Timestamp {
        self.releases.values().map(|release| release.created_at).max().unwrap_or(self.created_at)
    }

    /// The release that the channel of a selection points to at that time, or those that are searched, the newest first.
    pub fn selected(&self, selection: &Selection, now: Timestamp) -> impl Iterator<Item = &ReleaseRow> {
        let Selection { channel, ranking } = selection;
        let pointed_to = channel.as_ref().and_then(|name| self.channels.get(name)).map(|channel| channel.release);
        let is_out = |id: &ReleaseId| self.releases.get(id).is_some_and(|release| release.released_at <= now);
        let releases = self.releases.iter().map(|(&id, release)| (id, release.released_at, &release.tag));
        let ids = match (pointed_to.filter(is_out), ranking) {
            (Some(id), _) => vec![id],
            (None, Some(ranking)) => ranking.apply(releases, now).into_iter().take(ranking.searched).collect(),
            (None, None) => Vec::new(),
        };
        ids.into_iter().filter_map(|id| self.releases.get(&id))
    }
}

impl State {
    /// A new id. All kinds of rows share one sequence, so that an id of one kind is none of another.
    pub fn next_id<T: TryFrom<i64, Error = IdError>>(&mut self) -> T {
        self.last_id += 1;
        T::try_from(self.last_id).expect("the sequence is positive")
    }

    /// One user.
    pub fn user(&self, id: UserId) -> Option<User> {
        let row = self.users.get(&id)?;
        Some(User {
            id,
            username: self.namespaces[&row.namespace].path.clone(),
            name: row.name.clone(),
            email: row.email.clone(),
            administrator: row.administrator,
            bot: row.bot,
        })
    }

    /// The user that a request names.
    pub fn named_user(&self, wanted: &UserRef) -> Option<User> {
        let is_wanted = |user: &User| match wanted {
            UserRef::Id(id) => user.id == *id,
            UserRef::Username(name) => user.username.as_str().eq_ignore_ascii_case(name.as_str()),
        };
        self.users.keys().filter_map(|&id| self.user(id)).find(is_wanted)
    }

    /// A namespace that exists, and all groups above it, the nearest first.
    pub fn and_above(&self, namespace: NamespaceId) -> impl Iterator<Item = NamespaceId> {
        successors(Some(namespace), |id| self.namespaces[id].parent())
    }

    /// The path of a namespace that exists.
    pub fn path_of_namespace(&self, id: NamespaceId) -> FullPath {
        let row = &self.namespaces[&id];
        match row.parent() {
            None => row.path.clone().into(),
            Some(parent) => self.path_of_namespace(parent).join(&row.path),
        }
    }

    /// The path of a project that exists.
    pub fn path_of_project(&self, project: &ProjectRow) -> FullPath {
        self.path_of_namespace(project.namespace).join(&project.path)
    }

    /// The user's highest level as a member of the groups from a namespace up.
    pub fn group_access(&self, namespace: NamespaceId, user: Option<UserId>) -> Option<AccessLevel> {
        let members = self.and_above(namespace).flat_map(|id| self.namespaces[&id].members());
        members.filter(|(member, _)| Some(*member) == user).map(|(_, level)| level).max()
    }

    /// What gives a user a level over a project.
    pub fn access_to_project(&self, project: &ProjectRow, user: Option<UserId>) -> Grants {
        let direct = user.and_then(|user| project.members.get(&user).copied());
        Grants { direct, ..self.access_to_namespace(project.namespace, user) }
    }

    /// What gives a user a level over a group, or a user's namespace.
    pub fn access_to_namespace(&self, namespace: NamespaceId, user: Option<UserId>) -> Grants {
        let inherited = self.group_access(namespace, user);
        let kind = &self.namespaces[&namespace].kind;
        let owns_namespace = matches!(kind, Kind::User(owner) if Some(*owner) == user);
        Grants { direct: None, inherited, owns_namespace }
    }
}
