//! A store whose writes are carried out even if they fail or are abandoned, for tests.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::stream::BoxStream;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result, UploadPart,
};
use tokio::sync::Notify;

/// A store that begins a write, waits for the test, carries the write out even if nobody waits for it any longer, and then answers
/// that the connection was lost.
#[derive(Debug, Clone, Default)]
pub struct Unsure {
    pub stored: Arc<InMemory>,
    /// Says that a write has begun.
    pub begun: Arc<Notify>,
    /// Lets a write go on.
    pub go_on: Arc<Notify>,
    /// Says that a write has been carried out.
    pub written: Arc<Notify>,
}

impl Unsure {
    async fn carry_out(&self, write: impl Future<Output = Result<PutResult>> + Send + 'static) -> Result<PutResult> {
        let Self { begun, go_on, written, .. } = self.clone();
        let writing = tokio::spawn(async move {
            begun.notify_one();
            go_on.notified().await;
            write.await?;
            written.notify_one();
            Err(Error::Generic { store: "unsure", source: "the connection was lost".into() })
        });
        writing.await?
    }
}

impl fmt::Display for Unsure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unsure")
    }
}

#[derive(Debug)]
struct UnsureUpload {
    upload: Option<Box<dyn MultipartUpload>>,
    store: Unsure,
}

#[async_trait]
impl MultipartUpload for UnsureUpload {
    fn put_part(&mut self, part: PutPayload) -> UploadPart {
        self.upload.as_mut().unwrap().put_part(part)
    }

    async fn complete(&mut self) -> Result<PutResult> {
        let mut upload = self.upload.take().unwrap();
        self.store.carry_out(async move { upload.complete().await }).await
    }

    async fn abort(&mut self) -> Result<()> {
        match &mut self.upload {
            Some(upload) => upload.abort().await,
            None => Err(Error::NotImplemented { operation: "abort".into(), implementer: self.store.to_string() }),
        }
    }
}

#[async_trait]
impl ObjectStore for Unsure {
    async fn put_opts(&self, path: &Path, bytes: PutPayload, options: PutOptions) -> Result<PutResult> {
        let (stored, path) = (self.stored.clone(), path.clone());
        self.carry_out(async move { stored.put_opts(&path, bytes, options).await }).await
    }

    async fn put_multipart_opts(&self, path: &Path, options: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        let upload = self.stored.put_multipart_opts(path, options).await?;
        Ok(Box::new(UnsureUpload { upload: Some(upload), store: self.clone() }))
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> Result<GetResult> {
        self.stored.get_opts(path, options).await
    }

    fn delete_stream(&self, paths: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.stored.delete_stream(paths)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.stored.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.stored.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.stored.copy_opts(from, to, options).await
    }
}
