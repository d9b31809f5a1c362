//! Access levels: which level a user has in a project, group or namespace, and why.

use release_links_domain::UserId;
use release_links_domain::access::AccessLevel::{self, Developer, Guest, Maintainer, Owner, Reporter};
use release_links_domain::namespace::NamespaceKind;
use release_links_domain::project::{Project, Visibility};
use release_links_ports::{NamespaceView, NewMember, WriteError};

use crate::scene::{Scene, at, by_id, key, reader};

/// Returns the level that every port reports, and asserts that they agree.
async fn level(scene: &Scene, project: &Project, viewer: Option<UserId>) -> Option<AccessLevel> {
    let project_view = scene.store.projects.get(&by_id(project), reader(viewer)).await.unwrap().unwrap();
    let key = release_links_ports::ReleaseKey { reader: reader(viewer), ..key(project, "v1.0") };
    let release_view = scene.store.releases.get(&key).await.unwrap().unwrap();
    assert_eq!(project_view.level, release_view.level);
    project_view.level
}

pub async fn the_highest_level_over_the_project_and_the_groups_above_counts(scene: Scene) {
    let maker = scene.user("maker").await.id;
    let top = scene.group("top", None).await.id;
    let middle = scene.group("middle", Some(top)).await.id;
    let sibling = scene.group("sibling", Some(top)).await.id;
    let project = scene.project(middle, "hello", maker).await;

    for (name, in_top, in_middle, direct, expected) in [
        ("nobody", None, None, None, None),
        ("direct", None, None, Some(Guest), Some(Guest)),
        ("inherited", Some(Reporter), None, None, Some(Reporter)),
        ("nested", None, Some(Owner), None, Some(Owner)),
        ("top-counts", Some(Maintainer), Some(Guest), Some(Developer), Some(Maintainer)),
        ("middle-counts", Some(Guest), Some(Owner), Some(Developer), Some(Owner)),
        ("direct-counts", Some(Guest), Some(Reporter), Some(Developer), Some(Developer)),
    ] {
        let user = scene.user(name).await.id;
        for (group, level) in [(top, in_top), (middle, in_middle), (sibling, Some(Owner))] {
            if let Some(level) = level {
                scene.group_member(group, user, level).await;
            }
        }
        if let Some(level) = direct {
            scene.project_member(project.id, user, level).await;
        }
        assert_eq!(level(&scene, &project, Some(user)).await, expected, "{name}");
    }
    assert_eq!(level(&scene, &project, None).await, None);
    assert_eq!(level(&scene, &project, Some(maker)).await, None);
}

pub async fn who_owns_the_namespace_owns_the_project(scene: Scene) {
    let start = scene.start().await;
    let other = scene.user("other").await.id;
    assert_eq!(level(&scene, &start.project, Some(start.owner.id)).await, Some(Owner));
    assert_eq!(level(&scene, &start.project, Some(other)).await, None);
    scene.project_member(start.project.id, other, Developer).await;
    scene.project_member(start.project.id, start.owner.id, Guest).await;
    assert_eq!(level(&scene, &start.project, Some(other)).await, Some(Developer));
    assert_eq!(level(&scene, &start.project, Some(start.owner.id)).await, Some(Owner));
}

pub async fn a_group_shows_the_level_inherited_from_those_above(scene: Scene) {
    let user = scene.user("ada").await.id;
    let top = scene.group("top", None).await.id;
    let below = scene.group("below", Some(top)).await.id;
    scene.group_member(below, user, Developer).await;
    let levels = async |viewer| {
        let mut levels = Vec::new();
        for group in [top, below] {
            levels.push(scene.store.groups.get(group, viewer).await.unwrap().unwrap().level);
        }
        levels
    };
    assert_eq!(levels(Some(user)).await, [None, Some(Developer)]);
    scene.group_member(top, user, Maintainer).await;
    assert_eq!(levels(Some(user)).await, [Some(Maintainer), Some(Maintainer)]);
    assert_eq!(levels(None).await, [None, None]);
}

pub async fn a_namespace_shows_the_level_of_the_viewer(scene: Scene) {
    let (ada, bob) = (scene.user("ada").await, scene.user("bob").await);
    let top = scene.group("top", None).await.id;
    let below = scene.group("below", Some(top)).await.id;
    scene.group_member(top, ada.id, Maintainer).await;

    let NamespaceView { namespace: own, level, visibility } =
        scene.store.projects.namespace(None, ada.id).await.unwrap().unwrap();
    assert_eq!((own.kind, own.path.as_str(), own.parent), (NamespaceKind::User, "ada", None));
    assert_eq!((level, visibility), (Some(Owner), Visibility::Public));
    let seen = async |namespace, viewer| {
        let found = scene.store.projects.namespace(Some(namespace), viewer).await.unwrap();
        found.map(|found| (found.namespace.kind, found.namespace.parent, found.level))
    };
    assert_eq!(seen(own.id, ada.id).await, Some((NamespaceKind::User, None, Some(Owner))));
    assert_eq!(seen(own.id, bob.id).await, Some((NamespaceKind::User, None, None)));
    assert_eq!(seen(below, ada.id).await, Some((NamespaceKind::Group, Some(top), Some(Maintainer))));
    assert_eq!(seen(below, bob.id).await, Some((NamespaceKind::Group, Some(top), None)));
    assert_eq!(seen((below.get() + 1000).try_into().unwrap(), ada.id).await, None);
}

pub async fn direct_and_inherited_levels_are_distinguished(scene: Scene) {
    let start = scene.start().await;
    let user = scene.user("bob").await.id;
    let group = scene.group("top", None).await.id;
    let project = scene.project(group, "hello", user).await;
    let told = async |project: &Project, viewer| {
        let details = scene.store.projects.get(&by_id(project), reader(viewer)).await.unwrap().unwrap().found.unwrap();
        (details.project_access, details.group_access)
    };
    assert_eq!(told(&project, Some(user)).await, (None, None));
    scene.group_member(group, user, Reporter).await;
    assert_eq!(told(&project, Some(user)).await, (None, Some(Reporter)));
    scene.project_member(project.id, user, Developer).await;
    assert_eq!(told(&project, Some(user)).await, (Some(Developer), Some(Reporter)));
    assert_eq!(told(&start.project, Some(start.owner.id)).await, (Some(Owner), None));
    assert_eq!(told(&start.project, Some(user)).await, (None, None));
    assert_eq!(told(&start.project, None).await, (None, None));
}

pub async fn nobody_becomes_a_member_twice(scene: Scene) {
    let start = scene.start().await;
    let user = scene.user("bob").await;
    let group = scene.group("top", None).await.id;
    let (project, members) = (start.project.id, &scene.store.members);
    let in_project = |level| NewMember { source: project, user: user.id, level, created_at: at(7) };
    let in_group = |level| NewMember { source: group, user: user.id, level, created_at: at(7) };
    let added = members.add_to_project(in_project(Guest)).await.unwrap();
    assert_eq!((&added.user, added.level), (&user, Guest));
    let added = members.add_to_group(in_group(Reporter)).await.unwrap();
    assert_eq!((&added.user, added.level), (&user, Reporter));
    assert!(matches!(members.add_to_project(in_project(Owner)).await, Err(WriteError::Conflict(()))));
    assert!(matches!(members.add_to_group(in_group(Owner)).await, Err(WriteError::Conflict(()))));
    assert_eq!(level(&scene, &start.project, Some(user.id)).await, Some(Guest));
}

pub async fn a_membership_needs_an_existing_user_and_source(scene: Scene) {
    let start = scene.start().await;
    let user = start.owner.id;
    let group = scene.group("top", None).await.id;
    let own = scene.own_namespace(user).await;
    let members = &scene.store.members;
    let never = 1000;
    for (place, user) in [(start.project.id, never.try_into().unwrap()), (never.try_into().unwrap(), user)] {
        let member = NewMember { source: place, user, level: Guest, created_at: at(7) };
        assert!(matches!(members.add_to_project(member).await, Err(WriteError::Gone)));
    }
    for (place, user) in [(group, never.try_into().unwrap()), (never.try_into().unwrap(), user), (own, user)] {
        let member = NewMember { source: place, user, level: Guest, created_at: at(7) };
        assert!(matches!(members.add_to_group(member).await, Err(WriteError::Gone)));
    }
}
