//! A read decides access before it reads more: it finds nothing for a reader without access.

use release_links_domain::access::{AccessLevel, Admission, Reader, TagCreateLevel};
use release_links_domain::channel::{ChannelName, Selection};
use release_links_domain::link::Candidate;
use release_links_domain::namespace::NamespaceRef;
use release_links_domain::newest::Preferences;
use release_links_domain::project::{ProjectRef, ReleasesAccess, Visibility};
use release_links_ports::{
    GroupChanges, MemberFilter, MemberSourceRef, MemberSourceView, PageRequest, ProjectChanges, ProjectView, Reach,
    ReleaseKey, ReleaseOrder, Sort, TagQuery, TokenFilter,
};

use crate::scene::{Scene, Start, at, fields, origin_at, plain};

fn seen<T>(view: Option<ProjectView<T>>) -> bool {
    view.expect("the project is there").found.is_some()
}

/// Returns which reads return something to this reader: those of releases and links, and those of the project itself.
async fn reads(scene: &Scene, start: &Start, reader: Reader) -> (Vec<bool>, Vec<bool>) {
    let store = &scene.store;
    let project = ProjectRef::Path(start.project.full_path.clone());
    let key = ReleaseKey { project: project.clone(), tag: "v1.0".to_owned(), reader };
    let (page, order, sort) = (PageRequest::default(), ReleaseOrder::default(), Sort::default());
    let link = scene.links(&ReleaseKey { reader: crate::scene::reader(None), ..key.clone() }, 1, 1).await.rows[0].id;
    let candidate = Candidate::from(&plain("other"));
    let latest = || Selection::of("latest", Preferences::default());
    let place = MemberSourceRef::Project(project.clone());
    let shown = |view| match view {
        Some(MemberSourceView::Project(view)) => seen(Some(view)),
        other => panic!("{other:?}"),
    };
    let of_releases = vec![
        seen(store.links.list(&key, page).await.unwrap()),
        seen(store.links.get(&key, link).await.unwrap()),
        seen(store.links.get_by_path(&key, "/bin/a").await.unwrap()),
        seen(store.links.get_selected_by_path(&project, reader, latest(), at(99), "/bin/a").await.unwrap()),
        seen(store.links.load_for_write(&key, None, &candidate).await.unwrap()),
        seen(store.releases.list(&project, reader, order, sort, page).await.unwrap()),
        seen(store.releases.get(&key).await.unwrap()),
        seen(store.releases.selected(&project, reader, latest(), at(99)).await.unwrap()),
        seen(store.releases.load_for_write(&project, reader, None).await.unwrap()),
        seen(store.channels.list(&project, reader, page).await.unwrap()),
        seen(store.channels.get(&project, reader, &ChannelName::latest()).await.unwrap()),
        seen(store.channels.load_for_write(&project, reader, &ChannelName::latest(), "v1.0").await.unwrap()),
        seen(store.tags.list(&project, reader, TagQuery::default(), page).await.unwrap()),
        seen(store.tags.get(&key).await.unwrap()),
    ];
    let of_project = vec![
        seen(store.projects.get(&project, reader).await.unwrap()),
        seen(store.protected_tags.list(&project, reader, page).await.unwrap()),
        seen(store.protected_tags.get(&project, reader, "v*").await.unwrap()),
        seen(store.tokens.list_of_project(&project, reader, &TokenFilter::default(), page).await.unwrap()),
        seen(store.tokens.list_of_jobs(&project, reader, at(9), page).await.unwrap()),
        shown(store.members.list(&place, reader, Reach::Direct, MemberFilter::default(), page).await.unwrap()),
    ];
    (of_releases, of_project)
}

/// Creates a private project with a release, a link, a channel and a rule, so that each read has something to find.
async fn private(scene: &Scene) -> Start {
    let start = scene.start().await;
    scene.link(start.project.id, start.release.id, fields("a", "a", Some("/bin/a"))).await;
    scene.store.protected_tags.create(start.project.id, "v*".parse().unwrap(), TagCreateLevel::NoOne).await.unwrap();
    scene.store.channels.set(start.project.id, ChannelName::latest(), start.release.id, origin_at(9)).await.unwrap();
    start
}

pub async fn nothing_of_a_project_is_found_for_a_reader_who_may_not_see_it(scene: Scene) {
    let start = private(&scene).await;
    let stranger = scene.user("stranger").await.id;
    for user in [None, Some(stranger)] {
        for admission in [Admission::SeeProject, Admission::ReadReleases] {
            let reader = Reader { user, administrator: false, only: None, admission };
            let (of_releases, of_project) = reads(&scene, &start, reader).await;
            assert!(of_releases.iter().chain(&of_project).all(|seen| !seen), "{reader:?}");
        }
    }
    let owner =
        Reader { user: Some(start.owner.id), administrator: false, only: None, admission: Admission::ReadReleases };
    let (of_releases, of_project) = reads(&scene, &start, owner).await;
    assert!(of_releases.into_iter().chain(of_project).all(|seen| seen));
}

pub async fn nothing_is_found_where_a_credential_does_not_reach(scene: Scene) {
    let start = private(&scene).await;
    let elsewhere = start.project.id.get() + 1;
    let reader = |only: i64| Reader {
        user: Some(start.owner.id),
        administrator: false,
        only: Some(only.try_into().unwrap()),
        admission: Admission::ReadReleases,
    };
    let (of_releases, of_project) = reads(&scene, &start, reader(elsewhere)).await;
    assert!(of_releases.into_iter().chain(of_project).all(|seen| !seen));
    let (of_releases, of_project) = reads(&scene, &start, reader(start.project.id.get())).await;
    assert!(of_releases.into_iter().chain(of_project).all(|seen| seen));
}

pub async fn releases_that_are_for_members_are_not_found_for_others(scene: Scene) {
    let start = private(&scene).await;
    let changes = ProjectChanges {
        visibility: Some(Visibility::Public),
        releases: Some(ReleasesAccess::Private),
        ..ProjectChanges::default()
    };
    scene.store.projects.update(start.project.id, changes, start.owner.id).await.unwrap();
    let (of_releases, _) = reads(&scene, &start, Reader::anonymous(Admission::ReadReleases)).await;
    assert!(of_releases.into_iter().all(|seen| !seen));
    let (_, of_project) = reads(&scene, &start, Reader::anonymous(Admission::SeeProject)).await;
    assert!(of_project.into_iter().all(|seen| seen));
}

pub async fn members_of_a_group_are_not_found_for_a_reader_who_may_not_see_it(scene: Scene) {
    let group = scene.group("hidden", None).await.id;
    let private = GroupChanges { visibility: Some(Visibility::Private), ..GroupChanges::default() };
    scene.store.groups.update(group, private).await.unwrap();
    let (member, stranger) = (scene.user("member").await.id, scene.user("stranger").await.id);
    scene.group_member(group, member, AccessLevel::Guest).await;
    for (user, expected) in [(None, false), (Some(stranger), false), (Some(member), true)] {
        let reader = Reader { user, administrator: false, only: None, admission: Admission::SeeProject };
        let place = MemberSourceRef::Group(NamespaceRef::Id(group));
        let view = scene
            .store
            .members
            .list(&place, reader, Reach::Direct, MemberFilter::default(), PageRequest::default())
            .await
            .unwrap();
        let Some(MemberSourceView::Group(_, found)) = view else { panic!("{view:?}") };
        assert_eq!(found.is_some(), expected, "{user:?}");
    }
}
