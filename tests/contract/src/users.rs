//! Users: searching, changing and deleting them.

use release_links_domain::UserId;
use release_links_domain::access::AccessLevel::{Guest, Owner};
use release_links_domain::project::ProjectRef;
use release_links_ports::{
    NewRelease, NewUser, PageRequest, SearchedFields, Sort, TimeRange, TokenDigest, UserChanges, UserFilter, UserOrder,
    UserTaken, UserWriteError,
};

use crate::scene::{Scene, at, by_id, new_release, new_token, new_user, reader};
use crate::tokens::made_for_project;

async fn listed(scene: &Scene, filter: UserFilter) -> Vec<String> {
    searched(scene, filter, SearchedFields::Names).await
}

async fn searched(scene: &Scene, filter: UserFilter, fields: SearchedFields) -> Vec<String> {
    let page = scene.store.users.list(&filter, fields, PageRequest::default()).await.unwrap();
    assert_eq!(page.total, Some(page.rows.len() as u64));
    page.rows.into_iter().map(|user| user.username.into()).collect()
}

fn renamed(username: &str) -> UserChanges {
    UserChanges { username: Some(username.parse().unwrap()), ..UserChanges::default() }
}

/// Returns the project that has this path, or had it before.
async fn at_path(scene: &Scene, path: &str) -> Option<(String, bool)> {
    let view = scene.store.projects.get(&ProjectRef::Path(path.parse().unwrap()), reader(None)).await.unwrap();
    view.map(|view| (view.project.full_path.into(), view.project.moved))
}

pub async fn users_are_listed_newest_first_in_pages(scene: Scene) {
    for name in ["ada", "zoe", "bob"] {
        scene.user(name).await;
    }
    assert_eq!(listed(&scene, UserFilter::default()).await, ["bob", "zoe", "ada"]);
    let wanted = |page| PageRequest { page, per_page: 2 };
    let first = scene.store.users.list(&UserFilter::default(), SearchedFields::Names, wanted(1)).await.unwrap();
    assert_eq!((first.rows.len(), first.total, first.has_next), (2, Some(3), true));
    let beyond = scene.store.users.list(&UserFilter::default(), SearchedFields::Names, wanted(9)).await.unwrap();
    assert_eq!((beyond.rows.len(), beyond.total, beyond.has_next), (0, Some(3), false));
}

pub async fn a_username_filter_finds_the_whole_name_whatever_the_case(scene: Scene) {
    for name in ["Ada", "ada2"] {
        scene.user(name).await;
    }
    scene.group("group", None).await;
    for (username, found) in [("ada", &["Ada"][..]), ("ADA2", &["ada2"]), ("ad", &[]), ("", &[]), ("group", &[])] {
        let filter = UserFilter { username: Some(username.into()), ..UserFilter::default() };
        assert_eq!(listed(&scene, filter).await, found, "{username:?}");
    }
    let filter = UserFilter { username: Some("ada".into()), search: Some("2".into()), ..UserFilter::default() };
    assert_eq!(listed(&scene, filter).await, [""; 0]);
}

pub async fn a_search_finds_parts_of_names_and_whole_addresses_where_it_may(scene: Scene) {
    use SearchedFields::{Names, NamesAndEmails};
    let ada = NewUser { name: "Countess".into(), email: "mail@example.org".parse().unwrap(), ..new_user("ada") };
    scene.store.users.create(ada).await.unwrap();
    scene.user("bob").await;
    for (search, fields, found) in [
        ("DA", Names, &["ada"][..]),
        ("count", Names, &["ada"]),
        ("user", Names, &["bob"]),
        ("o", Names, &["bob", "ada"]),
        ("100%", Names, &[]),
        ("mail@example.org", Names, &[]),
        ("MAIL@example.org", NamesAndEmails, &["ada"]),
        ("example.org", NamesAndEmails, &[]),
    ] {
        let filter = UserFilter { search: Some(search.into()), ..UserFilter::default() };
        assert_eq!(searched(&scene, filter, fields).await, found, "{search}");
    }
}

pub async fn users_are_filtered_by_their_rights_and_by_when_they_were_created(scene: Scene) {
    for (name, administrator, second) in [("ada", false, 10), ("bob", true, 20), ("eve", true, 30)] {
        scene.store.users.create(NewUser { administrator, created_at: at(second), ..new_user(name) }).await.unwrap();
    }
    let all = UserFilter::default;
    let created = |after: Option<i64>, before: Option<i64>| UserFilter {
        created: TimeRange { after: after.map(at), before: before.map(at) },
        ..UserFilter::default()
    };
    for (filter, expected) in [
        (UserFilter { administrators: true, ..all() }, &["eve", "bob"][..]),
        (created(Some(20), None), &["eve", "bob"]),
        (created(Some(21), None), &["eve"]),
        (created(None, Some(20)), &["bob", "ada"]),
        (created(None, Some(19)), &["ada"]),
        (created(Some(11), Some(19)), &[]),
        (UserFilter { username: Some("ada".into()), administrators: true, ..all() }, &[]),
        (UserFilter { username: Some("bob".into()), ..created(None, Some(19)) }, &[]),
        (UserFilter { search: Some("user e".into()), administrators: true, ..all() }, &["eve"]),
    ] {
        assert_eq!(listed(&scene, filter.clone()).await, expected, "{filter:?}");
    }
}

pub async fn users_are_listed_in_the_order_asked_for_and_ties_go_by_id(scene: Scene) {
    for (username, name, second) in [("b", "Zoe", 3), ("C", "ada", 2), ("a", "Bob", 3), ("d", "ADA", 1)] {
        let user = NewUser { name: name.into(), created_at: at(second), ..new_user(username) };
        scene.store.users.create(user).await.unwrap();
    }
    for (order, expected) in [
        (UserOrder::Id, ["b", "C", "a", "d"]),
        (UserOrder::Name, ["C", "d", "a", "b"]),
        (UserOrder::Username, ["a", "b", "C", "d"]),
        (UserOrder::CreatedAt, ["d", "C", "b", "a"]),
    ] {
        for sort in Sort::BOTH {
            let mut shown = listed(&scene, UserFilter { order, sort, ..UserFilter::default() }).await;
            if sort == Sort::Descending {
                shown.reverse();
            }
            assert_eq!(shown, expected, "{order:?} {sort:?}");
            let filter = UserFilter { order, sort, ..UserFilter::default() };
            let wanted = PageRequest { page: 2, per_page: 3 };
            let page = scene.store.users.list(&filter, SearchedFields::Names, wanted).await.unwrap();
            assert_eq!((page.rows.len(), page.total, page.has_next), (1, Some(4), false));
        }
    }
}

pub async fn updating_a_user_changes_what_is_given_and_keeps_the_rest(scene: Scene) {
    let ada = scene.user("ada").await;
    let users = &scene.store.users;
    assert_eq!(users.update(ada.id, UserChanges::default()).await.unwrap(), ada);
    let changes =
        UserChanges { name: Some("Countess".parse().unwrap()), administrator: Some(true), ..UserChanges::default() };
    let after = users.update(ada.id, changes).await.unwrap();
    assert_eq!((after.name.as_str(), after.administrator), ("Countess", true));
    assert_eq!((&after.username, &after.email), (&ada.username, &ada.email));
    let changes = UserChanges { email: Some("a@b".parse().unwrap()), ..renamed("Ada") };
    let after = users.update(ada.id, changes).await.unwrap();
    assert_eq!((after.username.as_str(), after.email.as_str()), ("Ada", "a@b"));
    assert_eq!(users.get(ada.id).await.unwrap(), Some(after));
    let namespace = scene.store.projects.namespace(None, ada.id).await.unwrap().unwrap().namespace;
    assert_eq!((namespace.name.as_str(), namespace.path.as_str()), ("Countess", "Ada"));
    assert_eq!(namespace.full_path.as_str(), "Ada");
    assert!(matches!(users.update(never(), UserChanges::default()).await, Err(UserWriteError::Gone)));
}

fn never() -> UserId {
    1000.try_into().unwrap()
}

pub async fn a_username_or_address_in_use_leaves_the_user_unchanged(scene: Scene) {
    let (ada, bob) = (scene.user("ada").await, scene.user("bob").await);
    scene.group("top", None).await;
    let users = &scene.store.users;
    for taken in ["BOB", "top"] {
        let refused = users.update(ada.id, renamed(taken)).await;
        assert!(matches!(refused, Err(UserWriteError::Taken(UserTaken::Username))), "{taken}: {refused:?}");
    }
    let changes = UserChanges { email: Some(bob.email.as_str().to_uppercase().parse().unwrap()), ..renamed("free") };
    let refused = users.update(ada.id, changes).await;
    assert!(matches!(refused, Err(UserWriteError::Taken(UserTaken::Email))), "{refused:?}");
    assert_eq!(users.get(ada.id).await.unwrap().as_ref(), Some(&ada));
    let own = UserChanges { email: Some(ada.email.as_str().to_uppercase().parse().unwrap()), ..renamed("ada") };
    assert!(users.update(ada.id, own).await.is_ok());
}

pub async fn changing_a_username_moves_the_projects_of_its_namespace(scene: Scene) {
    let start = scene.start().await;
    let users = &scene.store.users;
    users.update(start.owner.id, renamed("b")).await.unwrap();
    users.update(start.owner.id, renamed("countess")).await.unwrap();
    assert_eq!(at_path(&scene, "countess/hello").await, Some(("countess/hello".into(), false)));
    for left in ["ada/hello", "B/Hello"] {
        assert_eq!(at_path(&scene, left).await, Some(("countess/hello".into(), true)), "{left}");
    }
    let another = NewUser { email: "another@example.com".parse().unwrap(), ..new_user("ada") };
    let another = users.create(another).await.unwrap().id;
    assert_eq!(at_path(&scene, "ada/hello").await, Some(("countess/hello".into(), true)));
    scene.project(scene.own_namespace(another).await, "hello", another).await;
    assert_eq!(at_path(&scene, "ada/hello").await, Some(("ada/hello".into(), false)));
}

pub async fn moving_back_to_a_former_username_restores_its_path(scene: Scene) {
    let start = scene.start().await;
    let users = &scene.store.users;
    for name in ["b", "ada", "ADA"] {
        users.update(start.owner.id, renamed(name)).await.unwrap();
    }
    assert_eq!(at_path(&scene, "ada/hello").await, Some(("ADA/hello".into(), false)));
    assert_eq!(at_path(&scene, "b/hello").await, Some(("ADA/hello".into(), true)));
    let other = scene.user("b").await;
    scene.project(scene.own_namespace(other.id).await, "hello", other.id).await;
    users.update(other.id, renamed("c")).await.unwrap();
    assert_eq!(at_path(&scene, "b/hello").await, Some(("c/hello".into(), true)));
}

pub async fn the_last_administrator_remains_one(scene: Scene) {
    let users = &scene.store.users;
    let administrator = |name| NewUser { administrator: true, ..new_user(name) };
    let root = users.create(administrator("root")).await.unwrap().id;
    let lowered = || UserChanges { administrator: Some(false), ..UserChanges::default() };
    scene.user("ada").await;
    assert!(matches!(users.update(root, lowered()).await, Err(UserWriteError::LastAdministrator)));
    assert!(matches!(users.delete(root).await, Err(UserWriteError::LastAdministrator)));
    let second = users.create(administrator("second")).await.unwrap().id;
    let outcomes = scene.race(|store, racer| async move {
        let user = if racer % 2 == 0 { root } else { second };
        if racer < 25 { store.users.delete(user).await } else { store.users.update(user, lowered()).await.map(drop) }
    });
    assert!(outcomes.await.iter().any(Result::is_ok));
    let all = users.list(&UserFilter::default(), SearchedFields::Names, PageRequest::default()).await.unwrap().rows;
    assert_eq!(all.iter().filter(|user| user.administrator).count(), 1);
}

pub async fn a_bot_does_not_count_as_the_last_administrator(scene: Scene) {
    let start = scene.start().await;
    let users = &scene.store.users;
    let root = users.create(NewUser { administrator: true, ..new_user("root") }).await.unwrap().id;
    let bot = made_for_project(&scene, start.project.id, 7).await.user;
    let raised = UserChanges { administrator: Some(true), ..UserChanges::default() };
    users.update(bot, raised).await.unwrap();
    let lowered = UserChanges { administrator: Some(false), ..UserChanges::default() };
    assert!(matches!(users.update(root, lowered).await, Err(UserWriteError::LastAdministrator)));
    assert!(matches!(users.delete(root).await, Err(UserWriteError::LastAdministrator)));
}

pub async fn deleting_a_user_deletes_their_projects_and_tokens(scene: Scene) {
    let start = scene.start().await;
    let bob = scene.user("bob").await.id;
    scene.project_member(start.project.id, bob, Guest).await;
    scene.store.tokens.create_personal(start.owner.id, new_token(7)).await.unwrap();
    scene.store.users.delete(start.owner.id).await.unwrap();
    assert_eq!(scene.store.users.get(start.owner.id).await.unwrap(), None);
    assert_eq!(scene.store.projects.get(&by_id(&start.project), reader(None)).await.unwrap(), None);
    assert_eq!(scene.store.credentials.find(&TokenDigest([7; 32])).await.unwrap(), None);
    assert!(scene.store.users.get(bob).await.unwrap().is_some());
    assert!(matches!(scene.store.users.delete(start.owner.id).await, Err(UserWriteError::Gone)));
    assert!(scene.user("ada").await.id > bob);
}

pub async fn releases_elsewhere_outlive_their_author(scene: Scene) {
    let start = scene.start().await;
    let author = scene.user("bob").await;
    let release = NewRelease { author: Some(author.id), ..new_release(start.project.id, "v2.0") };
    let release = scene.made(release).await;
    assert_eq!(release.author, Some(author.clone()));
    scene.store.users.delete(author.id).await.unwrap();
    let key = crate::scene::key(&start.project, "v2.0");
    let left = scene.store.releases.get(&key).await.unwrap().unwrap().found.unwrap();
    assert_eq!((left.id, left.author), (release.id, None));
}

pub async fn the_last_owner_of_a_group_is_not_deleted(scene: Scene) {
    let (ada, bob) = (scene.user("ada").await.id, scene.user("bob").await.id);
    let top = scene.group("top", None).await.id;
    let below = scene.group("below", Some(top)).await.id;
    scene.group_member(top, ada, Owner).await;
    scene.group_member(below, ada, Owner).await;
    scene.group_member(below, bob, Owner).await;
    let users = &scene.store.users;
    assert!(matches!(users.delete(ada).await, Err(UserWriteError::LastOwner)));
    assert!(users.get(ada).await.unwrap().is_some());
    users.delete(bob).await.unwrap();
    let zoe = scene.user("zoe").await.id;
    scene.group_member(top, zoe, Owner).await;
    users.delete(ada).await.unwrap();
}
