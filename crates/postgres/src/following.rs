//! Links that follow a file of their own project.

use release_links_domain::file::{FileObstacle, FileRef, Package, StoredBytes};
use release_links_domain::link::{Link, LinkFaults, LinkFields, LinkUrl};
use release_links_domain::project::ProjectRef;
use release_links_domain::{LinkId, ProjectId};
use release_links_ports::{FileWriteError, KeptBytes, WriteError};
use release_links_sql::file_bytes::kept;
use release_links_sql::links::{COUNT as COLUMNS_OF_A_LINK, link};

use crate::failure::Failure;
use crate::paging;
use crate::query::Session;
use crate::tables::file_bytes::{OF_PACKAGE_FILE, OF_UPLOAD};
use crate::tables::left_places::last_holder;
use crate::tables::links_to_files::{IS_PROTECTED, OF_FILE, OTHERS, PACKAGE_IS_PROTECTED};
use crate::tables::projects::at_path;
use crate::updating::write_link;

/// Returns the file that a URL leads to, if it is one of this project.
async fn file_at(session: &Session, project: ProjectId, url: &LinkUrl) -> Result<Option<FileRef>, Failure> {
    let Some(address) = session.external().and_then(|external| external.file_at(url)) else { return Ok(None) };
    let named = match &address.project {
        ProjectRef::Id(id) => Some(*id),
        ProjectRef::Path(path) => match at_path(session, path).await? {
            Some(id) => Some(id),
            None => last_holder(session, path).await?,
        },
    };
    Ok(Some(address.file).filter(|_| named == Some(project)))
}

/// Returns whether so many links other than this one follow a file that no more do.
async fn is_full(session: &Session, project: ProjectId, file: &FileRef, but: Option<LinkId>) -> Result<bool, Failure> {
    let most = paging::stop_at(Link::MAX_OF_A_FILE);
    let (project, file, but) = (project.get(), file.to_string(), but.map(LinkId::get));
    let others = session.first(OTHERS, &[&project, &file, &but, &most], |row| row.get::<i64>(0)).await?;
    Ok(others.unwrap_or_default() >= most)
}

/// Returns what is known of the newest file of this name.
async fn bytes_of(session: &Session, project: ProjectId, file: &FileRef) -> Result<Option<StoredBytes>, Failure> {
    let project = project.get();
    let found = match file {
        FileRef::Package { name, version, file } => {
            let values = [name.as_str(), version.as_str(), file.as_str()];
            let [name, version, file] = &values;
            session.first(OF_PACKAGE_FILE, &[&project, name, version, file], |row| kept(row, 0)).await?
        }
        FileRef::Upload { secret, file } => {
            session.first(OF_UPLOAD, &[&project, &secret.as_str(), &file.as_str()], |row| kept(row, 0)).await?
        }
    };
    Ok(found.map(|KeptBytes { bytes, .. }| bytes))
}

/// Returns the fields of a link that is written into a tag's release, with the digest and size of the file that it follows.
/// `before` is the link with its fields so far, unless it is new. The commit records what it follows.
pub async fn settle(
    session: &Session,
    tag: &str,
    fields: LinkFields,
    before: Option<(LinkId, &LinkFields)>,
) -> Result<Result<LinkFields, LinkFaults>, Failure> {
    let Some(external) = session.external() else { return Ok(Ok(fields)) };
    let leads_to_a_file = |url: &LinkUrl| external.file_at(url).is_some();
    if !leads_to_a_file(&fields.url) && !before.is_some_and(|(_, before)| leads_to_a_file(&before.url)) {
        return Ok(Ok(fields));
    }
    let project = session.with_journal(|journal| journal.project)?;
    let file = file_at(session, project, &fields.url).await?;
    session.with_journal(|journal| journal.lead(tag, &fields.url, file.as_ref()))?;
    let Some(file) = file else { return Ok(Ok(fields)) };
    if is_full(session, project, &file, before.map(|(id, _)| id)).await? {
        return Ok(Ok(fields));
    }
    Ok(match bytes_of(session, project, &file).await? {
        Some(bytes) => fields.of_file(&bytes, before.map(|(_, before)| before)),
        None => Ok(fields),
    })
}

/// Gives the links that follow a file the digest and size of the newest of its name.
pub async fn follow(session: &Session, file: &FileRef) -> Result<(), Failure> {
    let project = session.with_journal(|journal| journal.project)?;
    let Some(bytes) = bytes_of(session, project, file).await? else { return Ok(()) };
    let (id, text, most) = (project.get(), file.to_string(), paging::stop_at(Link::MAX_OF_A_FILE));
    let read = |row: &crate::rows::Row| Ok((link(row, 0)?, row.get::<String>(COLUMNS_OF_A_LINK)?));
    for (Link { id, fields }, tag) in session.all(OF_FILE, &[&id, &text, &most], read).await? {
        if let Ok(after) = fields.clone().of_file(&bytes, Some(&fields)) {
            write_link(session, &tag, &fields, &Link { id, fields: after }).await?;
        }
    }
    Ok(())
}

/// Checks that no immutable release links to a file of a package.
pub async fn check_package(session: &Session, project: ProjectId, package: &Package) -> Result<(), FileWriteError> {
    let [first, end] = package.file_refs();
    let (project, id) = (project.get(), package.id.get());
    if session.exists(PACKAGE_IS_PROTECTED, &[&project, &id, &first, &end]).await? {
        return Err(WriteError::Conflict(FileObstacle::Protected));
    }
    Ok(())
}

/// Checks that no immutable release links to a file.
pub async fn check_unprotected(session: &Session, project: ProjectId, file: &FileRef) -> Result<(), FileWriteError> {
    if session.exists(IS_PROTECTED, &[&project.get(), &file.to_string()]).await? {
        return Err(WriteError::Conflict(FileObstacle::Protected));
    }
    Ok(())
}
