//! `/projects/:id/members`, and the same under `/groups/:id` (docs/contract.md, "Provisioning").

use std::marker::PhantomData;

use release_links_domain::UserId;
use release_links_domain::access::AccessLevel;
use release_links_domain::location::ExternalUrl;
use release_links_domain::namespace::PathSegment;
use release_links_domain::user::UserRef;
use release_links_ports::{Member, MemberFilter, Reach};
use release_links_usecases::{MemberDraft, MemberSourceAddress};
use serde::Serialize;
use utoipa::ToSchema;

use crate::fields::Fields;
use crate::operation::{
    self, Address, Answer, CallerThenParameters, Declared, Filled, Id, Ids, IfSent, Limited, Number, Operation, OrNone,
    Parameter, Present, Refused, address, parameters, shown,
};
use crate::pagination::{self, Page};
use crate::params::Malformed;
use crate::reply::{Reply, created, no_content, ok};
use crate::shapes::UserBody;

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = APIEntitiesMember)]
struct MemberBody {
    #[serde(flatten)]
    user: UserBody,
    #[schema(schema_with = shown::<AccessLevel>)]
    access_level: i64,
    /// Always null: memberships do not expire.
    #[schema(required = true)]
    expires_at: Option<String>,
}

impl MemberBody {
    fn new(member: Member, external: &ExternalUrl) -> Self {
        let access_level = member.level.number();
        Self { user: UserBody::public(member.user, external), access_level, expires_at: None }
    }
}

/// Returns the operations on members, of projects and of groups.
pub(crate) fn operations() -> Vec<Operation> {
    let mut operations = of::<OfProject>([
        "/api/v4/projects/{id}/members",
        "/api/v4/projects/{id}/members/all",
        "/api/v4/projects/{id}/members/all/{user_id}",
        "/api/v4/projects/{id}/members/{user_id}",
    ]);
    operations.extend(of::<OfGroup>([
        "/api/v4/groups/{id}/members",
        "/api/v4/groups/{id}/members/all",
        "/api/v4/groups/{id}/members/all/{user_id}",
        "/api/v4/groups/{id}/members/{user_id}",
    ]));
    operations
}

fn of<S: Source>([all, with_inherited, one_with_inherited, one]: [&'static str; 4]) -> Vec<Operation> {
    let found = || Answer::ok::<MemberBody>("The member.");
    let changed = || Answer::created::<MemberBody>("The new member.");
    vec![
        operation::get(all, "List members", list::<S>).answers(Answer::page::<MemberBody>("A page of direct members.")),
        operation::post(all, "Add a member", add::<S>).signed_in().answers(changed()).refuses(&[Refused::CONFLICT]),
        operation::get(with_inherited, "List members, inherited ones included", list_inherited::<S>)
            .answers(Answer::page::<MemberBody>("A page of members.")),
        operation::get(one_with_inherited, "Get a member, inherited or not", get_inherited::<S>).answers(found()),
        operation::get(one, "Get a direct member", get::<S>).answers(found()),
        operation::put(one, "Change a member's level", set_level::<S>).signed_in().answers(found()),
        operation::delete(one, "Remove a member", remove::<S>)
            .signed_in()
            .answers(Answer::no_content("The member was removed.")),
    ]
}

/// What has members: a project or a group.
trait Source: 'static {
    fn address(id: String) -> MemberSourceAddress;
}

struct OfProject;
struct OfGroup;

impl Source for OfProject {
    fn address(id: String) -> MemberSourceAddress {
        MemberSourceAddress::Project(id)
    }
}

impl Source for OfGroup {
    fn address(id: String) -> MemberSourceAddress {
        MemberSourceAddress::Group(id)
    }
}

address! {
    /// A project or group.
    struct SourceAddress {
        /// The id of the project or group, or its full path with each slash encoded.
        id: String,
    }
}

address! {
    /// A member of a project or group.
    struct MemberAddress {
        /// The id of the project or group, or its full path with each slash encoded.
        id: String,
        /// The member's id.
        user_id: OrNone<UserId>,
    }
}

type All<S> = Of<S, SourceAddress>;
type One<S> = Of<S, MemberAddress>;

/// An address below a project or group.
struct Of<S, A> {
    address: A,
    source: PhantomData<S>,
}

impl<S: Source, A: Address> Address for Of<S, A> {
    fn declare() -> Vec<Declared> {
        A::declare()
    }

    fn read(segments: Vec<String>, fields: &mut Fields) -> Result<Self, Malformed> {
        Ok(Self { address: A::read(segments, fields)?, source: PhantomData })
    }
}

impl<S: Source> All<S> {
    fn source(self) -> MemberSourceAddress {
        S::address(self.address.id)
    }
}

impl<S: Source> One<S> {
    fn parts(self) -> (MemberSourceAddress, Option<UserId>) {
        (S::address(self.address.id), self.address.user_id)
    }
}

parameters! {
    /// Which members a list shows.
    struct MemberList lacks ["state", "with_saml_identity"] {
        /// Part of the name or username, in any case.
        query: Filled<String>,
        /// Only these users.
        user_ids: Ids<UserId>,
        /// Not these users.
        skip_users: Ids<UserId>,
        /// The number of the page, from 1.
        page: Page,
    }
}

parameters! {
    /// A new member.
    struct NewMember at least one of user_id, username {
        /// The user's id.
        user_id: IfSent<Present<Id<UserId>>>,
        /// The user's name, instead of the id.
        username: Username,
        /// What the member may do.
        access_level: Present<Number<AccessLevel>>,
        /// Not supported: memberships do not expire.
        expires_at: NoExpiry,
    }
}

parameters! {
    /// The change of a member.
    struct MemberUpdate {
        /// What the member may do.
        access_level: Present<Number<AccessLevel>>,
        /// Not supported: memberships do not expire.
        expires_at: NoExpiry,
    }
}

/// The username of a new member, which excludes an id.
struct Username;

impl Parameter for Username {
    /// The user, or nothing for a text that is no username.
    type Value = Option<UserRef>;

    fn declare(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>) {
        to.push(Declared::of::<PathSegment>(name, meaning));
    }

    fn read(name: &str, fields: &mut Fields) -> Option<Option<UserRef>> {
        if !fields.has(name) {
            return Some(None);
        }
        if fields.has("user_id") {
            fields.fault("user_id, username", "are mutually exclusive");
            return None;
        }
        fields.present_text(name).map(|text| text.parse().ok().map(UserRef::Username))
    }
}

/// A day on which a membership would end, which must not be dropped in silence.
struct NoExpiry;

impl Parameter for NoExpiry {
    type Value = ();

    fn declare(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>) {
        to.push(Declared::of::<Limited<0>>(name, meaning));
    }

    fn read(name: &str, fields: &mut Fields) -> Option<()> {
        if fields.text(name).is_some_and(|day| !day.is_empty()) {
            fields.fault(name, "is not supported: memberships do not expire");
        }
        Some(())
    }
}

async fn list<S: Source>(asked: CallerThenParameters<All<S>, MemberList>) -> Reply {
    page_of(asked, Reach::Direct).await
}

async fn list_inherited<S: Source>(asked: CallerThenParameters<All<S>, MemberList>) -> Reply {
    page_of(asked, Reach::Inherited).await
}

async fn page_of<S: Source>(asked: CallerThenParameters<All<S>, MemberList>, reach: Reach) -> Reply {
    let CallerThenParameters { incoming, address, parameters, caller } = asked;
    let page = parameters.as_ref().map(|list| list.page).unwrap_or_default();
    let wanted = parameters.map(|MemberList { query, user_ids, skip_users, page }| {
        (MemberFilter { search: query, only: user_ids, except: skip_users.unwrap_or_default() }, page)
    });
    let found = incoming.service.members.list(&caller, &address.source(), reach, wanted).await?;
    pagination::page(&incoming, page, found, |member| MemberBody::new(member, &incoming.service.external))
}

async fn get<S: Source>(asked: CallerThenParameters<One<S>, ()>) -> Reply {
    one(asked, Reach::Direct).await
}

async fn get_inherited<S: Source>(asked: CallerThenParameters<One<S>, ()>) -> Reply {
    one(asked, Reach::Inherited).await
}

async fn one<S: Source>(asked: CallerThenParameters<One<S>, ()>, reach: Reach) -> Reply {
    let CallerThenParameters { incoming, address, caller, .. } = asked;
    let (source, user) = address.parts();
    let member = incoming.service.members.get(&caller, &source, reach, user).await?;
    ok(&incoming.request, &MemberBody::new(member, &incoming.service.external))
}

async fn add<S: Source>(asked: CallerThenParameters<All<S>, NewMember>) -> Reply {
    let CallerThenParameters { incoming, address, parameters, caller } = asked;
    let draft = parameters.map(|member| MemberDraft {
        user: member.user_id.map(UserRef::Id).or(member.username),
        level: member.access_level,
    });
    let member = incoming.service.members.add(&caller, &address.source(), draft).await?;
    created(&incoming.request, &MemberBody::new(member, &incoming.service.external))
}

async fn set_level<S: Source>(asked: CallerThenParameters<One<S>, MemberUpdate>) -> Reply {
    let CallerThenParameters { incoming, address, parameters, caller } = asked;
    let level = parameters.map(|member| member.access_level);
    let (source, user) = address.parts();
    let member = incoming.service.members.set_level(&caller, &source, user, level).await?;
    ok(&incoming.request, &MemberBody::new(member, &incoming.service.external))
}

async fn remove<S: Source>(asked: CallerThenParameters<One<S>, ()>) -> Reply {
    let CallerThenParameters { incoming, address, caller, .. } = asked;
    let (source, user) = address.parts();
    incoming.service.members.remove(&caller, &source, user).await?;
    Ok(no_content())
}
