//! Copying the bytes of files from one store to another, each verified by its digest.

use std::sync::Arc;

use futures_util::{StreamExt as _, TryStreamExt as _};
use release_links_domain::file::FileKey;
use release_links_ports::{
    BoxError, FileStore, IncomingBytes, KeptBytes, KeptFiles, ListedFile, Progress, PutError, StoreError,
};

use super::verifying::{Found, Meter, Rows, VerifyError, size_of, verify};

/// Of how many keys it is asked at once whether a row names them.
const ASKED_AT_ONCE: usize = 1_000;

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
        let keys: Vec<FileKey> = found.drain(..).map(|file| file.key).collect();
        let named = self.kept.in_use(keys.clone()).await.map_err(FileCopyError::Rows)?;
        for key in keys.iter().filter(|key| !named.contains(key)) {
            self.to.delete(key).await.map_err(FileCopyError::Write)?;
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
            Err(PutError::BrokenOff(error)) => Err(FileCopyError::Read(error)),
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
