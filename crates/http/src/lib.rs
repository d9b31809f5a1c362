#![doc = include_str!("../README.md")]

mod addresses;
mod asked;
mod body;
mod branches;
mod channels;
mod connection;
mod cors;
mod credentials;
mod digest;
mod drain;
mod empty_lists;
mod error;
mod fields;
mod files;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod graphql;
mod groups;
mod health;
mod history;
mod incoming;
mod large;
mod limits;
mod links;
mod long_lists;
mod members;
mod metrics;
mod moment;
mod moved;
mod newest;
mod observe;
mod openapi;
mod operation;
mod operations;
mod packages;
mod pages;
mod pagination;
mod params;
mod permanent;
mod preconditions;
mod project_address;
mod projects;
mod protected_tags;
mod proxies;
mod query;
mod releases;
mod reply;
mod server;
mod shapes;
mod sorting;
mod tags;
mod tokens;
mod upload_counts;
mod uploads;
mod users;
mod version;
mod web_address;

pub use drain::{Drain, turn_away};
pub use limits::Limits;
pub use metrics::Metrics;
pub use operation::Endpoint;
pub use operations::{endpoints, openapi};
pub use proxies::{InvalidNetwork, TrustedProxies};
pub use server::serve;

use std::sync::Arc;

use release_links_domain::location::ExternalUrl;
use release_links_ports::Health;
use release_links_usecases::{
    Authentication, Channels, Files, Groups, History, Manifests, Members, Packages, PermanentLinks, Projects,
    ProtectedTags, ReleaseLinks, Releases, Tags, Tokens, Uploads, Users,
};

/// The use cases and settings that handlers need.
#[derive(Clone)]
pub struct Service {
    /// Identifies the caller.
    pub authentication: Authentication,
    /// The operations on links.
    pub links: ReleaseLinks,
    /// All links of a release at once.
    pub manifests: Manifests,
    /// The operations on releases.
    pub releases: Releases,
    /// The operations behind permanent links.
    pub permanent: PermanentLinks,
    /// The operations on the bytes of files.
    pub files: Files,
    /// The operations on release channels.
    pub channels: Channels,
    /// The operations on tags.
    pub tags: Tags,
    /// The operations on uploads.
    pub uploads: Uploads,
    /// The operations on users.
    pub users: Users,
    /// The operations on tokens.
    pub tokens: Tokens,
    /// The operations on groups.
    pub groups: Groups,
    /// The operations on histories.
    pub history: History,
    /// The operations on packages.
    pub packages: Packages,
    /// The operations on projects.
    pub projects: Projects,
    /// The operations on members.
    pub members: Members,
    /// The operations on protected tags.
    pub protected_tags: ProtectedTags,
    /// Checks whether storage responds.
    pub health: Arc<dyn Health>,
    /// The URL by which clients reach the service.
    pub external: ExternalUrl,
    /// The proxies that say where a request comes from.
    pub trusted_proxies: TrustedProxies,
    /// Whether the server is about to stop.
    pub drain: Drain,
    /// Counts requests, if somebody asks for it.
    pub metrics: Option<Arc<Metrics>>,
}
