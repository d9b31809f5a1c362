//! Serving the files of packages.

use std::ops::Range;

use release_links_domain::PackageId;
use release_links_domain::access::Admission;
use release_links_domain::file::{FileKey, PackageFile};
use release_links_domain::policy::Action;
use release_links_domain::token::Caller;
use release_links_ports::{OutgoingBytes, PackageFileRef, ProjectView, StoreError};

use super::Files;
use super::tickets::opened;
use crate::caller::{project_ref, see_for};
use crate::{Missing, Refusal};

impl Files {
    /// Returns the file that a request names, if there is one: the newest with that name. `file` is `None` if the names are
    /// not valid. A good ticket opens the file, whoever asks.
    ///
    /// # Errors
    /// Returns the refusals of docs/contract.md, "Files", in that order.
    pub async fn find(
        &self,
        caller: &Caller,
        project: &str,
        file: Option<&PackageFileRef>,
        ticket: Option<&str>,
    ) -> Result<PackageFile, Refusal> {
        let (project, reader) = (project_ref(project)?, caller.reader(Admission::SeeProject));
        if let Some(named) = file
            && let Some(bearer) = self.tickets.reader(ticket, &named.clone().into(), self.clock.now())
            && let Some(file) = opened(self.packages.get_file(&project, bearer, named).await?)?
        {
            return Ok(file);
        }
        let view = match file {
            Some(file) => self.packages.get_file(&project, reader, file).await?,
            // The project decides what is told of a file that cannot be.
            None => self.packages.get(&project, reader, PackageId::LAST).await?.map(nothing_found),
        };
        let (_, _, file) = see_for(caller, Action::DownloadPackage, view)?;
        file.ok_or(Refusal::NotFound(Missing::File))
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// [`Refusal::Store`] if they cannot be read, or if there are none.
    pub async fn read(&self, key: &FileKey, range: Range<u64>) -> Result<OutgoingBytes, Refusal> {
        let bytes = self.store.read(key, range).await?;
        bytes.ok_or_else(|| StoreError::Internal(format!("the bytes {key} of a file are gone").into()).into())
    }
}

/// Returns a view of the same project in which nothing was found.
fn nothing_found<T, U>(view: ProjectView<T>) -> ProjectView<U> {
    let ProjectView { project, level, .. } = view;
    ProjectView { project, level, found: None }
}
