//! What becomes of a link that is sent again (docs/contract.md, "Link endpoints"): one pure function that every
//! storage adapter calls.

use super::limit::is_full;
use super::{Candidate, Link, LinkConflict, LinkFaults, LinkFields, ParsedDraft};
use crate::word::word_enum;

word_enum! {
    /// What to do with a new link whose name or path another link of the release has: the target.
    #[derive(Default)]
    OnConflict {
        /// Refuse it.
        #[default]
        Fail = "fail",
        /// Leave the target as it is.
        Keep = "keep",
        /// Change the target to what is sent.
        Replace = "replace",
    }
}

word_enum! {
    /// What became of a link that was sent.
    Outcome {
        /// It is new.
        Created = "created",
        /// The target stays as it is.
        Kept = "kept",
        /// The target is what was sent already.
        Unchanged = "unchanged",
        /// The target has the values that were sent.
        Replaced = "replaced",
    }
}

/// What to store for a link that is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// A new link.
    Create(LinkFields),
    /// Nothing: this is the target, which is kept or unchanged.
    Leave(Link, Outcome),
    /// The target with its new values.
    Replace(Link),
}

impl ParsedDraft {
    /// Decides what becomes of this link in a release with `links` links, of which `alike` are those that share a name,
    /// URL or path with it. `links` need not count beyond [`Link::MAX_PER_RELEASE`], and `alike` may name a link more than
    /// once.
    ///
    /// The target is the link with the same name, or else the one with the same path. A URL alone makes none.
    ///
    /// # Errors
    /// Returns all faults at once, in the contract's order: those of the values, and the conflicts with links other than
    /// the target. Without a target in a full release, there are too many links.
    pub fn settle(self, on_conflict: OnConflict, links: usize, alike: &[Link]) -> Result<Settled, LinkFaults> {
        let candidate = self.candidate();
        if on_conflict == OnConflict::Fail {
            return self.accept_beside(links, LinkConflict::between(&candidate, alike)).map(Settled::Create);
        }
        let Some(target) = target(&candidate, alike) else {
            // One more link is refused whatever else is wrong with it.
            let taken = if is_full(links) { LinkConflict::NONE } else { LinkConflict::between(&candidate, alike) };
            return self.accept_beside(links, taken).map(Settled::Create);
        };
        let others = alike.iter().filter(|link| link.id != target.id);
        let taken = LinkConflict::between(&candidate, others);
        let changes = self.changes(taken)?;
        if on_conflict == OnConflict::Keep {
            return Ok(Settled::Leave(target.clone(), Outcome::Kept));
        }
        let fields = changes.apply(target.fields.clone());
        if fields == target.fields {
            return Ok(Settled::Leave(target.clone(), Outcome::Unchanged));
        }
        if taken.is_none() { Ok(Settled::Replace(Link { id: target.id, fields })) } else { Err(taken.into()) }
    }
}

pub(super) fn target<'a>(candidate: &Candidate, alike: &'a [Link]) -> Option<&'a Link> {
    let has_name = |link: &&Link| candidate.name.as_ref() == Some(&link.fields.name);
    let has_path = |link: &&Link| candidate.path.is_some() && candidate.path == link.fields.path;
    alike.iter().find(has_name).or_else(|| alike.iter().find(has_path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::{AssetSize, Change, LinkDraft, LinkType};
    use OnConflict::{Fail, Keep, Replace};

    fn draft(name: &str, url: &str, path: Option<&str>) -> LinkDraft {
        let path = path.map(Into::into).map_or(Change::Keep, Change::Set);
        LinkDraft { name: Some(name.into()), url: Some(url.into()), path, ..LinkDraft::default() }
    }

    fn link(number: i64, name: &str, url: &str, path: Option<&str>) -> Link {
        let fields = draft(name, url, path).parse().accept(LinkConflict::NONE).unwrap();
        let size = Some(AssetSize::try_from(number).unwrap());
        Link { id: number.try_into().unwrap(), fields: LinkFields { link_type: LinkType::Image, size, ..fields } }
    }

    /// Two links, of which storage returns those that share a value with what is sent.
    fn release() -> [Link; 2] {
        [link(1, "a", "http://a", Some("/bin/a")), link(2, "b", "http://b", Some("/bin/b"))]
    }

    /// Returns what becomes of a link: the word and the target's id, or the sentences.
    fn outcome(draft: &LinkDraft, on_conflict: OnConflict, links: usize) -> String {
        match draft.clone().parse().settle(on_conflict, links, &release()) {
            Ok(Settled::Create(_)) => "created".to_owned(),
            Ok(Settled::Leave(link, outcome)) => format!("{outcome} {}", link.id),
            Ok(Settled::Replace(link)) => format!("replaced {}", link.id),
            Err(faults) => faults.sentences().join(", "),
        }
    }

    #[test]
    fn what_becomes_of_a_link_depends_on_the_target_and_on_what_other_links_have() {
        const URL: &str = "Url has already been taken";
        const NAME: &str = "Name has already been taken";
        const PATH: &str = "Filepath has already been taken";
        let all = format!("{URL}, {NAME}, {PATH}");
        for (draft, fail, keep, replace) in [
            (draft("c", "http://c", Some("/bin/c")), "created", "created", "created"),
            (draft("a", "http://a", Some("/bin/a")), all.as_str(), "kept 1", "unchanged 1"),
            (draft("a", "http://a", None), &format!("{URL}, {NAME}"), "kept 1", "unchanged 1"),
            (draft("a", "http://c", None), NAME, "kept 1", "replaced 1"),
            (draft("c", "http://c", Some("/bin/b")), PATH, "kept 2", "replaced 2"),
            (draft("a", "http://c", Some("/bin/b")), &format!("{NAME}, {PATH}"), "kept 1", PATH),
            (draft("a", "http://b", Some("/bin/b")), &all, "kept 1", &format!("{URL}, {PATH}")),
            (draft("c", "http://a", None), URL, URL, URL),
        ] {
            for (on_conflict, expected) in [(Fail, fail), (Keep, keep), (Replace, replace)] {
                assert_eq!(outcome(&draft, on_conflict, 2), expected, "{on_conflict}: {draft:?}");
            }
        }
    }

    #[test]
    fn a_fault_of_form_is_reported_with_the_conflicts_with_links_other_than_the_target() {
        let sent = LinkDraft { path: Change::Set(String::new()), ..draft("a", "http://b", None) };
        let format = "Filepath is in an invalid format";
        let both = format!("Url has already been taken, Name has already been taken, {format}");
        assert_eq!(outcome(&sent, Fail, 2), both);
        for on_conflict in [Keep, Replace] {
            assert_eq!(outcome(&sent, on_conflict, 2), format!("Url has already been taken, {format}"));
        }
        let nameless = draft(" ", "http://c", Some("/bin/a"));
        assert_eq!(outcome(&nameless, Keep, 2), "Name can't be blank");
    }

    #[test]
    fn a_full_release_takes_no_more_but_what_it_has_may_be_sent_again() {
        let full = Link::MAX_PER_RELEASE;
        let too_many = "Links are too many (maximum is 1000)";
        for (draft, fail, otherwise) in [
            (draft("c", "http://c", None), too_many, too_many),
            (draft("c", "http://a", None), "Url has already been taken", too_many),
            (draft("", "http://c", None), too_many, too_many),
        ] {
            for (on_conflict, expected) in [(Fail, fail), (Keep, otherwise), (Replace, otherwise)] {
                assert_eq!(outcome(&draft, on_conflict, full), expected, "{on_conflict}: {draft:?}");
            }
        }
        assert_eq!(outcome(&draft("a", "http://c", None), Keep, full), "kept 1");
        assert_eq!(outcome(&draft("a", "http://c", None), Replace, full), "replaced 1");
    }

    #[test]
    fn a_replaced_link_keeps_what_was_not_sent_unless_the_url_changes() {
        let replaced = |draft: LinkDraft| match draft.parse().settle(Replace, 2, &release()) {
            Ok(Settled::Replace(link)) => link,
            other => panic!("{other:?}"),
        };
        let [before, _] = release();
        let renamed = replaced(draft("c", "http://a", Some("/bin/a")));
        assert_eq!(renamed.fields, LinkFields { name: "c".parse().unwrap(), ..before.fields.clone() });
        let moved = replaced(draft("a", "http://c", None));
        let expected = LinkFields { url: "http://c".parse().unwrap(), size: None, ..before.fields.clone() };
        assert_eq!((moved.id, moved.fields), (before.id, expected));
        let retyped = LinkDraft { link_type: Some(LinkType::Other), ..draft("a", "http://a", None) };
        assert_eq!(replaced(retyped).fields, LinkFields { link_type: LinkType::Other, ..before.fields.clone() });
        let cleared = LinkDraft { path: Change::Clear, size: Change::Clear, ..draft("a", "http://a", None) };
        assert_eq!(replaced(cleared).fields, LinkFields { path: None, size: None, ..before.fields });
    }
}
