//! What selectors mean, and which releases come first.

use proptest::prelude::*;
use semver::Version;

use super::*;

fn with(order: Option<NewestOrder>, prerelease: Option<bool>) -> Preferences {
    Preferences { order, prerelease, having: false }
}

/// Returns the tags in their order, if each release is as many seconds old as it has places before it.
fn ranked<'a>(selector: &str, preferences: Preferences, tags: &[&'a str]) -> Vec<&'a str> {
    let names: Vec<TagName> = tags.iter().map(|tag| tag.parse().unwrap()).collect();
    let releases = names.iter().zip(1..).map(|(tag, id)| (id.try_into().unwrap(), second(id), tag));
    let ranked = Ranking::of(selector, preferences).unwrap().apply(releases, Timestamp::MAX);
    ranked.into_iter().map(|id| tags[usize::try_from(id.get()).unwrap() - 1]).collect()
}

fn second(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

#[test]
fn a_selector_is_latest_or_a_line_perhaps_after_a_prefix() {
    for (selector, prefix, line) in [
        ("1", "", "1"),
        ("v1.x", "", "1"),
        ("1.2", "", "1.2"),
        ("cli/1.x", "cli/", "1"),
        ("pkg-v1.2.x", "pkg-", "1.2"),
        ("@scope/pkg@2", "@scope/pkg@", "2"),
        ("1-2", "1-", "2"),
    ] {
        let expected = RankedBy::Version(VersionRange::of_line(prefix, line).unwrap());
        assert_eq!(Ranking::of(selector, Preferences::default()).unwrap().by, expected, "{selector}");
    }
    for (selector, prefix) in [("cli/latest", "cli/"), ("a_b-latest", "a_b-"), ("-latest", "-")] {
        let by = Ranking::of(selector, with(Some(NewestOrder::ReleasedAt), None)).unwrap().by;
        assert_eq!(by, RankedBy::Version(VersionRange::all(prefix)), "{selector}");
    }
    for text in ["", "Latest", "latest/", "cli/", "clilatest", "1.2.3", "v", "nightly", "01", "cli/01.x", "latest-x"] {
        assert_eq!(Ranking::of(text, Preferences::default()), None, "{text}");
    }
}

#[test]
fn latest_is_by_date_unless_the_order_is_semver() {
    for order in [None, Some(NewestOrder::ReleasedAt)] {
        assert_eq!(Ranking::of("latest", with(order, None)), Some(Ranking::BY_DATE));
    }
    let by_version = Ranking::of("latest", with(Some(NewestOrder::SemVer), None)).unwrap();
    assert_eq!(by_version.by, RankedBy::Version(VersionRange::all("")));
}

#[test]
fn by_version_a_backport_is_not_the_newest() {
    let tags = ["v1.9.0", "v1.10.0", "v2.0.0", "nightly", "cli/v9.0.0", "v1.10.1"];
    let by_version = with(Some(NewestOrder::SemVer), None);
    assert_eq!(ranked("latest", by_version, &tags), ["v2.0.0", "v1.10.1", "v1.10.0", "v1.9.0"]);
    assert_eq!(ranked("1.x", Preferences::default(), &tags), ["v1.10.1", "v1.10.0", "v1.9.0"]);
    assert_eq!(ranked("1.9", Preferences::default(), &tags), ["v1.9.0"]);
    assert_eq!(ranked("cli/latest", Preferences::default(), &tags), ["cli/v9.0.0"]);
    assert_eq!(ranked("latest", Preferences::default(), &tags)[..2], ["v1.10.1", "cli/v9.0.0"]);
}

#[test]
fn prereleases_count_by_date_and_by_version_only_where_there_is_nothing_else() {
    let tags = ["v1.0.0", "nightly", "v1.1.0-rc.1", "v2.0.0-rc.2", "v2.0.0-rc.1"];
    let by_version = |prerelease| with(Some(NewestOrder::SemVer), prerelease);
    assert_eq!(ranked("latest", by_version(None), &tags), ["v1.0.0"]);
    assert_eq!(ranked("2", with(None, None), &tags), ["v2.0.0-rc.2", "v2.0.0-rc.1"]);
    assert_eq!(ranked("2", with(None, Some(false)), &tags), [""; 0]);
    assert_eq!(ranked("1", with(None, Some(true)), &tags), ["v1.1.0-rc.1", "v1.0.0"]);
    let all_by_version = ["v2.0.0-rc.2", "v2.0.0-rc.1", "v1.1.0-rc.1", "v1.0.0"];
    assert_eq!(ranked("latest", by_version(Some(true)), &tags), all_by_version);
    for prerelease in [None, Some(true)] {
        assert_eq!(ranked("latest", with(None, prerelease), &tags)[0], "v2.0.0-rc.1");
    }
    assert_eq!(ranked("latest", with(None, Some(false)), &tags), ["nightly", "v1.0.0"]);
}

#[test]
fn of_equal_versions_the_last_released_counts_and_then_the_highest_id() {
    let tags: Vec<TagName> = ["v1.0.0+a", "v1.0.0+b", "v1.0.0+c", "v1.0.0+d"].map(|tag| tag.parse().unwrap()).into();
    let dates = [20, 30, 30, 40];
    let releases = tags.iter().zip(1..).zip(dates).map(|((tag, id), date)| (id.try_into().unwrap(), second(date), tag));
    let ranked = Ranking::of("1", Preferences::default()).unwrap().apply(releases, second(30));
    assert_eq!(ranked.into_iter().map(ReleaseId::get).collect::<Vec<_>>(), [3, 2, 1]);
}

#[test]
fn one_release_is_searched_unless_the_request_asks_for_one_that_has_the_asset() {
    let searched = |having| Ranking::of("1", Preferences { having, ..Preferences::default() }).unwrap().searched;
    assert_eq!((searched(false), searched(true)), (1, Ranking::MAX_SEARCHED));
}

proptest! {
    #[test]
    fn by_version_the_order_is_the_precedence_of_versions(
        tags in prop::collection::vec("v[0-2]\\.[0-2]\\.[0-2](-(a|b|rc\\.[0-9]|1[0-9]?))?", 1..8),
    ) {
        let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
        let ranked = ranked("latest", with(Some(NewestOrder::SemVer), Some(true)), &tags);
        prop_assert_eq!(ranked.len(), tags.len());
        let versions: Vec<Version> = ranked.iter().map(|tag| tag[1..].parse().unwrap()).collect();
        prop_assert!(versions.is_sorted_by(|one, next| one.cmp_precedence(next).is_ge()), "{:?}", ranked);
    }
}
