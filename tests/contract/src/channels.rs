//! Release channels: what they hold, and which release a request selects through them.

use std::sync::Arc;

use release_links_domain::access::TagCreateLevel;
use release_links_domain::channel::{Channel, ChannelName, Selection};
use release_links_domain::newest::{Preferences, Ranking};
use release_links_domain::project::Project;
use release_links_ports::{ChannelWriteError, PageRequest, Precondition, WriteError};

use crate::SqlDatabase;
use crate::newest::{link_in, project, release, selected};
use crate::scene::{Scene, at, by_id, key, origin, origin_at, reader};

fn name(name: &str) -> ChannelName {
    name.parse().unwrap()
}

/// Points a channel to a tag's release at that second, and returns it and whether it is new.
async fn set(scene: &Scene, project: &Project, channel: &str, tag: &str, second: i64) -> (Channel, bool) {
    let release = scene.store.releases.get(&key(project, tag)).await.unwrap().unwrap().found.unwrap().id;
    scene.store.channels.set(project.id, name(channel), release, origin_at(second)).await.unwrap()
}

async fn get(scene: &Scene, project: &Project, channel: &str) -> Option<Channel> {
    scene.store.channels.get(&by_id(project), reader(None), &name(channel)).await.unwrap().unwrap().found
}

/// Returns the tag of the release that a selector means at that second.
async fn meant(scene: &Scene, project: &Project, selector: &str, second: i64) -> Option<String> {
    selected(scene, project, Selection::of(selector, Preferences::default()), second).await
}

pub async fn a_channel_points_to_a_release_until_it_is_deleted(scene: Scene) {
    let project = project(&scene).await;
    release(&scene, &project, &[("v1", &[]), ("v2", &[])]).await;
    let expected =
        |tag: &str, second| Channel { name: name("beta"), tag: tag.parse().unwrap(), updated_at: at(second) };
    assert_eq!(get(&scene, &project, "beta").await, None);
    assert_eq!(set(&scene, &project, "beta", "v1", 50).await, (expected("v1", 50), true));
    assert_eq!(get(&scene, &project, "beta").await, Some(expected("v1", 50)));
    assert_eq!(set(&scene, &project, "beta", "v1", 51).await, (expected("v1", 50), false));
    assert_eq!(set(&scene, &project, "beta", "v2", 52).await, (expected("v2", 52), false));
    assert_eq!(get(&scene, &project, "beta").await, Some(expected("v2", 52)));
    let deleted = || scene.store.channels.delete(project.id, name("beta"), origin());
    assert_eq!(deleted().await.unwrap(), Some(expected("v2", 52)));
    assert_eq!(deleted().await.unwrap(), None);
    assert_eq!(get(&scene, &project, "beta").await, None);
}

pub async fn channels_are_listed_by_name_in_pages(scene: Scene) {
    let project = project(&scene).await;
    release(&scene, &project, &[("v1", &[])]).await;
    for channel in ["stable", "a-b", "a.b", "a", "latest"] {
        set(&scene, &project, channel, "v1", 50).await;
    }
    let mut seen = Vec::new();
    for (page, has_next) in [(1, true), (2, true), (3, false)] {
        let wanted = PageRequest { page, per_page: 2 };
        let view = scene.store.channels.list(&by_id(&project), reader(None), wanted).await.unwrap().unwrap();
        let found = view.found.unwrap();
        assert_eq!((found.total, found.has_next), (Some(5), has_next), "page {page}");
        seen.extend(found.rows.into_iter().map(|channel| channel.name.to_string()));
    }
    assert_eq!(seen, ["a", "a-b", "a.b", "latest", "stable"]);
}

pub async fn a_channel_of_another_project_is_not_found_or_changed(scene: Scene) {
    let start = scene.start().await;
    let other = scene.project(start.project.namespace.id, "other", start.owner.id).await;
    release(&scene, &other, &[("v7", &["/bin/a"])]).await;
    let channel = set(&scene, &other, "beta", "v7", 50).await.0;
    assert_eq!(get(&scene, &start.project, "beta").await, None);
    assert_eq!(meant(&scene, &start.project, "beta", 99).await, None);
    assert_eq!(scene.store.channels.delete(start.project.id, name("beta"), origin()).await.unwrap(), None);
    let foreign = scene.store.releases.get(&key(&other, "v7")).await.unwrap().unwrap().found.unwrap().id;
    let refused = scene.store.channels.set(start.project.id, name("beta"), foreign, origin_at(51)).await;
    assert!(matches!(refused, Err(WriteError::Gone)), "{refused:?}");
    assert_eq!(get(&scene, &other, "beta").await, Some(channel));
}

pub async fn a_write_to_a_channel_loads_the_release_the_channel_and_all_rules(scene: Scene) {
    let project = project(&scene).await;
    release(&scene, &project, &[("v1", &[]), ("v2", &[])]).await;
    let channel = set(&scene, &project, "beta", "v1", 50).await.0;
    let second = scene.store.releases.get(&key(&project, "v2")).await.unwrap().unwrap().found.unwrap().id;
    for rules in 0..3 {
        for (named, tag) in [("beta", "v2"), ("beta", ""), ("stable", "v2"), ("stable", "v3")] {
            let view =
                scene.store.channels.load_for_write(&by_id(&project), reader(None), &name(named), tag).await.unwrap();
            let found = view.unwrap().found.unwrap();
            assert_eq!(found.release, Some(second).filter(|_| tag == "v2"), "{named} {tag}");
            assert_eq!(found.channel, Some(channel.clone()).filter(|_| named == "beta"), "{named} {tag}");
            assert_eq!(found.rules.len(), rules, "{named} {tag}");
        }
        let pattern = format!("x{rules}").parse().unwrap();
        scene.store.protected_tags.create(project.id, pattern, TagCreateLevel::NoOne).await.unwrap();
    }
}

pub async fn a_deleted_release_takes_its_channels_with_it(scene: Scene) {
    let project = project(&scene).await;
    release(&scene, &project, &[("v1", &[]), ("v2", &[])]).await;
    for (channel, tag) in [("a", "v1"), ("b", "v2"), ("latest", "v1")] {
        set(&scene, &project, channel, tag, 50).await;
    }
    let id = scene.store.releases.get(&key(&project, "v1")).await.unwrap().unwrap().found.unwrap().id;
    scene.store.releases.delete(project.id, id, false, Precondition::NONE, origin()).await.unwrap();
    for (channel, expected) in [("a", None), ("b", Some("v2")), ("latest", None)] {
        let found = get(&scene, &project, channel).await;
        assert_eq!(found.as_ref().map(|channel| channel.tag.as_str()), expected, "{channel}");
    }
    assert_eq!(meant(&scene, &project, "latest", 99).await.as_deref(), Some("v2"));
    let refused = scene.store.channels.set(project.id, name("a"), id, origin_at(51)).await;
    assert!(matches!(refused, Err(WriteError::Gone)), "{refused:?}");
}

pub async fn a_release_with_many_links_takes_its_channels_with_it_at_once(
    scene: Scene,
    database: Arc<dyn SqlDatabase>,
) {
    let project = project(&scene).await;
    release(&scene, &project, &[("v1", &[])]).await;
    set(&scene, &project, "beta", "v1", 50).await;
    let id = scene.store.releases.get(&key(&project, "v1")).await.unwrap().unwrap().found.unwrap().id;
    database.sql(&format!(
        "INSERT INTO links (project_id, release_id, name, url, link_type)
            WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1500)
            SELECT {}, {}, 'a' || n, 'https://example.com/' || n, 'other' FROM numbers",
        project.id.get(),
        id.get()
    ));
    scene.store.releases.delete(project.id, id, false, Precondition::NONE, origin()).await.unwrap();
    assert_eq!(get(&scene, &project, "beta").await, None);
    let view = scene.store.channels.list(&by_id(&project), reader(None), PageRequest::default()).await.unwrap();
    assert_eq!(view.unwrap().found.unwrap().rows, []);
}

pub async fn racing_writers_fill_a_project_with_channels_up_to_the_limit(scene: Scene) {
    let project = project(&scene).await;
    release(&scene, &project, &[("v1", &[]), ("v2", &[])]).await;
    for number in 0..Channel::MAX_PER_PROJECT - 2 {
        set(&scene, &project, &format!("a{number}"), "v1", 50).await;
    }
    let id = scene.store.releases.get(&key(&project, "v1")).await.unwrap().unwrap().found.unwrap().id;
    let project_id = project.id;
    let outcomes = scene.race(|store, number| async move {
        store.channels.set(project_id, name(&format!("b{number}")), id, origin_at(51)).await
    });
    let (made, refused): (Vec<_>, Vec<_>) = outcomes.await.into_iter().partition(Result::is_ok);
    assert_eq!(made.len(), 2);
    assert!(refused.iter().all(|refusal| matches!(refusal, Err(ChannelWriteError::Conflict(())))), "{refused:?}");
    // What is there may still point elsewhere.
    assert!(!set(&scene, &project, "a0", "v2", 52).await.1);
}

pub async fn a_selection_is_the_release_of_its_channel_if_that_is_out(scene: Scene) {
    let project = project(&scene).await;
    release(&scene, &project, &[("v1.0.0", &["/bin/a"]), ("v2.0.0", &["/bin/b"]), ("v3.0.0", &["/bin/a", "/bin/c"])])
        .await;
    assert_eq!(meant(&scene, &project, "latest", 99).await.as_deref(), Some("v3.0.0"));
    assert_eq!(meant(&scene, &project, "beta", 99).await, None);
    set(&scene, &project, "beta", "v2.0.0", 50).await;
    set(&scene, &project, "latest", "v2.0.0", 50).await;
    for (selector, second, expected) in [
        ("beta", 11, Some("v2.0.0")),
        ("beta", 10, None),
        ("latest", 11, Some("v2.0.0")),
        ("latest", 10, Some("v1.0.0")),
        ("latest", 9, None),
        ("1.x", 99, Some("v1.0.0")),
        ("stable", 99, None),
    ] {
        assert_eq!(meant(&scene, &project, selector, second).await.as_deref(), expected, "{selector} at {second}");
    }
    let having = Preferences { having: true, ..Preferences::default() };
    let by_date = Selection { channel: None, ranking: Some(Ranking::BY_DATE) };
    for (selection, second, path, expected) in [
        (Selection::of("beta", Preferences::default()), 99, "/bin/b", Some("v2.0.0")),
        (Selection::of("beta", Preferences::default()), 99, "/bin/a", None),
        (Selection::of("beta", having), 99, "/bin/a", None),
        (Selection::of("beta", Preferences::default()), 10, "/bin/b", None),
        (Selection::of("latest", Preferences::default()), 99, "/bin/b", Some("v2.0.0")),
        (Selection::of("latest", Preferences::default()), 99, "/bin/a", None),
        (Selection::of("latest", having), 99, "/bin/a", None),
        (Selection::of("latest", having), 99, "/bin/b", Some("v2.0.0")),
        (Selection::of("latest", Preferences::default()), 10, "/bin/a", Some("v1.0.0")),
        (Selection::of("latest", having), 10, "/bin/a", Some("v1.0.0")),
        (by_date, 99, "/bin/c", Some("v3.0.0")),
        (Selection::default(), 99, "/bin/a", None),
    ] {
        let found = link_in(&scene, &project, selection.clone(), second, path).await.map(|(_, tag)| tag);
        assert_eq!(found.as_deref(), expected, "{selection:?} {path} at {second}");
    }
}
