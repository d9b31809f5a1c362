//! The page of a release.

use actix_web::web;
use askama::Template;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use release_links_domain::link::{HashAlgorithm, Link};
use release_links_domain::location::{ExternalUrl, encode_segment};
use release_links_domain::namespace::FullPath;
use release_links_domain::newest::Preferences;
use release_links_domain::tag::TagName;
use release_links_domain::token::Caller;
use release_links_ports::{MAX_LINK_BYTES, PageRequest};
use release_links_usecases::{LinkPage, ListedLinks, Missing, Refusal, ReleaseAddress, ReleaseShown};

use super::accept::prefers_page;
use super::asset::{Section, sections};
use super::layout::{HTML, Layout, headers};
use super::markdown::{Rendered, render};
use crate::addresses::TagAddress;
use crate::error::ApiError;
use crate::incoming::Incoming;
use crate::large;
use crate::operation::{CallerThenParameters, Integer, parameters};
use crate::releases;
use crate::reply::{self, Reply};
use crate::shapes::time;

/// The links on one page of a release that has more than a release may have today.
const PER_PAGE: u64 = PageRequest::MAX_PER_PAGE;

parameters! {
    /// Which part of a release its page shows.
    pub(super) struct ReleasePageParameters {
        /// The number of the page of links, from 1; only a release with more than 1,000 links, from an older version, has
        /// several.
        page: Integer,
    }
}

/// Answers with a release: the page for clients that prefer it, else JSON.
pub(super) async fn get(asked: CallerThenParameters<TagAddress, ReleasePageParameters>) -> Reply {
    let CallerThenParameters { incoming, address, parameters, caller } = asked;
    if !prefers_page(&incoming.request) {
        return releases::get(CallerThenParameters { incoming, address, parameters: Ok(()), caller }).await;
    }
    let service = &incoming.service;
    let address = address.release();
    // Nobody holds a large release while waiting.
    let _serialising = large::serialising(&incoming.request).await?;
    let release = service.releases.get(&caller, &address).await?;
    let asked_page = parameters.map_err(Refusal::from)?.page;
    let is_latest = newest(&incoming, &caller, &address).await?.as_ref() == Some(&release.release.tag);
    let links = if release.release.is_partial() {
        let page = PageRequest::new(asked_page, None).unwrap_or_default();
        let page = PageRequest { per_page: PER_PAGE, ..page };
        read_links(&incoming, &caller, &address, page).await?
    } else {
        Links { rows: release.release.links.clone(), pages: None, has_hidden: false }
    };
    let external = service.external.clone();
    let page = web::block(move || ReleasePage::new(release, is_latest, links, &external).render());
    let page = page.await.map_err(|_| ApiError::Unwired)?.map_err(|_| ApiError::Unwired)?;
    reply::typed(&incoming.request, HTML, page, headers())
}

/// The selector of the newest release.
const LATEST: &str = "latest";

/// Returns the tag of the newest release of the project, if one is out.
async fn newest(incoming: &Incoming, caller: &Caller, address: &ReleaseAddress) -> Result<Option<TagName>, Refusal> {
    match incoming.service.permanent.newest(caller, &address.project, LATEST, Preferences::default()).await {
        Ok(newest) => Ok(Some(newest.tag)),
        Err(Refusal::NotFound(Missing::Link)) => Ok(None),
        Err(refusal) => Err(refusal),
    }
}

/// The links that a page shows.
struct Links {
    rows: Vec<Link>,
    /// Which page it is, if there are several.
    pages: Option<Pages>,
    /// Whether links are left out because their text is long.
    has_hidden: bool,
}

/// Where among the pages of links a page is.
struct Pages {
    number: u64,
    has_next: bool,
}

/// Reads a page of a release's links, until their text is long: older versions had no limit.
async fn read_links(
    incoming: &Incoming,
    caller: &Caller,
    address: &ReleaseAddress,
    wanted: PageRequest,
) -> Result<Links, Refusal> {
    let links = &incoming.service.links;
    let ListedLinks { links: LinkPage { page, mut rest }, .. } = links.list(caller, address, wanted).await?;
    let mut rows = page.rows;
    while let Some(unread) = rest.take() {
        if rows.iter().map(|link| link.fields.text_bytes()).sum::<usize>() > MAX_LINK_BYTES {
            rest = Some(unread);
            break;
        }
        let (more, still_unread) = links.read_on(unread).await?;
        rows.extend(more);
        rest = still_unread;
    }
    let pages = Some(Pages { number: wanted.page, has_next: page.has_next });
    Ok(Links { rows, pages, has_hidden: rest.is_some() })
}

#[derive(Template)]
#[template(path = "release.html")]
struct ReleasePage {
    layout: Layout,
    name: String,
    tag: TagName,
    project: FullPath,
    author: Option<String>,
    released_at: Moment,
    is_upcoming: bool,
    is_latest: bool,
    description: Option<Rendered>,
    count: usize,
    sections: Vec<Section>,
    has_hidden_links: bool,
    /// The names of the checksum files that the release has.
    checksums: Vec<&'static str>,
    pages: Option<Pages>,
    address: String,
    api: String,
    summary: String,
}

/// A time for people, and as RFC 3339.
struct Moment {
    date: String,
    exact: String,
}

impl Moment {
    fn new(at: Timestamp) -> Self {
        Self { date: at.to_zoned(TimeZone::UTC).strftime("%-d %B %Y").to_string(), exact: time(at) }
    }
}

impl ReleasePage {
    fn new(shown: ReleaseShown, is_latest: bool, links: Links, external: &ExternalUrl) -> Self {
        let ReleaseShown { release, project, upcoming } = shown;
        let released_at = Moment::new(release.released_at);
        let tag = encode_segment(release.tag.as_str());
        Self {
            layout: Layout::new(external.path()),
            name: Some(release.display_name())
                .filter(|name| !name.trim().is_empty())
                .unwrap_or(release.tag.as_str())
                .to_owned(),
            author: release.author.map(|author| author.name),
            is_upcoming: upcoming,
            is_latest,
            description: release.description.filter(|text| !text.trim().is_empty()).map(|text| render(&text)),
            count: release.link_count,
            checksums: checksum_files(&links.rows),
            sections: sections(links.rows, &external.assets(&project, &release.tag)),
            has_hidden_links: links.has_hidden,
            pages: links.pages,
            address: external.release(&project, &release.tag),
            api: format!("{external}/api/v4/projects/{}/releases/{tag}", release.project),
            summary: format!("Release {} of {project}, {}", release.tag, released_at.date),
            released_at,
            tag: release.tag,
            project,
        }
    }
}

/// Returns the names of the checksum files that the links have.
fn checksum_files(links: &[Link]) -> Vec<&'static str> {
    let has = |algorithm: &HashAlgorithm| {
        let digests = links.iter().filter_map(|link| link.fields.digest.as_ref());
        digests.into_iter().any(|digest| digest.hex(*algorithm).is_some())
    };
    HashAlgorithm::ALL.into_iter().filter(has).map(HashAlgorithm::checksum_file).collect()
}
