//! A release as clients see it (docs/contract.md, "Releases").

use release_links_domain::location::{ExternalUrl, encode_segment};
use release_links_usecases::ReleaseShown;
use serde::Serialize;
use utoipa::ToSchema;

use crate::links::LinkBody;
use crate::shapes::{AuthorBody, time};

/// A release in JSON, with its keys in the contract's order. A key without a value is either omitted or null, as the
/// contract says.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = APIEntitiesRelease)]
pub(crate) struct ReleaseBody {
    name: String,
    tag_name: String,
    #[schema(required = true)]
    description: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    released_at: String,
    upcoming_release: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    author: Option<AuthorBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    commit: Option<CommitBody>,
    #[schema(value_type = [String], max_items = 0)]
    milestones: [(); 0],
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    commit_path: Option<String>,
    tag_path: String,
    assets: AssetsBody,
    #[schema(value_type = [String], max_items = 0)]
    evidences: [(); 0],
    _links: Addresses,
    /// Whether its links stay as they are for good.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    immutable: bool,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = APIEntitiesReleaseCommit)]
struct CommitBody {
    id: String,
    short_id: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = APIEntitiesReleaseAssets)]
struct AssetsBody {
    count: usize,
    #[schema(value_type = [String], max_items = 0)]
    sources: [(); 0],
    links: Vec<LinkBody>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = APIEntitiesReleaseLinks)]
struct Addresses {
    #[serde(rename = "self")]
    #[schema(format = "uri")]
    own: String,
    #[schema(format = "uri")]
    edit_url: String,
}

impl ReleaseBody {
    pub(super) fn new(shown: ReleaseShown, external: &ExternalUrl) -> Self {
        let ReleaseShown { release, project, upcoming } = shown;
        let own = external.release(&project, &release.tag);
        let commit = release.commit().map(str::to_owned);
        let root = external.path();
        let name = release.display_name().to_owned();
        let tag = release.tag;
        let count = release.link_count;
        let assets = external.assets(&project, &tag);
        let links = release.links.into_iter().map(|link| LinkBody::of(link, &assets)).collect();
        Self {
            name,
            description: release.description,
            created_at: time(release.created_at),
            released_at: time(release.released_at),
            upcoming_release: upcoming,
            author: release.author.map(|author| AuthorBody::new(author, external)),
            commit_path: commit.as_ref().map(|sha| format!("{root}/{project}/-/commit/{sha}")),
            commit: commit.map(|id| CommitBody { short_id: id[..8].to_owned(), id }),
            milestones: [],
            tag_path: format!("{root}/{project}/-/tags/{}", encode_segment(tag.as_str())),
            assets: AssetsBody { count, sources: [], links },
            evidences: [],
            _links: Addresses { edit_url: format!("{own}/edit"), own },
            immutable: release.immutable,
            tag_name: tag.into(),
        }
    }
}
