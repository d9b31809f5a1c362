//! Transfers a project to another namespace.

use release_links_domain::access::Admission;
use release_links_domain::policy::{Action, Resource};
use release_links_domain::token::{Caller, Intent};
use release_links_ports::{ProjectChanges, ProjectDetails};

use super::{Projects, check_namespace, into_refusal};
use crate::caller::{always, ask, ask_bearer, project_ref, see};
use crate::{Missing, ParameterFaults, Refusal};

impl Projects {
    /// Moves a project to the namespace that `target` identifies by id or full path. Requires an owner of the project
    /// who may create projects in the target.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning"; refusals about the target follow the
    /// faults of the parameter that names it.
    pub async fn transfer(
        &self,
        caller: &Caller,
        project: &str,
        target: Result<String, ParameterFaults>,
    ) -> Result<ProjectDetails, Refusal> {
        let bearer = ask_bearer(caller, Resource::Project(None), Action::TransferProject)?;
        let named = target.as_ref().ok().and_then(|target| target.parse().ok());
        let view = self
            .projects
            .load_for_transfer(&project_ref(project)?, named, caller.reader(Admission::SeeProject))
            .await?;
        let (project, resource, transfer) = see(caller, Intent::Write, view)?;
        ask(caller, resource, Action::TransferProject)?;
        target?;
        let transfer = always(transfer)?;
        let (namespace, _) = check_namespace(caller, transfer.target)?;
        if namespace.id == transfer.from {
            return Err(Refusal::SameNamespace);
        }
        let changes = ProjectChanges { namespace: Some(namespace.id), ..ProjectChanges::default() };
        self.projects
            .update(project.id, changes, bearer.user)
            .await
            .map_err(|error| into_refusal(error, Missing::Namespace))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use release_links_domain::access::AccessLevel;
    use release_links_domain::namespace::{Namespace, NamespaceKind};
    use release_links_domain::project::{ProjectRules, ReleasesAccess, Visibility};
    use release_links_domain::token::{Bearer, Scope, TokenKind};
    use release_links_ports::{MockClock, MockProjectRepository, NamespaceView, ProjectFacts, ProjectView, Transfer};

    /// Returns the refusal of a transfer to a private group, for these levels in the project and in the target. The
    /// mock fails on any write.
    async fn transfer(
        here: AccessLevel,
        there: Option<AccessLevel>,
        kind: NamespaceKind,
        target: Result<String, ParameterFaults>,
    ) -> Refusal {
        let mut projects = MockProjectRepository::new();
        projects.expect_load_for_transfer().returning(move |_, target, _| {
            let rules =
                ProjectRules { visibility: Visibility::Private, archived: false, releases: ReleasesAccess::Enabled };
            let full_path = "top/hello".parse().unwrap();
            let project = ProjectFacts { id: 3.try_into().unwrap(), full_path, rules, moved: false };
            let namespace = Namespace {
                id: 5.try_into().unwrap(),
                name: "Other".to_owned(),
                path: "other".parse().unwrap(),
                full_path: "other".parse().unwrap(),
                parent: None,
                kind,
            };
            let visibility = if kind == NamespaceKind::User { Visibility::Public } else { Visibility::Private };
            let target = target.map(|_| NamespaceView { namespace, level: there, visibility });
            let found = Transfer { from: 5.try_into().unwrap(), target };
            Ok(Some(ProjectView { project, level: Some(here), found: Some(found) }))
        });
        let projects = Projects::new(Arc::new(projects), Arc::new(MockClock::new()));
        let (token, user) = (1.try_into().unwrap(), 2.try_into().unwrap());
        let scopes = vec![Scope::Api];
        let caller = Caller::Token(Bearer { token, kind: TokenKind::Personal, user, administrator: false, scopes });
        projects.transfer(&caller, "3", target).await.unwrap_err()
    }

    #[tokio::test]
    async fn a_transfer_is_refused_in_the_contracts_order() {
        use AccessLevel::{Developer, Maintainer, Owner, Reporter};
        use NamespaceKind::{Group, User};
        let other = || Ok("other".to_owned());
        let faulty = || Err(ParameterFaults(vec!["namespace is missing".to_owned()]));
        assert!(matches!(transfer(Maintainer, Some(Owner), Group, faulty()).await, Refusal::Forbidden));
        assert!(matches!(transfer(Owner, Some(Owner), Group, faulty()).await, Refusal::Parameters(_)));
        let absent = transfer(Owner, Some(Owner), Group, Ok("a b".to_owned())).await;
        assert!(matches!(absent, Refusal::NotFound(Missing::Namespace)));
        for kind in [Group, User] {
            let hidden = transfer(Owner, None, kind, other()).await;
            assert!(matches!(hidden, Refusal::NotFound(Missing::Namespace)));
        }
        assert!(matches!(transfer(Owner, Some(Reporter), Group, other()).await, Refusal::Forbidden));
        assert!(matches!(transfer(Owner, Some(Developer), Group, other()).await, Refusal::SameNamespace));
    }
}
