//! How visible groups and projects may be: no more than the group above, no less than what they hold.

use release_links_domain::namespace::Group;
use release_links_domain::placement::PlacementObstacle;
use release_links_domain::project::{Project, Visibility};
use release_links_domain::{NamespaceId, UserId};
use release_links_ports::{GroupChanges, NewGroup, NewProject, ProjectChanges, WriteError};

use Visibility::{Internal, Private, Public};

use crate::scene::{Scene, new_group, new_project, reader};

type Placed<T> = Result<T, WriteError<PlacementObstacle>>;

async fn create_group(scene: &Scene, path: &str, parent: Option<NamespaceId>, visibility: Visibility) -> Placed<Group> {
    scene.store.groups.create(NewGroup { visibility, ..new_group(path, parent) }).await
}

async fn create_project(
    scene: &Scene,
    path: &str,
    (namespace, user): (NamespaceId, UserId),
    visibility: Visibility,
) -> Placed<Project> {
    scene.store.projects.create(NewProject { visibility, ..new_project(namespace, path, user) }).await
}

fn to(visibility: Visibility) -> GroupChanges {
    GroupChanges { visibility: Some(visibility), ..GroupChanges::default() }
}

fn project_to(visibility: Visibility) -> ProjectChanges {
    ProjectChanges { visibility: Some(visibility), ..ProjectChanges::default() }
}

/// Returns what a write was refused for, as the domain words it.
fn said<T: std::fmt::Debug>(outcome: Placed<T>) -> Vec<String> {
    match outcome {
        Err(WriteError::Conflict(PlacementObstacle::Visibility(faults))) => faults.sentences(),
        other => panic!("{other:?}"),
    }
}

pub async fn nothing_is_created_more_visible_than_the_group_above(scene: Scene) {
    let user = scene.user("ada").await.id;
    for &above in Visibility::ALL {
        let top = create_group(&scene, above.as_str(), None, above).await.unwrap().id;
        for &wanted in Visibility::ALL {
            let group = create_group(&scene, &format!("g-{wanted}"), Some(top), wanted).await;
            let project = create_project(&scene, &format!("p-{wanted}"), (top, user), wanted).await;
            if wanted <= above {
                assert_eq!((group.unwrap().visibility, project.unwrap().rules.visibility), (wanted, wanted));
            } else {
                let sentence = format!("{wanted} is not allowed since the parent group has a {above} visibility.");
                assert_eq!(said(group), [sentence]);
                assert_eq!(said(project), [format!("{wanted} is not allowed in a {above} group.")]);
            }
        }
    }
    let home = scene.own_namespace(user).await;
    assert!(create_project(&scene, "open", (home, user), Public).await.is_ok());
}

pub async fn nothing_becomes_more_visible_than_the_group_above(scene: Scene) {
    let user = scene.user("ada").await.id;
    let top = scene.group("top", None).await.id;
    let below = create_group(&scene, "below", Some(top), Private).await.unwrap().id;
    let project = scene.project(below, "p", user).await;
    let groups = &scene.store.groups;
    assert_eq!(groups.update(below, to(Internal)).await.unwrap().visibility, Internal);
    let sentence = "public is not allowed since the parent group has a internal visibility.";
    assert_eq!(said(groups.update(below, to(Public)).await), [sentence]);
    let projects = &scene.store.projects;
    assert!(projects.update(project.id, project_to(Internal), user).await.is_ok());
    let refused = said(projects.update(project.id, project_to(Public), user).await);
    assert_eq!(refused, ["public is not allowed in a internal group."]);
    let home = scene.own_namespace(user).await;
    let home_and_public = ProjectChanges { namespace: Some(home), ..project_to(Public) };
    assert!(projects.update(project.id, home_and_public, user).await.is_ok());
    let back = ProjectChanges { namespace: Some(below), ..ProjectChanges::default() };
    assert_eq!(said(projects.update(project.id, back, user).await), ["public is not allowed in a internal group."]);
    let found = scene.store.projects.get(&crate::scene::by_id(&project), reader(None)).await.unwrap().unwrap();
    assert_eq!(found.project.full_path.as_str(), "ada/p");
}

pub async fn a_group_does_not_become_less_visible_than_what_it_holds(scene: Scene) {
    let user = scene.user("ada").await.id;
    let projects = "since this group contains projects with higher visibility.";
    let groups = "since there are sub-groups with higher visibility.";
    let top = create_group(&scene, "top", None, Public).await.unwrap().id;
    let below = create_group(&scene, "below", Some(top), Internal).await.unwrap().id;
    let project = create_project(&scene, "p", (top, user), Public).await.unwrap().id;
    let update = async |visibility| scene.store.groups.update(top, to(visibility)).await;
    assert_eq!(said(update(Internal).await), [format!("internal is not allowed {projects}")]);
    let both = ["private is not allowed ".to_owned() + projects, "private is not allowed ".to_owned() + groups];
    assert_eq!(said(update(Private).await), both);
    scene.store.projects.update(project, project_to(Private), user).await.unwrap();
    assert_eq!(update(Internal).await.unwrap().visibility, Internal);
    assert_eq!(said(update(Private).await), [format!("private is not allowed {groups}")]);
    assert!(scene.store.groups.delete(below).await.unwrap());
    assert_eq!(update(Private).await.unwrap().visibility, Private);
}

pub async fn visibility_is_checked_before_the_path(scene: Scene) {
    let user = scene.user("ada").await.id;
    let top = create_group(&scene, "top", None, Private).await.unwrap().id;
    scene.project(top, "p", user).await;
    let sentences = said(create_project(&scene, "P", (top, user), Public).await);
    assert_eq!(sentences, ["public is not allowed in a private group."]);
    said(create_group(&scene, "P", Some(top), Public).await);
    let taken = create_project(&scene, "P", (top, user), Private).await;
    assert!(matches!(taken, Err(WriteError::Conflict(PlacementObstacle::PathTaken))));
}

pub async fn of_a_group_made_private_and_a_public_project_created_in_it_only_one_succeeds(scene: Scene) {
    let user = scene.user("ada").await.id;
    for round in 0..5 {
        let group = create_group(&scene, &format!("g{round}"), None, Public).await.unwrap().id;
        let outcomes = scene
            .race(|store, index| async move {
                if index == 25 {
                    return store.groups.update(group, to(Private)).await.is_ok();
                }
                let new = NewProject { visibility: Public, ..new_project(group, &format!("p{index}"), user) };
                store.projects.create(new).await.is_ok()
            })
            .await;
        let found = scene.store.groups.get(group, None).await.unwrap().unwrap().group;
        let succeeded = outcomes.into_iter().filter(|&done| done).count();
        // Either every project was created and the group stayed as it was, or the group came first.
        assert_eq!(succeeded, if found.visibility == Private { 1 } else { 49 });
    }
}

pub async fn what_an_older_version_stored_stays_and_can_be_renamed(
    scene: Scene,
    database: std::sync::Arc<dyn crate::SqlDatabase>,
) {
    let user = scene.user("ada").await.id;
    let top = create_group(&scene, "top", None, Public).await.unwrap().id;
    let below = create_group(&scene, "below", Some(top), Public).await.unwrap().id;
    let project = create_project(&scene, "p", (below, user), Public).await.unwrap().id;
    database.sql(
        "UPDATE namespaces SET visibility = 'private' WHERE user_id IS NULL AND parent_id IS NULL;
        UPDATE namespaces SET visibility = 'internal' WHERE parent_id IS NOT NULL",
    );
    let rename = GroupChanges { path: Some("renamed".parse().unwrap()), ..to(Internal) };
    assert_eq!(scene.store.groups.update(below, rename).await.unwrap().full_path.as_str(), "top/renamed");
    let rename = ProjectChanges { path: Some("q".parse().unwrap()), ..project_to(Public) };
    assert!(scene.store.projects.update(project, rename, user).await.is_ok());
    said(
        scene.store.projects.update(project, ProjectChanges { namespace: Some(top), ..project_to(Public) }, user).await,
    );
}
