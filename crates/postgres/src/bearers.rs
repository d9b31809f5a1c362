//! Reads for the bearer of a token (docs/decisions/0010-who-asks-and-what-they-read-travel-together.md): finds the token and
//! what its bearer sees in one statement, so in one snapshot and one round trip.
//!
//! That statement depends on who the bearer is, so it is written for whoever the bearer was last time. The token that it
//! finds decides: what it found for somebody else is thrown away.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use release_links_domain::project::ProjectRef;
use release_links_domain::token::TokenFacts;
use release_links_ports::{Claim, ProjectView, TokenDigest};
use release_links_sql::tokens::{FACTS, facts};

use crate::failure::Failure;
use crate::query::{Session, Values};
use crate::rows::Row;
use crate::tables::tokens::{FIND, with_bearer};
use crate::view::{Viewed, reaches, rows, shown, view, view_moved};

/// The number of tokens that a server remembers. One that it does not costs a second round trip.
pub const REMEMBERED: usize = 1024;

/// What tokens were when they were last presented: a guess at what they are now.
#[derive(Default)]
pub struct Bearers(Mutex<HashMap<TokenDigest, TokenFacts>>);

impl Bearers {
    fn remembered(&self) -> MutexGuard<'_, HashMap<TokenDigest, TokenFacts>> {
        // A guess is only a guess, whatever happened to a thread that made one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn recall(&self, digest: &TokenDigest) -> Option<TokenFacts> {
        self.remembered().get(digest).cloned()
    }

    fn remember(&self, digest: TokenDigest, facts: Option<&TokenFacts>) {
        let mut remembered = self.remembered();
        // Those that are still in use are soon back.
        if remembered.len() >= REMEMBERED && !remembered.contains_key(&digest) {
            remembered.clear();
        }
        match facts {
            Some(facts) => _ = remembered.insert(digest, facts.clone()),
            None => _ = remembered.remove(&digest),
        }
    }

    /// Returns the token and, if its bearer is accepted, what [`view`] returns for them.
    pub async fn view<T>(
        &self,
        session: &Session,
        claim: &Claim,
        sql: Viewed,
        project: &ProjectRef,
        values: Values<'_>,
        read: impl FnOnce(&[Row]) -> Result<Option<T>, Failure>,
    ) -> Result<(Option<TokenFacts>, Option<ProjectView<T>>), Failure> {
        let digest = claim.digest.0.as_slice();
        let known = self.recall(&claim.digest);
        // Whether a credential that is limited to a project is valid for the path of one would be a question of its own.
        let guess = known.as_ref().and_then(|facts| claim.reader(facts));
        let guess = guess.filter(|reader| reader.only.is_none() || matches!(project, ProjectRef::Id(_)));
        let (found, token) = match guess {
            Some(reader) => {
                let sql = sql.of(project, reader, reaches(session, project, reader).await?);
                // The parameters of a view begin with the project and the viewer.
                let sql = with_bearer(&sql, values.len() + 2);
                let found = rows(session, &sql, project, reader, &[values, &[&digest]].concat()).await?;
                let token = found.first().map(|row| facts(row, row.len() - FACTS)).transpose()?;
                (Some((reader, found)), token)
            }
            None => (None, session.first(FIND, &[&digest], |row| facts(row, 0)).await?),
        };
        if token != known {
            self.remember(claim.digest, token.as_ref());
        }
        let Some(reader) = token.as_ref().and_then(|token| claim.reader(token)) else { return Ok((token, None)) };
        let seen = match found {
            Some((guessed, found)) if guessed == reader => {
                if found.first().map(|row| row.holds(0)).transpose()? == Some(true) {
                    shown(&found, reader, read)?
                } else {
                    view_moved(session, sql, project, reader, values, read).await?
                }
            }
            _ => view(session, sql, project, reader, values, read).await?,
        };
        Ok((token, seen))
    }
}
