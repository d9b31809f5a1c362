//! The port of packages.

use std::collections::BTreeMap;

use async_trait::async_trait;
use release_links_domain::access::Reader;
use release_links_domain::file::{FileObstacle, FilePlacement, FileRef, Package, PackageFile, PackageStatus};
use release_links_domain::history::Origin;
use release_links_domain::project::ProjectRef;
use release_links_domain::{PackageFileId, PackageId, ProjectId};
use release_links_ports::{
    FileWriteError, KeptBytes, PackageFileRef, PackageFilter, PackageRepository, Page, PageRequest, ProjectRead,
    WriteError,
};

use crate::MemoryStore;
use crate::listing::{holds, page_of};
use crate::state::{FileRow, PackageRow, ProjectRow, State, stored};

impl PackageRow {
    fn package(&self, id: PackageId) -> Package {
        let Self { name, version, status, created_at, files: _ } = self.clone();
        Package { id, name, version, status, created_at }
    }

    fn file(&self, package: PackageId, id: PackageFileId) -> Option<PackageFile> {
        let FileRow { name, kept: KeptBytes { key, bytes }, created_at } = self.files.get(&id)?.clone();
        Some(PackageFile { id, package, name, bytes, key, created_at })
    }
}

impl ProjectRow {
    fn package_of(&self, named: &PackageFileRef) -> Option<(PackageId, &PackageRow)> {
        let is_it = |row: &PackageRow| row.name == named.package && row.version == named.version;
        self.packages.iter().find(|(_, row)| is_it(row)).map(|(&id, row)| (id, row))
    }

    pub fn newest_file(&self, named: &PackageFileRef) -> Option<PackageFile> {
        let (package, row) = self.package_of(named)?;
        let newest = row.files.iter().rfind(|(_, file)| file.name == named.file)?;
        row.file(package, *newest.0)
    }

    fn placement(&self, named: &PackageFileRef) -> FilePlacement {
        let files = self.package_of(named).map_or(0, |(_, row)| row.files.len());
        FilePlacement {
            is_protected: false,
            exists: self.newest_file(named).is_some(),
            duplicates_allowed: self.generic_duplicates_allowed,
            files: files.min(Package::MAX_FILES),
        }
    }

    fn listed_packages(&self, filter: &PackageFilter) -> Vec<Package> {
        let packages = self.packages.iter().map(|(&id, row)| row.package(id));
        let is_listed = |package: &Package| {
            package.status == PackageStatus::Default
                && filter.name.as_ref().is_none_or(|part| holds(package.name.as_str(), part))
                && filter.version.as_ref().is_none_or(|version| package.version.as_str() == version)
        };
        packages.filter(is_listed).collect()
    }
}

impl State {
    fn publish(
        &mut self,
        project: ProjectId,
        named: PackageFileRef,
        status: Option<PackageStatus>,
        bytes: KeptBytes,
        origin: Origin,
    ) -> Result<PackageFile, FileWriteError> {
        let (package, file) = (self.next_id(), self.next_id());
        let kept = self.keep(bytes);
        let file_ref = FileRef::from(named.clone());
        let is_protected = self.projects.contains_key(&project) && self.is_protected(project, &file_ref);
        let row = self.projects.get_mut(&project).ok_or(WriteError::Gone)?;
        FilePlacement { is_protected, ..row.placement(&named) }.check().map_err(WriteError::Conflict)?;
        let package = row.package_of(&named).map_or(package, |(id, _)| id);
        let PackageFileRef { package: name, version, file: file_name } = named;
        let created_at = stored(origin.at);
        let status_of_new = status.unwrap_or_default();
        let new = PackageRow { name, version, status: status_of_new, created_at, files: BTreeMap::new() };
        let package_row = row.packages.entry(package).or_insert(new);
        package_row.status = status.unwrap_or(package_row.status);
        package_row.files.insert(file, FileRow { name: file_name, kept, created_at });
        let published = package_row.file(package, file).ok_or(WriteError::Gone)?;
        self.follow(project, &file_ref);
        Ok(published)
    }
}

#[async_trait]
impl PackageRepository for MemoryStore {
    async fn list(
        &self,
        project: &ProjectRef,
        reader: Reader,
        filter: &PackageFilter,
        page: PageRequest,
    ) -> ProjectRead<Page<Package>> {
        self.read(|state| state.view(project, reader, |_, row| Some(page_of(row.listed_packages(filter), page))))
    }

    async fn get(&self, project: &ProjectRef, reader: Reader, package: PackageId) -> ProjectRead<Package> {
        self.read(|state| state.view(project, reader, |_, row| Some(row.packages.get(&package)?.package(package))))
    }

    async fn list_files(
        &self,
        project: &ProjectRef,
        reader: Reader,
        package: PackageId,
        page: PageRequest,
    ) -> ProjectRead<Page<PackageFile>> {
        self.read(|state| {
            state.view(project, reader, |_, row| {
                let row = row.packages.get(&package)?;
                Some(page_of(row.files.keys().filter_map(|&id| row.file(package, id)), page))
            })
        })
    }

    async fn get_file(&self, project: &ProjectRef, reader: Reader, file: &PackageFileRef) -> ProjectRead<PackageFile> {
        self.read(|state| state.view(project, reader, |_, row| row.newest_file(file)))
    }

    async fn load_for_publish(
        &self,
        project: &ProjectRef,
        reader: Reader,
        file: &PackageFileRef,
    ) -> ProjectRead<FilePlacement> {
        self.read(|state| {
            state.view(project, reader, |id, row| {
                let is_protected = state.is_protected(id, &file.clone().into());
                Some(FilePlacement { is_protected, ..row.placement(file) })
            })
        })
    }

    async fn publish(
        &self,
        project: ProjectId,
        file: PackageFileRef,
        status: Option<PackageStatus>,
        bytes: KeptBytes,
        origin: Origin,
    ) -> Result<PackageFile, FileWriteError> {
        self.record(origin, |state| state.publish(project, file, status, bytes, origin))
    }

    async fn delete(&self, project: ProjectId, package: PackageId, origin: Origin) -> Result<(), FileWriteError> {
        self.record(origin, |state| {
            let row = state.projects.get(&project).ok_or(WriteError::Gone)?;
            let found = row.packages.get(&package).ok_or(WriteError::Gone)?;
            let of = found.package(package);
            let mut files = found.files.values().map(|file| of.file_ref(file.name.clone()));
            if files.any(|file| state.is_protected(project, &file)) {
                return Err(WriteError::Conflict(FileObstacle::Protected));
            }
            let row = state.projects.get_mut(&project).ok_or(WriteError::Gone)?;
            row.packages.remove(&package);
            Ok(())
        })
    }

    async fn delete_file(
        &self,
        project: ProjectId,
        package: PackageId,
        file: PackageFileId,
        origin: Origin,
    ) -> Result<(), FileWriteError> {
        self.record(origin, |state| {
            let row = state.projects.get(&project).ok_or(WriteError::Gone)?;
            let found = row.packages.get(&package).ok_or(WriteError::Gone)?;
            let name = found.files.get(&file).ok_or(WriteError::Gone)?.name.clone();
            let file_ref = found.package(package).file_ref(name);
            if state.is_protected(project, &file_ref) {
                return Err(WriteError::Conflict(FileObstacle::Protected));
            }
            let row = state.projects.get_mut(&project).ok_or(WriteError::Gone)?;
            row.packages.get_mut(&package).ok_or(WriteError::Gone)?.files.remove(&file);
            state.follow(project, &file_ref);
            Ok(())
        })
    }
}
