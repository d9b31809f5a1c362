//! Bytes before there is a row that names them.

use std::fmt::Debug;

use futures_util::TryStreamExt as _;
use release_links_domain::access::Admission;
use release_links_domain::file::{FileKey, StoredBytes};
use release_links_domain::policy::Action;
use release_links_domain::project::ProjectRef;
use release_links_domain::token::Caller;
use release_links_domain::{ProjectId, UploadId};
use release_links_ports::{IncomingBytes, KeptBytes, ProjectFacts, PutError, WriteError};

use super::Files;
use crate::Refusal;
use crate::caller::see_for;

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

    /// Returns the project if the caller may add files to it.
    pub(super) async fn may_add(&self, caller: &Caller, project: &ProjectRef) -> Result<ProjectFacts, Refusal> {
        // No upload has this id: only the project matters.
        let view = self.uploads.get(project, caller.reader(Admission::SeeProject), UploadId::LAST).await?;
        see_for(caller, Action::AddFile, view).map(|(project, ..)| project)
    }

    /// Fails if the caller may not add files to a project any more, since much may have changed while the bytes arrived. Then the
    /// bytes are deleted.
    pub(super) async fn still_allowed(
        &self,
        caller: &Caller,
        project: ProjectId,
        key: &FileKey,
    ) -> Result<(), Refusal> {
        let allowed = self.may_add(caller, &ProjectRef::Id(project)).await;
        if allowed.is_err() {
            let _ = self.store.delete(key).await;
        }
        allowed.map(drop)
    }

    /// Deletes the bytes of a key if the write of a row for them was refused, or if the row has the key of equal bytes, which are
    /// [mended](Self::mend) first. If that fails, they are swept later.
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
            if let Ok(file) = written {
                self.mend(key_of(file), key).await;
            }
            let _ = self.store.delete(key).await;
        }
    }

    /// Copies the bytes of a key to another one that should have equal bytes, if those are missing or cut off.
    async fn mend(&self, damaged: &FileKey, key: &FileKey) {
        let (Ok(found), Ok(Some(size))) = (self.store.size(damaged).await, self.store.size(key).await) else { return };
        if found != Some(size)
            && let Ok(Some(bytes)) = self.store.read(key, 0..size).await
        {
            let _ = self.store.put(damaged, Box::pin(bytes.map_err(Into::into))).await;
        }
    }
}
