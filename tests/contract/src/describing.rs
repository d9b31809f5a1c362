//! What describes projects, groups and tokens, and when something last happened in a project.

use release_links_domain::description::ShortDescription;
use release_links_domain::link::Change;
use release_links_domain::namespace::Group;
use release_links_domain::project::{BranchName, Project, Topics};
use release_links_domain::release::Release;
use release_links_ports::{
    GroupChanges, NewGroup, NewProject, NewRelease, NewToken, Precondition, ProjectChanges, UserChanges,
};

use crate::scene::{Scene, at, new_group, new_project, new_release, new_token, origin};

fn topics(topics: &[&str]) -> Topics {
    topics.iter().map(|&topic| topic.to_owned()).collect::<Vec<_>>().try_into().unwrap()
}

/// Creates a project with all that describes one.
async fn described(scene: &Scene) -> Project {
    let user = scene.user("ada").await.id;
    let new = NewProject {
        description: Some("Says hello.\nIn \"any\" language, 'really'.".parse().unwrap()),
        default_branch: "release/1.x".parse().unwrap(),
        topics: topics(&["command line", "größe", "a,b"]),
        ..new_project(scene.own_namespace(user).await, "hello", user)
    };
    let project = scene.store.projects.create(new.clone()).await.unwrap();
    assert_eq!(project.description, new.description);
    assert_eq!((&project.default_branch, &project.topics), (&new.default_branch, &new.topics));
    project
}

pub async fn a_project_is_described_as_it_was_created(scene: Scene) {
    let project = described(&scene).await;
    assert_eq!(scene.project_now(project.id).await, project);
    let plain = scene.project(project.namespace.id, "plain", project.creator.unwrap()).await;
    assert_eq!((&plain.description, &plain.default_branch), (&None, &BranchName::default()));
    assert_eq!(plain.topics, Topics::default());
    assert_eq!(scene.project_now(plain.id).await, plain);
}

pub async fn an_update_changes_what_describes_a_project_and_keeps_the_rest(scene: Scene) {
    let mut expected = described(&scene).await;
    let viewer = expected.creator.unwrap();
    let change = async |changes| scene.store.projects.update(expected.id, changes, viewer).await.unwrap().project;
    assert_eq!(change(ProjectChanges::default()).await, expected);
    let cleared = ProjectChanges { description: Change::Clear, ..ProjectChanges::default() };
    let without = Project { description: None, ..expected.clone() };
    assert_eq!(change(cleared.clone()).await, without);
    assert_eq!(change(cleared).await, without);
    let changes = ProjectChanges {
        description: Change::Set("Another".parse().unwrap()),
        default_branch: Some("trunk".parse().unwrap()),
        topics: Some(topics(&["one"])),
        ..ProjectChanges::default()
    };
    let after = change(changes.clone()).await;
    expected.description = changes.description.apply(None);
    expected.default_branch = changes.default_branch.unwrap();
    expected.topics = changes.topics.unwrap();
    assert_eq!(after, expected);
    let changes = ProjectChanges { topics: Some(Topics::default()), ..ProjectChanges::default() };
    scene.store.projects.update(expected.id, changes, viewer).await.unwrap();
    assert_eq!(scene.project_now(expected.id).await, Project { topics: Topics::default(), ..expected });
}

pub async fn a_group_is_described_as_it_was_created_or_changed(scene: Scene) {
    assert_eq!(scene.group("plain", None).await.description, None);
    let new = NewGroup { description: Some("All of\nit".parse().unwrap()), ..new_group("top", None) };
    let group = scene.store.groups.create(new.clone()).await.unwrap();
    assert_eq!(group.description, new.description);
    let change = async |description| {
        let changes = GroupChanges { description, ..GroupChanges::default() };
        scene.store.groups.update(group.id, changes).await.unwrap()
    };
    assert_eq!(change(Change::Keep).await, group);
    let other: ShortDescription = "Other".parse().unwrap();
    assert_eq!(change(Change::Set(other.clone())).await, Group { description: Some(other), ..group.clone() });
    let without = Group { description: None, ..group.clone() };
    assert_eq!(change(Change::Clear).await, without);
    assert_eq!(scene.store.groups.get(group.id, None).await.unwrap().unwrap().group, without);
}

pub async fn a_token_is_described_as_it_was_created(scene: Scene) {
    let user = scene.user("ada").await.id;
    for (byte, description) in [(1, new_token(1).description), (2, None)] {
        let token = NewToken { description: description.clone(), ..new_token(byte) };
        let made = scene.store.tokens.create_personal(user, token).await.unwrap();
        assert_eq!(made.description, description);
        assert_eq!(scene.store.tokens.get(made.id).await.unwrap(), Some(made));
    }
}

pub async fn the_full_name_of_a_project_follows_the_names_above_it(scene: Scene) {
    let user = scene.user("ada").await.id;
    let top = scene.group("zoo", None).await.id;
    let below = scene.group("a", Some(top)).await.id;
    let project = scene.project(below, "hello", user).await;
    assert_eq!(project.full_name, "Group zoo / Group a / Project hello");
    let changes = GroupChanges { name: Some("Over".parse().unwrap()), ..GroupChanges::default() };
    scene.store.groups.update(top, changes).await.unwrap();
    assert_eq!(scene.project_now(project.id).await.full_name, "Over / Group a / Project hello");
    let own = scene.project(scene.own_namespace(user).await, "own", user).await;
    assert_eq!(own.full_name, "The user ada / Project own");
    let changes = UserChanges { name: Some("Ada L.".parse().unwrap()), ..UserChanges::default() };
    scene.store.users.update(user, changes).await.unwrap();
    assert_eq!(scene.project_now(own.id).await.full_name, "Ada L. / Project own");
}

pub async fn the_last_activity_of_a_project_is_when_its_last_release_was_created(scene: Scene) {
    let start = scene.start().await;
    let project = scene.project(start.project.namespace.id, "other", start.owner.id).await;
    assert_eq!(project.last_activity_at, project.created_at);
    let last = async || scene.project_now(project.id).await.last_activity_at;
    let create = async |tag: &str, second| -> Release {
        let new = NewRelease { created_at: at(second), released_at: at(900), ..new_release(project.id, tag) };
        scene.made(new).await
    };
    let first = create("a", 20).await;
    assert_eq!(last().await, at(20));
    let second = create("b", 30).await;
    assert_eq!(last().await, at(30));
    create("c", 25).await;
    assert_eq!(last().await, at(30), "the clock of another server was behind");
    for (release, expected) in [(second, 25), (first, 25)] {
        scene.store.releases.delete(project.id, release.id, false, Precondition::NONE, origin()).await.unwrap();
        assert_eq!(last().await, at(expected));
    }
    let only = scene.store.releases.get(&crate::scene::key(&project, "c")).await.unwrap().unwrap().found.unwrap();
    scene.store.releases.delete(project.id, only.id, false, Precondition::NONE, origin()).await.unwrap();
    assert_eq!(last().await, project.created_at);
    assert_eq!(scene.project_now(start.project.id).await, start.project);
}

pub async fn racing_writers_of_releases_leave_the_time_of_the_last_one(scene: Scene) {
    let start = scene.start().await;
    let project = start.project.id;
    let race = scene.race(|store, index| async move {
        let second = 100 + i64::try_from(index).unwrap();
        let new = NewRelease { created_at: at(second), ..new_release(project, &format!("v{index}")) };
        let (made, _) = store.releases.create(new).await.unwrap();
        if index % 5 == 4 {
            store.releases.delete(project, made.id, false, Precondition::NONE, origin()).await.unwrap();
        }
    });
    race.await;
    assert_eq!(scene.project_now(project).await.last_activity_at, at(148));
}
