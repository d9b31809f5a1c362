//! Links that follow a file of their own project.

use release_links_domain::file::{FileRef, StoredBytes};
use release_links_domain::link::{LinkFaults, LinkFields, LinkUrl};
use release_links_domain::location::ExternalUrl;
use release_links_domain::project::ProjectRef;
use release_links_domain::{LinkId, ProjectId, ReleaseId};
use release_links_ports::PackageFileRef;
use rusqlite::Connection;

use crate::failure::Failure;
use crate::tables::history::Journal;
use crate::tables::left_places::last_holder;
use crate::tables::links::{insert_link, update_link};
use crate::tables::links_to_files::{is_full, lead, of_file};
use crate::tables::projects::at_path;
use crate::tables::{packages, uploads};

/// Returns the file that a URL leads to, if it is one of this project.
fn file_at(
    conn: &Connection,
    external: Option<&ExternalUrl>,
    project: ProjectId,
    url: &LinkUrl,
) -> Result<Option<FileRef>, Failure> {
    let Some(address) = external.and_then(|external| external.file_at(url)) else { return Ok(None) };
    let named = match &address.project {
        ProjectRef::Id(id) => Some(*id),
        ProjectRef::Path(path) => match at_path(conn, path)? {
            Some(id) => Some(id),
            None => last_holder(conn, path)?,
        },
    };
    Ok(Some(address.file).filter(|_| named == Some(project)))
}

/// Returns the file that a link with this URL follows. `but` is the link, unless it is new.
fn followed(journal: &Journal<'_>, url: &LinkUrl, but: Option<LinkId>) -> Result<Option<FileRef>, Failure> {
    let (conn, project) = (journal.conn, journal.project);
    match file_at(conn, journal.external(), project, url)? {
        Some(file) if !is_full(conn, project, &file, but)? => Ok(Some(file)),
        _ => Ok(None),
    }
}

/// Returns what is known of the newest file of this name.
fn bytes_of(conn: &Connection, project: ProjectId, file: &FileRef) -> Result<Option<StoredBytes>, Failure> {
    match file.clone() {
        FileRef::Package { name: package, version, file } => {
            let named = PackageFileRef { package, version, file };
            Ok(packages::newest_file(conn, project, &named)?.map(|file| file.bytes))
        }
        FileRef::Upload { secret, file } => {
            Ok(uploads::by_secret(conn, project, &secret, &file)?.map(|upload| upload.bytes))
        }
    }
}

/// Returns the fields of a link that is written, with the digest and size of the file that it follows. `but` is the link,
/// unless it is new, and `before` its fields so far.
pub fn settle(
    journal: &Journal<'_>,
    fields: LinkFields,
    but: Option<LinkId>,
    before: Option<&LinkFields>,
) -> Result<Result<LinkFields, LinkFaults>, Failure> {
    let Some(file) = followed(journal, &fields.url, but)? else { return Ok(Ok(fields)) };
    Ok(match bytes_of(journal.conn, journal.project, &file)? {
        Some(bytes) => fields.of_file(&bytes, before),
        None => Ok(fields),
    })
}

/// Gives the links that follow a file the digest and size of the newest of its name.
pub fn follow(journal: &mut Journal<'_>, file: &FileRef) -> Result<(), Failure> {
    let (conn, project) = (journal.conn, journal.project);
    let Some(bytes) = bytes_of(conn, project, file)? else { return Ok(()) };
    for (link, tag) in of_file(conn, project, file)? {
        if let Ok(after) = link.fields.clone().of_file(&bytes, Some(&link.fields)) {
            update_link(journal, &tag, link.id, &link.fields, &after)?;
        }
    }
    Ok(())
}

/// Inserts a link, as [`insert_link`] does, and records which file it leads to.
pub fn insert(
    journal: &mut Journal<'_>,
    tag: &str,
    release: ReleaseId,
    fields: &LinkFields,
) -> Result<LinkId, Failure> {
    let id = insert_link(journal, tag, release, fields)?;
    if let Some(file) = file_at(journal.conn, journal.external(), journal.project, &fields.url)? {
        lead(journal.conn, journal.project, id, Some(&file))?;
    }
    Ok(id)
}

/// Updates a link, as [`update_link`] does, and records which file it leads to.
pub fn update(
    journal: &mut Journal<'_>,
    tag: &str,
    id: LinkId,
    before: &LinkFields,
    after: &LinkFields,
) -> Result<(), Failure> {
    update_link(journal, tag, id, before, after)?;
    updated(journal, id, before, after)
}

/// Records which file a link leads to that was updated.
pub fn updated(journal: &Journal<'_>, id: LinkId, before: &LinkFields, after: &LinkFields) -> Result<(), Failure> {
    let Some(external) = journal.external() else { return Ok(()) };
    let leads_to_files = [before, after].iter().any(|fields| external.file_at(&fields.url).is_some());
    if before.url == after.url || !leads_to_files {
        return Ok(());
    }
    let file = file_at(journal.conn, Some(external), journal.project, &after.url)?;
    lead(journal.conn, journal.project, id, file.as_ref())
}
