//! Applies a manifest to a release (docs/contract.md, "Manifests").

use release_links_domain::history::{Event, Origin};
use release_links_domain::link::{Link, LinkFields, Manifest, ManifestFaults, Plan};
use release_links_domain::{LinkId, ProjectId, ReleaseId};
use release_links_ports::{ManifestRefused, ManifestWriteError, Precondition, Run, WriteError};
use release_links_sql::links::{held_by_all, id};

use crate::failure::Failure;
use crate::following::settle;
use crate::journal::created;
use crate::query::{Session, parameters, together};
use crate::releases::reading::links_of;
use crate::tables::history::END_STEPS;
use crate::tables::links::{DELETE_ALL, INSERT_ALL, LOCK, LOCK_LINKS, PLACE_ALL, SET_ASIDE, UPDATE_ALL};
use crate::tables::releases::{LINKS, LOCK_PROJECT};

/// Returns what a manifest makes of the links of a release, with the digests and sizes of the files that they follow.
async fn planned(
    session: &Session,
    tag: &str,
    manifest: Manifest,
    current: &[Link],
) -> Result<Result<Plan, ManifestFaults>, Failure> {
    let mut plan = match manifest.plan(current) {
        Ok(plan) => plan,
        Err(faults) => return Ok(Err(faults)),
    };
    for (entry, link) in plan.written_mut() {
        match settle(session, tag, link.fields.clone(), link.id.zip(link.before.as_ref())).await? {
            Ok(fields) => link.fields = fields,
            Err(faults) => return Ok(Err(ManifestFaults::of_entry(entry, &faults))),
        }
    }
    Ok(Ok(plan))
}

/// Makes the links of a release what a manifest says, or only tells what that would change.
pub async fn apply(
    session: &Session,
    project: ProjectId,
    release: ReleaseId,
    manifest: Manifest,
    (precondition, origin, run): (&Precondition<Vec<Link>>, Origin, Run),
) -> Result<Plan, ManifestWriteError> {
    session.prepare_journal().await?;
    session.prepare(&[LOCK_PROJECT, LOCK, LOCK_LINKS, LINKS, END_STEPS, DELETE_ALL, SET_ASIDE]).await?;
    session.prepare(&[UPDATE_ALL, INSERT_ALL, PLACE_ALL]).await?;
    let ((), _, (), found, locked, current) = together!(
        session.begin(),
        session.exists(LOCK_PROJECT, &[&project.get()]),
        session.open_journal(project, origin),
        session.first(LOCK, &[&project.get(), &release.get()], |row| Ok((row.get::<String>(2)?, row.get::<bool>(3)?))),
        session.rows(LOCK_LINKS, &[&release.get()]),
        links_of(session, project, release)
    )?;
    let (tag, immutable) = found.ok_or(WriteError::Gone)?;
    let refused = |faults| WriteError::Conflict(ManifestRefused::Faults(faults));
    let is_larger = current.len() < locked.len();
    let plan =
        if is_larger { Err(ManifestFaults::TooMany) } else { planned(session, &tag, manifest, &current).await? };
    if immutable && plan.as_ref().map_or(true, Plan::alters) {
        return Err(WriteError::Conflict(ManifestRefused::Immutable));
    }
    if !is_larger && !precondition.holds(&current) {
        return Err(WriteError::Conflict(ManifestRefused::Precondition(current)));
    }
    let mut plan = plan.map_err(refused)?;
    if run == Run::Dry {
        session.roll_back().await?;
    } else if plan.changes_nothing() {
        session.commit().await?;
    } else {
        write(session, release, &tag, &mut plan).await?;
    }
    Ok(plan)
}

/// Writes what a plan changes, and commits.
async fn write(session: &Session, release: ReleaseId, tag: &str, plan: &mut Plan) -> Result<(), Failure> {
    let deleted: Vec<i64> = plan.deleted.iter().map(|link| link.id.get()).collect();
    for Link { id, fields } in &plan.deleted {
        session.record(Some(tag), Event::Link { id: *id, before: Some(fields.clone()), after: None })?;
    }
    let (mut updated, mut fields, mut steps, mut ended) = (Vec::new(), Vec::new(), Vec::new(), deleted.clone());
    for (id, before, after) in plan.updated() {
        let step = session.with_journal(|journal| journal.next())?;
        let begins = !before.leads_on_to(after);
        session.record(Some(tag), Event::Link { id, before: Some(before.clone()), after: Some(after.clone()) })?;
        updated.push(id.get());
        fields.push(after);
        steps.push(begins.then_some(step));
        ended.extend(begins.then_some(id.get()));
    }
    let (project, (next, at)) = session.with_journal(|journal| (journal.project.get(), journal.next()))?;
    let new: Vec<&LinkFields> = plan.created().collect();
    new.iter().try_for_each(|fields| session.record(Some(tag), created(fields)))?;
    let (texts, sizes) = held_by_all(fields);
    let since: Vec<Option<i64>> = steps.iter().map(|step| step.map(|(_, at)| at)).collect();
    let since_seq: Vec<Option<i64>> = steps.iter().map(|step| step.map(|(seq, _)| seq)).collect();
    let changes = [&parameters(&texts)[..], &parameters(&sizes), &[&since, &since_seq, &updated]].concat();
    let (owners, (texts, sizes)) = ([project, release.get(), at, next - 1], held_by_all(new.iter().copied()));
    let new = [&parameters(&owners)[..], &parameters(&texts), &parameters(&sizes)].concat();
    // The unique indexes are checked at each row, so links that swap a value first give theirs up.
    let (_, _, _, _, mut created) = together!(
        session.run(END_STEPS, &[&ended, &at, &tag]),
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
