//! The reasons for refusing a request. HTTP maps each to a status and a body
//! (docs/contract.md, "Parameter errors", "Link rules", "Permissions", "Credentials", "Releases" and "Provisioning").

use release_links_domain::ProjectId;
use release_links_domain::access::TagRule;
use release_links_domain::channel::Channel;
use release_links_domain::file::FileObstacle;
use release_links_domain::job::JobObstacle;
use release_links_domain::link::{Link, LinkFaults, ManifestFaults};
use release_links_domain::namespace::{FullPath, Group};
use release_links_domain::placement::{PlacementObstacle, VisibilityFaults};
use release_links_domain::policy::SudoRefusal;
use release_links_domain::release::{LinksFaults, Release, ReleaseFaults};
use release_links_domain::tag::{TagName, TagPattern};
use release_links_domain::token::TokenRefusal;
use release_links_ports::{BoxError, StoreError};

/// What does not exist, or is hidden from the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The project.
    Project,
    /// The release whose link is requested, or the link.
    Link,
    /// The release itself.
    Release,
    /// The tag.
    Tag,
    /// The group.
    Group,
    /// The user.
    User,
    /// The token to read or revoke.
    Token,
    /// The namespace in which something is to be created.
    Namespace,
    /// The membership.
    Member,
    /// The rule that protects tags.
    ProtectedTag,
    /// The release channel.
    Channel,
    /// The file, its package, or the upload.
    File,
}

/// A value or relation that already exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// The tag already has a release.
    Release,
    /// The tag to delete has a release.
    Tag,
    /// An immutable release had the tag, and was deleted.
    BurntTag,
    /// A username, or the path of a group.
    Username,
    /// A user's email address.
    Email,
    /// The path of a project, group or user.
    Path,
    /// The user is already a member.
    Member,
    /// The token, which the operator chose instead of a random one.
    Token,
}

/// Faults of the parameters, as worded by whoever parsed them. Where the contract checks permissions before
/// parameters, an operation takes `Result<Draft, ParameterFaults>` and reports the faults after the permission
/// checks.
#[derive(Debug, Clone, PartialEq, Eq, Default, thiserror::Error)]
#[error("{}", .0.join(", "))]
pub struct ParameterFaults(pub Vec<String>);

/// A link that is invalid, and the release whose links may have its values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{faults}")]
pub struct InvalidLink {
    /// What is wrong with it.
    pub faults: LinkFaults,
    /// The project of the release.
    pub project: ProjectId,
    /// The tag of the release.
    pub tag: TagName,
}

/// The current state of what a precondition is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Current {
    /// A link.
    Link {
        /// The link.
        link: Link,
        /// The current full path of its project.
        project: FullPath,
        /// The tag of its release.
        tag: TagName,
    },
    /// All links of a release, in order.
    Links(Vec<Link>),
    /// A release.
    Release {
        /// The release.
        release: Release,
        /// The current full path of its project.
        project: FullPath,
        /// Whether its release date is in the future.
        upcoming: bool,
    },
}

/// Why a request was refused. A refused request has changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The presented token is not accepted.
    #[error(transparent)]
    Token(#[from] TokenRefusal),
    /// The request requires a signed-in caller.
    #[error("not signed in")]
    NotSignedIn,
    /// The caller may not act as another user.
    #[error("may not act as {user:?}: {why}")]
    Sudo {
        /// Why not.
        why: SudoRefusal,
        /// The user, as the request names them.
        user: String,
    },
    /// It does not exist, or is hidden from the caller.
    #[error("no such {0:?}")]
    NotFound(Missing),
    /// The request identifies the project by an old path.
    #[error("project {id} has moved to {full_path}")]
    Moved {
        /// The project.
        id: ProjectId,
        /// Its current full path.
        full_path: FullPath,
    },
    /// The token's scopes do not cover the request.
    #[error("the token's scopes do not cover this")]
    InsufficientScope,
    /// The caller may see the resource but not do this.
    #[error("forbidden")]
    Forbidden,
    /// The release is immutable, and the request would change what may not change.
    #[error("the release is immutable")]
    Immutable,
    /// The parameters are invalid.
    #[error(transparent)]
    Parameters(#[from] ParameterFaults),
    /// The tag name is invalid.
    #[error("the tag's name is invalid")]
    InvalidTag,
    /// The request names nothing to change.
    #[error("nothing to change")]
    NothingToChange,
    /// The request names milestones; the service has none.
    #[error("milestones not found: {}", .0.join(", "))]
    UnknownMilestones(Vec<String>),
    /// Texts of the release are too long.
    #[error(transparent)]
    InvalidRelease(ReleaseFaults),
    /// The precondition does not hold for the current state.
    #[error("the precondition does not hold")]
    PreconditionFailed(Box<Current>),
    /// The link is invalid.
    #[error(transparent)]
    InvalidLink(Box<InvalidLink>),
    /// The manifest does not suit the release.
    #[error("{}", .0.sentences().join(", "))]
    InvalidManifest(ManifestFaults),
    /// The links of a new release are invalid.
    #[error(transparent)]
    InvalidLinks(LinksFaults),
    /// A unique value is already taken.
    #[error("{0:?} is taken")]
    Taken(Taken),
    /// The token to rotate has already been revoked.
    #[error("the token has already been revoked")]
    TokenRevoked,
    /// A rule with this pattern already exists.
    #[error("{0} is already protected")]
    AlreadyProtected(TagPattern),
    /// The project already has the maximum number of rules that protect tags.
    #[error("a project has at most {} rules that protect tags", TagRule::MAX_PER_PROJECT)]
    TooManyProtectedTags,
    /// The project already has the maximum number of release channels.
    #[error("a project has at most {} release channels", Channel::MAX_PER_PROJECT)]
    TooManyChannels,
    /// The project already has the maximum number of job tokens in force.
    #[error("a project has at most {} job tokens", JobObstacle::MAX_PER_PROJECT)]
    TooManyJobTokens,
    /// The group would be moved into itself or below.
    #[error("a group cannot be moved into itself or below")]
    InsideItself,
    /// The group would have more ancestors than allowed.
    #[error("a group has at most {} ancestors", Group::MAX_ABOVE)]
    NestedTooDeeply,
    /// A group or project would be more visible than the group above it, or less visible than what it holds.
    #[error(transparent)]
    Visibility(VisibilityFaults),
    /// The user is the last owner of a group.
    #[error("the last owner of a group")]
    LastOwner,
    /// The project is already in the target namespace.
    #[error("the project is already in this namespace")]
    SameNamespace,
    /// The file may not be published or deleted.
    #[error(transparent)]
    File(#[from] FileObstacle),
    /// The file is larger than files may be.
    #[error("the file is too large")]
    FileTooLarge,
    /// The bytes of a file ended before the file did.
    #[error("the upload broke off")]
    BrokenOff(#[source] BoxError),
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The system failed to provide random bytes.
    #[error(transparent)]
    Entropy(#[from] release_links_ports::EntropyError),
}

impl From<PlacementObstacle> for Refusal {
    fn from(obstacle: PlacementObstacle) -> Self {
        match obstacle {
            PlacementObstacle::InsideItself => Self::InsideItself,
            PlacementObstacle::NestedTooDeeply => Self::NestedTooDeeply,
            PlacementObstacle::Visibility(faults) => Self::Visibility(faults),
            PlacementObstacle::PathTaken => Self::Taken(Taken::Path),
        }
    }
}
