//! The newest release of a project, and the links that it makes reachable.

use std::sync::Arc;

use release_links_domain::channel::Selection;
use release_links_domain::newest::{NewestOrder, Preferences, Prereleases, RankedBy, Ranking};
use release_links_domain::project::Project;
use release_links_domain::release::ReleaseChanges;
use release_links_domain::tag::TagName;
use release_links_ports::{NewRelease, Precondition};

use crate::SqlDatabase;
use crate::scene::{Scene, at, by_id, fields, key, new_release, origin, reader};

/// Returns the tag of the newest release of a ranking at that second.
async fn first(scene: &Scene, project: &Project, ranking: Option<Ranking>, second: i64) -> Option<String> {
    selected(scene, project, Selection { channel: None, ranking }, second).await
}

/// Returns the tag of the selected release at that second.
pub async fn selected(scene: &Scene, project: &Project, selection: Selection, second: i64) -> Option<String> {
    let releases = &scene.store.releases;
    let view = releases.selected(&by_id(project), reader(None), selection, at(second)).await.unwrap().unwrap();
    view.found.map(String::from)
}

/// Returns the tag of the newest release at that second.
async fn newest(scene: &Scene, project: &Project, second: i64) -> Option<String> {
    first(scene, project, Some(Ranking::BY_DATE), second).await
}

/// Returns the name of the link at a path of the selected release at that second, and the release's tag.
pub async fn link_in(
    scene: &Scene,
    project: &Project,
    selection: Selection,
    second: i64,
    path: &str,
) -> Option<(String, String)> {
    let (links, project) = (&scene.store.links, by_id(project));
    let view = links.get_selected_by_path(&project, reader(None), selection, at(second), path).await.unwrap().unwrap();
    view.found.map(|(tag, link)| (link.fields.name.into(), tag.into()))
}

/// Returns the name of the link at a path of the newest release at that second.
async fn link(scene: &Scene, project: &Project, second: i64, path: &str) -> Option<String> {
    let selection = Selection { channel: None, ranking: Some(Ranking::BY_DATE) };
    link_in(scene, project, selection, second, path).await.map(|(name, _)| name)
}

/// Creates releases with these tags, each a second later than the one before, with links at these paths.
pub async fn release(scene: &Scene, project: &Project, releases: &[(&str, &[&str])]) {
    for (second, (tag, paths)) in (10..).zip(releases) {
        let links =
            paths.iter().map(|path| fields(&format!("{tag}{path}"), path, Some(path))).collect::<Vec<_>>().into();
        let new = NewRelease { released_at: at(second), links, ..new_release(project.id, tag) };
        scene.store.releases.create(new).await.unwrap();
    }
}

/// Returns the ranking of a selector with `order_by=semver`, and with `prerelease` and `having`.
fn by_version(selector: &str, prerelease: Option<bool>, having: bool) -> Option<Ranking> {
    Ranking::of(selector, Preferences { order: Some(NewestOrder::SemVer), prerelease, having })
}

/// Creates an empty project.
pub async fn project(scene: &Scene) -> Project {
    let start = scene.start().await;
    scene.project(scene.own_namespace(start.owner.id).await, "other", start.owner.id).await
}

pub async fn the_newest_release_is_the_last_released_and_of_several_the_last_created(scene: Scene) {
    let project = project(&scene).await;
    assert_eq!(newest(&scene, &project, 1000).await, None, "releases of another project do not count");
    for (tag, released, expected) in [("a", 40, "a"), ("b", 30, "a"), ("c", 40, "c"), ("d", 50, "d"), ("e", 20, "d")] {
        let new = NewRelease { released_at: at(released), ..new_release(project.id, tag) };
        scene.made(new).await;
        assert_eq!(newest(&scene, &project, 1000).await.as_deref(), Some(expected), "after {tag}");
    }
}

pub async fn an_upcoming_release_is_not_the_newest(scene: Scene) {
    let project = project(&scene).await;
    for (tag, released) in [("past", 10), ("future", 20)] {
        let new = NewRelease {
            released_at: at(released),
            links: vec![fields(tag, tag, Some("/bin/a"))].into(),
            ..new_release(project.id, tag)
        };
        scene.made(new).await;
    }
    for (second, expected) in [(9, None), (10, Some("past")), (19, Some("past")), (20, Some("future"))] {
        assert_eq!(newest(&scene, &project, second).await.as_deref(), expected, "at {second}");
        assert_eq!(link(&scene, &project, second, "/bin/a").await.as_deref(), expected, "at {second}");
    }
}

pub async fn a_link_reached_through_the_newest_release_is_its_own_or_none(scene: Scene) {
    let project = project(&scene).await;
    for (tag, released, paths) in [("old", 10, ["/bin/a", "/bin/b"]), ("new", 20, ["/bin/b", "/bin/c"])] {
        let links: Vec<_> = paths.iter().map(|path| fields(&format!("{tag}{path}"), path, Some(path))).collect();
        let links = links.into();
        let new = NewRelease { released_at: at(released), links, ..new_release(project.id, tag) };
        scene.made(new).await;
    }
    assert_eq!(link(&scene, &project, 30, "/bin/b").await.as_deref(), Some("new/bin/b"));
    assert_eq!(link(&scene, &project, 30, "/bin/a").await, None);
    assert_eq!(link(&scene, &project, 30, "").await, None);
    assert_eq!(link(&scene, &project, 9, "/bin/a").await, None);
}

/// The tags of releases, in the order of their dates.
const TAGS: [&str; 14] = [
    "v1.9.0",
    "v1.10.0-rc.1",
    "v1.10.0",
    "cli/v3.0.0",
    "v2.0.0-rc.2",
    "nightly",
    "v2.0.0-rc.1",
    "v1.10.1",
    "pkg-0.1.0-a",
    "v1.2.3+a",
    "v1.2.3+b",
    "pkg-0.1.0-b",
    "v1.9.1",
    "v1.3.0-rc.1",
];

pub async fn the_newest_release_of_every_ranking_is_the_first_of_the_domain(scene: Scene) {
    let project = project(&scene).await;
    assert_eq!(first(&scene, &project, by_version("latest", None, false), 99).await, None);
    release(&scene, &project, &TAGS.map(|tag| (tag, &[][..]))).await;
    let tags: Vec<TagName> = TAGS.iter().map(|tag| tag.parse().unwrap()).collect();
    let selectors =
        ["latest", "1", "1.2", "1.3.x", "1.10", "2", "3", "cli/latest", "cli/3.0", "pkg-0", "pkg-1", "x-latest"];
    for selector in selectors {
        for prerelease in [None, Some(false), Some(true)] {
            for (order, second) in [(NewestOrder::SemVer, 99), (NewestOrder::SemVer, 16), (NewestOrder::ReleasedAt, 99)]
            {
                let ranking = Ranking::of(selector, Preferences { order: Some(order), prerelease, having: false });
                let releases =
                    (1..).zip(10..).zip(&tags).map(|((id, second), tag)| (id.try_into().unwrap(), at(second), tag));
                let expected = ranking.as_ref().unwrap().apply(releases, at(second)).first().map(|id| id.get());
                let expected = expected.map(|id| TAGS[usize::try_from(id).unwrap() - 1]);
                let found = first(&scene, &project, ranking, second).await;
                assert_eq!(found.as_deref(), expected, "{selector} {order:?} {prerelease:?} at {second}");
            }
        }
    }
    assert_eq!(first(&scene, &project, None, 99).await, None);
}

pub async fn by_date_prereleases_count_as_the_ranking_says(scene: Scene) {
    let project = project(&scene).await;
    let by_date = |prereleases| Some(Ranking { by: RankedBy::Date, prereleases, searched: 1 });
    release(&scene, &project, &[("v2.0.0-rc.1", &[])]).await;
    let rc = Some("v2.0.0-rc.1");
    for (prereleases, expected) in [(Prereleases::Never, None), (Prereleases::Always, rc), (Prereleases::Alone, rc)] {
        assert_eq!(first(&scene, &project, by_date(prereleases), 99).await.as_deref(), expected, "{prereleases:?}");
    }
}

pub async fn a_release_keeps_its_version_when_it_changes(scene: Scene) {
    let project = project(&scene).await;
    release(&scene, &project, &[("v1.0.0", &[]), ("v2.0.0", &[])]).await;
    let key = key(&project, "v2.0.0");
    let id = scene.store.releases.get(&key).await.unwrap().unwrap().found.unwrap().id;
    let changes = ReleaseChanges { released_at: Some(at(50)), ..ReleaseChanges::default() };
    scene.store.releases.update(project.id, id, changes, Precondition::NONE, origin()).await.unwrap();
    let latest = || by_version("latest", None, false);
    assert_eq!(first(&scene, &project, latest(), 49).await.as_deref(), Some("v1.0.0"));
    assert_eq!(first(&scene, &project, latest(), 50).await.as_deref(), Some("v2.0.0"));
    scene.store.releases.delete(project.id, id, false, Precondition::NONE, origin()).await.unwrap();
    assert_eq!(first(&scene, &project, latest(), 50).await.as_deref(), Some("v1.0.0"));
}

pub async fn the_first_release_with_the_asset_is_found_where_several_are_searched(scene: Scene) {
    let project = project(&scene).await;
    let releases: [(&str, &[&str]); 5] = [
        ("v1.0.0", &["/bin/a", "/bin/b"]),
        ("v3.0.0-rc.1", &["/bin/c"]),
        ("v2.0.0", &["/bin/a"]),
        ("v1.1.0", &["/bin/b"]),
        ("cli/v9.0.0-rc.1", &["/bin/c"]),
    ];
    release(&scene, &project, &releases).await;
    let found = async |ranking, path| {
        let selection = Selection { channel: None, ranking };
        link_in(&scene, &project, selection, 99, path).await.map(|(_, tag)| tag)
    };
    for (path, prerelease, having, expected) in [
        ("/bin/a", None, false, Some("v2.0.0")),
        ("/bin/b", None, false, None),
        ("/bin/b", None, true, Some("v1.1.0")),
        ("/bin/c", None, true, None),
        ("/bin/c", Some(false), true, None),
        ("/bin/c", Some(true), true, Some("v3.0.0-rc.1")),
        ("/bin/a", Some(true), true, Some("v2.0.0")),
        ("/bin/d", Some(true), true, None),
    ] {
        let tag = found(by_version("latest", prerelease, having), path).await;
        assert_eq!(tag.as_deref(), expected, "{path} {prerelease:?} {having}");
    }
    assert_eq!(found(by_version("cli/latest", None, true), "/bin/c").await.as_deref(), Some("cli/v9.0.0-rc.1"));
    assert_eq!(found(None, "/bin/a").await, None);
    let by_date = |prereleases, searched| Some(Ranking { by: RankedBy::Date, prereleases, searched });
    for (path, ranking, expected) in [
        ("/bin/a", by_date(Prereleases::Always, 5), Some("v2.0.0")),
        ("/bin/c", by_date(Prereleases::Always, 5), Some("cli/v9.0.0-rc.1")),
        ("/bin/c", by_date(Prereleases::Never, 5), None),
        ("/bin/a", by_date(Prereleases::Always, 3), Some("v2.0.0")),
        ("/bin/a", by_date(Prereleases::Always, 2), None),
    ] {
        assert_eq!(found(ranking.clone(), path).await.as_deref(), expected, "{path} {ranking:?}");
    }
}

pub async fn the_versions_of_releases_of_an_older_server_are_computed_when_the_store_opens(
    mut scene: Scene,
    database: Arc<dyn SqlDatabase>,
) {
    let project = project(&scene).await;
    release(
        &scene,
        &project,
        &[("v1.0.0", &[]), ("cli/v3.0.0", &[]), ("v2.0.0", &[]), ("v2.1.0-rc.1", &[]), ("x", &[])],
    )
    .await;
    // The older server does not know the columns, so they get their defaults.
    database.sql(
        "CREATE TABLE older AS SELECT id, project_id, tag_id, tag, name, description, created_at, released_at, author_id
            FROM releases;
        DELETE FROM releases;
        INSERT INTO releases (id, project_id, tag_id, tag, name, description, created_at, released_at, author_id)
            SELECT * FROM older",
    );
    assert_eq!(first(&scene, &project, by_version("latest", None, false), 99).await, None);
    scene.store = database.connect();
    for (selector, expected) in
        [("latest", "v2.0.0"), ("1", "v1.0.0"), ("2.1", "v2.1.0-rc.1"), ("cli/3.x", "cli/v3.0.0")]
    {
        let found = first(&scene, &project, by_version(selector, None, false), 99).await;
        assert_eq!(found.as_deref(), Some(expected), "{selector}");
    }
}
