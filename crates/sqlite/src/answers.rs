//! Answers to what is asked again and again: who holds a token, and which release or link a reader sees. A connection for
//! short reads remembers them while no other connection commits (docs/decisions/0009-hot-answers-are-remembered.md).

use std::hash::{BuildHasher, Hash, RandomState};

use release_links_domain::link::{Link, LinkFields};
use release_links_domain::token::TokenFacts;
use release_links_domain::{LinkId, ReleaseId};
use release_links_ports::{ProjectView, ReleaseKey, TokenDigest};
use rusqlite::Connection;

use crate::failure::Failure;
use crate::query::first;

/// The number of answers of each kind that a connection remembers.
pub const REMEMBERED: usize = 128;

/// A release as a reader sees it, if there is one.
type ReleaseSeen = Option<ProjectView<ReleaseId>>;
/// A link as a reader sees it, if there is one.
type LinkSeen = Option<ProjectView<Link>>;

/// Changes when another connection has committed.
const VERSION: &str = "PRAGMA data_version";

/// What a connection remembers.
#[derive(Default)]
pub struct Answers {
    /// What [`VERSION`] was.
    version: i64,
    pub tokens: Kind<TokenDigest, Option<TokenFacts>>,
    pub releases: Kind<ReleaseKey, ReleaseSeen>,
    pub links: Kind<(ReleaseKey, LinkId), LinkSeen>,
    pub by_path: Kind<(ReleaseKey, String), LinkSeen>,
}

impl Answers {
    /// Forgets everything if the snapshot of `conn` is not the one that it comes from.
    pub fn follow(&mut self, conn: &Connection) -> Result<(), Failure> {
        let version = first(conn, VERSION, [], |row| row.get(0))?.unwrap_or_default();
        if version != self.version {
            *self = Self { version, ..Self::default() };
        }
        Ok(())
    }
}

/// An answer that may be remembered.
pub trait Answer: Clone {
    /// Whether it is worth its memory: a limit bounds its size, and it is no miss, of which there are any number.
    fn is_worth_keeping(&self) -> bool;
}

impl Answer for Option<TokenFacts> {
    fn is_worth_keeping(&self) -> bool {
        self.is_some()
    }
}

impl Answer for ReleaseSeen {
    fn is_worth_keeping(&self) -> bool {
        self.as_ref().is_some_and(|view| view.found.is_some())
    }
}

impl Answer for LinkSeen {
    fn is_worth_keeping(&self) -> bool {
        let link = self.as_ref().and_then(|view| view.found.as_ref());
        // An older version may have stored more.
        link.is_some_and(|link| link.fields.text_bytes() <= LinkFields::MAX_TEXT_BYTES)
    }
}

/// Answers of one kind. Each question has one place, which the last answer for it takes.
pub struct Kind<Q, A> {
    places: Vec<Option<(Q, A)>>,
    hasher: RandomState,
}

impl<Q, A> Default for Kind<Q, A> {
    fn default() -> Self {
        Self { places: Vec::new(), hasher: RandomState::new() }
    }
}

impl<Q, A: Answer> Kind<Q, A> {
    /// Returns the remembered answer, or else the one that `find` returns. `asked` has the hash of the question that `own`
    /// returns and that `is` recognises.
    pub fn recall(
        &mut self,
        asked: impl Hash,
        is: impl Fn(&Q) -> bool,
        own: impl FnOnce() -> Q,
        find: impl FnOnce() -> Result<A, Failure>,
    ) -> Result<A, Failure> {
        let place = usize::try_from(self.hasher.hash_one(asked) % REMEMBERED as u64).unwrap_or_default();
        if let Some(Some((question, answer))) = self.places.get(place)
            && is(question)
        {
            return Ok(answer.clone());
        }
        let answer = find()?;
        if answer.is_worth_keeping() {
            self.places.resize_with(REMEMBERED, || None);
            self.places[place] = Some((own(), answer.clone()));
        }
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use release_links_domain::token::{Scope, TokenKind};
    use rusqlite::OpenFlags;

    use super::*;

    const DIGEST: TokenDigest = TokenDigest([7; 32]);

    fn token(id: i64) -> TokenFacts {
        TokenFacts {
            id: id.try_into().unwrap(),
            kind: TokenKind::Personal,
            user: None,
            administrator: false,
            bot: false,
            scopes: vec![Scope::Api],
            expires_on: None,
            revoked: false,
        }
    }

    /// Asks for a token; `found` is what the database has, and the count is how often it was asked.
    fn ask(answers: &mut Answers, digest: TokenDigest, found: Option<i64>, count: &Cell<usize>) -> Option<i64> {
        let find = || {
            count.set(count.get() + 1);
            Ok(found.map(token))
        };
        let facts = answers.tokens.recall(digest, |kept| *kept == digest, || digest, find).unwrap();
        facts.map(|facts| facts.id.get())
    }

    #[test]
    fn an_answer_is_remembered_and_a_miss_is_not() {
        let (mut answers, count) = (Answers::default(), Cell::new(0));
        assert_eq!(ask(&mut answers, DIGEST, None, &count), None);
        assert_eq!(ask(&mut answers, DIGEST, Some(1), &count), Some(1));
        assert_eq!(ask(&mut answers, DIGEST, Some(2), &count), Some(1));
        assert_eq!(ask(&mut answers, TokenDigest([8; 32]), Some(3), &count), Some(3));
        assert_eq!(count.get(), 3);
    }

    #[test]
    fn whoever_commits_what_is_remembered_is_forgotten() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("t.db");
        let writer = Connection::open(&path).unwrap();
        writer.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (n INTEGER PRIMARY KEY) STRICT").unwrap();
        let reader = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        let (mut answers, count) = (Answers::default(), Cell::new(0));
        for id in 1..=3 {
            answers.follow(&reader).unwrap();
            assert_eq!(ask(&mut answers, DIGEST, Some(id), &count), Some(id));
            answers.follow(&reader).unwrap();
            assert_eq!(ask(&mut answers, DIGEST, Some(id + 10), &count), Some(id));
            writer.execute("INSERT INTO t DEFAULT VALUES", []).unwrap();
        }
    }

    #[test]
    fn any_number_of_questions_takes_no_more_than_its_places() {
        let (mut answers, count) = (Answers::default(), Cell::new(0));
        for number in 0..10_000_i64 {
            let mut digest = [0; 32];
            digest[..8].copy_from_slice(&number.to_le_bytes());
            assert_eq!(ask(&mut answers, TokenDigest(digest), Some(number + 1), &count), Some(number + 1));
        }
        assert_eq!((count.get(), answers.tokens.places.len()), (10_000, REMEMBERED));
    }

    #[test]
    fn a_link_with_more_text_than_a_limit_is_not_kept() {
        use release_links_domain::project::{ProjectRules, ReleasesAccess, Visibility};
        use release_links_ports::ProjectFacts;

        let rules = ProjectRules { visibility: Visibility::Public, archived: false, releases: ReleasesAccess::Enabled };
        let project =
            ProjectFacts { id: 1.try_into().unwrap(), full_path: "g/p".parse().unwrap(), rules, moved: false };
        let seen = |found| Some(ProjectView { project: project.clone(), level: None, found });
        assert!(!seen(None).is_worth_keeping() && !LinkSeen::None.is_worth_keeping());
        let draft = release_links_domain::link::LinkDraft {
            name: Some("a".to_owned()),
            url: Some("http://a".to_owned()),
            ..Default::default()
        };
        let fields = draft.parse().accept(release_links_domain::link::LinkConflict::NONE).unwrap();
        assert!(seen(Some(Link { id: 1.try_into().unwrap(), fields })).is_worth_keeping());
    }
}
