//! Applies a manifest to a release (docs/contract.md, "Manifests").

use release_links_domain::link::{Link, Manifest, ManifestFaults, Plan};
use release_links_domain::{LinkId, ProjectId, ReleaseId};
use release_links_ports::{ManifestRefused, ManifestWriteError, Precondition, StoreError, WriteError};
use rusqlite::Connection;

use crate::failure::Failure;
use crate::reader::Lane;
use crate::tables::links::{delete_link, insert_link, links_of, place_link, set_aside, update_link};
use crate::tables::releases;

/// Makes the links of a release what a manifest says.
pub fn apply(
    conn: &Connection,
    project: ProjectId,
    release: ReleaseId,
    manifest: Manifest,
    precondition: &Precondition<Vec<Link>>,
) -> Result<Plan, ManifestWriteError> {
    if !releases::is_there(conn, project, release)? {
        return Err(WriteError::Gone);
    }
    let (current, has_more) = links_of(conn, release, Link::MAX_PER_RELEASE + 1, Lane::Long)?;
    let refused = |faults| WriteError::Conflict(ManifestRefused::Faults(faults));
    if has_more {
        return Err(refused(ManifestFaults::TooMany));
    }
    if !precondition.holds(&current) {
        return Err(WriteError::Conflict(ManifestRefused::Precondition(current)));
    }
    let mut plan = manifest.plan(&current).map_err(refused)?;
    for link in &plan.deleted {
        delete_link(conn, link.id)?;
    }
    // The unique indexes are checked at each statement, so links that swap a value first give theirs up.
    for (id, ..) in plan.updated() {
        set_aside(conn, id)?;
    }
    for (id, _, fields) in plan.updated() {
        update_link(conn, id, fields)?;
    }
    let created: Result<Vec<i64>, Failure> =
        plan.created().map(|fields| insert_link(conn, project, release, fields)).collect();
    let ids: Result<Vec<LinkId>, _> = created?.into_iter().map(LinkId::try_from).collect();
    plan.assign(ids.map_err(|error| StoreError::Internal(error.into()))?);
    if plan.is_ordered_anew {
        for (link, position) in plan.links.iter().zip(1..) {
            link.id.map_or(Ok(()), |id| place_link(conn, id, position))?;
        }
    }
    Ok(plan)
}
