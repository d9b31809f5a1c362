//! The version that a tag names, in a form that databases can sort (docs/contract.md, "Releases").

use semver::Version;

/// The version of a tag as bytes, whose order is the precedence of Semantic Versioning 2.0.0, section 11.
///
/// A tag's version starts at its beginning or after `/`, `-`, `_` or `@`, perhaps with a leading `v` or `V`, and ends with the tag.
/// The first place where one starts counts. A number above 2⁶³ − 1 makes no version.
///
/// ```
/// use release_links_domain::version::VersionKey;
///
/// let key = |tag| VersionKey::of(tag);
/// assert!(key("v1.10.0") > key("v1.9.1"));
/// assert!(key("cli/v1.0.0-rc.1") < key("1.0.0"));
/// assert_eq!(key("v1.0.0+linux"), key("pkg-v1.0.0"));
/// assert_eq!(key("nightly"), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VersionKey(Vec<u8>);

/// The length of the three numbers with which a key begins.
const CORE: usize = 3 * size_of::<u64>();
/// Follows the three numbers of a version that is no pre-release: it is higher than all its pre-releases.
const RELEASE: u8 = 0xff;
/// Begins a numeric identifier of a pre-release; a shorter number is lower.
const NUMBER: u8 = 1;
/// Begins an identifier that is no number, which is higher than any number.
const TEXT: u8 = 2;
/// Ends an identifier that is no number, and the list of identifiers.
const END: u8 = 0;

impl VersionKey {
    /// Returns the key of the version that a tag names, if it names one.
    #[must_use]
    pub fn of(tag: &str) -> Option<Self> {
        TagVersion::of(tag).map(|version| version.key)
    }

    fn new(version: &Version) -> Self {
        let mut key: Vec<u8> =
            [version.major, version.minor, version.patch].into_iter().flat_map(u64::to_be_bytes).collect();
        if version.pre.is_empty() {
            key.push(RELEASE);
            return Self(key);
        }
        for identifier in version.pre.split('.') {
            match u8::try_from(identifier.len()) {
                Ok(digits) if is_number(identifier) => key.extend([NUMBER, digits]),
                _ => key.push(TEXT),
            }
            key.extend(identifier.bytes());
            if !is_number(identifier) {
                key.push(END);
            }
        }
        key.push(END);
        Self(key)
    }

    /// Bytes between which all keys are: at the first or after it, and before the second. A key begins with a number
    /// below 2⁶³.
    pub const ALL: (&[u8], &[u8]) = (&[0], &[0x80]);

    /// Returns the bytes to store.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether the version is a pre-release.
    #[must_use]
    pub fn is_prerelease(&self) -> bool {
        self.0.get(CORE) != Some(&RELEASE)
    }
}

/// The characters after which a tag's version may start.
pub const SEPARATORS: [char; 4] = ['/', '-', '_', '@'];

/// The version that a tag names, and what stands before it.
///
/// ```
/// use release_links_domain::version::TagVersion;
///
/// let version = TagVersion::of("cli/v1.0.0-rc.1").unwrap();
/// assert_eq!((version.prefix, version.key.is_prerelease()), ("cli/", true));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagVersion<'a> {
    /// The part of the tag before the version; empty, or ends with one of the [`SEPARATORS`].
    pub prefix: &'a str,
    /// The version.
    pub key: VersionKey,
}

impl<'a> TagVersion<'a> {
    /// Returns the version that a tag names, if it names one.
    #[must_use]
    pub fn of(tag: &'a str) -> Option<Self> {
        let after_separators = tag.match_indices(SEPARATORS).map(|(at, _)| at + 1);
        std::iter::once(0).chain(after_separators).find_map(|at| {
            let (prefix, version) = tag.split_at(at);
            Some(Self { prefix, key: VersionKey::new(&parse(version)?) })
        })
    }
}

/// Reads a version with an optional leading `v`.
fn parse(text: &str) -> Option<Version> {
    let version = Version::parse(text.strip_prefix(['v', 'V']).unwrap_or(text)).ok()?;
    let core = [version.major, version.minor, version.patch].into_iter().all(|number| i64::try_from(number).is_ok());
    let mut numbers = version.pre.split('.').filter(|identifier| is_number(identifier));
    (core && numbers.all(|number| number.parse::<i64>().is_ok())).then_some(version)
}

fn is_number(identifier: &str) -> bool {
    !identifier.is_empty() && identifier.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn same(tag: &str, version: &str) {
        assert_eq!(VersionKey::of(tag), Some(VersionKey::new(&version.parse().unwrap())), "{tag}");
    }

    #[test]
    fn the_version_of_a_tag_is_the_first_that_reaches_its_end() {
        for (tag, version) in [
            ("1.2.3", "1.2.3"),
            ("v1.2.3", "1.2.3"),
            ("V1.2.3", "1.2.3"),
            ("cli/v1.2.3", "1.2.3"),
            ("pkg-v1.2.3-rc.1", "1.2.3-rc.1"),
            ("pkg_1.2.3+b.7", "1.2.3"),
            ("@scope/pkg@1.2.3", "1.2.3"),
            ("v1.2.3-ios", "1.2.3-ios"),
            ("1.2.3-4.5.6", "1.2.3-4.5.6"),
            ("1.2-4.5.6", "4.5.6"),
            ("é/1.0.0", "1.0.0"),
            ("v9223372036854775807.0.0", "9223372036854775807.0.0"),
        ] {
            same(tag, version);
        }
    }

    #[test]
    fn the_prefix_of_a_tag_is_what_stands_before_its_version() {
        for (tag, prefix) in [
            ("1.2.3", ""),
            ("v1.2.3-rc.1", ""),
            ("cli/v1.2.3", "cli/"),
            ("pkg-v1.2.3-rc.1", "pkg-"),
            ("@scope/pkg@1.2.3", "@scope/pkg@"),
            ("-1.0.0", "-"),
            ("1.2-4.5.6", "1.2-"),
            ("é_1.0.0", "é_"),
        ] {
            assert_eq!(TagVersion::of(tag).unwrap().prefix, prefix, "{tag}");
        }
    }

    #[test]
    fn a_tag_without_three_numbers_at_its_end_has_no_version() {
        for tag in [
            "",
            "nightly",
            "v1.2",
            "2024.05.01",
            "v01.2.3",
            "vv1.2.3",
            "v1.2.3.4",
            "x1.2.3",
            "v1.2.3/",
            "v1.2.3-",
            "1.2.3-01",
            "1.2.3 ",
            "+1.2.3",
            "v9223372036854775808.0.0",
            "1.0.0-9223372036854775808",
            "１.2.3",
        ] {
            assert_eq!(VersionKey::of(tag), None, "{tag}");
        }
    }

    #[test]
    fn keys_sort_as_the_examples_of_semantic_versioning() {
        let ascending = [
            "1.0.0-0",
            "1.0.0-9",
            "1.0.0-10",
            "1.0.0--",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0-rc.1.0",
            "1.0.0",
            "1.0.1-0",
            "1.9.1",
            "1.10.0",
            "2.0.0",
            "256.0.0",
        ];
        let keys = ascending.map(|tag| VersionKey::of(tag).unwrap());
        assert!(keys.is_sorted_by(|lower, higher| lower < higher));
    }

    fn versions() -> impl Strategy<Value = Version> {
        let number = prop_oneof![0..3_u64, 9..12_u64, 0..=i64::MAX as u64];
        let identifier = prop_oneof!["0|[1-9][0-9]{0,3}", "[0-9]{0,2}[a-bA-Z-][0-9a-b]{0,2}"];
        let pre = proptest::collection::vec(identifier, 0..4);
        (number.clone(), 0..2_u64, 0..2_u64, pre, "(\\+[0-9a-z]{1,3})?").prop_map(
            |(major, minor, patch, pre, build)| {
                let pre = if pre.is_empty() { String::new() } else { format!("-{}", pre.join(".")) };
                format!("{major}.{minor}.{patch}{pre}{build}").parse().unwrap()
            },
        )
    }

    proptest! {
        #[test]
        fn the_order_of_keys_is_the_precedence_of_versions(one in versions(), other in versions()) {
            prop_assert_eq!(VersionKey::new(&one).cmp(&VersionKey::new(&other)), one.cmp_precedence(&other));
        }

        #[test]
        fn a_key_tells_whether_its_version_is_a_prerelease(version in versions()) {
            prop_assert_eq!(VersionKey::new(&version).is_prerelease(), !version.pre.is_empty());
        }
    }
}
