//! `release-links serve`: wires everything, announces the address, and shuts down gracefully.

use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use futures_util::future::select;
use jiff::Timestamp;
use release_links_files::{FilesPlace, ObjectFiles};
use release_links_http::{Drain, Limits, Service, turn_away};
use release_links_ports::{Clock, Entropy, KeyUse};
use release_links_usecases::{FileSweeper, OwnFiles, Setup, SetupOutcome, Swept, TokenUses, database_key};
use sd_notify::NotifyState;

use crate::ambient::{SystemClock, SystemEntropy};
use crate::causes::chain;
use crate::database::Opened;
use crate::root_token;
use crate::settings::Settings;
use crate::signals::{StopSignals, survive_hangups};
use crate::{descriptors, metrics};

/// How often the times when tokens were last used are stored.
const FLUSH_INTERVAL: Duration = Duration::from_mins(1);

/// How often files that no row names are looked for.
const SWEEP_INTERVAL: Duration = Duration::from_hours(1);

/// What to do about a setting that has no effect.
const ROOT_TOKEN_IGNORED: &str = "RELEASE_LINKS_ROOT_TOKEN is ignored, because the database is in use: unset it. \
    For a new token of root, run `release-links token create --user root --scopes api` on this database.";

/// Serves until a signal arrives.
///
/// # Errors
/// Returns a message for the operator, before anything is served.
pub(crate) async fn serve(settings: Settings) -> Result<(), Box<dyn std::error::Error>> {
    survive_hangups()?;
    // The port comes first, so that a second server started by mistake does not touch the database.
    let listener = listen(settings.listen)?;
    let metrics = settings.metrics.map(listen).transpose()?;
    let address = listener.local_addr()?;
    let external = match settings.external {
        Some(external) => external,
        None => format!("http://{address}").parse()?,
    };
    let database = settings.database.open_to_serve(&external).await?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    let setup = Setup::new(database.ports.users.clone(), clock.clone(), entropy.clone());
    let chosen = settings.root_token.is_some();
    let first_start = setup.run("root".parse()?, settings.root_token).await?;
    if chosen && first_start == SetupOutcome::InUse {
        tracing::warn!("{ROOT_TOKEN_IGNORED}");
    }
    let uses = Arc::new(TokenUses::new(database.ports.tokens.clone()));
    let key = async |of| database_key(database.ports.keys.as_ref(), entropy.as_ref(), of).await;
    let files = Arc::new(ObjectFiles::open(&settings.files, settings.max_file_size)?);
    let files = OwnFiles::new(files, key(KeyUse::Files).await?);
    refuse_files_of_another(&files, &settings.files).await?;
    let sweeper = FileSweeper::new(database.ports.kept_files.clone(), files.clone());
    let ticket_key = key(KeyUse::Tickets).await?;
    let service = Service::new(database.ports.clone(), files, ticket_key, &uses, &clock, &entropy, external);
    let mut service = Service { trusted_proxies: settings.trusted_proxies, ..service };
    let metrics = metrics.map(|listener| serve_metrics(listener, &database, &mut service, clock.now())).transpose()?;
    let connections = descriptors::connections(settings.connections);
    let limits = Limits { keep_alive: settings.keep_alive, connections, ..Limits::default() };
    let drain = service.drain.clone();
    let door = listener.try_clone()?;
    let server = release_links_http::serve(listener, service, limits)?;
    stop_on_signals(server.handle(), door, drain, settings.drain)?;
    if let SetupOutcome::Random(token) = first_start {
        print_line(&root_token::hand_over(&token, &settings.database)?);
    }
    print_line(&format!("release-links {} listening on http://{address}", env!("CARGO_PKG_VERSION")));
    tell_systemd(&NotifyState::Ready);
    let flushing = actix_web::rt::spawn(flush_regularly(uses.clone()));
    let sweeping = actix_web::rt::spawn(sweep_regularly(sweeper, clock));
    server.await?;
    flushing.abort();
    sweeping.abort();
    if let Some(metrics) = metrics {
        metrics.stop(false).await;
    }
    flush(&uses).await;
    drop(database);
    tracing::info!("stopped");
    Ok(())
}

/// Binds a port.
fn listen(address: SocketAddr) -> Result<TcpListener, String> {
    TcpListener::bind(address).map_err(|error| format!("cannot listen on {address}: {error}"))
}

/// Refuses to serve a database beside the files of another one. It would be the wrong database, or the wrong files.
async fn refuse_files_of_another(files: &OwnFiles, place: &FilesPlace) -> Result<(), String> {
    match files.are_ours().await {
        Ok(true) => Ok(()),
        Ok(false) => Err(format!(
            "--files: {place} has the files of another database than this one; each needs a place of its own. To give these \
            files to this database, remove database/mark there."
        )),
        Err(error) => {
            tracing::warn!(why = chain(&error), "cannot tell whose files are at {place}");
            Ok(())
        }
    }
}

/// Makes the service count, and serves what it counts until the handle stops it.
fn serve_metrics(
    listener: TcpListener,
    database: &Opened,
    service: &mut Service,
    now: Timestamp,
) -> std::io::Result<ServerHandle> {
    let address = listener.local_addr()?;
    let (counts, server) = metrics::serve(listener, database, now)?;
    service.metrics = Some(counts);
    let handle = server.handle();
    actix_web::rt::spawn(server);
    print_line(&format!("release-links serves metrics at http://{address}/metrics"));
    Ok(handle)
}

/// Stores at intervals when tokens were last used, so that no request has to.
async fn flush_regularly(uses: Arc<TokenUses>) {
    loop {
        actix_web::rt::time::sleep(FLUSH_INTERVAL).await;
        flush(&uses).await;
    }
}

async fn flush(uses: &TokenUses) {
    if let Err(error) = uses.flush().await {
        tracing::warn!(%error, "cannot store when tokens were last used");
    }
}

/// Deletes at intervals the bytes of files that no row names.
async fn sweep_regularly(sweeper: FileSweeper, clock: Arc<dyn Clock>) {
    loop {
        match sweeper.sweep(clock.now()).await {
            Ok(swept) if swept == Swept::default() => {}
            Ok(Swept { files, bytes, unfinished }) => tracing::info!(files, bytes, unfinished, "swept files"),
            Err(error) => tracing::warn!(why = chain(&error), "cannot sweep files"),
        }
        actix_web::rt::time::sleep(SWEEP_INTERVAL).await;
    }
}

/// SIGTERM and SIGINT both stop the server: clients are told for a while, new connections are turned away, and the requests in
/// flight are answered. A second signal ends the while.
fn stop_on_signals(server: ServerHandle, door: TcpListener, drain: Drain, draining: Duration) -> std::io::Result<()> {
    let mut signals = StopSignals::new()?;
    actix_web::rt::spawn(async move {
        // Awaited outside of the macro, which evaluates its arguments only if the line is logged.
        let signal = signals.next().await;
        drain.begin();
        tell_systemd(&NotifyState::Stopping);
        tracing::info!(signal, "stopping");
        select(pin!(signals.next()), pin!(actix_web::rt::time::sleep(draining))).await;
        turn_away(door).await;
        server.stop(true).await;
    });
    Ok(())
}

/// Tells systemd what becomes of the service, if it has asked for that with `Type=notify`.
fn tell_systemd(state: &NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(std::slice::from_ref(state)) {
        tracing::warn!(%error, "cannot tell systemd {state}");
    }
}

/// Prints one line on stdout. If nobody reads it, the server continues.
fn print_line(line: &str) {
    let mut stdout = std::io::stdout().lock();
    let _ = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
}
