//! The port of uploads.

use async_trait::async_trait;
use release_links_domain::access::Reader;
use release_links_domain::file::{FileObstacle, Upload, UploadName, UploadSecret};
use release_links_domain::history::Origin;
use release_links_domain::project::ProjectRef;
use release_links_domain::{ProjectId, UploadId};
use release_links_ports::{
    FileWriteError, KeptBytes, NewUpload, Page, PageRequest, ProjectRead, UploadRepository, WriteError,
};

use crate::MemoryStore;
use crate::listing::page_of;
use crate::state::{State, UploadRow, stored};

impl State {
    fn upload(&self, project: ProjectId, id: UploadId) -> Option<Upload> {
        let UploadRow { secret, name, kept: KeptBytes { key, bytes }, uploader, created_at } =
            self.projects.get(&project)?.uploads.get(&id)?.clone();
        let uploaded_by = uploader.and_then(|user| self.user(user));
        Some(Upload { id, secret, name, bytes, key, uploaded_by, created_at })
    }

    pub fn uploads(&self, project: ProjectId) -> impl Iterator<Item = Upload> {
        let ids = self.projects.get(&project).into_iter().flat_map(|row| row.uploads.keys().rev());
        ids.filter_map(move |&id| self.upload(project, id))
    }

    fn create_upload(&mut self, project: ProjectId, new: NewUpload, origin: Origin) -> Result<Upload, WriteError<()>> {
        let id = self.next_id();
        let kept = self.keep(new.bytes);
        let row = self.projects.get_mut(&project).ok_or(WriteError::Gone)?;
        if row.uploads.values().any(|upload| upload.secret == new.secret) {
            return Err(WriteError::Conflict(()));
        }
        let (uploader, created_at) = (origin.user, stored(origin.at));
        row.uploads.insert(id, UploadRow { secret: new.secret, name: new.name, kept, uploader, created_at });
        let upload = self.upload(project, id).ok_or(WriteError::Gone)?;
        self.follow(project, &upload.file_ref());
        Ok(upload)
    }
}

#[async_trait]
impl UploadRepository for MemoryStore {
    async fn list(&self, project: &ProjectRef, reader: Reader, page: PageRequest) -> ProjectRead<Page<Upload>> {
        self.read(|state| state.view(project, reader, |id, _| Some(page_of(state.uploads(id), page))))
    }

    async fn get(&self, project: &ProjectRef, reader: Reader, upload: UploadId) -> ProjectRead<Upload> {
        self.read(|state| state.view(project, reader, |id, _| state.upload(id, upload)))
    }

    async fn get_file(
        &self,
        project: &ProjectRef,
        reader: Reader,
        secret: &UploadSecret,
        name: &UploadName,
    ) -> ProjectRead<Upload> {
        self.read(|state| {
            let is_it = |upload: &Upload| upload.secret == *secret && upload.name == *name;
            state.view(project, reader, |id, _| state.uploads(id).find(is_it))
        })
    }

    async fn create(&self, project: ProjectId, upload: NewUpload, origin: Origin) -> Result<Upload, WriteError<()>> {
        self.record(origin, |state| state.create_upload(project, upload, origin))
    }

    async fn delete(&self, project: ProjectId, upload: UploadId, _: Origin) -> Result<(), FileWriteError> {
        self.write(|state| {
            let found = state.upload(project, upload).ok_or(WriteError::Gone)?;
            if state.is_protected(project, &found.file_ref()) {
                return Err(WriteError::Conflict(FileObstacle::Protected));
            }
            let row = state.projects.get_mut(&project).ok_or(WriteError::Gone)?;
            row.uploads.remove(&upload);
            Ok(())
        })
    }
}
