//! Tests of manifests: examples, and properties of every plan.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::link::{Change, LinkDraft};

type Sent<'a> = (Option<i64>, &'a str, &'a str, Option<&'a str>);

fn id(number: i64) -> LinkId {
    number.try_into().unwrap()
}

fn draft(name: &str, url: &str, path: Option<&str>) -> ParsedDraft {
    let (name, url) = (Some(name.into()), Some(url.into()));
    let path = path.map_or(Change::Keep, |path| Change::Set(path.into()));
    LinkDraft { name, url, path, ..LinkDraft::default() }.parse()
}

fn manifest(prune: bool, entries: &[Sent<'_>]) -> Manifest {
    let entries = entries.iter().map(|(sent, name, url, path)| (sent.map(id), draft(name, url, *path))).collect();
    Manifest { entries, prune }
}

fn link(number: i64, name: &str, url: &str, path: Option<&str>) -> Link {
    Link { id: id(number), fields: draft(name, url, path).accept(LinkConflict::NONE).unwrap() }
}

fn release() -> Vec<Link> {
    vec![link(3, "c", "http://c", Some("/pc1")), link(2, "b", "http://b", Some("/pb1")), link(1, "a", "http://a", None)]
}

fn ids(plan: &Plan) -> Vec<Option<i64>> {
    plan.links.iter().map(|link| link.id.map(LinkId::get)).collect()
}

#[test]
fn entries_match_by_id_then_by_name_then_by_path() {
    let entries = [
        (None, "new", "http://1", Some("/pc1")),
        (None, "a", "http://2", Some("/pb1")),
        (Some(2), "c", "http://3", None),
        (None, "d", "http://4", None),
    ];
    let plan = manifest(true, &entries).plan(&release()).unwrap();
    assert_eq!(ids(&plan), [Some(3), Some(1), Some(2), None]);
    let names = plan.names();
    assert_eq!(names.updated.iter().map(LinkName::as_str).collect::<Vec<_>>(), ["a", "c", "new"]);
    assert_eq!(names.created.iter().map(LinkName::as_str).collect::<Vec<_>>(), ["d"]);
    assert!(names.deleted.is_empty() && names.unchanged.is_empty());
}

#[test]
fn links_without_an_entry_are_deleted_or_stay_behind_the_others() {
    let entries = [(None, "a", "http://a", None)];
    let pruned = manifest(true, &entries).plan(&release()).unwrap();
    assert_eq!((ids(&pruned), pruned.deleted.len()), (vec![Some(1)], 2));
    assert!(!pruned.is_ordered_anew && !pruned.changes_nothing());
    let kept = manifest(false, &entries).plan(&release()).unwrap();
    assert_eq!((ids(&kept), kept.deleted.len()), (vec![Some(1), Some(3), Some(2)], 0));
    assert!(kept.is_ordered_anew);
    assert_eq!(kept.names().unchanged.len(), 3);
}

#[test]
fn unknown_ids_are_reported_together_and_before_all_else() {
    let entries = [(Some(9), "", "", None), (Some(1), "a", "http://a", None), (Some(8), "a", "x", None)];
    let faults = manifest(true, &entries).plan(&release()).unwrap_err();
    assert_eq!(faults, ManifestFaults::UnknownIds(vec![0, 2]));
    assert_eq!(faults.sentences(), ["links[0][id] does not exist", "links[2][id] does not exist"]);
}

#[test]
fn a_value_that_occurs_twice_is_a_fault_of_the_later_entry_in_the_order_of_the_fields() {
    let entries = [
        (Some(1), "a", "http://a", Some("/pa1")),
        (Some(1), "a", "http://a", Some("/pa1")),
        (None, "", "", Some("/pa1")),
    ];
    let faults = manifest(true, &entries).plan(&release()).unwrap_err();
    assert_eq!(
        faults.sentences(),
        [
            "links[1]: Id has already been taken",
            "links[1]: Url has already been taken",
            "links[1]: Name has already been taken",
            "links[1]: Filepath has already been taken",
            "links[2]: Url can't be blank",
            "links[2]: Url must be a valid URL",
            "links[2]: Name can't be blank",
            "links[2]: Filepath has already been taken",
        ]
    );
}

#[test]
fn a_value_of_a_link_that_stays_is_taken_and_one_of_a_link_that_goes_is_free() {
    let entries = [(Some(1), "a", "http://b", None)];
    assert!(manifest(true, &entries).plan(&release()).is_ok());
    let faults = manifest(false, &entries).plan(&release()).unwrap_err();
    assert_eq!(faults.sentences(), ["links[0]: Url has already been taken"]);
}

#[test]
fn a_release_that_is_full_takes_no_more_links_but_other_ones() {
    let many = |from: i64| -> Vec<Link> {
        (from..from + 1_000)
            .map(|number| link(number, &number.to_string(), &format!("http://{number}"), None))
            .collect()
    };
    let entries = [(None, "a", "http://a", None)];
    let faults = manifest(false, &entries).plan(&many(1)).unwrap_err();
    assert_eq!(faults.sentences(), ["Links are too many (maximum is 1000)"]);
    assert!(manifest(true, &entries).plan(&many(1)).is_ok());
    assert!(manifest(false, &[(None, "7", "http://a", None)]).plan(&many(1)).is_ok());
}

const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];

/// Links with different values, by a few names so that many of them meet.
fn distinct() -> impl Strategy<Value = Vec<(usize, usize, Option<usize>)>> {
    let order = || Just((0..NAMES.len()).collect::<Vec<_>>()).prop_shuffle();
    (order(), order(), order(), prop::collection::vec(any::<bool>(), NAMES.len()), 0..=NAMES.len()).prop_map(
        |(names, urls, paths, has_path, count)| {
            let path = |at: usize| has_path[at].then_some(paths[at]);
            (0..count).map(|at| (names[at], urls[at], path(at))).collect()
        },
    )
}

fn parsed((name, url, path): (usize, usize, Option<usize>)) -> ParsedDraft {
    draft(NAMES[name], &format!("http://{url}"), path.map(|path| format!("/path{path}")).as_deref())
}

fn stored(links: Vec<(usize, usize, Option<usize>)>) -> Vec<Link> {
    let fields = links.into_iter().map(|values| parsed(values).accept(LinkConflict::NONE).unwrap());
    (1..).map(id).zip(fields).map(|(id, fields)| Link { id, fields }).collect()
}

proptest! {
    #[test]
    fn a_pruning_plan_gives_what_was_sent_and_a_second_time_changes_nothing(
        current in distinct(),
        sent in distinct(),
        with_ids in prop::collection::vec(any::<bool>(), NAMES.len()),
    ) {
        let current = stored(current);
        let entries: Vec<_> = sent.into_iter().zip(with_ids).enumerate().map(|(at, (values, with_id))| {
            (current.get(at).map(|link| link.id).filter(|_| with_id), parsed(values))
        }).collect();
        let expected: Vec<_> = entries.iter().map(|(_, draft)| draft.clone().accept(LinkConflict::NONE).unwrap()).collect();
        let mut plan = Manifest { entries: entries.clone(), prune: true }.plan(&current).unwrap();
        let before: BTreeMap<_, _> = current.iter().map(|link| (link.id, &link.fields)).collect();
        for link in &plan.links {
            prop_assert_eq!(link.before.as_ref(), link.id.map(|id| before[&id]));
        }
        for ((sent, _), link) in entries.iter().zip(&plan.links) {
            prop_assert!(sent.is_none() || *sent == link.id);
        }
        plan.assign((100..).map(id));
        let afterwards = plan.stored();
        prop_assert_eq!(afterwards.iter().map(|link| link.fields.clone()).collect::<Vec<_>>(), expected);
        let stay = plan.links.iter().filter(|link| link.before.is_some()).count();
        prop_assert_eq!(stay + plan.deleted.len(), current.len());
        let again = Manifest { entries, prune: true }.plan(&afterwards).unwrap();
        prop_assert!(again.changes_nothing());
        prop_assert_eq!(again.stored(), afterwards);
    }

    #[test]
    fn a_plan_without_pruning_keeps_every_link_and_every_value_unique(current in distinct(), sent in distinct()) {
        let current = stored(current);
        let entries = sent.into_iter().map(|values| (None, parsed(values))).collect();
        let Ok(mut plan) = (Manifest { entries, prune: false }).plan(&current) else { return Ok(()) };
        plan.assign((100..).map(id));
        let afterwards = plan.stored();
        prop_assert!(current.iter().all(|link| afterwards.iter().any(|other| other.id == link.id)));
        for (at, link) in afterwards.iter().enumerate() {
            prop_assert!(LinkConflict::between(&Candidate::from(&link.fields), &afterwards[..at]).is_none());
        }
    }
}
