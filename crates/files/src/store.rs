//! The port, on an object store.

use std::future::ready;
use std::ops::Range;
use std::slice;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};
use jiff::Timestamp;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{Error, GetOptions, GetRange, ObjectMeta, ObjectStore, ObjectStoreExt as _};
use release_links_domain::file::{FileKey, FilesMark, MaxFileSize, StoredBytes};
use release_links_domain::link::AssetSize;
use release_links_ports::{
    BoxError, FileStore, FileStream, IncomingBytes, ListedFile, OutgoingBytes, PutError, StoreError,
};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::failure::store_error;
use crate::folder::Folder;
use crate::hashes::Hashes;
use crate::parts::{Part, Parts};
use crate::place::FilesPlace;
use crate::upload::Upload;
use crate::{bucket, folder, paths};

/// How many bytes of a file are read at once: as many as a connection buffers anyway.
pub const CHUNK: u64 = 64 * 1024;
/// How many bytes of a large file are read at once while few are read: each read is handed to another thread and back, which
/// takes longer than reading a small chunk.
pub const LARGE_CHUNK: u64 = 256 * 1024;
/// How many bytes the mark of the database has at most.
const MAX_MARK: u64 = 100;
/// How many downloads read large chunks, which they keep in memory.
pub const LARGE_READS: usize = 64;

/// Files in an object store.
#[derive(Debug, Clone)]
pub struct ObjectFiles {
    place: Place,
    /// How many bytes of an upload are stored at once.
    part: usize,
    max: MaxFileSize,
    /// The downloads that may read large chunks.
    large_reads: Arc<Semaphore>,
}

/// Where the files are.
#[derive(Debug, Clone)]
enum Place {
    Folder(Folder),
    Bucket(Arc<dyn ObjectStore>),
}

/// A place for files that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot keep files in {place}")]
pub struct OpenError {
    /// The place.
    pub place: FilesPlace,
    /// Why.
    #[source]
    pub source: BoxError,
}

impl ObjectFiles {
    /// Opens a place for files up to a size. A folder that is missing is made when the first file comes.
    ///
    /// # Errors
    /// [`OpenError`] if the folder cannot be read, or the bucket's settings cannot be understood.
    pub fn open(place: &FilesPlace, max: MaxFileSize) -> Result<Self, OpenError> {
        let failed = |source| OpenError { place: place.clone(), source };
        let large_reads = Arc::new(Semaphore::new(LARGE_READS));
        match place {
            FilesPlace::Folder(path) => {
                let folder = Folder::new(path);
                folder.open().map_err(failed)?;
                Ok(Self { place: Place::Folder(folder), part: folder::PART, max, large_reads })
            }
            FilesPlace::Bucket { name, prefix } => {
                let bucket = bucket::open(name).map_err(|error| failed(error.into()))?;
                let objects = Arc::new(PrefixStore::new(bucket, prefix.as_str()));
                Ok(Self { place: Place::Bucket(objects), part: bucket::part(max), max, large_reads })
            }
        }
    }

    /// Returns the objects, if there can be any.
    fn objects(&self) -> Result<Option<Arc<dyn ObjectStore>>, StoreError> {
        match &self.place {
            Place::Folder(folder) => {
                let opened = folder.open().map_err(StoreError::Unavailable)?;
                Ok(opened.map(|opened| opened as Arc<dyn ObjectStore>))
            }
            Place::Bucket(objects) => Ok(Some(objects.clone())),
        }
    }

    /// Returns where objects are put.
    async fn make(&self) -> Result<Arc<dyn ObjectStore>, StoreError> {
        match &self.place {
            Place::Folder(folder) => {
                let folder = folder.clone();
                let made = spawn_blocking(move || folder.make()).await;
                let made = made.map_err(|error| StoreError::Internal(error.into()))?;
                Ok(made.map_err(StoreError::Unavailable)?)
            }
            Place::Bucket(objects) => Ok(objects.clone()),
        }
    }

    /// Stores an upload of one part.
    async fn put_small(&self, key: &FileKey, part: Part) -> Result<(Hashes, Unkept), PutError> {
        let path = paths::of_key(key);
        let hashing = Hashes::default().update(part.bytes.clone());
        let objects = self.make().await?;
        let storing = self.store(key, async move { objects.put(&path, part.bytes.into()).await.map(|_| ()) });
        Ok(tokio::try_join!(hashing, storing)?)
    }

    /// Stores an upload of several parts. While one is hashed and stored, the next one arrives.
    async fn put_parts(&self, key: &FileKey, first: Part, parts: &mut Parts) -> Result<(Hashes, Unkept), PutError> {
        let upload = self.make().await?.put_multipart(&paths::of_key(key)).await.map_err(store_error)?;
        let mut upload = Upload::new(upload);
        match store_all(&mut upload, first, parts).await {
            Ok(hashes) => Ok((hashes, self.store(key, upload.complete()).await?)),
            Err(error) => {
                upload.abort().await;
                Err(error)
            }
        }
    }

    /// Takes the step that stores the bytes of a key. If it fails, there may be bytes all the same, which are removed. It is taken
    /// to its end even if nobody waits for it any longer, since only then it is known what is to be removed.
    async fn store(
        &self,
        key: &FileKey,
        step: impl Future<Output = Result<(), Error>> + Send + 'static,
    ) -> Result<Unkept, StoreError> {
        let unkept = Unkept(Some((self.place.clone(), key.clone())));
        let (stored, unkept) = tokio::spawn(async move { (step.await, unkept) })
            .await
            .map_err(|error| StoreError::Internal(error.into()))?;
        match stored {
            Ok(()) => Ok(unkept),
            Err(error) => {
                unkept.discard().await;
                Err(store_error(error))
            }
        }
    }
}

/// What may be stored under a key. It is removed when this is dropped.
struct Unkept(Option<(Place, FileKey)>);

impl Unkept {
    /// Leaves the bytes where they are.
    fn keep(mut self) {
        self.0 = None;
    }

    async fn discard(mut self) {
        if let Some((place, key)) = self.0.take() {
            discard(place, key).await;
        }
    }
}

impl Drop for Unkept {
    fn drop(&mut self) {
        if let (Some((place, key)), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn(discard(place, key));
        }
    }
}

/// Removes what there is of a key.
async fn discard(place: Place, key: FileKey) {
    let discarded: Result<(), BoxError> = match place {
        Place::Folder(folder) => match spawn_blocking(move || folder.discard(&key)).await {
            Ok(discarded) => discarded.map_err(Into::into),
            Err(error) => Err(error.into()),
        },
        Place::Bucket(objects) => match objects.delete(&paths::of_key(&key)).await {
            Err(Error::NotFound { .. }) => Ok(()),
            deleted => deleted.map_err(Into::into),
        },
    };
    if let Err(error) = discarded {
        tracing::warn!(%error, "what a failed upload has left cannot be removed");
    }
}

/// Reads a range chunk by chunk. The file is open only while a chunk is read, so that a slow client holds no descriptor. Of a
/// large file, the next chunk is read while one is sent.
async fn read_folder(
    objects: Arc<dyn ObjectStore>,
    path: Path,
    range: Range<u64>,
    large_reads: &Arc<Semaphore>,
) -> Result<OutgoingBytes, Error> {
    let is_large = range.end - range.start > CHUNK;
    let permit = is_large.then(|| large_reads.clone().try_acquire_owned().ok()).flatten();
    let (size, at_once) = if permit.is_some() { (LARGE_CHUNK, 2) } else { (CHUNK, 1) };
    // Whether there is such a file is known before its first byte is sent.
    let first = chunk(&objects, &path, range.clone(), size).await?;
    let rest = first.as_ref().map_or(range.clone(), |(_, rest)| rest.clone());
    let starts = stream::iter((rest.start..rest.end).step_by(usize::try_from(size).unwrap_or(usize::MAX)));
    let chunks = starts.map(move |start| {
        // The permit lasts as long as the stream.
        let _ = &permit;
        let (objects, path) = (objects.clone(), path.clone());
        let end = rest.end;
        async move { chunk(&objects, &path, start..end, size).await.map_err(store_error) }
    });
    let rest = until_error(chunks.buffered(at_once)).try_filter_map(|chunk| ready(Ok(chunk.map(|(bytes, _)| bytes))));
    Ok(Box::pin(stream::iter(first.map(|(bytes, _)| Ok(bytes))).chain(rest)))
}

/// Reads a range by one request.
async fn read_bucket(objects: &Arc<dyn ObjectStore>, path: &Path, range: Range<u64>) -> Result<OutgoingBytes, Error> {
    let options = GetOptions { range: Some(GetRange::Bounded(range.clone())), ..GetOptions::default() };
    let found = objects.get_opts(path, options).await?;
    if found.range != range {
        let source = format!("{path} has {} bytes, which {range:?} is not within", found.meta.size).into();
        return Err(Error::Generic { store: "S3", source });
    }
    Ok(Box::pin(found.into_stream().map_err(store_error)))
}

/// Reads the first chunk of a range, and returns it and the rest of the range, unless the range is empty.
async fn chunk(
    objects: &Arc<dyn ObjectStore>,
    path: &Path,
    range: Range<u64>,
    size: u64,
) -> Result<Option<(Bytes, Range<u64>)>, Error> {
    if range.is_empty() {
        return Ok(None);
    }
    let end = range.end.min(range.start.saturating_add(size));
    // Unlike `get_range`, it fails if there are fewer bytes, and it opens the file and reads on one thread.
    let bytes = objects.get_ranges(path, slice::from_ref(&(range.start..end))).await?.into_iter().next();
    Ok(bytes.map(|bytes| (bytes, end..range.end)))
}

/// Lists what is in the folders of keys, one folder after another. What else lies beside them, such as the `lost+found` of a file
/// system, need not even be readable.
fn list_folder(objects: &Arc<dyn ObjectStore>) -> impl Stream<Item = Result<ObjectMeta, Error>> + use<> {
    let objects = objects.clone();
    until_error(stream::iter(paths::folders()).flat_map(move |folder| objects.list(Some(&Path::from(folder)))))
}

/// Ends a stream after its first error.
fn until_error<T, E>(stream: impl Stream<Item = Result<T, E>>) -> impl Stream<Item = Result<T, E>> {
    stream.scan(false, |failed, item| {
        let goes_on = !std::mem::replace(failed, item.is_err());
        ready(goes_on.then_some(item))
    })
}

/// Returns what a list shows of an object, unless its path is not that of a key.
fn listed_file(object: &ObjectMeta) -> Option<ListedFile> {
    let key = paths::key_at(&object.location)?;
    let stored_at = Timestamp::from_microsecond(object.last_modified.timestamp_micros()).ok()?;
    Some(ListedFile { key, size: object.size, stored_at })
}

/// Stores all parts and returns the digests of their bytes.
async fn store_all(upload: &mut Upload, first: Part, parts: &mut Parts) -> Result<Hashes, PutError> {
    let (mut hashes, mut part) = (Hashes::default(), first);
    loop {
        let hashing = async { hashes.update(part.bytes.clone()).await.map_err(PutError::Store) };
        let storing =
            async { upload.put(part.bytes.clone()).await.map_err(|error| PutError::Store(store_error(error))) };
        if part.is_last {
            return Ok(tokio::try_join!(hashing, storing)?.0);
        }
        let ((), next);
        (hashes, (), next) = tokio::try_join!(hashing, storing, parts.next())?;
        part = next;
        // S3 takes no empty part.
        if part.is_last && part.bytes.is_empty() {
            return Ok(hashes);
        }
    }
}

#[async_trait]
impl FileStore for ObjectFiles {
    fn max_size(&self) -> MaxFileSize {
        self.max
    }

    async fn put(&self, key: &FileKey, bytes: IncomingBytes) -> Result<StoredBytes, PutError> {
        let mut parts = Parts::new(bytes, self.part, self.max);
        let first = parts.next().await?;
        let (hashes, unkept) = if first.is_last {
            self.put_small(key, first).await?
        } else {
            self.put_parts(key, first, &mut parts).await?
        };
        let size = i64::try_from(parts.taken()).ok().and_then(|size| AssetSize::try_from(size).ok());
        let size = size.ok_or(PutError::TooLarge)?;
        unkept.keep();
        Ok(StoredBytes { digests: hashes.finish(), size })
    }

    async fn mark(&self) -> Result<Option<FilesMark>, StoreError> {
        let Some(objects) = self.objects()? else { return Ok(None) };
        let found = match objects.get(&paths::mark()).await {
            Ok(found) => found,
            Err(Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(store_error(error)),
        };
        let broken = || StoreError::Internal("the mark of the database is broken".into());
        if found.meta.size > MAX_MARK {
            return Err(broken());
        }
        let bytes = found.bytes().await.map_err(store_error)?;
        let mark = str::from_utf8(&bytes).ok().and_then(|text| text.trim_end().parse().ok());
        mark.map(Some).ok_or_else(broken)
    }

    async fn set_mark(&self, mark: &FilesMark) -> Result<(), StoreError> {
        let objects = self.make().await?;
        let put = objects.put(&paths::mark(), format!("{mark}\n").into()).await;
        put.map(drop).map_err(store_error)
    }

    async fn size(&self, key: &FileKey) -> Result<Option<u64>, StoreError> {
        let Some(objects) = self.objects()? else { return Ok(None) };
        match objects.head(&paths::of_key(key)).await {
            Ok(found) => Ok(Some(found.size)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(store_error(error)),
        }
    }

    async fn read(&self, key: &FileKey, range: Range<u64>) -> Result<Option<OutgoingBytes>, StoreError> {
        let path = paths::of_key(key);
        let Some(objects) = self.objects()? else { return Ok(None) };
        let found = if range.is_empty() {
            // Neither a bucket nor a folder has an empty range.
            objects.head(&path).await.map(|_| Box::pin(stream::empty()) as OutgoingBytes)
        } else if matches!(self.place, Place::Folder(_)) {
            read_folder(objects, path, range, &self.large_reads).await
        } else {
            read_bucket(&objects, &path, range).await
        };
        match found {
            Ok(bytes) => Ok(Some(bytes)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(store_error(error)),
        }
    }

    fn list(&self) -> FileStream<ListedFile, StoreError> {
        let listed = match (self.objects(), &self.place) {
            (Ok(None), _) => return Box::pin(stream::empty()),
            (Ok(Some(objects)), Place::Folder(_)) => list_folder(&objects).boxed(),
            (Ok(Some(objects)), Place::Bucket(_)) => objects.list(None),
            (Err(error), _) => return Box::pin(stream::iter([Err(error)])),
        };
        Box::pin(listed.map_err(store_error).try_filter_map(|object| ready(Ok(listed_file(&object)))))
    }

    async fn delete(&self, key: &FileKey) -> Result<(), StoreError> {
        let Some(objects) = self.objects()? else { return Ok(()) };
        match objects.delete(&paths::of_key(key)).await {
            Err(object_store::Error::NotFound { .. }) => Ok(()),
            deleted => deleted.map_err(store_error),
        }
    }

    async fn discard_unfinished(&self, before: Timestamp) -> Result<u64, StoreError> {
        let Place::Folder(folder) = self.place.clone() else {
            return Ok(0);
        };
        let discarded = spawn_blocking(move || folder.discard_unfinished(before)).await;
        discarded
            .map_err(|error| StoreError::Internal(error.into()))?
            .map_err(|error| StoreError::Unavailable(error.into()))
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::os::unix::fs::symlink;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::unsure::Unsure;

    /// Far longer than it takes to remove what an upload has left.
    const CLEAN_UP: Duration = Duration::from_mins(1);

    async fn put(files: &ObjectFiles, key: &FileKey, size: usize) -> Result<StoredBytes, PutError> {
        files.put(key, Box::pin(stream::iter([Ok(Bytes::from(vec![7; size]))]))).await
    }

    /// Returns a store that is unsure of its writes, and files in it that are cut into parts of 4 bytes.
    fn unsure() -> (Unsure, ObjectFiles) {
        let objects = Unsure::default();
        let large_reads = Arc::new(Semaphore::new(LARGE_READS));
        let place = Place::Bucket(Arc::new(objects.clone()));
        (objects, ObjectFiles { place, part: 4, max: MaxFileSize::DEFAULT, large_reads })
    }

    #[test]
    fn an_upload_that_a_folder_cannot_complete_leaves_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let place = FilesPlace::Folder(directory.path().to_owned());
        let files = ObjectFiles::open(&place, MaxFileSize::DEFAULT).unwrap();
        let key = FileKey::from([7; 16]);
        // A file cannot take the place of a folder.
        let path = directory.path().join(paths::of_key(&key).as_ref());
        fs::create_dir_all(&path).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for size in [1, 2 * folder::PART] {
            let outcome = runtime.block_on(put(&files, &key, size));
            assert!(matches!(outcome, Err(PutError::Store(StoreError::Unavailable(_)))), "{size}: {outcome:?}");
            let left = fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
            assert_eq!(left.collect::<Vec<_>>(), slice::from_ref(&path), "{size}");
        }
    }

    #[test]
    fn bytes_are_removed_if_the_store_fails_after_it_stored_them() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for size in [1, 9] {
            let (objects, files) = unsure();
            objects.go_on.notify_one();
            let outcome = runtime.block_on(put(&files, &FileKey::from([7; 16]), size));
            assert!(matches!(outcome, Err(PutError::Store(StoreError::Unavailable(_)))), "{size}: {outcome:?}");
            assert_eq!(runtime.block_on(objects.stored.list(None).count()), 0, "{size}");
        }
    }

    #[test]
    fn bytes_are_removed_if_the_upload_is_abandoned_while_they_are_stored() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for size in [1, 9] {
            let (objects, files) = unsure();
            runtime.block_on(async {
                let key = FileKey::from([7; 16]);
                tokio::select! {
                    outcome = put(&files, &key, size) => panic!("the upload ended: {outcome:?}"),
                    () = objects.begun.notified() => {}
                }
                objects.go_on.notify_one();
                objects.written.notified().await;
                let began = Instant::now();
                while objects.stored.list(None).count().await > 0 {
                    assert!(began.elapsed() < CLEAN_UP, "the bytes are still there");
                    tokio::task::yield_now().await;
                }
            });
        }
    }

    #[test]
    fn only_the_folders_of_keys_are_listed_up_to_the_first_that_cannot_be_read() {
        let directory = tempfile::tempdir().unwrap();
        let place = FilesPlace::Folder(directory.path().to_owned());
        let files = ObjectFiles::open(&place, MaxFileSize::DEFAULT).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let list = || runtime.block_on(files.list().collect::<Vec<_>>());
        let key = FileKey::from([1; 16]);
        let path = directory.path().join(paths::of_key(&key).as_ref());
        fs::create_dir(path.parent().unwrap()).unwrap();
        File::create(path).unwrap();
        // A link to itself cannot be followed, not even by root.
        let unreadable = |name: &str| {
            let path = directory.path().join(name);
            symlink(&path, &path).unwrap();
        };
        unreadable("lost+found");
        assert!(matches!(&list()[..], [Ok(file)] if file.key == key));
        unreadable("02");
        unreadable("03");
        assert!(matches!(&list()[..], [Ok(_), Err(StoreError::Unavailable(_))]));
    }

    #[test]
    fn a_file_that_lost_its_end_is_read_as_far_as_it_goes_and_then_fails_once() {
        let directory = tempfile::tempdir().unwrap();
        let place = FilesPlace::Folder(directory.path().to_owned());
        let files = ObjectFiles::open(&place, MaxFileSize::DEFAULT).unwrap();
        let (key, size) = (FileKey::from([7; 16]), 5 * LARGE_CHUNK);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let bytes = Bytes::from(vec![7; usize::try_from(size).unwrap()]);
            files.put(&key, Box::pin(stream::iter([Ok(bytes)]))).await.unwrap();
            let mut read = files.read(&key, 0..size).await.unwrap().unwrap();
            assert_eq!(read.next().await.unwrap().unwrap().len() as u64, LARGE_CHUNK);
            let path = directory.path().join(paths::of_key(&key).as_ref());
            File::options().write(true).open(path).unwrap().set_len(2 * LARGE_CHUNK).unwrap();
            let rest: Vec<_> = read.collect().await;
            assert!(matches!(&rest[..], [Ok(bytes), Err(_)] if bytes.len() as u64 == LARGE_CHUNK), "{}", rest.len());
        });
    }
}
