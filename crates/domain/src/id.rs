//! Typed ids, so that a link's id cannot be passed where a release's is expected.

use std::fmt;

/// The number is not a valid id: ids are positive 64-bit integers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a positive id")]
pub struct IdError(pub i64);

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(into = "i64", try_from = "i64"))]
        pub struct $name(i64);

        impl $name {
            /// The highest id, which storage never assigns.
            pub const LAST: Self = Self(i64::MAX);

            /// Returns the id as the integer that clients and storage see.
            #[must_use]
            pub const fn get(self) -> i64 {
                self.0
            }
        }

        impl TryFrom<i64> for $name {
            type Error = IdError;

            fn try_from(id: i64) -> Result<Self, IdError> {
                if id > 0 { Ok(Self(id)) } else { Err(IdError(id)) }
            }
        }

        impl From<$name> for i64 {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

id! {
    /// A release link, unique across all releases and never reused.
    LinkId,
    /// A release.
    ReleaseId,
    /// A project.
    ProjectId,
    /// A group or a user's own namespace; the two share one sequence.
    NamespaceId,
    /// A user or a bot.
    UserId,
    /// A personal, project or job token.
    TokenId,
    /// A rule that protects tags.
    ProtectedTagId,
    /// A package.
    PackageId,
    /// A file of a package.
    PackageFileId,
    /// An upload.
    UploadId,
}

/// A group is a namespace, and its id is that namespace's.
pub type GroupId = NamespaceId;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_positive() {
        assert_eq!(LinkId::try_from(1).map(LinkId::get), Ok(1));
        assert_eq!(LinkId::try_from(0), Err(IdError(0)));
        assert_eq!(LinkId::try_from(-7), Err(IdError(-7)));
    }
}
