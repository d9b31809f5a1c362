//! The page of a release.

use askama::Template;
use release_links_domain::link::{HashAlgorithm, Link};
use release_links_domain::location::{ExternalUrl, encode_segment};
use release_links_domain::namespace::FullPath;
use release_links_domain::tag::TagName;
use release_links_domain::token::Caller;
use release_links_ports::{MAX_LINK_BYTES, PageRequest};
use release_links_usecases::{LinkPage, ListedLinks, Refusal, ReleaseAddress, ReleaseShown};

use super::accept::prefers_page;
use super::asset::{Section, sections};
use super::layout::{HTML, Layout, Moment, Pages, numbered};
use super::markdown::{Rendered, render};
use super::naming::{feed_address, heading, history_address, list_address, marks};
use super::newest::newest;
use super::send::send;
use crate::addresses::TagAddress;
use crate::incoming::Incoming;
use crate::large;
use crate::operation::{CallerThenParameters, Integer, parameters};
use crate::releases;
use crate::reply::Reply;

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
    let is_latest = newest(&incoming, &caller, &address.project, None).await?.as_ref() == Some(&release.release.tag);
    let links = if release.release.is_partial() {
        let page = PageRequest { per_page: PER_PAGE, ..numbered(asked_page) };
        read_links(&incoming, &caller, &address, page).await?
    } else {
        Links { rows: release.release.links.clone(), pages: None, has_hidden: false }
    };
    let external = service.external.clone();
    send(&incoming.request, HTML, move || ReleasePage::new(release, is_latest, links, &external)).await
}

/// The links that a page shows.
struct Links {
    rows: Vec<Link>,
    /// Which page it is, if there are several.
    pages: Option<Pages>,
    /// Whether links are left out because their text is long.
    has_hidden: bool,
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
    let pages = Pages::of(wanted, page.has_next, "?page=".to_owned());
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
    marks: Vec<&'static str>,
    description: Option<Rendered>,
    count: usize,
    sections: Vec<Section>,
    has_hidden_links: bool,
    /// The names of the checksum files that the release has.
    checksums: Vec<&'static str>,
    pages: Option<Pages>,
    address: String,
    /// The address of the list of the project's releases.
    list: String,
    feed: String,
    history: String,
    api: String,
    summary: String,
}

impl ReleasePage {
    fn new(shown: ReleaseShown, is_latest: bool, links: Links, external: &ExternalUrl) -> Self {
        let ReleaseShown { release, project, upcoming } = shown;
        let released_at = Moment::new(release.released_at);
        let tag = encode_segment(release.tag.as_str());
        Self {
            layout: Layout::new(external.path()),
            name: heading(&release).to_owned(),
            author: release.author.map(|author| author.name),
            marks: marks(upcoming, is_latest, release.immutable),
            description: release.description.filter(|text| !text.trim().is_empty()).map(|text| render(&text)),
            count: release.link_count,
            checksums: checksum_files(&links.rows),
            sections: sections(links.rows, &external.assets(&project, &release.tag)),
            has_hidden_links: links.has_hidden,
            pages: links.pages,
            address: external.release(&project, &release.tag),
            list: list_address(&project, external),
            feed: feed_address(&project, external),
            history: history_address(&project, &release.tag, external),
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
