//! Who reads a list, as far as storage has to know.

use release_links_domain::access::Reader;
use release_links_domain::project::Visibility;
use release_links_domain::{ProjectId, UserId};

/// Who reads a list of things that not everybody sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// The user whose levels count; a level shows whatever it is over.
    pub user: Option<UserId>,
    /// What shows itself without a level.
    pub open: Vec<Visibility>,
    /// The one project that the viewer's credential reaches, if it does not reach all.
    pub only: Option<ProjectId>,
}

/// What a reader sees without a level, whatever project they read.
impl From<Reader> for Viewer {
    fn from(reader: Reader) -> Self {
        let at_large = reader.access_in_namespace(None);
        let open = Visibility::ALL.iter().copied().filter(|&visibility| at_large.sees(visibility)).collect();
        Self { user: reader.user, open, only: reader.only }
    }
}
