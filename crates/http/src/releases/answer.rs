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
    let release = &shown.release;
    let description = release.description.as_ref().map_or(0, String::len);
    let links = release.links.iter().map(|link| link.fields.name.as_str().len() + link.fields.url.as_str().len());
    release.is_partial() || description + links.sum::<usize>() > Limits::SMALL_RELEASE
}

/// A release that is not [large](is_large).
pub(super) fn small(incoming: &Incoming, status: StatusCode, release: ReleaseShown) -> Reply {
    reply::one(&incoming.request, status, &ReleaseBody::new(release, &incoming.service.external))
}

/// A release that may be large. The caller holds what [`large::making`] gives.
pub(super) async fn large(incoming: &Incoming, status: StatusCode, release: ReleaseShown) -> Reply {
    let service = incoming.service.clone();
    reply::large(&incoming.request, status, move || ReleaseBody::new(release, &service.external)).await
}

/// A release of any size, after a write.
pub(super) async fn written(incoming: &Incoming, status: StatusCode, release: ReleaseShown) -> Reply {
    if !is_large(&release) {
        return small(incoming, status, release);
    }
    let _making = large::making(&incoming.request).await?;
    large(incoming, status, release).await
}
