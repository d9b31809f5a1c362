//! `release-links token …`: creates, lists and revokes tokens directly in the database, without a server.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Arc;

use release_links_domain::token::is_expired;
use release_links_ports::Clock as _;
use release_links_usecases::{LocalTokens, TokenDraft, TokenShown};

use crate::ambient::{SystemClock, SystemEntropy};
use crate::arguments::{DatabaseArguments, TokenCommand};
use crate::database::{Database, Opened};

/// Runs the command and prints only its result on stdout.
///
/// # Errors
/// Returns a message for the operator; nothing was changed then.
pub(crate) async fn token(command: TokenCommand) -> Result<(), Box<dyn std::error::Error>> {
    match command {
        TokenCommand::Create { user, scopes, expires_at, name, database } => {
            let draft = TokenDraft { name, description: None, scopes: scopes.try_into()?, expires_on: expires_at };
            let database = open(database).await?;
            let secret = tokens(&database).create(&user, draft).await?;
            if let Some(day) = expires_at.filter(|_| is_expired(expires_at, SystemClock.now())) {
                tracing::warn!("the token has expired already: --expires-at {day} is not after today, in UTC");
            }
            print(secret.reveal())?;
        }
        TokenCommand::List { user, database } => {
            let database = open(database).await?;
            print(&table(&tokens(&database).list(&user).await?))?;
        }
        TokenCommand::Revoke { id, database } => {
            let database = open(database).await?;
            tokens(&database).revoke(id).await?;
            print(&format!("revoked token {id}"))?;
        }
    }
    Ok(())
}

/// Prints one line on stdout, or fails: a token that nobody sees is useless.
fn print(line: &str) -> std::io::Result<()> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{line}").and_then(|()| stdout.flush())
}

async fn open(arguments: DatabaseArguments) -> Result<Opened, Box<dyn std::error::Error>> {
    Database::try_from(arguments)?.open_existing().await
}

fn tokens(database: &Opened) -> LocalTokens {
    let (tokens, users) = (database.ports.tokens.clone(), database.ports.users.clone());
    LocalTokens::new(tokens, users, Arc::new(SystemClock), Arc::new(SystemEntropy))
}

/// One line of tab-separated values for each token.
fn table(tokens: &[TokenShown]) -> String {
    let mut text = String::from("id\tname\tscopes\tstate\texpires_at\tlast_used_at");
    for TokenShown { record, active } in tokens {
        let scopes: Vec<_> = record.scopes.iter().map(|scope| scope.as_str()).collect();
        let state = match (record.revoked, active) {
            (true, _) => "revoked",
            (false, true) => "active",
            (false, false) => "expired",
        };
        // A name is free text: escaped, it cannot break out of its line.
        let name = record.name.escape_debug();
        let expires_at = record.expires_on.map(|day| day.to_string()).unwrap_or_default();
        let last_used_at = record.last_used_at.map(|at| format!("{at:.0}")).unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = write!(text, "\n{}\t{name}\t{}\t{state}\t{expires_at}\t{last_used_at}", record.id, scopes.join(","));
    }
    text
}
