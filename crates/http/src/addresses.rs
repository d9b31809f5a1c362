//! The addresses that several operations share: what their paths name.

use release_links_domain::{TokenId, UserId};
use release_links_usecases::ReleaseAddress;

use crate::operation::{OrNone, address};

address! {
    /// A project.
    pub(crate) struct ProjectAddress {
        /// The project's id, or its full path with each slash encoded.
        id: String,
    }
}

address! {
    /// A group.
    pub(crate) struct GroupAddress {
        /// The group's id, or its full path with each slash encoded.
        id: String,
    }
}

address! {
    /// The release of a tag, or the tag.
    pub(crate) struct TagAddress {
        /// The project's id, or its full path with each slash encoded.
        id: String,
        /// The tag, with each slash encoded.
        tag_name: String,
    }
}

address! {
    /// A user.
    pub(crate) struct UserAddress {
        /// The user's id.
        id: OrNone<UserId>,
    }
}

address! {
    /// A token of a project.
    pub(crate) struct ProjectTokenAddress {
        /// The project's id, or its full path with each slash encoded.
        id: String,
        /// The token's id.
        token_id: OrNone<TokenId>,
    }
}

impl TagAddress {
    /// Returns the address of the release.
    pub(crate) fn release(self) -> ReleaseAddress {
        ReleaseAddress { project: self.id, tag: self.tag_name }
    }
}
