//! Transferring a project to another namespace.

use Refusal::{Forbidden, NotFound, SameNamespace};
use release_links_domain::access::AccessLevel::{Developer, Maintainer, Owner, Reporter};
use release_links_domain::project::{Project, Visibility};
use release_links_domain::token::Caller;
use release_links_domain::{GroupId, UserId};
use release_links_ports::ProjectDetails;
use release_links_usecases::{Missing, Refusal, Taken};

use crate::world::{World, assert_refused, person};

/// Creates a private project, the user who owns it, and another private group.
async fn start(world: &World) -> (Project, UserId, GroupId) {
    let project = world.hello().await;
    let owner = world.member(&project, Owner).await;
    (project, owner, world.group("other", None, Visibility::Private).await.id)
}

async fn transfer(world: &World, caller: &Caller, target: &str) -> Result<ProjectDetails, Refusal> {
    world.projects.transfer(caller, "top/hello", Ok(target.to_owned())).await
}

#[tokio::test]
async fn a_target_that_is_hidden_from_the_caller_is_not_found() {
    let world = World::new();
    let (_, owner, other) = start(&world).await;
    let stranger = world.user("stranger").await;
    let home = world.own_namespace(stranger).await.to_string();
    for target in ["absent", "no path", "1000", "other", &other.to_string(), "stranger", &home] {
        assert_refused(transfer(&world, &person(owner), target).await, &NotFound(Missing::Namespace));
    }
}

#[tokio::test]
async fn a_transfer_requires_an_owner_who_may_create_projects_in_the_target() {
    let world = World::new();
    let (project, owner, other) = start(&world).await;
    world.join_group(other, owner, Reporter).await;
    assert_refused(transfer(&world, &person(owner), "other").await, &Forbidden);
    let developer = world.group_member(other, Developer).await;
    world.join(project.id, developer, Maintainer).await;
    assert_refused(transfer(&world, &person(developer), "other").await, &Forbidden);

    let both = world.group_member(other, Developer).await;
    world.join(project.id, both, Owner).await;
    let after = transfer(&world, &person(both), "OTHER").await.unwrap();
    assert_eq!((after.project.full_path.as_str(), after.project.namespace.id), ("other/hello", other));
    assert_eq!((after.project_access, after.group_access), (Some(Owner), Some(Developer)));
    let moved = Refusal::Moved { id: project.id, full_path: after.project.full_path };
    assert_refused(world.projects.get(&person(both), "top/hello").await, &moved);
}

#[tokio::test]
async fn a_project_is_transferred_to_a_users_own_namespace_or_by_an_administrator_anywhere() {
    let world = World::new();
    let (_, owner, other) = start(&world).await;
    let home = world.own_namespace(owner).await;
    let after = transfer(&world, &person(owner), &home.to_string()).await.unwrap();
    assert_eq!((after.project.namespace.id, after.project_access), (home, Some(Owner)));
    let path = after.project.full_path.to_string();
    let after = world.projects.transfer(&world.root().await, &path, Ok(other.to_string())).await.unwrap();
    assert_eq!(after.project.full_path.as_str(), "other/hello");
}

#[tokio::test]
async fn a_project_is_not_transferred_to_its_own_namespace_or_where_its_path_is_taken() {
    let world = World::new();
    let (project, owner, other) = start(&world).await;
    let (owner, top) = (person(owner), project.namespace.id);
    world.join_group(top, owner.user().unwrap(), Owner).await;
    world.join_group(other, owner.user().unwrap(), Owner).await;
    for target in ["top", "TOP", &top.to_string()] {
        assert_refused(transfer(&world, &owner, target).await, &SameNamespace);
    }
    world.group("HELLO", Some(other), Visibility::Private).await;
    assert_refused(transfer(&world, &owner, "other").await, &Refusal::Taken(Taken::Path));
    assert_eq!(world.projects.get(&owner, "top/hello").await.unwrap().project, project);
}
