//! An answer that is one release.

use actix_web::http::StatusCode;
use release_links_usecases::ReleaseShown;

use super::shape::ReleaseBody;
use crate::Limits;
use crate::incoming::Incoming;
use crate::large;
use crate::reply::{self, Reply};

/// Whether a release is more than a worker puts into words.
pub(super) fn is_large(shown: &ReleaseShown) -> bool {
    shown.release.is_partial() || text(shown) > Limits::SMALL_RELEASE
}

/// How many bytes of text a release has.
fn text(shown: &ReleaseShown) -> usize {
    let release = &shown.release;
    let description = release.description.as_ref().map_or(0, String::len);
    let links = release.links.iter().map(|link| link.fields.name.as_str().len() + link.fields.url.as_str().len());
    description + links.sum::<usize>()
}

/// A release that is not [large](is_large).
pub(super) fn small(incoming: &Incoming, status: StatusCode, release: ReleaseShown) -> Reply {
    reply::one(&incoming.request, status, &ReleaseBody::new(release, &incoming.service.external))
}

/// A release that may be large. The caller holds what [`large::making`] gives.
pub(super) async fn large(incoming: &Incoming, status: StatusCode, release: ReleaseShown) -> Reply {
    let service = incoming.service.clone();
    // In JSON a character takes up to six bytes, and a link has keys and an address besides.
    let length = 6 * text(&release) + 1024 * release.release.links.len();
    reply::large(&incoming.request, status, length, move || ReleaseBody::new(release, &service.external)).await
}

/// A release of any size, after a write.
pub(super) async fn written(incoming: &Incoming, status: StatusCode, release: ReleaseShown) -> Reply {
    if !is_large(&release) {
        return small(incoming, status, release);
    }
    let _making = large::making(&incoming.request).await?;
    large(incoming, status, release).await
}
