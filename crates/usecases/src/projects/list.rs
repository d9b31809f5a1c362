//! Lists the projects that the caller can see.

use release_links_domain::NamespaceId;
use release_links_domain::policy::{Action, Resource};
use release_links_domain::search::finds_nothing;
use release_links_domain::token::Caller;
use release_links_ports::{Page, PageRequest, ProjectDetails, ProjectFilter, Within};

use super::Projects;
use crate::caller::{ask, viewer};
use crate::{Missing, ParameterFaults, Refusal};

impl Projects {
    /// Returns a page of the projects that the caller can see. A job token sees only its own project.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning".
    pub async fn list(
        &self,
        caller: &Caller,
        wanted: Result<(ProjectFilter, PageRequest), ParameterFaults>,
    ) -> Result<Page<ProjectDetails>, Refusal> {
        ask(caller, Resource::Service, Action::ListProjects)?;
        let (filter, page) = wanted?;
        if filter.search.as_deref().is_some_and(finds_nothing) {
            return Ok(Page::empty());
        }
        Ok(self.projects.list(viewer(caller), filter, page).await?)
    }

    /// Returns a page of the projects in a user's own namespace, like [`list`](Self::list). An anonymous caller may not
    /// know the users, except for those with a public project.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning".
    pub async fn list_of_user(
        &self,
        caller: &Caller,
        namespace: NamespaceId,
        wanted: Result<(ProjectFilter, PageRequest), ParameterFaults>,
    ) -> Result<Page<ProjectDetails>, Refusal> {
        if *caller == Caller::Anonymous {
            let within = Some(Within { namespace, subgroups: false });
            let filter = ProjectFilter { within, ..ProjectFilter::default() };
            let any = self.projects.list(viewer(caller), filter, PageRequest { page: 1, per_page: 1 }).await?;
            if any.rows.is_empty() {
                return Err(Refusal::NotFound(Missing::User));
            }
        }
        self.list(caller, wanted).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use jiff::Timestamp;
    use release_links_domain::project::Visibility;
    use release_links_domain::token::{Bearer, Scope, TokenKind};
    use release_links_ports::{MockClock, MockProjectRepository, Viewer};

    fn bearer(kind: TokenKind, administrator: bool, scope: Scope) -> Caller {
        let (token, user) = (1.try_into().unwrap(), 2.try_into().unwrap());
        Caller::Token(Bearer { token, kind, user, administrator, scopes: vec![scope] })
    }

    /// What storage is asked for.
    async fn asked(caller: Caller) -> Viewer {
        let (asked, told) = std::sync::mpsc::channel();
        let mut projects = MockProjectRepository::new();
        projects.expect_list().returning(move |viewer, filter, _| {
            assert_eq!(filter, ProjectFilter::default());
            asked.send(viewer).unwrap();
            Ok(Page { rows: Vec::new(), total: Some(0), has_next: false })
        });
        let projects = Projects::new(Arc::new(projects), Arc::new(MockClock::new()));
        projects.list(&caller, Ok((ProjectFilter::default(), PageRequest::default()))).await.unwrap();
        told.recv().unwrap()
    }

    #[tokio::test]
    async fn the_visibilities_listed_depend_on_the_caller() {
        use Visibility::{Internal, Private, Public};
        let personal = |administrator| bearer(TokenKind::Personal, administrator, Scope::ReadApi);
        assert_eq!(asked(Caller::Anonymous).await.open, [Public]);
        assert_eq!(asked(personal(false)).await.open, [Internal, Public]);
        assert_eq!(asked(personal(true)).await.open, [Private, Internal, Public]);
    }

    #[tokio::test]
    async fn a_job_token_lists_only_its_own_project() {
        let project = 7.try_into().unwrap();
        let job = TokenKind::Job { project, ends_at: Timestamp::MAX };
        for administrator in [false, true] {
            assert_eq!(asked(bearer(job, administrator, Scope::Sudo)).await.only, Some(project));
        }
    }

    #[tokio::test]
    async fn a_search_text_longer_than_any_name_finds_nothing_without_a_query() {
        let projects = Projects::new(Arc::new(MockProjectRepository::new()), Arc::new(MockClock::new()));
        let filter = ProjectFilter { search: Some("x".repeat(256)), ..ProjectFilter::default() };
        let page = projects.list(&Caller::Anonymous, Ok((filter, PageRequest::default()))).await.unwrap();
        assert_eq!(page, Page::empty());
    }

    #[tokio::test]
    async fn an_insufficient_scope_is_reported_before_faults_and_without_a_query() {
        let projects = Projects::new(Arc::new(MockProjectRepository::new()), Arc::new(MockClock::new()));
        let caller = bearer(TokenKind::Personal, true, Scope::ReadUser);
        let refused = projects.list(&caller, Err(ParameterFaults(Vec::new()))).await;
        assert!(matches!(refused, Err(Refusal::InsufficientScope)));
    }
}
