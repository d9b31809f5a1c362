//! The rules of release links, and nothing else: what a link may hold, what must be unique within a
//! release, where its permanent address leads, and who may do what.
//!
//! Everything here is pure: no I/O, no async, no clock. A value that exists is valid, because each type
//! has one private field and one parser. The rules come from GitLab's Release Links API; where a rule has
//! a number, it is a `const` on its type.
//!
//! ```
//! use release_links_domain::link::{LinkConflict, LinkDraft};
//!
//! let draft = LinkDraft {
//!     name: Some("hello-linux-amd64".into()),
//!     url: Some("https://files.example.com/hello".into()),
//!     ..LinkDraft::default()
//! };
//! let link = draft.parse().accept(LinkConflict::NONE)?;
//! assert_eq!(link.name.as_str(), "hello-linux-amd64");
//! # Ok::<(), release_links_domain::link::LinkFaults>(())
//! ```

pub mod access;
pub mod address;
mod id;
pub mod job;
pub mod link;
pub mod location;
pub mod membership;
pub mod namespace;
mod newtype;
pub mod policy;
pub mod project;
pub mod release;
pub mod search;
pub mod tag;
pub mod token;
pub mod user;

pub use id::{GroupId, IdError, LinkId, NamespaceId, ProjectId, ProtectedTagId, ReleaseId, TokenId, UserId};
pub use newtype::Stored;

/// The README's example, compiled and run with the other documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
