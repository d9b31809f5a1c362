//! Release channels: names that point to releases (docs/contract.md, "Permanent links").

use jiff::Timestamp;

use crate::newest::{Preferences, Ranking};
use crate::newtype::{stored_newtype, text_newtype};
use crate::tag::TagName;

/// The name of a channel: lower-case, and none that means something else after `permalink/`.
///
/// ```
/// use release_links_domain::channel::{ChannelName, ChannelNameError};
///
/// let name: ChannelName = "beta".parse()?;
/// assert_eq!(name.as_str(), "beta");
/// assert_eq!("1.x".parse::<ChannelName>(), Err(ChannelNameError));
/// # Ok::<(), ChannelNameError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "String", try_from = "String"))]
pub struct ChannelName(String);

/// The text is no name of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is invalid")]
pub struct ChannelNameError;

/// The channel that decides what `latest` means, and what all other selectors of the newest release end in.
const LATEST: &str = "latest";

/// What follows the tag `permalink` in the addresses of its own release.
const ROUTES_OF_A_TAG: [&str; 4] = ["downloads", "assets", "history", "immutable"];

impl ChannelName {
    /// The longest name, in bytes.
    pub const MAX_BYTES: usize = 63;

    /// A regular expression that every name matches.
    pub const PATTERN: &'static str = "^[a-z][a-z0-9._-]*$";

    /// Returns the channel that decides what `latest` means.
    #[must_use]
    pub fn latest() -> Self {
        Self(LATEST.to_owned())
    }

    fn check(raw: String) -> Result<String, ChannelNameError> {
        let means_something_else = raw != LATEST
            && (raw.ends_with(LATEST)
                || ROUTES_OF_A_TAG.contains(&raw.as_str())
                || Ranking::of(&raw, Preferences::default()).is_some());
        if raw.len() > Self::MAX_BYTES || means_something_else {
            Err(ChannelNameError)
        } else {
            Self::check_stored(raw)
        }
    }

    fn check_stored(raw: String) -> Result<String, ChannelNameError> {
        let may_hold = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-');
        let has_form = raw.starts_with(|first: char| first.is_ascii_lowercase()) && raw.bytes().all(may_hold);
        if has_form { Ok(raw) } else { Err(ChannelNameError) }
    }
}

text_newtype!(ChannelName, ChannelNameError);
stored_newtype!(ChannelName, ChannelNameError);

/// A channel of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// Its name, unique within the project.
    pub name: ChannelName,
    /// The tag of the release that it points to.
    pub tag: TagName,
    /// When it was last pointed to another release.
    pub updated_at: Timestamp,
}

impl Channel {
    /// The maximum number of channels per project.
    pub const MAX_PER_PROJECT: usize = 100;
}

/// The release that a selector means: the one that a channel points to, else the first of a ranking.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selection {
    /// The channel that counts, if it points to a release that is out.
    pub channel: Option<ChannelName>,
    /// The releases of which the first counts otherwise.
    pub ranking: Option<Ranking>,
}

impl Selection {
    /// Returns what a selector means: the name of a channel, or what [`Ranking::of`] understands. `latest` is both, if the
    /// request says nothing about the order or pre-releases.
    ///
    /// ```
    /// use release_links_domain::channel::{ChannelName, Selection};
    /// use release_links_domain::newest::{Preferences, Ranking};
    ///
    /// let latest = Selection::of("latest", Preferences::default());
    /// assert_eq!(latest, Selection { channel: Some(ChannelName::latest()), ranking: Some(Ranking::BY_DATE) });
    /// assert_eq!(Selection::of("1.x", Preferences::default()).channel, None);
    /// ```
    #[must_use]
    pub fn of(selector: &str, preferences: Preferences) -> Self {
        let ranking = Ranking::of(selector, preferences);
        let asks_for_more = preferences.order.is_some() || preferences.prerelease.is_some();
        let channel = selector.parse().ok().filter(|_| ranking.is_none() || !asks_for_more);
        Self { channel, ranking }
    }

    /// How many releases are searched for an asset, unless the channel decides.
    #[must_use]
    pub fn searched(&self) -> usize {
        self.ranking.as_ref().map_or(0, |ranking| ranking.searched)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::newest::NewestOrder;

    #[test]
    fn a_name_is_lower_case_and_short() {
        for name in ["a", "beta", "a.b_c-d", "latest", "rc.1", "v", "v1.2.3", "beta-1.2.3", "x-1x"] {
            assert!(name.parse::<ChannelName>().is_ok(), "{name}");
        }
        assert!("a".repeat(ChannelName::MAX_BYTES).parse::<ChannelName>().is_ok());
        for text in ["", "Beta", "1a", "-a", ".a", "_a", "a b", "a/b", "a@b", "é", "a\n", "beta+1"] {
            assert_eq!(text.parse::<ChannelName>(), Err(ChannelNameError), "{text}");
        }
        assert_eq!("a".repeat(ChannelName::MAX_BYTES + 1).parse::<ChannelName>(), Err(ChannelNameError));
    }

    #[test]
    fn a_name_means_nothing_else_after_permalink() {
        for text in [
            "v1",
            "v1.x",
            "v1.2",
            "v1.2.x",
            "beta-1",
            "stable-2026",
            "beta_v1.x",
            "a-b-2.0",
            "my-latest",
            "my.latest",
            "mylatest",
            "downloads",
            "assets",
            "history",
            "immutable",
        ] {
            assert_eq!(text.parse::<ChannelName>(), Err(ChannelNameError), "{text}");
        }
    }

    #[test]
    fn the_channel_latest_counts_unless_the_request_says_what_is_the_newest() {
        let channel = |preferences| Selection::of("latest", preferences).channel;
        let having = Preferences { having: true, ..Preferences::default() };
        assert_eq!(channel(having), Some(ChannelName::latest()));
        for preferences in [
            Preferences { order: Some(NewestOrder::ReleasedAt), ..Preferences::default() },
            Preferences { prerelease: Some(true), ..Preferences::default() },
        ] {
            assert_eq!(channel(preferences), None, "{preferences:?}");
        }
        let preferences = Preferences { prerelease: Some(false), ..Preferences::default() };
        assert_eq!(Selection::of("beta", preferences).channel, "beta".parse().ok());
    }

    #[test]
    fn a_text_that_is_nothing_else_selects_nothing() {
        for text in ["", "Beta", "my-latest2x/", "downloads", "1.2.3"] {
            assert_eq!(Selection::of(text, Preferences::default()), Selection::default(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_matches_the_pattern_has_the_form_of_a_name(
            text in proptest::string::string_regex(ChannelName::PATTERN.trim_matches(['^', '$'])).unwrap()
        ) {
            prop_assert!(ChannelName::check_stored(text).is_ok());
        }

        #[test]
        fn a_name_as_selector_means_the_channel(text in "[a-z][a-z0-9._-]{0,8}(latest|1|1\\.x)?") {
            if let Ok(name) = text.parse::<ChannelName>() {
                prop_assert_eq!(Selection::of(&text, Preferences::default()).channel, Some(name));
            }
        }
    }
}
