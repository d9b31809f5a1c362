//! The port of uploads.

use async_trait::async_trait;
use release_links_domain::access::Reader;
use release_links_domain::file::{FileObstacle, Upload, UploadName, UploadSecret};
use release_links_domain::history::Origin;
use release_links_domain::project::ProjectRef;
use release_links_domain::{ProjectId, UploadId};
use release_links_ports::{FileWriteError, NewUpload, Page, PageRequest, ProjectRead, UploadRepository, WriteError};
use rusqlite::Connection;

use crate::SqliteStore;
use crate::following::follow;
use crate::tables::file_bytes::row_of;
use crate::tables::history::Journal;
use crate::tables::links_to_files::is_protected;
use crate::tables::projects::is_there;
use crate::tables::uploads::{self, by_id, by_secret, has_secret, insert_upload, page_of};
use crate::view::view;

fn create(conn: &Connection, project: ProjectId, new: &NewUpload, origin: Origin) -> Result<Upload, WriteError<()>> {
    if !is_there(conn, project)? {
        return Err(WriteError::Gone);
    }
    if has_secret(conn, project, &new.secret)? {
        return Err(WriteError::Conflict(()));
    }
    insert_upload(conn, project, new, row_of(conn, &new.bytes)?, origin)?;
    let upload = by_secret(conn, project, &new.secret, &new.name)?.ok_or(WriteError::Gone)?;
    follow(&mut Journal::new(conn, project, origin), &upload.file_ref())?;
    Ok(upload)
}

fn delete(conn: &Connection, project: ProjectId, id: UploadId) -> Result<(), FileWriteError> {
    if !is_there(conn, project)? {
        return Err(WriteError::Gone);
    }
    let upload = by_id(conn, project, id)?.ok_or(WriteError::Gone)?;
    if is_protected(conn, project, &upload.file_ref())? {
        return Err(WriteError::Conflict(FileObstacle::Protected));
    }
    Ok(uploads::delete(conn, id)?)
}

#[async_trait]
impl UploadRepository for SqliteStore {
    async fn list(&self, project: &ProjectRef, reader: Reader, page: PageRequest) -> ProjectRead<Page<Upload>> {
        let project = project.clone();
        self.read_any(move |conn, lane| {
            view(conn, &project, reader, |project| {
                lane.admit_rows(page.offset())?;
                page_of(conn, project, page).map(Some)
            })
        })
        .await
    }

    async fn get(&self, project: &ProjectRef, reader: Reader, id: UploadId) -> ProjectRead<Upload> {
        self.read(|conn| view(conn, project, reader, |project| by_id(conn, project, id))).await
    }

    async fn get_file(
        &self,
        project: &ProjectRef,
        reader: Reader,
        secret: &UploadSecret,
        name: &UploadName,
    ) -> ProjectRead<Upload> {
        self.read(|conn| view(conn, project, reader, |project| by_secret(conn, project, secret, name))).await
    }

    async fn create(&self, project: ProjectId, upload: NewUpload, origin: Origin) -> Result<Upload, WriteError<()>> {
        self.write(move |conn| create(conn, project, &upload, origin)).await
    }

    async fn delete(&self, project: ProjectId, upload: UploadId, _: Origin) -> Result<(), FileWriteError> {
        self.write(move |conn| delete(conn, project, upload)).await
    }
}
