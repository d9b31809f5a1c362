//! Lists in pages.

use std::sync::Arc;

use release_links_domain::LinkId;
use release_links_domain::link::{Link, LinkFields, LinkName, LinkUrl};
use release_links_ports::{Batch, BatchedPage, Page, PageRequest, Precondition};

use crate::SqlDatabase;
use crate::scene::{Scene, key, origin, plain, set_to};

pub async fn links_are_listed_newest_first_and_updates_keep_their_order(scene: Scene) {
    let start = scene.start().await;
    let (project, release) = (start.project.id, start.release.id);
    let mut ids = Vec::new();
    for word in ["b", "c", "a"] {
        ids.push(scene.link(project, release, plain(word)).await.id);
    }
    scene
        .store
        .links
        .update(project, release, ids[0], set_to(&plain("z")), Precondition::NONE, origin())
        .await
        .unwrap();
    ids.reverse();
    let page = scene.links(&key(&start.project, "v1.0"), 1, 20).await;
    assert_eq!(page.rows.iter().map(|link| link.id).collect::<Vec<_>>(), ids);
}

pub async fn pages_follow_each_other_without_a_gap(scene: Scene) {
    let start = scene.start().await;
    let entries = (0..5).map(|n| plain(&n.to_string())).collect();
    let release = scene.release(start.project.id, "v2.0", entries).await;
    let key = key(&start.project, "v2.0");
    let mut seen = Vec::new();
    for (number, has_next) in [(1, true), (2, true), (3, false)] {
        let page = scene.links(&key, number, 2).await;
        assert_eq!((page.total, page.has_next), (Some(5), has_next), "page {number}");
        seen.extend(page.rows);
    }
    assert_eq!(seen, release.links);
    let exactly = scene.links(&key, 1, 5).await;
    assert_eq!((exactly.rows.len(), exactly.total, exactly.has_next), (5, Some(5), false));
}

pub async fn a_page_beyond_the_end_is_empty(scene: Scene) {
    let start = scene.start().await;
    let key = key(&start.project, "v1.0");
    let nothing = Page { rows: Vec::<Link>::new(), total: Some(0), has_next: false };
    assert_eq!(scene.links(&key, 1, 20).await, nothing);
    scene.link(start.project.id, start.release.id, plain("a")).await;
    for page in [2, 3, 1_000_000, u64::MAX] {
        assert_eq!(scene.links(&key, page, 100).await, Page { total: Some(1), ..nothing.clone() }, "page {page}");
    }
}

pub async fn a_list_is_counted_up_to_its_limit_and_no_further(scene: Scene) {
    let start = scene.start().await;
    let limit = Page::<Link>::COUNT_LIMIT;
    let entries = (0..=limit).map(|n| plain(&n.to_string())).collect();
    let release = scene.release(start.project.id, "v2.0", entries).await;
    let key = key(&start.project, "v2.0");
    for page in [1, 101, 102] {
        assert_eq!(scene.links(&key, page, 100).await.total, None, "page {page}");
    }
    assert!(scene.links(&key, 100, 100).await.has_next);
    assert_eq!(scene.links(&key, 101, 100).await.rows.len(), 1);

    scene
        .store
        .links
        .delete(start.project.id, release.id, release.links[0].id, Precondition::NONE, origin())
        .await
        .unwrap();
    let last = scene.links(&key, 100, 100).await;
    assert_eq!((last.rows.len(), last.total, last.has_next), (100, Some(limit), false));
    assert_eq!(scene.links(&key, 1, 100).await.total, Some(limit));
}

pub async fn the_first_batch_of_a_page_ends_before_an_oversized_link_of_an_older_version(
    scene: Scene,
    database: Arc<dyn SqlDatabase>,
) {
    let start = scene.start().await;
    let (project, links) = (start.project.id, &scene.store.links);
    let largest = LinkFields {
        name: "\u{10348}".repeat(LinkName::MAX_CHARS).parse().unwrap(),
        url: format!("http://{}", "x".repeat(LinkUrl::MAX_BYTES - "http://".len())).parse().unwrap(),
        digest: Some(format!("sha512:{}", "0".repeat(128)).parse().unwrap()),
        ..plain("largest")
    };
    let mut ids = vec![scene.link(project, start.release.id, largest).await.id];
    for word in ["a", "b", "c", "d", "e"] {
        ids.push(scene.link(project, start.release.id, plain(word)).await.id);
    }
    ids.reverse();
    // Two of them exceed what is read at once.
    let most = Batch::<Link, LinkId>::BYTES;
    for _ in 0..13 {
        database.sql("UPDATE links SET url = url || url WHERE name IN ('b', 'c', 'd')");
    }

    let page = PageRequest { page: 1, per_page: 100 };
    let key = key(&start.project, "v1.0");
    let found = links.list(&key, page).await.unwrap().unwrap().found.unwrap();
    let BatchedPage { mut batch, total, has_next } = found;
    assert_eq!((batch.rows.len(), &batch.rest[..], total, has_next), (1, &ids[1..], Some(6), false));
    let mut read = batch.rows;
    for expected in [1, 1, 3] {
        batch = links.read_on(project, batch.rest).await.unwrap();
        assert_eq!(batch.rows.len(), expected);
        read.append(&mut batch.rows);
    }
    assert_eq!(batch.rest, []);
    assert_eq!(read.iter().map(|link| link.id).collect::<Vec<_>>(), ids);
    assert!(read[1].fields.url.as_str().len() as u64 > most / 2);

    let foreign = scene.project(scene.own_namespace(start.owner.id).await, "other", start.owner.id).await;
    assert_eq!(links.read_on(foreign.id, ids).await.unwrap(), Batch { rows: Vec::new(), rest: Vec::new() });
}
