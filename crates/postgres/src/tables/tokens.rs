//! The table of tokens.

use release_links_domain::UserId;
use release_links_domain::description::ShortDescription;
use release_links_domain::token::TokenKind;
use release_links_ports::{NewToken, TokenRecord, WriteError};
use release_links_sql::token_selection;
use release_links_sql::tokens::{NewRow, record};

use crate::query::{Session, Values, statements};
use crate::tables::users::IS_THERE;
use crate::view::{viewed, views};

/// Joins a token `t` with its user's membership `m` in its project, if there is one.
macro_rules! BOT {
    () => {
        "LEFT JOIN project_members m ON m.project_id = t.project_id AND m.user_id = t.user_id"
    };
}

/// The condition that a project token is not revoked.
macro_rules! IN_FORCE {
    () => {
        "t.kind = 'project' AND NOT t.revoked AND m.level IS NOT NULL"
    };
}

/// Whether the project of a token, if it has one, is not deleted.
macro_rules! PROJECT_IS_THERE {
    () => {
        "(t.project_id IS NULL OR (SELECT TRUE FROM projects tp JOIN namespaces tn ON tn.id = tp.namespace_id
            WHERE tp.id = t.project_id AND tn.full_path IS NOT NULL))"
    };
}

/// Whether neither the user nor the project of a token is deleted.
macro_rules! OWNER_IS_THERE {
    () => {
        concat!(
            "(SELECT TRUE FROM users u WHERE u.id = t.user_id AND ",
            $crate::tables::users::IS_THERE!(),
            ") AND ",
            $crate::tables::tokens::PROJECT_IS_THERE!()
        )
    };
}

/// The token with the digest `$digest`, with further columns of what it is joined with.
macro_rules! found {
    ($digest:literal, $columns:literal, $join:expr) => {
        concat!(
            "SELECT ",
            token_selection!(),
            ", u.administrator, u.bot",
            $columns,
            " FROM tokens t ",
            BOT!(),
            " LEFT JOIN users u ON u.id = t.user_id AND ",
            IS_THERE!(),
            $join,
            " WHERE t.digest = ",
            $digest,
            " AND (t.user_id IS NULL OR u.id IS NOT NULL) AND ",
            PROJECT_IS_THERE!()
        )
    };
}

pub(crate) use {BOT, IN_FORCE, OWNER_IS_THERE, PROJECT_IS_THERE};

views! {
    GET_OF_PROJECT = viewed!(concat!(token_selection!(), " FROM tokens t ", BOT!(), " WHERE t.id = $3 AND t.project_id = p.id AND ",
        IN_FORCE!()));
}

statements! {
    FIND = found!("$1", "", "");
    // The other user's id is $2, or else the username $3.
    FIND_WITH_USER = found!("$1", ", s.id, s.administrator, s.bot", concat!(" LEFT JOIN (
        SELECT u.id, u.administrator, u.bot FROM users u
        WHERE u.id = COALESCE($2, (SELECT n.user_id FROM namespaces n WHERE lower(n.full_path) = lower($3 COLLATE \"C\")))
            AND ", IS_THERE!(), ") s ON TRUE"));
    GET = concat!("SELECT ", token_selection!(), " FROM tokens t ", BOT!(), " WHERE t.id = $1 AND ", OWNER_IS_THERE!());
    // These delay a concurrent deletion of the project, and then of the user, until the token is created.
    LOCK_PROJECT = "SELECT 1 FROM projects p JOIN namespaces n ON n.id = p.namespace_id
        WHERE p.id = $1 AND n.full_path IS NOT NULL FOR KEY SHARE OF p";
    LOCK_USER = concat!("SELECT 1 FROM users u WHERE u.id = $1 AND ", IS_THERE!(), " FOR KEY SHARE OF u");
    INSERT = concat!("WITH t AS (
            INSERT INTO tokens (kind, digest, user_id, project_id, name, scopes, created_at, expires_on, ends_at,
                description)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (digest) DO NOTHING RETURNING *
        ) SELECT ", token_selection!(), " FROM t ", BOT!());
    REVOKE_PERSONAL = concat!("UPDATE tokens t SET revoked = TRUE WHERE t.id = $1 AND t.kind = 'personal' AND ",
        OWNER_IS_THERE!());
    // In the order of ids, so that servers that record uses of the same tokens do not deadlock.
    RECORD_USES = "WITH used AS (
            SELECT t.id, u.at FROM (
                SELECT id, max(at) AS at FROM unnest($1::bigint[], $2::bigint[]) AS u (id, at) GROUP BY id
            ) u JOIN tokens t ON t.id = u.id
            WHERE t.last_used_at IS NULL OR t.last_used_at < u.at ORDER BY t.id FOR NO KEY UPDATE OF t
        ) UPDATE tokens SET last_used_at = used.at FROM used WHERE tokens.id = used.id";
}

/// A statement of one row, with parameters up to `$values`, in which [`FIND`] finds the token with the digest in the next
/// one. The columns of `sql` come first, and are null if it finds nothing; without the token there is no row.
pub fn with_bearer(sql: &str, values: usize) -> String {
    let found = found!("$digest", "", "").replace("$digest", &format!("${}", values + 1));
    format!("SELECT viewed.*, bearer.* FROM ({found}) bearer LEFT JOIN ({sql}) viewed ON TRUE")
}

/// Inserts a token of a locked user. A digest that exists is a conflict.
pub async fn insert_token(
    session: &Session,
    kind: TokenKind,
    user: UserId,
    new: &NewToken,
) -> Result<TokenRecord, WriteError<()>> {
    let NewRow { kind, project, scopes, created_at, expires_on, ends_at } = NewRow::of(kind, new);
    let digest = new.digest.0.as_slice();
    let description = new.description.as_ref().map(ShortDescription::as_str);
    let (user, name) = (user.get(), &new.name);
    let values: Values<'_> =
        &[&kind, &digest, &user, &project, name, &scopes, &created_at, &expires_on, &ends_at, &description];
    session.first(INSERT, values, |row| record(row, 0)).await?.ok_or(WriteError::Conflict(()))
}

/// Creates a personal access token, within a transaction.
pub async fn create_personal(session: &Session, user: UserId, new: &NewToken) -> Result<TokenRecord, WriteError<()>> {
    if !session.exists(LOCK_USER, &[&user.get()]).await? {
        return Err(WriteError::Gone);
    }
    insert_token(session, TokenKind::Personal, user, new).await
}
