//! `/projects/:id/repository/tags` (docs/contract.md, "Releases"), for tools that read tags.

use release_links_domain::tag::{TagOrder, TagSearch};
use release_links_ports::{Sort, TagQuery};
use release_links_usecases::TagShown;
use serde::Serialize;
use utoipa::ToSchema;

use crate::addresses::{ProjectAddress, TagAddress};
use crate::long_lists;
use crate::operation::{self, Answer, CallerThenParameters, Operation, OrDefault, Refused, Text, parameters};
use crate::pagination::Page;
use crate::reply::{Reply, no_content, ok};
use crate::shapes::{CommitBody, time};
use crate::sorting::OneOf;

/// A tag as clients see it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = APIEntitiesTag)]
struct TagBody {
    name: String,
    #[schema(required = true)]
    message: Option<String>,
    target: String,
    commit: CommitBody,
    #[schema(required = true)]
    release: Option<ReleaseBody>,
    protected: bool,
    created_at: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = APIEntitiesTagRelease)]
struct ReleaseBody {
    tag_name: String,
    #[schema(required = true)]
    description: Option<String>,
}

impl TagBody {
    fn new(TagShown { tag, protected }: TagShown) -> Self {
        let message = tag.message.as_deref().unwrap_or_default();
        let commit = CommitBody::new(tag.commit().unwrap_or_default(), message, tag.created_at);
        let tag_name = tag.name.to_string();
        Self {
            name: tag.name.into(),
            message: tag.message,
            target: tag.target.unwrap_or_default(),
            commit,
            release: tag.release.map(|release| ReleaseBody { tag_name, description: release.description }),
            protected,
            created_at: time(tag.created_at),
        }
    }
}

const TAGS: &str = "/api/v4/projects/{id}/repository/tags";
const TAG: &str = "/api/v4/projects/{id}/repository/tags/{tag_name}";

/// Returns the operations on tags.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        operation::get(TAGS, "List the tags of a project", list).answers(Answer::page::<TagBody>("A page of tags.")),
        operation::get(TAG, "Get a tag", get).answers(Answer::ok::<TagBody>("The tag.")),
        operation::delete(TAG, "Delete a tag that has no release", delete)
            .answers(Answer::no_content("The tag was deleted."))
            .refuses(&[Refused::CONFLICT]),
    ]
}

parameters! {
    /// Which tags a list shows.
    struct TagList {
        /// The number of the page, from 1.
        page: Page,
        /// Part of the name, in any case: `^v1` finds what starts with it, `rc$` what ends with it.
        search: Text<String>,
        /// What the tags are sorted by.
        order_by: OrDefault<OneOf<TagOrder>>,
        /// The direction.
        sort: OrDefault<OneOf<Sort>>,
    }
}

async fn list(asked: CallerThenParameters<ProjectAddress, TagList>) -> Reply {
    let CallerThenParameters { incoming, address, parameters, caller } = asked;
    let service = &incoming.service;
    let page = parameters.as_ref().map(|list| list.page).unwrap_or_default();
    let wanted = parameters.map(|list| {
        let search = TagSearch::of(list.search.as_deref());
        (TagQuery { search, order: list.order_by, sort: list.sort }, list.page)
    });
    let found = service.tags.list(&caller, &address.id, wanted).await?;
    let tags = service.tags.clone();
    let read_on = move |unread| {
        let tags = tags.clone();
        async move { tags.read_on(unread).await }
    };
    long_lists::page(&incoming, page, found, read_on, TagBody::new).await
}

async fn get(asked: CallerThenParameters<TagAddress, ()>) -> Reply {
    let CallerThenParameters { incoming, address, caller, .. } = asked;
    let tag = incoming.service.tags.get(&caller, &address.release()).await?;
    ok(&incoming.request, &TagBody::new(tag))
}

async fn delete(asked: CallerThenParameters<TagAddress, ()>) -> Reply {
    let CallerThenParameters { incoming, address, caller, .. } = asked;
    incoming.service.tags.delete(&caller, &address.release()).await?;
    Ok(no_content())
}
