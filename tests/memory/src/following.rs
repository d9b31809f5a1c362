//! Links that follow a file of their own project.

use release_links_domain::file::{FileRef, StoredBytes};
use release_links_domain::link::{Link, LinkFaults, LinkFields, LinkUrl};
use release_links_domain::{LinkId, ProjectId, ReleaseId};
use release_links_ports::PackageFileRef;

use crate::state::State;

impl State {
    /// The file that a URL leads to, if it is one of this project.
    fn file_at(&self, project: ProjectId, url: &LinkUrl) -> Option<FileRef> {
        let address = self.external.as_ref()?.file_at(url)?;
        let (named, _) = self.find_project(&address.project)?;
        Some(address.file).filter(|_| named == project)
    }

    /// The links of a project that lead to a file, in the order of their ids, each with its release.
    fn of_file(&self, project: ProjectId, file: &FileRef) -> Vec<(LinkId, ReleaseId)> {
        let Some(row) = self.projects.get(&project) else { return Vec::new() };
        let links = row.releases.iter().flat_map(|(&release, row)| row.links.iter().map(move |link| (release, link)));
        let leads_there = |url: &LinkUrl| self.file_at(project, url).as_ref() == Some(file);
        let mut found: Vec<_> = links
            .filter(|(_, (_, fields))| leads_there(&fields.url))
            .map(|(release, (&id, _))| (id, release))
            .collect();
        found.sort_unstable();
        found
    }

    /// Whether a link of an immutable release leads to a file.
    pub fn is_protected(&self, project: ProjectId, file: &FileRef) -> bool {
        let is_immutable = |release: &ReleaseId| self.projects[&project].releases[release].immutable;
        self.of_file(project, file).iter().any(|(_, release)| is_immutable(release))
    }

    fn bytes_of(&self, project: ProjectId, file: &FileRef) -> Option<StoredBytes> {
        match file.clone() {
            FileRef::Package { name: package, version, file } => {
                let named = PackageFileRef { package, version, file };
                Some(self.projects.get(&project)?.newest_file(&named)?.bytes)
            }
            FileRef::Upload { secret, file } => {
                let upload = self.uploads(project).find(|upload| upload.secret == secret && upload.name == file);
                Some(upload?.bytes)
            }
        }
    }

    /// The fields of a link that is written, with the digest and size of the file that it follows. `but` is the link, unless
    /// it is new, and `before` its fields so far.
    pub fn settle(
        &self,
        project: ProjectId,
        fields: LinkFields,
        but: Option<LinkId>,
        before: Option<&LinkFields>,
    ) -> Result<LinkFields, LinkFaults> {
        let Some(file) = self.file_at(project, &fields.url) else { return Ok(fields) };
        let others = self.of_file(project, &file).iter().filter(|(link, _)| Some(*link) != but).count();
        match self.bytes_of(project, &file) {
            Some(bytes) if others < Link::MAX_OF_A_FILE => fields.of_file(&bytes, before),
            _ => Ok(fields),
        }
    }

    /// Gives the links that follow a file the digest and size of the newest of its name.
    pub fn follow(&mut self, project: ProjectId, file: &FileRef) {
        let Some(bytes) = self.bytes_of(project, file) else { return };
        for (link, release) in self.of_file(project, file).into_iter().take(Link::MAX_OF_A_FILE) {
            let release = self.projects.get_mut(&project).and_then(|project| project.releases.get_mut(&release));
            let Some(fields) = release.and_then(|release| release.links.get_mut(&link)) else { continue };
            if let Ok(after) = fields.clone().of_file(&bytes, Some(&*fields)) {
                *fields = after;
            }
        }
    }
}
