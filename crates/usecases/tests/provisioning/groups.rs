//! Groups.

use Refusal::{Forbidden, InsufficientScope, NotFound, NotSignedIn};
use release_links_domain::GroupId;
use release_links_domain::access::AccessLevel::{Developer, Guest, Maintainer, Owner};
use release_links_domain::namespace::Group;
use release_links_domain::project::Visibility::{self, Internal, Private, Public};
use release_links_domain::token::{Caller, Scope};
use release_links_ports::{GroupChanges, GroupFilter, PageRequest};
use release_links_usecases::{GroupDraft, Missing, Refusal, Taken};

use crate::world::{
    ABSENT, World, assert_refused, assert_refused_to, faults, job, person, reported_faults, with_scope,
};

fn draft(path: &str, visibility: Visibility) -> GroupDraft {
    GroupDraft { name: path.parse().unwrap(), path: path.parse().unwrap(), description: None, visibility }
}

fn renamed(path: &str) -> GroupChanges {
    GroupChanges { path: Some(path.parse().unwrap()), ..GroupChanges::default() }
}

/// Returns the paths of the groups that a caller can list.
async fn listed(world: &World, caller: &Caller, filter: GroupFilter) -> Vec<String> {
    let page = world.groups.list(caller, Ok((filter, PageRequest::default()))).await.unwrap();
    page.rows.into_iter().map(|group| group.full_path.into()).collect()
}

#[tokio::test]
async fn creating_a_group_is_refused_in_the_order_of_the_contract() {
    let world = World::new();
    let project = world.hello().await;
    let top = project.namespace.id;
    let bot = world.admit_token(&world.project_token(&project, Owner).await.secret).await.unwrap();
    let (stranger, developer) = (world.any_user().await, world.group_member(top, Developer).await);
    let maintainer = person(world.group_member(top, Maintainer).await);
    let absent = Some(ABSENT.try_into().unwrap());
    for (caller, parent, expected) in [
        (&Caller::Anonymous, absent, NotSignedIn),
        (&job(developer, project.id), absent, Forbidden),
        (&with_scope(stranger, Scope::ReadApi), absent, NotFound(Missing::Group)),
        (&with_scope(stranger, Scope::ReadApi), Some(top), NotFound(Missing::Group)),
        (&with_scope(developer, Scope::ReadApi), Some(top), InsufficientScope),
        (&with_scope(developer, Scope::ReadApi), None, InsufficientScope),
        (&bot, None, Forbidden),
        (&person(developer), Some(top), Forbidden),
        (&maintainer, Some(top), reported_faults()),
        (&person(stranger), None, reported_faults()),
    ] {
        assert_refused_to(caller, world.groups.create(caller, parent, faults()).await, &expected);
    }
    let taken = Refusal::Taken(Taken::Path);
    assert_refused(world.groups.create(&maintainer, Some(top), Ok(draft("HELLO", Private))).await, &taken);
    assert_refused(world.groups.create(&maintainer, None, Ok(draft("TOP", Private))).await, &taken);
}

#[tokio::test]
async fn the_creator_owns_a_top_level_group_and_gets_no_level_in_a_subgroup() {
    let world = World::new();
    let (ada, groups) = (person(world.user("ada").await), &world.groups);
    let level = async |group: GroupId| world.storage.groups.get(group, ada.user()).await.unwrap().unwrap().level;
    let top = groups.create(&ada, None, Ok(draft("mine", Private))).await.unwrap();
    assert_eq!((top.full_path.as_str(), top.visibility, level(top.id).await), ("mine", Private, Some(Owner)));
    let other = world.group("other", None, Private).await.id;
    world.join_group(other, ada.user().unwrap(), Maintainer).await;
    let below = groups.create(&ada, Some(other), Ok(draft("below", Private))).await.unwrap();
    assert_eq!((below.parent, level(below.id).await), (Some(other), Some(Maintainer)));
    assert_refused(groups.delete(&ada, "other/below").await, &Forbidden);
}

#[tokio::test]
async fn groups_are_nested_at_most_twenty_deep() {
    let world = World::new();
    let ada = person(world.user("ada").await);
    let mut parent = world.groups.create(&ada, None, Ok(draft("a", Private))).await.unwrap();
    for _ in 0..Group::MAX_ABOVE {
        parent = world.groups.create(&ada, Some(parent.id), Ok(draft("a", Private))).await.unwrap();
    }
    let refused = world.groups.create(&ada, Some(parent.id), Ok(draft("a", Private))).await;
    assert!(matches!(refused, Err(Refusal::NestedTooDeeply)), "{refused:?}");
}

#[tokio::test]
async fn changing_or_deleting_a_group_is_refused_in_the_order_of_the_contract() {
    let world = World::new();
    let project = world.hello().await;
    let top = project.namespace.id;
    let groups = &world.groups;
    let owner = world.group_member(top, Owner).await;
    let bot = world.project_token(&project, Owner).await;
    let as_bot = world.admit_token(&bot.secret).await.unwrap();
    world.join_group(top, bot.shown.record.user, Owner).await;
    for (caller, group, expected) in [
        (Caller::Anonymous, "absent", NotSignedIn),
        (job(owner, project.id), "absent", Forbidden),
        (with_scope(owner, Scope::ReadApi), "absent", NotFound(Missing::Group)),
        (with_scope(owner, Scope::ReadApi), "top/hello", NotFound(Missing::Group)),
        (with_scope(world.any_user().await, Scope::ReadApi), "top", NotFound(Missing::Group)),
        (with_scope(owner, Scope::ReadApi), "top", InsufficientScope),
        (as_bot, "top", Forbidden),
        (person(world.group_member(top, Guest).await), "top", Forbidden),
        (person(world.group_member(top, Maintainer).await), "top", Forbidden),
    ] {
        assert_refused_to(&caller, groups.update(&caller, group, faults()).await, &expected);
        assert_refused_to(&caller, groups.delete(&caller, group).await, &expected);
    }
    let owner = person(owner);
    assert_refused(groups.update(&owner, "top", faults()).await, &reported_faults());
    world.group("other", None, Private).await;
    assert_refused(groups.update(&owner, "top", Ok(renamed("OTHER"))).await, &Refusal::Taken(Taken::Path));
    assert_eq!(groups.get(&owner, "top").await.unwrap().id, top);
}

#[tokio::test]
async fn renaming_a_group_moves_its_projects_and_deleting_a_group_deletes_them() {
    let world = World::new();
    let project = world.hello().await;
    let owner = person(world.group_member(project.namespace.id, Owner).await);
    assert_eq!(world.groups.update(&owner, "TOP", Ok(renamed("new"))).await.unwrap().full_path.as_str(), "new");
    let moved = Refusal::Moved { id: project.id, full_path: "new/hello".parse().unwrap() };
    assert_refused(world.projects.get(&owner, "top/hello").await, &moved);
    world.groups.delete(&owner, "new").await.unwrap();
    assert_refused(world.groups.delete(&owner, "new").await, &NotFound(Missing::Group));
    for path in ["new/hello", "top/hello"] {
        assert_refused(world.projects.get(&owner, path).await, &NotFound(Missing::Project));
    }
}

#[tokio::test]
async fn a_group_is_read_and_listed_by_callers_who_can_see_it() {
    let world = World::new();
    let project = world.hello().await;
    let top = project.namespace.id;
    world.group("internal", None, Internal).await;
    world.group("public", None, Public).await;
    let (stranger, member) = (world.any_user().await, world.group_member(top, Guest).await);
    for (caller, expected) in [
        (Caller::Anonymous, &["public"][..]),
        (person(stranger), &["internal", "public"]),
        (person(member), &["internal", "public", "top"]),
        (world.root().await, &["internal", "public", "top"]),
    ] {
        assert_eq!(listed(&world, &caller, GroupFilter::default()).await, expected, "{caller:?}");
        for path in ["internal", "public", "top"] {
            let is_shown = world.groups.get(&caller, path).await.is_ok();
            assert_eq!(is_shown, expected.contains(&path), "{caller:?} {path}");
        }
    }
    let too_long = GroupFilter { search: Some("x".repeat(256)), ..GroupFilter::default() };
    assert_eq!(listed(&world, &person(member), too_long).await, [""; 0]);
    for (caller, path, of_one, of_list) in [
        (job(member, project.id), "absent", Forbidden, Forbidden),
        (with_scope(stranger, Scope::ReadUser), "top", NotFound(Missing::Group), InsufficientScope),
        (with_scope(member, Scope::ReadUser), "top", InsufficientScope, InsufficientScope),
        (Caller::Anonymous, "top", NotFound(Missing::Group), reported_faults()),
    ] {
        assert_refused_to(&caller, world.groups.get(&caller, path).await, &of_one);
        assert_refused_to(&caller, world.groups.list(&caller, faults()).await, &of_list);
    }
}
