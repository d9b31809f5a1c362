//! Old paths that several namespaces or projects have had: each leads to the project that had it last.

use release_links_domain::project::Project;
use release_links_domain::{GroupId, NamespaceId, UserId};

use crate::moving::{at, move_project, rename_group};
use crate::scene::Scene;

/// Renames a group to a path that has never been used.
async fn away(scene: &Scene, group: GroupId) {
    rename_group(scene, group, &format!("away{group}")).await.unwrap();
}

/// Creates a top-level group with a project in it.
async fn group_with(scene: &Scene, path: &str, project: &str, user: UserId) -> (NamespaceId, Project) {
    let group = scene.group(path, None).await.id;
    (group, scene.project(group, project, user).await)
}

pub async fn of_groups_that_left_one_path_the_last_with_the_project_counts(scene: Scene) {
    let user = scene.user("ada").await.id;
    let (first, p) = group_with(&scene, "old", "p", user).await;
    let q = scene.project(first, "q", user).await;
    away(&scene, first).await;
    let (second, later_p) = group_with(&scene, "old", "p", user).await;
    assert_eq!(at(&scene, "old/p").await, Some((later_p.id, false)));
    assert_eq!(at(&scene, "old/q").await, Some((q.id, true)), "a new group without that project");
    away(&scene, second).await;
    assert_eq!(at(&scene, "OLD/P").await, Some((later_p.id, true)));
    assert_eq!(at(&scene, "old/q").await, Some((q.id, true)));
    assert_eq!(at(&scene, &format!("away{first}/p")).await, Some((p.id, false)));
}

pub async fn a_project_keeps_the_old_paths_of_its_groups_wherever_both_move(scene: Scene) {
    let user = scene.user("ada").await.id;
    let (group, project) = group_with(&scene, "one", "p", user).await;
    rename_group(&scene, group, "two").await.unwrap();
    move_project(&scene, &project, None, Some("q")).await.unwrap();
    rename_group(&scene, group, "three").await.unwrap();
    let elsewhere = scene.group("elsewhere", None).await.id;
    move_project(&scene, &project, Some(elsewhere), None).await.unwrap();
    away(&scene, elsewhere).await;
    for old in ["one/p", "two/p", "two/q", "three/q", "elsewhere/q"] {
        assert_eq!(at(&scene, old).await, Some((project.id, true)), "{old}");
    }
    for never in ["one/q", "three/p", "elsewhere/p"] {
        assert_eq!(at(&scene, never).await, None, "{never}");
    }
}

pub async fn moving_back_and_forth_loses_no_path(scene: Scene) {
    let user = scene.user("ada").await.id;
    let (group, project) = group_with(&scene, "one", "p", user).await;
    for _ in 0..40 {
        move_project(&scene, &project, None, Some("q")).await.unwrap();
        rename_group(&scene, group, "two").await.unwrap();
        move_project(&scene, &project, None, Some("p")).await.unwrap();
        rename_group(&scene, group, "one").await.unwrap();
    }
    assert_eq!(at(&scene, "one/p").await, Some((project.id, false)));
    for old in ["one/q", "two/q", "two/p"] {
        assert_eq!(at(&scene, old).await, Some((project.id, true)), "{old}");
    }
}

pub async fn the_path_of_a_deleted_project_does_not_return_to_an_earlier_one(scene: Scene) {
    let user = scene.user("ada").await.id;
    let (first, p) = group_with(&scene, "old", "p", user).await;
    away(&scene, first).await;
    let (second, later_p) = group_with(&scene, "old", "p", user).await;
    let q = scene.project(second, "q", user).await;
    move_project(&scene, &later_p, None, Some("r")).await.unwrap();
    assert_eq!(at(&scene, "old/p").await, Some((later_p.id, true)));
    assert!(scene.store.projects.delete(later_p.id).await.unwrap());
    assert_eq!((at(&scene, "old/p").await, at(&scene, "old/r").await), (None, None));
    away(&scene, second).await;
    assert_eq!(at(&scene, "old/p").await, None);
    assert_eq!(at(&scene, "old/q").await, Some((q.id, true)));
    assert_eq!(at(&scene, &format!("away{first}/p")).await, Some((p.id, false)));
    let (_, newest) = group_with(&scene, "old", "p", user).await;
    assert_eq!(at(&scene, "old/p").await, Some((newest.id, false)), "the path is free all the same");
}

pub async fn a_deleted_group_keeps_the_paths_of_its_projects_from_earlier_ones(scene: Scene) {
    let user = scene.user("ada").await.id;
    let (first, _) = group_with(&scene, "old", "p", user).await;
    let q = scene.project(first, "q", user).await;
    away(&scene, first).await;
    let (second, later_p) = group_with(&scene, "old", "p", user).await;
    assert_eq!(at(&scene, "old/p").await, Some((later_p.id, false)));
    assert!(scene.store.groups.delete(second).await.unwrap());
    assert_eq!(at(&scene, "old/p").await, None);
    assert_eq!(at(&scene, "old/q").await, Some((q.id, true)));
}

pub async fn a_project_keeps_the_path_in_a_group_that_was_deleted_after_it_left(scene: Scene) {
    let user = scene.user("ada").await.id;
    let top = scene.group("top", None).await.id;
    let middle = scene.group("middle", Some(top)).await.id;
    let project = scene.project(middle, "p", user).await;
    rename_group(&scene, top, "summit").await.unwrap();
    let home = scene.own_namespace(user).await;
    move_project(&scene, &project, Some(home), Some("q")).await.unwrap();
    assert!(scene.store.groups.delete(top).await.unwrap());
    for old in ["top/middle/p", "summit/middle/p"] {
        assert_eq!(at(&scene, old).await, Some((project.id, true)), "{old}");
    }
    let again = scene.group("top", None).await.id;
    assert_eq!(at(&scene, "top/middle/p").await, Some((project.id, true)));
    let middle = scene.group("middle", Some(again)).await.id;
    let taker = scene.project(middle, "p", user).await;
    assert_eq!(at(&scene, "top/middle/p").await, Some((taker.id, false)));
    assert!(scene.store.projects.delete(project.id).await.unwrap());
    assert_eq!(at(&scene, "summit/middle/p").await, None);
}

pub async fn the_old_path_of_each_nested_group_leads_to_its_new_place(scene: Scene) {
    let user = scene.user("ada").await.id;
    let top = scene.group("a", None).await.id;
    let below = scene.group("b", Some(top)).await.id;
    let project = scene.project(below, "p", user).await;
    rename_group(&scene, below, "c").await.unwrap();
    rename_group(&scene, top, "d").await.unwrap();
    move_project(&scene, &project, None, Some("q")).await.unwrap();
    for old in ["a/b/p", "a/c/p", "d/c/p"] {
        assert_eq!(at(&scene, old).await, Some((project.id, true)), "{old}");
    }
    assert_eq!(at(&scene, "d/c/q").await, Some((project.id, false)));
    for never in ["d/b/p", "a/b/q", "a/c/q", "a/b", "b/p"] {
        assert_eq!(at(&scene, never).await, None, "{never}");
    }
}
