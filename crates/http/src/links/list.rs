//! `GET …/links`: a page, newest first.

use super::LinkBody;
use crate::fields::Fields;
use crate::incoming::Incoming;
use crate::long_lists;
use crate::pagination::page_request;
use crate::reply::Reply;

pub(crate) async fn list(incoming: Incoming, mut fields: Fields) -> Reply {
    let wanted = page_request(&mut fields);
    let wanted = fields.finish(wanted)?;
    let caller = incoming.caller().await?;
    let service = &incoming.service;
    let found = service.links.list(&caller, &incoming.release_address(), wanted).await?;
    let (links, external) = (service.links.clone(), service.external.clone());
    let read_on = move |unread| {
        let links = links.clone();
        async move { links.read_on(unread).await }
    };
    let shape = move |link| LinkBody::new(link, &external);
    long_lists::page(&incoming, wanted, found, read_on, shape).await
}
