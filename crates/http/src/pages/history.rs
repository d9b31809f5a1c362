//! The page of a release's history.

use askama::Template;
use release_links_domain::history::{Actor, Event, HistoryFilter, HistoryRow, ReleaseState, Step};
use release_links_domain::link::{AssetDigest, AssetSize, LinkFields};
use release_links_domain::location::ExternalUrl;
use release_links_domain::namespace::FullPath;
use release_links_domain::tag::TagName;
use release_links_ports::PageRequest;
use release_links_usecases::{Missing, Refusal};

use super::accept::prefers_page;
use super::layout::{HTML, Layout, Moment, Pages};
use super::naming::{feed_address, history_address, list_address};
use super::send::send;
use crate::Limits;
use crate::addresses::TagAddress;
use crate::history::{self, ReleaseHistory, Wanted};
use crate::large;
use crate::operation::ParametersThenCaller;
use crate::query::without_credentials;
use crate::reply::Reply;

/// Answers with the history of a release: the page for clients that prefer it, else JSON.
pub(super) async fn get(asked: ParametersThenCaller<TagAddress, ReleaseHistory>) -> Reply {
    if !prefers_page(&asked.incoming.request) {
        return history::of_release(asked).await;
    }
    let ParametersThenCaller { incoming, address, parameters, caller } = asked;
    let (history, release) = (&incoming.service.history, address.release());
    let _serialising = large::serialising(&incoming.request).await?;
    let page = PageRequest { per_page: PageRequest::DEFAULT_PER_PAGE, ..parameters.page };
    let (filter, led) = match parameters.wanted() {
        Wanted::Rows(filter) => (filter, None),
        Wanted::Moment(path, at) => {
            let step = history.led_at(&caller, &release, &path, at).await?;
            let led = Led::new(path.clone(), Moment::new(at), step);
            (HistoryFilter { path: Some(path), ..HistoryFilter::default() }, Some(led))
        }
    };
    let found = history.of_release(&caller, &release, filter, page).await?;
    let mut entries: Vec<Entry> = found.page.rows.into_iter().map(Entry::new).collect();
    let mut rest = found.rest;
    while let Some(unread) = rest {
        let (rows, still_unread) = history.read_on(unread).await?;
        entries.extend(rows.into_iter().map(Entry::new));
        rest = still_unread;
    }
    let project = incoming.service.projects.get(&caller, &release.project).await?.project.full_path;
    let tag = release.tag.parse().map_err(|_| Refusal::NotFound(Missing::Link))?;
    let query = without_credentials(incoming.request.uri().query().unwrap_or_default(), &["page", "per_page"]);
    let before = if query.is_empty() { "?page=".to_owned() } else { format!("?{query}&page=") };
    let pages = Pages::of(page, found.page.has_next, before);
    let page = HistoryPage::new(project, tag, led, entries, pages, &incoming.service.external);
    send(&incoming.request, HTML, move || page).await
}

#[derive(Template)]
#[template(path = "history.html")]
struct HistoryPage {
    layout: Layout,
    project: FullPath,
    tag: TagName,
    led: Option<Led>,
    rows: Vec<Entry>,
    pages: Option<Pages>,
    address: String,
    /// The address of the list of the project's releases.
    list: String,
    release: String,
    feed: String,
    summary: String,
}

impl HistoryPage {
    fn new(
        project: FullPath,
        tag: TagName,
        led: Option<Led>,
        rows: Vec<Entry>,
        pages: Option<Pages>,
        external: &ExternalUrl,
    ) -> Self {
        Self {
            layout: Layout::new(external.path()),
            led,
            rows,
            pages,
            address: history_address(&project, &tag, external),
            list: list_address(&project, external),
            release: external.release(&project, &tag),
            feed: feed_address(&project, external),
            summary: format!("What happened to the release {tag} of {project}"),
            project,
            tag,
        }
    }
}

/// Where a permanent link led at a moment.
struct Led {
    path: String,
    at: Moment,
    url: String,
    /// The URL as the permanent link redirected to it.
    location: String,
    digest: Option<String>,
    since: Moment,
    until: Option<Moment>,
}

impl Led {
    fn new(path: String, at: Moment, step: Step) -> Self {
        let Step { url, digest, since, until, .. } = step;
        Self {
            path,
            at,
            location: url.location(),
            url: url.into(),
            digest: digest.map(String::from),
            since: Moment::new(since),
            until: until.map(Moment::new),
        }
    }
}

/// A row of the history.
struct Entry {
    title: &'static str,
    /// The link or channel that it is about.
    name: Option<String>,
    at: Moment,
    /// Who did it, if the reader may see that.
    actor: Option<String>,
    values: Vec<Value>,
}

/// A value that changed, came or went.
struct Value {
    name: &'static str,
    before: Option<String>,
    after: Option<String>,
}

impl Entry {
    fn new(row: HistoryRow) -> Self {
        let HistoryRow { at, actor, event, .. } = row;
        let title = title(&event);
        let (name, values) = match event {
            Event::Link { before, after, .. } => {
                let name = after.as_ref().or(before.as_ref()).map(|fields| shortened(fields.name.as_str()));
                (name, differences(before.as_ref().map(of_link), after.as_ref().map(of_link)))
            }
            Event::Release { before, after } => {
                (None, differences(before.as_ref().map(of_release), after.as_ref().map(of_release)))
            }
            Event::Channel { name, before, after } => {
                let release = |tag: &TagName| [("Release", Some(tag.to_string()))];
                (Some(name.into()), differences(before.as_ref().map(release), after.as_ref().map(release)))
            }
            Event::Immutable | Event::Thaw | Event::Prune => (None, Vec::new()),
        };
        Self { title, name, at: Moment::new(at), actor: actor.map(who), values }
    }
}

const fn title(event: &Event) -> &'static str {
    match event {
        Event::Link { before: None, .. } => "Link created",
        Event::Link { after: None, .. } => "Link deleted",
        Event::Link { .. } => "Link changed",
        Event::Release { before: None, .. } => "Release created",
        Event::Release { after: None, .. } => "Release deleted",
        Event::Release { .. } => "Release changed",
        Event::Channel { after: None, .. } => "Channel deleted",
        Event::Channel { .. } => "Channel set",
        Event::Immutable => "Made immutable",
        Event::Thaw => "Made changeable again",
        Event::Prune => "Older rows dropped",
    }
}

fn who(Actor { user, username, .. }: Actor) -> String {
    match (username, user) {
        (Some(username), _) => username,
        (None, Some(user)) => format!("user {user}"),
        (None, None) => "the operator of the server".to_owned(),
    }
}

/// A value with its name, if it is set.
type Named = (&'static str, Option<String>);

fn of_link(fields: &LinkFields) -> [Named; 6] {
    let LinkFields { name, url, path, link_type, digest, size } = fields;
    [
        ("Name", Some(name.to_string())),
        ("URL", Some(url.to_string())),
        ("Path", path.as_ref().map(ToString::to_string)),
        ("Type", Some(link_type.as_str().to_owned())),
        ("Digest", digest.as_ref().map(AssetDigest::to_string)),
        ("Size", size.map(|size: AssetSize| size.bytes().to_string())),
    ]
}

fn of_release(state: &ReleaseState) -> [Named; 3] {
    let ReleaseState { name, description, released_at } = state;
    [("Name", name.clone()), ("Description", description.clone()), ("Date", Some(Moment::new(*released_at).exact))]
}

/// Returns the values that are not the same on both sides.
fn differences<const N: usize>(before: Option<[Named; N]>, after: Option<[Named; N]>) -> Vec<Value> {
    let nothing = |of: &[Named; N]| of.clone().map(|(name, _)| (name, None));
    let Some((before, after)) = (match (before, after) {
        (Some(before), Some(after)) => Some((before, after)),
        (Some(before), None) => Some((before.clone(), nothing(&before))),
        (None, Some(after)) => Some((nothing(&after), after)),
        (None, None) => None,
    }) else {
        return Vec::new();
    };
    let pairs = before.into_iter().zip(after).filter(|((_, before), (_, after))| before != after);
    let short = |value: Option<String>| value.map(|text| shortened(&text));
    pairs.map(|((name, before), (_, after))| Value { name, before: short(before), after: short(after) }).collect()
}

/// Returns a text, cut after [`Limits::HISTORY_TEXT`] characters.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(Limits::HISTORY_TEXT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
