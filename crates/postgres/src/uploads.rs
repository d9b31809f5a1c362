//! The port of uploads.

use async_trait::async_trait;
use release_links_domain::access::Reader;
use release_links_domain::file::{Upload, UploadName, UploadSecret};
use release_links_domain::history::Origin;
use release_links_domain::project::ProjectRef;
use release_links_domain::{ProjectId, UploadId, UserId};
use release_links_ports::{FileWriteError, NewUpload, Page, PageRequest, ProjectRead, UploadRepository, WriteError};
use release_links_sql::uploads::upload;

use crate::PostgresStore;
use crate::failure::Failure;
use crate::following::{check_unprotected, follow};
use crate::keeping::{delete_files, ids, row_of};
use crate::paging;
use crate::query::{Session, parameters};
use crate::rows::Row;
use crate::tables::releases::LOCK_PROJECT;
use crate::tables::uploads::{BY_ID, BY_SECRET, DELETE, GET, INSERT, LIST, OF};
use crate::view::{FOUND_AT, TOTAL_AT, view};

async fn create(
    session: &Session,
    new_in: ProjectId,
    new: &NewUpload,
    origin: Origin,
) -> Result<Upload, WriteError<()>> {
    let (project, user, at) = (new_in.get(), origin.user.map(UserId::get), origin.at.as_millisecond());
    session.begin().await?;
    if !session.exists(LOCK_PROJECT, &[&project]).await? {
        return Err(WriteError::Gone);
    }
    session.open_journal(new_in, origin).await?;
    let bytes = row_of(session, &new.bytes).await?;
    let (secret, name) = (new.secret.as_str(), new.name.as_str());
    let row = session.first(INSERT, &[&project, &secret, &name, &bytes, &user, &at], |row| row.get::<i64>(0)).await?;
    let id = row.ok_or(WriteError::Conflict(()))?;
    let made = session.first(BY_ID, &[&id], |row| upload(row, 0)).await?.ok_or(WriteError::Gone)?;
    follow(session, &made.file_ref()).await?;
    Ok(made)
}

async fn delete(session: &Session, project: ProjectId, id: UploadId) -> Result<(), FileWriteError> {
    session.begin().await?;
    let has_project = session.exists(LOCK_PROJECT, &[&project.get()]).await?;
    let found = session.first(OF, &[&project.get(), &id.get()], ids).await?;
    let found = found.filter(|_| has_project).ok_or(WriteError::Gone)?;
    let upload = session.first(BY_ID, &[&id.get()], |row| upload(row, 0)).await?.ok_or(WriteError::Gone)?;
    check_unprotected(session, project, &upload.file_ref()).await?;
    delete_files(session, DELETE, vec![found]).await?;
    Ok(())
}

fn found(rows: &[Row]) -> Result<Option<Upload>, Failure> {
    rows.first().map(|row| upload(row, FOUND_AT)).transpose()
}

#[async_trait]
impl UploadRepository for PostgresStore {
    async fn list(&self, project: &ProjectRef, reader: Reader, page: PageRequest) -> ProjectRead<Page<Upload>> {
        let session = self.session_for_list().await?;
        let read = |rows: &[Row]| paging::read(rows, TOTAL_AT, page, upload).map(Some);
        Ok(view(&session, LIST, project, reader, &parameters(&paging::values(page)), read).await?)
    }

    async fn get(&self, project: &ProjectRef, reader: Reader, id: UploadId) -> ProjectRead<Upload> {
        let session = self.session().await?;
        Ok(view(&session, GET, project, reader, &[&id.get()], found).await?)
    }

    async fn get_file(
        &self,
        project: &ProjectRef,
        reader: Reader,
        secret: &UploadSecret,
        name: &UploadName,
    ) -> ProjectRead<Upload> {
        let session = self.session().await?;
        Ok(view(&session, BY_SECRET, project, reader, &[&secret.as_str(), &name.as_str()], found).await?)
    }

    async fn create(&self, project: ProjectId, upload: NewUpload, origin: Origin) -> Result<Upload, WriteError<()>> {
        let session = self.session().await?;
        let created = create(&session, project, &upload, origin).await;
        session.settle(created).await
    }

    async fn delete(&self, project: ProjectId, upload: UploadId, _: Origin) -> Result<(), FileWriteError> {
        let session = self.session().await?;
        let deleted = delete(&session, project, upload).await;
        session.settle(deleted).await
    }
}
