//! The bytes of files.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, poll, stream};
use release_links_domain::file::{FileKey, FilesMark, MaxFileSize, StoredBytes};
use release_links_domain::link::AssetSize;
use release_links_ports::{FileStore, IncomingBytes, ListedFile, PutError, StoreError};

use crate::{Outcome, wait};

/// A new, empty place for the files of one case.
pub trait FilePlace: Send + Sync {
    /// Opens a store of this place for files up to a size.
    fn open(&self, max: MaxFileSize) -> Arc<dyn FileStore>;

    /// Returns the number of files, complete or not, that take up space.
    fn occupied(&self) -> usize;

    /// How many bytes the store holds before it begins to write.
    fn part(&self) -> usize;
}

/// One case of the contract of files.
pub struct FileCase {
    /// What the case shows, as a sentence.
    pub name: &'static str,
    play: fn(Arc<dyn FilePlace>) -> Outcome,
}

impl FileCase {
    /// Runs the case on a new place.
    ///
    /// # Panics
    /// Panics if the adapter fails the case.
    pub fn run(&self, place: Arc<dyn FilePlace>) {
        wait((self.play)(place));
    }
}

macro_rules! cases {
    ($($name:ident,)+) => {
        vec![$(FileCase { name: stringify!($name), play: |place| Box::pin($name(place)) }),+]
    };
}

/// All cases of the contract of files.
#[must_use]
pub fn file_cases() -> Vec<FileCase> {
    cases! {
        bytes_are_described_by_their_size_and_digests,
        bytes_of_any_size_are_read_back_however_they_arrive,
        exactly_the_range_that_was_asked_for_is_read,
        a_range_beyond_the_end_fails,
        a_key_without_bytes_is_not_found,
        an_upload_that_breaks_off_leaves_nothing,
        an_upload_that_is_abandoned_leaves_nothing,
        a_file_may_be_as_large_as_allowed_and_what_is_larger_leaves_nothing,
        every_file_is_listed_once,
        deleted_bytes_are_gone,
        what_is_complete_is_not_discarded,
        a_place_has_the_mark_that_it_was_given_last_and_does_not_list_it,
    }
}

/// The longest time that an abandoned upload may take to be removed.
const CLEAN_UP: Duration = Duration::from_secs(30);

fn key(number: u8) -> FileKey {
    FileKey::from([number; 16])
}

fn open(place: &Arc<dyn FilePlace>) -> Arc<dyn FileStore> {
    place.open(MaxFileSize::DEFAULT)
}

/// Returns bytes of which no two neighbouring chunks are equal.
fn content(size: usize) -> Bytes {
    (0..size).map(|at| u8::try_from((at ^ (at >> 8) ^ (at >> 16)) & 0xff).unwrap()).collect()
}

/// The stream of these bytes, in chunks of a size.
fn chunks(bytes: &Bytes, chunk: usize) -> IncomingBytes {
    let chunks: Vec<_> =
        (0..bytes.len()).step_by(chunk).map(|from| Ok(bytes.slice(from..bytes.len().min(from + chunk)))).collect();
    Box::pin(stream::iter(chunks))
}

async fn put(files: &Arc<dyn FileStore>, key: &FileKey, bytes: &Bytes) -> StoredBytes {
    files.put(key, chunks(bytes, 10_000)).await.unwrap()
}

async fn read(files: &Arc<dyn FileStore>, key: &FileKey, range: std::ops::Range<usize>) -> Option<Vec<u8>> {
    let range = range.start.try_into().unwrap()..range.end.try_into().unwrap();
    let bytes = files.read(key, range).await.unwrap()?;
    Some(bytes.try_collect::<Vec<_>>().await.unwrap().concat())
}

async fn list(files: &Arc<dyn FileStore>) -> Vec<ListedFile> {
    let mut listed: Vec<_> = files.list().try_collect().await.unwrap();
    listed.sort_by(|one, other| one.key.cmp(&other.key));
    listed
}

/// Whether a place holds nothing, of which nothing can be read.
async fn assert_nothing_is_left(place: &Arc<dyn FilePlace>, files: &Arc<dyn FileStore>, key: &FileKey) {
    assert_eq!(place.occupied(), 0);
    assert_eq!(list(files).await, []);
    assert_eq!(read(files, key, 0..1).await, None);
}

async fn bytes_are_described_by_their_size_and_digests(place: Arc<dyn FilePlace>) {
    let files = open(&place);
    // The examples of FIPS 180 and RFC 1321.
    let vectors = [
        (
            Bytes::new(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "d41d8cd98f00b204e9800998ecf8427e",
        ),
        (
            Bytes::from_static(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "a9993e364706816aba3e25717850c26c9cd0d89d",
            "900150983cd24fb0d6963f7d28e17f72",
        ),
        (
            vec![b'a'; 1_000_000].into(),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
            "34aa973cd4c4daa4f61eeb2bdbad27316534016f",
            "7707d6ae4e027c70eea2a935c2296f21",
        ),
    ];
    for (number, (bytes, sha256, sha1, md5)) in (0..).zip(vectors) {
        let StoredBytes { digests, size } = put(&files, &key(number), &bytes).await;
        assert_eq!(size.bytes().unsigned_abs(), bytes.len() as u64);
        assert_eq!(files.size(&key(number)).await.unwrap(), Some(bytes.len() as u64));
        assert_eq!(digests.sha256.as_str(), sha256);
        assert_eq!(digests.sha1.as_str(), sha1);
        assert_eq!(digests.md5.as_str(), md5);
    }
}

async fn bytes_of_any_size_are_read_back_however_they_arrive(place: Arc<dyn FilePlace>) {
    let files = open(&place);
    let part = place.part();
    for (number, size) in (0..).zip([0, 1, 10_000, part - 1, part, part + 1, 2 * part, 2 * part + 12_345]) {
        let bytes = content(size);
        let key = key(number);
        let stored = files.put(&key, chunks(&bytes, 65_537)).await.unwrap();
        assert_eq!(stored.size, AssetSize::try_from(i64::try_from(size).unwrap()).unwrap());
        assert_eq!(read(&files, &key, 0..size).await.as_deref(), Some(&*bytes), "{size} bytes");
    }
    let bytes = content(part + 12_345);
    let one = files.put(&key(100), chunks(&bytes, 7_777)).await.unwrap();
    let other = files.put(&key(101), chunks(&bytes, bytes.len())).await.unwrap();
    assert_eq!(one, other);
}

async fn exactly_the_range_that_was_asked_for_is_read(place: Arc<dyn FilePlace>) {
    let files = open(&place);
    let bytes = content(700_001);
    put(&files, &key(1), &bytes).await;
    let size = bytes.len();
    for range in [0..1, 0..size, 1..2, 99_999..400_001, size - 1..size, 131_072..262_144, 5..5, size..size] {
        assert_eq!(read(&files, &key(1), range.clone()).await.as_deref(), Some(&bytes[range.clone()]), "{range:?}");
    }
}

async fn a_range_beyond_the_end_fails(place: Arc<dyn FilePlace>) {
    let files = open(&place);
    put(&files, &key(1), &content(300_000)).await;
    for range in [0..300_001, 299_999..300_001, 300_000..300_001, 400_000..400_001] {
        let failure = match files.read(&key(1), range.clone()).await {
            Ok(bytes) => bytes.unwrap().try_collect::<Vec<_>>().await.map(|_| ()),
            Err(error) => Err(error),
        };
        assert!(matches!(failure, Err(StoreError::Unavailable(_) | StoreError::Internal(_))), "{range:?}: {failure:?}");
    }
}

async fn a_key_without_bytes_is_not_found(place: Arc<dyn FilePlace>) {
    let files = open(&place);
    put(&files, &key(1), &content(3)).await;
    for range in [0..0, 0..1] {
        assert_eq!(read(&files, &key(2), range).await, None);
    }
    assert_eq!(files.size(&key(2)).await.unwrap(), None);
}

async fn an_upload_that_breaks_off_leaves_nothing(place: Arc<dyn FilePlace>) {
    let files = open(&place);
    for size in [0, 1, place.part(), 2 * place.part() + 1] {
        let cut = stream::iter([Err("the connection was cut".into())]);
        let bytes: IncomingBytes = Box::pin(chunks(&content(size), 65_536).chain(cut));
        let failure = files.put(&key(1), bytes).await;
        assert!(matches!(failure, Err(PutError::BrokenOff(_))), "{size}: {failure:?}");
        assert_nothing_is_left(&place, &files, &key(1)).await;
    }
}

async fn an_upload_that_is_abandoned_leaves_nothing(place: Arc<dyn FilePlace>) {
    let files = open(&place);
    let bytes = chunks(&content(2 * place.part() + 1), 65_536);
    let (ended, end) = tokio::sync::oneshot::channel::<()>();
    let (key, mut ended) = (key(1), Some(ended));
    // After its last byte, the upload says so and then waits for ever.
    let silence = stream::poll_fn(move |_| {
        drop(ended.take());
        std::task::Poll::<Option<_>>::Pending
    });
    let mut upload: Pin<Box<dyn Future<Output = _>>> = Box::pin(files.put(&key, Box::pin(bytes.chain(silence))));
    tokio::select! {
        outcome = &mut upload => panic!("the upload ended: {outcome:?}"),
        _ = end => {}
    }
    assert!(poll!(&mut upload).is_pending());
    drop(upload);
    let began = Instant::now();
    while place.occupied() > 0 {
        assert!(began.elapsed() < CLEAN_UP, "the upload is still there");
        tokio::task::yield_now().await;
    }
    assert_nothing_is_left(&place, &files, &key).await;
}

async fn a_file_may_be_as_large_as_allowed_and_what_is_larger_leaves_nothing(place: Arc<dyn FilePlace>) {
    for most in [10, place.part(), 2 * place.part()] {
        let files = place.open(u64::try_from(most).unwrap().try_into().unwrap());
        assert_eq!(files.max_size().bytes(), most as u64);
        let failure = files.put(&key(1), chunks(&content(most + 1), 65_536)).await;
        assert!(matches!(failure, Err(PutError::TooLarge)), "{most}: {failure:?}");
        assert_nothing_is_left(&place, &files, &key(1)).await;
        put(&files, &key(1), &content(most)).await;
        files.delete(&key(1)).await.unwrap();
    }
}

async fn every_file_is_listed_once(place: Arc<dyn FilePlace>) {
    let files = open(&place);
    assert_eq!(list(&files).await, []);
    for number in 0..20 {
        put(&files, &key(number), &content(number.into())).await;
    }
    let listed = list(&open(&place)).await;
    let sizes: Vec<_> = listed.iter().map(|file| (file.key.clone(), file.size)).collect();
    assert_eq!(sizes, (0..20).map(|number| (key(number), number.into())).collect::<Vec<_>>());
    let newest = listed.iter().map(|file| file.stored_at).max().unwrap();
    assert!(listed.iter().all(|file| newest.duration_since(file.stored_at).as_secs() < 600), "{listed:?}");
}

async fn deleted_bytes_are_gone(place: Arc<dyn FilePlace>) {
    let files = open(&place);
    put(&files, &key(1), &content(3)).await;
    put(&files, &key(2), &content(4)).await;
    for _ in 0..2 {
        files.delete(&key(1)).await.unwrap();
        assert_eq!(read(&files, &key(1), 0..3).await, None);
    }
    assert_eq!(list(&files).await.into_iter().map(|file| file.key).collect::<Vec<_>>(), [key(2)]);
    assert_eq!(place.occupied(), 1);
}

async fn what_is_complete_is_not_discarded(place: Arc<dyn FilePlace>) {
    let files = open(&place);
    put(&files, &key(1), &content(place.part() + 1)).await;
    assert_eq!(files.discard_unfinished(jiff::Timestamp::MAX).await.unwrap(), 0);
    assert_eq!(place.occupied(), 1);
}

async fn a_place_has_the_mark_that_it_was_given_last_and_does_not_list_it(place: Arc<dyn FilePlace>) {
    let store = open(&place);
    assert_eq!(store.mark().await.unwrap(), None);
    for number in [1, 2] {
        let mark = FilesMark::from([number; 32]);
        store.set_mark(&mark).await.unwrap();
        assert_eq!(open(&place).mark().await.unwrap(), Some(mark));
    }
    assert!(store.list().try_next().await.unwrap().is_none());
}
