//! The length limits of a release's texts (docs/contract.md, "Releases").

use super::ReleaseChanges;
use crate::link::Change;

/// The texts of a release that a request sets.
///
/// ```
/// use release_links_domain::release::ReleaseTexts;
///
/// let name = "x".repeat(ReleaseTexts::MAX_NAME_CHARS + 1);
/// let faults = ReleaseTexts { name: Some(&name), ..ReleaseTexts::default() }.check().unwrap_err();
/// assert_eq!(faults.sentences(), ["Name is too long (maximum is 255 characters)"]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReleaseTexts<'a> {
    /// The display name.
    pub name: Option<&'a str>,
    /// Free text.
    pub description: Option<&'a str>,
    /// The ref that the tag is created from.
    pub target: Option<&'a str>,
    /// The message of its tag.
    pub tag_message: Option<&'a str>,
}

/// One text of a release that is too long; its `Display` states the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each is the text it names")]
pub enum ReleaseFault {
    #[error("Name is too long (maximum is {} characters)", ReleaseTexts::MAX_NAME_CHARS)]
    Name,
    #[error("Description is too long (maximum is {} characters)", ReleaseTexts::MAX_DESCRIPTION_CHARS)]
    Description,
    #[error("Ref is too long (maximum is {} characters)", ReleaseTexts::MAX_TARGET_CHARS)]
    Target,
    #[error("Tag message is too long (maximum is {} characters)", ReleaseTexts::MAX_TAG_MESSAGE_CHARS)]
    TagMessage,
}

/// All texts of a release that are too long, in the contract's order.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.sentences().join(", "))]
pub struct ReleaseFaults(Vec<ReleaseFault>);

impl ReleaseFaults {
    /// Returns the faults as sentences, in order.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        self.0.iter().map(ToString::to_string).collect()
    }
}

impl<'a> ReleaseTexts<'a> {
    /// The longest name, in Unicode characters.
    pub const MAX_NAME_CHARS: usize = 255;
    /// The longest description, in Unicode characters: GitLab's limit, which some changelogs do reach.
    pub const MAX_DESCRIPTION_CHARS: usize = 1_000_000;
    /// The longest target of a tag, in Unicode characters.
    pub const MAX_TARGET_CHARS: usize = 10_000;
    /// The longest message of a tag, in Unicode characters.
    pub const MAX_TAG_MESSAGE_CHARS: usize = 10_000;

    /// Returns the texts that a change sets.
    #[must_use]
    pub fn of(changes: &'a ReleaseChanges) -> Self {
        Self { name: new(&changes.name), description: new(&changes.description), ..Self::default() }
    }

    /// Checks the length of every text.
    ///
    /// # Errors
    /// Returns all texts that are too long.
    pub fn check(self) -> Result<(), ReleaseFaults> {
        let limits = [
            (self.name, Self::MAX_NAME_CHARS, ReleaseFault::Name),
            (self.description, Self::MAX_DESCRIPTION_CHARS, ReleaseFault::Description),
            (self.target, Self::MAX_TARGET_CHARS, ReleaseFault::Target),
            (self.tag_message, Self::MAX_TAG_MESSAGE_CHARS, ReleaseFault::TagMessage),
        ];
        let is_longer = |text: &str, max: usize| text.len() > max && text.chars().nth(max).is_some();
        let faults: Vec<_> = limits
            .into_iter()
            .filter(|(text, max, _)| text.is_some_and(|text| is_longer(text, *max)))
            .map(|(.., fault)| fault)
            .collect();
        if faults.is_empty() { Ok(()) } else { Err(ReleaseFaults(faults)) }
    }
}

fn new(change: &Change<String>) -> Option<&str> {
    match change {
        Change::Set(text) => Some(text),
        Change::Keep | Change::Clear => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_limits_count_characters_and_all_faults_are_reported_together() {
        let of = |chars: usize| "é".repeat(chars);
        let [name, description, target, message] = [255, 1_000_000, 10_000, 10_000].map(of);
        let texts = ReleaseTexts {
            name: Some(&name),
            description: Some(&description),
            target: Some(&target),
            tag_message: Some(&message),
        };
        assert_eq!(texts.check(), Ok(()));
        let [name, description, target, message] = [256, 1_000_001, 10_001, 10_001].map(of);
        let texts = ReleaseTexts {
            name: Some(&name),
            description: Some(&description),
            target: Some(&target),
            tag_message: Some(&message),
        };
        assert_eq!(
            texts.check().unwrap_err().sentences(),
            [
                "Name is too long (maximum is 255 characters)",
                "Description is too long (maximum is 1000000 characters)",
                "Ref is too long (maximum is 10000 characters)",
                "Tag message is too long (maximum is 10000 characters)",
            ]
        );
        assert_eq!(ReleaseTexts::default().check(), Ok(()));
    }

    #[test]
    fn only_the_texts_that_a_change_sets_are_checked() {
        let long = "x".repeat(256);
        let changes = |name| ReleaseChanges { name, ..ReleaseChanges::default() };
        assert!(ReleaseTexts::of(&changes(Change::Set(long))).check().is_err());
        for name in [Change::Keep, Change::Clear] {
            assert!(ReleaseTexts::of(&changes(name)).check().is_ok());
        }
    }
}
