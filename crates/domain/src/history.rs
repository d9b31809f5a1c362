//! The record of what happened to links, releases and channels (docs/contract.md, "Immutable releases and history").

mod origin;
mod step;

use jiff::Timestamp;

use crate::channel::ChannelName;
use crate::link::LinkFields;
use crate::release::Release;
use crate::tag::TagName;
use crate::word::word_enum;
use crate::{LinkId, TokenId, UserId};

pub use origin::Origin;
pub use step::{Step, steps};

word_enum! {
    /// What happened.
    HistoryAction {
        /// A link was created.
        LinkCreate = "link.create",
        /// A link was changed.
        LinkUpdate = "link.update",
        /// A link was deleted, perhaps with its release.
        LinkDelete = "link.delete",
        /// A release was created.
        ReleaseCreate = "release.create",
        /// A release was changed.
        ReleaseUpdate = "release.update",
        /// A release was deleted.
        ReleaseDelete = "release.delete",
        /// A release became immutable.
        ReleaseImmutable = "release.immutable",
        /// An operator made an immutable release mutable again.
        ReleaseThaw = "release.thaw",
        /// A channel was pointed to a release.
        ChannelSet = "channel.set",
        /// A channel was deleted, perhaps with the release that it pointed to.
        ChannelDelete = "channel.delete",
        /// An operator dropped older rows of the history.
        HistoryPrune = "history.prune",
    }
}

/// A row of a project's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryRow {
    /// The number of the row within the project, ascending.
    pub seq: i64,
    /// When it happened, in milliseconds; never earlier than the row before.
    pub at: Timestamp,
    /// The tag of the release; none if the row concerns the whole project.
    pub tag: Option<TagName>,
    /// Who did it; none if the reader may not know.
    pub actor: Option<Actor>,
    /// What happened.
    pub event: Event,
}

/// Who caused a row. All fields are `None` for an operator who works on the database itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Actor {
    /// The user, who may have been deleted since.
    pub user: Option<UserId>,
    /// The name that the user had at that time.
    pub username: Option<String>,
    /// The token that the user acted with.
    pub token: Option<TokenId>,
}

/// What the history keeps of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseState {
    /// The name.
    pub name: Option<String>,
    /// The description.
    pub description: Option<String>,
    /// When it is, or will be, released, in milliseconds.
    pub released_at: Timestamp,
}

impl From<&Release> for ReleaseState {
    fn from(release: &Release) -> Self {
        let Release { name, description, released_at, .. } = release;
        Self { name: name.clone(), description: description.clone(), released_at: *released_at }
    }
}

/// What happened, with the values before and after; before a creation and after a deletion there are none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A link was created, changed or deleted.
    Link {
        /// The link.
        id: LinkId,
        /// Its fields before.
        before: Option<LinkFields>,
        /// Its fields after.
        after: Option<LinkFields>,
    },
    /// A release was created, changed or deleted.
    Release {
        /// Its fields before.
        before: Option<ReleaseState>,
        /// Its fields after.
        after: Option<ReleaseState>,
    },
    /// A release became immutable.
    Immutable,
    /// A release became mutable again.
    Thaw,
    /// A channel was pointed to a release, or deleted.
    Channel {
        /// The channel.
        name: ChannelName,
        /// The tag of the release that it pointed to before.
        before: Option<TagName>,
        /// The tag of the release that it points to.
        after: Option<TagName>,
    },
    /// Older rows were dropped.
    Prune,
}

impl Event {
    /// Returns the word for what happened.
    #[must_use]
    pub const fn action(&self) -> HistoryAction {
        match self {
            Self::Link { before: None, .. } => HistoryAction::LinkCreate,
            Self::Link { after: None, .. } => HistoryAction::LinkDelete,
            Self::Link { .. } => HistoryAction::LinkUpdate,
            Self::Release { before: None, .. } => HistoryAction::ReleaseCreate,
            Self::Release { after: None, .. } => HistoryAction::ReleaseDelete,
            Self::Release { .. } => HistoryAction::ReleaseUpdate,
            Self::Immutable => HistoryAction::ReleaseImmutable,
            Self::Thaw => HistoryAction::ReleaseThaw,
            Self::Channel { after: None, .. } => HistoryAction::ChannelDelete,
            Self::Channel { .. } => HistoryAction::ChannelSet,
            Self::Prune => HistoryAction::HistoryPrune,
        }
    }

    /// Whether nothing changed, so that no row is written.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        match self {
            Self::Link { before, after, .. } => before == after,
            Self::Release { before, after } => before == after,
            Self::Channel { before, after, .. } => before == after,
            Self::Immutable | Self::Thaw | Self::Prune => false,
        }
    }

    /// Returns the fields of a link before and after.
    fn links(&self) -> [Option<&LinkFields>; 2] {
        match self {
            Self::Link { before, after, .. } => [before.as_ref(), after.as_ref()],
            _ => [None, None],
        }
    }
}

/// Which rows of a history are listed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HistoryFilter {
    /// Only rows of links that had or got this path; a text that is not a valid path finds nothing.
    pub path: Option<String>,
    /// Only rows of links that had or got this name.
    pub name: Option<String>,
    /// Only rows of this kind.
    pub action: Option<HistoryAction>,
}

impl HistoryFilter {
    /// Whether a row is listed.
    #[must_use]
    pub fn admits(&self, event: &Event) -> bool {
        let has = |is_so: &dyn Fn(&LinkFields) -> bool| event.links().into_iter().flatten().any(is_so);
        self.action.is_none_or(|action| event.action() == action)
            && self.name.as_ref().is_none_or(|name| has(&|link| link.name.as_str() == name))
            && self
                .path
                .as_ref()
                .is_none_or(|path| has(&|link| link.path.as_ref().is_some_and(|own| own.as_str() == path)))
    }
}

#[cfg(test)]
mod tests;
