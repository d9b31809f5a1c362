//! Who reads a list, as far as storage has to know.

use release_links_domain::UserId;
use release_links_domain::project::Visibility;

/// Who reads a list of things that not everybody sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// The user whose levels count; a level shows whatever it is over.
    pub user: Option<UserId>,
    /// What shows itself without a level.
    pub open: Vec<Visibility>,
}
