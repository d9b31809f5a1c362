//! The rules that protect a project's tags (docs/contract.md, "Permissions" and "Provisioning"), read and written by
//! maintainers.

use std::sync::Arc;

use release_links_domain::access::{Admission, RuleObstacle, TagCreateLevel, TagRule};
use release_links_domain::policy::{Action, Resource};
use release_links_domain::tag::TagPattern;
use release_links_domain::token::{Caller, Intent};
use release_links_ports::{Page, PageRequest, ProtectedTagRepository, WriteError};

use crate::caller::{always, ask, project_ref, see};
use crate::{Missing, ParameterFaults, Refusal};

/// The validated parameters of a new rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProtectedTagDraft {
    /// The tags that it protects.
    pub pattern: TagPattern,
    /// The level that it requires.
    pub create_level: TagCreateLevel,
}

/// The operations on protected tags.
#[derive(Clone)]
pub struct ProtectedTags {
    rules: Arc<dyn ProtectedTagRepository>,
}

impl ProtectedTags {
    /// Works on the rules in `rules`.
    #[must_use]
    pub fn new(rules: Arc<dyn ProtectedTagRepository>) -> Self {
        Self { rules }
    }

    /// Returns a page of a project's rules.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning".
    pub async fn list(
        &self,
        caller: &Caller,
        project: &str,
        page: Result<PageRequest, ParameterFaults>,
    ) -> Result<Page<TagRule>, Refusal> {
        let wanted = page.as_ref().copied().unwrap_or_default();
        let view = self.rules.list(&project_ref(project)?, caller.reader(Admission::SeeProject), wanted).await?;
        let (_, resource, rules) = see(caller, Intent::Read, view)?;
        ask(caller, resource, Action::ReadProtectedTags)?;
        page?;
        always(rules)
    }

    /// Returns the rule with exactly this pattern.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning"; only maintainers learn that a rule
    /// does not exist.
    pub async fn get(&self, caller: &Caller, project: &str, pattern: &str) -> Result<TagRule, Refusal> {
        let view = self.rules.get(&project_ref(project)?, caller.reader(Admission::SeeProject), pattern).await?;
        let (_, resource, rule) = see(caller, Intent::Read, view)?;
        ask(caller, resource, Action::ReadProtectedTags)?;
        rule.ok_or(Refusal::NotFound(Missing::ProtectedTag))
    }

    /// Protects the tags that match a pattern.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning".
    pub async fn create(
        &self,
        caller: &Caller,
        project: &str,
        draft: Result<ProtectedTagDraft, ParameterFaults>,
    ) -> Result<TagRule, Refusal> {
        ask(caller, Resource::Project(None), Action::WriteProtectedTags)?;
        let pattern = draft.as_ref().map(|draft| draft.pattern.as_str()).unwrap_or_default();
        let view = self.rules.get(&project_ref(project)?, caller.reader(Admission::SeeProject), pattern).await?;
        let (project, resource, _) = see(caller, Intent::Write, view)?;
        ask(caller, resource, Action::WriteProtectedTags)?;
        let ProtectedTagDraft { pattern, create_level } = draft?;
        let made = self.rules.create(project.id, pattern.clone(), create_level).await;
        made.map_err(|error| match error {
            WriteError::Conflict(RuleObstacle::Taken) => Refusal::AlreadyProtected(pattern),
            WriteError::Conflict(RuleObstacle::TooMany) => Refusal::TooManyProtectedTags,
            WriteError::Gone => Refusal::NotFound(Missing::Project),
            WriteError::Store(error) => Refusal::Store(error),
        })
    }

    /// Deletes the rule with exactly this pattern.
    ///
    /// # Errors
    /// As for [`get`](Self::get).
    pub async fn delete(&self, caller: &Caller, project: &str, pattern: &str) -> Result<(), Refusal> {
        ask(caller, Resource::Project(None), Action::WriteProtectedTags)?;
        let view = self.rules.get(&project_ref(project)?, caller.reader(Admission::SeeProject), pattern).await?;
        let (project, resource, rule) = see(caller, Intent::Write, view)?;
        ask(caller, resource, Action::WriteProtectedTags)?;
        let absent = Refusal::NotFound(Missing::ProtectedTag);
        let Some(rule) = rule else { return Err(absent) };
        if self.rules.delete(project.id, rule.id).await? { Ok(()) } else { Err(absent) }
    }
}
