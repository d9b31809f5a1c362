//! What the history keeps of each write, how it is read, and that it tells what there is and was.

use std::collections::BTreeMap;

use jiff::Timestamp;
use release_links_domain::channel::ChannelName;
use release_links_domain::history::{
    Actor, Event, HistoryAction, HistoryFilter, HistoryRow, Origin, ReleaseState, steps,
};
use release_links_domain::link::{Change, LinkFields, LinkType, Manifest, OnConflict, Outcome, ParsedDraft};
use release_links_domain::release::{Release, ReleaseChanges};
use release_links_domain::{LinkId, ReleaseId};
use release_links_ports::{Batch, BatchedPage, IfExists, NewRelease, PageRequest, Precondition, Run, WriteError};

use crate::scene::{Scene, Start, at, by_id, fields, key, new_release, origin, origin_at, plain, reader, set_to};

/// Returns the whole history of a project, oldest row first.
async fn rows(scene: &Scene, start: &Start) -> Vec<HistoryRow> {
    let (mut found, everything) = (Vec::new(), HistoryFilter::default());
    for number in 1.. {
        let page = PageRequest { page: number, per_page: 100 };
        let project = by_id(&start.project);
        let view = scene.store.history.of_project(&project, reader(None), everything.clone(), page).await.unwrap();
        let BatchedPage { batch: Batch { rows, mut rest }, has_next, .. } = view.unwrap().found.unwrap();
        found.extend(rows);
        while !rest.is_empty() {
            let batch = scene.store.history.read_on(start.project.id, rest).await.unwrap();
            found.extend(batch.rows);
            rest = batch.rest;
        }
        if !has_next {
            break;
        }
    }
    found.reverse();
    found
}

/// Returns what happened after the rows that there were, and checks that the rows have one tag and follow one another.
async fn since(scene: &Scene, start: &Start, before: usize) -> Vec<Event> {
    let rows = rows(scene, start).await;
    for (row, seq) in rows.iter().zip(1..) {
        assert_eq!(row.seq, seq);
    }
    assert!(rows.is_sorted_by_key(|row| row.at), "{rows:#?}");
    let mut events: Vec<Event> = rows.into_iter().skip(before).map(|row| row.event).collect();
    // Links that are deleted together come in any order.
    let deleted = |event: &Event| match event {
        Event::Link { id, after: None, .. } => Some(*id),
        _ => None,
    };
    for some in events.chunk_by_mut(|one, next| deleted(one).is_some() == deleted(next).is_some()) {
        some.sort_by_key(deleted);
    }
    events
}

fn link(id: LinkId, before: Option<&LinkFields>, after: Option<&LinkFields>) -> Event {
    Event::Link { id, before: before.cloned(), after: after.cloned() }
}

fn state(release: &Release) -> ReleaseState {
    ReleaseState::from(release)
}

/// The rows of a scene's start: one release.
const STARTED: usize = 1;

pub async fn a_link_that_is_created_changed_or_deleted_is_recorded(scene: Scene) {
    let start = scene.start().await;
    let (project, release, links) = (start.project.id, start.release.id, &scene.store.links);
    let (first, second) = (fields("a", "a", Some("/bin/a")), fields("b", "b", Some("/bin/b")));
    let (made, _) =
        links.create(project, release, first.clone().into(), Some(OnConflict::Fail), origin_at(10)).await.unwrap();
    links.update(project, release, made.id, set_to(&second), Precondition::NONE, origin_at(20)).await.unwrap();
    links.update(project, release, made.id, set_to(&second), Precondition::NONE, origin_at(30)).await.unwrap();
    links.delete(project, release, made.id, Precondition::NONE, origin_at(40)).await.unwrap();
    let expected = [(10, None, Some(&first)), (20, Some(&first), Some(&second)), (40, Some(&second), None)];
    let rows = rows(&scene, &start).await;
    let told: Vec<_> = rows.iter().skip(STARTED).map(|row| (row.at, row.tag.clone(), row.event.clone())).collect();
    let tag = Some(start.release.tag.clone());
    assert_eq!(told, expected.map(|(second, before, after)| (at(second), tag.clone(), link(made.id, before, after))));
}

pub async fn a_link_that_is_sent_again_is_recorded_only_if_it_changes(scene: Scene) {
    let start = scene.start().await;
    let (project, release, links) = (start.project.id, start.release.id, &scene.store.links);
    let (first, second) = (fields("a", "a", Some("/bin/a")), fields("a", "b", Some("/bin/a")));
    let made = scene.link(project, release, first.clone()).await;
    for (sent, on_conflict, outcome) in [
        (&second, OnConflict::Keep, Outcome::Kept),
        (&first, OnConflict::Replace, Outcome::Unchanged),
        (&second, OnConflict::Replace, Outcome::Replaced),
    ] {
        let written = links.create(project, release, sent.clone().into(), Some(on_conflict), origin()).await.unwrap();
        assert_eq!(written.1, outcome);
    }
    let refused = links.create(project, release, second.clone().into(), Some(OnConflict::Fail), origin()).await;
    assert!(matches!(refused, Err(WriteError::Conflict(_))));
    let expected = [link(made.id, None, Some(&first)), link(made.id, Some(&first), Some(&second))];
    assert_eq!(since(&scene, &start, STARTED).await, expected);
}

fn entries(links: &[&LinkFields]) -> Vec<(Option<LinkId>, ParsedDraft)> {
    links.iter().map(|fields| (None, ParsedDraft::from((*fields).clone()))).collect()
}

pub async fn a_manifest_is_recorded_link_by_link_but_not_its_order(scene: Scene) {
    let start = scene.start().await;
    let (project, release) = (start.project.id, start.release.id);
    let [a, b] = [scene.link(project, release, plain("a")).await, scene.link(project, release, plain("b")).await];
    let apply = |links: &[&LinkFields]| {
        let manifest = Manifest { entries: entries(links), prune: true };
        scene.store.links.apply(project, release, manifest, Precondition::NONE, origin(), Run::Real)
    };
    apply(&[&a.fields, &b.fields]).await.unwrap();
    let before = STARTED + 2;
    assert_eq!(since(&scene, &start, before).await, []);
    let moved = fields("b", "elsewhere", Some("/bin/b"));
    let (c, d) = (plain("c"), plain("d"));
    let plan = apply(&[&moved, &c, &d]).await.unwrap();
    let ids: Vec<_> = plan.links.iter().filter_map(|link| link.id).collect();
    let told = since(&scene, &start, before).await;
    let expected = [
        link(a.id, Some(&a.fields), None),
        link(b.id, Some(&b.fields), Some(&moved)),
        link(ids[1], None, Some(&c)),
        link(ids[2], None, Some(&d)),
    ];
    assert_eq!(told, expected);
}

pub async fn links_that_swap_their_paths_take_one_step_each(scene: Scene) {
    let start = scene.start().await;
    let (project, release) = (start.project.id, start.release.id);
    let (a, b) = (fields("a", "a", Some("/bin/a")), fields("b", "b", Some("/bin/b")));
    let ids = [scene.link(project, release, a.clone()).await.id, scene.link(project, release, b.clone()).await.id];
    let swapped = [(&a, "/bin/b"), (&b, "/bin/a")];
    let swapped = swapped.map(|(fields, path)| LinkFields { path: path.parse().ok(), ..fields.clone() });
    let manifest = Manifest { entries: entries(&[&swapped[0], &swapped[1]]), prune: true };
    scene.store.links.apply(project, release, manifest, Precondition::NONE, origin_at(50), Run::Real).await.unwrap();
    let key = key(&start.project, "v1.0");
    let led = async |path: &str, second| {
        scene.store.history.led_at(&key, path, at(second)).await.unwrap().unwrap().found.map(|step| step.link)
    };
    assert_eq!([led("/bin/a", 49).await, led("/bin/a", 50).await], [Some(ids[0]), Some(ids[1])]);
    assert_eq!([led("/bin/b", 49).await, led("/bin/b", 50).await], [Some(ids[1]), Some(ids[0])]);
}

pub async fn a_release_is_recorded_before_its_links_and_after_them_when_it_goes(scene: Scene) {
    let start = scene.start().await;
    let new = NewRelease {
        name: Some("Second".to_owned()),
        description: Some("Text".to_owned()),
        links: vec![plain("a"), plain("b")].into(),
        ..new_release(start.project.id, "v2.0")
    };
    let made = scene.made(new).await;
    let name: ChannelName = "beta".parse().unwrap();
    scene.store.channels.set(start.project.id, name.clone(), made.id, origin()).await.unwrap();
    scene.store.releases.delete(start.project.id, made.id, false, Precondition::NONE, origin_at(90)).await.unwrap();
    let [b, a] = &made.links[..] else { panic!("{made:?}") };
    let tag = Some(made.tag.clone());
    let expected = [
        Event::Release { before: None, after: Some(state(&made)) },
        link(a.id, None, Some(&a.fields)),
        link(b.id, None, Some(&b.fields)),
        Event::Channel { name: name.clone(), before: None, after: tag.clone() },
        link(a.id, Some(&a.fields), None),
        link(b.id, Some(&b.fields), None),
        Event::Channel { name, before: tag, after: None },
        Event::Release { before: Some(state(&made)), after: None },
    ];
    assert_eq!(since(&scene, &start, STARTED).await, expected);
    let rows = rows(&scene, &start).await;
    assert!(rows.iter().rev().take(4).all(|row| row.at == at(90)), "{rows:#?}");
    assert!(rows.iter().skip(STARTED).all(|row| row.tag.as_ref() == Some(&made.tag)), "{rows:#?}");
    let (second, page) = (key(&start.project, "v2.0"), PageRequest::default());
    let gone = scene.store.history.of_release(&second, HistoryFilter::default(), page);
    assert_eq!(gone.await.unwrap().unwrap().found, None);
    scene.release(start.project.id, "v2.0", Vec::new()).await;
    assert_eq!(of_release(&scene, &start, "v2.0", HistoryFilter::default()).await.len(), 9);
}

async fn of_release(scene: &Scene, start: &Start, tag: &str, filter: HistoryFilter) -> Vec<HistoryRow> {
    let page = PageRequest { page: 1, per_page: 100 };
    let view = scene.store.history.of_release(&key(&start.project, tag), filter, page).await.unwrap();
    let BatchedPage { batch, total, has_next } = view.unwrap().found.unwrap();
    assert_eq!((total, has_next), (Some(batch.rows.len() as u64), false));
    batch.rows
}

pub async fn a_release_that_changes_or_is_sent_again_is_recorded(scene: Scene) {
    let start = scene.start().await;
    let (project, id) = (start.project.id, start.release.id);
    let a = scene.link(project, id, plain("a")).await;
    let named = |name: &str| ReleaseChanges { name: Change::Set(name.to_owned()), ..ReleaseChanges::default() };
    let update = |changes| scene.store.releases.update(project, id, changes, Precondition::NONE, origin());
    let first = update(named("First")).await.unwrap();
    update(named("First")).await.unwrap();
    let moved = fields("a", "elsewhere", None);
    let new = NewRelease {
        links: vec![moved.clone(), plain("b")].into(),
        if_exists: IfExists::Replace(named("Second")),
        ..new_release(project, "v1.0")
    };
    let (second, _) = scene.store.releases.create(new.clone()).await.unwrap();
    scene.store.releases.create(new.clone()).await.unwrap();
    scene.store.releases.create(NewRelease { if_exists: IfExists::Keep, ..new }).await.unwrap();
    let b = second.links.iter().find(|link| link.fields.name.as_str() == "b").unwrap();
    let expected = [
        Event::Release { before: Some(state(&start.release)), after: Some(state(&first)) },
        Event::Release { before: Some(state(&first)), after: Some(state(&second)) },
        link(a.id, Some(&a.fields), Some(&moved)),
        link(b.id, None, Some(&b.fields)),
    ];
    assert_eq!(since(&scene, &start, STARTED + 1).await, expected);
}

pub async fn a_channel_that_is_set_or_deleted_is_recorded(scene: Scene) {
    let start = scene.start().await;
    let project = start.project.id;
    let second = scene.release(project, "v2.0", Vec::new()).await;
    let name: ChannelName = "beta".parse().unwrap();
    for release in [start.release.id, start.release.id, second.id] {
        scene.store.channels.set(project, name.clone(), release, origin()).await.unwrap();
    }
    scene.store.channels.delete(project, name.clone(), origin()).await.unwrap();
    scene.store.channels.delete(project, name.clone(), origin()).await.unwrap();
    let [one, two] = [&start.release, &second].map(|release| Some(release.tag.clone()));
    let channel = |before, after| Event::Channel { name: name.clone(), before, after };
    let expected = [channel(None, one.clone()), channel(one.clone(), two.clone()), channel(two.clone(), None)];
    assert_eq!(since(&scene, &start, STARTED + 1).await, expected);
    let tags: Vec<_> = rows(&scene, &start).await.into_iter().skip(STARTED + 1).map(|row| row.tag).collect();
    assert_eq!(tags, [one, two.clone(), two]);
}

pub async fn immutability_is_recorded_when_it_begins_and_ends(scene: Scene) {
    let start = scene.start().await;
    let (project, id) = (start.project.id, start.release.id);
    for (immutable, is_new) in [(false, false), (true, true), (true, false), (false, true)] {
        let set = scene.store.releases.set_immutable(project, id, immutable, origin()).await.unwrap();
        assert_eq!(set, (Release { immutable, ..start.release.clone() }, is_new));
        let found = scene.store.releases.get(&key(&start.project, "v1.0")).await.unwrap().unwrap().found;
        assert_eq!(found, Some(set.0));
    }
    assert_eq!(since(&scene, &start, STARTED).await, [Event::Immutable, Event::Thaw]);
    let other = scene.project(start.project.namespace.id, "other", start.owner.id).await;
    let refused = scene.store.releases.set_immutable(other.id, id, true, origin()).await;
    assert!(matches!(refused, Err(WriteError::Gone)), "{refused:?}");
}

pub async fn a_row_names_who_caused_it_as_they_were_called_then(scene: Scene) {
    let start = scene.start().await;
    let (project, release) = (start.project.id, start.release.id);
    let grace = scene.user("grace").await;
    let by = Origin { at: at(10), user: Some(grace.id), token: 5.try_into().ok() };
    scene.store.links.create(project, release, plain("a").into(), Some(OnConflict::Fail), by).await.unwrap();
    let new = NewRelease {
        author: Some(grace.id),
        token: 6.try_into().ok(),
        links: vec![plain("a")].into(),
        ..new_release(project, "v2.0")
    };
    let second = scene.made(new).await;
    scene.store.releases.delete(project, second.id, false, Precondition::NONE, by).await.unwrap();
    scene.store.users.delete(grace.id).await.unwrap();
    let actors: Vec<_> = rows(&scene, &start).await.into_iter().map(|row| row.actor.unwrap()).collect();
    let grace =
        |token: i64| Actor { user: Some(grace.id), username: Some("grace".to_owned()), token: token.try_into().ok() };
    assert_eq!(actors, [Actor::default(), grace(5), grace(6), grace(6), grace(5), grace(5)]);
}

pub async fn a_row_is_not_earlier_than_the_one_before_it(scene: Scene) {
    let start = scene.start().await;
    let (project, release, links) = (start.project.id, start.release.id, &scene.store.links);
    for (word, second) in [("a", 20), ("b", 10), ("c", 30)] {
        links.create(project, release, plain(word).into(), None, origin_at(second)).await.unwrap();
    }
    let times: Vec<_> = rows(&scene, &start).await.into_iter().skip(STARTED).map(|row| row.at).collect();
    assert_eq!(times, [20, 20, 30].map(at));
    let precise = Origin::operator(Timestamp::from_nanosecond(at(40).as_nanosecond() + 1_999_999).unwrap());
    links.create(project, release, plain("d").into(), None, precise).await.unwrap();
    let last = rows(&scene, &start).await.pop().unwrap();
    assert_eq!(last.at, Timestamp::from_millisecond(at(40).as_millisecond() + 1).unwrap());
}

pub async fn a_history_is_listed_newest_first_in_pages_and_filtered(scene: Scene) {
    let start = scene.start().await;
    let (project, release, links) = (start.project.id, start.release.id, &scene.store.links);
    let a = scene.link(project, release, fields("a", "a", Some("/bin/a"))).await;
    scene.link(project, release, fields("b", "b", Some("/bin/b"))).await;
    let moved = fields("c", "a", Some("/bin/c"));
    links.update(project, release, a.id, set_to(&moved), Precondition::NONE, origin()).await.unwrap();
    scene.release(project, "v2.0", vec![fields("a", "x", Some("/bin/a"))]).await;
    let named = ReleaseChanges { name: Change::Set("a".to_owned()), ..ReleaseChanges::default() };
    scene.store.releases.update(project, release, named, Precondition::NONE, origin()).await.unwrap();
    let filter = |path: Option<&str>, name: Option<&str>, action| HistoryFilter {
        path: path.map(Into::into),
        name: name.map(Into::into),
        action,
    };
    for (filter, of_tag, of_all) in [
        (filter(None, None, None), vec![7, 4, 3, 2, 1], vec![7, 6, 5, 4, 3, 2, 1]),
        (filter(Some("/bin/a"), None, None), vec![4, 2], vec![6, 4, 2]),
        (filter(Some("/bin/c"), None, None), vec![4], vec![4]),
        (filter(None, Some("a"), None), vec![4, 2], vec![6, 4, 2]),
        (filter(Some("/bin/c"), Some("a"), None), vec![4], vec![4]),
        (filter(None, None, Some(HistoryAction::LinkCreate)), vec![3, 2], vec![6, 3, 2]),
        (filter(None, Some("a"), Some(HistoryAction::LinkCreate)), vec![2], vec![6, 2]),
        (filter(Some("nowhere"), None, None), vec![], vec![]),
    ] {
        let found = of_release(&scene, &start, "v1.0", filter.clone()).await;
        assert_eq!(found.iter().map(|row| row.seq).collect::<Vec<_>>(), of_tag, "{filter:?}");
        let mut paged = Vec::new();
        for page in 1..=4 {
            let wanted = PageRequest { page, per_page: 2 };
            let project = by_id(&start.project);
            let view = scene.store.history.of_project(&project, reader(None), filter.clone(), wanted).await.unwrap();
            let BatchedPage { batch, total, has_next } = view.unwrap().found.unwrap();
            assert_eq!((total, has_next), (Some(of_all.len() as u64), page * 2 < of_all.len() as u64), "{filter:?}");
            paged.extend(batch.rows.into_iter().map(|row| row.seq));
        }
        assert_eq!(paged, of_all, "{filter:?}");
    }
}

pub async fn large_rows_are_listed_in_batches_that_follow_each_other(scene: Scene) {
    let start = scene.start().await;
    let (project, id) = (start.project.id, start.release.id);
    let large = usize::try_from(Batch::<HistoryRow, i64>::BYTES).unwrap();
    for (text, second) in [("x".repeat(large), 10), ("y".repeat(large), 20), ("z".to_owned(), 30)] {
        let changes = ReleaseChanges { description: Change::Set(text), ..ReleaseChanges::default() };
        scene.store.releases.update(project, id, changes, Precondition::NONE, origin_at(second)).await.unwrap();
    }
    let wanted = PageRequest::default();
    let view = scene.store.history.of_release(&key(&start.project, "v1.0"), HistoryFilter::default(), wanted).await;
    let BatchedPage { batch, .. } = view.unwrap().unwrap().found.unwrap();
    assert_eq!((batch.rows.len(), &batch.rest[..]), (0, &[4, 3, 2, 1][..]));
    let first = scene.store.history.read_on(project, batch.rest).await.unwrap();
    assert_eq!((first.rows[0].seq, first.rows.len(), &first.rest[..]), (4, 1, &[3, 2, 1][..]));
    assert_eq!(rows(&scene, &start).await.len(), 4);
}

pub async fn the_history_of_another_or_a_deleted_project_is_not_found(scene: Scene) {
    let start = scene.start().await;
    let other = scene.project(start.project.namespace.id, "other", start.owner.id).await;
    scene.release(other.id, "v1.0", vec![fields("a", "a", Some("/bin/a"))]).await;
    assert_eq!(rows(&scene, &start).await.len(), STARTED);
    let read = scene.store.history.read_on(start.project.id, vec![1, 2]).await.unwrap();
    assert_eq!(read.rows.len(), 1);
    let led = scene.store.history.led_at(&key(&start.project, "v1.0"), "/bin/a", at(99)).await.unwrap().unwrap();
    assert_eq!(led.found, None);
    scene.store.projects.delete(other.id).await.unwrap();
    let (filter, page) = (HistoryFilter::default(), PageRequest::default());
    let gone = scene.store.history.of_project(&by_id(&other), reader(None), filter, page).await.unwrap();
    assert_eq!(gone, None);
}

pub async fn racing_writers_number_their_rows_without_a_gap(scene: Scene) {
    let start = scene.start().await;
    let (project, release) = (start.project.id, start.release.id);
    let outcomes = scene
        .race(|store, racer| async move {
            // Half of them lose, and write no row.
            let word = (racer / 2).to_string();
            store.links.create(project, release, plain(&word).into(), Some(OnConflict::Fail), origin()).await.is_ok()
        })
        .await;
    let made = outcomes.iter().filter(|made| **made).count();
    assert_eq!(made, outcomes.len() / 2);
    assert_eq!(since(&scene, &start, STARTED).await.len(), made);
}

pub async fn pruning_drops_what_is_older_and_keeps_where_permanent_links_lead(scene: Scene) {
    let start = scene.start().await;
    let (project, release, links) = (start.project.id, start.release.id, &scene.store.links);
    let idle = scene.project(start.project.namespace.id, "idle", start.owner.id).await;
    let (first, second) = (fields("a", "a", Some("/bin/a")), fields("a", "b", Some("/bin/a")));
    let create = |fields: LinkFields, second| {
        links.create(project, release, fields.into(), Some(OnConflict::Replace), origin_at(second))
    };
    let a = create(first.clone(), 10).await.unwrap().0.id;
    let b = create(fields("b", "x", Some("/bin/b")), 15).await.unwrap().0.id;
    create(second.clone(), 30).await.unwrap();
    links.delete(project, release, b, Precondition::NONE, origin_at(18)).await.unwrap();
    let prune = async |before, second| {
        let (mut dropped, mut from) = (0, None);
        while let Some((project, rows)) = scene.store.history.prune(from, at(before), origin_at(second)).await.unwrap()
        {
            dropped += rows;
            from = Some(project);
        }
        dropped
    };
    assert_eq!([prune(3, 40).await, prune(20, 40).await, prune(20, 40).await], [0, 3, 0]);
    let left: Vec<_> = rows(&scene, &start).await.into_iter().map(|row| (row.seq, row.event.action())).collect();
    let expected = [(4, HistoryAction::LinkUpdate), (5, HistoryAction::LinkDelete), (6, HistoryAction::HistoryPrune)];
    assert_eq!(left, expected);
    let key = key(&start.project, "v1.0");
    let led = async |path: &str, second| {
        let view = scene.store.history.led_at(&key, path, at(second)).await.unwrap().unwrap();
        view.found.map(|step| (step.link, step.url.to_string(), step.since, step.until, step.seq))
    };
    let expected = (a, first.url.to_string(), at(10), Some(at(30)), 2);
    assert_eq!([led("/bin/a", 20).await, led("/bin/a", 29).await], [Some(expected.clone()), Some(expected)]);
    assert_eq!(led("/bin/a", 30).await, Some((a, second.url.to_string(), at(30), None, 4)));
    create(plain("later"), 50).await.unwrap();
    assert_eq!(rows(&scene, &start).await.last().unwrap().seq, 7);
    // The row with which the step began is gone before the step ends.
    assert_eq!(prune(45, 55).await, 3);
    links.delete(project, release, a, Precondition::NONE, origin_at(60)).await.unwrap();
    let expected = (a, second.url.to_string(), at(30), Some(at(60)), 4);
    assert_eq!([led("/bin/a", 59).await, led("/bin/a", 60).await], [Some(expected), None]);
    let (filter, page) = (HistoryFilter::default(), PageRequest::default());
    let found = scene.store.history.of_project(&by_id(&idle), reader(None), filter, page).await.unwrap();
    assert_eq!(found.unwrap().found.unwrap().batch.rows, []);
}

/// A sequence of numbers that is the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn fields(&mut self) -> LinkFields {
        let [name, url, path] = [self.below(4), self.below(6), self.below(5)];
        let path = format!("/bin/{path}");
        let fields = fields(
            &format!("n{name}"),
            &format!("u{url}"),
            Some(&path).filter(|path| *path != "/bin/4").map(String::as_str),
        );
        let link_type = LinkType::ALL[usize::try_from(self.below(2)).unwrap()];
        LinkFields { link_type, digest: fields.digest.filter(|_| name % 2 == 0), ..fields }
    }
}

/// Writes something; most of it succeeds.
async fn write(scene: &Scene, start: &Start, numbers: &mut Numbers, second: i64) {
    let (project, origin) = (start.project.id, origin_at(second));
    let tag = ["v1.0", "v2.0"][usize::try_from(numbers.below(2)).unwrap()];
    let store = &scene.store;
    let found = store.releases.get(&key(&start.project, tag)).await.unwrap().unwrap().found;
    let Some(release) = found else {
        let links = vec![numbers.fields()];
        let new = NewRelease { created_at: at(second), links: links.into(), ..new_release(project, tag) };
        store.releases.create(new).await.unwrap();
        return;
    };
    let (id, fields) = (release.id, numbers.fields());
    let any: Option<LinkId> = (!release.links.is_empty())
        .then(|| release.links[usize::try_from(numbers.below(release.links.len() as u64)).unwrap()].id);
    match (numbers.below(12), any) {
        (0..3, _) => drop(store.links.create(project, id, fields.into(), Some(OnConflict::Fail), origin).await),
        (3..5, _) => drop(store.links.create(project, id, fields.into(), Some(OnConflict::Replace), origin).await),
        (5..7, Some(link)) => {
            drop(store.links.update(project, id, link, set_to(&fields), Precondition::NONE, origin).await);
        }
        (7, Some(link)) => drop(store.links.delete(project, id, link, Precondition::NONE, origin).await),
        (8, _) => {
            let sent = [fields, numbers.fields()];
            let manifest = Manifest { entries: entries(&[&sent[0], &sent[1]]), prune: numbers.below(2) == 0 };
            drop(store.links.apply(project, id, manifest, Precondition::NONE, origin, Run::Real).await);
        }
        (9, _) => {
            let changes =
                ReleaseChanges { description: Change::Set(numbers.below(3).to_string()), ..ReleaseChanges::default() };
            let links = vec![fields, numbers.fields()];
            let new = NewRelease {
                created_at: at(second),
                links: links.into(),
                if_exists: IfExists::Replace(changes),
                ..new_release(project, tag)
            };
            drop(store.releases.create(new).await);
        }
        (10, _) => drop(store.channels.set(project, ChannelName::latest(), id, origin).await),
        (11, _) if numbers.below(3) == 0 => {
            store.releases.delete(project, id, false, Precondition::NONE, origin).await.unwrap();
        }
        _ => drop(store.channels.delete(project, ChannelName::latest(), origin).await),
    }
}

/// The links of each tag, the releases and the channels.
type Everything =
    (BTreeMap<(String, LinkId), LinkFields>, BTreeMap<String, ReleaseState>, BTreeMap<ChannelName, String>);

/// Returns what there is after these rows.
fn replayed(rows: &[HistoryRow]) -> Everything {
    let (mut links, mut releases, mut channels) = Everything::default();
    for row in rows {
        let tag = row.tag.as_ref().map(ToString::to_string).unwrap_or_default();
        match row.event.clone() {
            Event::Link { id, before, after } => {
                let key = (tag, id);
                assert_eq!(links.remove(&key), before, "{row:?}");
                links.extend(after.map(|after| (key, after)));
            }
            Event::Release { before, after } => {
                assert_eq!(releases.remove(&tag), before, "{row:?}");
                releases.extend(after.map(|after| (tag, after)));
            }
            Event::Channel { name, before, after } => {
                assert_eq!(channels.remove(&name), before.map(|tag| tag.to_string()), "{row:?}");
                channels.extend(after.map(|tag| (name, tag.to_string())));
            }
            Event::Immutable | Event::Thaw | Event::Prune => {}
        }
    }
    (links, releases, channels)
}

/// Returns what there is now.
async fn stored(scene: &Scene, start: &Start) -> Everything {
    let (mut links, mut releases, mut channels) = Everything::default();
    for tag in ["v1.0", "v2.0"] {
        let found = scene.store.releases.get(&key(&start.project, tag)).await.unwrap().unwrap().found;
        let Some(release) = found else { continue };
        releases.insert(tag.to_owned(), state(&release));
        links.extend(release.links.into_iter().map(|link| ((tag.to_owned(), link.id), link.fields)));
    }
    let page = PageRequest::default();
    let found = scene.store.channels.list(&by_id(&start.project), reader(None), page).await.unwrap().unwrap();
    channels.extend(found.found.unwrap().rows.into_iter().map(|channel| (channel.name, channel.tag.to_string())));
    (links, releases, channels)
}

pub async fn replaying_a_history_from_nothing_gives_what_there_is(scene: Scene) {
    let start = scene.start().await;
    let mut numbers = Numbers(1);
    for second in 10..210 {
        write(&scene, &start, &mut numbers, second).await;
        if second % 20 == 0 {
            assert_eq!(replayed(&rows(&scene, &start).await), stored(&scene, &start).await);
        }
    }
    let rows = rows(&scene, &start).await;
    assert!(rows.len() > 100, "{}", rows.len());
    assert_eq!(replayed(&rows), stored(&scene, &start).await);
}

pub async fn where_a_permanent_link_led_is_what_the_history_says(scene: Scene) {
    let start = scene.start().await;
    let mut numbers = Numbers(2);
    for number in 0..200 {
        // Several in one second.
        write(&scene, &start, &mut numbers, 10 + number / 2).await;
    }
    let rows = rows(&scene, &start).await;
    let mut led_somewhere = 0;
    for tag in ["v1.0", "v2.0"] {
        let of_tag: Vec<_> =
            rows.iter().filter(|row| row.tag.as_ref().is_some_and(|own| own.as_str() == tag)).collect();
        let is_there = stored(&scene, &start).await.1.contains_key(tag);
        for path in ["/bin/0", "/bin/1", "/bin/2", "/bin/4"] {
            let expected = steps(of_tag.iter().copied(), path);
            for second in 5..115 {
                let view = scene.store.history.led_at(&key(&start.project, tag), path, at(second)).await.unwrap();
                let step = expected.iter().find(|step| is_there && step.covers(at(second))).cloned();
                led_somewhere += usize::from(step.is_some());
                assert_eq!(view.unwrap().found, step, "{tag} {path} {second} {expected:#?}");
            }
        }
    }
    assert!(led_somewhere > 100, "{led_somewhere}");
}

pub async fn a_release_that_is_full_writes_a_row_for_each_link(scene: Scene) {
    let start = scene.start().await;
    let links: Vec<_> = (0..300).map(|number| fields(&format!("n{number}"), &format!("u{number}"), None)).collect();
    let made = scene.release(start.project.id, "v2.0", links).await;
    let id: ReleaseId = made.id;
    scene.store.releases.delete(start.project.id, id, false, Precondition::NONE, origin()).await.unwrap();
    let told = since(&scene, &start, STARTED).await;
    assert_eq!(told.len(), 2 * (300 + 1));
}
