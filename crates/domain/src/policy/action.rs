//! The actions that the policy decides.

use crate::UserId;
use crate::access::{AccessLevel, TagRule};
use crate::token::Intent;

/// An operation that the policy allows or denies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action<'a> {
    /// Read the version of the service.
    ReadVersion,
    /// Read the user that the caller acts as.
    ReadOneself,
    /// List the projects that the caller can see.
    ListProjects,
    /// List the groups that the caller can see.
    ListGroups,
    /// List users.
    ListUsers,
    /// Search users by email address.
    SearchEmails,
    /// Create a user.
    CreateUser,

    /// Read the part of a user's profile that every signed-in user can read.
    ReadUser,
    /// Read a user's email address, and whether they are an administrator.
    ReadUserInFull,
    /// Change or delete a user.
    WriteUser,
    /// Create a personal access token for a user.
    CreatePersonalToken,
    /// List personal access tokens, of one user if named.
    ListPersonalTokens {
        /// The user whose tokens are listed.
        of: Option<UserId>,
    },
    /// Read the details of a personal access token, or of the token that the caller presents.
    ReadPersonalToken,
    /// Rotate or revoke a personal access token.
    WritePersonalToken,
    /// Revoke the personal access token that the caller presents.
    RevokeOwnToken,

    /// Rotate the token that the caller presents; that of a project is the one thing that a project token may write.
    RotateOwnToken,

    /// See a group or project and what is open to everyone who can, with a token whose scopes cover the intent.
    See(Intent),
    /// Create a group, at the top level or as a subgroup.
    CreateGroup,
    /// Change a group's settings, rename or delete it.
    WriteGroup,
    /// Create a project in a group or in one's own namespace, or transfer one there.
    CreateProject,
    /// Change a project's settings, or rename it.
    ChangeProject,
    /// Archive or unarchive a project.
    ArchiveProject,
    /// Transfer a project; the new namespace also requires [`CreateProject`](Self::CreateProject).
    TransferProject,
    /// Delete a project.
    DeleteProject,

    /// Read the members of a group or project.
    ReadMembers,
    /// Add members, and change or end memberships.
    ManageMembers {
        /// The current and the new levels of the members concerned.
        levels: &'a [AccessLevel],
        /// Whether the member is the bot of a project token.
        bot: bool,
    },
    /// End a membership, including one's own.
    EndMembership {
        /// The member.
        user: UserId,
        /// The member's level.
        level: AccessLevel,
        /// Whether the member is the bot of a project token.
        bot: bool,
    },
    /// Read the rules that protect tags.
    ReadProtectedTags,
    /// Create and delete the rules that protect tags.
    WriteProtectedTags,
    /// Read the details of project access tokens.
    ReadProjectTokens,
    /// Create, rotate and revoke project access tokens.
    WriteProjectTokens {
        /// The level of the token's bot, once it is known.
        level: Option<AccessLevel>,
    },
    /// List the job tokens of a project.
    ReadJobTokens,
    /// Create and revoke job tokens.
    RunJobs {
        /// The user that the job acts as, once it is known.
        user: Option<UserId>,
    },

    /// Read releases, links and tags, with a token whose scopes cover the intent.
    ReadReleases(Intent),
    /// Write the release of a tag, its links, or the tag itself.
    WriteReleases {
        /// The tag.
        tag: &'a str,
        /// All of the project's rules that protect tags; those that do not match the tag have no effect.
        rules: &'a [TagRule],
    },
    /// Delete an immutable release, which also requires [`WriteReleases`](Self::WriteReleases).
    DeleteImmutableRelease,
    /// Learn who changed links, releases and channels.
    ReadActors,

    /// Download a package's file. Whether there is a project is kept from an anonymous caller, who is asked to sign in.
    DownloadPackage,
    /// Publish a file of a package, or upload one.
    AddFile,
    /// List uploads, and download one by its id.
    ReadUploads,
    /// Delete a package, a file of one, or an upload.
    DeleteFile,
}
