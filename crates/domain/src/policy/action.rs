//! Everything that somebody may or may not do.

use crate::UserId;
use crate::access::{AccessLevel, TagRule};
use crate::token::Intent;

/// What somebody may or may not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action<'a> {
    /// To learn the version of the service.
    ReadVersion,
    /// To learn which user one acts as.
    ReadOneself,
    /// To list projects: those that the caller sees.
    ListProjects,
    /// To list groups: those that the caller sees.
    ListGroups,
    /// To list users.
    ListUsers,
    /// To search users by their email addresses.
    SearchEmails,
    /// To create a user.
    CreateUser,

    /// To read of a user what everybody reads who is signed in.
    ReadUser,
    /// To read a user's email address, and whether they are an administrator.
    ReadUserInFull,
    /// To change or delete a user.
    WriteUser,
    /// To create a personal access token for a user.
    CreatePersonalToken,
    /// To list personal access tokens: those of a user, if one is named.
    ListPersonalTokens {
        /// Whose tokens.
        of: Option<UserId>,
    },
    /// To read about a personal access token, or about the very token that one acts by.
    ReadPersonalToken,
    /// To rotate or revoke a personal access token.
    WritePersonalToken,
    /// To revoke the personal access token that one acts by.
    RevokeOwnToken,

    /// To know of a group or project, and of what is open to all who do, with a token that covers what is to come of it.
    See(Intent),
    /// To create a group: at the top, or below another group.
    CreateGroup,
    /// To change the settings of a group, rename or delete it.
    WriteGroup,
    /// To create a project in a group or in one's own namespace, or to transfer one to it.
    CreateProject,
    /// To change the settings of a project, or rename it.
    ChangeProject,
    /// To archive a project, or to open it again.
    ArchiveProject,
    /// To transfer a project; in its new namespace that takes [`CreateProject`](Self::CreateProject).
    TransferProject,
    /// To delete a project.
    DeleteProject,

    /// To add members and change or end memberships.
    ManageMembers {
        /// The levels that members have, or are to have.
        levels: &'a [AccessLevel],
        /// Whether it is about the bot of a project token.
        bot: bool,
    },
    /// To end a membership, one's own included.
    EndMembership {
        /// Whose.
        user: UserId,
        /// With which level.
        level: AccessLevel,
        /// Whether that user is the bot of a project token.
        bot: bool,
    },
    /// To read the rules that protect tags.
    ReadProtectedTags,
    /// To add and remove rules that protect tags.
    WriteProtectedTags,
    /// To read about project access tokens.
    ReadProjectTokens,
    /// To create, rotate and revoke project access tokens.
    WriteProjectTokens {
        /// The level of the token's bot, once it is known.
        level: Option<AccessLevel>,
    },
    /// To create and end the tokens of jobs.
    RunJobs {
        /// The user that the job acts as, once it is known.
        user: Option<UserId>,
    },

    /// To read releases, links and tags, with a token that covers what is to come of it.
    ReadReleases(Intent),
    /// To write the release of a tag, its links, or the tag.
    WriteReleases {
        /// The tag.
        tag: &'a str,
        /// All rules of the project that protect tags; those that do not match the tag do not count.
        rules: &'a [TagRule],
    },
}
