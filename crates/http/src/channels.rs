//! `/projects/:id/release_channels` (docs/contract.md, "Permanent links").

use release_links_domain::channel::{Channel, ChannelName};
use release_links_domain::tag::TagName;
use release_links_usecases::ReleaseAddress;
use serde::Serialize;
use utoipa::ToSchema;

use crate::addresses::ProjectAddress;
use crate::operation::{self, Answer, Named, Operation, ParametersThenCaller, Required, Text, address, parameters};
use crate::pagination::{self, PageParameters};
use crate::reply::{Reply, created, ok};
use crate::shapes::time;

/// A channel as clients see it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReleaseChannel)]
struct ChannelBody {
    name: String,
    tag_name: String,
    updated_at: String,
}

impl ChannelBody {
    fn new(channel: Channel) -> Self {
        let Channel { name, tag, updated_at } = channel;
        Self { name: name.into(), tag_name: tag.into(), updated_at: time(updated_at) }
    }
}

const CHANNELS: &str = "/api/v4/projects/{id}/release_channels";
const CHANNEL: &str = "/api/v4/projects/{id}/release_channels/{name}";

/// Returns the operations on channels.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        operation::get(CHANNELS, "List the release channels of a project", list).ours().answers(Answer::page::<
            ChannelBody,
        >(
            "A page of channels.",
        )),
        operation::get(CHANNEL, "Get a release channel", get).ours().answers(Answer::ok::<ChannelBody>("The channel.")),
        operation::put(CHANNEL, "Point a release channel to a release", set)
            .ours()
            .answers(Answer::ok::<ChannelBody>("The channel as it is now."))
            .answers(Answer::created::<ChannelBody>("The new channel.")),
        operation::delete(CHANNEL, "Delete a release channel", delete)
            .ours()
            .answers(Answer::ok::<ChannelBody>("The channel that was deleted.")),
    ]
}

address! {
    /// A channel of a project.
    struct ChannelAddress {
        /// The project's id, or its full path with each slash encoded.
        id: String,
        /// The name of the channel.
        name: Named<ChannelName>,
    }
}

parameters! {
    /// Where a channel points.
    struct ChannelParameters {
        /// The tag of the release.
        tag_name: Required<Text<TagName>>,
    }
}

async fn list(asked: ParametersThenCaller<ProjectAddress, PageParameters>) -> Reply {
    let ParametersThenCaller { incoming, address, parameters, caller } = asked;
    let found = incoming.service.channels.list(&caller, &address.id, parameters.page).await?;
    pagination::page(&incoming, parameters.page, found, ChannelBody::new)
}

async fn get(asked: ParametersThenCaller<ChannelAddress, ()>) -> Reply {
    let ParametersThenCaller { incoming, address, caller, .. } = asked;
    let channel = incoming.service.channels.get(&caller, &address.id, &address.name?).await?;
    ok(&incoming.request, &ChannelBody::new(channel))
}

async fn set(asked: ParametersThenCaller<ChannelAddress, ChannelParameters>) -> Reply {
    let ParametersThenCaller { incoming, address, parameters, caller } = asked;
    let release = ReleaseAddress { project: address.id, tag: parameters.tag_name.unwrap_or_default() };
    let (channel, is_new) = incoming.service.channels.set(&caller, &release, address.name?).await?;
    let body = ChannelBody::new(channel);
    if is_new { created(&incoming.request, &body) } else { ok(&incoming.request, &body) }
}

async fn delete(asked: ParametersThenCaller<ChannelAddress, ()>) -> Reply {
    let ParametersThenCaller { incoming, address, caller, .. } = asked;
    let channel = incoming.service.channels.delete(&caller, &address.id, address.name?).await?;
    ok(&incoming.request, &ChannelBody::new(channel))
}
