//! What storage needs to know about the reader of a list.

use release_links_domain::access::Reader;
use release_links_domain::project::Visibility;
use release_links_domain::{ProjectId, UserId};

/// The reader of a list that depends on what they may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// The user whose levels count; any level in a project or group makes it visible.
    pub user: Option<UserId>,
    /// The visibilities that need no level.
    pub open: Vec<Visibility>,
    /// The only project that the credential extends to; none if it extends to all.
    pub only: Option<ProjectId>,
}

/// The `open` visibilities are those that the reader sees without a level, regardless of `only`.
impl From<Reader> for Viewer {
    fn from(reader: Reader) -> Self {
        let at_large = reader.access_in_namespace(None);
        let open = Visibility::ALL.iter().copied().filter(|&visibility| at_large.sees(visibility)).collect();
        Self { user: reader.user, open, only: reader.only }
    }
}
