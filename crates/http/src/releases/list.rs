//! `GET /projects/:id/releases`: a page, newest first by default.

use super::parameters::ReleaseList;
use super::shape::ReleaseBody;
use crate::addresses::ProjectAddress;
use crate::long_lists;
use crate::operation::CallerThenParameters;
use crate::reply::Reply;

pub(super) async fn list(asked: CallerThenParameters<ProjectAddress, ReleaseList>) -> Reply {
    let CallerThenParameters { incoming, address, parameters, caller } = asked;
    let service = &incoming.service;
    let page = parameters.as_ref().map(|list| list.page).unwrap_or_default();
    let wanted = parameters.map(|list| (list.order_by, list.sort, list.page));
    let found = service.releases.list(&caller, &address.id, wanted).await?;
    let (releases, external) = (service.releases.clone(), service.external.clone());
    let read_on = move |unread| {
        let releases = releases.clone();
        async move { releases.read_on(unread).await }
    };
    let shape = move |release| ReleaseBody::new(release, &external);
    long_lists::page(&incoming, page, found, read_on, shape).await
}
