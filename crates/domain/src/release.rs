//! Releases (docs/contract.md, "Releases").

mod date;
mod links;
mod order;
mod texts;

use jiff::Timestamp;

use crate::link::{Change, Link, Settled};
use crate::tag::{TagName, is_commit_sha};
use crate::user::User;
use crate::{ProjectId, ReleaseId};

pub use date::date_of_new;
pub(crate) use date::is_upcoming;
pub use links::{LinksFault, LinksFaults, SentLinks};
pub use order::ReleaseOrder;
pub use texts::{ReleaseFault, ReleaseFaults, ReleaseTexts};

/// A release of a project, named by its tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Assigned by storage and never reused.
    pub id: ReleaseId,
    /// The project it belongs to.
    pub project: ProjectId,
    /// Its tag, unique within the project.
    pub tag: TagName,
    /// The display name; if none, the tag's name is used.
    pub name: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// The ref that the tag was created from.
    pub target: Option<String>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it is, or will be, released.
    pub released_at: Timestamp,
    /// The user who created it, while that user exists.
    pub author: Option<User>,
    /// Whether its links and its release date stay as they are for good.
    pub immutable: bool,
    /// Its links, in their order. Possibly only the first, if an older version stored more than
    /// [`Link::MAX_PER_RELEASE`].
    pub links: Vec<Link>,
    /// How many links it has.
    pub link_count: usize,
}

impl Release {
    /// Returns the display name: its own, or the tag's.
    #[must_use]
    pub fn display_name(&self) -> &str {
        self.name.as_deref().unwrap_or(self.tag.as_str())
    }

    /// Whether its release date is in the future.
    #[must_use]
    pub fn is_upcoming(&self, now: Timestamp) -> bool {
        is_upcoming(self.released_at, now)
    }

    /// Whether it has more links than [`links`](Self::links) contains.
    #[must_use]
    pub const fn is_partial(&self) -> bool {
        self.link_count > self.links.len()
    }

    /// Returns the commit that the tag was created from: its target, if that is a full commit SHA (40 or 64
    /// hexadecimal digits).
    #[must_use]
    pub fn commit(&self) -> Option<&str> {
        self.target.as_deref().filter(|target| is_commit_sha(target))
    }

    /// Whether this release is immutable and therefore refuses these changes, or these links that are sent together with
    /// them. `alike` are its links that share a value with one that is sent, in any order and perhaps more than once.
    #[must_use]
    pub fn refuses(&self, changes: &ReleaseChanges, sent: &SentLinks, alike: &[Link]) -> bool {
        self.immutable && (changes.alter_date(self) || sent.alter(alike))
    }

    /// Decides what becomes of the links that are sent to this release together with `changes`; `None` if neither they nor
    /// the changes alter anything. `alike` are its links that share a value with one that is sent, in any order and
    /// perhaps more than once.
    ///
    /// # Errors
    /// Returns all faults of the links at once.
    pub fn settle(
        &self,
        changes: &ReleaseChanges,
        sent: SentLinks,
        alike: Vec<Link>,
    ) -> Result<Option<Vec<Settled>>, LinksFaults> {
        let links = sent.replace(self.link_count, alike)?;
        let stays = !changes.alter(self) && links.iter().all(|link| matches!(link, Settled::Leave(..)));
        Ok((!stays).then_some(links))
    }
}

/// Changes to a release.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReleaseChanges {
    /// The display name; when cleared, the tag's name is used.
    pub name: Change<String>,
    /// The description.
    pub description: Change<String>,
    /// The new release date, if it changes; it cannot be cleared.
    pub released_at: Option<Timestamp>,
}

impl ReleaseChanges {
    /// Returns the release with these changes applied.
    #[must_use]
    pub fn apply(self, current: Release) -> Release {
        Release {
            name: self.name.apply(current.name),
            description: self.description.apply(current.description),
            released_at: self.released_at.unwrap_or(current.released_at),
            ..current
        }
    }

    /// Whether these changes make the release another. Storage keeps times in milliseconds.
    fn alter(&self, current: &Release) -> bool {
        self.name.alters(current.name.as_ref())
            || self.description.alters(current.description.as_ref())
            || self.alter_date(current)
    }

    /// Whether these changes give the release another date.
    fn alter_date(&self, current: &Release) -> bool {
        let date = self.released_at.unwrap_or(current.released_at);
        date.as_millisecond() != current.released_at.as_millisecond()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::LinkDraft;

    fn release() -> Release {
        let link = LinkDraft { name: Some("a".into()), url: Some("http://a".into()), ..LinkDraft::default() };
        let fields = SentLinks::parse(vec![link]).unwrap().accept().unwrap().remove(0);
        Release {
            id: 1.try_into().unwrap(),
            project: 2.try_into().unwrap(),
            tag: "v1".parse().unwrap(),
            name: Some("Spring".into()),
            description: None,
            target: None,
            created_at: Timestamp::UNIX_EPOCH,
            released_at: Timestamp::UNIX_EPOCH,
            author: None,
            immutable: false,
            links: vec![Link { id: 3.try_into().unwrap(), fields }],
            link_count: 1,
        }
    }

    #[test]
    fn a_release_is_unchanged_only_if_what_is_sent_is_what_it_has() {
        let named = |name: &str| ReleaseChanges { name: Change::Set(name.into()), ..ReleaseChanges::default() };
        let at = |time: &str| ReleaseChanges { released_at: Some(time.parse().unwrap()), ..ReleaseChanges::default() };
        let link = |url: &str| LinkDraft { name: Some("a".into()), url: Some(url.into()), ..LinkDraft::default() };
        for (changes, links, changed) in [
            (ReleaseChanges::default(), vec![], false),
            (named("Spring"), vec![link("http://a")], false),
            (ReleaseChanges { description: Change::Clear, ..at("1970-01-01T00:00:00.000999Z") }, vec![], false),
            (named("Summer"), vec![link("http://a")], true),
            (ReleaseChanges { name: Change::Clear, ..ReleaseChanges::default() }, vec![], true),
            (at("1970-01-01T00:00:00.001Z"), vec![], true),
            (ReleaseChanges::default(), vec![link("http://b")], true),
        ] {
            let case = format!("{changes:?} {links:?}");
            let sent = SentLinks::parse(links).unwrap();
            let settled = release().settle(&changes, sent, release().links).unwrap();
            assert_eq!(settled.is_some(), changed, "{case}");
        }
    }
}
