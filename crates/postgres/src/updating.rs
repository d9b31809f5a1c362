//! Writes single links, each with its row in the history.

use release_links_domain::ReleaseId;
use release_links_domain::history::Event;
use release_links_domain::link::{Link, LinkFields};
use release_links_sql::links::held;

use crate::failure::Failure;
use crate::journal::created;
use crate::query::{Session, parameters, together};
use crate::tables::history::END_STEPS;
use crate::tables::links::{INSERT, UPDATE};

/// Inserts a link into the release of a tag, and returns its id.
pub async fn insert_link(
    session: &Session,
    release: ReleaseId,
    tag: &str,
    fields: &LinkFields,
) -> Result<i64, Failure> {
    let (project, seq, at) = session.with_journal(|journal| {
        let (seq, at) = journal.next();
        journal.record(Some(tag), created(fields));
        (journal.project.get(), seq, at)
    })?;
    let (owners, (texts, size), rest) = ([project, release.get()], held(fields), [0, at, seq]);
    let values = [&parameters(&owners)[..], &parameters(&texts), &parameters(&size), &parameters(&rest)].concat();
    session.insert(INSERT, &values).await
}

/// Writes the fields of a link, unless they stay as they are.
pub async fn write_link(session: &Session, tag: &str, before: &LinkFields, link: &Link) -> Result<(), Failure> {
    let Link { id, fields } = link;
    if before == fields {
        return Ok(());
    }
    let leads_on = before.leads_on_to(fields);
    let (seq, at) = session.with_journal(|journal| {
        let next = journal.next();
        let (before, after) = (Some(before.clone()), Some(fields.clone()));
        journal.record(Some(tag), Event::Link { id: *id, before, after });
        next
    })?;
    let ended: Vec<i64> = if leads_on { Vec::new() } else { vec![id.get()] };
    let (id, (texts, size)) = (id.get(), held(fields));
    let begins = [at, seq].map(|value| (!leads_on).then_some(value));
    let values = [&parameters(&texts)[..], &parameters(&size), &parameters(&begins), &[&id]].concat();
    together!(session.run(END_STEPS, &[&ended, &at, &tag]), session.run(UPDATE, &values))?;
    Ok(())
}
