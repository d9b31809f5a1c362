//! Removing users, groups and projects with all that belongs to them.

use release_links_domain::address::Holder;
use release_links_domain::token::TokenKind;
use release_links_domain::{NamespaceId, ProjectId, UserId};

use crate::state::{Kind, State};

impl State {
    /// Removes a project with its tokens and their bots. Whether there was one.
    pub fn remove_project(&mut self, project: ProjectId) -> bool {
        let Some(row) = self.projects.get(&project) else { return false };
        let immutable = row.releases.values().filter(|release| release.immutable);
        self.burn(project, immutable.map(|release| release.tag.clone()).collect());
        self.projects.remove(&project);
        self.leave_for_good(project);
        let of_project = TokenKind::Project { project };
        let users = self.tokens.values().filter(|token| token.kind == of_project).filter_map(|token| token.user);
        for user in users.collect::<Vec<_>>() {
            self.remove_bot(user);
        }
        self.tokens.retain(|_, token| token.kind.project() != Some(project));
        true
    }

    /// Removes a user who is the bot of a project's token; nobody else.
    pub fn remove_bot(&mut self, user: UserId) {
        if self.users.get(&user).is_some_and(|row| row.bot) {
            self.remove_user(user);
        }
    }

    /// Removes a namespace with everything below it.
    pub fn remove_namespace(&mut self, namespace: NamespaceId) {
        let below = self.namespaces.iter().filter(|(_, row)| row.parent() == Some(namespace));
        for group in below.map(|(&id, _)| id).collect::<Vec<_>>() {
            self.remove_namespace(group);
        }
        let inside = self.projects.iter().filter(|(_, row)| row.namespace == namespace);
        for project in inside.map(|(&id, _)| id).collect::<Vec<_>>() {
            self.remove_project(project);
        }
        self.leave(Holder::Namespace(namespace));
        self.namespaces.remove(&namespace);
    }

    /// Removes a user with their namespace, tokens and memberships. Their releases and projects elsewhere stay.
    pub fn remove_user(&mut self, user: UserId) {
        let Some(row) = self.users.get(&user) else { return };
        self.remove_namespace(row.namespace);
        self.users.remove(&user);
        self.tokens.retain(|_, token| token.user != Some(user));
        for namespace in self.namespaces.values_mut() {
            if let Kind::Group { members, .. } = &mut namespace.kind {
                members.remove(&user);
            }
        }
        for project in self.projects.values_mut() {
            project.members.remove(&user);
            project.creator.take_if(|creator| *creator == user);
            for release in project.releases.values_mut() {
                release.author.take_if(|author| *author == user);
            }
        }
    }
}
