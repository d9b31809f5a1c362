//! Deleting groups and projects: everything that belongs to them, and nothing else.

use release_links_domain::access::AccessLevel;
use release_links_domain::link::{LinkFields, OnConflict};
use release_links_domain::namespace::GroupRef;
use release_links_domain::project::ProjectRef;
use release_links_ports::{
    MemberFilter, MemberSourceRef, MemberSourceView, NewRelease, PageRequest, ProjectChanges, Reach, SearchedFields,
    UserFilter, UserWriteError, WriteError,
};

use crate::scene::{Scene, by_id, key, new_project, new_release, new_token, origin, plain, reader};
use crate::tokens::{find, job_token, made_for_project};

pub async fn deleting_a_project_deletes_what_belongs_to_it_and_nothing_else(scene: Scene) {
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
    assert_eq!(kept, release);
    assert!(scene.store.users.get(bob).await.unwrap().is_some());
    let again = scene.store.projects.create(new_project(start.project.namespace.id, "hello", start.owner.id)).await;
    let again = again.unwrap();
    assert!(again.id > other.id);
    assert_eq!(scene.store.releases.get(&key(&again, "v1.0")).await.unwrap().unwrap().found, None);
    assert_eq!(scene.store.projects.get(&by_id(&again), reader(Some(bob))).await.unwrap().unwrap().level, None);
}

pub async fn deleting_a_group_deletes_everything_below_and_nothing_else(scene: Scene) {
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

pub async fn the_namespace_of_a_user_is_not_deleted_as_a_group(scene: Scene) {
    let start = scene.start().await;
    assert!(!scene.store.groups.delete(start.project.namespace.id).await.unwrap());
    assert!(scene.store.projects.get(&by_id(&start.project), reader(None)).await.unwrap().is_some());
    let named = GroupRef::Path("ada".parse().unwrap());
    assert_eq!(scene.store.groups.find(&named, Some(start.owner.id)).await.unwrap(), None);
}

/// More links than the deletion itself deletes.
fn many_links() -> Vec<LinkFields> {
    (0..900).map(|number| plain(&format!("link{number}"))).collect()
}

pub async fn a_large_project_disappears_at_once_with_everything_in_it(scene: Scene) {
    let start = scene.start().await;
    let (owner, project) = (start.owner.id, &start.project);
    let other = scene.project(project.namespace.id, "other", owner).await;
    for tag in ["v2", "v3", "v4"] {
        scene.release(project.id, tag, many_links()).await;
    }
    let mut bots = Vec::new();
    for number in 10..70 {
        bots.push(made_for_project(&scene, project.id, number).await);
    }
    let bot = bots[0].user;
    scene.project_member(other.id, bot, AccessLevel::Developer).await;
    let release = NewRelease { author: Some(bot), ..new_release(other.id, "v1") };
    scene.made(release).await;
    scene.store.tokens.create_for_job(job_token(project.id, owner, 9)).await.unwrap();

    assert!(scene.store.projects.delete(project.id).await.unwrap());
    assert!(!scene.store.projects.delete(project.id).await.unwrap());
    let store = &scene.store;
    assert_eq!(store.projects.get(&by_id(project), reader(Some(owner))).await.unwrap(), None);
    assert_eq!(store.releases.get(&key(project, "v4")).await.unwrap(), None);
    let made =
        store.links.create(project.id, start.release.id, plain("a").into(), Some(OnConflict::Fail), origin()).await;
    assert!(matches!(made, Err(WriteError::Gone)), "{made:?}");
    for number in [9, 10, 69] {
        assert_eq!(find(&scene, number).await, None);
    }
    for token in [&bots[0], &bots[59]] {
        assert_eq!(store.tokens.get(token.id).await.unwrap(), None);
        assert_eq!(store.users.get(token.user).await.unwrap(), None);
    }
    let users = store.users.list(&UserFilter::default(), SearchedFields::Names, PageRequest::default()).await.unwrap();
    assert_eq!(users.rows.iter().map(|user| user.id).collect::<Vec<_>>(), [owner]);
    let members = MemberSourceRef::Project(by_id(&other));
    let members = store
        .members
        .list(&members, reader(None), Reach::Direct, MemberFilter::default(), PageRequest::default())
        .await
        .unwrap()
        .unwrap();
    assert!(matches!(members, MemberSourceView::Project(view) if view.found.as_ref().unwrap().rows.is_empty()));
    let authored = store.releases.get(&key(&other, "v1")).await.unwrap().unwrap().found.unwrap();
    assert_eq!(authored.author, None);
    let again = scene.project(project.namespace.id, "hello", owner).await;
    assert!(again.id > other.id);
}

pub async fn a_user_with_large_projects_disappears_at_once(scene: Scene) {
    let start = scene.start().await;
    let owner = start.owner.id;
    for tag in ["v2", "v3"] {
        scene.release(start.project.id, tag, many_links()).await;
    }
    let group = scene.group("top", None).await.id;
    let bob = scene.user("bob").await.id;
    for user in [owner, bob] {
        scene.group_member(group, user, AccessLevel::Owner).await;
    }
    scene.store.tokens.create_personal(owner, new_token(7)).await.unwrap();
    scene.store.users.delete(owner).await.unwrap();
    assert!(matches!(scene.store.users.delete(owner).await, Err(UserWriteError::Gone)));
    assert_eq!(scene.store.projects.get(&by_id(&start.project), reader(None)).await.unwrap(), None);
    assert_eq!(find(&scene, 7).await, None);
    assert!(matches!(scene.store.users.delete(bob).await, Err(UserWriteError::LastOwner)));
    let ada = scene.user("ada").await;
    assert!(ada.id > bob);
    let own = scene.own_namespace(ada.id).await;
    assert_eq!(scene.project(own, "hello", ada.id).await.full_path.as_str(), "ada/hello");
}
