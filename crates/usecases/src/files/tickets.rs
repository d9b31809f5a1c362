//! Tickets as clients have them: signed with a key that only the servers on the database know.

use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use release_links_domain::access::{Admission, Reader};
use release_links_domain::file::{FileRef, Ticket};
use release_links_domain::link::LinkUrl;
use release_links_domain::location::ExternalUrl;
use release_links_domain::project::ProjectRef;
use release_links_ports::{DatabaseKey, ProjectFacts, ProjectRepository, ProjectView};
use sha2::Sha256;

use crate::Refusal;
use crate::caller::refuse_old_path;

/// Issues tickets for files of the service at an address, and accepts them.
#[derive(Clone)]
pub struct Tickets {
    key: DatabaseKey,
    external: ExternalUrl,
    projects: Arc<dyn ProjectRepository>,
}

impl Tickets {
    /// Works with a key, for the service that is reached at `external`, and looks up in `projects` which project a path leads
    /// to.
    #[must_use]
    pub fn new(key: DatabaseKey, external: ExternalUrl, projects: Arc<dyn ProjectRepository>) -> Self {
        Self { key, external, projects }
    }

    /// Returns a ticket for whoever follows a link of a project, if its URL leads to one of the project's files and not
    /// everybody may read it.
    pub(crate) async fn issue(
        &self,
        project: &ProjectFacts,
        url: &LinkUrl,
        now: Timestamp,
    ) -> Result<Option<String>, Refusal> {
        let Some(address) = self.external.file_at(url) else { return Ok(None) };
        let Some(ticket) = Ticket::issue(project.id, project.rules.visibility, address.file, now) else {
            return Ok(None);
        };
        let is_own = match &address.project {
            ProjectRef::Id(id) => *id == project.id,
            ProjectRef::Path(_) => {
                let reader = Reader::of(project.id, Admission::SeeProject);
                let view = self.projects.get(&address.project, reader).await?;
                view.is_some_and(|view| view.project.id == project.id)
            }
        };
        Ok(is_own.then(|| self.sign(&ticket)))
    }

    /// Returns the reader as whom the bearer of a ticket may read a file, if the ticket is for this file, has not expired and
    /// is signed.
    pub(crate) fn reader(&self, ticket: Option<&str>, file: &FileRef, now: Timestamp) -> Option<Reader> {
        let (project, rest) = ticket?.split_once('.')?;
        let (until, signature) = rest.split_once('.')?;
        let project = project.parse::<i64>().ok()?.try_into().ok()?;
        let until = Timestamp::from_millisecond(until.parse().ok()?).ok()?;
        let ticket = Ticket { project, file: file.clone(), until };
        let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).ok()?;
        // Takes the same time whichever bytes are wrong.
        self.signature(&ticket)?.verify_slice(&signature).ok()?;
        ticket.is_good(now).then(|| Reader::of(project, Admission::SeeProject))
    }

    fn sign(&self, ticket: &Ticket) -> String {
        let signature = self.signature(ticket).map(|mac| BASE64URL_NOPAD.encode(&mac.finalize().into_bytes()));
        format!("{}.{}.{}", ticket.project, ticket.until.as_millisecond(), signature.unwrap_or_default())
    }

    /// Returns the signature of a ticket; a key of any length has one.
    fn signature(&self, ticket: &Ticket) -> Option<Hmac<Sha256>> {
        let mac = Hmac::<Sha256>::new_from_slice(&self.key.0).ok()?;
        Some(mac.chain_update(ticket.to_string()))
    }
}

/// Returns what the bearer of a ticket finds, unless the address is an old one.
pub(crate) fn opened<T>(view: Option<ProjectView<T>>) -> Result<Option<T>, Refusal> {
    let Some(ProjectView { project, found: Some(found), .. }) = view else { return Ok(None) };
    refuse_old_path(&project)?;
    Ok(Some(found))
}

#[cfg(test)]
mod tests {
    use release_links_domain::namespace::FullPath;
    use release_links_domain::project::{ProjectRules, ReleasesAccess, Visibility};
    use release_links_ports::MockProjectRepository;

    use super::*;

    fn now() -> Timestamp {
        "2026-11-27T12:00:00Z".parse().unwrap()
    }

    fn project(id: i64, visibility: Visibility) -> ProjectFacts {
        let rules = ProjectRules { visibility, archived: false, releases: ReleasesAccess::Enabled };
        ProjectFacts { id: id.try_into().unwrap(), full_path: "group/new".parse().unwrap(), rules, moved: false }
    }

    /// Tickets of a service with project 7, which had another path before, and project 8.
    fn tickets(key: u8) -> Tickets {
        let mut projects = MockProjectRepository::new();
        projects.expect_get().returning(|named, _| {
            let ProjectRef::Path(path) = named else { return Ok(None) };
            let path: &FullPath = path;
            let id = match path.as_str() {
                "group/old" | "group/new" => 7,
                "group/other" => 8,
                _ => return Ok(None),
            };
            Ok(Some(ProjectView { project: project(id, Visibility::Private), level: None, found: None }))
        });
        Tickets::new(DatabaseKey([key; 32]), "https://links.example".parse().unwrap(), Arc::new(projects))
    }

    async fn issued(project: &ProjectFacts, url: &str) -> Option<String> {
        tickets(1).issue(project, &url.parse().unwrap(), now()).await.unwrap()
    }

    #[tokio::test]
    async fn a_ticket_is_issued_for_a_file_of_the_links_own_project_that_is_not_public() {
        let private = project(7, Visibility::Private);
        let secret = "0a".repeat(16);
        for (url, expected) in [
            ("https://links.example/api/v4/projects/7/packages/generic/a/1/b".to_owned(), true),
            ("https://links.example/api/v4/projects/8/packages/generic/a/1/b".to_owned(), false),
            ("https://links.example/api/v4/projects/group%2Fold/packages/generic/a/1/b".to_owned(), true),
            ("https://links.example/api/v4/projects/group%2Fother/packages/generic/a/1/b".to_owned(), false),
            (format!("https://links.example//-/project/7/uploads/{secret}/b"), true),
            (format!("https://links.example/group/new/uploads/{secret}/b"), true),
            (format!("https://links.example/group/none/uploads/{secret}/b"), false),
            ("https://elsewhere.example/api/v4/projects/7/packages/generic/a/1/b".to_owned(), false),
            ("https://links.example/api/v4/projects/7/packages".to_owned(), false),
        ] {
            assert_eq!(issued(&private, &url).await.is_some(), expected, "{url}");
            assert_eq!(issued(&project(7, Visibility::Public), &url).await, None, "{url}");
        }
    }

    #[tokio::test]
    async fn a_ticket_opens_its_file_of_its_project_for_a_minute() {
        let internal = project(7, Visibility::Internal);
        let url = "https://links.example/api/v4/projects/7/packages/generic/a/1/b";
        let ticket = issued(&internal, url).await.unwrap();
        let file: FileRef = "packages/a/1/b".parse().unwrap();
        let reader = |ticket: &str, later| {
            tickets(1).reader(Some(ticket), &file, now() + jiff::SignedDuration::from_millis(later))
        };
        let expected = Some(Reader::of(internal.id, Admission::SeeProject));
        assert_eq!([reader(&ticket, 0), reader(&ticket, 59_999), reader(&ticket, 60_000)], [expected, expected, None]);
        assert_eq!(tickets(1).reader(Some(&ticket), &"packages/a/1/c".parse().unwrap(), now()), None);
        assert_eq!(tickets(2).reader(Some(&ticket), &file, now()), None);
        assert_eq!(tickets(1).reader(None, &file, now()), None);
        let [id, until, signature] = ticket.split('.').collect::<Vec<_>>()[..] else { panic!("{ticket}") };
        for wrong in [
            format!("8.{until}.{signature}"),
            format!("07.{until}.{signature}"),
            format!("{id}.{}1.{signature}", &until[..until.len() - 1]),
            format!("{id}.{until}."),
            format!("{id}.{until}.{}", &signature[1..]),
            format!("{id}.{until}.{signature}A"),
            format!("{id}.{until}"),
            String::new(),
            "…".to_owned(),
        ] {
            let reader = reader(&wrong, 0);
            // Another way to write the number changes nothing of what is signed.
            assert_eq!(reader.is_some(), wrong.starts_with("07"), "{wrong}");
        }
    }
}
