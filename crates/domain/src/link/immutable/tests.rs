use super::*;
use crate::link::{AssetSize, Change, LinkDraft, LinkPatch, LinkType, Manifest};

fn draft(name: &str, url: &str, path: Option<&str>) -> LinkDraft {
    let path = path.map(Into::into).map_or(Change::Keep, Change::Set);
    LinkDraft { name: Some(name.into()), url: Some(url.into()), path, ..LinkDraft::default() }
}

fn size(bytes: i64) -> AssetSize {
    AssetSize::try_from(bytes).unwrap()
}

/// Two links, of which the second has a size.
fn release() -> [Link; 2] {
    let link = |number: i64, size, draft: LinkDraft| {
        let fields = draft.parse().accept(LinkConflict::NONE).unwrap();
        Link { id: number.try_into().unwrap(), fields: LinkFields { link_type: LinkType::Image, size, ..fields } }
    };
    [link(1, None, draft("a", "http://a", Some("/bin/a"))), link(2, Some(size(2)), draft("b", "http://b", None))]
}

#[test]
fn a_link_that_is_sent_again_is_refused_unless_nothing_changes_or_something_missing_is_added() {
    let same = draft("a", "http://a", Some("/bin/a"));
    for (sent, keep, replace) in [
        (same.clone(), false, false),
        (draft(" a", " http://a ", None), true, true),
        (draft("a", " http://a ", None), false, false),
        (LinkDraft { size: Change::Set(size(1)), ..same.clone() }, false, false),
        (LinkDraft { size: Change::Set(size(2)), ..draft("b", "http://b", None) }, false, false),
        (LinkDraft { size: Change::Set(size(1)), ..draft("b", "http://b", None) }, false, true),
        (LinkDraft { size: Change::Clear, ..draft("b", "http://b", None) }, false, true),
        (LinkDraft { link_type: Some(LinkType::Image), ..same.clone() }, false, false),
        (LinkDraft { link_type: Some(LinkType::Other), ..same.clone() }, false, true),
        (draft("a", "http://c", None), false, true),
        (draft("a", "http://b", None), false, true),
        (draft("a", "", None), false, true),
        (draft("c", "http://c", Some("/bin/a")), false, true),
        (draft("c", "http://a", None), true, true),
        (draft("c", "http://c", None), true, true),
        (LinkDraft { path: Change::Clear, ..draft("b", "http://b", None) }, false, false),
        (LinkDraft { path: Change::Clear, ..same }, false, true),
    ] {
        let parsed = sent.clone().parse();
        for (on_conflict, expected) in
            [(OnConflict::Fail, true), (OnConflict::Keep, keep), (OnConflict::Replace, replace)]
        {
            assert_eq!(parsed.alters(on_conflict, &release()), expected, "{on_conflict}: {sent:?}");
        }
    }
}

#[test]
fn a_patch_is_refused_unless_nothing_changes_or_something_missing_is_added() {
    let [a, b] = release();
    let name = |text: &str| LinkPatch { name: Change::Set(text.into()), ..LinkPatch::default() };
    for (patch, of_a, of_b) in [
        (LinkPatch::default(), false, false),
        (name("a"), false, true),
        (name(""), true, true),
        (LinkPatch { name: Change::Clear, ..LinkPatch::default() }, true, true),
        (LinkPatch { size: Change::Set(size(2)), ..LinkPatch::default() }, false, false),
        (LinkPatch { size: Change::Set(size(3)), ..LinkPatch::default() }, false, true),
        (LinkPatch { path: Change::Clear, ..LinkPatch::default() }, true, false),
        (LinkPatch { link_type: Some(LinkType::Other), ..LinkPatch::default() }, true, true),
    ] {
        let parsed = patch.clone().parse_any();
        assert_eq!([parsed.alters(&a.fields), parsed.alters(&b.fields)], [of_a, of_b], "{patch:?}");
    }
}

#[test]
fn a_manifest_is_refused_unless_it_says_what_the_links_are_or_adds_something_missing() {
    let current = release();
    let all =
        |links: &[&Link]| links.iter().map(|link| (None, ParsedDraft::from(link.fields.clone()))).collect::<Vec<_>>();
    let [a, b] = &current;
    let sized = Link { fields: LinkFields { size: Some(size(1)), ..a.fields.clone() }, ..a.clone() };
    let moved = Link { fields: LinkFields { url: "http://c".parse().unwrap(), ..a.fields.clone() }, ..a.clone() };
    for (entries, prune, refused) in [
        (all(&[a, b]), true, false),
        (all(&[&sized, b]), true, false),
        (all(&[a]), false, false),
        (all(&[a]), true, true),
        (all(&[b, a]), true, true),
        (all(&[&moved, b]), true, true),
        (vec![(None, LinkDraft::default().parse())], false, true),
        (vec![(Some(9.try_into().unwrap()), ParsedDraft::from(a.fields.clone()))], false, true),
    ] {
        let manifest = Manifest { entries, prune };
        let plan = manifest.clone().plan(&current);
        assert_eq!(plan.map_or(true, |plan| plan.alters()), refused, "{manifest:?}");
    }
}
