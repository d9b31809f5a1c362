//! The start page: the public projects.

use askama::Template;
use release_links_domain::location::{ExternalUrl, encode_segment};
use release_links_domain::namespace::FullPath;
use release_links_domain::project::{Project, Visibility};
use release_links_ports::{Page, PageRequest, ProjectFilter, ProjectOrder, Sort};

use super::layout::{HTML, Layout, Pages, numbered};
use super::send::send;
use crate::operation::{CallerThenParameters, Filled, Integer, Nothing, parameters};
use crate::reply::Reply;

parameters! {
    /// Which projects the start page shows.
    pub(super) struct StartParameters {
        /// Part of the name or path, in any case.
        search: Filled<String>,
        /// The number of the page, from 1.
        page: Integer,
    }
}

/// Answers with the public projects, by path.
pub(super) async fn get(asked: CallerThenParameters<Nothing, StartParameters>) -> Reply {
    let CallerThenParameters { incoming, parameters, caller, .. } = asked;
    let search = parameters.as_ref().ok().and_then(|asked| asked.search.clone());
    let wanted = parameters.map(|StartParameters { search, page }| {
        let filter = ProjectFilter {
            search,
            visibility: Some(Visibility::Public),
            order: ProjectOrder::Path,
            sort: Sort::Ascending,
            ..ProjectFilter::default()
        };
        (filter, numbered(page))
    });
    let page = wanted.as_ref().map(|(_, page)| *page).unwrap_or_default();
    let found = incoming.service.projects.list(&caller, wanted).await?.map(|details| details.project);
    let start = StartPage::new(found, page, search.unwrap_or_default(), &incoming.service.external);
    send(&incoming.request, HTML, move || start).await
}

#[derive(Template)]
#[template(path = "start.html")]
struct StartPage {
    layout: Layout,
    address: String,
    search: String,
    projects: Vec<Entry>,
    pages: Option<Pages>,
}

/// A project in the list.
struct Entry {
    name: String,
    path: FullPath,
    address: String,
    description: Option<String>,
    is_archived: bool,
}

impl StartPage {
    fn new(found: Page<Project>, page: PageRequest, search: String, external: &ExternalUrl) -> Self {
        let before =
            if search.is_empty() { "?page=".to_owned() } else { format!("?search={}&page=", encode_segment(&search)) };
        Self {
            layout: Layout::new(external.path()),
            address: format!("{external}/"),
            search,
            pages: Pages::of(page, found.has_next, before),
            projects: found.rows.into_iter().map(|project| Entry::new(project, external)).collect(),
        }
    }
}

impl Entry {
    fn new(project: Project, external: &ExternalUrl) -> Self {
        let line = project.description.as_ref().and_then(|text| text.as_str().trim().lines().next());
        Self {
            name: project.name.to_string(),
            address: external.page(&project.full_path),
            description: line.map(str::to_owned),
            is_archived: project.rules.archived,
            path: project.full_path,
        }
    }
}
