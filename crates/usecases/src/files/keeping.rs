//! Bytes before there is a row that names them.

use std::fmt::Debug;

use release_links_domain::file::{FileKey, StoredBytes};
use release_links_ports::{IncomingBytes, KeptBytes, PutError, WriteError};

use super::Files;
use crate::Refusal;

impl Files {
    /// Stores bytes under a new key.
    pub(super) async fn keep(&self, bytes: IncomingBytes) -> Result<KeptBytes, Refusal> {
        self.store.claim().await?;
        let key: FileKey = self.random()?.into();
        let bytes: StoredBytes = self.store.put(&key, bytes).await.map_err(|error| match error {
            PutError::BrokenOff(error) => Refusal::BrokenOff(error),
            PutError::TooLarge => Refusal::FileTooLarge,
            PutError::Store(error) => error.into(),
        })?;
        Ok(KeptBytes { key, bytes })
    }

    /// Deletes the bytes of a key if the write of a row for them was refused, or if the row has the key of equal bytes. If
    /// that fails, they are swept later.
    pub(super) async fn discard_unnamed<T, C: Debug>(
        &self,
        key: &FileKey,
        written: &Result<T, WriteError<C>>,
        key_of: impl Fn(&T) -> &FileKey,
    ) {
        let is_named = match written {
            Ok(file) => key_of(file) == key,
            Err(WriteError::Conflict(_) | WriteError::Gone) => false,
            // A write that failed may have been committed.
            Err(WriteError::Store(_)) => true,
        };
        if !is_named {
            let _ = self.store.delete(key).await;
        }
    }
}
