//! The page of a project: the list of its releases.

use askama::Template;
use release_links_domain::location::ExternalUrl;
use release_links_domain::namespace::FullPath;
use release_links_domain::project::Project;
use release_links_domain::tag::TagName;
use release_links_ports::{ReleaseOrder, Sort};
use release_links_usecases::ReleaseShown;

use super::asset::address;
use super::layout::{HTML, Layout, Moment, Pages, numbered};
use super::naming::{feed_address, heading, list_address, marks};
use super::newest::newest;
use super::send::send;
use crate::Limits;
use crate::addresses::ProjectAddress;
use crate::large;
use crate::operation::{CallerThenParameters, Integer, parameters};
use crate::reply::Reply;

parameters! {
    /// Which part of a list a page shows.
    pub(super) struct ListParameters {
        /// The number of the page, from 1.
        page: Integer,
    }
}

/// Answers with the list of a project's releases, the newest first.
pub(super) async fn list(asked: CallerThenParameters<ProjectAddress, ListParameters>) -> Reply {
    let CallerThenParameters { incoming, address: ProjectAddress { id }, parameters, caller } = asked;
    let service = &incoming.service;
    let _serialising = large::serialising(&incoming.request).await?;
    let project = service.projects.get(&caller, &id).await?.project;
    let wanted = parameters.map(|list| numbered(list.page));
    let page = wanted.as_ref().copied().unwrap_or_default();
    let wanted = wanted.map(|page| (ReleaseOrder::ReleasedAt, Sort::Descending, page));
    let found = service.releases.list(&caller, &id, wanted).await?;
    let latest = newest(&incoming, &caller, &id, None).await?;
    let entry = |shown| Entry::new(shown, latest.as_ref(), &service.external);
    let mut entries: Vec<Entry> = found.page.rows.into_iter().map(entry).collect();
    let mut rest = found.rest;
    while let Some(unread) = rest {
        let (rows, still_unread) = service.releases.read_on(unread).await?;
        entries.extend(rows.into_iter().map(entry));
        rest = still_unread;
    }
    let pages = Pages::of(page, found.page.has_next, "?page=".to_owned());
    let list = ReleasesPage::new(project, entries, pages, &service.external);
    send(&incoming.request, HTML, move || list).await
}

#[derive(Template)]
#[template(path = "releases.html")]
struct ReleasesPage {
    layout: Layout,
    name: String,
    path: FullPath,
    description: Option<String>,
    is_archived: bool,
    releases: Vec<Entry>,
    pages: Option<Pages>,
    address: String,
    feed: String,
    summary: String,
}

/// A release in the list.
struct Entry {
    name: String,
    tag: TagName,
    address: String,
    released_at: Moment,
    marks: Vec<&'static str>,
    count: usize,
    /// The first of its links: their names, and where they lead.
    assets: Vec<(String, String)>,
}

impl Entry {
    fn new(shown: ReleaseShown, latest: Option<&TagName>, external: &ExternalUrl) -> Self {
        let ReleaseShown { release, project, upcoming } = shown;
        let (own, assets) = (external.release(&project, &release.tag), external.assets(&project, &release.tag));
        Self {
            name: heading(&release).to_owned(),
            address: own,
            released_at: Moment::new(release.released_at),
            marks: marks(upcoming, latest == Some(&release.tag), release.immutable),
            count: release.link_count,
            assets: (release.links.into_iter().take(Limits::LISTED_ASSETS))
                .map(|link| (link.fields.name.to_string(), address(&link, &assets)))
                .collect(),
            tag: release.tag,
        }
    }
}

impl ReleasesPage {
    fn new(project: Project, releases: Vec<Entry>, pages: Option<Pages>, external: &ExternalUrl) -> Self {
        let description = project.description.map(|description| description.as_str().trim().to_owned());
        let description = description.filter(|text| !text.is_empty());
        let line = description.as_ref().and_then(|text| text.lines().next());
        Self {
            layout: Layout::new(external.path()),
            name: project.name.to_string(),
            address: list_address(&project.full_path, external),
            feed: feed_address(&project.full_path, external),
            summary: line.map_or_else(|| format!("Releases of {}", project.full_path), str::to_owned),
            path: project.full_path,
            description,
            is_archived: project.rules.archived,
            releases,
            pages,
        }
    }
}
