//! Projects and what they let people see (docs/contract.md, "Permissions" and "Provisioning").

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use crate::namespace::{DisplayName, FullPath, Namespace, PathSegment};
use crate::{ProjectId, UserId};

/// A word that is not among the allowed ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("does not have a valid value")]
pub struct UnknownWord;

macro_rules! word_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            /// Every value, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word that clients and storage use.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                Self::ALL.iter().copied().find(|known| known.as_str() == word).ok_or(UnknownWord)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

pub(crate) use word_enum;

word_enum! {
    /// Who may see a project or group.
    #[derive(Default)]
    Visibility {
        /// Members only.
        #[default]
        Private = "private",
        /// Whoever is signed in.
        Internal = "internal",
        /// Everybody.
        Public = "public",
    }
}

word_enum! {
    /// Who may read a project's releases, among those who may see the project.
    #[derive(Default)]
    ReleasesAccess {
        /// All of them.
        #[default]
        Enabled = "enabled",
        /// Members only.
        Private = "private",
        /// Nobody.
        Disabled = "disabled",
    }
}

/// What a project's settings say about access.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProjectRules {
    /// Who may see it.
    pub visibility: Visibility,
    /// Whether all writes on releases and links are refused.
    pub archived: bool,
    /// Who may read its releases.
    pub releases: ReleasesAccess,
}

/// A project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// Given out once, by storage.
    pub id: ProjectId,
    /// The name people read.
    pub name: DisplayName,
    /// Its own segment of the path.
    pub path: PathSegment,
    /// The path from the top.
    pub full_path: FullPath,
    /// What it stands in.
    pub namespace: Namespace,
    /// What its settings say about access.
    pub rules: ProjectRules,
    /// Who made it, while that user exists.
    pub creator: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Project {
    /// What the default branch of a project is called.
    pub const DEFAULT_BRANCH: &str = "main";
}

/// How a request names a project: by id, or by full path without regard to case.
///
/// ```
/// use release_links_domain::project::ProjectRef;
///
/// assert!(matches!("42".parse(), Ok(ProjectRef::Id(_))));
/// assert!(matches!("group/project".parse(), Ok(ProjectRef::Path(_))));
/// assert!("99999999999999999999".parse::<ProjectRef>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProjectRef {
    /// By id.
    Id(ProjectId),
    /// By full path.
    Path(FullPath),
}

/// The text can name no project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this can name no project")]
pub struct NoSuchProject;

impl FromStr for ProjectRef {
    type Err = NoSuchProject;

    fn from_str(raw: &str) -> Result<Self, NoSuchProject> {
        if raw.bytes().all(|b| b.is_ascii_digit()) {
            let id = raw.parse::<i64>().map_err(|_| NoSuchProject)?;
            return ProjectId::try_from(id).map(Self::Id).map_err(|_| NoSuchProject);
        }
        raw.parse().map(Self::Path).map_err(|_| NoSuchProject)
    }
}
