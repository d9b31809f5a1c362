//! Packages: which file of a name is served, which packages are listed, and which bytes are in use.

use std::sync::Arc;

use release_links_domain::file::{
    FileDigests, FileKey, FileObstacle, FilePlacement, Md5, Package, PackageFile, PackageStatus, Sha1, Sha256,
    StoredBytes,
};
use release_links_domain::link::AssetSize;
use release_links_domain::project::Project;
use release_links_domain::{PackageFileId, PackageId};
use release_links_ports::{
    FileWriteError, KeptBytes, PackageFileRef, PackageFilter, Page, PageRequest, ProjectChanges, WriteError,
};

use crate::SqlDatabase;
use crate::scene::{Scene, at, by_id, origin, origin_at, reader};

/// Returns what a request calls the file of a package.
pub fn named(package: &str, version: &str, file: &str) -> PackageFileRef {
    PackageFileRef { package: package.parse().unwrap(), version: version.parse().unwrap(), file: file.parse().unwrap() }
}

/// Returns the key with this number.
pub fn key(number: u8) -> FileKey {
    FileKey::from([number; 16])
}

/// Returns bytes, of which those with one `content` are equal, under a key.
pub fn bytes(content: u8, number: u8) -> KeptBytes {
    let digests = FileDigests {
        sha256: Sha256::from([content; 32]),
        sha1: Sha1::from([content; 20]),
        md5: Md5::from([content; 16]),
    };
    let size = AssetSize::try_from(1_000 + i64::from(content)).unwrap();
    KeptBytes { key: key(number), bytes: StoredBytes { digests, size } }
}

/// Publishes bytes that are equal to no others, and returns the file.
async fn published(scene: &Scene, project: &Project, file: &PackageFileRef, number: u8) -> PackageFile {
    publish(scene, project, file, None, bytes(number, number)).await.unwrap()
}

async fn publish(
    scene: &Scene,
    project: &Project,
    file: &PackageFileRef,
    status: Option<PackageStatus>,
    bytes: KeptBytes,
) -> Result<PackageFile, FileWriteError> {
    scene.store.packages.publish(project.id, file.clone(), status, bytes, origin_at(50)).await
}

async fn served(scene: &Scene, project: &Project, file: &PackageFileRef) -> Option<PackageFile> {
    scene.store.packages.get_file(&by_id(project), reader(None), file).await.unwrap().unwrap().found
}

async fn package(scene: &Scene, project: &Project, id: PackageId) -> Option<Package> {
    scene.store.packages.get(&by_id(project), reader(None), id).await.unwrap().unwrap().found
}

async fn files(scene: &Scene, project: &Project, id: PackageId) -> Option<Vec<PackageFile>> {
    let page = PageRequest::default();
    let view = scene.store.packages.list_files(&by_id(project), reader(None), id, page).await.unwrap().unwrap();
    view.found.map(|page| page.rows)
}

async fn page(scene: &Scene, project: &Project, filter: &PackageFilter, wanted: PageRequest) -> Page<Package> {
    let view = scene.store.packages.list(&by_id(project), reader(None), filter, wanted).await.unwrap().unwrap();
    view.found.unwrap()
}

/// Returns the names and versions of the packages that are listed.
async fn listed(scene: &Scene, project: &Project, name: Option<&str>, version: Option<&str>) -> Vec<String> {
    let filter = PackageFilter { name: name.map(str::to_owned), version: version.map(str::to_owned) };
    let packages = page(scene, project, &filter, PageRequest::default()).await.rows;
    packages.iter().map(|package| format!("{} {}", package.name, package.version)).collect()
}

async fn placement(scene: &Scene, project: &Project, file: &PackageFileRef) -> FilePlacement {
    let view = scene.store.packages.load_for_publish(&by_id(project), reader(None), file).await;
    view.unwrap().unwrap().found.unwrap()
}

/// Sets whether the packages of a project may have several files with one name.
async fn allow_duplicates(scene: &Scene, project: &Project, allowed: bool) -> Project {
    let changes = ProjectChanges { generic_duplicates_allowed: Some(allowed), ..ProjectChanges::default() };
    scene.store.projects.update(project.id, changes, project.creator.unwrap()).await.unwrap().project
}

/// Returns the keys in use, of those from 1 to 9.
pub async fn in_use(scene: &Scene) -> Vec<u8> {
    let mut found = scene.store.kept_files.in_use((1..10).map(key).collect()).await.unwrap();
    found.sort();
    (1..10).filter(|&number| found.contains(&key(number))).collect()
}

pub async fn a_file_is_served_as_it_was_published(scene: Scene) {
    let project = scene.start().await.project;
    let file = named("hello", "1.2.3", "hello.tar.gz");
    assert_eq!(served(&scene, &project, &file).await, None);
    let made = published(&scene, &project, &file, 1).await;
    let KeptBytes { key, bytes } = bytes(1, 1);
    let expected = PackageFile {
        id: made.id,
        package: made.package,
        name: "hello.tar.gz".parse().unwrap(),
        bytes,
        key,
        created_at: at(50),
    };
    assert_eq!(made, expected);
    assert_eq!(served(&scene, &project, &file).await.as_ref(), Some(&expected));
    assert_eq!(files(&scene, &project, made.package).await, Some(vec![expected]));
    let expected = Package {
        id: made.package,
        name: "hello".parse().unwrap(),
        version: "1.2.3".parse().unwrap(),
        status: PackageStatus::Default,
        created_at: at(50),
    };
    assert_eq!(package(&scene, &project, made.package).await, Some(expected));
    for other in
        [named("Hello", "1.2.3", "hello.tar.gz"), named("hello", "1.2.4", "hello.tar.gz"), named("hello", "1.2.3", "x")]
    {
        assert_eq!(served(&scene, &project, &other).await, None, "{other:?}");
    }
}

pub async fn of_files_with_one_name_the_newest_is_served_and_all_are_listed(scene: Scene) {
    let project = scene.start().await.project;
    let file = named("hello", "1.2.3", "a.zip");
    let mut made = Vec::new();
    for number in 1..4 {
        made.push(published(&scene, &project, &file, number).await);
        made.push(published(&scene, &project, &named("hello", "1.2.3", &format!("b{number}")), number + 3).await);
    }
    assert!(made.iter().all(|file| file.package == made[0].package));
    assert!(made.is_sorted_by_key(|file| file.id));
    assert_eq!(served(&scene, &project, &file).await.as_ref(), Some(&made[4]));
    assert_eq!(files(&scene, &project, made[0].package).await, Some(made.clone()));
    let id = made[4].id;
    scene.store.packages.delete_file(project.id, made[0].package, id, origin()).await.unwrap();
    assert_eq!(served(&scene, &project, &file).await.as_ref(), Some(&made[2]));
    let wanted = PageRequest { page: 2, per_page: 2 };
    let view = scene.store.packages.list_files(&by_id(&project), reader(None), made[0].package, wanted).await;
    let page = view.unwrap().unwrap().found.unwrap();
    let expected = Page { rows: made[2..4].to_vec(), total: Some(5), has_next: true };
    assert_eq!(page, expected);
}

pub async fn packages_are_listed_oldest_first_in_pages(scene: Scene) {
    let project = scene.start().await.project;
    for (number, (name, version)) in
        [("b", "2"), ("a", "1"), ("b", "1"), ("a", "1"), ("a", "10")].into_iter().enumerate()
    {
        published(&scene, &project, &named(name, version, "x"), u8::try_from(number).unwrap() + 1).await;
    }
    assert_eq!(listed(&scene, &project, None, None).await, ["b 2", "a 1", "b 1", "a 10"]);
    let mut seen = Vec::new();
    for (number, has_next) in [(1, true), (2, true), (3, true), (4, false), (5, false)] {
        let wanted = PageRequest { page: number, per_page: 1 };
        let found = page(&scene, &project, &PackageFilter::default(), wanted).await;
        assert_eq!((found.total, found.has_next), (Some(4), has_next), "page {number}");
        seen.extend(found.rows.into_iter().map(|package| package.version.to_string()));
    }
    assert_eq!(seen, ["2", "1", "1", "10"]);
}

pub async fn a_filter_finds_parts_of_a_name_in_any_case_and_a_whole_version(scene: Scene) {
    let project = scene.start().await.project;
    for (number, (name, version)) in [("Hello-CLI", "1.0"), ("hello", "1.0.1")].into_iter().enumerate() {
        published(&scene, &project, &named(name, version, "x"), u8::try_from(number).unwrap() + 1).await;
    }
    for (name, version, expected) in [
        (Some("HELLO"), None, vec!["Hello-CLI 1.0", "hello 1.0.1"]),
        (Some("o-c"), None, vec!["Hello-CLI 1.0"]),
        (Some("h%llo"), None, vec![]),
        (Some("h_llo"), None, vec![]),
        (Some(""), None, vec!["Hello-CLI 1.0", "hello 1.0.1"]),
        (None, Some("1.0"), vec!["Hello-CLI 1.0"]),
        (None, Some("1"), vec![]),
        (None, Some(""), vec![]),
        (Some("hello"), Some("1.0.1"), vec!["hello 1.0.1"]),
    ] {
        assert_eq!(listed(&scene, &project, name, version).await, expected, "{name:?} {version:?}");
    }
}

pub async fn a_hidden_package_is_served_but_not_listed(scene: Scene) {
    use PackageStatus::{Default, Hidden};
    let project = scene.start().await.project;
    let file = named("hello", "1", "a");
    let mut number = 0;
    for (status, expected) in
        [(Some(Hidden), Hidden), (None, Hidden), (Some(Default), Default), (None, Default), (Some(Hidden), Hidden)]
    {
        number += 1;
        let made = publish(&scene, &project, &file, status, bytes(number, number)).await.unwrap();
        assert_eq!(package(&scene, &project, made.package).await.map(|package| package.status), Some(expected));
        assert_eq!(served(&scene, &project, &file).await, Some(made), "{status:?}");
        let is_listed = !listed(&scene, &project, None, None).await.is_empty();
        assert_eq!(is_listed, expected == Default, "{status:?}");
    }
}

pub async fn a_package_or_file_of_another_project_is_not_found_or_deleted(scene: Scene) {
    let start = scene.start().await;
    let other = scene.project(start.project.namespace.id, "other", start.owner.id).await;
    let file = named("hello", "1", "a");
    let theirs = published(&scene, &other, &file, 1).await;
    let project = &start.project;
    assert_eq!(served(&scene, project, &file).await, None);
    assert_eq!(package(&scene, project, theirs.package).await, None);
    assert_eq!(files(&scene, project, theirs.package).await, None);
    assert_eq!(listed(&scene, project, None, None).await, [""; 0]);
    let packages = &scene.store.packages;
    let refused = packages.delete(project.id, theirs.package, origin()).await;
    assert!(matches!(refused, Err(WriteError::Gone)), "{refused:?}");
    let ours = published(&scene, project, &file, 2).await;
    for (project, package, file) in [
        (project, theirs.package, theirs.id),
        (project, ours.package, theirs.id),
        (&other, ours.package, ours.id),
        (&other, theirs.package, ours.id),
    ] {
        let refused = packages.delete_file(project.id, package, file, origin()).await;
        assert!(matches!(refused, Err(WriteError::Gone)), "{refused:?}");
    }
    assert_eq!(served(&scene, &other, &file).await, Some(theirs));
    assert_eq!(served(&scene, project, &file).await, Some(ours));
}

pub async fn a_package_is_deleted_with_its_files_and_no_id_comes_back(scene: Scene) {
    let project = scene.start().await.project;
    let file = named("hello", "1", "a");
    let first = published(&scene, &project, &file, 1).await;
    let second = published(&scene, &project, &file, 2).await;
    let packages = &scene.store.packages;
    packages.delete(project.id, first.package, origin()).await.unwrap();
    assert_eq!(package(&scene, &project, first.package).await, None);
    assert_eq!(served(&scene, &project, &file).await, None);
    let again = packages.delete(project.id, first.package, origin()).await;
    assert!(matches!(again, Err(WriteError::Gone)), "{again:?}");
    let third = published(&scene, &project, &file, 3).await;
    assert!(third.id > second.id && third.package > first.package);
    packages.delete_file(project.id, third.package, third.id, origin()).await.unwrap();
    let again = packages.delete_file(project.id, third.package, third.id, origin()).await;
    assert!(matches!(again, Err(WriteError::Gone)), "{again:?}");
    assert_eq!(files(&scene, &project, third.package).await, Some(Vec::new()));
    assert!(published(&scene, &project, &file, 4).await.id > third.id);
}

pub async fn nothing_is_published_in_a_project_that_is_deleted(scene: Scene) {
    let project = scene.start().await.project;
    let made = published(&scene, &project, &named("hello", "1", "a"), 1).await;
    scene.store.projects.delete(project.id).await.unwrap();
    let refused = publish(&scene, &project, &named("hello", "1", "b"), None, bytes(2, 2)).await;
    assert!(matches!(refused, Err(WriteError::Gone)), "{refused:?}");
    let refused = scene.store.packages.delete(project.id, made.package, origin()).await;
    assert!(matches!(refused, Err(WriteError::Gone)), "{refused:?}");
    assert_eq!(in_use(&scene).await, [0; 0]);
}

pub async fn a_duplicate_is_refused_if_the_project_allows_none(scene: Scene) {
    let project = scene.start().await.project;
    assert!(project.generic_duplicates_allowed);
    let file = named("hello", "1", "a");
    published(&scene, &project, &file, 1).await;
    assert!(!allow_duplicates(&scene, &project, false).await.generic_duplicates_allowed);
    let expected = FilePlacement { is_protected: false, exists: true, duplicates_allowed: false, files: 1 };
    assert_eq!(placement(&scene, &project, &file).await, expected);
    let refused = publish(&scene, &project, &file, Some(PackageStatus::Hidden), bytes(2, 2)).await;
    assert!(matches!(refused, Err(WriteError::Conflict(FileObstacle::Duplicate))), "{refused:?}");
    assert_eq!(listed(&scene, &project, None, None).await, ["hello 1"]);
    assert_eq!(in_use(&scene).await, [1]);
    for (number, other) in [(3, named("hello", "1", "b")), (4, named("hello", "2", "a")), (5, named("x", "1", "a"))] {
        let expected = FilePlacement { exists: false, files: usize::from(number == 3), ..expected };
        assert_eq!(placement(&scene, &project, &other).await, expected);
        published(&scene, &project, &other, number).await;
    }
    let changes = ProjectChanges { name: Some("Renamed".parse().unwrap()), ..ProjectChanges::default() };
    let renamed = scene.store.projects.update(project.id, changes, project.creator.unwrap()).await.unwrap().project;
    assert!(!renamed.generic_duplicates_allowed);
    allow_duplicates(&scene, &project, true).await;
    published(&scene, &project, &file, 6).await;
}

pub async fn of_writers_that_race_for_a_file_exactly_one_succeeds_where_there_are_no_duplicates(scene: Scene) {
    let project = scene.start().await.project;
    allow_duplicates(&scene, &project, false).await;
    let id = project.id;
    let outcomes = scene.race(|store, number| async move {
        let number = u8::try_from(number).unwrap() + 1;
        store.packages.publish(id, named("hello", "1", "a"), None, bytes(number, number), origin()).await
    });
    let (made, refused): (Vec<_>, Vec<_>) = outcomes.await.into_iter().partition(Result::is_ok);
    assert_eq!((made.len(), refused.len()), (1, 49));
    for outcome in refused {
        assert!(matches!(outcome, Err(WriteError::Conflict(FileObstacle::Duplicate))), "{outcome:?}");
    }
    let made = made.into_iter().next().unwrap().unwrap();
    assert_eq!(served(&scene, &project, &named("hello", "1", "a")).await, Some(made));
}

pub async fn racing_writers_make_one_package_and_keep_equal_bytes_once(scene: Scene) {
    let project = scene.start().await.project;
    let id = project.id;
    let outcomes = scene.race(|store, number| async move {
        let number = u8::try_from(number).unwrap() + 1;
        store.packages.publish(id, named("hello", "1", &format!("f{number}")), None, bytes(7, number), origin()).await
    });
    let made: Vec<PackageFile> = outcomes.await.into_iter().map(Result::unwrap).collect();
    assert!(made.iter().all(|file| file.package == made[0].package && file.key == made[0].key));
    let kept = scene.store.kept_files.after(None, 100).await.unwrap();
    let expected = KeptBytes { key: made[0].key.clone(), bytes: made[0].bytes.clone() };
    assert_eq!(kept, [expected]);
}

pub async fn equal_bytes_are_kept_once_until_no_file_has_them(scene: Scene) {
    let start = scene.start().await;
    let other = scene.project(start.project.namespace.id, "other", start.owner.id).await;
    let project = &start.project;
    let first = publish(&scene, project, &named("hello", "1", "a"), None, bytes(1, 1)).await.unwrap();
    let second = publish(&scene, project, &named("hello", "1", "b"), None, bytes(1, 2)).await.unwrap();
    let third = publish(&scene, &other, &named("hello", "1", "a"), None, bytes(1, 3)).await.unwrap();
    assert_eq!([&first.key, &second.key, &third.key], [&key(1); 3]);
    published(&scene, project, &named("hello", "1", "c"), 4).await;
    assert_eq!(in_use(&scene).await, [1, 4]);
    let packages = &scene.store.packages;
    packages.delete_file(project.id, first.package, first.id, origin()).await.unwrap();
    assert_eq!(in_use(&scene).await, [1, 4]);
    packages.delete(project.id, first.package, origin()).await.unwrap();
    assert_eq!(in_use(&scene).await, [1]);
    packages.delete_file(other.id, third.package, third.id, origin()).await.unwrap();
    assert_eq!(in_use(&scene).await, [0; 0]);
    // A key that was in use is not used again.
    let again = publish(&scene, project, &named("hello", "1", "a"), None, bytes(1, 5)).await.unwrap();
    assert_eq!(again.key, key(5));
}

pub async fn bytes_in_use_are_listed_by_key(scene: Scene) {
    let project = scene.start().await.project;
    for number in [5, 3, 8, 1] {
        published(&scene, &project, &named("hello", "1", &format!("f{number}")), number).await;
    }
    let mut seen = Vec::new();
    let mut last = None;
    while let [.., end] = scene.store.kept_files.after(last.clone(), 3).await.unwrap().as_slice() {
        let found = scene.store.kept_files.after(last.clone(), 3).await.unwrap();
        last = Some(end.key.clone());
        seen.extend(found);
    }
    assert_eq!(seen, [1, 3, 5, 8].map(|number| bytes(number, number)));
}

pub async fn a_deleted_project_leaves_no_bytes_in_use(scene: Scene) {
    let start = scene.start().await;
    let other = scene.project(start.project.namespace.id, "other", start.owner.id).await;
    for number in 1..6 {
        published(&scene, &start.project, &named("hello", "1", &format!("f{number}")), number).await;
    }
    publish(&scene, &other, &named("hello", "1", "a"), None, bytes(2, 9)).await.unwrap();
    scene.store.projects.delete(start.project.id).await.unwrap();
    assert_eq!(in_use(&scene).await, [2]);
}

pub async fn racing_writers_fill_a_package_with_files_up_to_the_limit(scene: Scene, database: Arc<dyn SqlDatabase>) {
    let project = scene.start().await.project;
    let first = published(&scene, &project, &named("hello", "1", "a"), 200).await;
    database.sql(&format!(
        "INSERT INTO package_files (package_id, name, bytes_id, created_at)
            WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {})
            SELECT package_id, 'b' || n, bytes_id, 0 FROM package_files CROSS JOIN numbers",
        Package::MAX_FILES - 3
    ));
    let id = project.id;
    let outcomes = scene.race(|store, number| async move {
        let number = u8::try_from(number).unwrap() + 1;
        store
            .packages
            .publish(id, named("hello", "1", &format!("c{number}")), None, bytes(number, number), origin())
            .await
    });
    let (made, refused): (Vec<_>, Vec<_>) = outcomes.await.into_iter().partition(Result::is_ok);
    assert_eq!((made.len(), refused.len()), (2, 48));
    for outcome in refused {
        assert!(matches!(outcome, Err(WriteError::Conflict(FileObstacle::TooMany))), "{outcome:?}");
    }
    assert_eq!(placement(&scene, &project, &named("hello", "1", "d")).await.files, Package::MAX_FILES);
    scene.store.packages.delete(project.id, first.package, origin()).await.unwrap();
    assert_eq!(scene.store.kept_files.after(None, 9).await.unwrap(), []);
}

/// An id that no row has.
const NONE: i64 = 999_999;

pub async fn what_does_not_exist_is_not_found_or_deleted(scene: Scene) {
    let project = scene.start().await.project;
    let (none, no_file) = (PackageId::try_from(NONE).unwrap(), PackageFileId::try_from(NONE).unwrap());
    assert_eq!(package(&scene, &project, none).await, None);
    assert_eq!(files(&scene, &project, none).await, None);
    let made = published(&scene, &project, &named("hello", "1", "a"), 1).await;
    for package in [none, made.package] {
        let refused = scene.store.packages.delete_file(project.id, package, no_file, origin()).await;
        assert!(matches!(refused, Err(WriteError::Gone)), "{refused:?}");
    }
    let expected = FilePlacement { is_protected: false, exists: false, duplicates_allowed: true, files: 0 };
    assert_eq!(placement(&scene, &project, &named("other", "1", "a")).await, expected);
}
