//! The history as clients see it (docs/contract.md, "Immutable releases and history").

use release_links_domain::history::{Actor, Event, HistoryAction, HistoryRow, ReleaseState, Step};
use release_links_domain::link::{AssetDigest, AssetSize, LinkFields, LinkType};
use release_links_domain::tag::TagName;
use release_links_domain::{TokenId, UserId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::operation::shown;
use crate::shapes::time;

/// A row of a history.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HistoryRow)]
pub(crate) struct HistoryRowBody {
    /// Ascending within the project.
    seq: i64,
    #[schema(format = DateTime)]
    at: String,
    #[schema(schema_with = shown::<HistoryAction>)]
    action: &'static str,
    /// Null for what concerns the whole project.
    #[schema(required = true)]
    tag_name: Option<String>,
    /// Who did it, for developers and above.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    actor: Option<ActorBody>,
    /// The link that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    link_id: Option<i64>,
    /// The channel that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    channel: Option<String>,
    /// What was.
    #[schema(required = true)]
    before: Option<StateBody>,
    /// What became of it.
    #[schema(required = true)]
    after: Option<StateBody>,
}

/// Who did something: null for what is not known, and for an operator who worked on the database itself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HistoryActor)]
struct ActorBody {
    #[schema(required = true)]
    user_id: Option<i64>,
    #[schema(required = true)]
    username: Option<String>,
    #[schema(required = true)]
    token_id: Option<i64>,
}

/// The values of a link, a release or a channel.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = HistoryState)]
enum StateBody {
    Link(LinkStateBody),
    Release(ReleaseStateBody),
    Channel(ChannelStateBody),
}

/// The values of a link.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HistoryLink)]
struct LinkStateBody {
    name: String,
    url: String,
    #[schema(required = true)]
    direct_asset_path: Option<String>,
    #[schema(schema_with = shown::<LinkType>)]
    link_type: &'static str,
    #[schema(required = true)]
    digest: Option<String>,
    #[schema(required = true)]
    size: Option<i64>,
}

/// The values of a release.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HistoryRelease)]
struct ReleaseStateBody {
    #[schema(required = true)]
    name: Option<String>,
    #[schema(required = true)]
    description: Option<String>,
    #[schema(format = DateTime)]
    released_at: String,
}

/// Where a channel points.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HistoryChannel)]
struct ChannelStateBody {
    tag_name: String,
}

impl HistoryRowBody {
    pub(super) fn new(row: HistoryRow) -> Self {
        let HistoryRow { seq, at, tag, actor, event } = row;
        let action = event.action().as_str();
        let (mut link_id, mut channel) = (None, None);
        let (before, after) = match event {
            Event::Link { id, before, after } => {
                link_id = Some(id.get());
                (before.map(StateBody::link), after.map(StateBody::link))
            }
            Event::Release { before, after } => (before.map(StateBody::release), after.map(StateBody::release)),
            Event::Channel { name, before, after } => {
                channel = Some(name.into());
                (before.map(StateBody::channel), after.map(StateBody::channel))
            }
            Event::Immutable | Event::Thaw | Event::Prune => (None, None),
        };
        Self {
            seq,
            at: time(at),
            action,
            tag_name: tag.map(String::from),
            actor: actor.map(ActorBody::new),
            link_id,
            channel,
            before,
            after,
        }
    }
}

impl ActorBody {
    fn new(Actor { user, username, token }: Actor) -> Self {
        Self { user_id: user.map(UserId::get), username, token_id: token.map(TokenId::get) }
    }
}

impl StateBody {
    fn link(fields: LinkFields) -> Self {
        Self::Link(LinkStateBody {
            name: fields.name.into(),
            url: fields.url.into(),
            direct_asset_path: fields.path.map(|path| path.as_str().to_owned()),
            link_type: fields.link_type.as_str(),
            digest: fields.digest.map(String::from),
            size: fields.size.map(AssetSize::bytes),
        })
    }

    fn release(ReleaseState { name, description, released_at }: ReleaseState) -> Self {
        Self::Release(ReleaseStateBody { name, description, released_at: time(released_at) })
    }

    fn channel(tag: TagName) -> Self {
        Self::Channel(ChannelStateBody { tag_name: tag.into() })
    }
}

/// Where a permanent link led, and from when to when.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HistoryStep)]
pub(crate) struct StepBody {
    url: String,
    #[schema(schema_with = digest_or_null)]
    digest: Option<String>,
    link_id: i64,
    /// The first moment.
    #[schema(format = DateTime)]
    since: String,
    /// The first moment at which it led elsewhere or nowhere; null if it leads there today.
    #[schema(required = true, format = DateTime)]
    until: Option<String>,
    /// The row with which it began.
    seq: i64,
}

fn digest_or_null() -> utoipa::openapi::Schema {
    <AssetDigest as crate::operation::Shape>::schema(true)
}

impl StepBody {
    pub(super) fn new(step: Step) -> Self {
        let Step { link, url, digest, since, until, seq } = step;
        Self {
            url: url.into(),
            digest: digest.map(String::from),
            link_id: link.get(),
            since: time(since),
            until: until.map(time),
            seq,
        }
    }
}
