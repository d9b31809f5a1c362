//! The rules that protect tags.

use release_links_domain::access::TagCreateLevel::{self, Developers, Maintainers, NoOne};
use release_links_domain::access::{RuleObstacle, TagRule};
use release_links_domain::project::Project;
use release_links_ports::{PageRequest, WriteError};

use crate::scene::{Scene, by_id, reader};

async fn protect(scene: &Scene, project: &Project, pattern: &str, level: TagCreateLevel) -> TagRule {
    scene.store.protected_tags.create(project.id, pattern.parse().unwrap(), level).await.unwrap()
}

async fn get(scene: &Scene, project: &Project, pattern: &str) -> Option<TagRule> {
    scene.store.protected_tags.get(&by_id(project), reader(None), pattern).await.unwrap().unwrap().found
}

pub async fn a_rule_is_found_by_its_pattern_until_it_is_deleted(scene: Scene) {
    let project = scene.start().await.project;
    let rule = protect(&scene, &project, "v*/x", Developers).await;
    assert_eq!((rule.pattern.as_str(), rule.create_level), ("v*/x", Developers));
    assert_eq!(get(&scene, &project, "v*/x").await.as_ref(), Some(&rule));
    for pattern in ["V*/x", "v*", "", "v1/x"] {
        assert_eq!(get(&scene, &project, pattern).await, None, "{pattern}");
    }
    let for_write = scene.store.releases.load_for_write(&by_id(&project), reader(None), None).await.unwrap().unwrap();
    assert_eq!(for_write.found.unwrap().rules, std::slice::from_ref(&rule));
    assert!(scene.store.protected_tags.delete(project.id, rule.id).await.unwrap());
    assert!(!scene.store.protected_tags.delete(project.id, rule.id).await.unwrap());
    assert_eq!(get(&scene, &project, "v*/x").await, None);
}

pub async fn rules_are_listed_by_pattern_in_pages(scene: Scene) {
    let project = scene.start().await.project;
    for (pattern, level) in [("w*", NoOne), ("v1", Maintainers), ("V1", Developers)] {
        protect(&scene, &project, pattern, level).await;
    }
    let mut seen = Vec::new();
    for (page, has_next) in [(1, true), (2, false)] {
        let wanted = PageRequest { page, per_page: 2 };
        let found = scene
            .store
            .protected_tags
            .list(&by_id(&project), reader(None), wanted)
            .await
            .unwrap()
            .unwrap()
            .found
            .unwrap();
        assert_eq!((found.total, found.has_next), (Some(3), has_next), "page {page}");
        seen.extend(found.rows.into_iter().map(|rule| (rule.pattern.to_string(), rule.create_level)));
    }
    assert_eq!(seen, [("V1".into(), Developers), ("v1".into(), Maintainers), ("w*".into(), NoOne)]);
}

pub async fn a_rule_of_another_project_is_not_found_or_deleted(scene: Scene) {
    let start = scene.start().await;
    let namespace = scene.own_namespace(start.owner.id).await;
    let other = scene.project(namespace, "other", start.owner.id).await;
    let rule = protect(&scene, &start.project, "v*", NoOne).await;
    assert_eq!(get(&scene, &other, "v*").await, None);
    assert!(!scene.store.protected_tags.delete(other.id, rule.id).await.unwrap());
    let listed = scene.store.protected_tags.list(&by_id(&other), reader(None), PageRequest::default()).await.unwrap();
    assert_eq!(listed.unwrap().found.unwrap().rows, []);
    assert_eq!(get(&scene, &start.project, "v*").await, Some(rule));
}

pub async fn of_writers_that_race_for_one_pattern_exactly_one_succeeds(scene: Scene) {
    let project = scene.start().await.project.id;
    let outcomes = scene
        .race(|store, _| async move { store.protected_tags.create(project, "v*".parse().unwrap(), Maintainers).await });
    let (made, refused): (Vec<_>, Vec<_>) = outcomes.await.into_iter().partition(Result::is_ok);
    assert_eq!(made.len(), 1);
    assert!(
        refused.iter().all(|refusal| matches!(refusal, Err(WriteError::Conflict(RuleObstacle::Taken)))),
        "{refused:?}"
    );
}

pub async fn nothing_is_protected_in_a_deleted_project(scene: Scene) {
    let never = 1000.try_into().unwrap();
    let refused = scene.store.protected_tags.create(never, "v*".parse().unwrap(), Maintainers).await;
    assert!(matches!(refused, Err(WriteError::Gone)), "{refused:?}");
}
