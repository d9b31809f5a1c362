//! The endpoints of docs/contract.md, "Link endpoints", "Permanent links" and "Releases", and how each answers when nothing refuses it.

use serde_json::json;

use super::expected::{Does, Intent, Tag};
use super::projects::{Project, freeze};
use super::wire::{Connection, Shot};
use crate::harness::{Response, encoded};

/// The list of a project's releases, which is a page for everybody.
const PAGE: &str = "/:id/-/releases";
const LINKS: &str = "/api/v4/projects/:id/releases/:tag_name/assets/links";
const MANIFEST: &str = "/api/v4/projects/:id/releases/:tag_name/assets/manifest";
const LINK: &str = "/api/v4/projects/:id/releases/:tag_name/assets/links/:link_id";
const RELEASES: &str = "/api/v4/projects/:id/releases";
const RELEASE: &str = "/api/v4/projects/:id/releases/:tag_name";
const IMMUTABLE: &str = "/api/v4/projects/:id/releases/:tag_name/immutable";
const TAGS: &str = "/api/v4/projects/:id/repository/tags";
const BRANCHES: &str = "/api/v4/projects/:id/repository/branches";
const CHANNELS: &str = "/api/v4/projects/:id/release_channels";
const CHANNEL: &str = "/api/v4/projects/:id/release_channels/:channel";
const TAG: &str = "/api/v4/projects/:id/repository/tags/:tag_name";

/// One verb of one route, with a body that always holds.
pub struct Endpoint {
    pub method: &'static str,
    pub route: &'static str,
    /// What the last segments are, where the route leaves them open.
    rest: &'static str,
    pub done: u16,
    leads: Leads,
    takes: Takes,
}

/// Where a redirect leads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leads {
    Nowhere,
    ToTheAsset,
    ToTheNewestAsset,
    ToTheNewestRelease,
    ToThePage,
    ToTheRelease,
}

/// What a success takes away, and so has to be made before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Nothing,
    ALink,
    ARelease,
    ATag,
    AChannel,
}

#[rustfmt::skip]
pub const ENDPOINTS: [Endpoint; 43] = [
    read("GET",  LINKS, 200),
    read("HEAD", LINKS, 200),
    read("GET",  LINK, 200),
    write("POST",   LINKS, 201, Takes::Nothing),
    write("PUT",    LINK, 200, Takes::Nothing),
    write("PATCH",  LINK, 200, Takes::Nothing),
    write("DELETE", LINK, 200, Takes::ALink),
    read("GET", MANIFEST, 200),
    write("PUT",    MANIFEST, 200, Takes::Nothing),
    read("GET", RELEASES, 200),
    read("GET", RELEASE, 200),
    write("POST",   RELEASES, 201, Takes::Nothing),
    write("PUT",    RELEASE, 200, Takes::Nothing),
    write("DELETE", RELEASE, 200, Takes::ARelease),
    write("PUT",    IMMUTABLE, 200, Takes::ARelease),
    read("GET", "/api/v4/projects/:id/releases/:tag_name/history", 200),
    read("GET", "/api/v4/projects/:id/release_history", 200),
    read("GET", TAGS, 200),
    read("GET", TAG, 200),
    read("GET", BRANCHES, 200),
    write("DELETE", TAG, 204, Takes::ATag),
    read("GET", CHANNELS, 200),
    read("GET", CHANNEL, 200),
    write("PUT",    CHANNEL, 200, Takes::Nothing),
    write("DELETE", CHANNEL, 200, Takes::AChannel),
    redirect("GET",  "/:id/-/releases/:tag_name/downloads/*path", "bin/fixture", Leads::ToTheAsset),
    redirect("HEAD", "/:id/-/releases/:tag_name/downloads/*path", "bin/fixture", Leads::ToTheAsset),
    redirect("GET", "/api/v4/projects/:id/releases/:tag_name/downloads/*path", "bin/fixture", Leads::ToTheAsset),
    redirect("GET", "/:id/-/releases/permalink/:selector/downloads/*path", "bin/fixture", Leads::ToTheNewestAsset),
    redirect("GET", "/api/v4/projects/:id/releases/permalink/:selector/downloads/*path", "bin/fixture",
        Leads::ToTheNewestAsset),
    redirect("GET", "/:id/-/releases/permalink/:selector*path", "", Leads::ToTheNewestRelease),
    redirect("GET", "/api/v4/projects/:id/releases/permalink/:selector*path", "", Leads::ToTheNewestRelease),
    redirect("GET", "/api/v4/projects/:id/releases/permalink/:selector*path", "/assets/links", Leads::ToTheNewestRelease),
    read("GET", "/api/v4/projects/:id/releases/:tag_name/assets/SHA256SUMS", 200),
    // No link of the fixture has such a digest.
    read("GET", "/api/v4/projects/:id/releases/:tag_name/assets/SHA512SUMS", 404),
    read("GET", PAGE, 200),
    redirect("GET", "/:id.git", "", Leads::ToThePage),
    redirect("GET", "/:id/-/tags/:tag_name", "", Leads::ToTheRelease),
    read("GET", "/:id/-/releases.atom", 200),
    read("GET", "/:id/-/badges/release.svg", 200),
    read("GET",  "/:id/-/releases/:tag_name", 200),
    read("HEAD", "/:id/-/releases/:tag_name", 200),
    read("GET",  "/:id/-/releases/:tag_name/history", 200),
];

const fn read(method: &'static str, route: &'static str, done: u16) -> Endpoint {
    Endpoint { method, route, rest: "", done, leads: Leads::Nowhere, takes: Takes::Nothing }
}

const fn write(method: &'static str, route: &'static str, done: u16, takes: Takes) -> Endpoint {
    Endpoint { method, route, rest: "", done, leads: Leads::Nowhere, takes }
}

const fn redirect(method: &'static str, route: &'static str, rest: &'static str, leads: Leads) -> Endpoint {
    Endpoint { method, route, rest, done: 302, leads, takes: Takes::Nothing }
}

impl Endpoint {
    pub fn intent(&self) -> Intent {
        if matches!(self.method, "GET" | "HEAD") { Intent::Read } else { Intent::Write }
    }

    /// What the body does to an immutable release.
    pub fn does(&self) -> Does {
        match (self.method, self.route) {
            ("DELETE", RELEASE) => Does::DeleteTheRelease,
            ("POST", LINKS) | ("PUT" | "PATCH" | "DELETE", LINK) | ("PUT", MANIFEST | RELEASE) => Does::ChangeLinks,
            _ => Does::Allowed,
        }
    }

    /// "on GET and HEAD of every address outside `/api`, and within it of permanent links and checksum files":
    /// docs/contract.md, "Credentials".
    pub fn accepts_basic(&self) -> bool {
        let within = ["/downloads/", "/permalink/", "SUMS"].iter().any(|part| self.route.contains(part));
        self.intent() == Intent::Read && (!self.route.starts_with("/api/") || within)
    }

    /// Whether every answer is a page, also a refusal.
    pub fn is_page(&self) -> bool {
        self.route == PAGE
    }

    /// Whether the answer depends on a tag at all.
    pub fn names_a_tag(&self) -> bool {
        self.route.contains(":tag_name") || self.route == CHANNEL || self.method == "POST"
    }

    /// The request, made as it stands in a case of that number; each number is used once.
    ///
    /// With `lasting`, what it takes away is the fixture's: for requests that have to be refused.
    pub fn shot(&self, root: &mut Connection, project: &Project, tag: Tag, number: usize, lasting: bool) -> Shot {
        let takes = if lasting { Takes::Nothing } else { self.takes };
        let api = format!("/api/v4/projects/{}/releases", project.id);
        let (mut encoded_tag, mut link) = (tag.fixture(), project.link(tag));
        let mut channel = tag.channel();
        match takes {
            Takes::Nothing => {}
            Takes::ALink => {
                let name = format!("taken {number}");
                let draft = json!({ "name": name, "url": format!("https://example.com/taken/{number}") });
                link = root.make(format!("{api}/{encoded_tag}/assets/links"), draft);
            }
            Takes::AChannel => {
                channel = format!("taken{number}");
                let target = format!("/api/v4/projects/{}/release_channels/{channel}", project.id);
                root.root("PUT", target, json!({ "tag_name": tag.named("fixture") }));
            }
            Takes::ARelease | Takes::ATag => {
                let name = tag.named(&format!("taken-{number}"));
                root.root("POST", api.clone(), json!({ "tag_name": name, "released_at": "2001-01-01" }));
                encoded_tag = encoded(&name);
                if takes == Takes::ATag {
                    root.root("DELETE", format!("{api}/{encoded_tag}"), json!(null));
                } else if tag == Tag::Immutable {
                    freeze(root, project.id, &encoded_tag);
                }
            }
        }
        // By number and by path in turn; the web knows paths only.
        let id = if self.route.starts_with("/:id") {
            project.path.clone()
        } else if number.is_multiple_of(2) {
            project.id.to_string()
        } else {
            encoded(&project.path)
        };
        self.addressed(&id, [&encoded_tag, &link.to_string(), &channel], tag, number)
    }

    /// The same request to a project that does not exist.
    pub fn shot_at_nothing(&self, tag: Tag, number: usize) -> Shot {
        let id = match (self.route.starts_with("/:id"), number.is_multiple_of(2)) {
            (true, _) => "matrix/nothing",
            (false, true) => "999999999",
            (false, false) => "matrix%2Fnothing",
        };
        self.addressed(id, [&tag.fixture(), "999999999", &tag.channel()], tag, number)
    }

    fn addressed(&self, id: &str, [encoded_tag, link, channel]: [&str; 3], tag: Tag, number: usize) -> Shot {
        let target = self.route.replace("*path", self.rest);
        let target = target.replace(":id", id).replace(":tag_name", encoded_tag).replace(":link_id", link);
        let target = target.replace(":selector", "latest").replace(":channel", channel);
        let shot = Shot::new(self.method, target);
        match (self.method, self.route) {
            ("POST", LINKS) => {
                let url = format!("https://example.com/made/{number}");
                shot.with(json!({ "name": format!("made {number}"), "url": url }))
            }
            // Elsewhere these leave the fixture as it is; an immutable one has to resist.
            ("PUT", MANIFEST) => shot.with(json!({ "links": [], "prune": tag == Tag::Immutable })),
            ("PUT" | "PATCH", LINK) => {
                shot.with(json!({ "name": if tag == Tag::Immutable { "changed" } else { "fixture" } }))
            }
            ("POST", RELEASES) => {
                let name = tag.named(&format!("made-{number}"));
                shot.with(json!({ "tag_name": name, "released_at": "2001-01-01T00:00:00Z" }))
            }
            ("PUT", CHANNEL) => shot.with(json!({ "tag_name": tag.named("fixture") })),
            ("PUT", RELEASE) if tag == Tag::Immutable => shot.with(json!({ "released_at": "2001-01-01" })),
            ("PUT", RELEASE) => shot.with(json!({ "description": "as before" })),
            _ => shot,
        }
    }

    /// What is wrong with an answer that has the right status, if anything.
    pub fn amiss(&self, project: &Project, tag: Tag, answer: &Response) -> Option<String> {
        let location = answer.header("location").unwrap_or_default();
        let newest = Tag::Unprotected;
        let expected = match self.leads {
            Leads::Nowhere => return None,
            Leads::ToThePage => format!("{}/{}", super::EXTERNAL, project.path),
            Leads::ToTheRelease => format!("{}/{}/-/releases/{}", super::EXTERNAL, project.path, tag.fixture()),
            Leads::ToTheAsset => tag.asset(),
            Leads::ToTheNewestAsset => newest.asset(),
            Leads::ToTheNewestRelease if self.route.starts_with("/:id/") => {
                format!("{}/{}/-/releases/{}", super::EXTERNAL, project.path, newest.fixture())
            }
            Leads::ToTheNewestRelease => {
                let api = format!("{}/api/v4/projects/{}", super::EXTERNAL, project.id);
                format!("{api}/releases/{}{}", newest.fixture(), self.rest)
            }
        };
        (location != expected).then(|| format!("leads to {location:?} instead of {expected:?}"))
    }
}
