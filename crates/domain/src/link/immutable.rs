//! What may still change about the links of an immutable release (docs/contract.md, "Immutable releases and history"),
//! judged by what a request sends, whether or not it is valid.

use super::on_conflict::target;
use super::{Link, LinkConflict, LinkFields, OnConflict, ParsedDraft, ParsedPatch, Plan};

impl LinkFields {
    /// Whether these fields of a link in an immutable release may become `after`: only a digest or size that is missing
    /// may be added.
    #[must_use]
    pub fn may_become(&self, after: &Self) -> bool {
        let Self { name, url, path, link_type, digest, size } = self;
        let is_kept_or_added = (digest.is_none() || *digest == after.digest) && (size.is_none() || *size == after.size);
        (name, url, path, link_type) == (&after.name, &after.url, &after.path, &after.link_type) && is_kept_or_added
    }
}

impl ParsedDraft {
    /// Whether an immutable release refuses this link. `alike` are its links that share a value with it, in any order and
    /// perhaps more than once.
    ///
    /// ```
    /// use release_links_domain::link::{LinkDraft, OnConflict};
    ///
    /// let draft = LinkDraft { name: Some("a".into()), url: Some("http://a".into()), ..LinkDraft::default() };
    /// assert!(draft.parse().alters(OnConflict::Keep, &[]));
    /// ```
    #[must_use]
    pub fn alters(&self, on_conflict: OnConflict, alike: &[Link]) -> bool {
        let Some(target) = target(&self.candidate(), alike) else { return true };
        match on_conflict {
            OnConflict::Fail => true,
            OnConflict::Keep => false,
            OnConflict::Replace => match self.clone().changes(LinkConflict::NONE) {
                Ok(changes) => !target.fields.may_become(&changes.apply(target.fields.clone())),
                // What is invalid differs from what the link has.
                Err(_) => true,
            },
        }
    }
}

impl ParsedPatch {
    /// Whether an immutable release refuses this change to its link.
    #[must_use]
    pub fn alters(&self, link: &LinkFields) -> bool {
        match self.clone().accept(LinkConflict::NONE) {
            Ok(changes) => !link.may_become(&changes.apply(link.clone())),
            Err(_) => true,
        }
    }
}

impl Plan {
    /// Whether an immutable release refuses this plan.
    #[must_use]
    pub fn alters(&self) -> bool {
        let is_refused = self.updated().any(|(_, before, after)| !before.may_become(after));
        is_refused || self.is_ordered_anew || !self.deleted.is_empty()
    }
}

#[cfg(test)]
mod tests;
