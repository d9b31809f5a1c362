//! Why a request was refused. HTTP gives each its status and words (docs/contract.md, "Parameter errors", "Link rules", "Permissions", "Credentials", "Releases" and "Provisioning").

use release_links_domain::ProjectId;
use release_links_domain::access::TagRule;
use release_links_domain::link::LinkFaults;
use release_links_domain::namespace::{FullPath, Group};
use release_links_domain::release::{LinksFaults, ReleaseFaults};
use release_links_domain::tag::TagPattern;
use release_links_domain::token::TokenRefusal;
use release_links_ports::StoreError;

/// What there is none of, or none that the caller may know of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The project.
    Project,
    /// The release under which a link is looked for, or the link.
    Link,
    /// The release itself.
    Release,
    /// The tag.
    Tag,
    /// The group.
    Group,
    /// The user.
    User,
    /// The token, as something that is shown or revoked.
    Token,
    /// The namespace in which something is to be made.
    Namespace,
    /// The membership.
    Member,
    /// The rule that protects tags.
    ProtectedTag,
}

/// What somebody else holds already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// The tag has a release.
    Release,
    /// A release uses the tag that was to go.
    Tag,
    /// A user's name, or the path of a group.
    Username,
    /// A user's email address.
    Email,
    /// The path of a project, group or user.
    Path,
    /// The user is a member already.
    Member,
    /// The token, which was not made at random.
    Token,
}

/// Faults of what was asked for, in the words of whoever read it. Where the contract has them follow the question
/// of who may ask, an operation takes `Result<Draft, ParameterFaults>` and reports them in their place.
#[derive(Debug, Clone, PartialEq, Eq, Default, thiserror::Error)]
#[error("{}", .0.join(", "))]
pub struct ParameterFaults(pub Vec<String>);

/// Why a request was refused; it changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The token that was presented lets nobody in.
    #[error(transparent)]
    Token(#[from] TokenRefusal),
    /// Only who is signed in may ask.
    #[error("not signed in")]
    NotSignedIn,
    /// There is no such thing, or the caller may not know of it.
    #[error("no such {0:?}")]
    NotFound(Missing),
    /// The project was named by a path that it has left.
    #[error("project {id} has moved to {full_path}")]
    Moved {
        /// Which project.
        id: ProjectId,
        /// Where it is now.
        full_path: FullPath,
    },
    /// The token was not made for this.
    #[error("the token's scopes do not cover this")]
    InsufficientScope,
    /// The caller knows of it but may not do this.
    #[error("forbidden")]
    Forbidden,
    /// The parameters do not hold.
    #[error(transparent)]
    Parameters(#[from] ParameterFaults),
    /// The tag's name is none.
    #[error("the tag's name is none")]
    InvalidTag,
    /// A change names nothing that could change.
    #[error("nothing to change was named")]
    NothingToChange,
    /// There are no milestones here, and some were named.
    #[error("milestones not found: {}", .0.join(", "))]
    UnknownMilestones(Vec<String>),
    /// Texts of the release are too long.
    #[error(transparent)]
    InvalidRelease(ReleaseFaults),
    /// The link does not hold.
    #[error(transparent)]
    InvalidLink(LinkFaults),
    /// The links of a new release do not hold.
    #[error(transparent)]
    InvalidLinks(LinksFaults),
    /// Somebody else holds it already.
    #[error("{0:?} is taken")]
    Taken(Taken),
    /// The token that was to be exchanged was revoked before.
    #[error("the token was revoked before")]
    TokenRevoked,
    /// A rule with this pattern protects tags already.
    #[error("{0} is protected already")]
    AlreadyProtected(TagPattern),
    /// The project has as many rules that protect tags as it may.
    #[error("a project has at most {} rules that protect tags", TagRule::MAX_PER_PROJECT)]
    TooManyProtectedTags,
    /// The group would stand below more groups than one may.
    #[error("a group stands below {} others at most", Group::MAX_ABOVE)]
    NestedTooDeeply,
    /// The user is the last owner of a group.
    #[error("the last owner of a group")]
    LastOwner,
    /// The project is to be transferred to where it is.
    #[error("the project is in this namespace already")]
    SameNamespace,
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The system gave no random bytes.
    #[error(transparent)]
    Entropy(#[from] release_links_ports::EntropyError),
}
