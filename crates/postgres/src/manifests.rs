//! Applies a manifest to a release (docs/contract.md, "Manifests").

use release_links_domain::link::{Link, LinkFields, Manifest, ManifestFaults, Plan};
use release_links_domain::{LinkId, ProjectId, ReleaseId};
use release_links_ports::{ManifestRefused, ManifestWriteError, Precondition, WriteError};
use release_links_sql::links::{held_by_all, id};

use crate::failure::Failure;
use crate::query::{Session, parameters, together};
use crate::releases::reading::links_of;
use crate::tables::links::{DELETE_ALL, INSERT_ALL, LOCK, LOCK_LINKS, PLACE_ALL, SET_ASIDE, UPDATE_ALL};
use crate::tables::releases::LINKS;

/// Makes the links of a release what a manifest says.
pub async fn apply(
    session: &Session,
    project: ProjectId,
    release: ReleaseId,
    manifest: Manifest,
    precondition: &Precondition<Vec<Link>>,
) -> Result<Plan, ManifestWriteError> {
    session.prepare(&[LOCK, LOCK_LINKS, LINKS, DELETE_ALL, SET_ASIDE, UPDATE_ALL, INSERT_ALL, PLACE_ALL]).await?;
    let ((), is_there, locked, current) = together!(
        session.begin(),
        session.exists(LOCK, &[&project.get(), &release.get()]),
        session.rows(LOCK_LINKS, &[&release.get()]),
        links_of(session, project, release)
    )?;
    if !is_there {
        return Err(WriteError::Gone);
    }
    let refused = |faults| WriteError::Conflict(ManifestRefused::Faults(faults));
    if current.len() < locked.len() {
        return Err(refused(ManifestFaults::TooMany));
    }
    if !precondition.holds(&current) {
        return Err(WriteError::Conflict(ManifestRefused::Precondition(current)));
    }
    let mut plan = manifest.plan(&current).map_err(refused)?;
    if plan.changes_nothing() {
        session.commit().await?;
    } else {
        write(session, project, release, &mut plan).await?;
    }
    Ok(plan)
}

/// Writes what a plan changes, and commits.
async fn write(session: &Session, project: ProjectId, release: ReleaseId, plan: &mut Plan) -> Result<(), Failure> {
    let deleted: Vec<i64> = plan.deleted.iter().map(|link| link.id.get()).collect();
    let (updated, fields): (Vec<i64>, Vec<&LinkFields>) =
        plan.updated().map(|(id, _, fields)| (id.get(), fields)).unzip();
    let (texts, sizes) = held_by_all(fields);
    let changes = [&parameters(&texts)[..], &parameters(&sizes), &[&updated]].concat();
    let (owners, (texts, sizes)) = ([project.get(), release.get()], held_by_all(plan.created()));
    let new = [&parameters(&owners)[..], &parameters(&texts), &parameters(&sizes)].concat();
    // The unique indexes are checked at each row, so links that swap a value first give theirs up.
    let (_, _, _, mut created) = together!(
        session.run(DELETE_ALL, &[&deleted]),
        session.run(SET_ASIDE, &[&updated]),
        session.run(UPDATE_ALL, &changes),
        session.all(INSERT_ALL, &new, |row| id(row, 0))
    )?;
    created.sort_unstable();
    plan.assign(created);
    let order: Vec<i64> = plan.links.iter().filter_map(|link| link.id).map(LinkId::get).collect();
    let order = if plan.is_ordered_anew { order } else { Vec::new() };
    together!(session.run(PLACE_ALL, &[&order]), session.commit())?;
    Ok(())
}
