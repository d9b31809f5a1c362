//! Releases that are sent again: kept or replaced with their links, whoever sends them and when.

use release_links_domain::link::{Change, Link, LinkDraft, LinkFields, Outcome};
use release_links_domain::release::{Release, ReleaseChanges, SentLinks};
use release_links_ports::{IfExists, NewRelease, Precondition, ReleaseRefused, WriteError};

use crate::scene::{Scene, Start, at, fields, key, new_release, origin, plain};

/// A name and a URL alone, of each link.
fn sent(links: &[(&str, &str)]) -> SentLinks {
    let draft = |(name, url): &(&str, &str)| {
        let url = format!("https://files.example.com/{url}");
        LinkDraft { name: Some((*name).to_owned()), url: Some(url), ..LinkDraft::default() }
    };
    SentLinks::parse(links.iter().map(draft).collect()).unwrap()
}

fn described(text: &str) -> ReleaseChanges {
    ReleaseChanges { description: Change::Set(text.to_owned()), ..ReleaseChanges::default() }
}

/// A release of `v1.0` with these links that is to replace the one of the tag.
fn replacing(start: &Start, changes: ReleaseChanges, links: SentLinks) -> NewRelease {
    let new = NewRelease {
        name: changes.name.clone().apply(None),
        description: changes.description.clone().apply(None),
        target: Some("other".to_owned()),
        tag_message: Some("other".to_owned()),
        created_at: at(60),
        released_at: changes.released_at.unwrap_or(at(60)),
        links,
        ..new_release(start.project.id, "v1.0")
    };
    NewRelease { if_exists: IfExists::Replace(changes), ..new }
}

async fn found(scene: &Scene, start: &Start) -> Release {
    scene.store.releases.get(&key(&start.project, "v1.0")).await.unwrap().unwrap().found.unwrap()
}

pub async fn a_release_is_created_whatever_would_become_of_one_that_exists(scene: Scene) {
    let start = scene.start().await;
    for (tag, if_exists) in [("a", IfExists::Keep), ("b", IfExists::Replace(described("replaced")))] {
        let new = NewRelease {
            description: Some("new".to_owned()),
            links: vec![plain("a")].into(),
            if_exists,
            ..new_release(start.project.id, tag)
        };
        let made = scene.made(new).await;
        assert_eq!((made.description.as_deref(), made.links.len()), (Some("new"), 1));
    }
}

pub async fn a_release_that_is_kept_stays_as_it_is(scene: Scene) {
    let start = scene.start().await;
    scene.link(start.project.id, start.release.id, plain("a")).await;
    let before = found(&scene, &start).await;
    let new = NewRelease {
        description: Some("new".to_owned()),
        links: sent(&[("a", "new"), ("b", "b"), ("", "")]),
        if_exists: IfExists::Keep,
        ..new_release(start.project.id, "v1.0")
    };
    let (kept, outcome) = scene.store.releases.create(new).await.unwrap();
    assert_eq!((&kept, outcome), (&before, Outcome::Kept));
    assert_eq!(found(&scene, &start).await, before);
}

pub async fn a_release_that_is_replaced_gets_what_was_sent_and_keeps_the_rest(scene: Scene) {
    let start = scene.start().await;
    let (project, release) = (start.project.id, start.release.id);
    let a = scene.link(project, release, fields("a", "a", Some("/bin/a"))).await;
    let b = scene.link(project, release, plain("b")).await;
    let before = found(&scene, &start).await;
    let changes =
        ReleaseChanges { name: Change::Set("Spring".to_owned()), released_at: Some(at(9)), ..described("new") };
    let new = replacing(&start, changes, sent(&[("a", "new"), ("c", "c"), ("d", "d")]));
    let (replaced, outcome) = scene.store.releases.create(new).await.unwrap();
    assert_eq!(outcome, Outcome::Replaced);
    assert_eq!(found(&scene, &start).await, replaced);
    let [d, c, second, first] = &replaced.links[..] else { panic!("{:?}", replaced.links) };
    assert_eq!([d.fields.name.as_str(), c.fields.name.as_str()], ["d", "c"]);
    let url = "https://files.example.com/new".parse().unwrap();
    let moved = LinkFields { url, digest: None, size: None, ..a.fields };
    assert_eq!((second, first), (&b, &Link { id: a.id, fields: moved }));
    let expected = Release {
        name: Some("Spring".to_owned()),
        description: Some("new".to_owned()),
        released_at: at(9),
        links: replaced.links.clone(),
        link_count: 4,
        ..before
    };
    assert_eq!(replaced, expected);
    let tag = scene.store.tags.get(&key(&start.project, "v1.0")).await.unwrap().unwrap().found.unwrap().tag.unwrap();
    assert_eq!((tag.message, tag.target), (None, None));
}

pub async fn a_release_that_is_sent_as_it_is_is_unchanged(scene: Scene) {
    let start = scene.start().await;
    let link = scene.link(start.project.id, start.release.id, fields("a", "a", Some("/bin/a"))).await;
    let before = found(&scene, &start).await;
    for (changes, links) in [
        (ReleaseChanges::default(), sent(&[])),
        (
            ReleaseChanges { released_at: Some(at(4)), description: Change::Clear, ..ReleaseChanges::default() },
            sent(&[]),
        ),
        (ReleaseChanges::default(), sent(&[("a", "a")])),
        (ReleaseChanges::default(), vec![link.fields.clone()].into()),
    ] {
        let (shown, outcome) = scene.store.releases.create(replacing(&start, changes, links)).await.unwrap();
        assert_eq!((&shown, outcome), (&before, Outcome::Unchanged));
    }
    let (cleared, outcome) = {
        scene.store.releases.create(replacing(&start, described("x"), sent(&[]))).await.unwrap();
        let clear = ReleaseChanges { description: Change::Clear, ..ReleaseChanges::default() };
        scene.store.releases.create(replacing(&start, clear, sent(&[]))).await.unwrap()
    };
    assert_eq!((&cleared, outcome), (&before, Outcome::Replaced));
}

pub async fn links_that_collide_leave_the_whole_release_as_it_was(scene: Scene) {
    let start = scene.start().await;
    for word in ["a", "b"] {
        scene.link(start.project.id, start.release.id, plain(word)).await;
    }
    let before = found(&scene, &start).await;
    for (links, expected) in [
        (sent(&[("c", "c"), ("a", "new"), ("d", "b")]), "Links url has already been taken"),
        (sent(&[("a", "b"), ("b", "c")]), "Links url has already been taken"),
        (sent(&[("c", "c"), ("c", "d")]), "Links have duplicate values (c)"),
    ] {
        let refused = scene.store.releases.create(replacing(&start, described("new"), links)).await;
        let Err(WriteError::Conflict(ReleaseRefused::Links(faults))) = refused else { panic!("{refused:?}") };
        assert_eq!(faults.to_string(), format!("Validation failed: {expected}"));
        assert_eq!(found(&scene, &start).await, before);
    }
    // One after the other: the first gives up the URL that the second takes.
    let links = sent(&[("b", "c"), ("a", "b")]);
    let (_, outcome) = scene.store.releases.create(replacing(&start, ReleaseChanges::default(), links)).await.unwrap();
    assert_eq!(outcome, Outcome::Replaced);
}

pub async fn many_links_are_replaced_in_a_full_release_that_takes_no_more(scene: Scene) {
    let start = scene.start().await;
    let words: Vec<String> = (0..Link::MAX_PER_RELEASE).map(|number| format!("n{number}")).collect();
    let all = |url: &str| words.iter().map(|word| fields(word, &format!("{url}{word}"), None)).collect::<Vec<_>>();
    let new = replacing(&start, ReleaseChanges::default(), all("old").into());
    let (full, outcome) = scene.store.releases.create(new).await.unwrap();
    assert_eq!((full.link_count, outcome), (Link::MAX_PER_RELEASE, Outcome::Replaced));
    let refused = scene.store.releases.create(replacing(&start, described("x"), sent(&[("n1", "x"), ("one", "more")])));
    let Err(WriteError::Conflict(ReleaseRefused::Links(faults))) = refused.await else { panic!("too many") };
    assert_eq!(faults.to_string(), "Validation failed: Links are too many (maximum is 1000)");
    let new = replacing(&start, ReleaseChanges::default(), all("new").into());
    let (replaced, _) = scene.store.releases.create(new).await.unwrap();
    let ids = |release: &Release| release.links.iter().map(|link| link.id).collect::<Vec<_>>();
    assert_eq!(ids(&replaced), ids(&full));
    assert!(replaced.links.iter().rev().map(|link| &link.fields).eq(&all("new")));
    assert_eq!(found(&scene, &start).await, replaced);
}

pub async fn a_link_of_a_release_above_the_limit_is_replaced_however_old_it_is(scene: Scene) {
    let start = scene.start().await;
    let many = (0..=Link::MAX_PER_RELEASE).map(|number| plain(&format!("n{number}"))).collect();
    let release = scene.release(start.project.id, "v2.0", many).await;
    let new = replacing(&start, ReleaseChanges::default(), sent(&[("n0", "new"), ("n1", "newer")]));
    let new = NewRelease { tag: release.tag, ..new };
    let (replaced, outcome) = scene.store.releases.create(new).await.unwrap();
    assert_eq!((replaced.link_count, outcome), (Link::MAX_PER_RELEASE + 1, Outcome::Replaced));
    let newest = replaced.links.iter().find(|link| link.fields.name.as_str() == "n1").unwrap();
    assert_eq!(newest.fields.url.as_str(), "https://files.example.com/newer");
}

pub async fn of_writers_that_keep_one_tag_exactly_one_creates_its_release(scene: Scene) {
    let start = scene.start().await;
    let project = start.project.id;
    let outcomes = scene
        .race(|store, racer| async move {
            let links = vec![plain(&racer.to_string())].into();
            let new = NewRelease { links, if_exists: IfExists::Keep, ..new_release(project, "v2.0") };
            store.releases.create(new).await.unwrap()
        })
        .await;
    let (made, kept): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(|(_, outcome)| *outcome == Outcome::Created);
    assert_eq!(made.len(), 1);
    assert!(kept.iter().all(|(release, outcome)| *outcome == Outcome::Kept && *release == made[0].0), "{kept:?}");
}

pub async fn of_writers_that_replace_one_release_each_writes_all_of_it(scene: Scene) {
    let start = scene.start().await;
    scene.store.releases.delete(start.project.id, start.release.id, false, Precondition::NONE, origin()).await.unwrap();
    let shared = std::sync::Arc::new(start);
    let outcomes = scene
        .race(|store, racer| {
            let start = shared.clone();
            async move {
                let word = racer.to_string();
                let links = sent(&[("a", &word), ("b", &format!("b{word}"))]);
                store.releases.create(replacing(&start, described(&word), links)).await.unwrap()
            }
        })
        .await;
    let made = outcomes.iter().filter(|(_, outcome)| *outcome == Outcome::Created).count();
    let replaced = outcomes.iter().filter(|(_, outcome)| *outcome == Outcome::Replaced).count();
    assert_eq!((made, replaced), (1, outcomes.len() - 1));
    let last = found(&scene, &shared).await;
    assert!(outcomes.iter().any(|(release, _)| *release == last), "{last:?}");
    for (release, _) in &outcomes {
        let word = release.description.as_deref().unwrap();
        let urls: Vec<_> = release.links.iter().map(|link| link.fields.url.as_str()).collect();
        let expected = ["b", ""].map(|before| format!("https://files.example.com/{before}{word}"));
        assert_eq!(urls, expected, "{release:?}");
    }
}
