//! The Atom feed of a project's releases (RFC 4287).
//!
//! The feed is a template like the pages. The crate `atom_syndication` would bring `chrono`, while all other times here
//! are `jiff`'s.

use askama::Template;
use jiff::Timestamp;
use release_links_domain::location::{ExternalUrl, encode_segment};
use release_links_domain::namespace::FullPath;
use release_links_domain::project::Project;
use release_links_domain::release::Release;
use release_links_domain::token::Caller;
use release_links_ports::{PageRequest, ReleaseOrder, Sort};
use release_links_usecases::{Refusal, ReleaseShown};

use super::markdown::render;
use super::naming::{feed_address, heading, list_address};
use super::send::send;
use crate::Limits;
use crate::addresses::ProjectAddress;
use crate::incoming::Incoming;
use crate::large;
use crate::operation::CallerThenParameters;
use crate::reply::Reply;
use crate::shapes::time;

/// The content type of a feed.
pub(super) const ATOM: &str = "application/atom+xml; charset=utf-8";

/// Answers with the feed.
pub(super) async fn get(asked: CallerThenParameters<ProjectAddress, ()>) -> Reply {
    let CallerThenParameters { incoming, address: ProjectAddress { id }, caller, .. } = asked;
    let _serialising = large::serialising(&incoming.request).await?;
    let project = incoming.service.projects.get(&caller, &id).await?.project;
    let releases = newest(&incoming, &caller, &id).await?;
    let external = incoming.service.external.clone();
    send(&incoming.request, ATOM, move || Feed::new(project, releases, &external)).await
}

/// Reads the newest releases of a project that are out, without their links. Upcoming ones come first in the list, so this
/// looks at several of its pages.
async fn newest(incoming: &Incoming, caller: &Caller, project: &str) -> Result<Vec<Release>, Refusal> {
    let releases = &incoming.service.releases;
    let most = usize::try_from(PageRequest::DEFAULT_PER_PAGE).unwrap_or(usize::MAX);
    let mut found = Vec::new();
    let mut keep = |rows: Vec<ReleaseShown>| {
        let out = rows.into_iter().filter(|shown| !shown.upcoming).map(|shown| shown.release);
        found.extend(out.map(|release| Release { links: Vec::new(), ..release }));
        found.len() >= most
    };
    for page in 1..=Limits::FEED_PAGES {
        let page = PageRequest { page, ..PageRequest::default() };
        let listed = releases.list(caller, project, Ok((ReleaseOrder::ReleasedAt, Sort::Descending, page))).await?;
        let mut is_full = keep(listed.page.rows);
        let mut rest = listed.rest;
        while let Some(unread) = rest.filter(|_| !is_full) {
            let (rows, still_unread) = releases.read_on(unread).await?;
            is_full = keep(rows);
            rest = still_unread;
        }
        if is_full || !listed.page.has_next {
            break;
        }
    }
    found.truncate(most);
    Ok(found)
}

#[derive(Template)]
#[template(path = "releases.xml")]
struct Feed {
    id: String,
    name: String,
    path: FullPath,
    address: String,
    list: String,
    updated: String,
    entries: Vec<Entry>,
}

/// A release in the feed.
struct Entry {
    id: String,
    name: String,
    address: String,
    published: String,
    updated: String,
    author: Option<String>,
    content: Option<String>,
}

impl Feed {
    fn new(project: Project, releases: Vec<Release>, external: &ExternalUrl) -> Self {
        // The number of a project stays when it moves, so these ids do.
        let id = format!("{external}/api/v4/projects/{}/releases", project.id);
        let updated = releases.iter().map(updated_at).max().unwrap_or(project.created_at);
        // Descriptions cost much more than the rest, so all together have the bound that one has on its page.
        let mut left = Limits::MARKDOWN;
        let mut content = |text: String| {
            let rendered = (text.len() <= left).then(|| render(&text).html);
            left = left.saturating_sub(text.len());
            rendered
        };
        let entry = |release: Release| Entry {
            id: format!("{id}/{}", encode_segment(release.tag.as_str())),
            name: heading(&release).to_owned(),
            address: external.release(&project.full_path, &release.tag),
            published: time(release.released_at),
            updated: time(updated_at(&release)),
            author: release.author.map(|author| author.name),
            content: release.description.and_then(&mut content),
        };
        Self {
            entries: releases.into_iter().map(entry).collect(),
            name: project.name.to_string(),
            address: feed_address(&project.full_path, external),
            list: list_address(&project.full_path, external),
            updated: time(updated),
            path: project.full_path,
            id,
        }
    }
}

/// Returns when readers could first see a release.
fn updated_at(release: &Release) -> Timestamp {
    release.released_at.max(release.created_at)
}
