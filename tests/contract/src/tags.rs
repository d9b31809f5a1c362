//! Tags, which are created with releases.

use release_links_domain::Sort;
use release_links_domain::access::TagCreateLevel;
use release_links_domain::project::Project;
use release_links_domain::tag::{Tag, TagName, TagOrder, TagRelease};
use release_links_ports::{
    Batch, BatchedPage, ListedTag, NewRelease, Page, PageRequest, Precondition, TagQuery, WriteError,
};

use crate::scene::{Scene, at, by_id, key, new_release, origin, reader};

async fn found(scene: &Scene, project: &Project, tag: &str) -> Option<Tag> {
    scene.store.tags.get(&key(project, tag)).await.unwrap().unwrap().found.unwrap().tag
}

async fn listed(scene: &Scene, project: &Project, query: TagQuery, page: PageRequest) -> Page<String> {
    let view = scene.store.tags.list(&by_id(project), reader(None), query, page).await.unwrap().unwrap();
    let BatchedPage { batch, total, has_next } = view.found.unwrap();
    assert_eq!(batch.rest, []);
    Page { rows: batch.rows.into_iter().map(|listed| listed.tag.name.into()).collect(), total, has_next }
}

pub async fn a_tag_exists_from_its_first_release_until_it_is_deleted(scene: Scene) {
    let start = scene.start().await;
    let (project, store) = (start.project.id, &scene.store);
    assert_eq!(found(&scene, &start.project, "v2.0").await, None);
    let new = NewRelease {
        tag_message: Some("signed".to_owned()),
        target: Some("main".to_owned()),
        description: Some("text".to_owned()),
        ..new_release(project, "v2.0")
    };
    let release = scene.made(new.clone()).await;
    let tag = Tag {
        name: "v2.0".parse().unwrap(),
        message: Some("signed".to_owned()),
        target: Some("main".to_owned()),
        created_at: at(3),
        release: Some(TagRelease { description: Some("text".to_owned()) }),
    };
    assert_eq!(found(&scene, &start.project, "v2.0").await, Some(tag.clone()));
    store.releases.delete(project, release.id, false, Precondition::NONE, origin()).await.unwrap();
    assert_eq!(found(&scene, &start.project, "v2.0").await, Some(Tag { release: None, ..tag }));
    store.tags.delete(project, release.tag).await.unwrap();
    assert_eq!(found(&scene, &start.project, "v2.0").await, None);

    let again = NewRelease { target: Some("other".to_owned()), tag_message: None, created_at: at(7), ..new };
    scene.made(again).await;
    let tag = found(&scene, &start.project, "v2.0").await.unwrap();
    assert_eq!((tag.target.as_deref(), tag.message, tag.created_at), (Some("other"), None, at(7)));
}

pub async fn a_tag_with_a_release_is_not_deleted(scene: Scene) {
    let start = scene.start().await;
    let refused = scene.store.tags.delete(start.project.id, start.release.tag).await;
    assert!(matches!(refused, Err(WriteError::Conflict(()))), "{refused:?}");
    assert!(found(&scene, &start.project, "v1.0").await.is_some());
    let refused = scene.store.tags.delete(start.project.id, "v9".parse().unwrap()).await;
    assert!(matches!(refused, Err(WriteError::Gone)), "{refused:?}");
}

pub async fn a_tag_of_another_project_is_not_found_or_deleted(scene: Scene) {
    let start = scene.start().await;
    let other = scene.project(scene.own_namespace(start.owner.id).await, "other", start.owner.id).await;
    scene.store.releases.delete(start.project.id, start.release.id, false, Precondition::NONE, origin()).await.unwrap();
    assert_eq!(found(&scene, &other, "v1.0").await, None);
    assert_eq!(listed(&scene, &other, TagQuery::default(), PageRequest::default()).await.rows, [""; 0]);
    let refused = scene.store.tags.delete(other.id, start.release.tag).await;
    assert!(matches!(refused, Err(WriteError::Gone)), "{refused:?}");
    assert!(found(&scene, &start.project, "v1.0").await.is_some());
}

pub async fn tags_are_listed_newest_first_in_pages(scene: Scene) {
    let start = scene.start().await;
    for tag in ["a", "z", "m"] {
        scene.release(start.project.id, tag, Vec::new()).await;
    }
    let first = listed(&scene, &start.project, TagQuery::default(), PageRequest { page: 1, per_page: 3 }).await;
    assert_eq!((first.rows, first.total, first.has_next), (["m", "z", "a"].map(String::from).to_vec(), Some(4), true));
    let second = listed(&scene, &start.project, TagQuery::default(), PageRequest { page: 2, per_page: 3 }).await;
    assert_eq!((second.rows, second.total, second.has_next), (vec!["v1.0".to_owned()], Some(4), false));
}

pub async fn tags_are_listed_in_the_order_asked_for_and_ties_go_by_id(scene: Scene) {
    let start = scene.start().await;
    for (tag, second) in [("late", 9), ("Early", 1), ("same", 3), ("é", 3)] {
        let new = new_release(start.project.id, tag);
        scene.made(NewRelease { created_at: at(second), ..new }).await;
    }
    for (order, mut expected) in [
        (TagOrder::Updated, ["Early", "v1.0", "same", "é", "late"]),
        (TagOrder::Name, ["Early", "late", "same", "v1.0", "é"]),
    ] {
        for sort in [Sort::Ascending, Sort::Descending] {
            let query = || TagQuery { order, sort, search: None };
            let all = listed(&scene, &start.project, query(), PageRequest::default()).await;
            assert_eq!(
                (all.rows.as_slice(), all.total),
                (expected.map(String::from).as_slice(), Some(5)),
                "{order:?} {sort:?}"
            );
            let second = listed(&scene, &start.project, query(), PageRequest { page: 2, per_page: 2 }).await;
            assert_eq!(second.rows, expected[2..4], "{order:?} {sort:?}");
            expected.reverse();
        }
    }
}

pub async fn tags_are_listed_by_version_and_those_without_come_last_by_name(scene: Scene) {
    let start = scene.start().await;
    let tags =
        ["v1.10.0", "v1.9.1", "nightly", "cli/v1.9.1+b", "v1.10.0-rc.1", "v1.10.0-rc.1.0", "2026.11", "v1.10.0-2"];
    for tag in tags {
        scene.release(start.project.id, tag, Vec::new()).await;
    }
    let descending = ["v1.10.0", "v1.10.0-rc.1.0", "v1.10.0-rc.1", "v1.10.0-2", "cli/v1.9.1+b", "v1.9.1"];
    let ascending = descending.into_iter().rev().collect::<Vec<_>>();
    for (sort, versions) in [(Sort::Descending, descending.to_vec()), (Sort::Ascending, ascending)] {
        let expected = [versions, vec!["2026.11", "nightly", "v1.0"]].concat();
        let query = || TagQuery { order: TagOrder::Version, sort, search: None };
        assert_eq!(listed(&scene, &start.project, query(), PageRequest::default()).await.rows, expected, "{sort:?}");
        let second = listed(&scene, &start.project, query(), PageRequest { page: 2, per_page: 4 }).await;
        assert_eq!(second.rows, expected[4..8], "{sort:?}");
    }
}

pub async fn tags_are_searched_by_prefix_by_suffix_and_anywhere(scene: Scene) {
    let start = scene.start().await;
    for tag in ["V1.1-RC", "rc-2", "100%", "a_b", "a\\b", "axb"] {
        scene.release(start.project.id, tag, Vec::new()).await;
    }
    for (search, expected) in [
        ("^v1", &["V1.1-RC", "v1.0"][..]),
        ("rc$", &["V1.1-RC"]),
        ("rc", &["rc-2", "V1.1-RC"]),
        ("%", &["100%"]),
        ("a_b", &["a_b"]),
        ("a\\b", &["a\\b"]),
        ("^b", &[]),
    ] {
        let query = || TagQuery { search: Some(search.into()), ..TagQuery::default() };
        let page = listed(&scene, &start.project, query(), PageRequest { page: 1, per_page: 100 }).await;
        assert_eq!(page.rows, expected, "{search}");
        let counted = listed(&scene, &start.project, query(), PageRequest { page: 9, per_page: 1 }).await;
        assert_eq!(counted.total, Some(expected.len() as u64), "{search}");
    }
}

pub async fn tags_of_large_releases_are_listed_in_batches_that_follow_each_other(scene: Scene) {
    let start = scene.start().await;
    let (project, tags) = (start.project.id, &scene.store.tags);
    scene.store.protected_tags.create(project, "*.1".parse().unwrap(), TagCreateLevel::NoOne).await.unwrap();
    let half = "x".repeat(usize::try_from(Batch::<ListedTag, TagName>::BYTES / 2).unwrap());
    for number in 0..3 {
        let new = new_release(project, &format!("v2.{number}"));
        scene.made(NewRelease { description: Some(half.clone()), ..new }).await;
    }
    let page = PageRequest { page: 1, per_page: 3 };
    let view = tags.list(&by_id(&start.project), reader(None), TagQuery::default(), page).await.unwrap().unwrap();
    let BatchedPage { mut batch, total, has_next } = view.found.unwrap();
    assert_eq!((batch.rows.len(), batch.rest.len(), total, has_next), (2, 1, Some(4), true));
    let mut found = batch.rows;
    while !batch.rest.is_empty() {
        batch = tags.read_on(project, batch.rest).await.unwrap();
        found.append(&mut batch.rows);
    }
    let told: Vec<_> = found.iter().map(|listed| (listed.tag.name.as_str(), listed.protected)).collect();
    assert_eq!(told, [("v2.2", false), ("v2.1", true), ("v2.0", false)]);
    let gone = tags.read_on(project, vec!["none".parse().unwrap()]).await.unwrap();
    assert_eq!((gone.rows, gone.rest), (vec![], vec![]));

    let new = new_release(project, "v3.0");
    scene.made(NewRelease { description: Some(half.repeat(2) + "x"), ..new }).await;
    let view = tags.list(&by_id(&start.project), reader(None), TagQuery::default(), page).await.unwrap().unwrap();
    let batch = view.found.unwrap().batch;
    assert_eq!((batch.rows.len(), batch.rest.len()), (0, 3));
    assert_eq!(tags.read_on(project, batch.rest).await.unwrap().rows.len(), 1);
}
