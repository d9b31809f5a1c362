//! Keeps the tags of immutable releases from being used again once the releases are deleted.

use release_links_domain::namespace::FullPath;
use release_links_domain::{NamespaceId, ProjectId};
use release_links_ports::MAX_PATHS_OF_BURNT_TAG;

use crate::failure::Failure;
use crate::query::Session;
use crate::tables::burnt_tags::{BURN, HAS_IMMUTABLE, IMMUTABLE, IMMUTABLE_BELOW, IS_BURNT, IS_BURNT_AT};
use crate::tables::left_places::{last_holder, paths_of_project};
use crate::tables::projects::at_path;

/// Refuses tags from now on to a project that has them, and under all paths that lead to the project now.
pub async fn burn(session: &Session, project: ProjectId, tags: &[String]) -> Result<(), Failure> {
    if tags.is_empty() {
        return Ok(());
    }
    for path in paths_of_project(session, project, MAX_PATHS_OF_BURNT_TAG).await? {
        if leads_to(session, &path).await? == Some(project) {
            session.run(BURN, &[&tags, &path, &project.get()]).await?;
        }
    }
    Ok(())
}

/// Returns whether an immutable release had this tag in a project, or under a path that leads to the project.
pub async fn is_burnt(session: &Session, project: ProjectId, tag: &str) -> Result<bool, Failure> {
    if session.exists(IS_BURNT, &[&project.get(), &tag]).await? {
        return Ok(true);
    }
    for path in paths_of_project(session, project, MAX_PATHS_OF_BURNT_TAG).await? {
        if session.exists(IS_BURNT_AT, &[&tag, &path]).await? && leads_to(session, &path).await? == Some(project) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// As [`burn`], for the tags of all immutable releases of a project. The tree must be locked.
pub async fn burn_project(session: &Session, project: ProjectId) -> Result<(), Failure> {
    let tags = session.all(IMMUTABLE, &[&project.get()], |row| row.get::<String>(0)).await?;
    burn(session, project, &tags).await
}

/// As [`burn_project`], for all projects in a namespace and below it.
pub async fn burn_below(session: &Session, namespace: NamespaceId) -> Result<(), Failure> {
    // Most databases have none, and then there is no need to look at each project.
    if !session.exists(HAS_IMMUTABLE, &[]).await? {
        return Ok(());
    }
    let projects = session.all(IMMUTABLE_BELOW, &[&namespace.get()], |row| row.get::<i64>(0)).await?;
    for project in projects.into_iter().filter_map(|id| ProjectId::try_from(id).ok()) {
        burn_project(session, project).await?;
    }
    Ok(())
}

async fn leads_to(session: &Session, path: &str) -> Result<Option<ProjectId>, Failure> {
    let Ok(path) = path.parse::<FullPath>() else { return Ok(None) };
    match at_path(session, &path).await? {
        Some(project) => Ok(Some(project)),
        None => last_holder(session, &path).await,
    }
}
