//! Packages and uploads, without the bytes.

use Refusal::{Forbidden, InsufficientScope, NotFound, NotSignedIn};
use release_links_domain::access::AccessLevel::{self, Developer, Guest, Maintainer};
use release_links_domain::file::{FileDigests, Md5, PackageFile, PackageStatus, Sha1, Sha256, StoredBytes, Upload};
use release_links_domain::history::Origin;
use release_links_domain::link::AssetSize;
use release_links_domain::project::{Project, Visibility};
use release_links_domain::token::{Caller, Scope};
use release_links_ports::{KeptBytes, NewUpload, PackageFileRef, PageRequest, ProjectChanges};
use release_links_usecases::{Missing, Refusal};

use crate::world::{
    ABSENT, Refused, World, assert_refused, assert_refused_to, faults, job, person, reported_faults, with_scope,
};

const NO_FILE: Refusal = NotFound(Missing::File);

fn bytes(number: u8) -> KeptBytes {
    let digests = FileDigests {
        sha256: Sha256::from([number; 32]),
        sha1: Sha1::from([number; 20]),
        md5: Md5::from([number; 16]),
    };
    KeptBytes { key: [number; 16].into(), bytes: StoredBytes { digests, size: AssetSize::try_from(5).unwrap() } }
}

async fn file(world: &World, project: &Project, status: PackageStatus) -> PackageFile {
    let named = PackageFileRef {
        package: "hello".parse().unwrap(),
        version: "1".parse().unwrap(),
        file: "a.zip".parse().unwrap(),
    };
    let origin = Origin::operator(project.created_at);
    world.storage.packages.publish(project.id, named, Some(status), bytes(1), origin).await.unwrap()
}

async fn upload(world: &World, project: &Project) -> Upload {
    let new = NewUpload { secret: [7; 16].into(), name: "a.zip".parse().unwrap(), bytes: bytes(2) };
    world.storage.uploads.create(project.id, new, Origin::operator(project.created_at)).await.unwrap()
}

/// Returns callers who may not delete the files of a private project, in the order of the contract; others than a person
/// may.
async fn refused_to_delete(world: &World, project: &Project) -> Refused {
    let maintainer = world.member(project, Maintainer).await;
    let mut refused = vec![
        (Caller::Anonymous, NotSignedIn),
        (with_scope(world.any_user().await, Scope::ReadUser), NotFound(Missing::Project)),
        (job(maintainer, ABSENT.try_into().unwrap()), NotFound(Missing::Project)),
        (with_scope(maintainer, Scope::ReadApi), InsufficientScope),
    ];
    for level in AccessLevel::ALL.into_iter().filter(|level| *level < Maintainer) {
        refused.push((person(world.member(project, level).await), Forbidden));
    }
    refused
}

#[tokio::test]
async fn files_are_deleted_by_maintainers_alone_who_learn_which_exist() {
    let world = World::new();
    let project = world.hello().await;
    let (file, upload) = (file(&world, &project, PackageStatus::Default).await, upload(&world, &project).await);
    for (caller, expected) in refused_to_delete(&world, &project).await {
        for id in [Some(file.package), None] {
            assert_refused_to(&caller, world.packages.delete(&caller, "top/hello", id).await, &expected);
            let of = world.packages.delete_file(&caller, "top/hello", id, Some(file.id)).await;
            assert_refused_to(&caller, of, &expected);
        }
        for id in [Some(upload.id), None] {
            assert_refused_to(&caller, world.uploads.delete(&caller, "top/hello", id).await, &expected);
        }
    }
    let maintainer = world.member(&project, Maintainer).await;
    let (person, job) = (person(maintainer), job(maintainer, project.id));
    assert_refused(world.packages.delete(&person, "top/absent", None).await, &NotFound(Missing::Project));
    assert_refused(world.packages.delete_file(&person, "top/hello", Some(file.package), None).await, &NO_FILE);
    world.packages.delete_file(&job, "top/hello", Some(file.package), Some(file.id)).await.unwrap();
    world.packages.delete(&person, "top/hello", Some(file.package)).await.unwrap();
    assert_refused(world.packages.delete(&person, "top/hello", Some(file.package)).await, &NO_FILE);
    world.uploads.delete(&job, "top/hello", Some(upload.id)).await.unwrap();
    assert_refused(world.uploads.delete(&person, "top/hello", Some(upload.id)).await, &NO_FILE);
}

#[tokio::test]
async fn nothing_is_deleted_in_an_archived_project() {
    let world = World::new();
    let project = world.hello().await;
    let (file, upload) = (file(&world, &project, PackageStatus::Default).await, upload(&world, &project).await);
    let owner = world.member(&project, AccessLevel::Owner).await;
    let changes = ProjectChanges { archived: Some(true), ..ProjectChanges::default() };
    world.storage.projects.update(project.id, changes, owner).await.unwrap();
    assert_refused(world.packages.delete(&person(owner), "top/hello", Some(file.package)).await, &Forbidden);
    assert_refused(world.uploads.delete(&person(owner), "top/hello", Some(upload.id)).await, &Forbidden);
    assert!(world.packages.get(&person(owner), "top/hello", Some(file.package)).await.is_ok());
}

#[tokio::test]
async fn packages_are_read_by_whoever_may_read_the_project() {
    let world = World::new();
    let project = world.hello().await;
    let file = file(&world, &project, PackageStatus::Hidden).await;
    let guest = world.member(&project, Guest).await;
    let packages = &world.packages;
    for (caller, expected) in [
        (Caller::Anonymous, NotFound(Missing::Project)),
        (person(world.any_user().await), NotFound(Missing::Project)),
        (with_scope(guest, Scope::ReadUser), InsufficientScope),
    ] {
        assert_refused_to(&caller, packages.list(&caller, "top/hello", faults()).await, &expected);
        assert_refused_to(&caller, packages.get(&caller, "top/hello", Some(file.package)).await, &expected);
        assert_refused_to(&caller, packages.list_files(&caller, "top/hello", None, faults()).await, &expected);
    }
    let guest = with_scope(guest, Scope::ReadApi);
    assert_refused(packages.list(&guest, "top/hello", faults()).await, &reported_faults());
    assert_refused(packages.list_files(&guest, "top/hello", None, faults()).await, &reported_faults());
    assert_eq!(packages.list(&guest, "top/hello", Ok(Default::default())).await.unwrap().rows, []);
    assert_eq!(packages.get(&guest, "top/hello", Some(file.package)).await.unwrap().status, PackageStatus::Hidden);
    let page = PageRequest::default();
    let files = packages.list_files(&guest, "top/hello", Some(file.package), Ok(page)).await.unwrap();
    assert_eq!(files.rows, [file]);
    assert_refused(packages.get(&guest, "top/hello", None).await, &NO_FILE);
    assert_refused(packages.list_files(&guest, "top/hello", None, Ok(page)).await, &NO_FILE);
}

#[tokio::test]
async fn an_upload_is_read_at_its_address_by_many_and_by_its_id_by_maintainers() {
    let world = World::new();
    let project = world.hello().await;
    let upload = upload(&world, &project).await;
    let (developer, maintainer) = (world.member(&project, Developer).await, world.member(&project, Maintainer).await);
    let uploads = &world.uploads;
    let named = Some((&upload.secret, &upload.name));
    let other = "b.zip".parse().unwrap();
    for (caller, at_address, by_id) in [
        (Caller::Anonymous, Some(NotFound(Missing::Project)), NotFound(Missing::Project)),
        (person(world.any_user().await), Some(NotFound(Missing::Project)), NotFound(Missing::Project)),
        (with_scope(maintainer, Scope::ReadUser), Some(InsufficientScope), InsufficientScope),
        (person(developer), None, Forbidden),
    ] {
        match &at_address {
            Some(expected) => {
                assert_refused_to(&caller, uploads.find(&caller, "top/hello", named, None).await, expected);
            }
            None => assert_eq!(uploads.find(&caller, "top/hello", named, None).await.unwrap(), upload),
        }
        for absent in [None, Some((&upload.secret, &other))] {
            let expected = at_address.as_ref().unwrap_or(&NO_FILE);
            assert_refused_to(&caller, uploads.find(&caller, "top/hello", absent, None).await, expected);
        }
        assert_refused_to(&caller, uploads.list(&caller, "top/hello", faults()).await, &by_id);
        assert_refused_to(&caller, uploads.get(&caller, "top/hello", Some(upload.id)).await, &by_id);
    }
    let open = world.group("open", None, Visibility::Public).await.id;
    world.project(open, "open", Visibility::Public).await;
    assert_refused(uploads.list(&Caller::Anonymous, "open/open", faults()).await, &NotSignedIn);
    let maintainer = person(maintainer);
    assert_refused(uploads.list(&maintainer, "top/hello", faults()).await, &reported_faults());
    let page = uploads.list(&maintainer, "top/hello", Ok(PageRequest::default())).await.unwrap();
    assert_eq!(page.rows, std::slice::from_ref(&upload));
    assert_eq!(uploads.get(&maintainer, "top/hello", Some(upload.id)).await.unwrap(), upload);
    assert_refused(uploads.get(&maintainer, "top/hello", None).await, &NO_FILE);
}
