//! JSON shapes that several answers share.

use jiff::Timestamp;
use release_links_domain::location::ExternalUrl;
use release_links_domain::namespace::FullPath;
use release_links_domain::user::User;
use serde::Serialize;
use utoipa::ToSchema;

/// Formats a time as RFC 3339 in UTC with milliseconds.
pub(crate) fn time(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// The answer to a deletion that finishes in the background.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Accepted)]
pub(crate) struct AcceptedBody {
    message: &'static str,
}

impl AcceptedBody {
    /// The only such answer.
    pub(crate) const ACCEPTED: Self = Self { message: "202 Accepted" };
}

/// The commit of a tag or branch: always an object, because clients read its fields unconditionally. The ids are empty
/// if the commit is unknown; the times are those of the tag or branch.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = APIEntitiesCommit)]
pub(crate) struct CommitBody {
    id: String,
    short_id: String,
    title: String,
    message: String,
    created_at: String,
    authored_date: String,
    committed_date: String,
    #[schema(value_type = [String], max_items = 0)]
    parent_ids: [(); 0],
}

impl CommitBody {
    pub(crate) fn new(id: &str, message: &str, at: Timestamp) -> Self {
        let at = time(at);
        Self {
            id: id.to_owned(),
            short_id: id.get(..8).unwrap_or_default().to_owned(),
            title: message.to_owned(),
            message: message.to_owned(),
            created_at: at.clone(),
            authored_date: at.clone(),
            committed_date: at,
            parent_ids: [],
        }
    }
}

/// The author of something.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = APIEntitiesUserBasic)]
pub(crate) struct AuthorBody {
    id: i64,
    username: String,
    name: String,
    state: &'static str,
    /// Always null.
    #[schema(required = true)]
    avatar_url: Option<String>,
    #[schema(format = "uri")]
    web_url: String,
}

impl AuthorBody {
    pub(crate) fn new(user: User, external: &ExternalUrl) -> Self {
        Self {
            id: user.id.get(),
            name: user.name,
            state: "active",
            avatar_url: None,
            web_url: external.page(&FullPath::from(user.username.clone())),
            username: user.username.into(),
        }
    }
}

/// A user, with fields that only the user and administrators can see.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = APIEntitiesUser)]
pub(crate) struct UserBody {
    #[serde(flatten)]
    public: AuthorBody,
    bot: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    is_admin: Option<bool>,
}

impl UserBody {
    /// Returns what everybody can see.
    pub(crate) fn public(user: User, external: &ExternalUrl) -> Self {
        Self { bot: user.bot, public: AuthorBody::new(user, external), email: None, is_admin: None }
    }

    /// Returns what the user and administrators can see.
    pub(crate) fn private(user: User, external: &ExternalUrl) -> Self {
        let (email, is_admin) = (Some(user.email.clone().into()), Some(user.administrator));
        Self { email, is_admin, ..Self::public(user, external) }
    }
}
