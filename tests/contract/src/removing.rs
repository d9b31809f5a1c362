//! Removing groups and projects: all of it, and nothing else.

use release_links_domain::access::AccessLevel;
use release_links_domain::namespace::GroupRef;
use release_links_domain::project::ProjectRef;
use release_links_ports::ProjectChanges;

use crate::scene::{Scene, by_id, key, new_project, plain, reader};

pub async fn a_removed_project_takes_what_belongs_to_it_and_nothing_else(scene: Scene) {
    let start = scene.start().await;
    let other = scene.project(start.project.namespace.id, "other", start.owner.id).await;
    let release = scene.release(other.id, "v1.0", vec![plain("a")]).await;
    scene.release(start.project.id, "v2.0", vec![plain("a"), plain("b")]).await;
    let bob = scene.user("bob").await.id;
    scene.project_member(start.project.id, bob, AccessLevel::Developer).await;
    let changes = ProjectChanges { path: Some("second".parse().unwrap()), ..ProjectChanges::default() };
    scene.store.projects.update(start.project.id, changes, start.owner.id).await.unwrap();

    assert!(scene.store.projects.delete(start.project.id).await.unwrap());
    assert!(!scene.store.projects.delete(start.project.id).await.unwrap());
    for path in ["ada/hello", "ada/second"] {
        let named = ProjectRef::Path(path.parse().unwrap());
        assert_eq!(scene.store.projects.get(&named, reader(Some(start.owner.id))).await.unwrap(), None, "{path}");
    }
    assert_eq!(scene.store.releases.get(&key(&start.project, "v2.0")).await.unwrap(), None);
    let kept = scene.store.releases.get(&key(&other, "v1.0")).await.unwrap().unwrap().found.unwrap();
    assert_eq!(kept, Some(release));
    assert!(scene.store.users.get(bob).await.unwrap().is_some());
    let again = scene.store.projects.create(new_project(start.project.namespace.id, "hello", start.owner.id)).await;
    let again = again.unwrap();
    assert!(again.id > other.id);
    assert_eq!(scene.store.releases.get(&key(&again, "v1.0")).await.unwrap().unwrap().found.unwrap(), None);
    assert_eq!(scene.store.projects.get(&by_id(&again), reader(Some(bob))).await.unwrap().unwrap().level, None);
}

pub async fn a_removed_group_takes_everything_below_and_nothing_else(scene: Scene) {
    let user = scene.user("ada").await.id;
    let top = scene.group("top", None).await.id;
    let middle = scene.group("middle", Some(top)).await.id;
    let low = scene.group("low", Some(middle)).await.id;
    scene.group_member(middle, user, AccessLevel::Owner).await;
    let above = scene.project(top, "p", user).await;
    let mut below = Vec::new();
    for group in [middle, low] {
        let project = scene.project(group, "p", user).await;
        scene.release(project.id, "v1.0", vec![plain("a")]).await;
        below.push(project);
    }
    assert!(scene.store.groups.delete(middle).await.unwrap());
    assert!(!scene.store.groups.delete(middle).await.unwrap());
    for group in [middle, low] {
        assert_eq!(scene.store.groups.get(group, Some(user)).await.unwrap(), None);
    }
    for project in &below {
        assert_eq!(scene.store.projects.get(&by_id(project), reader(Some(user))).await.unwrap(), None);
        assert_eq!(scene.store.releases.get(&key(project, "v1.0")).await.unwrap(), None);
    }
    assert!(scene.store.projects.get(&by_id(&above), reader(None)).await.unwrap().is_some());
    let named = GroupRef::Path("top/middle".parse().unwrap());
    assert_eq!(scene.store.groups.find(&named, None).await.unwrap(), None);
    assert_eq!(scene.group("middle", Some(top)).await.full_path.as_str(), "top/middle");
}

pub async fn the_namespace_of_a_user_is_not_removed_as_a_group(scene: Scene) {
    let start = scene.start().await;
    assert!(!scene.store.groups.delete(start.project.namespace.id).await.unwrap());
    assert!(scene.store.projects.get(&by_id(&start.project), reader(None)).await.unwrap().is_some());
    let named = GroupRef::Path("ada".parse().unwrap());
    assert_eq!(scene.store.groups.find(&named, Some(start.owner.id)).await.unwrap(), None);
}
