//! Links in storage.

use async_trait::async_trait;
use jiff::Timestamp;
use release_links_domain::access::{Reader, TagRule};
use release_links_domain::channel::Selection;
use release_links_domain::history::Origin;
#[cfg(doc)]
use release_links_domain::link::LinkFields;
use release_links_domain::link::{
    Candidate, Link, LinkChanges, LinkConflict, LinkFaults, Manifest, ManifestFaults, OnConflict, Outcome, ParsedDraft,
    Plan,
};
use release_links_domain::project::ProjectRef;
use release_links_domain::tag::TagName;
use release_links_domain::{LinkId, ProjectId, ReleaseId};

use crate::{
    Batch, BatchedPage, BearerRead, Claim, PageRequest, Precondition, ProjectRead, ReleaseKey, StoreError, WriteError,
};

/// Why a link was not created.
pub type LinkWriteError = WriteError<LinkNotCreated>;

/// Why a link cannot be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkNotCreated {
    /// The release is immutable.
    Immutable,
    /// The link is invalid, or other links have its values.
    Faults(LinkFaults),
}

/// Why a link was not changed or deleted.
pub type LinkUpdateError = WriteError<LinkRefused>;

/// Why a link cannot be changed or deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkRefused {
    /// The release is immutable. It is reported before the precondition.
    Immutable,
    /// Other links have its new values.
    Taken(LinkConflict),
    /// Its URL leads to a file of the project, whose digest or size is not the new one.
    Faults(LinkFaults),
    /// The precondition does not hold for this, its current state.
    Precondition(Box<Link>),
}

/// Why a manifest was not applied.
pub type ManifestWriteError = WriteError<ManifestRefused>;

/// Why a manifest cannot be applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ManifestRefused {
    /// The release is immutable. It is reported before the precondition.
    Immutable,
    /// The precondition does not hold for these, the current links in order.
    Precondition(Vec<Link>),
    /// The manifest does not suit the release.
    Faults(ManifestFaults),
}

/// Whether what a write is asked for is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Run {
    /// It is done.
    Real,
    /// It is refused as it would be, or told, but nothing MUST change.
    Dry,
}

/// A page of a release's links.
pub type LinkPage = BatchedPage<Link, LinkId>;

/// The data that decides a write to a link of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WritableRelease {
    /// The release.
    pub id: ReleaseId,
    /// Whether it is immutable.
    pub immutable: bool,
    /// The project's rules that protect its tag.
    pub rules: Vec<TagRule>,
    /// What its project does about a link that is sent again, if another is to be added.
    pub on_conflict: OnConflict,
    /// The number of its links, if another is to be added. It is counted up to [`Link::MAX_PER_RELEASE`] only, which
    /// bounds the cost of a request.
    pub links: usize,
    /// The other links that share a value with the candidate, in any order and perhaps more than once.
    pub alike: Vec<Link>,
}

/// The links of releases. A read returns `None` if the project does not exist, and `found: None` if the release does
/// not exist or the link is not in it.
///
/// A release or link of another project MUST NOT be found, changed or deleted, whatever its id.
///
/// The URL of a link that is created or whose fields change may lead to a file of the link's own project. Then the link MUST get
/// the [digest and size](LinkFields::of_file) of the newest such file, if there is one, and MUST get those of each newer one
/// when that is published; a history row tells of it. Only the first [`Link::MAX_OF_A_FILE`] links of a project follow a file.
///
/// Of a write that an immutable release refuses and the write that makes it immutable, one MUST come first: the links that a
/// release has when it becomes immutable stay as they are.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait LinkRepository: Send + Sync {
    /// Returns a page of a release's links: first those that no manifest has placed, newest (highest id) first, then the
    /// others in the order of the manifest. The batch MUST end before a link whose text
    /// exceeds [`LinkFields::MAX_TEXT_BYTES`], as that of a link from an older version may.
    async fn list(&self, key: &ReleaseKey, page: PageRequest) -> ProjectRead<LinkPage>;

    /// Returns the first of these links of a project, in this order. Links that no longer exist are left out.
    async fn read_on(&self, project: ProjectId, links: Vec<LinkId>) -> Result<Batch<Link, LinkId>, StoreError>;

    /// Returns a link of a release.
    async fn get(&self, key: &ReleaseKey, link: LinkId) -> ProjectRead<Link>;

    /// Finds a token like [`Credentials::find`](crate::Credentials::find) and, if its bearer is accepted, returns what
    /// [`get`](Self::get) returns for them. A read for anybody else than the bearer of the token as it is now MUST NOT be
    /// returned.
    async fn get_for_bearer(&self, claim: &Claim, project: &ProjectRef, tag: &str, link: LinkId) -> BearerRead<Link>;

    /// Returns the link of a release with this path; a text that is not a valid path finds nothing.
    async fn get_by_path(&self, key: &ReleaseKey, path: &str) -> ProjectRead<Link>;

    /// Returns the link with this path in the release that is selected as of `now`, see
    /// [`selected`](crate::ReleaseRepository::selected), and that release's tag. If no channel decides and several releases
    /// are [searched](Selection::searched), the first of them with such a link counts. A link of any other release MUST
    /// NOT be found.
    async fn get_selected_by_path(
        &self,
        project: &ProjectRef,
        reader: Reader,
        selection: Selection,
        now: Timestamp,
        path: &str,
    ) -> ProjectRead<(TagName, Link)>;

    /// Returns the data that decides a write: the rules that protect the tag, and the links of the release other than
    /// `link` that share a value with `candidate`. Nothing is found if `link` is given but is not in the release.
    async fn load_for_write(
        &self,
        key: &ReleaseKey,
        link: Option<LinkId>,
        candidate: &Candidate,
    ) -> ProjectRead<WritableRelease>;

    /// Creates a link, or does to one of the release what [`ParsedDraft::settle`] decides. Without `on_conflict`, the
    /// setting that the project has in the transaction of the write decides. A new link's id MUST be higher than the id of
    /// any link that ever existed; a replaced one MUST keep its id. Of several writers that race for one value and fail on
    /// a conflict, exactly one MUST succeed; the error of each other one MUST name, for each of its values that is taken,
    /// the link that has it. A release MUST NOT get more than [`Link::MAX_PER_RELEASE`] links, however many writers race.
    ///
    /// # Errors
    /// [`WriteError::Gone`] if the release does not exist; [`WriteError::Conflict`] if it is immutable and the draft
    /// [alters](ParsedDraft::alters) it, or else with the error of [`ParsedDraft::settle`].
    async fn create(
        &self,
        project: ProjectId,
        release: ReleaseId,
        draft: ParsedDraft,
        on_conflict: Option<OnConflict>,
        origin: Origin,
    ) -> Result<(Link, Outcome), LinkWriteError>;

    /// Applies changes to the current state of a link. If another link of the release has one of the new values, the
    /// link MUST stay unchanged.
    ///
    /// # Errors
    /// [`WriteError::Gone`] if the link does not exist; [`WriteError::Conflict`] if the release is immutable and its link
    /// [may not become](LinkFields::may_become) what the changes make of it, or else if the precondition does not hold for
    /// the state that the changes are applied to, or else if a value is taken.
    async fn update(
        &self,
        project: ProjectId,
        release: ReleaseId,
        link: LinkId,
        changes: LinkChanges,
        precondition: Precondition<Link>,
        origin: Origin,
    ) -> Result<Link, LinkUpdateError>;

    /// Makes of a release what [`Manifest::plan`] says of its links as they are, in one transaction, and returns the plan
    /// with the ids of the links that it created. Links MUST keep their ids. If the plan changes nothing, or is refused, or
    /// the run is [dry](Run::Dry), nothing MUST be written, and no id be spent.
    ///
    /// # Errors
    /// [`WriteError::Gone`] if the release does not exist; [`WriteError::Conflict`] if it is immutable and there is no plan
    /// or one that [alters](Plan::alters) it, or else if the precondition does not hold for the links that the plan starts
    /// from, or else with the error of [`Manifest::plan`] or of [`LinkFields::of_file`], or
    /// [`ManifestFaults::TooMany`] if an older version let the release grow beyond [`Link::MAX_PER_RELEASE`] or
    /// [`MAX_LINK_BYTES`](crate::MAX_LINK_BYTES).
    async fn apply(
        &self,
        project: ProjectId,
        release: ReleaseId,
        manifest: Manifest,
        precondition: Precondition<Vec<Link>>,
        origin: Origin,
        run: Run,
    ) -> Result<Plan, ManifestWriteError>;

    /// Deletes a link and returns it.
    ///
    /// # Errors
    /// [`WriteError::Gone`] if the link does not exist; [`WriteError::Conflict`] if the release is immutable, or else if the
    /// precondition does not hold for the state that is deleted.
    async fn delete(
        &self,
        project: ProjectId,
        release: ReleaseId,
        link: LinkId,
        precondition: Precondition<Link>,
        origin: Origin,
    ) -> Result<Link, LinkUpdateError>;
}
