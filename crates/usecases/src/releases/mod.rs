//! Releases: what links belong to (contract section 8).

mod create;
mod get;
mod list;

use std::sync::Arc;

use jiff::Timestamp;
use release_links_domain::link::LinkDraft;
use release_links_domain::namespace::FullPath;
use release_links_domain::release::Release;
use release_links_ports::{Clock, Page, ReleaseRepository};

/// A release as somebody asked for it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReleaseDraft {
    /// The name people read.
    pub name: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// The message of the tag, if the tag is made with it.
    pub tag_message: Option<String>,
    /// What the tag is made from.
    pub target: Option<String>,
    /// When it is, or will be, released; now, when it is not said.
    pub released_at: Option<Timestamp>,
    /// Titles of milestones, of which we keep none.
    pub milestones: Vec<String>,
    /// Its links, in the order in which they get their ids.
    pub links: Vec<LinkDraft>,
}

/// A release, and what its addresses are built from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseShown {
    /// The release.
    pub release: Release,
    /// Where its project is now.
    pub project: FullPath,
    /// Whether its day is still to come.
    pub upcoming: bool,
}

/// A page of releases.
pub type ReleasePage = Page<ReleaseShown>;

/// The operations on releases.
#[derive(Clone)]
pub struct Releases {
    releases: Arc<dyn ReleaseRepository>,
    clock: Arc<dyn Clock>,
}

impl Releases {
    /// Works on the releases in `releases`, as of the time that `clock` says.
    #[must_use]
    pub fn new(releases: Arc<dyn ReleaseRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { releases, clock }
    }

    fn show(&self, release: Release, project: FullPath) -> ReleaseShown {
        ReleaseShown { upcoming: release.is_upcoming(self.clock.now()), release, project }
    }
}
