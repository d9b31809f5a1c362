//! What the storage contract does not cover: connections, cascades and corrupt rows.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[allow(dead_code, reason = "each test target needs a part of it")]
mod scene;

use release_links_domain::LinkId;
use release_links_domain::access::Admission;
use release_links_domain::channel::{ChannelName, Selection};
use release_links_domain::link::{LinkFields, OnConflict};
use release_links_domain::newest::Ranking;
use release_links_domain::project::{Project, ProjectRef};
use release_links_domain::release::Release;
use release_links_domain::token::AcceptedTokens;
use release_links_ports::{Claim, PageRequest, Precondition, StoreError, TagQuery, WriteError};

use scene::{Scene, day, digest, new_project, origin, plain, reader};

fn first_link(scene: &Scene) -> LinkId {
    scene.release.links[0].id
}

#[test]
fn a_corrupt_row_is_reported_with_table_column_and_id() {
    let scene = Scene::new();
    let link = first_link(&scene);
    for (column, value) in [("name", "' '"), ("url", "'file:///x'"), ("path", "'x'"), ("link_type", "'Image'")] {
        scene.sql(&format!("UPDATE links SET {column} = {value}"));
        let refused = scene.wait(scene.ports.links.get(&scene.key(), link)).unwrap_err();
        assert_eq!(refused.to_string(), format!("corrupt value in links.{column}, row {link}"));
        scene.sql("UPDATE links SET name = 'a', url = 'https://a', path = NULL, link_type = 'other'");
    }
}

#[test]
fn the_error_of_a_failed_statement_has_no_values_of_its_row() {
    let scene = Scene::new();
    scene.sql("ALTER TABLE links ADD CHECK (name <> 'unwanted')");
    let url = "https://user:open-sesame@files.example.com/a".parse().unwrap();
    let link = LinkFields { url, ..plain("unwanted") };
    let refused = scene
        .wait(scene.ports.links.create(
            scene.project.id,
            scene.release.id,
            link.into(),
            Some(OnConflict::Fail),
            origin(),
        ))
        .unwrap_err();
    let WriteError::Store(StoreError::Internal(why)) = refused else { panic!("{refused:?}") };
    assert_eq!(
        why.to_string(),
        "db error: ERROR: new row for relation \"links\" violates check constraint \"links_name_check\" (23514)"
    );
    assert!(why.source().is_none());
}

#[test]
fn a_corrupt_row_is_not_deleted() {
    let scene = Scene::new();
    scene.sql("UPDATE links SET link_type = 'Image'");
    let (project, release) = (scene.project.id, scene.release.id);
    let refused =
        scene.wait(scene.ports.links.delete(project, release, first_link(&scene), Precondition::NONE, origin()));
    assert!(
        matches!(refused, Err(WriteError::Store(StoreError::Corrupt { table: "links", column: "link_type", .. }))),
        "{refused:?}"
    );
    let refused = scene.wait(scene.ports.releases.delete(project, release, false, Precondition::NONE, origin()));
    assert!(
        matches!(refused, Err(WriteError::Store(StoreError::Corrupt { table: "links", column: "link_type", .. }))),
        "{refused:?}"
    );
    assert_eq!((scene.count("links"), scene.count("releases")), (1, 1));
}

#[test]
fn no_redirect_leads_to_a_scheme_that_is_not_allowed() {
    let scene = Scene::new();
    scene.sql("UPDATE links SET path = '/bin/a', url = 'javascript:alert(1)'");
    let (links, project) = (&scene.ports.links, ProjectRef::Id(scene.project.id));
    let selection = Selection { channel: Some(ChannelName::latest()), ranking: Some(Ranking::BY_DATE) };
    let newest = scene.wait(links.get_selected_by_path(&project, reader(scene.user), selection, day(), "/bin/a"));
    for refused in [scene.wait(links.get_by_path(&scene.key(), "/bin/a")).map(drop), newest.map(drop)] {
        assert!(matches!(refused, Err(StoreError::Corrupt { table: "links", column: "url", .. })), "{refused:?}");
    }
}

#[test]
fn a_token_of_unknown_kind_is_corrupt() {
    let scene = Scene::new();
    for change in ["kind = 'session'", "kind = 'job'", "kind = 'project'", "scopes = 'api root'"] {
        scene.sql(&format!("UPDATE tokens SET {change}"));
        let refused = scene.wait(scene.ports.credentials.find(&digest(1))).unwrap_err();
        assert!(matches!(refused, StoreError::Corrupt { table: "tokens", row: 1, .. }), "{change}: {refused:?}");
        scene.sql("UPDATE tokens SET kind = 'personal', project_id = NULL");
    }
}

#[test]
fn a_project_token_is_revoked_once_its_bot_is_not_a_member() {
    let scene = Scene::new();
    let (project, user) = (scene.project.id, scene.user);
    scene.sql(&format!("UPDATE tokens SET kind = 'project', project_id = {project}"));
    let is_revoked = || scene.wait(scene.ports.credentials.find(&digest(1))).unwrap().unwrap().revoked;
    assert!(is_revoked());
    scene.sql(&format!(
        "INSERT INTO project_members (project_id, user_id, level, created_at) VALUES ({project}, {user}, 30, 0)"
    ));
    assert!(!is_revoked());
    scene.sql("DELETE FROM project_members");
    assert!(is_revoked());
}

#[test]
fn a_change_by_another_client_is_visible_in_the_next_call() {
    let scene = Scene::new();
    let find = || scene.wait(scene.ports.credentials.find(&digest(1))).unwrap();
    assert!(!find().unwrap().revoked);
    scene.sql("UPDATE tokens SET revoked = TRUE");
    assert!(find().unwrap().revoked);
    scene.sql("UPDATE users SET administrator = FALSE");
    assert!(!find().unwrap().administrator);
    scene.sql("DELETE FROM users");
    assert_eq!(find(), None);
}

#[test]
fn what_a_server_remembers_of_a_token_decides_nothing() {
    let scene = Scene::new();
    scene.sql("UPDATE projects SET visibility = 'private'; DELETE FROM group_members");
    let (project, link) = (ProjectRef::Id(scene.project.id), first_link(&scene));
    let claim =
        Claim { digest: digest(1), accepted: AcceptedTokens::Access, now: day(), admission: Admission::ReadReleases };
    let read = || {
        let read = scene.ports.links.get_for_bearer(&claim, &project, "v1.0", link);
        let (token, view) = scene.wait(read).unwrap();
        (token.is_some(), view.map(|view| view.found.is_some()))
    };
    assert_eq!([read(), read()], [(true, Some(true)); 2]);
    scene.sql("UPDATE users SET administrator = FALSE");
    assert_eq!([read(), read()], [(true, Some(false)); 2]);
    scene.sql("UPDATE users SET administrator = TRUE");
    assert_eq!([read(), read()], [(true, Some(true)); 2]);
    scene.sql("UPDATE tokens SET kind = 'job', project_id = 1, ends_at = 0");
    assert_eq!([read(), read()], [(true, None); 2]);
    scene.sql("UPDATE tokens SET kind = 'personal', project_id = NULL, ends_at = NULL");
    assert_eq!(read(), (true, Some(true)));
    scene.sql("UPDATE tokens SET revoked = TRUE");
    assert_eq!([read(), read()], [(true, None); 2]);
    scene.sql("UPDATE tokens SET revoked = FALSE");
    assert_eq!(read(), (true, Some(true)));
    scene.sql("DELETE FROM tokens");
    assert_eq!([read(), read()], [(false, None); 2]);
}

#[test]
fn deleting_a_project_deletes_its_tags_releases_and_links() {
    let scene = Scene::new();
    scene.sql("DELETE FROM projects");
    assert_eq!(["tags", "releases", "links", "project_members"].map(|table| scene.count(table)), [0; 4]);
}

#[test]
fn a_foreign_key_keeps_a_tag_with_a_release() {
    let scene = Scene::new();
    let refused = scene.wait(scene.connect().batch_execute("DELETE FROM tags")).unwrap_err();
    assert_eq!(refused.code().unwrap().code(), "23503");
}

#[test]
fn deleting_a_group_deletes_its_projects() {
    let scene = Scene::new();
    scene.sql("DELETE FROM namespaces WHERE user_id IS NULL");
    assert_eq!(["projects", "tags", "releases", "links", "group_members"].map(|table| scene.count(table)), [0; 5]);
    assert_eq!((scene.count("namespaces"), scene.count("namespace_ancestors")), (1, 1));
}

#[test]
fn releases_of_a_deleted_user_have_no_author() {
    let scene = Scene::new();
    scene.sql("DELETE FROM users");
    assert_eq!(["group_members", "tokens"].map(|table| scene.count(table)), [0; 2]);
    let release = scene.wait(scene.ports.releases.get(&scene.key())).unwrap().unwrap().found.unwrap();
    assert_eq!(release, Release { author: None, ..scene.release.clone() });
    assert_eq!(scene.project_at("group/hello").unwrap().0.creator, None);
}

#[test]
fn a_former_address_leads_to_its_project_until_another_takes_it() {
    let scene = Scene::new();
    let project: &Project = &scene.project;
    let (group, id) = (project.namespace.id, project.id);
    scene.sql(&format!(
        "INSERT INTO left_places (below, segment, project_id, since)
        VALUES ({group}, 'Old', {id}, 0), ({group}, 'hello', {id}, 0), (0, 'Whole/Old', {id}, 0)"
    ));
    assert_eq!(scene.project_at("whole/old"), Some((project.clone(), true)));
    assert_eq!(scene.project_at("GROUP/old"), Some((project.clone(), true)));
    assert_eq!(scene.project_at("group/hello"), Some((project.clone(), false)));
    let taker = new_project(project.namespace.id, "old", scene.user);
    let taker = scene.wait(scene.ports.projects.create(taker)).unwrap();
    assert_eq!(scene.project_at("group/old"), Some((taker.clone(), false)));
}

#[test]
fn old_paths_of_the_first_version_resolve_until_another_project_takes_them() {
    let scene = Scene::new();
    let ports = scene.of_the_first_version(
        "INSERT INTO users (name, email, administrator, bot, created_at) VALUES ('Ada', 'ada@example.com', TRUE, FALSE, 0);
        INSERT INTO namespaces (user_id, name, path, full_path, visibility, created_at)
            VALUES (1, 'Ada', 'ada', 'ada', 'public', 0), (NULL, 'Group', 'group', 'group', 'public', 0);
        INSERT INTO namespace_ancestors VALUES (1, 1), (2, 2);
        INSERT INTO projects (namespace_id, name, path, full_path, visibility, creator_id, created_at)
            VALUES (2, 'Hello', 'Hello', 'group/Hello', 'public', 1, 0);
        INSERT INTO moved_paths VALUES ('ada/first', 1), ('gone/Below/second', 1)",
    );
    let at = |path: &str| {
        let view =
            scene.wait(ports.projects.get(&ProjectRef::Path(path.parse().unwrap()), reader(scene.user))).unwrap()?;
        Some((view.project.id.get(), view.project.full_path.as_str().to_owned(), view.project.moved))
    };
    let hello = |moved| Some((1, "group/Hello".to_owned(), moved));
    assert_eq!(at("GROUP/hello"), hello(false));
    for old in ["ada/First", "gone/below/SECOND"] {
        assert_eq!(at(old), hello(true), "{old}");
    }
    let taker = new_project(1.try_into().unwrap(), "first", 1.try_into().unwrap());
    let taker = scene.wait(ports.projects.create(taker)).unwrap();
    assert_eq!((taker.id.get(), at("ada/first")), (2, Some((2, "ada/first".to_owned(), false))));
    assert!(scene.wait(ports.projects.delete(taker.id)).unwrap());
    assert_eq!((at("ada/first"), at("gone/below/second")), (None, hello(true)));
}

/// Hides the project like a deletion that crashes before it deletes rows.
fn crash_while_removing(scene: &Scene) {
    let (id, release) = (scene.project.id, scene.release.id);
    scene.store.close();
    scene.sql(&format!(
        "INSERT INTO links (project_id, release_id, name, url, link_type)
            SELECT {id}, {release}, 'n' || n, 'https://a/' || n, 'other' FROM generate_series(1, 3000) n;
        UPDATE projects SET namespace_id = NULL; INSERT INTO removals (kind, target_id) VALUES ('project', {id})"
    ));
}

#[test]
fn another_server_resumes_sweeping_after_a_crash() {
    let scene = Scene::new();
    crash_while_removing(&scene);
    let ports = scene.another_store();
    // Each small deletion also sweeps a few steps of the rest, as does the background task.
    for round in 0..100 {
        if scene.count("removals") == 0 {
            break;
        }
        let new = new_project(scene.project.namespace.id, &format!("p{round}"), scene.user);
        let project = scene.wait(ports.projects.create(new)).unwrap().id;
        assert!(scene.wait(ports.projects.delete(project)).unwrap());
    }
    assert_eq!(["removals", "links", "releases", "tags", "projects"].map(|table| scene.count(table)), [0; 5]);
}

#[test]
fn non_ascii_letters_are_case_sensitive() {
    let scene = Scene::new();
    scene.sql("UPDATE tags SET name = 'Ära'; UPDATE releases SET tag = 'Ära'");
    let found = |text: &str| {
        let search = Some(release_links_domain::tag::TagSearch::Anywhere(text.to_owned()));
        let query = TagQuery { search, ..TagQuery::default() };
        let project = ProjectRef::Id(scene.project.id);
        scene
            .wait(scene.ports.tags.list(&project, reader(scene.user), query, PageRequest::default()))
            .unwrap()
            .unwrap()
            .found
            .unwrap()
            .batch
            .rows
            .len()
    };
    assert_eq!((found("ÄRA"), found("ära")), (1, 0));
}

#[test]
fn a_write_without_its_lock_is_unavailable_and_leaves_no_trace() {
    let scene = Scene::new();
    let other = scene.connect();
    scene.wait(other.batch_execute("BEGIN; SELECT FROM releases FOR UPDATE")).unwrap();
    let create = || {
        scene.wait(scene.ports.links.create(
            scene.project.id,
            scene.release.id,
            plain("b").into(),
            Some(OnConflict::Fail),
            origin(),
        ))
    };
    let refused = create();
    assert!(matches!(refused, Err(WriteError::Store(StoreError::Unavailable(_)))), "{refused:?}");
    scene.wait(scene.ports.links.get(&scene.key(), first_link(&scene))).unwrap();
    scene.wait(other.batch_execute("ROLLBACK")).unwrap();
    create().unwrap();
    assert_eq!(scene.count("links"), 2);
}

#[test]
fn a_closed_store_is_unavailable() {
    let scene = Scene::new();
    scene.store.close();
    scene.store.close();
    let read = scene.wait(scene.ports.health.ping());
    assert!(matches!(read, Err(StoreError::Unavailable(_))), "{read:?}");
    let write = scene.wait(scene.ports.links.create(
        scene.project.id,
        scene.release.id,
        plain("b").into(),
        Some(OnConflict::Fail),
        origin(),
    ));
    assert!(matches!(write, Err(WriteError::Store(StoreError::Unavailable(_)))), "{write:?}");
}
