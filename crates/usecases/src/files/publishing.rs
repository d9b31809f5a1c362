//! Publishing a file of a package: the caller is checked, then the bytes are made durable, and only then a row is written.

use release_links_domain::access::Admission;
use release_links_domain::file::{PackageFile, PackageStatus};
use release_links_domain::policy::{Action, Resource};
use release_links_domain::token::Caller;
use release_links_domain::{PackageId, ProjectId};
use release_links_ports::{FileWriteError, IncomingBytes, PackageFileRef};

use super::Files;
use crate::caller::{always, ask, project_ref, see_for};
use crate::{Missing, ParameterFaults, Refusal};

/// A file to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPackageFile {
    /// What it is called.
    pub file: PackageFileRef,
    /// What becomes of the status of its package, if anything.
    pub status: Option<PackageStatus>,
}

/// A file that was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedFile {
    /// The project.
    pub project: ProjectId,
    /// What the file is called.
    pub file: PackageFileRef,
    /// The file.
    pub stored: PackageFile,
}

/// The bytes of an upload.
pub struct FileBody {
    /// How many the client says they are.
    pub length: Option<u64>,
    /// The bytes, of which none is read before the caller is known to be allowed to publish them.
    pub bytes: IncomingBytes,
}

impl Files {
    /// Publishes a file of a package.
    ///
    /// # Errors
    /// Returns the refusals of docs/contract.md, "Files", in that order; [`Refusal::BrokenOff`] if the bytes end too early.
    pub async fn publish(
        &self,
        caller: &Caller,
        project: &str,
        asked: Result<NewPackageFile, ParameterFaults>,
        body: FileBody,
    ) -> Result<PublishedFile, Refusal> {
        ask(caller, Resource::Project(None), Action::AddFile)?;
        let (project, reader) = (project_ref(project)?, caller.reader(Admission::SeeProject));
        let NewPackageFile { file, status } = match asked {
            Ok(asked) => asked,
            Err(faults) => {
                // They wait until it is known that the caller may publish.
                see_for(caller, Action::AddFile, self.packages.get(&project, reader, PackageId::LAST).await?)?;
                return Err(faults.into());
            }
        };
        let view = self.packages.load_for_publish(&project, reader, &file).await?;
        let (project, _, placement) = see_for(caller, Action::AddFile, view)?;
        always(placement)?.check()?;
        if body.length.is_some_and(|length| !self.max_size().allows(length)) {
            return Err(Refusal::FileTooLarge);
        }
        let kept = self.keep(body.bytes).await?;
        let key = kept.key.clone();
        self.still_allowed(caller, project.id, &key).await?;
        let published =
            self.packages.publish(project.id, file.clone(), status, kept, caller.origin(self.clock.now())).await;
        self.discard_unnamed(&key, &published, |file| &file.key).await;
        let stored = published.map_err(|error| match error {
            FileWriteError::Conflict(obstacle) => obstacle.into(),
            FileWriteError::Gone => Refusal::NotFound(Missing::Project),
            FileWriteError::Store(error) => Refusal::Store(error),
        })?;
        Ok(PublishedFile { project: project.id, file, stored })
    }
}
