//! Ranges of versions after a prefix: all, or a line such as `1.x`.

use crate::version::{TagVersion, VersionKey};

/// The versions of tags with one prefix: all of them, or a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRange {
    prefix: String,
    from: Vec<u8>,
    below: Vec<u8>,
}

impl VersionRange {
    /// Returns all versions of the tags with this prefix.
    #[must_use]
    pub fn all(prefix: &str) -> Self {
        let (from, below) = VersionKey::ALL;
        Self { prefix: prefix.to_owned(), from: from.to_vec(), below: below.to_vec() }
    }

    /// Returns a line of versions of the tags with this prefix: `1`, `1.x`, `1.2` or `1.2.x`, perhaps after a `v`.
    #[must_use]
    pub fn of_line(prefix: &str, line: &str) -> Option<Self> {
        let line = line.strip_prefix('v').unwrap_or(line);
        let line = line.strip_suffix(".x").unwrap_or(line);
        let (before, last) = match line.split_once('.') {
            Some((major, minor)) => (Some(number(major)?), number(minor)?),
            None => (None, number(line)?),
        };
        let bound = |last: u64| before.into_iter().chain([last]).flat_map(u64::to_be_bytes).collect();
        Some(Self { prefix: prefix.to_owned(), from: bound(last), below: bound(last + 1) })
    }

    /// Whether the range contains a version.
    #[must_use]
    pub fn contains(&self, version: &TagVersion<'_>) -> bool {
        let key = version.key.as_bytes();
        version.prefix == self.prefix && *self.from <= *key && *key < *self.below
    }

    /// Returns the prefix of the tags.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Returns the lowest bytes that a [`VersionKey`] in the range can have.
    #[must_use]
    pub fn from(&self) -> &[u8] {
        &self.from
    }

    /// Returns the lowest bytes above every [`VersionKey`] in the range.
    #[must_use]
    pub fn below(&self) -> &[u8] {
        &self.below
    }
}

/// Reads a number of a version, which is at most 2⁶³ − 1 and has no leading zero.
fn number(text: &str) -> Option<u64> {
    let is_canonical = text == "0" || !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse::<i64>().ok().filter(|_| is_canonical)?;
    u64::try_from(number).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn contains(range: &VersionRange, tag: &str) -> bool {
        TagVersion::of(tag).is_some_and(|version| range.contains(&version))
    }

    #[test]
    fn a_line_is_one_or_two_numbers_without_leading_zeros() {
        for line in [
            "0",
            "1",
            "v1",
            "1.x",
            "v1.x",
            "1.2",
            "1.2.x",
            "v10.20.x",
            "0.0",
            "9223372036854775807.9223372036854775807",
        ] {
            assert!(VersionRange::of_line("", line).is_some(), "{line}");
        }
        for text in [
            "",
            "v",
            "x",
            ".x",
            "1.",
            ".1",
            "1.x.x",
            "1.2.3",
            "1.2.3.x",
            "01",
            "1.02",
            "00",
            "V1",
            "vv1",
            "-1",
            "+1",
            "1.X",
            "1x",
            "１",
            "1 ",
            "9223372036854775808",
            "1.9223372036854775808",
        ] {
            assert_eq!(VersionRange::of_line("", text), None, "{text}");
        }
    }

    #[test]
    fn a_range_contains_prereleases_and_no_other_prefix() {
        let line = VersionRange::of_line("cli/", "1.2").unwrap();
        for tag in ["cli/1.2.0", "cli/v1.2.9", "cli/v1.2.0-rc.1", "cli/1.2.0+b"] {
            assert!(contains(&line, tag), "{tag}");
        }
        for tag in ["1.2.0", "cli-1.2.0", "x/cli/1.2.0", "cli/1.3.0-0", "cli/1.1.9", "cli/2.2.0", "cli/12.0.0"] {
            assert!(!contains(&line, tag), "{tag}");
        }
    }

    proptest! {
        #[test]
        fn a_line_contains_the_versions_that_begin_with_its_numbers(
            version in [0..3_u64, 0..3, 0..3],
            edge in prop::bool::ANY,
            line in prop::collection::vec(0..3_u64, 1..=2),
            pre in "(-rc\\.[0-9])?",
        ) {
            let number = |number: u64| if edge { i64::MAX as u64 - number } else { number };
            let text = |numbers: &[u64]| numbers.iter().map(|&own| number(own).to_string()).collect::<Vec<_>>().join(".");
            let range = VersionRange::of_line("", &text(&line)).unwrap();
            let tag = text(&version) + pre.trim_end_matches('.');
            prop_assert_eq!(contains(&range, &tag), version.starts_with(&line), "{} {:?}", tag, line);
            prop_assert!(contains(&VersionRange::all(""), &tag));
        }
    }
}
