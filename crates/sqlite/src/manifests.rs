//! Applies a manifest to a release (docs/contract.md, "Manifests").

use release_links_domain::ReleaseId;
use release_links_domain::link::{Link, LinkFields, Manifest, ManifestFaults, Plan};
use release_links_ports::{ManifestRefused, ManifestWriteError, Precondition, Run, WriteError};

use crate::failure::Failure;
use crate::following::{self, settle};
use crate::reader::Lane;
use crate::tables::history::Journal;
use crate::tables::links::{delete_link, links_of, place_link, update_links};
use crate::tables::releases;

/// Returns what a manifest makes of the links of a release, with the digests and sizes of the files that they follow.
fn planned(
    journal: &Journal<'_>,
    manifest: Manifest,
    current: &[Link],
) -> Result<Result<Plan, ManifestFaults>, Failure> {
    let mut plan = match manifest.plan(current) {
        Ok(plan) => plan,
        Err(faults) => return Ok(Err(faults)),
    };
    for (entry, link) in plan.written_mut() {
        match settle(journal, link.fields.clone(), link.id, link.before.as_ref())? {
            Ok(fields) => link.fields = fields,
            Err(faults) => return Ok(Err(ManifestFaults::of_entry(entry, &faults))),
        }
    }
    Ok(Ok(plan))
}

/// Makes the links of a release what a manifest says, or only tells what that would change.
pub fn apply(
    journal: &mut Journal<'_>,
    release: ReleaseId,
    manifest: Manifest,
    precondition: &Precondition<Vec<Link>>,
    run: Run,
) -> Result<Plan, ManifestWriteError> {
    let conn = journal.conn;
    let (tag, immutable) = releases::to_write(conn, journal.project, release)?.ok_or(WriteError::Gone)?;
    let (current, has_more) = links_of(conn, release, Link::MAX_PER_RELEASE + 1, Lane::Long)?;
    let refused = |faults| WriteError::Conflict(ManifestRefused::Faults(faults));
    let plan = if has_more { Err(ManifestFaults::TooMany) } else { planned(journal, manifest, &current)? };
    if immutable && plan.as_ref().map_or(true, Plan::alters) {
        return Err(WriteError::Conflict(ManifestRefused::Immutable));
    }
    if !has_more && !precondition.holds(&current) {
        return Err(WriteError::Conflict(ManifestRefused::Precondition(current)));
    }
    let mut plan = plan.map_err(refused)?;
    if run == Run::Dry {
        return Ok(plan);
    }
    for link in &plan.deleted {
        delete_link(journal, &tag, link)?;
    }
    update_links(journal, &tag, &plan.updated().collect::<Vec<_>>())?;
    for (id, before, after) in plan.updated() {
        following::updated(journal, id, before, after)?;
    }
    let new: Vec<LinkFields> = plan.created().cloned().collect();
    let created = new.iter().map(|fields| following::insert(journal, &tag, release, fields));
    plan.assign(created.collect::<Result<Vec<_>, Failure>>()?);
    if plan.is_ordered_anew {
        for (link, position) in plan.links.iter().zip(1..) {
            link.id.map_or(Ok(()), |id| place_link(conn, id, position))?;
        }
    }
    Ok(plan)
}
