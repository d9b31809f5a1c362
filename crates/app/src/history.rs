//! `release-links release thaw` and `release-links history prune`: what an operator does to immutable releases and histories,
//! directly in the database, without a server.

use std::io::Write as _;
use std::sync::Arc;

use release_links_usecases::LocalHistory;

use crate::ambient::SystemClock;
use crate::arguments::{DatabaseArguments, HistoryCommand, ReleaseCommand};
use crate::database::{Database, Opened};

/// Makes an immutable release changeable again.
///
/// # Errors
/// Returns a message for the operator; nothing was changed then.
pub(crate) async fn release(command: ReleaseCommand) -> Result<(), Box<dyn std::error::Error>> {
    let ReleaseCommand::Thaw { project, tag, database } = command;
    let database = open(database).await?;
    history(&database).thaw(&project, &tag).await?;
    Ok(print(&format!("the release {tag:?} can be changed again"))?)
}

/// Drops the rows from before a day.
///
/// # Errors
/// Returns a message for the operator; some rows may have been dropped then.
pub(crate) async fn prune(command: HistoryCommand) -> Result<(), Box<dyn std::error::Error>> {
    let HistoryCommand::Prune { before, database } = command;
    let database = open(database).await?;
    let dropped = history(&database).prune(before).await?;
    Ok(print(&format!("dropped {dropped} {}", if dropped == 1 { "row" } else { "rows" }))?)
}

/// Prints one line on stdout.
fn print(line: &str) -> std::io::Result<()> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{line}").and_then(|()| stdout.flush())
}

async fn open(arguments: DatabaseArguments) -> Result<Opened, Box<dyn std::error::Error>> {
    Database::try_from(arguments)?.open_existing().await
}

fn history(database: &Opened) -> LocalHistory {
    let (releases, history) = (database.ports.releases.clone(), database.ports.history.clone());
    LocalHistory::new(releases, history, Arc::new(SystemClock))
}
