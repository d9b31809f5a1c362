//! The server: the use cases on a store, the app that every worker runs, and its limits.

use std::net::TcpListener;
use std::sync::Arc;

use actix_web::App;
use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data};

use release_links_domain::location::ExternalUrl;
use release_links_ports::{Clock, DatabaseKey, Entropy, Storage};
use release_links_usecases::{
    Authentication, Channels, Files, Groups, History, Manifests, Members, OwnFiles, Packages, PermanentLinks, Projects,
    ProtectedTags, ReleaseLinks, Releases, Tags, Tickets, TokenUses, Tokens, Uploads, Users,
};

use crate::body::Bodies;
use crate::large::LargeAnswers;
use crate::observe::observe;
use crate::openapi::Document;
use crate::operation::Router;
use crate::operations::{all, answer};
use crate::uploads::UploadTurns;
use crate::{Drain, Limits, Service, TrustedProxies, connection};

impl Service {
    /// Returns the use cases on `storage`, on `files` for the bytes of files, and with the key of tickets that open files.
    #[must_use]
    pub fn new(
        storage: Storage,
        files: OwnFiles,
        ticket_key: DatabaseKey,
        uses: &Arc<TokenUses>,
        clock: &Arc<dyn Clock>,
        entropy: &Arc<dyn Entropy>,
        external: ExternalUrl,
    ) -> Self {
        let Storage {
            channels,
            credentials,
            groups,
            health,
            history,
            kept_files: _,
            links,
            members,
            packages,
            projects,
            protected_tags,
            releases,
            tags,
            keys: _,
            tokens,
            users,
            uploads,
        } = storage;
        let tickets = Tickets::new(ticket_key, external.clone(), projects.clone());
        Self {
            authentication: Authentication::new(credentials, uses.clone(), clock.clone()),
            links: ReleaseLinks::new(links.clone(), clock.clone()),
            manifests: Manifests::new(ReleaseLinks::new(links.clone(), clock.clone()), releases.clone()),
            releases: Releases::new(releases.clone(), clock.clone()),
            permanent: PermanentLinks::new(links, releases, tickets.clone(), clock.clone()),
            files: Files::new(
                packages.clone(),
                uploads.clone(),
                files,
                tickets.clone(),
                clock.clone(),
                entropy.clone(),
            ),
            channels: Channels::new(channels, clock.clone()),
            tags: Tags::new(tags),
            uploads: Uploads::new(uploads, tickets, clock.clone()),
            users: Users::new(users.clone(), clock.clone()),
            tokens: Tokens::new(tokens, users, projects.clone(), clock.clone(), entropy.clone()),
            groups: Groups::new(groups, clock.clone()),
            history: History::new(history),
            packages: Packages::new(packages, clock.clone()),
            projects: Projects::new(projects, clock.clone()),
            members: Members::new(members, clock.clone()),
            protected_tags: ProtectedTags::new(protected_tags),
            health,
            external,
            trusted_proxies: TrustedProxies::default(),
            drain: Drain::default(),
            metrics: None,
        }
    }
}

/// Serves `service` on `listener` until the server's handle stops it. The caller handles signals.
///
/// # Errors
/// Returns an error if the listener cannot be used, or if two operations have the same path.
pub fn serve(listener: TcpListener, service: Service, limits: Limits) -> std::io::Result<Server> {
    let drain = service.drain.clone();
    let metrics = service.metrics.clone();
    let counts = metrics.as_ref().map(|metrics| metrics.uploads.clone()).unwrap_or_default();
    let service = Data::new(service);
    let bodies = Data::new(Bodies::new(&limits));
    let uploads = Data::new(UploadTurns::new(&limits, counts));
    let large_answers = Data::new(LargeAnswers::default());
    let document = Data::new(Document::default());
    let router = Data::new(Router::new(all().collect()).map_err(std::io::Error::other)?);
    connection::run(listener, limits, drain, connection::workers(), move || {
        let metrics = metrics.clone();
        App::new()
            .app_data(service.clone())
            .app_data(bodies.clone())
            .app_data(uploads.clone())
            .app_data(large_answers.clone())
            .app_data(router.clone())
            .app_data(document.clone())
            .wrap(from_fn(move |request, next| observe(request, next, metrics.clone())))
            .default_service(web::to(answer))
    })
}
