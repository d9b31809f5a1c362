//! Manifests: all links of a release at once, in an order.

use release_links_domain::LinkId;
use release_links_domain::link::{Link, LinkFault, LinkFields, Manifest, ManifestFaults, Plan};
use release_links_ports::{ManifestRefused, ManifestWriteError, Precondition, ReleaseKey, Run, WriteError};

use crate::scene::{Scene, Start, fields, key, origin, plain};

fn manifest(entries: Vec<(Option<LinkId>, LinkFields)>, prune: bool) -> Manifest {
    Manifest { entries: entries.into_iter().map(|(id, fields)| (id, fields.into())).collect(), prune }
}

async fn apply(scene: &Scene, start: &Start, manifest: Manifest) -> Result<Plan, ManifestWriteError> {
    let links = &scene.store.links;
    links.apply(start.project.id, start.release.id, manifest, Precondition::NONE, origin(), Run::Real).await
}

/// The links of the release as they are listed, which must be how the release shows them.
async fn listed(scene: &Scene, start: &Start) -> Vec<Link> {
    let key: ReleaseKey = key(&start.project, "v1.0");
    let listed = scene.links(&key, 1, 100).await.rows;
    let release = scene.store.releases.get(&key).await.unwrap().unwrap().found.unwrap();
    assert_eq!(release.links, listed);
    listed
}

pub async fn a_manifest_gives_a_release_its_links_in_its_order(scene: Scene) {
    let start = scene.start().await;
    let a = scene.link(start.project.id, start.release.id, fields("a", "a", Some("/bin/a"))).await;
    let b = scene.link(start.project.id, start.release.id, plain("b")).await;
    let c = scene.link(start.project.id, start.release.id, plain("c")).await;
    let entries = vec![
        (None, plain("new")),
        (None, fields("a", "elsewhere", Some("/bin/other"))),
        (None, plain("newer")),
        (Some(c.id), fields("renamed", "c", Some("/bin/a"))),
    ];
    let plan = apply(&scene, &start, manifest(entries.clone(), true)).await.unwrap();
    assert_eq!(plan.deleted, [b]);
    let after = listed(&scene, &start).await;
    assert_eq!(after, plan.stored());
    let expected: Vec<_> = entries.into_iter().map(|(_, fields)| fields).collect();
    assert_eq!(after.iter().map(|link| link.fields.clone()).collect::<Vec<_>>(), expected);
    assert_eq!((after[1].id, after[3].id), (a.id, c.id));
    assert!(after[0].id > c.id && after[2].id > after[0].id);

    let later = scene.link(start.project.id, start.release.id, plain("later")).await;
    let with_later: Vec<_> = std::iter::once(later).chain(after).collect();
    assert_eq!(listed(&scene, &start).await, with_later);
    let batch = scene.store.releases.read_on(start.project.id, vec![start.release.id]).await.unwrap();
    assert_eq!(batch.rows[0].links, with_later);
}

pub async fn links_swap_their_values_and_keep_their_ids(scene: Scene) {
    let start = scene.start().await;
    let a = scene.link(start.project.id, start.release.id, fields("a", "a", Some("/bin/a"))).await;
    let b = scene.link(start.project.id, start.release.id, fields("b", "b", Some("/bin/b"))).await;
    let c = scene.link(start.project.id, start.release.id, fields("c", "c", Some("/bin/c"))).await;
    let entries = vec![(Some(c.id), a.fields.clone()), (Some(b.id), c.fields.clone()), (Some(a.id), b.fields.clone())];
    apply(&scene, &start, manifest(entries, true)).await.unwrap();
    let expected =
        [Link { id: c.id, fields: a.fields }, Link { id: b.id, fields: c.fields }, Link { id: a.id, fields: b.fields }];
    assert_eq!(listed(&scene, &start).await, expected);
    let found = scene.store.links.get_by_path(&key(&start.project, "v1.0"), "/bin/a").await.unwrap().unwrap().found;
    assert_eq!(found.map(|link| link.id), Some(c.id));
}

pub async fn without_pruning_other_links_stay_behind_those_of_the_manifest(scene: Scene) {
    let start = scene.start().await;
    let a = scene.link(start.project.id, start.release.id, plain("a")).await;
    let b = scene.link(start.project.id, start.release.id, plain("b")).await;
    let plan = apply(&scene, &start, manifest(vec![(None, plain("c")), (None, plain("a"))], false)).await.unwrap();
    let order: Vec<_> = plan.stored().into_iter().map(|link| link.id).collect();
    assert_eq!(order[1..], [a.id, b.id]);
    assert_eq!(listed(&scene, &start).await, plan.stored());
}

pub async fn a_manifest_that_is_refused_or_changes_nothing_writes_nothing_and_spends_no_id(scene: Scene) {
    let start = scene.start().await;
    let a = scene.link(start.project.id, start.release.id, plain("a")).await;
    let b = scene.link(start.project.id, start.release.id, plain("b")).await;
    let before = listed(&scene, &start).await;
    let unknown = LinkId::try_from(b.id.get() + 1).unwrap();
    for (entries, prune, expected) in [
        (vec![(Some(unknown), plain("x"))], true, ManifestFaults::UnknownIds(vec![0])),
        (
            vec![(None, plain("new")), (Some(a.id), fields("x", "b", None))],
            false,
            ManifestFaults::Links(vec![(1, LinkFault::UrlTaken)]),
        ),
    ] {
        let refused = apply(&scene, &start, manifest(entries, prune)).await.unwrap_err();
        assert!(
            matches!(&refused, WriteError::Conflict(ManifestRefused::Faults(faults)) if *faults == expected),
            "{refused:?}"
        );
    }
    let never = Precondition::new(|_: &Vec<Link>| false);
    let new = manifest(vec![(None, plain("new"))], true);
    let refused =
        scene.store.links.apply(start.project.id, start.release.id, new, never, origin(), Run::Real).await.unwrap_err();
    assert!(
        matches!(&refused, WriteError::Conflict(ManifestRefused::Precondition(current)) if *current == before),
        "{refused:?}"
    );
    let same = before.iter().map(|link| (None, link.fields.clone())).collect();
    assert!(apply(&scene, &start, manifest(same, true)).await.unwrap().changes_nothing());
    assert_eq!(listed(&scene, &start).await, before);
    let next = scene.link(start.project.id, start.release.id, plain("next")).await;
    assert_eq!(next.id.get(), b.id.get() + 1);
}

pub async fn a_manifest_for_a_release_of_another_project_changes_nothing(scene: Scene) {
    let start = scene.start().await;
    let other = scene.project(scene.own_namespace(start.owner.id).await, "other", start.owner.id).await;
    scene.link(start.project.id, start.release.id, plain("a")).await;
    let before = listed(&scene, &start).await;
    let new = manifest(vec![(None, plain("new"))], true);
    let refused = scene
        .store
        .links
        .apply(other.id, start.release.id, new, Precondition::NONE, origin(), Run::Real)
        .await
        .unwrap_err();
    assert!(matches!(refused, WriteError::Gone), "{refused:?}");
    assert_eq!(listed(&scene, &start).await, before);
}

pub async fn of_racing_manifests_readers_see_one_or_another_whole(scene: Scene) {
    let start = scene.start().await;
    let (project, release) = (start.project.id, start.release.id);
    let key = key(&start.project, "v1.0");
    let of = |index: usize| -> Vec<LinkFields> {
        (0..5).map(|at| fields(&format!("link{}", (at + index) % 5), &format!("{index}/{at}"), None)).collect()
    };
    let read = scene
        .race(move |store, index| {
            let key = key.clone();
            async move {
                // A few write, and the others read meanwhile.
                if index % 8 == 0 {
                    let entries = of(index).into_iter().map(|fields| (None, fields)).collect();
                    store
                        .links
                        .apply(project, release, manifest(entries, true), Precondition::NONE, origin(), Run::Real)
                        .await
                        .unwrap();
                }
                store.releases.get(&key).await.unwrap().unwrap().found.unwrap().links
            }
        })
        .await;
    for links in read.into_iter().chain([listed(&scene, &start).await]) {
        let seen: Vec<_> = links.into_iter().map(|link| link.fields).collect();
        assert!(seen.is_empty() || (0..50).any(|index| of(index) == seen), "{seen:?}");
    }
}
