//! The newest release of a project, and the links that it makes reachable.

use release_links_domain::project::Project;
use release_links_ports::NewRelease;

use crate::scene::{Scene, at, by_id, fields, new_release, reader};

/// Returns the tag of the newest release at that second.
async fn newest(scene: &Scene, project: &Project, second: i64) -> Option<String> {
    let view = scene.store.releases.newest(&by_id(project), reader(None), at(second)).await.unwrap().unwrap();
    view.found.map(String::from)
}

/// Returns the name of the link at a path of the newest release at that second.
async fn link(scene: &Scene, project: &Project, second: i64, path: &str) -> Option<String> {
    let view =
        scene.store.links.get_newest_by_path(&by_id(project), reader(None), at(second), path).await.unwrap().unwrap();
    view.found.map(|link| link.fields.name.into())
}

/// Creates an empty project.
async fn project(scene: &Scene) -> Project {
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
