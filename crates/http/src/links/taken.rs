//! Tells who has the values that a link asks for (docs/contract.md, "Link rules").

use release_links_domain::LinkId;
use release_links_domain::location::ExternalUrl;
use release_links_usecases::InvalidLink;
use serde::Serialize;

/// The faults of a link. The links that are in the way follow them, if any are.
#[derive(Debug, Serialize)]
pub(crate) struct LinkFaultsBody {
    message: Vec<String>,
    #[serde(skip_serializing_if = "TakenBy::is_none")]
    taken_by: TakenBy,
}

/// The links that have the values that are taken.
#[derive(Debug, Serialize)]
struct TakenBy {
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<Holder>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Holder>,
    #[serde(skip_serializing_if = "Option::is_none")]
    filepath: Option<Holder>,
}

/// A link that has a value. Some clients fail on a number in the body of an error.
#[derive(Debug, Serialize)]
struct Holder {
    id: String,
    url: String,
}

impl TakenBy {
    const fn is_none(&self) -> bool {
        self.url.is_none() && self.name.is_none() && self.filepath.is_none()
    }
}

impl LinkFaultsBody {
    pub(crate) fn new(invalid: &InvalidLink, external: &ExternalUrl) -> Self {
        let InvalidLink { faults, project, tag } = invalid;
        let holder = |link: LinkId| Holder { id: link.to_string(), url: external.link(*project, tag, link) };
        let taken = faults.taken();
        let taken_by =
            TakenBy { url: taken.url.map(holder), name: taken.name.map(holder), filepath: taken.path.map(holder) };
        Self { message: faults.sentences(), taken_by }
    }
}
