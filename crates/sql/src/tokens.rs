//! The table of tokens, and the conversion of its rows.

use release_links_domain::ProjectId;
use release_links_domain::access::AccessLevel;
use release_links_domain::policy::SudoUser;
use release_links_domain::token::{Scope, TokenFacts, TokenKind};
use release_links_ports::{NewJobToken, NewToken, Renewal, TokenOrder, TokenRecord};

use crate::{Cells, Column, SqlRow};

columns! {
    ($) token_columns = numbered "tokens" {
        id: Integer read,
        kind: Text read,
        digest: Bytes,
        user_id: Integer read,
        project_id: Integer read,
        name: Text read,
        scopes: Text read,
        created_at: Integer read,
        last_used_at: Integer read,
        expires_on: Text read,
        ends_at: Integer read,
        revoked: Boolean read,
        description: Text read,
    }
}

/// The columns of token `t` and, for a project token, the level of its bot as the member `m` of the project.
#[macro_export]
macro_rules! token_selection {
    () => {
        concat!($crate::token_columns!("t"), ", m.level")
    };
}

const LEVEL: Column = Column { at: COUNT, name: "level of its bot" };
const ADMINISTRATOR: Column = Column { at: COUNT + 1, name: "administrator of its user" };
const BOT: Column = Column { at: COUNT + 2, name: "bot of its user" };

/// The number of columns that [`facts`] reads.
pub const FACTS: usize = BOT.at + 1;

fn kind<R: SqlRow>(cells: &Cells<'_, R>) -> Result<TokenKind, R::Failure> {
    enum Word {
        Personal,
        Project,
        Job,
    }
    let word = cells.word(COLUMNS.kind, |word| match word {
        "personal" => Some(Word::Personal),
        "project" => Some(Word::Project),
        "job" => Some(Word::Job),
        _ => None,
    })?;
    Ok(match word {
        Word::Personal => TokenKind::Personal,
        Word::Project => TokenKind::Project { project: cells.number(COLUMNS.project_id)? },
        Word::Job => {
            TokenKind::Job { project: cells.number(COLUMNS.project_id)?, ends_at: cells.time(COLUMNS.ends_at)? }
        }
    })
}

/// Reads what authentication needs of a token. The columns, starting at `at`, are those of `token_selection!`, and
/// whether the token's user is an administrator and a bot.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn facts<R: SqlRow>(row: &R, at: usize) -> Result<TokenFacts, R::Failure> {
    let cells = Cells::new(row, TABLE.name, at)?;
    let kind = kind(&cells)?;
    let level: Option<AccessLevel> = cells.optional_number(LEVEL)?;
    Ok(TokenFacts {
        id: cells.id()?,
        kind,
        user: cells.optional_number(COLUMNS.user_id)?,
        administrator: cells.optional_boolean(ADMINISTRATOR)?.unwrap_or(false),
        bot: cells.optional_boolean(BOT)?.unwrap_or(false),
        scopes: cells.words(COLUMNS.scopes)?,
        expires_on: cells.optional_text(COLUMNS.expires_on)?,
        revoked: kind.is_revoked(cells.boolean(COLUMNS.revoked)?, level),
    })
}

/// Reads the user that the bearer of a token asks to act as; `None` if the columns are null. They follow those of
/// [`facts`], which start at `at`: id, and whether the user is an administrator and a bot.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn sudo_user<R: SqlRow>(row: &R, at: usize) -> Result<Option<SudoUser>, R::Failure> {
    let administrator = Column { at: 1, name: "administrator" };
    let bot = Column { at: 2, name: "bot" };
    let Some(cells) = Cells::maybe(row, crate::users::TABLE.name, at + BOT.at + 1)? else { return Ok(None) };
    Ok(Some(SudoUser { id: cells.id()?, administrator: cells.boolean(administrator)?, bot: cells.boolean(bot)? }))
}

/// Reads a token from the columns of `token_selection!`, starting at `at`.
///
/// # Errors
/// [`Corrupt`](crate::Corrupt).
pub fn record<R: SqlRow>(row: &R, at: usize) -> Result<TokenRecord, R::Failure> {
    let cells = Cells::new(row, TABLE.name, at)?;
    let kind = kind(&cells)?;
    let level: Option<AccessLevel> = cells.optional_number(LEVEL)?;
    Ok(TokenRecord {
        id: cells.id()?,
        kind,
        user: cells.number(COLUMNS.user_id)?,
        // The join finds any membership, but only a project token has a level of its own.
        level: level.filter(|_| matches!(kind, TokenKind::Project { .. })),
        name: cells.string(COLUMNS.name)?,
        description: cells.optional_stored(COLUMNS.description)?,
        scopes: cells.words(COLUMNS.scopes)?,
        expires_on: cells.optional_text(COLUMNS.expires_on)?,
        revoked: kind.is_revoked(cells.boolean(COLUMNS.revoked)?, level),
        created_at: cells.time(COLUMNS.created_at)?,
        last_used_at: cells.optional_time(COLUMNS.last_used_at)?,
    })
}

/// Returns the `ORDER BY` of a list of tokens `t`. `name`, `expiry` and `last_use` are the dialect's expressions: the name
/// whatever its case, and values beyond all others for null.
#[must_use]
pub fn order_by(order: TokenOrder, [name, expiry, last_use]: [&str; 3]) -> String {
    let (key, rest) = match order {
        TokenOrder::CreatedAscending => ("t.created_at", ", t.id"),
        TokenOrder::CreatedDescending => ("t.created_at", " DESC, t.id DESC"),
        TokenOrder::NameAscending => (name, ", t.id"),
        TokenOrder::NameDescending => (name, " DESC, t.id DESC"),
        TokenOrder::ExpiresAscending => (expiry, ", t.id"),
        TokenOrder::ExpiresAscendingIdDescending => (expiry, ", t.id DESC"),
        TokenOrder::LastUsedAscending => (last_use, ", t.id"),
        TokenOrder::LastUsedDescending => (last_use, " DESC, t.id DESC"),
    };
    format!("{key}{rest}")
}

/// The values of a new row besides digest, user and name.
pub struct NewRow {
    /// The value of the column `kind`.
    pub kind: &'static str,
    /// The project it belongs to.
    pub project: Option<i64>,
    /// The scopes, separated by spaces.
    pub scopes: String,
    /// The creation time, in milliseconds since the epoch.
    pub created_at: i64,
    /// The first day on which the token is expired.
    pub expires_on: Option<String>,
    /// When a job token expires, in milliseconds since the epoch.
    pub ends_at: Option<i64>,
}

impl NewRow {
    /// Returns the row of a new token of this kind.
    #[must_use]
    pub fn of(kind: TokenKind, new: &NewToken) -> Self {
        let (word, ends_at) = match kind {
            TokenKind::Personal => ("personal", None),
            TokenKind::Project { .. } => ("project", None),
            TokenKind::Job { ends_at, .. } => ("job", Some(ends_at.as_millisecond())),
        };
        let scopes: Vec<&str> = new.scopes.iter().copied().map(Scope::as_str).collect();
        Self {
            kind: word,
            project: kind.project().map(ProjectId::get),
            scopes: scopes.join(" "),
            created_at: new.created_at.as_millisecond(),
            expires_on: new.expires_on.map(|day| day.to_string()),
            ends_at,
        }
    }
}

/// Returns the token of a CI job, which has no scopes and no expiry date.
#[must_use]
pub fn of_job(new: &NewJobToken) -> NewToken {
    let NewJobToken { digest, created_at, .. } = *new;
    NewToken { name: "job".to_owned(), description: None, scopes: Vec::new(), expires_on: None, digest, created_at }
}

/// Returns the token that replaces `old`. It keeps the name, the description, the scopes and, unless the renewal sets one, the expiry
/// date.
#[must_use]
pub fn renewed(old: TokenRecord, renewal: &Renewal) -> NewToken {
    NewToken {
        name: old.name,
        description: old.description,
        scopes: old.scopes,
        expires_on: renewal.expires_on.or(old.expires_on),
        digest: renewal.digest,
        created_at: renewal.created_at,
    }
}
