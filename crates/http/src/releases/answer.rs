//! Answers with one release.

use actix_web::http::header::EntityTag;
use release_links_domain::location::ExternalUrl;
use release_links_ports::Precondition;
use release_links_usecases::ReleaseShown;

use super::shape::ReleaseBody;
use crate::Limits;
use crate::error::ApiError;
use crate::incoming::Incoming;
use crate::large;
use crate::reply::{self, Head, Reply};

/// Whether a release is too large to be serialised on a worker thread.
pub(super) fn is_large(shown: &ReleaseShown) -> bool {
    shown.release.is_partial() || text(shown) > Limits::SMALL_RELEASE
}

/// Returns the size of a release's text in bytes.
fn text(shown: &ReleaseShown) -> usize {
    let release = &shown.release;
    let description = release.description.as_ref().map_or(0, String::len);
    description + release.links.iter().map(|link| link.fields.text_bytes()).sum::<usize>()
}

/// Answers with a release that is not [large](is_large).
pub(super) fn small(incoming: &Incoming, head: Head, release: ReleaseShown) -> Reply {
    reply::one_with(&incoming.request, head, &ReleaseBody::new(release, &incoming.service.external))
}

/// Answers with a release that may be large. The caller holds the permit of [`large::serialising`].
pub(super) async fn large(incoming: &Incoming, head: Head, release: ReleaseShown) -> Reply {
    let service = incoming.service.clone();
    // A character takes up to six bytes in JSON, and a link also has keys and an address.
    let length = 6 * text(&release) + 1024 * release.release.links.len();
    reply::large(&incoming.request, head, length, move || ReleaseBody::new(release, &service.external)).await
}

/// Answers with a release of any size after a write.
pub(super) async fn written(incoming: &Incoming, head: Head, release: ReleaseShown) -> Reply {
    if !is_large(&release) {
        return small(incoming, head, release);
    }
    let _serialising = large::serialising(&incoming.request).await?;
    large(incoming, head, release).await
}

/// Returns the `ETag` of a release.
pub(crate) fn tag_of(release: &ReleaseShown, external: &ExternalUrl) -> Result<EntityTag, ApiError> {
    reply::tag_of(&ReleaseBody::new(release.clone(), external))
}

/// Returns the precondition of a write to a release.
pub(super) fn precondition(incoming: &Incoming) -> Precondition<ReleaseShown> {
    let external = incoming.service.external.clone();
    incoming.preconditions.clone().on(move |release| Some(tag_of(release, &external).ok()?.tag().to_owned()))
}
