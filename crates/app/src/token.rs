//! `release-links token …`: what is done with tokens on the database itself, without a server (contract section 10).

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use release_links_sqlite::SqliteStore;
use release_links_usecases::{LocalTokens, TokenDraft, TokenShown};

use crate::ambient::{SystemClock, SystemEntropy};
use crate::arguments::TokenCommand;
use crate::settings::{SettingsError, database};

/// Does what was asked and prints what was asked for, alone, on stdout.
///
/// # Errors
/// With a message for the operator; nothing was changed then.
pub(crate) async fn token(command: TokenCommand) -> Result<(), Box<dyn std::error::Error>> {
    match command {
        TokenCommand::Create { user, scopes, expires_at, name, database } => {
            let store = Opened::at(&database.url)?;
            let draft = TokenDraft { name, scopes, expires_on: expires_at };
            let secret = store.tokens().create(&user, draft).await?;
            print(secret.reveal())?;
        }
        TokenCommand::List { user, database } => {
            let store = Opened::at(&database.url)?;
            print(&table(&store.tokens().list(&user).await?))?;
        }
        TokenCommand::Revoke { id, database } => {
            let store = Opened::at(&database.url)?;
            store.tokens().revoke(id).await?;
            print(&format!("revoked token {id}"))?;
        }
    }
    Ok(())
}

/// One line on stdout; whoever asked for a token must have got it.
fn print(line: &str) -> std::io::Result<()> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{line}").and_then(|()| stdout.flush())
}

/// An existing database, closed in order however the command ends.
struct Opened(Arc<SqliteStore>);

impl Opened {
    fn at(url: &str) -> Result<Self, Box<dyn std::error::Error>> {
        let path: PathBuf = database(url).ok_or(SettingsError::Database)?;
        // To open would be to make one, with nobody in it.
        if !path.exists() {
            return Err(format!("there is no database {}", path.display()).into());
        }
        Ok(Self(Arc::new(SqliteStore::open(&path)?)))
    }

    fn tokens(&self) -> LocalTokens {
        LocalTokens::new(self.0.clone(), self.0.clone(), Arc::new(SystemClock), Arc::new(SystemEntropy))
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// A line for each token, with tabs between.
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
