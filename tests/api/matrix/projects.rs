//! The projects: one in every state that affects permissions, with a release under every kind of tag.

use serde_json::json;

use super::callers::{Elsewhere, MEMBERS, Team, Who, callers_of};
use super::expected::{Releases, Rules, Tag, Visibility};
use super::wire::Connection;
use crate::harness::encoded;

pub const TAGS: [Tag; 6] =
    [Tag::Unprotected, Tag::Developers, Tag::Maintainers, Tag::Nobody, Tag::TwoRules, Tag::Immutable];

impl Tag {
    /// What all tags of this kind start with.
    fn prefix(self) -> &'static str {
        match self {
            Self::Unprotected => "free",
            Self::Developers => "dev",
            Self::Maintainers => "main",
            Self::Nobody => "nobody",
            Self::TwoRules => "two/rules",
            Self::Immutable => "immutable",
        }
    }

    /// A tag of this kind, as it stands.
    pub fn named(self, name: &str) -> String {
        format!("{}/{name}", self.prefix())
    }

    /// The tag that has a release from the start, encoded.
    pub fn fixture(self) -> String {
        encoded(&self.named("fixture"))
    }

    /// The channel that points to its release.
    pub fn channel(self) -> String {
        format!("at-{}", lower(self))
    }

    /// Where the fixture's link leads.
    pub fn asset(self) -> String {
        format!("https://example.com/{}", self.prefix())
    }
}

/// Patterns and levels; no other tag matches.
const RULES: [(&str, u8); 5] = [("dev/*", 30), ("main/*", 40), ("nobody*", 0), ("two/*", 0), ("*/rules/*", 40)];

/// One of the projects.
pub struct Project {
    pub name: String,
    pub rules: Rules,
    pub id: u64,
    /// Unencoded.
    pub path: String,
    /// The id of the fixture's link, by the tags' order.
    pub links: Vec<u64>,
    pub callers: Vec<Who>,
    membership: Membership,
}

impl Project {
    /// Whether nothing sets it apart but its visibility.
    pub fn is_ordinary(&self) -> bool {
        self.membership == Membership::Direct && !self.rules.archived && self.rules.releases == Releases::Enabled
    }

    pub fn link(&self, tag: Tag) -> u64 {
        self.links[TAGS.iter().position(|kind| *kind == tag).expect("every kind of tag has a fixture")]
    }
}

/// Where the team gets its levels from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Membership {
    /// From the project.
    Direct,
    /// From the group above the group that holds the project.
    Inherited,
}

/// Makes every project. All of them stand in public groups.
pub fn provision(root: &mut Connection, team: &Team) -> Vec<Project> {
    let group = root.make("/api/v4/groups", json!({ "name": "matrix", "path": "matrix", "visibility": "public" }));
    let top = root.make("/api/v4/groups", json!({ "name": "top", "path": "top", "visibility": "public" }));
    let below = json!({ "name": "below", "path": "below", "visibility": "public", "parent_id": top });
    let below = root.make("/api/v4/groups", below);
    for (role, level) in MEMBERS {
        let member = json!({ "user_id": team.id(role), "access_level": level });
        root.root("POST", format!("/api/v4/groups/{top}/members"), member);
    }
    let draft = json!({ "name": "elsewhere", "path": "elsewhere", "visibility": "public", "namespace_id": below });
    let elsewhere = root.make("/api/v4/projects", draft);
    let elsewhere = Elsewhere::provision(root, team, elsewhere);
    let mut projects = Vec::new();
    for visibility in [Visibility::Public, Visibility::Internal, Visibility::Private] {
        for (archived, releases) in states() {
            let rules = Rules { visibility, archived, releases };
            projects.push(project(root, team, &elsewhere, rules, ("matrix", group, Membership::Direct)));
        }
        let rules = Rules { visibility, archived: false, releases: Releases::Enabled };
        projects.push(project(root, team, &elsewhere, rules, ("top/below", below, Membership::Inherited)));
    }
    projects
}

fn states() -> impl Iterator<Item = (bool, Releases)> {
    [false, true].into_iter().flat_map(|archived| {
        [Releases::Enabled, Releases::Private, Releases::Disabled].map(|releases| (archived, releases))
    })
}

fn project(
    root: &mut Connection,
    team: &Team,
    elsewhere: &Elsewhere,
    rules: Rules,
    (namespace, namespace_id, membership): (&str, u64, Membership),
) -> Project {
    let (visibility, releases) = (lower(rules.visibility), lower(rules.releases));
    let archived = if rules.archived { "archived" } else { "live" };
    let path = format!("{visibility}-{archived}-{releases}");
    let draft = json!({ "name": path, "path": path, "visibility": visibility, "namespace_id": namespace_id });
    let id = root.make("/api/v4/projects", draft);
    if membership == Membership::Direct {
        for (role, level) in MEMBERS {
            let member = json!({ "user_id": team.id(role), "access_level": level });
            root.root("POST", format!("/api/v4/projects/{id}/members"), member);
        }
    }
    let callers = callers_of(root, team, elsewhere, id);
    let links = TAGS.map(|tag| release(root, id, tag)).to_vec();
    for (name, level) in RULES {
        let rule = json!({ "name": name, "create_access_level": level });
        root.root("POST", format!("/api/v4/projects/{id}/protected_tags"), rule);
    }
    if rules.releases != Releases::Enabled {
        root.root("PUT", format!("/api/v4/projects/{id}"), json!({ "releases_access_level": releases }));
    }
    if rules.archived {
        root.root("POST", format!("/api/v4/projects/{id}/archive"), json!(null));
    }
    let name = format!("{visibility} project, {archived}, releases {releases}, members {}", lower(membership));
    Project { name, rules, id, path: format!("{namespace}/{path}"), links, callers, membership }
}

/// The fixture of a kind of tag, before anything protects it; answers its link's id.
fn release(root: &mut Connection, project: u64, tag: Tag) -> u64 {
    let day = if tag == Tag::Unprotected { "2020-01-02" } else { "2020-01-01" };
    let link = json!({ "name": "fixture", "url": tag.asset(), "direct_asset_path": "/bin/fixture",
        "digest": format!("sha256:{}", "f".repeat(64)) });
    let draft = json!({ "tag_name": tag.named("fixture"), "released_at": format!("{day}T00:00:00Z"),
        "assets": { "links": [link] } });
    let made = root.root("POST", format!("/api/v4/projects/{project}/releases"), draft).json();
    let channel = format!("/api/v4/projects/{project}/release_channels/{}", tag.channel());
    root.root("PUT", channel, json!({ "tag_name": tag.named("fixture") }));
    if tag == Tag::Immutable {
        freeze(root, project, &tag.fixture());
    }
    made["assets"]["links"][0]["id"].as_u64().expect("a release shows its links")
}

/// Makes the release of an encoded tag immutable.
pub fn freeze(root: &mut Connection, project: u64, tag: &str) {
    root.root("PUT", format!("/api/v4/projects/{project}/releases/{tag}/immutable"), json!(null));
}

fn lower(name: impl std::fmt::Debug) -> String {
    format!("{name:?}").to_lowercase()
}
