//! Lists of groups and projects: exactly those that a viewer can see, reduced by a filter.

use release_links_domain::access::{AccessLevel, EffectiveAccess};
use release_links_domain::project::Visibility;
use release_links_domain::user::UserRef;
use release_links_domain::{ProjectId, UserId};
use release_links_ports::{
    GroupChanges, GroupFilter, GroupOrder, NewGroup, NewProject, NewRelease, PageRequest, ProjectChanges,
    ProjectFilter, ProjectOrder, Sort, TimeRange, Viewer, Within,
};

use crate::scene::{Scene, at, new_group, new_project, new_release};

/// Returns the viewer that the domain's rule derives from `at_large` for somebody without levels other than those in
/// storage.
fn viewer(user: Option<UserId>, at_large: EffectiveAccess) -> Viewer {
    let open = Visibility::ALL.iter().copied().filter(|&visibility| at_large.sees(visibility)).collect();
    Viewer { user, open, only: None }
}

fn signed_in(user: UserId) -> Viewer {
    viewer(Some(user), EffectiveAccess::SignedIn(None))
}

async fn projects(scene: &Scene, viewer: &Viewer, filter: ProjectFilter) -> Vec<ProjectId> {
    let page = PageRequest { page: 1, per_page: 100 };
    let page = scene.store.projects.list(viewer.clone(), filter, page).await.unwrap();
    page.rows.into_iter().map(|details| details.project.id).collect()
}

async fn groups(scene: &Scene, viewer: &Viewer, filter: GroupFilter) -> Vec<String> {
    let page = PageRequest { page: 1, per_page: 100 };
    let page = scene.store.groups.list(viewer.clone(), filter, page).await.unwrap();
    page.rows.into_iter().map(|group| group.full_path.into()).collect()
}

/// Returns every kind of viewer, with their access in general and where they have a level.
async fn everybody(scene: &Scene, join: impl AsyncFn(UserId, AccessLevel)) -> Vec<(Viewer, EffectiveAccess)> {
    let mut everybody = vec![(viewer(None, EffectiveAccess::Anonymous), EffectiveAccess::Anonymous)];
    let (stranger, root) = (scene.user("stranger").await.id, scene.user("root").await.id);
    everybody.push((signed_in(stranger), EffectiveAccess::SignedIn(None)));
    everybody.push((viewer(Some(root), EffectiveAccess::Administrator), EffectiveAccess::Administrator));
    for level in AccessLevel::ALL {
        let user = scene.user(&format!("level-{}", level.number())).await.id;
        join(user, level).await;
        everybody.push((signed_in(user), EffectiveAccess::SignedIn(Some(level))));
    }
    everybody
}

pub async fn a_list_contains_the_projects_that_their_visibility_or_a_level_shows(scene: Scene) {
    let maker = scene.user("maker").await.id;
    let public = async |path, parent| {
        let new = NewGroup { visibility: Visibility::Public, ..new_group(path, parent) };
        scene.store.groups.create(new).await.unwrap().id
    };
    let top = public("top", None).await;
    let below = public("below", Some(top)).await;
    for (number, &visibility) in Visibility::ALL.iter().enumerate() {
        let in_group = NewProject { visibility, ..new_project(below, &format!("p{number}"), maker) };
        let in_group = scene.store.projects.create(in_group).await.unwrap();
        let alone =
            NewProject { visibility, ..new_project(scene.own_namespace(maker).await, &format!("p{number}"), maker) };
        let alone = scene.store.projects.create(alone).await.unwrap();
        let other = scene.user(&format!("other-{number}")).await.id;
        assert_eq!(
            projects(&scene, &signed_in(other), ProjectFilter::default()).await.contains(&alone.id),
            EffectiveAccess::SignedIn(None).sees(visibility)
        );
        assert!(projects(&scene, &signed_in(maker), ProjectFilter::default()).await.contains(&alone.id));
        scene.project_member(alone.id, other, AccessLevel::Guest).await;
        assert!(projects(&scene, &signed_in(other), ProjectFilter::default()).await.contains(&alone.id));
        assert_eq!(in_group.rules.visibility, visibility);
    }
    let all = everybody(&scene, async |user, level| scene.group_member(top, user, level).await).await;
    for (viewer, access) in all {
        let listed = scene.store.projects.list(viewer.clone(), ProjectFilter::default(), PageRequest::default());
        let mut shown: Vec<_> = listed.await.unwrap().rows.into_iter().map(|details| details.project).collect();
        shown.retain(|project| project.namespace.id == below);
        let shown: Vec<_> = shown.into_iter().map(|project| project.rules.visibility).collect();
        // Newest first, so in reverse order.
        let expected: Vec<_> =
            Visibility::ALL.iter().copied().rev().filter(|&visibility| access.sees(visibility)).collect();
        assert_eq!(shown, expected, "{access:?}");
    }
}

pub async fn a_list_contains_the_groups_that_their_visibility_or_a_level_shows(scene: Scene) {
    let mut tops = Vec::new();
    for &visibility in Visibility::ALL {
        let top = NewGroup { visibility, ..new_group(visibility.as_str(), None) };
        let top = scene.store.groups.create(top).await.unwrap();
        let below = NewGroup { visibility, ..new_group("below", Some(top.id)) };
        scene.store.groups.create(below).await.unwrap();
        tops.push(top.id);
    }
    let all = everybody(&scene, async |user, level| {
        for &top in &tops {
            scene.group_member(top, user, level).await;
        }
    })
    .await;
    for (viewer, access) in all {
        let shown = groups(&scene, &viewer, GroupFilter::default()).await;
        for visibility in Visibility::ALL {
            for path in [visibility.to_string(), format!("{visibility}/below")] {
                assert_eq!(shown.contains(&path), access.sees(*visibility), "{access:?} {path}");
            }
        }
        assert_eq!(shown.len(), 2 * Visibility::ALL.iter().filter(|&&v| access.sees(v)).count(), "no user's namespace");
    }
}

pub async fn a_level_below_does_not_show_the_group_above(scene: Scene) {
    let user = scene.user("ada").await.id;
    let top = NewGroup { visibility: Visibility::Private, ..new_group("top", None) };
    let top = scene.store.groups.create(top).await.unwrap().id;
    let below = NewGroup { visibility: Visibility::Private, ..new_group("below", Some(top)) };
    let below = scene.store.groups.create(below).await.unwrap().id;
    scene.group_member(below, user, AccessLevel::Owner).await;
    assert_eq!(groups(&scene, &signed_in(user), GroupFilter::default()).await, ["top/below"]);
}

pub async fn a_filter_keeps_the_projects_that_match(scene: Scene) {
    let (ada, bob) = (scene.user("ada").await.id, scene.user("bob").await.id);
    let group = NewGroup { visibility: Visibility::Public, ..new_group("top", None) };
    let group = scene.store.groups.create(group).await.unwrap().id;
    let own = scene.project(scene.own_namespace(ada).await, "Hello_World", ada).await.id;
    let public = NewProject { visibility: Visibility::Public, ..new_project(group, "other", bob) };
    let public = scene.store.projects.create(public).await.unwrap().id;
    let grouped = scene.project(group, "third", bob).await.id;
    let viewer = signed_in(ada);
    let listed = async |filter| projects(&scene, &viewer, filter).await;
    let all = ProjectFilter::default;
    assert_eq!(listed(all()).await, [public, own]);
    scene.group_member(group, ada, AccessLevel::Developer).await;
    scene.project_member(grouped, ada, AccessLevel::Guest).await;
    assert_eq!(listed(all()).await, [grouped, public, own]);
    for (least, expected) in [
        (AccessLevel::Guest, vec![grouped, public, own]),
        (AccessLevel::Maintainer, vec![own]),
        (AccessLevel::Owner, vec![own]),
    ] {
        assert_eq!(listed(ProjectFilter { least_level: Some(least), ..all() }).await, expected, "{least:?}");
    }
    scene.project_member(public, ada, AccessLevel::Owner).await;
    assert_eq!(listed(ProjectFilter { least_level: Some(AccessLevel::Owner), ..all() }).await, [public, own]);
    for (search, expected) in [
        ("ELLO", vec![own]),
        ("project h", vec![own]),
        ("_", vec![own]),
        ("%", vec![]),
        ("O", vec![grouped, public, own]),
    ] {
        let filter = ProjectFilter { search: Some(search.to_owned()), ..all() };
        assert_eq!(listed(filter).await, expected, "{search}");
    }
    let visibility = Some(Visibility::Public);
    assert_eq!(listed(ProjectFilter { visibility, ..all() }).await, [public]);
    let archive = ProjectChanges { archived: Some(true), ..ProjectChanges::default() };
    scene.store.projects.update(own, archive, ada).await.unwrap();
    assert_eq!(listed(ProjectFilter { archived: Some(true), ..all() }).await, [own]);
    assert_eq!(listed(ProjectFilter { archived: Some(false), ..all() }).await, [grouped, public]);
    let only = |user, project| Viewer { only: Some(project), ..signed_in(user) };
    assert_eq!(projects(&scene, &only(ada, public), all()).await, [public]);
    assert_eq!(projects(&scene, &only(scene.user("eve").await.id, grouped), all()).await, []);
}

pub async fn a_filter_keeps_the_groups_that_match(scene: Scene) {
    let top = scene.group("Zoo", None).await.id;
    scene.group("bears", Some(top)).await;
    let named = scene.group("x", None).await.id;
    let changes = GroupChanges { name: Some("animals".parse().unwrap()), ..GroupChanges::default() };
    scene.store.groups.update(named, changes).await.unwrap();
    let viewer = signed_in(scene.user("ada").await.id);
    let listed = async |filter| groups(&scene, &viewer, filter).await;
    assert_eq!(listed(GroupFilter::default()).await, ["x", "Zoo/bears", "Zoo"]);
    assert_eq!(listed(GroupFilter { top_level_only: true, ..GroupFilter::default() }).await, ["x", "Zoo"]);
    for (search, expected) in [("ZOO", vec!["Zoo"]), ("MAL", vec!["x"]), ("bear", vec!["Zoo/bears"]), ("%", vec![])] {
        assert_eq!(listed(GroupFilter { search: Some(search.to_owned()), ..GroupFilter::default() }).await, expected);
    }
}

pub async fn a_filter_of_groups_heeds_levels_visibilities_and_exceptions(scene: Scene) {
    let ada = scene.user("ada").await.id;
    let private = NewGroup { visibility: Visibility::Private, ..new_group("own", None) };
    let own = scene.store.groups.create(private).await.unwrap().id;
    let public = NewGroup { visibility: Visibility::Public, ..new_group("open", None) };
    let open = scene.store.groups.create(public).await.unwrap().id;
    let below = scene.group("below", Some(open)).await.id;
    let hidden = NewGroup { visibility: Visibility::Private, ..new_group("hidden", None) };
    let hidden = scene.store.groups.create(hidden).await.unwrap().id;
    scene.group_member(own, ada, AccessLevel::Owner).await;
    scene.group_member(open, ada, AccessLevel::Developer).await;
    let least = |level| GroupFilter { least_level: Some(level), ..GroupFilter::default() };
    let all = GroupFilter::default;
    for (filter, expected) in [
        (all(), &["open/below", "open", "own"][..]),
        (least(AccessLevel::Guest), &["open/below", "open", "own"]),
        (least(AccessLevel::Developer), &["open/below", "open", "own"]),
        (least(AccessLevel::Maintainer), &["own"]),
        (GroupFilter { top_level_only: true, ..least(AccessLevel::Guest) }, &["open", "own"]),
        (GroupFilter { visibility: Some(Visibility::Public), ..all() }, &["open"]),
        (GroupFilter { visibility: Some(Visibility::Private), ..all() }, &["own"]),
        (GroupFilter { except: vec![own, below, hidden], ..all() }, &["open"]),
        (GroupFilter { except: vec![open], ..least(AccessLevel::Guest) }, &["open/below", "own"]),
        (GroupFilter { search: Some("hid".to_owned()), ..all() }, &[]),
    ] {
        assert_eq!(groups(&scene, &signed_in(ada), filter.clone()).await, expected, "{filter:?}");
    }
    let nobody = viewer(None, EffectiveAccess::Anonymous);
    assert_eq!(groups(&scene, &nobody, least(AccessLevel::Guest)).await, [""; 0]);
    assert_eq!(groups(&scene, &nobody, all()).await, ["open"]);
}

pub async fn groups_are_listed_in_the_order_asked_for_and_ties_go_by_id(scene: Scene) {
    let ada = scene.user("ada").await.id;
    for (path, name) in [("b", "Zoo"), ("C", "ada"), ("a", "Bob"), ("d", "ADA")] {
        let group = NewGroup { name: name.parse().unwrap(), owner: Some(ada), ..new_group(path, None) };
        scene.store.groups.create(group).await.unwrap();
    }
    for (order, expected) in [
        (GroupOrder::Name, ["C", "d", "a", "b"]),
        (GroupOrder::Path, ["a", "b", "C", "d"]),
        (GroupOrder::Id, ["b", "C", "a", "d"]),
    ] {
        for sort in Sort::BOTH {
            for least_level in [None, Some(AccessLevel::Owner)] {
                let filter = GroupFilter { order, sort, least_level, ..GroupFilter::default() };
                let mut shown = groups(&scene, &signed_in(ada), filter).await;
                if sort == Sort::Descending {
                    shown.reverse();
                }
                assert_eq!(shown, expected, "{order:?} {sort:?} {least_level:?}");
            }
        }
    }
}

pub async fn projects_are_listed_in_the_order_asked_for_and_ties_go_by_id(scene: Scene) {
    let ada = scene.user("ada").await.id;
    let home = scene.own_namespace(ada).await;
    let mut made = Vec::new();
    for (path, name, second) in [("b", "Zoo", 3), ("C", "ada", 2), ("a", "Bob", 3), ("d", "ADA", 1)] {
        let project =
            NewProject { name: name.parse().unwrap(), created_at: at(second), ..new_project(home, path, ada) };
        made.push(scene.store.projects.create(project).await.unwrap().id);
    }
    let places = |list: Vec<ProjectId>| -> Vec<usize> {
        list.into_iter().map(|id| made.iter().position(|&made| made == id).unwrap()).collect()
    };
    for (order, expected) in [
        (ProjectOrder::Id, [0, 1, 2, 3]),
        (ProjectOrder::Name, [1, 3, 2, 0]),
        (ProjectOrder::Path, [2, 0, 1, 3]),
        (ProjectOrder::CreatedAt, [3, 1, 0, 2]),
    ] {
        for sort in Sort::BOTH {
            for least_level in [None, Some(AccessLevel::Owner)] {
                let filter = ProjectFilter { order, sort, least_level, ..ProjectFilter::default() };
                let mut shown = places(projects(&scene, &signed_in(ada), filter).await);
                if sort == Sort::Descending {
                    shown.reverse();
                }
                assert_eq!(shown, expected, "{order:?} {sort:?} {least_level:?}");
            }
        }
    }
    let between = |id_after: Option<usize>, id_before: Option<usize>| ProjectFilter {
        id_after: id_after.map(|at| made[at].get()),
        id_before: id_before.map(|at| made[at].get()),
        order: ProjectOrder::Name,
        ..ProjectFilter::default()
    };
    for (filter, expected) in [
        (between(Some(0), None), &[2, 3, 1][..]),
        (between(None, Some(2)), &[0, 1]),
        (between(Some(0), Some(2)), &[1]),
        (between(Some(2), Some(1)), &[]),
        (ProjectFilter { id_after: Some(i64::MAX), ..between(None, None) }, &[]),
        (ProjectFilter { id_before: Some(i64::MIN), ..between(None, None) }, &[]),
        (ProjectFilter { id_after: Some(-1), id_before: Some(i64::MAX), ..between(None, None) }, &[0, 2, 3, 1]),
    ] {
        assert_eq!(places(projects(&scene, &signed_in(ada), filter.clone()).await), expected, "{filter:?}");
        let only = Viewer { only: Some(made[1]), ..signed_in(ada) };
        let reached: Vec<_> = expected.iter().copied().filter(|&place| place == 1).collect();
        assert_eq!(places(projects(&scene, &only, filter.clone()).await), reached, "{filter:?}");
    }
}

pub async fn projects_are_found_by_their_topics_and_their_last_activity(scene: Scene) {
    let ada = scene.user("ada").await.id;
    let home = scene.own_namespace(ada).await;
    let mut made = Vec::new();
    for (path, topics, second) in [("a", vec!["rust", "c\"\\i"], 3), ("b", vec!["rust lang"], 2), ("c", vec![], 1)] {
        let topics: Vec<String> = topics.into_iter().map(str::to_owned).collect();
        let topics = topics.try_into().unwrap();
        let project = NewProject { topics, created_at: at(second), ..new_project(home, path, ada) };
        made.push(scene.store.projects.create(project).await.unwrap().id);
    }
    let release = NewRelease { created_at: at(9), ..new_release(made[2], "v1.0") };
    scene.made(release).await;
    let all = ProjectFilter::default;
    let topics = |topics: &[&str]| ProjectFilter {
        topics: topics.iter().map(|&topic| topic.to_owned()).collect(),
        ..ProjectFilter::default()
    };
    let active = |after: Option<i64>, before: Option<i64>| ProjectFilter {
        active: TimeRange { after: after.map(at), before: before.map(at) },
        ..ProjectFilter::default()
    };
    let order = ProjectOrder::LastActivityAt;
    for (filter, expected) in [
        (topics(&["rust"]), &[0][..]),
        (topics(&["c\"\\i", "rust"]), &[0]),
        (topics(&["rust", "rust lang"]), &[]),
        (topics(&["Rust"]), &[]),
        (topics(&["rust lang"]), &[1]),
        (topics(&["lang"]), &[]),
        (active(Some(3), None), &[0, 2]),
        (active(Some(4), None), &[2]),
        (active(None, Some(3)), &[0, 1]),
        (active(Some(2), Some(8)), &[0, 1]),
        (ProjectFilter { order, ..all() }, &[2, 0, 1]),
        (ProjectFilter { order, sort: Sort::Ascending, ..all() }, &[1, 0, 2]),
        (ProjectFilter { order, least_level: Some(AccessLevel::Owner), ..all() }, &[2, 0, 1]),
    ] {
        let expected: Vec<_> = expected.iter().map(|&place: &usize| made[place]).collect();
        assert_eq!(projects(&scene, &signed_in(ada), filter.clone()).await, expected, "{filter:?}");
    }
}

pub async fn a_member_of_a_project_finds_the_groups_above_it_without_a_level_there(scene: Scene) {
    let (ada, bob) = (scene.user("ada").await.id, scene.user("bob").await.id);
    let private = async |path, parent| {
        let new = NewGroup { visibility: Visibility::Private, ..new_group(path, parent) };
        scene.store.groups.create(new).await.unwrap().id
    };
    let top = private("top", None).await;
    let low = private("low", Some(top)).await;
    private("other", Some(top)).await;
    let empty = private("empty", Some(low)).await;
    let project = scene.project(low, "p", ada).await.id;
    let below = async |group| {
        let view = scene.store.groups.get(group, Some(bob)).await.unwrap().unwrap();
        (view.level, view.member_below)
    };
    assert_eq!((below(top).await, below(low).await), ((None, false), (None, false)));
    assert_eq!(groups(&scene, &signed_in(bob), GroupFilter::default()).await, [""; 0]);
    scene.project_member(project, bob, AccessLevel::Owner).await;
    assert_eq!([below(top).await, below(low).await, below(empty).await], [(None, true), (None, true), (None, false)]);
    assert!(!scene.store.groups.get(top, None).await.unwrap().unwrap().member_below);
    let least = Some(AccessLevel::Guest);
    let all = GroupFilter::default;
    for (filter, expected) in [
        (all(), &["top/low", "top"][..]),
        (GroupFilter { search: Some("to".to_owned()), ..all() }, &["top"]),
        (GroupFilter { top_level_only: true, ..all() }, &["top"]),
        (GroupFilter { parent: Some(top), ..all() }, &["top/low"]),
        (GroupFilter { visibility: Some(Visibility::Public), ..all() }, &[]),
        (GroupFilter { least_level: least, ..all() }, &[]),
        (GroupFilter { least_level: least, parent: Some(top), ..all() }, &[]),
    ] {
        assert_eq!(groups(&scene, &signed_in(bob), filter.clone()).await, expected, "{filter:?}");
    }
    assert_eq!(groups(&scene, &viewer(None, EffectiveAccess::Anonymous), all()).await, [""; 0]);
    scene.store.groups.delete(low).await.unwrap();
    assert_eq!(below(top).await, (None, false));
}

pub async fn a_list_within_a_namespace_contains_what_is_directly_there_or_also_below(scene: Scene) {
    let (ada, bob) = (scene.user("ada").await.id, scene.user("bob").await.id);
    let public = async |path, parent| {
        let new = NewGroup { visibility: Visibility::Public, ..new_group(path, parent) };
        scene.store.groups.create(new).await.unwrap().id
    };
    let [top, other] = [public("top", None).await, public("other", None).await];
    let below = public("z", Some(top)).await;
    let deep = public("deep", Some(below)).await;
    public("a", Some(top)).await;
    let mut made = Vec::new();
    for (number, namespace) in [top, below, deep, other].into_iter().enumerate() {
        let visibility = if number % 2 == 0 { Visibility::Public } else { Visibility::Private };
        let new = NewProject { visibility, ..new_project(namespace, &format!("p{number}"), bob) };
        made.push(scene.store.projects.create(new).await.unwrap().id);
    }
    let home = scene.own_namespace(ada).await;
    let own = scene.project(home, "own", ada).await.id;
    let viewer = signed_in(ada);
    let within = |namespace, subgroups| ProjectFilter {
        within: Some(Within { namespace, subgroups }),
        ..ProjectFilter::default()
    };
    let listed = async |namespace, subgroups| projects(&scene, &viewer, within(namespace, subgroups)).await;
    assert_eq!(listed(top, false).await, [made[0]]);
    assert_eq!(listed(top, true).await, [made[2], made[0]]);
    assert_eq!(listed(below, false).await, []);
    for subgroups in [false, true] {
        assert_eq!(listed(home, subgroups).await, [own]);
        assert_eq!(listed(1000.try_into().unwrap(), subgroups).await, []);
    }
    scene.project_member(made[1], ada, AccessLevel::Guest).await;
    assert_eq!(listed(top, true).await, [made[2], made[1], made[0]]);
    for (level, expected) in [(AccessLevel::Guest, vec![made[1]]), (AccessLevel::Developer, vec![])] {
        let filter = ProjectFilter { least_level: Some(level), ..within(top, true) };
        assert_eq!(projects(&scene, &viewer, filter).await, expected);
    }
    let page = PageRequest { page: 2, per_page: 1 };
    let found = scene.store.projects.list(viewer.clone(), within(top, true), page).await.unwrap();
    assert_eq!((found.total, found.has_next, found.rows[0].project.id), (Some(3), true, made[1]));
    let of_parent = |parent| GroupFilter { parent: Some(parent), ..GroupFilter::default() };
    assert_eq!(groups(&scene, &viewer, of_parent(top)).await, ["top/a", "top/z"]);
    assert_eq!(groups(&scene, &viewer, of_parent(deep)).await, [] as [&str; 0]);
    let found = scene.store.groups.list(viewer, of_parent(top), page).await.unwrap();
    assert_eq!((found.total, found.has_next, found.rows[0].id), (Some(2), false, below));
}

pub async fn a_user_is_found_by_id_or_username_with_their_own_namespace(scene: Scene) {
    let user = scene.user("Ada").await;
    scene.group("top", None).await;
    let home = scene.own_namespace(user.id).await;
    for named in [UserRef::Id(user.id), UserRef::Username("aDA".parse().unwrap())] {
        assert_eq!(scene.store.users.find(&named).await.unwrap(), Some((user.clone(), home)));
    }
    for named in [UserRef::Id(1000.try_into().unwrap()), UserRef::Username("top".parse().unwrap())] {
        assert_eq!(scene.store.users.find(&named).await.unwrap(), None);
    }
}

pub async fn projects_and_groups_are_listed_in_pages(scene: Scene) {
    let user = scene.user("ada").await.id;
    let mut made = Vec::new();
    for number in 0..5 {
        let group = scene.group(&format!("g{number}"), None).await.id;
        made.push(scene.project(scene.own_namespace(user).await, &format!("p{number}"), user).await.id);
        scene.group_member(group, user, AccessLevel::Guest).await;
    }
    made.reverse();
    let viewer = signed_in(user);
    for least_level in [None, Some(AccessLevel::Owner)] {
        let filter = ProjectFilter { least_level, ..ProjectFilter::default() };
        for (page, has_next) in [(1, true), (2, true), (3, false), (4, false)] {
            let wanted = PageRequest { page, per_page: 2 };
            let found = scene.store.projects.list(viewer.clone(), filter.clone(), wanted).await.unwrap();
            assert_eq!((found.total, found.has_next), (Some(5), has_next), "page {page}");
            let ids: Vec<_> = found.rows.into_iter().map(|details| details.project.id).collect();
            let expected: Vec<_> = made.chunks(2).nth(usize::try_from(page - 1).unwrap()).unwrap_or_default().to_vec();
            assert_eq!(ids, expected, "page {page}");
        }
    }
    let wanted = PageRequest { page: 2, per_page: 2 };
    let found = scene.store.groups.list(viewer, GroupFilter::default(), wanted).await.unwrap();
    assert_eq!((found.total, found.has_next), (Some(5), true));
    let paths: Vec<_> = found.rows.iter().map(|group| group.path.as_str()).collect();
    assert_eq!(paths, ["g2", "g3"]);
}
