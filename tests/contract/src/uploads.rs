//! Uploads: where they are found, who uploaded them, and which bytes they keep in use.

use release_links_domain::file::{PackageStatus, Upload, UploadSecret};
use release_links_domain::history::Origin;
use release_links_domain::project::Project;
use release_links_domain::{UploadId, UserId};
use release_links_ports::{FileOwner, KeptBytes, KeptTotal, NewUpload, Page, PageRequest, WriteError};

use crate::packages::{bytes, in_use, key, named};
use crate::scene::{Scene, at, by_id, origin, origin_at, reader};

fn secret(number: u8) -> UploadSecret {
    UploadSecret::from([number; 16])
}

fn new(number: u8, name: &str, bytes: KeptBytes) -> NewUpload {
    NewUpload { secret: secret(number), name: name.parse().unwrap(), bytes }
}

/// Uploads bytes that are equal to no others, and returns the upload.
async fn uploaded(scene: &Scene, project: &Project, number: u8, by: Option<UserId>) -> Upload {
    let new = new(number, "app.zip", bytes(number, number));
    let origin = Origin { user: by, ..origin_at(50) };
    scene.store.uploads.create(project.id, new, origin).await.unwrap()
}

async fn found(scene: &Scene, project: &Project, id: UploadId) -> Option<Upload> {
    scene.store.uploads.get(&by_id(project), reader(None), id).await.unwrap().unwrap().found
}

async fn served(scene: &Scene, project: &Project, number: u8, name: &str) -> Option<Upload> {
    let (secret, name) = (secret(number), name.parse().unwrap());
    let view = scene.store.uploads.get_file(&by_id(project), reader(None), &secret, &name).await;
    view.unwrap().unwrap().found
}

async fn page(scene: &Scene, project: &Project, page: u64, per_page: u64) -> Page<Upload> {
    let wanted = PageRequest { page, per_page };
    scene.store.uploads.list(&by_id(project), reader(None), wanted).await.unwrap().unwrap().found.unwrap()
}

pub async fn an_upload_is_served_as_it_was_created(scene: Scene) {
    let start = scene.start().await;
    let made = uploaded(&scene, &start.project, 1, Some(start.owner.id)).await;
    let KeptBytes { key, bytes } = bytes(1, 1);
    let expected = Upload {
        id: made.id,
        secret: secret(1),
        name: "app.zip".parse().unwrap(),
        bytes,
        key,
        uploaded_by: Some(start.owner),
        created_at: at(50),
    };
    assert_eq!(made, expected);
    assert_eq!(found(&scene, &start.project, made.id).await.as_ref(), Some(&expected));
    assert_eq!(served(&scene, &start.project, 1, "app.zip").await, Some(expected));
    for (number, name) in [(2, "app.zip"), (1, "App.zip"), (1, "app.zi")] {
        assert_eq!(served(&scene, &start.project, number, name).await, None, "{number} {name}");
    }
}

pub async fn uploads_are_listed_newest_first_in_pages(scene: Scene) {
    let project = scene.start().await.project;
    let mut made = Vec::new();
    for number in 1..6 {
        made.push(uploaded(&scene, &project, number, None).await);
    }
    assert!(made.is_sorted_by_key(|upload| upload.id));
    made.reverse();
    for (number, rows, has_next) in [(1, 0..2, true), (2, 2..4, true), (3, 4..5, false), (4, 5..5, false)] {
        let expected = Page { rows: made[rows].to_vec(), total: Some(5), has_next };
        assert_eq!(page(&scene, &project, number, 2).await, expected, "page {number}");
    }
}

pub async fn an_upload_outlives_who_uploaded_it(scene: Scene) {
    let project = scene.start().await.project;
    let bob = scene.user("bob").await;
    let made = uploaded(&scene, &project, 1, Some(bob.id)).await;
    assert_eq!(made.uploaded_by.as_ref(), Some(&bob));
    scene.store.users.delete(bob.id).await.unwrap();
    let expected = Upload { uploaded_by: None, ..made };
    assert_eq!(found(&scene, &project, expected.id).await, Some(expected));
    let later = uploaded(&scene, &project, 2, Some(bob.id)).await;
    assert_eq!(later.uploaded_by, None);
}

pub async fn an_upload_of_another_project_is_not_found_or_deleted(scene: Scene) {
    let start = scene.start().await;
    let other = scene.project(start.project.namespace.id, "other", start.owner.id).await;
    let theirs = uploaded(&scene, &other, 1, None).await;
    assert_eq!(found(&scene, &start.project, theirs.id).await, None);
    assert_eq!(served(&scene, &start.project, 1, "app.zip").await, None);
    assert_eq!(page(&scene, &start.project, 1, 20).await, Page::empty());
    let refused = scene.store.uploads.delete(start.project.id, theirs.id, origin()).await;
    assert!(matches!(refused, Err(WriteError::Gone)), "{refused:?}");
    assert_eq!(found(&scene, &other, theirs.id).await, Some(theirs));
}

pub async fn a_project_has_one_upload_with_a_secret(scene: Scene) {
    let start = scene.start().await;
    let other = scene.project(start.project.namespace.id, "other", start.owner.id).await;
    let first = uploaded(&scene, &start.project, 1, None).await;
    let again = scene.store.uploads.create(start.project.id, new(1, "b.zip", bytes(2, 2)), origin()).await;
    assert!(matches!(again, Err(WriteError::Conflict(()))), "{again:?}");
    assert_eq!(in_use(&scene).await, [1]);
    assert_eq!(served(&scene, &start.project, 1, "app.zip").await, Some(first));
    scene.store.uploads.create(other.id, new(1, "b.zip", bytes(3, 3)), origin()).await.unwrap();
}

pub async fn a_deleted_upload_is_gone_and_its_id_does_not_come_back(scene: Scene) {
    let project = scene.start().await.project;
    let made = uploaded(&scene, &project, 1, None).await;
    scene.store.uploads.delete(project.id, made.id, origin()).await.unwrap();
    assert_eq!(found(&scene, &project, made.id).await, None);
    let again = scene.store.uploads.delete(project.id, made.id, origin()).await;
    assert!(matches!(again, Err(WriteError::Gone)), "{again:?}");
    assert!(uploaded(&scene, &project, 1, None).await.id > made.id);
}

pub async fn nothing_is_uploaded_to_a_project_that_is_deleted(scene: Scene) {
    let project = scene.start().await.project;
    let made = uploaded(&scene, &project, 1, None).await;
    scene.store.projects.delete(project.id).await.unwrap();
    let refused = scene.store.uploads.create(project.id, new(2, "a", bytes(2, 2)), origin()).await;
    assert!(matches!(refused, Err(WriteError::Gone)), "{refused:?}");
    let refused = scene.store.uploads.delete(project.id, made.id, origin()).await;
    assert!(matches!(refused, Err(WriteError::Gone)), "{refused:?}");
    assert_eq!(in_use(&scene).await, [0; 0]);
}

pub async fn packages_and_uploads_keep_equal_bytes_once(scene: Scene) {
    let project = scene.start().await.project;
    let packages = &scene.store.packages;
    let hello = named("hello", "1", "a");
    let file = packages.publish(project.id, hello, None::<PackageStatus>, bytes(1, 1), origin()).await.unwrap();
    let upload = scene.store.uploads.create(project.id, new(2, "a", bytes(1, 2)), origin()).await.unwrap();
    let another = scene.store.uploads.create(project.id, new(3, "a", bytes(1, 3)), origin()).await.unwrap();
    assert_eq!([&upload.key, &another.key], [&key(1); 2]);
    packages.delete(project.id, file.package, origin()).await.unwrap();
    assert_eq!(in_use(&scene).await, [1]);
    scene.store.uploads.delete(project.id, upload.id, origin()).await.unwrap();
    assert_eq!(in_use(&scene).await, [1]);
    scene.store.uploads.delete(project.id, another.id, origin()).await.unwrap();
    assert_eq!(in_use(&scene).await, [0; 0]);
}

pub async fn a_deleted_project_takes_its_uploads_with_it(scene: Scene) {
    let start = scene.start().await;
    let other = scene.project(start.project.namespace.id, "other", start.owner.id).await;
    for number in 1..5 {
        uploaded(&scene, &start.project, number, None).await;
    }
    let kept = scene.store.uploads.create(other.id, new(9, "a", bytes(2, 9)), origin()).await.unwrap();
    scene.store.projects.delete(start.project.id).await.unwrap();
    assert_eq!(in_use(&scene).await, [2]);
    assert_eq!(found(&scene, &other, kept.id).await, Some(kept));
}

pub async fn bytes_in_use_tell_whose_they_are(scene: Scene) {
    let start = scene.start().await;
    let group = scene.group("tools", None).await;
    let other = scene.project(group.id, "other", start.owner.id).await;
    let upload = new(4, "app.zip", bytes(1, 4));
    scene.store.uploads.create(other.id, upload, origin()).await.unwrap();
    for (project, file, content, number) in
        [(&other, "b", 1, 5), (&start.project, "a", 1, 1), (&start.project, "other", 2, 2)]
    {
        let file = named("hello", "1.2", file);
        scene.store.packages.publish(project.id, file, None, bytes(content, number), origin()).await.unwrap();
    }
    let own = start.project.full_path.to_string();
    let expected = [
        ("tools/other".to_owned(), "packages/hello/1.2/b".to_owned()),
        (own, "packages/hello/1.2/a".to_owned()),
        ("tools/other".to_owned(), format!("uploads/{}/app.zip", secret(4))),
    ];
    let told = |owners: Vec<FileOwner>| -> Vec<(String, String)> {
        owners.into_iter().map(|owner| (owner.project.to_string(), owner.file.to_string())).collect()
    };
    let kept = &scene.store.kept_files;
    assert_eq!(told(kept.owners(&key(4), 9).await.unwrap()), expected);
    assert_eq!(told(kept.owners(&key(4), 2).await.unwrap()), expected[..2]);
    for unused in [1, 5, 7] {
        assert_eq!(kept.owners(&key(unused), 9).await.unwrap(), [], "{unused}");
    }
}

pub async fn bytes_in_use_are_added_up_each_once(scene: Scene) {
    let project = scene.start().await.project;
    let kept = &scene.store.kept_files;
    assert_eq!(kept.total().await.unwrap(), KeptTotal::default());
    for (file, content, number) in [("a", 1, 1), ("b", 1, 2), ("c", 7, 3)] {
        let file = named("hello", "1.2", file);
        scene.store.packages.publish(project.id, file, None, bytes(content, number), origin()).await.unwrap();
    }
    assert_eq!(kept.total().await.unwrap(), KeptTotal { files: 2, bytes: 1_001 + 1_007, largest: 1_007 });
}
