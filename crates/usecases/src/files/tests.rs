//! When bytes are stored, and what becomes of them.

use std::sync::Arc;

use futures_util::stream;
use jiff::Timestamp;
use mockall::predicate::{always, eq};
use release_links_domain::access::AccessLevel;
use release_links_domain::file::{
    FileDigests, FileKey, FileObstacle, FilePlacement, MaxFileSize, PackageFile, StoredBytes, Upload, UploadSecret,
};
use release_links_domain::link::AssetSize;
use release_links_domain::project::{ProjectRules, ReleasesAccess, Visibility};
use release_links_domain::token::{Bearer, Caller, Scope, TokenKind};
use release_links_ports::{
    DatabaseKey, FileWriteError, IncomingBytes, MockClock, MockEntropy, MockFileStore, MockPackageRepository,
    MockProjectRepository, MockUploadRepository, PackageFileRef, ProjectFacts, ProjectView, PutError, StoreError,
    WriteError,
};

use super::{FileBody, FileInForm, Files, NewPackageFile, OwnFiles, PublishedFile, Tickets, UploadForm, Uploaded};
use crate::{Missing, ParameterFaults, Refusal};

const MAX: u64 = 100;

fn caller() -> Caller {
    Caller::Token(Bearer {
        token: 1.try_into().unwrap(),
        kind: TokenKind::Personal,
        user: 2.try_into().unwrap(),
        administrator: false,
        scopes: vec![Scope::Api],
    })
}

fn view<T>(level: AccessLevel, found: T) -> ProjectView<T> {
    let rules = ProjectRules { visibility: Visibility::Private, releases: ReleasesAccess::Enabled, archived: false };
    let project = ProjectFacts { id: 7.try_into().unwrap(), full_path: "a/b".parse().unwrap(), rules, moved: false };
    ProjectView { project, level: Some(level), found: Some(found) }
}

/// The key of what is published.
fn key() -> FileKey {
    [9; 16].into()
}

fn stored() -> StoredBytes {
    let digests = FileDigests { sha256: [1; 32].into(), sha1: [2; 20].into(), md5: [3; 16].into() };
    StoredBytes { digests, size: AssetSize::try_from(3).unwrap() }
}

fn published_under(key: FileKey) -> PackageFile {
    PackageFile {
        id: 4.try_into().unwrap(),
        package: 5.try_into().unwrap(),
        name: "f".parse().unwrap(),
        bytes: stored(),
        key,
        created_at: Timestamp::UNIX_EPOCH,
    }
}

fn new_file() -> NewPackageFile {
    let file =
        PackageFileRef { package: "p".parse().unwrap(), version: "1".parse().unwrap(), file: "f".parse().unwrap() };
    NewPackageFile { file, status: None }
}

/// Packages in which a developer may publish a file.
fn packages() -> MockPackageRepository {
    let mut packages = MockPackageRepository::new();
    let placement = FilePlacement { duplicates_allowed: true, ..FilePlacement::default() };
    packages.expect_load_for_publish().returning(move |_, _, _| Ok(Some(view(AccessLevel::Developer, placement))));
    packages
}

/// A store that may be asked how large files may be, and nothing else.
fn store() -> MockFileStore {
    let mut store = MockFileStore::new();
    store.expect_max_size().return_const(MaxFileSize::try_from(MAX).unwrap());
    store
}

/// A store that takes the bytes, and has equal ones.
fn taking_store() -> MockFileStore {
    let mut store = store();
    store.expect_size().returning(|_| Ok(Some(3)));
    store.expect_put().with(eq(key()), always()).once().returning(|_, _| Ok(stored()));
    store
}

fn tickets() -> Tickets {
    let projects = Arc::new(MockProjectRepository::new());
    Tickets::new(DatabaseKey([0; 32]), "https://links.example".parse().unwrap(), projects)
}

/// A body of which nobody may read anything.
fn unread() -> IncomingBytes {
    Box::pin(stream::once(async { panic!("the body is read") }))
}

/// The use case, whose random bytes are those of [`key`].
fn on(packages: MockPackageRepository, uploads: MockUploadRepository, mut store: MockFileStore) -> Files {
    store.expect_mark().returning(|| Ok(Some([1; 32].into())));
    let store = OwnFiles::new(Arc::new(store), DatabaseKey([1; 32]));
    let mut entropy = MockEntropy::new();
    entropy.expect_fill().returning(|bytes| {
        bytes.fill(9);
        Ok(())
    });
    let mut clock = MockClock::new();
    clock.expect_now().return_const(Timestamp::UNIX_EPOCH);
    Files::new(Arc::new(packages), Arc::new(uploads), store, tickets(), Arc::new(clock), Arc::new(entropy))
}

async fn publish(
    packages: MockPackageRepository,
    store: MockFileStore,
    asked: Result<NewPackageFile, ParameterFaults>,
    length: Option<u64>,
) -> Result<PublishedFile, Refusal> {
    let files = on(packages, uploads(AccessLevel::Developer), store);
    files.publish(&caller(), "7", asked, FileBody { length, bytes: unread() }).await
}

#[tokio::test]
async fn a_row_is_written_once_the_bytes_are_stored() {
    let mut packages = packages();
    packages
        .expect_publish()
        .withf(|_, _, _, kept, _| kept.key == key() && kept.bytes == stored())
        .once()
        .returning(|_, _, _, kept, _| Ok(published_under(kept.key)));
    let published = publish(packages, taking_store(), Ok(new_file()), Some(MAX)).await.unwrap();
    assert_eq!((published.project.get(), published.file, published.stored.key), (7, new_file().file, key()));
}

#[tokio::test]
async fn bytes_that_are_there_already_are_deleted_again() {
    let mut packages = packages();
    packages.expect_publish().once().returning(|_, _, _, _, _| Ok(published_under([1; 16].into())));
    let mut store = taking_store();
    store.expect_delete().with(eq(key())).once().returning(|_| Err(StoreError::Unavailable("away".into())));
    let published = publish(packages, store, Ok(new_file()), None).await.unwrap();
    assert_eq!(published.stored.key, [1; 16].into());
}

#[tokio::test]
async fn equal_bytes_that_are_missing_or_cut_off_are_mended() {
    for found in [None, Some(2)] {
        let equal: FileKey = [1; 16].into();
        let mut packages = packages();
        let row = equal.clone();
        packages.expect_publish().once().returning(move |_, _, _, _, _| Ok(published_under(row.clone())));
        let mut store = store();
        store.expect_put().with(eq(key()), always()).once().returning(|_, _| Ok(stored()));
        store.expect_size().with(eq(key())).returning(|_| Ok(Some(3)));
        store.expect_size().with(eq(equal.clone())).returning(move |_| Ok(found));
        store.expect_read().with(eq(key()), eq(0..3)).once().returning(|_, _| Ok(Some(Box::pin(stream::empty()))));
        store.expect_put().with(eq(equal), always()).once().returning(|_, _| Ok(stored()));
        store.expect_delete().with(eq(key())).once().returning(|_| Ok(()));
        publish(packages, store, Ok(new_file()), None).await.unwrap();
    }
}

#[tokio::test]
async fn bytes_that_arrive_when_nobody_may_publish_them_any_more_are_deleted() {
    let mut store = store();
    store.expect_put().with(eq(key()), always()).once().returning(|_, _| Ok(stored()));
    store.expect_delete().with(eq(key())).once().returning(|_| Ok(()));
    let files = on(packages(), uploads(AccessLevel::Reporter), store);
    let body = FileBody { length: None, bytes: unread() };
    let refused = files.publish(&caller(), "7", Ok(new_file()), body).await;
    assert!(matches!(refused, Err(Refusal::Forbidden)), "{refused:?}");
}

#[tokio::test]
async fn bytes_without_a_row_are_deleted_unless_the_row_may_have_been_written() {
    for (error, is_deleted) in [
        ((|| FileWriteError::Conflict(FileObstacle::Protected)) as fn() -> FileWriteError, true),
        (|| FileWriteError::Gone, true),
        (|| FileWriteError::Store(StoreError::Unavailable("away".into())), false),
    ] {
        let mut packages = packages();
        packages.expect_publish().once().returning(move |_, _, _, _, _| Err(error()));
        let mut store = taking_store();
        store.expect_delete().with(eq(key())).times(usize::from(is_deleted)).returning(|_| Ok(()));
        assert!(publish(packages, store, Ok(new_file()), None).await.is_err());
    }
}

#[tokio::test]
async fn nothing_of_a_refused_upload_is_read() {
    let faults = || ParameterFaults(vec!["file_name is invalid".to_owned()]);
    let mut seen = MockPackageRepository::new();
    seen.expect_get().returning(|_, _, _| {
        let ProjectView { project, level, .. } = view(AccessLevel::Developer, ());
        Ok(Some(ProjectView { project, level, found: None }))
    });
    let refused = publish(seen, store(), Err(faults()), None).await;
    assert!(matches!(&refused, Err(Refusal::Parameters(told)) if *told == faults()), "{refused:?}");

    let mut below = MockPackageRepository::new();
    below
        .expect_load_for_publish()
        .returning(|_, _, _| Ok(Some(view(AccessLevel::Reporter, FilePlacement::default()))));
    let refused = publish(below, store(), Ok(new_file()), None).await;
    assert!(matches!(refused, Err(Refusal::Forbidden)), "{refused:?}");

    let mut protected = MockPackageRepository::new();
    let placement = FilePlacement { is_protected: true, ..FilePlacement::default() };
    protected.expect_load_for_publish().returning(move |_, _, _| Ok(Some(view(AccessLevel::Owner, placement))));
    let refused = publish(protected, store(), Ok(new_file()), None).await;
    assert!(matches!(refused, Err(Refusal::File(FileObstacle::Protected))), "{refused:?}");

    let mut nowhere = MockPackageRepository::new();
    nowhere.expect_load_for_publish().returning(|_, _, _| Ok(None));
    let refused = publish(nowhere, store(), Ok(new_file()), None).await;
    assert!(matches!(refused, Err(Refusal::NotFound(Missing::Project))), "{refused:?}");

    let refused = publish(packages(), store(), Ok(new_file()), Some(MAX + 1)).await;
    assert!(matches!(refused, Err(Refusal::FileTooLarge)), "{refused:?}");
}

#[tokio::test]
async fn an_upload_that_is_not_stored_has_no_row() {
    for (error, is_told) in [
        (
            (|| PutError::BrokenOff("cut".into())) as fn() -> PutError,
            (|refusal: &Refusal| matches!(refusal, Refusal::BrokenOff(_))) as fn(&Refusal) -> bool,
        ),
        (|| PutError::TooLarge, |refusal| matches!(refusal, Refusal::FileTooLarge)),
        (
            || PutError::Store(StoreError::Unavailable("full".into())),
            |refusal| matches!(refusal, Refusal::Store(StoreError::Unavailable(_))),
        ),
    ] {
        let mut store = store();
        store.expect_put().once().returning(move |_, _| Err(error()));
        let refused = publish(packages(), store, Ok(new_file()), None).await.unwrap_err();
        assert!(is_told(&refused), "{refused:?}");
    }
}

#[tokio::test]
async fn a_file_whose_bytes_are_gone_is_a_failure() {
    let mut store = MockFileStore::new();
    store.expect_read().with(eq(key()), eq(0..3)).once().returning(|_, _| Ok(None));
    let files = on(MockPackageRepository::new(), MockUploadRepository::new(), store);
    let read = files.read(&key(), 0..3).await.map(|_| ());
    assert!(matches!(read, Err(Refusal::Store(StoreError::Internal(_)))));
}

/// Uploads in a project in which the caller has a level.
fn uploads(level: AccessLevel) -> MockUploadRepository {
    let mut uploads = MockUploadRepository::new();
    uploads.expect_get().returning(move |_, _, _| {
        let ProjectView { project, level, .. } = view(level, ());
        Ok(Some(ProjectView { project, level, found: None }))
    });
    uploads
}

fn uploaded_under(key: FileKey) -> Upload {
    Upload {
        id: 4.try_into().unwrap(),
        secret: [9; 16].into(),
        name: "f".parse().unwrap(),
        bytes: stored(),
        key,
        uploaded_by: None,
        created_at: Timestamp::UNIX_EPOCH,
    }
}

async fn upload(
    uploads: MockUploadRepository,
    store: MockFileStore,
    file: Result<FileInForm, &'static str>,
    least: Option<u64>,
) -> Result<Uploaded, Refusal> {
    let files = on(MockPackageRepository::new(), uploads, store);
    let form = UploadForm { least, file: Box::pin(async move { file.map_err(Into::into) }) };
    files.upload(&caller(), "7", form).await
}

fn in_form() -> FileInForm {
    FileInForm { name: "f".parse().unwrap(), bytes: unread() }
}

#[tokio::test]
async fn an_upload_gets_a_row_with_a_random_secret_once_its_bytes_are_stored() {
    let mut uploads = uploads(AccessLevel::Developer);
    uploads
        .expect_create()
        .withf(|_, new, _| {
            let secret: UploadSecret = [9; 16].into();
            (new.secret.clone(), new.name.as_str(), &new.bytes.key) == (secret, "f", &key())
        })
        .once()
        .returning(|_, new, _| Ok(uploaded_under(new.bytes.key)));
    let uploaded = upload(uploads, taking_store(), Ok(in_form()), Some(MAX)).await.unwrap();
    assert_eq!((uploaded.project.get(), uploaded.upload), (7, uploaded_under(key())));
}

#[tokio::test]
async fn bytes_that_no_upload_has_are_deleted_unless_one_may_have_them() {
    for (created, is_deleted) in [
        ((|| Ok(uploaded_under([1; 16].into()))) as fn() -> Result<Upload, WriteError<()>>, true),
        (|| Err(WriteError::Conflict(())), true),
        (|| Err(WriteError::Gone), true),
        (|| Err(WriteError::Store(StoreError::Unavailable("away".into()))), false),
    ] {
        let mut uploads = uploads(AccessLevel::Developer);
        uploads.expect_create().once().returning(move |_, _, _| created());
        let mut store = taking_store();
        store.expect_delete().with(eq(key())).times(usize::from(is_deleted)).returning(|_| Ok(()));
        assert_eq!(upload(uploads, store, Ok(in_form()), None).await.is_ok(), created().is_ok());
    }
}

#[tokio::test]
async fn no_form_is_read_for_who_may_not_upload_and_none_without_a_file_is_stored() {
    let unread = || {
        let file: super::IncomingFile = Box::pin(async { panic!("the form is read") });
        file
    };
    for (level, least, is_told) in [
        (AccessLevel::Reporter, None, (|refusal| matches!(refusal, Refusal::Forbidden)) as fn(&Refusal) -> bool),
        (AccessLevel::Developer, Some(MAX + 1), |refusal| matches!(refusal, Refusal::FileTooLarge)),
    ] {
        let files = on(MockPackageRepository::new(), uploads(level), store());
        let refused = files.upload(&caller(), "7", UploadForm { least, file: unread() }).await.unwrap_err();
        assert!(is_told(&refused), "{refused:?}");
    }
    let files = on(MockPackageRepository::new(), MockUploadRepository::new(), store());
    let refused = files.upload(&Caller::Anonymous, "7", UploadForm { least: None, file: unread() }).await;
    assert!(matches!(refused, Err(Refusal::NotSignedIn)), "{refused:?}");
    let refused = upload(uploads(AccessLevel::Developer), store(), Err("no file"), None).await;
    assert!(matches!(refused, Err(Refusal::BrokenOff(_))), "{refused:?}");
}
