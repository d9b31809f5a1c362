//! `GET /projects/:id/releases`: a page, newest first by default.

use release_links_ports::{ReleaseOrder, ReleaseSort};

use super::shape::ReleaseBody;
use crate::fields::{Fields, NOT_A_VALID_VALUE};
use crate::incoming::Incoming;
use crate::long_lists;
use crate::pagination::page_request;
use crate::reply::Reply;

pub(crate) async fn list(incoming: Incoming, mut fields: Fields) -> Reply {
    let page = page_request(&mut fields);
    let order = match fields.text("order_by").as_deref() {
        None | Some("released_at") => ReleaseOrder::ReleasedAt,
        Some("created_at") => ReleaseOrder::CreatedAt,
        Some(_) => {
            fields.fault("order_by", NOT_A_VALID_VALUE);
            ReleaseOrder::default()
        }
    };
    let sort = match fields.text("sort").as_deref() {
        None | Some("desc") => ReleaseSort::Descending,
        Some("asc") => ReleaseSort::Ascending,
        Some(_) => {
            fields.fault("sort", NOT_A_VALID_VALUE);
            ReleaseSort::default()
        }
    };
    let caller = incoming.caller().await?;
    let service = &incoming.service;
    let wanted = fields.finish((order, sort, page));
    let found = service.releases.list(&caller, &incoming.path.id, wanted).await?;
    let (releases, external) = (service.releases.clone(), service.external.clone());
    let read_on = move |unread| {
        let releases = releases.clone();
        async move { releases.read_on(unread).await }
    };
    let shape = move |release| ReleaseBody::new(release, &external);
    long_lists::page(&incoming, page, found, read_on, shape).await
}
