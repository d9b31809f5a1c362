//! Copying the bytes of files from one store to another, each verified by its digest.

use std::sync::Arc;

use futures_util::{StreamExt as _, TryStreamExt as _};
use release_links_domain::file::FileKey;
use release_links_ports::{
    BoxError, FileStore, IncomingBytes, KeptBytes, KeptFiles, ListedFile, Progress, PutError, StoreError,
};

use super::sweeping::{ASKED_AT_ONCE, unused};
use super::verifying::{Found, Meter, Rows, VerifyError, size_of, verify};

/// Copies the bytes that rows name. The memory that it takes depends neither on the number of files nor on their size.
pub struct FileCopy {
    kept: Arc<dyn KeptFiles>,
    from: Arc<dyn FileStore>,
    to: Arc<dyn FileStore>,
    progress: Arc<dyn Progress>,
}

/// What was copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CopiedFiles {
    /// How many files were copied.
    pub files: u64,
    /// How many bytes they have.
    pub bytes: u64,
    /// How many files were there already.
    pub present: u64,
}

/// Why files were not copied.
#[derive(Debug, thiserror::Error)]
pub enum FileCopyError {
    /// The bytes of a key are nowhere.
    #[error("the bytes of {0} are missing")]
    Missing(FileKey),
    /// The bytes of a key are not those that were stored.
    #[error("the bytes of {0} have changed since they were stored")]
    Changed(FileKey),
    /// [`Progress::stopped`] returned true.
    #[error("stopped before the end")]
    Stopped,
    /// The rows cannot be read.
    #[error("cannot read which files there are")]
    Rows(#[source] StoreError),
    /// The files to copy cannot be read.
    #[error("cannot read files")]
    Read(#[source] BoxError),
    /// The copies cannot be written or read.
    #[error("cannot write files")]
    Write(#[source] StoreError),
}

impl FileCopyError {
    fn read(error: VerifyError) -> Self {
        match error {
            VerifyError::Stopped => Self::Stopped,
            VerifyError::Store(error) => Self::Read(error.into()),
        }
    }

    fn write(error: VerifyError) -> Self {
        match error {
            VerifyError::Stopped => Self::Stopped,
            VerifyError::Store(error) => Self::Write(error),
        }
    }
}

impl FileCopy {
    /// Copies what rows in `kept` name.
    #[must_use]
    pub fn new(
        kept: Arc<dyn KeptFiles>,
        from: Arc<dyn FileStore>,
        to: Arc<dyn FileStore>,
        progress: Arc<dyn Progress>,
    ) -> Self {
        Self { kept, from, to, progress }
    }

    /// Checks that nothing prevents [`run`](Self::run): that all bytes are in one of the two stores. Writes nothing.
    ///
    /// # Errors
    /// [`FileCopyError`].
    pub async fn check(&self) -> Result<(), FileCopyError> {
        let meter = self.begin("checking files").await?;
        let mut rows = Rows::of(&*self.kept);
        loop {
            let page = rows.next().await.map_err(FileCopyError::Rows)?;
            if page.is_empty() {
                return Ok(());
            }
            for kept in page {
                let before = meter.read();
                if verify(&*self.to, &kept, &meter).await.map_err(FileCopyError::write)? != Found::Whole {
                    meter.set(before);
                    match verify(&*self.from, &kept, &meter).await.map_err(FileCopyError::read)? {
                        Found::Whole => {}
                        Found::Missing => return Err(FileCopyError::Missing(kept.key)),
                        Found::Changed => return Err(FileCopyError::Changed(kept.key)),
                    }
                }
            }
        }
    }

    /// Copies what is not there yet or has changed there. When it returns, the copies outlast a power cut.
    ///
    /// # Errors
    /// [`FileCopyError`]. What was copied before stays, and need not be copied again.
    pub async fn run(&self) -> Result<CopiedFiles, FileCopyError> {
        let meter = self.begin("copying files").await?;
        let mut rows = Rows::of(&*self.kept);
        let mut copied = CopiedFiles::default();
        loop {
            let page = rows.next().await.map_err(FileCopyError::Rows)?;
            if page.is_empty() {
                return Ok(copied);
            }
            for kept in page {
                if self.copy(&kept, &meter).await? {
                    copied.files += 1;
                    copied.bytes += size_of(&kept);
                } else {
                    copied.present += 1;
                }
            }
        }
    }

    /// Deletes what no row names where the copies are.
    ///
    /// # Errors
    /// [`FileCopyError`].
    pub async fn discard_others(&self) -> Result<(), FileCopyError> {
        let mut found = Vec::with_capacity(ASKED_AT_ONCE);
        let mut listed = self.to.list();
        while let Some(file) = listed.try_next().await.map_err(FileCopyError::Write)? {
            found.push(file);
            if found.len() == ASKED_AT_ONCE {
                self.discard_unnamed(&mut found).await?;
            }
        }
        self.discard_unnamed(&mut found).await
    }

    async fn discard_unnamed(&self, found: &mut Vec<ListedFile>) -> Result<(), FileCopyError> {
        for file in unused(&*self.kept, found).await.map_err(FileCopyError::Rows)? {
            self.to.delete(&file.key).await.map_err(FileCopyError::Write)?;
        }
        Ok(())
    }

    async fn begin(&self, part: &str) -> Result<Meter, FileCopyError> {
        let total = self.kept.total().await.map_err(FileCopyError::Rows)?;
        Ok(Meter::begin(&self.progress, part, total.bytes))
    }

    /// Copies bytes, and returns whether that was necessary.
    async fn copy(&self, kept: &KeptBytes, meter: &Meter) -> Result<bool, FileCopyError> {
        let before = meter.read();
        match verify(&*self.to, kept, meter).await.map_err(FileCopyError::write)? {
            Found::Whole => return Ok(false),
            Found::Changed => self.to.delete(&kept.key).await.map_err(FileCopyError::Write)?,
            Found::Missing => {}
        }
        meter.set(before);
        let bytes = self.bytes(kept, meter.clone()).await?;
        match self.to.put(&kept.key, bytes).await {
            Ok(stored) if stored.digests.sha256 == kept.bytes.digests.sha256 => Ok(true),
            Ok(_) => {
                self.to.delete(&kept.key).await.map_err(FileCopyError::Write)?;
                Err(FileCopyError::Changed(kept.key.clone()))
            }
            Err(PutError::BrokenOff(_)) if self.progress.stopped() => Err(FileCopyError::Stopped),
            Err(PutError::BrokenOff(error)) => match self.from.size(&kept.key).await {
                // Deleted while it was read.
                Ok(None) => Err(FileCopyError::Missing(kept.key.clone())),
                _ => Err(FileCopyError::Read(error)),
            },
            Err(PutError::TooLarge) => Err(FileCopyError::Write(StoreError::Internal("the file is too large".into()))),
            Err(PutError::Store(error)) => Err(FileCopyError::Write(error)),
        }
    }

    /// Returns the bytes to copy, which are as many as there should be.
    async fn bytes(&self, kept: &KeptBytes, meter: Meter) -> Result<IncomingBytes, FileCopyError> {
        let read = |error: StoreError| FileCopyError::Read(error.into());
        let missing = || FileCopyError::Missing(kept.key.clone());
        let size = size_of(kept);
        if self.from.size(&kept.key).await.map_err(read)?.ok_or_else(missing)? != size {
            return Err(FileCopyError::Changed(kept.key.clone()));
        }
        let bytes = self.from.read(&kept.key, 0..size).await.map_err(read)?.ok_or_else(missing)?;
        Ok(Box::pin(bytes.map(move |piece| {
            let piece = piece?;
            meter.add(piece.len())?;
            Ok(piece)
        })))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use release_links_domain::file::{FileDigests, Md5, Sha1, Sha256, StoredBytes};
    use release_links_domain::link::AssetSize;
    use release_links_ports::{KeptTotal, MockFileStore, MockKeptFiles};

    use super::*;

    /// Asks to stop at once, or never.
    struct Stop(bool);

    impl Progress for Stop {
        fn begin(&self, _: &str, _: Option<u64>) {}

        fn reach(&self, _: u64) {}

        fn stopped(&self) -> bool {
            self.0
        }
    }

    fn bytes() -> StoredBytes {
        let digests = FileDigests { sha256: Sha256::from([1; 32]), sha1: Sha1::from([1; 20]), md5: Md5::from([1; 16]) };
        StoredBytes { digests, size: AssetSize::try_from(4).unwrap() }
    }

    fn key() -> FileKey {
        FileKey::from([1; 16])
    }

    /// A store that has other bytes than it should.
    fn source() -> MockFileStore {
        let mut from = MockFileStore::new();
        from.expect_read().returning(|_, _| Ok(Some(Box::pin(stream::iter([Ok("evil".into())])))));
        from
    }

    /// Copies one file.
    fn copying(mut from: MockFileStore, to: MockFileStore, stop: bool) -> FileCopy {
        let mut rows = MockKeptFiles::new();
        rows.expect_total().returning(|| Ok(KeptTotal { files: 1, bytes: 4, largest: 4 }));
        let kept = |key: &Option<FileKey>| key.is_none().then(|| KeptBytes { key: self::key(), bytes: bytes() });
        rows.expect_after().returning(move |key, _| Ok(kept(&key).into_iter().collect()));
        from.expect_size().returning(|_| Ok(Some(4)));
        FileCopy::new(Arc::new(rows), Arc::new(from), Arc::new(to), Arc::new(Stop(stop)))
    }

    #[tokio::test]
    async fn a_copy_with_another_digest_is_deleted_again() {
        let mut to = MockFileStore::new();
        to.expect_size().returning(|_| Ok(None));
        let other =
            StoredBytes { digests: FileDigests { sha256: Sha256::from([2; 32]), ..bytes().digests }, ..bytes() };
        to.expect_put().once().returning(move |_, _| Ok(other.clone()));
        to.expect_delete().withf(|deleted| *deleted == key()).once().returning(|_| Ok(()));
        let copied = copying(source(), to, false).run().await;
        assert!(matches!(&copied, Err(FileCopyError::Changed(changed)) if *changed == key()), "{copied:?}");
    }

    #[tokio::test]
    async fn a_copy_that_is_to_stop_breaks_off() {
        let mut to = MockFileStore::new();
        to.expect_size().returning(|_| Ok(None));
        to.expect_put().once().returning(|_, mut incoming| {
            let first = futures_util::FutureExt::now_or_never(incoming.next()).unwrap().unwrap();
            Err(PutError::BrokenOff(first.unwrap_err()))
        });
        assert!(matches!(copying(source(), to, true).run().await, Err(FileCopyError::Stopped)));
    }

    #[tokio::test]
    async fn what_was_deleted_while_it_was_copied_is_missing() {
        for size_afterwards in [None, Some(4)] {
            let (mut from, mut to) = (source(), MockFileStore::new());
            let mut sizes = [Some(4), size_afterwards].into_iter();
            from.expect_size().times(2).returning(move |_| Ok(sizes.next().unwrap()));
            to.expect_size().returning(|_| Ok(None));
            to.expect_put().once().returning(|_, _| Err(PutError::BrokenOff("it is gone".into())));
            match copying(from, to, false).run().await {
                Err(FileCopyError::Missing(missing)) => assert_eq!((missing, size_afterwards), (key(), None)),
                Err(FileCopyError::Read(error)) => {
                    assert_eq!((error.to_string().as_str(), size_afterwards), ("it is gone", Some(4)));
                }
                other => panic!("{other:?}"),
            }
        }
    }
}
