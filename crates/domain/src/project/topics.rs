//! The topics of a project.

use std::collections::HashSet;

use crate::namespace::{DisplayName, DisplayNameError};
use crate::newtype::is_blank;

/// What a project is about: up to [`Topics::MAX`] texts by the rules of a [`DisplayName`], in the order in which they
/// were sent, without the white space around them, blank ones and repeated ones.
///
/// ```
/// use release_links_domain::project::Topics;
///
/// let topics: Topics = ["rust", " command line ", "", "rust"].map(str::to_owned).to_vec().try_into()?;
/// assert_eq!(topics.as_slice(), ["rust", "command line"]);
/// # Ok::<(), release_links_domain::project::TopicsError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Topics(Vec<String>);

/// Why texts are not valid topics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TopicsError {
    /// More topics than [`Topics::MAX`].
    #[error("has too many entries (maximum is {})", Topics::MAX)]
    TooMany,
    /// One of the topics is invalid.
    #[error("has an entry that {0}")]
    Topic(#[from] DisplayNameError),
}

impl Topics {
    /// The maximum number of topics of a project.
    pub const MAX: usize = 20;
    /// The longest topic, in Unicode characters.
    pub const MAX_CHARS: usize = DisplayName::MAX_CHARS;

    /// Returns the topics.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }

    /// Returns topics that an adapter reads back from storage, without applying today's limits.
    #[must_use]
    pub fn from_stored(topics: Vec<String>) -> Self {
        Self(topics)
    }
}

impl From<Topics> for Vec<String> {
    fn from(topics: Topics) -> Self {
        topics.0
    }
}

impl TryFrom<Vec<String>> for Topics {
    type Error = TopicsError;

    fn try_from(raw: Vec<String>) -> Result<Self, TopicsError> {
        let mut seen = HashSet::new();
        let mut topics = Vec::new();
        for topic in raw.iter().map(|topic| topic.trim()).filter(|topic| !is_blank(topic)) {
            if seen.insert(topic) {
                topics.push(DisplayName::check(topic.to_owned())?);
            }
        }
        if topics.len() > Self::MAX { Err(TopicsError::TooMany) } else { Ok(Self(topics)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topics(raw: impl IntoIterator<Item = String>) -> Result<Vec<String>, TopicsError> {
        Topics::try_from(raw.into_iter().collect::<Vec<_>>()).map(Vec::from)
    }

    #[test]
    fn at_most_twenty_different_topics_are_valid() {
        let numbered = |count: usize| (0..count).map(|number| number.to_string());
        assert_eq!(topics(numbered(Topics::MAX).chain(numbered(1))).map(|topics| topics.len()), Ok(Topics::MAX));
        assert_eq!(topics(numbered(Topics::MAX + 1)), Err(TopicsError::TooMany));
    }

    #[test]
    fn a_topic_is_limited_like_a_name() {
        let longest = "é".repeat(Topics::MAX_CHARS);
        assert_eq!(topics([longest.clone()]), Ok(vec![longest.clone()]));
        assert_eq!(topics([longest + "é"]), Err(TopicsError::Topic(DisplayNameError::TooLong)));
        assert_eq!(topics(["a\nb".to_owned()]), Err(TopicsError::Topic(DisplayNameError::ControlCharacter)));
    }
}
