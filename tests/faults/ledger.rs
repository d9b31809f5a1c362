//! One writer's ledger: what was acknowledged, and what its last request, which was not answered, may have changed.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use fastrand::Rng;
use serde_json::{Value, json};

use crate::harness::{ROOT_TOKEN, Request, Response};
use crate::published::{File, Published};

/// The release whose links come and go one by one.
pub const BASE: &str = "base";
const TYPES: [&str; 4] = ["other", "runbook", "image", "package"];

/// A link as the writer knows it; the id is none until the server has told it.
#[derive(Clone, Debug)]
pub struct Link {
    id: Option<u64>,
    name: String,
    url: String,
    path: String,
    link_type: &'static str,
}

impl Link {
    /// All four values change together, so that a half-applied change shows.
    fn new(number: u64) -> Self {
        let kind = TYPES[usize::try_from(number % 4).unwrap()];
        let (name, url) = (format!("n{number}"), format!("http://{number}"));
        Self { id: None, name, url, path: format!("/f/p{number}"), link_type: kind }
    }

    fn draft(&self) -> Value {
        json!({ "name": self.name, "url": self.url, "direct_asset_path": self.path, "link_type": self.link_type })
    }

    /// The link in a manifest.
    fn entry(&self) -> Value {
        let mut entry = self.draft();
        entry["id"] = json!(self.id);
        entry
    }

    fn is(&self, shown: &Value) -> bool {
        self.id.is_none_or(|id| shown["id"] == id)
            && shown["name"] == self.name
            && shown["url"] == self.url
            && shown["link_type"] == self.link_type
            && shown["direct_asset_url"].as_str().unwrap().ends_with(&format!("/downloads{}", self.path))
    }
}

/// One request that writes.
#[derive(Clone, Debug)]
pub enum Step {
    Create(Link),
    Update(usize, Link),
    /// A link that is sent again by its name, with other values.
    Replace(usize, Link),
    Delete(usize),
    /// All links at once, in which values may change hands.
    Manifest(Vec<Link>),
    /// A release with all its links in one request.
    Publish(String, Vec<Link>),
    Unpublish(String),
    /// A file of a package.
    Upload(File),
}

type Releases = BTreeMap<String, Vec<Link>>;

impl Step {
    /// Takes over the ids that the answer tells.
    fn learn(&mut self, answer: &Response) {
        match self {
            Self::Create(link) => link.id = Some(answer.id()),
            Self::Publish(_, links) => {
                let body = answer.json();
                let shown = body["assets"]["links"].as_array().unwrap();
                for link in links {
                    link.id = shown.iter().find(|shown| link.is(shown)).and_then(|shown| shown["id"].as_u64());
                    assert!(link.id.is_some(), "{link:?} is not in {body}");
                }
            }
            Self::Manifest(links) => {
                let body = answer.json();
                for (link, shown) in links.iter_mut().zip(body["links"].as_array().unwrap()) {
                    link.id = shown["id"].as_u64();
                    assert_eq!(shown["name"], link.name, "{body}");
                }
            }
            Self::Update(..) | Self::Replace(..) | Self::Delete(_) | Self::Unpublish(_) | Self::Upload(_) => {}
        }
    }

    /// How many rows the step adds to the history.
    fn rows(&self, before: &Releases) -> u64 {
        let rows = match self {
            Self::Create(_) | Self::Update(..) | Self::Replace(..) | Self::Delete(_) => 1,
            // Each link gets the values of another, unless it is the only one.
            Self::Manifest(links) => links
                .iter()
                .filter(|link| !before[BASE].iter().any(|old| old.id == link.id && old.name == link.name))
                .count(),
            Self::Publish(_, links) => 1 + links.len(),
            Self::Unpublish(tag) => 1 + before[tag].len(),
            // No link leads to it.
            Self::Upload(_) => 0,
        };
        rows as u64
    }

    fn apply(self, releases: &mut Releases, published: &mut Published) {
        match self {
            Self::Create(link) => releases.get_mut(BASE).unwrap().push(link),
            Self::Update(at, link) | Self::Replace(at, link) => releases.get_mut(BASE).unwrap()[at] = link,
            Self::Delete(at) => drop(releases.get_mut(BASE).unwrap().remove(at)),
            Self::Manifest(links) => drop(releases.insert(BASE.to_owned(), links)),
            Self::Publish(tag, links) => drop(releases.insert(tag, links)),
            Self::Unpublish(tag) => drop(releases.remove(&tag)),
            Self::Upload(file) => published.add(file),
        }
    }
}

/// The books of one writer, who alone writes to one project.
pub struct Ledger {
    project: u64,
    releases: Releases,
    published: Published,
    doubt: Option<Step>,
    rng: Rng,
    next: u64,
    pub acknowledged: u64,
    /// How many rows the history of the project has.
    rows: u64,
}

impl Ledger {
    /// The books of a project that has the release [`BASE`] without links.
    pub fn new(project: u64, rng: Rng) -> Self {
        let releases = BTreeMap::from([(BASE.to_owned(), Vec::new())]);
        let published = Published::new(project);
        Self { project, releases, published, doubt: None, rng, next: 0, acknowledged: 0, rows: 1 }
    }

    fn fresh_link(&mut self) -> Link {
        self.next += 1;
        Link::new(self.next)
    }

    /// What to do next, so that no project grows beyond what one answer shows.
    pub fn next_step(&mut self) -> Step {
        let links = self.releases[BASE].len();
        let published: Vec<_> = self.releases.keys().filter(|tag| *tag != BASE).cloned().collect();
        match self.rng.u32(0..10) {
            0 if published.len() < 4 => {
                let count = if self.rng.u32(0..8) == 0 { 40 } else { self.rng.usize(2..6) };
                let links = (0..count).map(|_| self.fresh_link()).collect();
                Step::Publish(format!("v{}", self.next), links)
            }
            1 if !published.is_empty() => Step::Unpublish(self.rng.choice(published).unwrap()),
            2 | 3 if links > 0 => Step::Delete(self.rng.usize(..links)),
            4 if links > 0 => {
                let at = self.rng.usize(..links);
                let link = Link { id: self.releases[BASE][at].id, ..self.fresh_link() };
                Step::Update(at, link)
            }
            5 if links > 0 => {
                let at = self.rng.usize(..links);
                let Link { id, name, .. } = self.releases[BASE][at].clone();
                Step::Replace(at, Link { id, name, ..self.fresh_link() })
            }
            6 if (2..30).contains(&links) => Step::Manifest(self.turned()),
            7 => Step::Upload(self.published.next_file(&mut self.rng)),
            _ if links >= 30 => Step::Delete(self.rng.usize(..links)),
            _ => Step::Create(self.fresh_link()),
        }
    }

    /// The links of [`BASE`], each with the values of another, and a new one.
    fn turned(&mut self) -> Vec<Link> {
        let mut links = self.releases[BASE].clone();
        self.rng.shuffle(&mut links);
        let mut values = links.clone();
        values.rotate_left(1);
        let turned = links.iter().zip(values).map(|(link, values)| Link { id: link.id, ..values });
        let fresh = self.fresh_link();
        turned.chain([fresh]).collect()
    }

    /// The request of a step.
    pub fn request(&self, step: &Step, address: SocketAddr) -> Request {
        let releases = format!("/api/v4/projects/{}/releases", self.project);
        let links = format!("{releases}/{BASE}/assets/links");
        let link = |at: usize| format!("{links}/{}", self.releases[BASE][at].id.expect("the id was told"));
        let (method, target, body) = match step {
            Step::Create(link) => ("POST", links, Some(link.draft())),
            Step::Replace(_, new) => {
                let mut draft = new.draft();
                draft["on_conflict"] = json!("replace");
                ("POST", links, Some(draft))
            }
            Step::Update(at, new) => ("PUT", link(*at), Some(new.draft())),
            Step::Delete(at) => ("DELETE", link(*at), None),
            Step::Manifest(new) => {
                let entries: Vec<_> = new.iter().map(Link::entry).collect();
                ("PUT", format!("{releases}/{BASE}/assets/manifest"), Some(json!({ "links": entries })))
            }
            Step::Publish(tag, links) => {
                let links: Vec<_> = links.iter().map(Link::draft).collect();
                ("POST", releases, Some(json!({ "tag_name": tag, "assets": { "links": links } })))
            }
            Step::Unpublish(tag) => ("DELETE", format!("{releases}/{tag}"), None),
            Step::Upload(file) => return file.request(self.project, address),
        };
        let request = Request::new(address, method, target).header("PRIVATE-TOKEN", ROOT_TOKEN);
        if let Some(body) = body { request.json(body) } else { request }
    }

    /// Books a step that was acknowledged.
    pub fn acknowledge(&mut self, mut step: Step, answer: &Response) {
        self.rows += step.rows(&self.releases);
        step.learn(answer);
        step.apply(&mut self.releases, &mut self.published);
        self.acknowledged += 1;
    }

    /// Notes a step of which it is not known whether it was done.
    pub fn doubt(&mut self, step: Step) {
        self.doubt = Some(step);
    }

    /// How many files were published.
    pub fn uploads(&self) -> u64 {
        self.published.count()
    }

    /// Forgets that files were looked at, so that all are compared the next time.
    pub fn look_again(&mut self) {
        self.published.look_again();
    }

    /// Compares the books with what the server shows, and settles the doubt. What differs from what was acknowledged, or
    /// from the whole of what was in doubt, is told.
    pub fn settle(&mut self, address: SocketAddr) -> Vec<String> {
        let doubtful = match &self.doubt {
            Some(Step::Upload(file)) => Some(file),
            _ => None,
        };
        let mut differing = self.published.settle(address, doubtful);
        differing.extend(self.settle_releases(address));
        differing
    }

    fn settle_releases(&mut self, address: SocketAddr) -> Vec<String> {
        let target = format!("/api/v4/projects/{}/releases?per_page=100", self.project);
        let request = Request::new(address, "GET", target).header("PRIVATE-TOKEN", ROOT_TOKEN);
        let shown = request.send().status(200).json();
        let differing = differences(&self.releases, &shown);
        let Some(step) = self.doubt.take().filter(|_| !differing.is_empty()) else { return differing };
        let mut after = self.releases.clone();
        step.clone().apply(&mut after, &mut self.published);
        let still_differing = differences(&after, &shown);
        if !still_differing.is_empty() {
            return differing.into_iter().map(|line| format!("{line} (in doubt: {step:?})")).collect();
        }
        self.rows += step.rows(&self.releases);
        learn_ids(&mut after, &shown);
        self.releases = after;
        Vec::new()
    }

    /// Tells if the history has more or fewer rows than what was done, once the doubt is settled.
    pub fn miscounted(&self, rows_of_history: impl FnOnce(u64) -> u64) -> Option<String> {
        let (project, found) = (self.project, rows_of_history(self.project));
        (found != self.rows)
            .then(|| format!("the history of project {project} has {found} rows instead of {}", self.rows))
    }
}

fn links_of<'a>(shown: &'a Value, tag: &str) -> Option<&'a Vec<Value>> {
    let release = shown.as_array().unwrap().iter().find(|release| release["tag_name"] == tag)?;
    release["assets"]["links"].as_array()
}

/// Takes over the ids of links that turned out to be stored though nobody was told.
fn learn_ids(releases: &mut Releases, shown: &Value) {
    for (tag, links) in releases {
        for link in links.iter_mut().filter(|link| link.id.is_none()) {
            let shown = links_of(shown, tag).unwrap().iter().find(|shown| link.is(shown));
            link.id = shown.and_then(|shown| shown["id"].as_u64());
        }
    }
}

fn differences(expected: &Releases, shown: &Value) -> Vec<String> {
    let mut differences = Vec::new();
    for (tag, links) in expected {
        let Some(shown) = links_of(shown, tag) else {
            differences.push(format!("no release {tag}"));
            continue;
        };
        for link in links.iter().filter(|link| !shown.iter().any(|shown| link.is(shown))) {
            differences.push(format!("{tag} has no {link:?}"));
        }
        if shown.len() > links.len() {
            differences.push(format!("{tag} has {} links instead of {}", shown.len(), links.len()));
        }
    }
    for release in shown.as_array().unwrap() {
        let tag = release["tag_name"].as_str().unwrap();
        if !expected.contains_key(tag) {
            differences.push(format!("an unexpected release {tag}"));
        }
    }
    differences
}
