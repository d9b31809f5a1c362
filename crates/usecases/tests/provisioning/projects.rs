//! Projects: creating, changing, archiving, deleting and listing them.

use Refusal::{Forbidden, InsufficientScope, NotFound, NotSignedIn};
use release_links_domain::access::AccessLevel::{Developer, Guest, Maintainer, Owner, Reporter};
use release_links_domain::project::{BranchName, ReleasesAccess, Topics, Visibility};
use release_links_domain::token::{Caller, Scope, TokenRefusal};
use release_links_ports::{PageRequest, ProjectChanges, ProjectFilter};
use release_links_usecases::{Missing, ProjectDraft, Refusal, ReleaseDraft, Taken};

use crate::world::{
    ABSENT, World, assert_refused, assert_refused_to, faults, job, person, reported_faults, with_scope,
};

fn draft(path: &str) -> ProjectDraft {
    ProjectDraft {
        name: "Hello".parse().unwrap(),
        path: path.parse().unwrap(),
        description: None,
        default_branch: BranchName::default(),
        topics: Topics::default(),
        visibility: Visibility::Internal,
        releases: ReleasesAccess::Private,
    }
}

fn renamed(path: &str) -> ProjectChanges {
    ProjectChanges { path: Some(path.parse().unwrap()), ..ProjectChanges::default() }
}

/// Returns the paths of the projects that a caller can list.
async fn listed(world: &World, caller: &Caller, filter: ProjectFilter) -> Vec<String> {
    let page = world.projects.list(caller, Ok((filter, PageRequest::default()))).await.unwrap();
    page.rows.into_iter().map(|details| details.project.full_path.into()).collect()
}

#[tokio::test]
async fn creating_a_project_is_refused_in_the_order_of_the_contract() {
    let world = World::new();
    let project = world.hello().await;
    let top = Some(project.namespace.id);
    let (ada, bob) = (world.user("ada").await, world.user("bob").await);
    let bot = world.admit_token(&world.project_token(&project, Owner).await.secret).await.unwrap();
    let reporter = world.group_member(project.namespace.id, Reporter).await;
    let developer = world.group_member(project.namespace.id, Developer).await;
    let absent = Some(ABSENT.try_into().unwrap());
    for (caller, namespace, expected) in [
        (&Caller::Anonymous, absent, NotSignedIn),
        (&job(ada, project.id), absent, Forbidden),
        (&with_scope(ada, Scope::ReadApi), absent, NotFound(Missing::Namespace)),
        (&with_scope(ada, Scope::ReadApi), top, NotFound(Missing::Namespace)),
        (&with_scope(ada, Scope::ReadApi), Some(world.own_namespace(bob).await), NotFound(Missing::Namespace)),
        (&with_scope(ada, Scope::ReadApi), None, InsufficientScope),
        (&bot, None, Forbidden),
        (&person(reporter), top, Forbidden),
        (&person(developer), top, reported_faults()),
    ] {
        assert_refused_to(caller, world.projects.create(caller, namespace, faults()).await, &expected);
    }
    let developer = person(developer);
    let create = |visibility| world.projects.create(&developer, top, Ok(ProjectDraft { visibility, ..draft("HELLO") }));
    assert!(matches!(create(Visibility::Internal).await, Err(Refusal::Visibility(_))));
    assert_refused(create(Visibility::Private).await, &Refusal::Taken(Taken::Path));
}

#[tokio::test]
async fn the_creator_owns_a_project_in_their_own_namespace_and_keeps_their_level_in_a_group() {
    let world = World::new();
    let ada = world.user("ada").await;
    let top = world.group("top", None, Visibility::Internal).await.id;
    world.join_group(top, ada, Developer).await;
    for (namespace, path, project_access, group_access) in
        [(None, "ada/mine", Some(Owner), None), (Some(top), "top/mine", None, Some(Developer))]
    {
        let made = world.projects.create(&person(ada), namespace, Ok(draft("mine"))).await.unwrap();
        assert_eq!((made.project.full_path.as_str(), made.project.creator), (path, Some(ada)));
        assert_eq!((made.project_access, made.group_access), (project_access, group_access));
        assert_eq!(made.project.rules.releases, ReleasesAccess::Private);
        assert_eq!(world.projects.get(&person(ada), path).await.unwrap(), made);
    }
}

#[tokio::test]
async fn maintainers_change_settings_and_owners_archive_and_delete_a_project() {
    let world = World::new();
    let project = world.hello().await;
    let projects = &world.projects;
    for (caller, expected) in world.refused_in(&project, Maintainer).await {
        assert_refused_to(&caller, projects.update(&caller, "top/hello", faults()).await, &expected);
    }
    for (caller, expected) in world.refused_in(&project, Owner).await {
        assert_refused_to(&caller, projects.archive(&caller, "top/hello", true).await, &expected);
        assert_refused_to(&caller, projects.delete(&caller, "top/hello").await, &expected);
        assert_refused_to(&caller, projects.transfer(&caller, "top/hello", faults()).await, &expected);
    }
    let maintainer = person(world.member(&project, Maintainer).await);
    assert_refused(projects.update(&maintainer, "top/hello", faults()).await, &reported_faults());
    world.group("sub", Some(project.namespace.id), Visibility::Private).await;
    let taken = projects.update(&maintainer, "top/hello", Ok(renamed("SUB"))).await;
    assert_refused(taken, &Refusal::Taken(Taken::Path));
    assert_eq!(projects.get(&maintainer, "top/hello").await.unwrap().project, project);
}

#[tokio::test]
async fn the_old_path_of_a_project_redirects_only_callers_who_can_see_it() {
    let world = World::new();
    let project = world.hello().await;
    let owner = person(world.member(&project, Owner).await);
    let stranger = person(world.any_user().await);
    let after = world.projects.update(&owner, "top/hello", Ok(renamed("world"))).await.unwrap();
    assert_eq!((after.project.full_path.as_str(), after.project_access), ("top/world", Some(Owner)));
    let moved = Refusal::Moved { id: project.id, full_path: after.project.full_path };
    let projects = &world.projects;
    assert_refused(projects.get(&owner, "top/hello").await, &moved);
    assert_refused(projects.update(&owner, "top/hello", faults()).await, &moved);
    assert_refused(projects.delete(&owner, "top/hello").await, &moved);
    assert_refused(projects.get(&stranger, "top/hello").await, &NotFound(Missing::Project));
    assert_refused(projects.get(&Caller::Anonymous, "top/hello").await, &NotFound(Missing::Project));
}

#[tokio::test]
async fn an_archived_project_takes_no_release_until_it_is_unarchived() {
    let world = World::new();
    let project = world.hello().await;
    let owner = person(world.member(&project, Owner).await);
    let release = || Ok(("v1".to_owned(), ReleaseDraft::default()));
    assert!(world.projects.archive(&owner, "top/hello", true).await.unwrap().project.rules.archived);
    assert_refused(world.releases.create(&owner, "top/hello", release()).await, &Forbidden);
    assert!(!world.projects.archive(&owner, "top/hello", false).await.unwrap().project.rules.archived);
    world.releases.create(&owner, "top/hello", release()).await.unwrap();
}

#[tokio::test]
async fn deleting_a_project_also_deletes_its_tokens() {
    let world = World::new();
    let project = world.hello().await;
    let owner = person(world.member(&project, Owner).await);
    let token = world.project_token(&project, Guest).await;
    world.projects.delete(&owner, "top/hello").await.unwrap();
    assert_refused(world.projects.delete(&owner, "top/hello").await, &NotFound(Missing::Project));
    assert_refused(world.admit_token(&token.secret).await, &TokenRefusal::Unknown.into());
}

#[tokio::test]
async fn a_list_contains_the_projects_that_the_caller_can_see() {
    let world = World::new();
    let project = world.hello().await;
    let open = world.group("open", None, Visibility::Public).await.id;
    world.project(open, "internal", Visibility::Internal).await;
    world.project(open, "public", Visibility::Public).await;
    let (stranger, member) = (world.any_user().await, world.member(&project, Guest).await);
    let all = ProjectFilter::default;
    for (caller, expected) in [
        (Caller::Anonymous, &["open/public"][..]),
        (person(stranger), &["open/public", "open/internal"]),
        (person(member), &["open/public", "open/internal", "top/hello"]),
        (world.root().await, &["open/public", "open/internal", "top/hello"]),
        (job(member, project.id), &["top/hello"]),
    ] {
        assert_eq!(listed(&world, &caller, all()).await, expected, "{caller:?}");
    }
    let held = ProjectFilter { least_level: Some(Guest), ..all() };
    assert_eq!(listed(&world, &person(member), held).await, ["top/hello"]);
    let too_long = ProjectFilter { search: Some("x".repeat(256)), ..all() };
    assert_eq!(listed(&world, &person(member), too_long).await, [""; 0]);
    let scopeless = with_scope(member, Scope::ReadUser);
    assert_refused(world.projects.list(&scopeless, faults()).await, &InsufficientScope);
    assert_refused(world.projects.list(&Caller::Anonymous, faults()).await, &reported_faults());
}
