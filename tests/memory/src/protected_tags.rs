//! The port of the rules that protect tags.

use async_trait::async_trait;
use release_links_domain::access::{Reader, RuleObstacle, TagCreateLevel, TagRule};
use release_links_domain::project::ProjectRef;
use release_links_domain::tag::TagPattern;
use release_links_domain::{ProjectId, ProtectedTagId};
use release_links_ports::{
    Page, PageRequest, ProjectRead, ProtectedTagRepository, RuleWriteError, StoreError, WriteError,
};

use crate::MemoryStore;
use crate::listing::page_of;
use crate::state::{ProjectRow, State};

impl ProjectRow {
    fn rule(&self, pattern: &str) -> Option<&TagRule> {
        self.tag_rules.values().find(|rule| rule.pattern.as_str() == pattern)
    }
}

impl State {
    fn create_rule(
        &mut self,
        project: ProjectId,
        pattern: TagPattern,
        create_level: TagCreateLevel,
    ) -> Result<TagRule, RuleWriteError> {
        let id = self.next_id();
        let row = self.projects.get_mut(&project).ok_or(WriteError::Gone)?;
        let is_taken = row.rule(pattern.as_str()).is_some();
        if let Some(obstacle) = RuleObstacle::to_one_more(row.tag_rules.len(), is_taken) {
            return Err(WriteError::Conflict(obstacle));
        }
        let rule = TagRule { id, pattern, create_level };
        row.tag_rules.insert(id, rule.clone());
        Ok(rule)
    }
}

#[async_trait]
impl ProtectedTagRepository for MemoryStore {
    async fn list(&self, project: &ProjectRef, reader: Reader, page: PageRequest) -> ProjectRead<Page<TagRule>> {
        self.read(|state| {
            state.view(project, reader, |_, row| {
                let mut rules = row.all_rules();
                rules.sort_by(|one, other| one.pattern.cmp(&other.pattern));
                Some(page_of(rules, page))
            })
        })
    }

    async fn get(&self, project: &ProjectRef, reader: Reader, pattern: &str) -> ProjectRead<TagRule> {
        self.read(|state| state.view(project, reader, |_, row| row.rule(pattern).cloned()))
    }

    async fn create(
        &self,
        project: ProjectId,
        pattern: TagPattern,
        create_level: TagCreateLevel,
    ) -> Result<TagRule, RuleWriteError> {
        self.write(|state| state.create_rule(project, pattern, create_level))
    }

    async fn delete(&self, project: ProjectId, rule: ProtectedTagId) -> Result<bool, StoreError> {
        self.write(|state| {
            let project = state.projects.get_mut(&project);
            Ok(project.is_some_and(|project| project.tag_rules.remove(&rule).is_some()))
        })
    }
}
