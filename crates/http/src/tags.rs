//! `/projects/:id/repository/tags` (docs/contract.md, "Releases"), for tools that read tags.

use actix_web::HttpResponse;
use release_links_domain::tag::TagSearch;
use release_links_usecases::TagShown;
use serde::Serialize;

use crate::fields::Fields;
use crate::incoming::Incoming;
use crate::long_lists;
use crate::pagination::page_request;
use crate::reply::{Reply, ok};

/// A tag as clients see it.
#[derive(Debug, Serialize)]
struct TagBody {
    name: String,
    message: Option<String>,
    target: String,
    commit: CommitBody,
    release: Option<ReleaseBody>,
    protected: bool,
}

/// Always an object, because clients read its fields unconditionally; they are empty if the tag's commit is unknown.
#[derive(Debug, Serialize)]
struct CommitBody {
    id: String,
    short_id: String,
}

#[derive(Debug, Serialize)]
struct ReleaseBody {
    tag_name: String,
    description: Option<String>,
}

impl TagBody {
    fn new(TagShown { tag, protected }: TagShown) -> Self {
        let id = tag.commit().unwrap_or_default().to_owned();
        let short_id = id.get(..8).unwrap_or_default().to_owned();
        let tag_name = tag.name.to_string();
        Self {
            name: tag.name.into(),
            message: tag.message,
            target: tag.target.unwrap_or_default(),
            commit: CommitBody { id, short_id },
            release: tag.release.map(|release| ReleaseBody { tag_name, description: release.description }),
            protected,
        }
    }
}

pub(crate) async fn list(incoming: Incoming, mut fields: Fields) -> Reply {
    let page = page_request(&mut fields);
    let search = fields.text("search").filter(|text| !text.is_empty()).map(|text| TagSearch::from(text.as_str()));
    let caller = incoming.caller().await?;
    let service = &incoming.service;
    let found = service.tags.list(&caller, &incoming.path.id, fields.finish((search, page))).await?;
    let tags = service.tags.clone();
    let read_on = move |unread| {
        let tags = tags.clone();
        async move { tags.read_on(unread).await }
    };
    long_lists::page(&incoming, page, found, read_on, TagBody::new).await
}

pub(crate) async fn get(incoming: Incoming) -> Reply {
    let caller = incoming.caller().await?;
    let tag = incoming.service.tags.get(&caller, &incoming.release_address()).await?;
    ok(&incoming.request, &TagBody::new(tag))
}

pub(crate) async fn delete(incoming: Incoming) -> Reply {
    let caller = incoming.caller().await?;
    incoming.service.tags.delete(&caller, &incoming.release_address()).await?;
    Ok(HttpResponse::NoContent().finish())
}
