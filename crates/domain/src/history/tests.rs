use super::*;
use crate::link::Change;
use crate::link::{LinkConflict, LinkDraft};

fn fields(name: &str, url: &str, path: Option<&str>) -> LinkFields {
    let path = path.map(Into::into).map_or(Change::Keep, Change::Set);
    let draft = LinkDraft { name: Some(name.into()), url: Some(format!("http://{url}")), path, ..LinkDraft::default() };
    draft.parse().accept(LinkConflict::NONE).unwrap()
}

fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap()
}

/// A time, a link, and its fields before and after.
type Happening = (i64, i64, Option<LinkFields>, Option<LinkFields>);

/// Returns rows of these links, each with its time.
fn rows(events: &[Happening]) -> Vec<HistoryRow> {
    let row = |(seq, (time, link, before, after)): (i64, &Happening)| HistoryRow {
        seq,
        at: at(*time),
        tag: "v1".parse().ok(),
        actor: None,
        event: Event::Link { id: (*link).try_into().unwrap(), before: before.clone(), after: after.clone() },
    };
    (1..).zip(events).map(row).collect()
}

/// Returns the steps of `/bin/a`: link, URL, beginning, end and row.
fn told(rows: &[HistoryRow]) -> Vec<(i64, String, i64, Option<i64>, i64)> {
    let told = |step: Step| {
        let until = step.until.map(Timestamp::as_millisecond);
        (step.link.get(), step.url.to_string(), step.since.as_millisecond(), until, step.seq)
    };
    steps(rows, "/bin/a").into_iter().map(told).collect()
}

#[test]
fn a_new_step_begins_where_link_url_or_digest_differ() {
    let [a, b] = ["a", "b"].map(|url| fields("a", url, Some("/bin/a")));
    let renamed = fields("z", "a", Some("/bin/a"));
    let digest = format!("sha256:{}", "0".repeat(64)).parse().ok();
    let hashed = LinkFields { digest, ..b.clone() };
    let told = told(&rows(&[
        (10, 7, None, Some(a.clone())),
        (20, 7, Some(a), Some(renamed.clone())),
        (30, 7, Some(renamed), Some(b.clone())),
        (40, 7, Some(b), Some(hashed.clone())),
        (50, 7, Some(hashed.clone()), None),
        (60, 8, None, Some(hashed)),
    ]));
    let step = |link, url: &str, since, until, seq| (link, format!("http://{url}"), since, until, seq);
    assert_eq!(
        told,
        [
            step(7, "a", 10, Some(30), 1),
            step(7, "b", 30, Some(40), 3),
            step(7, "b", 40, Some(50), 4),
            step(8, "b", 60, None, 6)
        ]
    );
}

#[test]
fn links_that_swap_their_paths_in_one_transaction_take_one_step() {
    let (a, b) = (|path| fields("a", "a", Some(path)), |path| fields("b", "b", Some(path)));
    let told = told(&rows(&[
        (10, 7, None, Some(a("/bin/a"))),
        (10, 8, None, Some(b("/bin/b"))),
        (20, 8, Some(b("/bin/b")), Some(b("/bin/a"))),
        (20, 7, Some(a("/bin/a")), Some(a("/bin/b"))),
    ]));
    assert_eq!(told, [(7, "http://a".to_owned(), 10, Some(20), 1), (8, "http://b".to_owned(), 20, None, 3)]);
}

#[test]
fn a_step_that_lasts_no_millisecond_is_none() {
    let a = fields("a", "a", Some("/bin/a"));
    assert_eq!(told(&rows(&[(10, 7, None, Some(a.clone())), (10, 7, Some(a), None)])), []);
}

#[test]
fn a_step_covers_its_beginning_but_not_its_end() {
    let (a, b) = (fields("a", "a", Some("/bin/a")), fields("a", "b", Some("/bin/a")));
    let [first, second] = &steps(&rows(&[(10, 7, None, Some(a.clone())), (20, 7, Some(a), Some(b))]), "/bin/a")[..]
    else {
        panic!("two steps")
    };
    let covered = [9, 10, 19, 20, 99].map(|time| [first.covers(at(time)), second.covers(at(time))]);
    assert_eq!(covered, [[false, false], [true, false], [true, false], [false, true], [false, true]]);
}

#[test]
fn a_filter_finds_links_by_what_they_had_or_got() {
    let (old, new) = (fields("old", "a", Some("/bin/old")), fields("new", "a", Some("/bin/new")));
    let [row] = &rows(&[(10, 7, Some(old), Some(new))])[..] else { panic!("one row") };
    let texts = |path: Option<&str>, name: Option<&str>| HistoryFilter {
        path: path.map(Into::into),
        name: name.map(Into::into),
        action: None,
    };
    for (filter, admitted) in [
        (HistoryFilter::default(), true),
        (texts(Some("/bin/old"), None), true),
        (texts(Some("/bin/new"), Some("old")), true),
        (texts(Some("/bin"), None), false),
        (texts(None, Some("ol")), false),
        (HistoryFilter { action: Some(HistoryAction::LinkUpdate), ..HistoryFilter::default() }, true),
        (HistoryFilter { action: Some(HistoryAction::LinkCreate), ..HistoryFilter::default() }, false),
    ] {
        assert_eq!(filter.admits(&row.event), admitted, "{filter:?}");
    }
    assert!(!texts(Some("/bin/old"), None).admits(&Event::Immutable));
}

#[test]
fn what_happened_follows_from_what_was_there_before_and_after() {
    let link = |before, after| Event::Link { id: 1.try_into().unwrap(), before, after }.action();
    let fields = || Some(fields("a", "a", None));
    assert_eq!(
        [link(None, fields()), link(fields(), fields()), link(fields(), None)],
        [HistoryAction::LinkCreate, HistoryAction::LinkUpdate, HistoryAction::LinkDelete]
    );
    let channel = |after| Event::Channel { name: ChannelName::latest(), before: "v1".parse().ok(), after }.action();
    assert_eq!(channel(None), HistoryAction::ChannelDelete);
    assert_eq!(channel("v2".parse().ok()), HistoryAction::ChannelSet);
}
