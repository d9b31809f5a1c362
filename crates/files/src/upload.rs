//! An upload of several parts, of which nothing is left unless it is completed.

use bytes::Bytes;
use object_store::{Error, MultipartUpload};
use tokio::runtime::Handle;

/// An upload that is aborted when it is dropped.
pub struct Upload(Option<Box<dyn MultipartUpload>>);

impl Upload {
    pub fn new(upload: Box<dyn MultipartUpload>) -> Self {
        Self(Some(upload))
    }

    /// Stores the next part.
    pub async fn put(&mut self, part: Bytes) -> Result<(), Error> {
        match &mut self.0 {
            Some(upload) => upload.put_part(part.into()).await,
            None => Ok(()),
        }
    }

    /// Makes the parts one file. If that fails, the parts are removed as far as the store can, and the file may be there all the
    /// same.
    pub async fn complete(mut self) -> Result<(), Error> {
        let Some(mut upload) = self.0.take() else { return Ok(()) };
        let completed = upload.complete().await;
        if completed.is_err()
            && let Err(error) = upload.abort().await
        {
            tracing::debug!(%error, "an upload that could not be completed cannot be aborted");
        }
        completed.map(|_| ())
    }

    /// Removes the parts.
    pub async fn abort(mut self) {
        if let Some(upload) = self.0.take() {
            abort(upload).await;
        }
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if let (Some(upload), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn(abort(upload));
        }
    }
}

async fn abort(mut upload: Box<dyn MultipartUpload>) {
    if let Err(error) = upload.abort().await {
        tracing::warn!(%error, "what an upload has left cannot be removed");
    }
}
