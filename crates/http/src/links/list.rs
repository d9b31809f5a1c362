//! `GET …/links`: a page, in the order of the release.

use release_links_usecases::ListedLinks;

use super::shape::LinkBody;
use crate::addresses::TagAddress;
use crate::long_lists;
use crate::operation::ParametersThenCaller;
use crate::pagination::PageParameters;
use crate::reply::Reply;

pub(super) async fn list(asked: ParametersThenCaller<TagAddress, PageParameters>) -> Reply {
    let ParametersThenCaller { incoming, address, parameters: PageParameters { page }, caller } = asked;
    let service = &incoming.service;
    let ListedLinks { project, tag, links: found } = service.links.list(&caller, &address.release(), page).await?;
    let (links, assets) = (service.links.clone(), service.external.assets(&project, &tag));
    let read_on = move |unread| {
        let links = links.clone();
        async move { links.read_on(unread).await }
    };
    let shape = move |link| LinkBody::of(link, &assets);
    long_lists::page(&incoming, page, found, read_on, shape).await
}
