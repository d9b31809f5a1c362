//! The paths that users, groups and projects share.

use release_links_domain::access::AccessLevel;
use release_links_domain::placement::PlacementObstacle;
use release_links_domain::project::{ProjectRef, ReleasesAccess, Visibility};
use release_links_ports::{NewGroup, UserTaken, WriteError};

use crate::scene::{Scene, by_id, new_group, new_project, new_user, reader};

pub async fn a_project_is_found_by_id_and_by_path_whatever_the_case(scene: Scene) {
    let user = scene.user("Ada").await.id;
    let namespace = scene.own_namespace(user).await;
    let project = scene.project(namespace, "Hello.World", user).await;
    assert_eq!(project.full_path.as_str(), "Ada/Hello.World");
    assert_eq!((project.creator, project.namespace.id), (Some(user), namespace));
    assert_eq!((project.rules.visibility, project.rules.archived), (Visibility::Private, false));
    assert_eq!(project.rules.releases, ReleasesAccess::Enabled);
    for path in ["Ada/Hello.World", "ada/hello.world", "ADA/HELLO.WORLD"] {
        let named = ProjectRef::Path(path.parse().unwrap());
        let view = scene.store.projects.get(&named, reader(None)).await.unwrap().unwrap();
        assert_eq!((&view.found.unwrap().project, view.project.moved), (&project, false), "{path}");
        assert_eq!((&view.project.full_path, view.project.rules), (&project.full_path, project.rules));
    }
    assert_eq!(
        scene.store.projects.get(&by_id(&project), reader(None)).await.unwrap().unwrap().found.unwrap().project,
        project
    );
    for path in ["ada/hello", "hello.world", "ada"] {
        let named = ProjectRef::Path(path.parse().unwrap());
        assert_eq!(scene.store.projects.get(&named, reader(Some(user))).await.unwrap(), None, "{path}");
    }
}

pub async fn a_group_knows_its_full_path_and_name(scene: Scene) {
    let top = scene.group("Zoo", None).await;
    let middle = scene.group("bb", Some(top.id)).await;
    let below = scene.group("a", Some(middle.id)).await;
    assert_eq!((below.full_path.as_str(), below.path.as_str()), ("Zoo/bb/a", "a"));
    assert_eq!((below.name.as_str(), below.full_name.as_str()), ("Group a", "Group Zoo / Group bb / Group a"));
    assert_eq!((below.parent, top.parent, below.visibility), (Some(middle.id), None, Visibility::Internal));
    assert_eq!(scene.store.groups.get(below.id, None).await.unwrap().unwrap().group, below);
}

pub async fn the_namespace_of_a_user_is_not_a_group(scene: Scene) {
    let user = scene.user("ada").await.id;
    let own = scene.own_namespace(user).await;
    assert_eq!(scene.store.groups.get(own, Some(user)).await.unwrap(), None);
    assert!(matches!(scene.store.groups.create(new_group("below", Some(own))).await, Err(WriteError::Gone)));
}

pub async fn users_groups_and_projects_share_their_paths(scene: Scene) {
    let user = scene.user("ada").await.id;
    let top = scene.group("Top", None).await.id;
    scene.group("sub", Some(top)).await;
    scene.project(top, "hello", user).await;

    let refused = scene.store.users.create(new_user("TOP")).await;
    assert!(matches!(refused, Err(WriteError::Conflict(UserTaken::Username))), "{refused:?}");
    for (path, parent) in [("ADA", None), ("top", None), ("Sub", Some(top)), ("Hello", Some(top))] {
        let refused = scene.store.groups.create(new_group(path, parent)).await;
        assert!(matches!(refused, Err(WriteError::Conflict(PlacementObstacle::PathTaken))), "{path}: {refused:?}");
    }
    for path in ["SUB", "HELLO"] {
        let refused = scene.store.projects.create(new_project(top, path, user)).await;
        assert!(matches!(refused, Err(WriteError::Conflict(PlacementObstacle::PathTaken))), "{path}: {refused:?}");
    }
    let elsewhere = scene.own_namespace(user).await;
    assert_eq!(scene.project(elsewhere, "hello", user).await.full_path.as_str(), "ada/hello");
}

pub async fn the_creator_of_a_group_becomes_its_owner(scene: Scene) {
    let user = scene.user("ada").await.id;
    let group = scene.store.groups.create(NewGroup { owner: Some(user), ..new_group("top", None) }).await.unwrap();
    let view = scene.store.groups.get(group.id, Some(user)).await.unwrap().unwrap();
    assert_eq!(view.level, Some(AccessLevel::Owner));
    let below = scene.group("below", Some(group.id)).await;
    assert_eq!(below.full_path.as_str(), "top/below");
}

pub async fn nothing_is_created_in_a_deleted_namespace(scene: Scene) {
    let user = scene.user("ada").await.id;
    let never = 1000.try_into().unwrap();
    assert!(matches!(scene.store.groups.create(new_group("a", Some(never))).await, Err(WriteError::Gone)));
    assert!(matches!(scene.store.projects.create(new_project(never, "a", user)).await, Err(WriteError::Gone)));
    assert_eq!(scene.store.groups.get(never, None).await.unwrap(), None);
}
