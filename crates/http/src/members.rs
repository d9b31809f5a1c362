//! `/projects/:id/members` (contract section 9).

use release_links_domain::UserId;
use release_links_domain::access::AccessLevel;
use release_links_domain::location::ExternalUrl;
use release_links_ports::Member;
use release_links_usecases::MemberDraft;
use serde::Serialize;

use crate::fields::{Fields, not_among};
use crate::incoming::Incoming;
use crate::reply::{Reply, created};
use crate::shapes::UserBody;

#[derive(Debug, Serialize)]
struct MemberBody {
    #[serde(flatten)]
    user: UserBody,
    access_level: i64,
    /// Memberships here do not expire.
    expires_at: Option<String>,
}

impl MemberBody {
    fn new(member: Member, external: &ExternalUrl) -> Self {
        let access_level = member.level.number();
        Self { user: UserBody::public(member.user, external), access_level, expires_at: None }
    }
}

/// `POST /projects/:id/members`.
pub(crate) async fn add_to_project(incoming: Incoming) -> Reply {
    let mut fields = Fields::of(&incoming.params);
    fields.require("user_id");
    let user = fields.id::<UserId>("user_id");
    fields.require("access_level");
    let level = access_level(&mut fields);
    if fields.text("expires_at").is_some_and(|day| !day.is_empty()) {
        fields.fault("expires_at", "is not supported: memberships do not expire");
    }
    let draft = user.zip(level).map(|(user, level)| MemberDraft { user, level });
    let caller = incoming.caller().await?;
    let member =
        incoming.service.members.add_to_project(&caller, &incoming.path.id, fields.finish_whole(draft)).await?;
    created(&incoming.request, &MemberBody::new(member, &incoming.service.external))
}

fn access_level(fields: &mut Fields<'_>) -> Option<AccessLevel> {
    let number = fields.integer("access_level")?;
    let level = AccessLevel::try_from(number).ok();
    if level.is_none() {
        fields.fault("access_level", not_among(&AccessLevel::ALL.map(AccessLevel::number)));
    }
    level
}
