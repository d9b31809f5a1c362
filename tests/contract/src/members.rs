//! Memberships, and changes to them.

use release_links_domain::access::AccessLevel::{self, Developer, Guest, Maintainer, Owner, Reporter};
use release_links_domain::access::Reader;
use release_links_domain::namespace::NamespaceRef;
use release_links_domain::project::{Project, ProjectRef, Visibility};
use release_links_domain::user::UserRef;
use release_links_domain::{NamespaceId, UserId};
use release_links_ports::{
    Member, MemberCandidate, MemberFilter, MemberSource, MemberSourceRef, MemberSourceView, MemberWriteError, NewGroup,
    NewUser, Page, PageRequest, Reach,
};

use crate::scene::{Scene, new_group, new_user, reader};

fn project(project: &Project) -> MemberSourceRef {
    MemberSourceRef::Project(ProjectRef::Id(project.id))
}

fn group(group: NamespaceId) -> MemberSourceRef {
    MemberSourceRef::Group(NamespaceRef::Id(group))
}

fn found<T>(view: Option<MemberSourceView<T>>) -> Option<T> {
    match view.unwrap() {
        MemberSourceView::Project(view) => view.found,
        MemberSourceView::Group(_, found) => found,
    }
}

async fn page(
    scene: &Scene,
    source: &MemberSourceRef,
    reach: Reach,
    page: u64,
    per_page: u64,
) -> Page<(UserId, AccessLevel)> {
    let members = filtered(scene, source, reach, MemberFilter::default(), PageRequest { page, per_page }).await;
    members.map(|member| (member.user.id, member.level))
}

async fn filtered(
    scene: &Scene,
    source: &MemberSourceRef,
    reach: Reach,
    filter: MemberFilter,
    page: PageRequest,
) -> Page<Member> {
    found(scene.store.members.list(source, reader(None), reach, filter, page).await.unwrap()).unwrap()
}

async fn all(scene: &Scene, source: &MemberSourceRef, reach: Reach) -> Vec<(UserId, AccessLevel)> {
    page(scene, source, reach, 1, 100).await.rows
}

async fn one(scene: &Scene, source: &MemberSourceRef, reach: Reach, user: UserId) -> Option<AccessLevel> {
    let member = found(scene.store.members.get(source, reader(None), reach, user).await.unwrap());
    member.map(|member| {
        assert_eq!(member.user.id, user);
        member.level
    })
}

pub async fn direct_members_are_listed_by_user_in_pages(scene: Scene) {
    let start = scene.start().await;
    let top = scene.group("top", None).await.id;
    let mut members = Vec::new();
    for name in ["zoe", "bob", "mia"] {
        let user = scene.user(name).await.id;
        scene.project_member(start.project.id, user, Guest).await;
        scene.group_member(top, user, Guest).await;
        members.push((user, Guest));
    }
    for source in [project(&start.project), group(top)] {
        assert_eq!(all(&scene, &source, Reach::Direct).await, members);
        let second = page(&scene, &source, Reach::Direct, 2, 2).await;
        assert_eq!(second, Page { rows: members[2..].to_vec(), total: Some(3), has_next: false });
        assert_eq!(page(&scene, &source, Reach::Direct, 9, 2).await.total, Some(3));
    }
}

pub async fn members_are_filtered_by_a_search_and_by_user(scene: Scene) {
    let start = scene.start().await;
    let top = scene.group("top", None).await.id;
    let nested = scene.project(top, "hello", start.owner.id).await;
    let mut users = Vec::new();
    for (username, name) in [("Zoe", "Bear"), ("bob", "Zoom"), ("mia", "100%")] {
        let user = NewUser { name: name.into(), ..new_user(username) };
        let user = scene.store.users.create(user).await.unwrap().id;
        scene.group_member(top, user, Guest).await;
        scene.project_member(nested.id, user, Guest).await;
        users.push(user);
    }
    let [zoe, bob, mia] = users[..] else { panic!("three users") };
    let nobody = 1_000_000.try_into().unwrap();
    let all = MemberFilter::default;
    let search = |text: &str| MemberFilter { search: Some(text.to_owned()), ..MemberFilter::default() };
    let only = |users: &[UserId]| Some(users.to_vec());
    for (filter, expected) in [
        (all(), &[zoe, bob, mia][..]),
        (search("ZO"), &[zoe, bob]),
        (search("%"), &[mia]),
        (search("mia@example.com"), &[]),
        (MemberFilter { only: only(&[mia, zoe, nobody]), ..all() }, &[zoe, mia]),
        (MemberFilter { only: only(&[]), ..all() }, &[]),
        (MemberFilter { except: vec![zoe, nobody], ..all() }, &[bob, mia]),
        (MemberFilter { only: only(&[zoe, bob]), except: vec![zoe], ..search("o") }, &[bob]),
    ] {
        for source in [project(&nested), group(top)] {
            for reach in [Reach::Direct, Reach::Inherited] {
                let page = filtered(&scene, &source, reach, filter.clone(), PageRequest::default()).await;
                assert_eq!(page.total, Some(expected.len() as u64), "{filter:?} {reach:?}");
                assert_eq!(page.rows.iter().map(|member| member.user.id).collect::<Vec<_>>(), expected, "{filter:?}");
                let wanted = PageRequest { page: 2, per_page: 1 };
                let second = filtered(&scene, &source, reach, filter.clone(), wanted).await;
                assert_eq!(second.rows.first().map(|member| member.user.id), expected.get(1).copied());
                assert_eq!(second.total, page.total);
            }
        }
    }
}

pub async fn each_inherited_member_is_listed_once_with_the_highest_level(scene: Scene) {
    let start = scene.start().await;
    let (bob, mia) = (scene.user("bob").await.id, scene.user("mia").await.id);
    let top = scene.group("top", None).await.id;
    let below = scene.group("below", Some(top)).await.id;
    let beside = scene.group("beside", Some(top)).await.id;
    let nested = scene.project(below, "hello", bob).await;
    scene.group_member(top, bob, Maintainer).await;
    scene.group_member(below, bob, Guest).await;
    scene.group_member(below, mia, Reporter).await;
    scene.group_member(beside, mia, Owner).await;
    scene.project_member(nested.id, mia, Developer).await;

    assert_eq!(all(&scene, &project(&nested), Reach::Inherited).await, [(bob, Maintainer), (mia, Developer)]);
    assert_eq!(all(&scene, &project(&nested), Reach::Direct).await, [(mia, Developer)]);
    assert_eq!(all(&scene, &group(below), Reach::Inherited).await, [(bob, Maintainer), (mia, Reporter)]);
    assert_eq!(all(&scene, &group(top), Reach::Inherited).await, [(bob, Maintainer)]);
    let first = page(&scene, &project(&nested), Reach::Inherited, 1, 1).await;
    assert_eq!(first, Page { rows: vec![(bob, Maintainer)], total: Some(2), has_next: true });
    assert_eq!(page(&scene, &group(below), Reach::Inherited, 9, 1).await.total, Some(2));

    let own = project(&start.project);
    scene.project_member(start.project.id, start.owner.id, Guest).await;
    assert_eq!(all(&scene, &own, Reach::Inherited).await, [(start.owner.id, Owner)]);
    assert_eq!(all(&scene, &own, Reach::Direct).await, [(start.owner.id, Guest)]);
}

pub async fn members_of_a_group_above_that_the_viewer_does_not_see_are_left_out(scene: Scene) {
    let [bob, mia, zoe, eve] = [
        scene.user("bob").await.id,
        scene.user("mia").await.id,
        scene.user("zoe").await.id,
        scene.user("eve").await.id,
    ];
    let group_of = async |path: &str, parent| {
        let new = NewGroup { visibility: Visibility::Private, ..new_group(path, parent) };
        scene.store.groups.create(new).await.unwrap().id
    };
    let top = group_of("top", None).await;
    let below = group_of("below", Some(top)).await;
    let nested = scene.project(below, "hello", bob).await;
    scene.group_member(top, bob, Owner).await;
    scene.group_member(below, mia, Developer).await;
    scene.project_member(nested.id, bob, Guest).await;
    scene.project_member(nested.id, zoe, Guest).await;
    let without_groups = [(bob, Guest), (zoe, Guest)];
    let without_top = [(bob, Guest), (mia, Developer), (zoe, Guest)];
    let with_top = [(bob, Owner), (mia, Developer), (zoe, Guest)];
    for (user, administrator, of_project, of_group) in [
        (Some(zoe), false, &without_groups[..], None),
        // A level in a subgroup does not show the members of the parent group.
        (Some(mia), false, &without_top, Some(&without_top[1..2])),
        (Some(bob), false, &with_top, Some(&with_top[..2])),
        (Some(eve), true, &with_top, Some(&with_top[..2])),
    ] {
        let reader = Reader { administrator, ..reader(user) };
        for (source, expected) in [(project(&nested), Some(of_project)), (group(below), of_group)] {
            let list =
                |wanted| scene.store.members.list(&source, reader, Reach::Inherited, MemberFilter::default(), wanted);
            let Some(expected) = expected else {
                assert_eq!(found(list(PageRequest::default()).await.unwrap()), None);
                continue;
            };
            let page = found(list(PageRequest { page: 1, per_page: 1 }).await.unwrap()).unwrap();
            assert_eq!(page.total, Some(expected.len() as u64), "{reader:?} in {source:?}");
            let page = found(list(PageRequest { page: 1, per_page: 100 }).await.unwrap()).unwrap();
            let listed = page.map(|member| (member.user.id, member.level)).rows;
            assert_eq!(listed, expected, "{reader:?} in {source:?}");
            let one = found(scene.store.members.get(&source, reader, Reach::Inherited, bob).await.unwrap());
            let told = expected.iter().find(|(user, _)| *user == bob).map(|(_, level)| *level);
            assert_eq!(one.map(|member| member.level), told, "{reader:?} in {source:?}");
        }
    }
}

pub async fn a_member_is_found_only_where_the_membership_is(scene: Scene) {
    let start = scene.start().await;
    let (bob, mia) = (scene.user("bob").await.id, scene.user("mia").await.id);
    let top = scene.group("top", None).await.id;
    let below = scene.group("below", Some(top)).await.id;
    let nested = scene.project(below, "hello", bob).await;
    scene.group_member(top, bob, Developer).await;
    scene.project_member(nested.id, bob, Guest).await;
    for (source, user, direct, inherited) in [
        (project(&nested), bob, Some(Guest), Some(Developer)),
        (project(&nested), mia, None, None),
        (group(below), bob, None, Some(Developer)),
        (group(top), bob, Some(Developer), Some(Developer)),
        (project(&start.project), start.owner.id, None, Some(Owner)),
        (project(&start.project), bob, None, None),
    ] {
        let levels =
            (one(&scene, &source, Reach::Direct, user).await, one(&scene, &source, Reach::Inherited, user).await);
        assert_eq!(levels, (direct, inherited), "{source:?}");
    }
}

pub async fn loading_for_a_write_distinguishes_a_user_who_is_no_member_from_an_unknown_one(scene: Scene) {
    let bob = scene.user("bob").await;
    let top = scene.group("top", None).await.id;
    let for_write =
        async |user| found(scene.store.members.load_for_write(&group(top), reader(Some(bob.id)), user).await.unwrap());
    let by_id = |id| Some(UserRef::Id(id));
    let by_username = |name: &str| Some(UserRef::Username(name.parse().unwrap()));
    assert_eq!(for_write(None).await, None);
    for unknown in [by_id(1000.try_into().unwrap()), by_username("nobody"), by_username("top")] {
        assert_eq!(for_write(unknown).await, None);
    }
    for level in [None, Some(Developer)] {
        if let Some(level) = level {
            scene.group_member(top, bob.id, level).await;
        }
        for named in [by_id(bob.id), by_username("bob"), by_username("BOB")] {
            assert_eq!(for_write(named).await, Some(MemberCandidate { user: bob.clone(), level }));
        }
    }
    let absent = group(1000.try_into().unwrap());
    assert_eq!(scene.store.members.load_for_write(&absent, reader(None), by_id(bob.id)).await.unwrap(), None);
}

pub async fn a_level_can_be_changed_and_a_membership_ended(scene: Scene) {
    let start = scene.start().await;
    let bob = scene.user("bob").await.id;
    let top = scene.group("top", None).await.id;
    scene.project_member(start.project.id, bob, Guest).await;
    scene.group_member(top, bob, Guest).await;
    let members = &scene.store.members;
    for (source, named) in
        [(MemberSource::Project(start.project.id), project(&start.project)), (MemberSource::Group(top), group(top))]
    {
        let changed = members.set_level(source, bob, Reporter, Owner).await.unwrap();
        assert_eq!((changed.user.id, changed.level), (bob, Reporter));
        assert_eq!(one(&scene, &named, Reach::Direct, bob).await, Some(Reporter));
        members.remove(source, bob, Owner).await.unwrap();
        assert_eq!(one(&scene, &named, Reach::Direct, bob).await, None);
        assert!(matches!(members.remove(source, bob, Owner).await, Err(MemberWriteError::Gone)));
        let changed = members.set_level(source, bob, Guest, Owner).await;
        assert!(matches!(changed, Err(MemberWriteError::Gone)));
    }
}

pub async fn a_member_above_the_ceiling_is_not_changed(scene: Scene) {
    let start = scene.start().await;
    let bob = scene.user("bob").await.id;
    scene.project_member(start.project.id, bob, Owner).await;
    let (source, members) = (MemberSource::Project(start.project.id), &scene.store.members);
    let lowered = members.set_level(source, bob, Guest, Maintainer).await;
    assert!(matches!(lowered, Err(MemberWriteError::Above)), "{lowered:?}");
    assert!(matches!(members.remove(source, bob, Maintainer).await, Err(MemberWriteError::Above)));
    assert_eq!(one(&scene, &project(&start.project), Reach::Direct, bob).await, Some(Owner));
}

pub async fn a_group_keeps_its_last_owner_counting_inherited_ones(scene: Scene) {
    let (bob, mia) = (scene.user("bob").await.id, scene.user("mia").await.id);
    let top = scene.group("top", None).await.id;
    let below = scene.group("below", Some(top)).await.id;
    scene.group_member(top, bob, Owner).await;
    scene.group_member(top, mia, Maintainer).await;
    scene.group_member(below, mia, Owner).await;
    let members = &scene.store.members;
    let lowered = members.set_level(MemberSource::Group(top), bob, Maintainer, Owner).await;
    assert!(matches!(lowered, Err(MemberWriteError::LastOwner)), "{lowered:?}");
    assert!(matches!(members.remove(MemberSource::Group(top), bob, Owner).await, Err(MemberWriteError::LastOwner)));
    members.set_level(MemberSource::Group(top), bob, Owner, Owner).await.unwrap();
    members.remove(MemberSource::Group(below), mia, Owner).await.unwrap();
    members.set_level(MemberSource::Group(top), mia, Owner, Owner).await.unwrap();
    members.remove(MemberSource::Group(top), bob, Owner).await.unwrap();
    assert_eq!(all(&scene, &group(top), Reach::Direct).await, [(mia, Owner)]);
}

pub async fn of_two_owners_who_remove_each_other_one_remains(scene: Scene) {
    let owners = [scene.user("bob").await.id, scene.user("mia").await.id];
    let top = scene.group("top", None).await.id;
    for owner in owners {
        scene.group_member(top, owner, Owner).await;
    }
    let source = MemberSource::Group(top);
    let removals =
        scene.race(|store, racer| async move { store.members.remove(source, owners[racer % 2], Owner).await });
    assert_eq!(removals.await.iter().filter(|removal| removal.is_ok()).count(), 1);
    assert_eq!(all(&scene, &group(top), Reach::Direct).await.len(), 1);
}

pub async fn a_group_is_found_by_its_path_whatever_the_case(scene: Scene) {
    let bob = scene.user("bob").await.id;
    let top = scene.group("Top", None).await.id;
    let below = scene.group("Below", Some(top)).await.id;
    scene.group_member(top, bob, Developer).await;
    for path in ["Top/Below", "top/below"] {
        let named = MemberSourceRef::Group(NamespaceRef::Path(path.parse().unwrap()));
        let view = scene.store.members.get(&named, reader(Some(bob)), Reach::Inherited, bob).await.unwrap().unwrap();
        let MemberSourceView::Group(view, member) = view else { panic!("{view:?}") };
        assert_eq!((view.group.id, view.level), (below, Some(Developer)));
        assert_eq!(member.unwrap().level, Developer);
    }
    for path in ["below", "bob"] {
        let named = MemberSourceRef::Group(NamespaceRef::Path(path.parse().unwrap()));
        assert_eq!(scene.store.members.get(&named, reader(None), Reach::Direct, bob).await.unwrap(), None, "{path}");
    }
}
