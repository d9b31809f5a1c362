//! Changes to groups and projects, and what happens to their old paths.

use release_links_domain::access::AccessLevel;
use release_links_domain::namespace::{Group, GroupRef};
use release_links_domain::placement::PlacementObstacle;
use release_links_domain::project::{Project, ProjectRef, ReleasesAccess, Visibility};
use release_links_domain::{GroupId, NamespaceId, ProjectId};
use release_links_ports::{GroupChanges, NamespaceView, NewGroup, ProjectChanges, WriteError};

use crate::scene::{Scene, by_id, fields, key, new_group, reader};

pub async fn rename_group(scene: &Scene, group: GroupId, path: &str) -> Result<Group, WriteError<PlacementObstacle>> {
    let changes = GroupChanges { path: Some(path.parse().unwrap()), ..GroupChanges::default() };
    scene.store.groups.update(group, changes).await
}

pub async fn move_project(
    scene: &Scene,
    project: &Project,
    namespace: Option<NamespaceId>,
    path: Option<&str>,
) -> Result<Project, WriteError<PlacementObstacle>> {
    let path = path.map(|path| path.parse().unwrap());
    let changes = ProjectChanges { namespace, path, ..ProjectChanges::default() };
    let viewer = project.creator.unwrap();
    Ok(scene.store.projects.update(project.id, changes, viewer).await?.project)
}

/// Returns the project that a path leads to, and whether it has moved.
pub async fn at(scene: &Scene, path: &str) -> Option<(ProjectId, bool)> {
    let named = ProjectRef::Path(path.parse().unwrap());
    let view = scene.store.projects.get(&named, reader(None)).await.unwrap()?;
    assert_eq!(view.project.full_path, view.found.unwrap().project.full_path);
    Some((view.project.id, view.project.moved))
}

pub async fn updating_a_project_changes_what_is_given_and_keeps_the_rest(scene: Scene) {
    let start = scene.start().await;
    let change =
        async |changes| scene.store.projects.update(start.project.id, changes, start.owner.id).await.unwrap().project;
    assert_eq!(change(ProjectChanges::default()).await, start.project);
    let full_name = "The user ada / Another".to_owned();
    let mut expected = Project { name: "Another".parse().unwrap(), full_name, ..start.project.clone() };
    let changes = ProjectChanges { name: Some("Another".parse().unwrap()), ..ProjectChanges::default() };
    assert_eq!(change(changes).await, expected);
    expected.rules.visibility = Visibility::Public;
    expected.rules.releases = ReleasesAccess::Disabled;
    expected.rules.archived = true;
    let changes = ProjectChanges {
        visibility: Some(Visibility::Public),
        releases: Some(ReleasesAccess::Disabled),
        archived: Some(true),
        ..ProjectChanges::default()
    };
    assert_eq!(change(changes).await, expected);
    assert_eq!(
        scene.store.projects.get(&by_id(&expected), reader(None)).await.unwrap().unwrap().found.unwrap().project,
        expected
    );
    let never = 1000.try_into().unwrap();
    let refused = scene.store.projects.update(never, ProjectChanges::default(), start.owner.id).await;
    assert!(matches!(refused, Err(WriteError::Gone)));
}

pub async fn updating_a_group_changes_what_is_given_and_keeps_the_rest(scene: Scene) {
    let top = scene.group("top", None).await;
    let below = scene.group("below", Some(top.id)).await;
    let changes = GroupChanges { name: Some("Over".parse().unwrap()), ..GroupChanges::default() };
    let after = scene.store.groups.update(top.id, changes).await.unwrap();
    assert_eq!(after, Group { name: "Over".parse().unwrap(), full_name: "Over".to_owned(), ..top });
    let changes = GroupChanges { visibility: Some(Visibility::Private), ..GroupChanges::default() };
    let after = scene.store.groups.update(below.id, changes).await.unwrap();
    assert_eq!((after.visibility, after.full_name.as_str()), (Visibility::Private, "Over / Group below"));
    assert_eq!(after.full_path, below.full_path);
    let own = scene.own_namespace(scene.user("ada").await.id).await;
    for nothing in [own, 1000.try_into().unwrap()] {
        let refused = scene.store.groups.update(nothing, GroupChanges::default()).await;
        assert!(matches!(refused, Err(WriteError::Gone)));
    }
}

pub async fn a_project_is_found_by_each_of_its_old_paths(scene: Scene) {
    let start = scene.start().await;
    let project = &start.project;
    let group = scene.group("top", None).await.id;
    let below = scene.group("below", Some(group)).await.id;
    move_project(&scene, project, None, Some("second")).await.unwrap();
    move_project(&scene, project, Some(below), None).await.unwrap();
    let moved = move_project(&scene, project, Some(group), Some("Third")).await.unwrap();
    assert_eq!((moved.full_path.as_str(), moved.namespace.id), ("top/Third", group));
    for (path, has_moved) in
        [("ada/hello", true), ("ADA/Second", true), ("top/below/second", true), ("top/third", false)]
    {
        assert_eq!(at(&scene, path).await, Some((project.id, has_moved)), "{path}");
    }
    for path in ["top/second", "ada/third", "top/below/third"] {
        assert_eq!(at(&scene, path).await, None, "{path}");
    }
}

pub async fn renaming_a_group_renames_everything_below(scene: Scene) {
    let user = scene.user("ada").await.id;
    let top = scene.group("top", None).await;
    let middle = scene.group("middle", Some(top.id)).await;
    let low = scene.group("top", Some(middle.id)).await;
    let likely = scene.group("top2", None).await;
    let mut projects = Vec::new();
    for group in [&top, &middle, &low, &likely] {
        projects.push(scene.project(group.id, "p", user).await);
    }
    let renamed = rename_group(&scene, top.id, "A-longer.one").await.unwrap();
    assert_eq!((renamed.full_path.as_str(), renamed.path.as_str()), ("A-longer.one", "A-longer.one"));
    let path_of = async |group| scene.store.groups.get(group, None).await.unwrap().unwrap().group.full_path;
    assert_eq!(path_of(low.id).await.as_str(), "A-longer.one/middle/top");
    assert_eq!(path_of(likely.id).await.as_str(), "top2");
    let ids: Vec<_> = projects.iter().map(|project| project.id).collect();
    for (new, old, id) in [
        ("A-longer.one/p", "top/p", ids[0]),
        ("A-longer.one/middle/p", "top/middle/p", ids[1]),
        ("A-longer.one/middle/top/p", "top/middle/top/p", ids[2]),
    ] {
        assert_eq!((at(&scene, new).await, at(&scene, old).await), (Some((id, false)), Some((id, true))), "{new}");
    }
    assert_eq!(at(&scene, "top2/p").await, Some((ids[3], false)));
    rename_group(&scene, middle.id, "m").await.unwrap();
    for path in ["top/middle/top/p", "A-longer.one/middle/top/p"] {
        assert_eq!(at(&scene, path).await, Some((ids[2], true)), "{path}");
    }
    assert_eq!(at(&scene, "A-longer.one/m/top/p").await, Some((ids[2], false)));
    assert_eq!(at(&scene, "top/m/top/p").await, None);
    let named = GroupRef::Path("a-longer.ONE/m".parse().unwrap());
    assert_eq!(scene.store.groups.find(&named, None).await.unwrap().unwrap().group.id, middle.id);
    let named = GroupRef::Path("top".parse().unwrap());
    assert_eq!(scene.store.groups.find(&named, None).await.unwrap(), None);
}

pub async fn moving_back_to_an_old_path_works(scene: Scene) {
    let start = scene.start().await;
    let group = scene.group("top", None).await;
    move_project(&scene, &start.project, Some(group.id), None).await.unwrap();
    rename_group(&scene, group.id, "other").await.unwrap();
    rename_group(&scene, group.id, "top").await.unwrap();
    assert_eq!(at(&scene, "top/hello").await, Some((start.project.id, false)));
    assert_eq!(at(&scene, "other/hello").await, Some((start.project.id, true)));
    let home = scene.own_namespace(start.owner.id).await;
    move_project(&scene, &start.project, Some(home), None).await.unwrap();
    assert_eq!(at(&scene, "ada/hello").await, Some((start.project.id, false)));
    assert_eq!(at(&scene, "top/hello").await, Some((start.project.id, true)));
}

pub async fn an_old_path_that_is_used_again_is_lost_for_good(scene: Scene) {
    let start = scene.start().await;
    let (id, home) = (start.project.id, start.project.namespace.id);
    let group = scene.group("top", None).await.id;
    move_project(&scene, &start.project, None, Some("second")).await.unwrap();
    move_project(&scene, &start.project, Some(group), None).await.unwrap();
    move_project(&scene, &start.project, None, Some("third")).await.unwrap();
    let taker = scene.project(home, "HELLO", start.owner.id).await;
    assert_eq!(at(&scene, "ada/hello").await, Some((taker.id, false)));
    let taker = move_project(&scene, &taker, None, Some("second")).await.unwrap();
    assert_eq!(at(&scene, "ada/hello").await, Some((taker.id, true)));
    assert_eq!(at(&scene, "ada/second").await, Some((taker.id, false)));
    assert!(scene.store.projects.delete(taker.id).await.unwrap());
    assert_eq!((at(&scene, "ada/hello").await, at(&scene, "ada/second").await), (None, None));
    assert_eq!(at(&scene, "top/second").await, Some((id, true)));
    let below = scene.group("second", Some(group)).await.id;
    assert!(scene.store.groups.delete(below).await.unwrap());
    assert_eq!(at(&scene, "top/second").await, None);
    assert_eq!(at(&scene, "top/third").await, Some((id, false)));
}

pub async fn an_old_path_is_lost_to_a_project_of_a_renamed_group(scene: Scene) {
    let start = scene.start().await;
    let user = start.owner.id;
    let old = scene.group("old", None).await.id;
    move_project(&scene, &start.project, Some(old), None).await.unwrap();
    move_project(&scene, &start.project, None, Some("sub")).await.unwrap();
    rename_group(&scene, old, "away").await.unwrap();
    let new = scene.group("new", None).await.id;
    let bringer = scene.project(new, "hello", user).await.id;
    scene.group("sub", Some(new)).await;
    assert_eq!(at(&scene, "old/hello").await, Some((start.project.id, true)));
    rename_group(&scene, new, "old").await.unwrap();
    assert_eq!(at(&scene, "old/hello").await, Some((bringer, false)));
    assert_eq!(at(&scene, "old/sub").await, None);
    rename_group(&scene, new, "elsewhere").await.unwrap();
    assert_eq!(at(&scene, "old/hello").await, Some((bringer, true)));
    assert_eq!(at(&scene, "away/sub").await, Some((start.project.id, false)));
}

pub async fn a_path_that_is_in_use_leaves_everything_unchanged(scene: Scene) {
    let start = scene.start().await;
    let home = start.project.namespace.id;
    let top = scene.group("top", None).await;
    scene.group("Hello", Some(top.id)).await;
    let other = scene.project(home, "other", start.owner.id).await;
    let elsewhere = scene.project(top.id, "other", start.owner.id).await;
    for (project, namespace, path) in
        [(&other, None, Some("HELLO")), (&start.project, Some(top.id), None), (&other, Some(top.id), None)]
    {
        let refused = move_project(&scene, project, namespace, path).await;
        assert!(matches!(refused, Err(WriteError::Conflict(PlacementObstacle::PathTaken))), "{path:?}: {refused:?}");
        let found = scene.store.projects.get(&by_id(project), reader(None)).await.unwrap().unwrap();
        assert_eq!((&found.found.unwrap().project, found.project.moved), (project, false));
    }
    scene.group("top2", None).await;
    for path in ["ADA", "TOP2"] {
        let refused = rename_group(&scene, top.id, path).await;
        assert!(matches!(refused, Err(WriteError::Conflict(PlacementObstacle::PathTaken))), "{path}");
    }
    assert_eq!(at(&scene, "top/other").await, Some((elsewhere.id, false)));
    let gone = move_project(&scene, &other, Some(1000.try_into().unwrap()), None).await;
    assert!(matches!(gone, Err(WriteError::Gone)));
}

pub async fn a_path_may_change_only_in_case(scene: Scene) {
    let user = scene.user("ada").await.id;
    let group = scene.group("top", None).await;
    let project = scene.project(group.id, "hello", user).await;
    let renamed = move_project(&scene, &project, None, Some("Hello")).await.unwrap();
    assert_eq!((renamed.full_path.as_str(), renamed.path.as_str()), ("top/Hello", "Hello"));
    assert_eq!(rename_group(&scene, group.id, "Top").await.unwrap().full_path.as_str(), "Top");
    for path in ["top/hello", "Top/Hello"] {
        assert_eq!(at(&scene, path).await, Some((project.id, false)), "{path}");
    }
}

pub async fn a_moved_project_keeps_what_it_holds_and_gets_the_levels_of_its_new_place(scene: Scene) {
    let start = scene.start().await;
    let link = scene.link(start.project.id, start.release.id, fields("a", "a", Some("/bin/a"))).await;
    let (group, bob) = (scene.group("top", None).await.id, scene.user("bob").await.id);
    scene.group_member(group, bob, AccessLevel::Maintainer).await;
    let moved = move_project(&scene, &start.project, Some(group), None).await.unwrap();
    assert_eq!(scene.found_link(&key(&moved, "v1.0"), link.id).await, Some(link));
    let level =
        async |viewer| scene.store.projects.get(&by_id(&moved), reader(Some(viewer))).await.unwrap().unwrap().level;
    assert_eq!((level(bob).await, level(start.owner.id).await), (Some(AccessLevel::Maintainer), None));
}

pub async fn a_transfer_loads_the_project_and_its_new_namespace(scene: Scene) {
    let start = scene.start().await;
    let (ada, bob) = (start.owner.id, scene.user("bob").await.id);
    let group = scene.group("top", None).await;
    scene.group_member(group.id, bob, AccessLevel::Developer).await;
    let projects = &scene.store.projects;
    let by_path = Some(GroupRef::Path("TOP".parse().unwrap()));
    let named = by_id(&start.project);
    let view = projects.load_for_transfer(&named, by_path.clone(), reader(Some(bob))).await.unwrap().unwrap();
    let transfer = view.found.unwrap();
    assert_eq!(transfer.from, start.project.namespace.id);
    let NamespaceView { namespace: target, level, visibility } = transfer.target.unwrap();
    assert_eq!((view.level, target.id, level), (None, group.id, Some(AccessLevel::Developer)));
    assert_eq!(visibility, Visibility::Internal);
    let view =
        projects.load_for_transfer(&named, Some(GroupRef::Id(group.id)), reader(Some(ada))).await.unwrap().unwrap();
    assert_eq!((view.level, view.found.unwrap().target.unwrap().level), (Some(AccessLevel::Owner), None));
    let never = GroupRef::Id(1000.try_into().unwrap());
    for nothing in [None, Some(never), Some(GroupRef::Path("top/sub".parse().unwrap()))] {
        assert_eq!(
            projects
                .load_for_transfer(&named, nothing, reader(Some(ada)))
                .await
                .unwrap()
                .unwrap()
                .found
                .unwrap()
                .target,
            None
        );
    }
    let never = ProjectRef::Id(1000.try_into().unwrap());
    assert_eq!(projects.load_for_transfer(&never, by_path, reader(Some(ada))).await.unwrap(), None);
}

pub async fn a_group_moves_under_another_with_everything_below_it(scene: Scene) {
    let user = scene.user("ada").await.id;
    let top = scene.group("top", None).await;
    let group = scene.group("group", Some(top.id)).await;
    let low = scene.group("low", Some(group.id)).await;
    let target = scene.group("target", None).await;
    let project = scene.project(low.id, "p", user).await;
    scene.group_member(top.id, user, AccessLevel::Developer).await;
    let transfer = async |group: GroupId, parent: Option<GroupId>| {
        let changes = GroupChanges { parent: Some(parent), ..GroupChanges::default() };
        scene.store.groups.update(group, changes).await
    };
    let level = async || scene.store.groups.get(low.id, Some(user)).await.unwrap().unwrap().level;
    assert_eq!(level().await, Some(AccessLevel::Developer));
    for below in [group.id, low.id] {
        let refused = transfer(group.id, Some(below)).await;
        assert!(matches!(refused, Err(WriteError::Conflict(PlacementObstacle::InsideItself))), "{refused:?}");
    }
    let moved = transfer(group.id, Some(target.id)).await.unwrap();
    assert_eq!((moved.full_path.as_str(), moved.parent), ("target/group", Some(target.id)));
    assert_eq!((level().await, moved.full_name.as_str()), (None, "Group target / Group group"));
    scene.group_member(target.id, user, AccessLevel::Guest).await;
    assert_eq!(level().await, Some(AccessLevel::Guest));
    assert_eq!(at(&scene, "target/group/low/p").await, Some((project.id, false)));
    assert_eq!(at(&scene, "top/group/low/p").await, Some((project.id, true)));
    let moved = transfer(group.id, None).await.unwrap();
    assert_eq!((moved.full_path.as_str(), moved.parent), ("group", None));
    for (path, has_moved) in [("group/low/p", false), ("target/group/low/p", true), ("top/group/low/p", true)] {
        assert_eq!(at(&scene, path).await, Some((project.id, has_moved)), "{path}");
    }
    scene.group("GROUP", Some(top.id)).await;
    let taken = transfer(group.id, Some(top.id)).await;
    assert!(matches!(taken, Err(WriteError::Conflict(PlacementObstacle::PathTaken))));
    let gone = transfer(group.id, Some(1000.try_into().unwrap())).await;
    assert!(matches!(gone, Err(WriteError::Gone)));
    let private = NewGroup { visibility: Visibility::Private, ..new_group("private", None) };
    let private = scene.store.groups.create(private).await.unwrap();
    let refused = transfer(group.id, Some(private.id)).await;
    assert!(matches!(refused, Err(WriteError::Conflict(PlacementObstacle::Visibility(_)))));
    let mut deep = private.id;
    for _ in 0..19 {
        let new = NewGroup { visibility: Visibility::Private, ..new_group("d", Some(deep)) };
        deep = scene.store.groups.create(new).await.unwrap().id;
    }
    let refused = transfer(group.id, Some(deep)).await;
    assert!(matches!(refused, Err(WriteError::Conflict(PlacementObstacle::NestedTooDeeply))));
    assert_eq!(at(&scene, "group/low/p").await, Some((project.id, false)));
}

pub async fn of_groups_that_race_under_each_other_exactly_one_moves(scene: Scene) {
    let [a, b] = [scene.group("a", None).await.id, scene.group("b", None).await.id];
    let outcomes = scene.race(|store, racer| async move {
        let (group, parent) = if racer % 4 < 2 { (a, b) } else { (b, a) };
        let changes = GroupChanges { parent: Some(Some(parent)), ..GroupChanges::default() };
        (group, store.groups.update(group, changes).await)
    });
    let (moved, refused): (Vec<_>, Vec<_>) = outcomes.await.into_iter().partition(|(_, outcome)| outcome.is_ok());
    let [winner, loser] = if moved.first().is_some_and(|(group, _)| *group == a) { [a, b] } else { [b, a] };
    assert!(moved.iter().all(|(group, _)| *group == winner), "{moved:?}");
    for (group, refusal) in refused {
        assert_eq!(group, loser);
        assert!(matches!(refusal, Err(WriteError::Conflict(PlacementObstacle::InsideItself))), "{refusal:?}");
    }
    let parent = async |group| scene.store.groups.get(group, None).await.unwrap().unwrap().group.parent;
    assert_eq!((parent(winner).await, parent(loser).await), (Some(loser), None));
}
