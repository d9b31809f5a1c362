//! The links of new releases, and of releases that are sent again.

use super::*;
use crate::link::Change;

fn draft(name: &str, url: &str, path: Option<&str>) -> LinkDraft {
    LinkDraft {
        name: Some(name.into()),
        url: Some(url.into()),
        path: path.map(Into::into).map_or(Change::Keep, Change::Set),
        ..LinkDraft::default()
    }
}

fn accepted(drafts: Vec<LinkDraft>) -> Result<Vec<LinkFields>, LinksFaults> {
    SentLinks::parse(drafts)?.accept()
}

fn link(number: i64, draft: LinkDraft) -> Link {
    Link { id: number.try_into().unwrap(), fields: draft.parse().accept(LinkConflict::NONE).unwrap() }
}

/// Returns what becomes of links in a release with the links a, b and c, and `more` others: the words and the ids of
/// the targets, or the sentences.
fn replaced(drafts: Vec<LinkDraft>, more: usize) -> String {
    let names = ["a", "b", "c"].into_iter().zip(1..);
    let there = names.map(|(name, id)| link(id, draft(name, &format!("http://{name}"), Some(&format!("/bin/{name}")))));
    let word = |settled: Settled| match settled {
        Settled::Create(fields) => format!("created {}", fields.name),
        Settled::Leave(link, outcome) => format!("{outcome} {}", link.id),
        Settled::Replace(link) => format!("replaced {}", link.id),
    };
    match SentLinks::parse(drafts).unwrap().replace(3 + more, there.collect()) {
        Ok(settled) => settled.into_iter().map(word).collect::<Vec<_>>().join(", "),
        Err(faults) => faults.to_string(),
    }
}

#[test]
fn each_link_is_settled_in_the_release_that_the_one_before_left() {
    for (drafts, expected) in [
        (vec![draft("a", "http://a", None), draft("d", "http://d", None)], "unchanged 1, created d"),
        // The first gives up the value that the second takes.
        (vec![draft("a", "http://d", None), draft("b", "http://a", None)], "replaced 1, replaced 2"),
        (
            vec![draft("b", "http://a", None), draft("a", "http://d", None)],
            "Validation failed: Links url has already been taken",
        ),
        // The path that was not sent stayed with the first.
        (vec![draft("a", "http://d", None), draft("e", "http://e", Some("/bin/a"))], "replaced 1, replaced 1"),
        (vec![draft("a", "http://a", Some("/bin/d")), draft("d", "http://d", Some("/bin/a"))], "replaced 1, created d"),
    ] {
        assert_eq!(replaced(drafts.clone(), 0), expected, "{drafts:?}");
    }
}

#[test]
fn all_faults_of_links_that_replace_are_reported_together() {
    let drafts = vec![
        draft("a", "http://b", None),
        draft("b", "http://c", Some("")),
        draft("x", "http://x", None),
        draft("x", "http://y", None),
    ];
    assert_eq!(
        replaced(drafts, 0),
        "Validation failed: Links url has already been taken, Links filepath is in an invalid format, \
         Links have duplicate values (x)"
    );
}

#[test]
fn a_release_that_becomes_full_is_said_instead_of_all_else() {
    let two = || vec![draft("d", "http://d", None), draft("e", "http://e", None)];
    assert_eq!(replaced(two(), 995), "created d, created e");
    let with_faults = [vec![draft("", "x", None)], two()].concat();
    assert_eq!(replaced(with_faults, 996), "Validation failed: Links are too many (maximum is 1000)");
    assert_eq!(replaced(vec![draft("a", "http://d", None)], 997), "replaced 1");
}

#[test]
fn valid_links_keep_their_order() {
    let links = accepted(vec![draft("a", "http://a", None), draft("b", "http://b", None)]).unwrap();
    assert_eq!(links.iter().map(|link| link.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn each_fault_of_a_link_is_reported_once_and_starts_in_lower_case() {
    let faults = accepted(vec![draft("", "x", None), draft("", "y", Some(""))]).unwrap_err();
    assert_eq!(
        faults.to_string(),
        "Validation failed: Links url is blocked: Only allowed schemes are http, https, ftp, \
         Links name can't be blank, Links filepath is in an invalid format"
    );
}

#[test]
fn a_new_release_has_at_most_a_thousand_links() {
    let drafts = |count: usize| (0..count).map(|n| draft(&n.to_string(), &format!("http://{n}"), None)).collect();
    assert_eq!(accepted(drafts(1_000)).unwrap().len(), 1_000);
    let mut too_many: Vec<LinkDraft> = drafts(1_001);
    too_many[0].url = Some("file:///x".to_owned());
    let faults = accepted(too_many).unwrap_err();
    assert_eq!(faults.to_string(), "Validation failed: Links are too many (maximum is 1000)");
}

#[test]
fn shared_values_are_reported_last_and_once_each() {
    let faults = accepted(vec![
        draft("b", "http://1", Some("/abc")),
        draft("a", "http://2", Some("/abc")),
        draft("a", "http://3", None),
        draft("b", "http://4", None),
        draft("b", "file:///", None),
    ]);
    assert_eq!(
        faults.unwrap_err().to_string(),
        "Validation failed: Links url is blocked: Only allowed schemes are http, https, ftp, \
         Links have duplicate values (b, a), Links have duplicate values (/abc)"
    );
}

#[test]
fn a_hundred_shared_values_are_listed_and_the_rest_counted() {
    let twice = |number: u32| (0..2).map(move |_| draft(&number.to_string(), &format!("http://{number}"), None));
    let told = |values: u32| accepted((0..values).flat_map(twice).collect()).unwrap_err().to_string();
    assert!(told(50).contains(", 49), Links") && told(50).ends_with(", http://49)"), "{}", told(50));
    assert!(told(60).contains(", 59), Links") && told(60).ends_with(", http://39 and 20 more)"), "{}", told(60));
    assert!(told(500).ends_with(", 99 and 400 more), Links have duplicate values (500 not listed)"), "{}", told(500));
}
