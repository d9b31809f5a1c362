//! `/users` and `/user` (docs/contract.md, "Provisioning").

use release_links_domain::location::ExternalUrl;
use release_links_domain::namespace::{DisplayName, PathSegment};
use release_links_domain::user::EmailAddress;
use release_links_ports::{Sort, TimeRange, UserChanges, UserFilter, UserOrder};
use release_links_usecases::{UserDraft, UserShown};

use crate::addresses::UserAddress;
use crate::moment::Moment;
use crate::operation::{
    self, Answer, Bool, CallerThenParameters, Filled, IfSent, Nothing, Operation, OrDefault, Parsed, Present, Refused,
    Text, parameters,
};
use crate::pagination::{self, Page};
use crate::reply::{Reply, created, no_content, ok};
use crate::shapes::UserBody;
use crate::sorting::OneOf;

fn body(shown: UserShown, external: &ExternalUrl) -> UserBody {
    if shown.in_full { UserBody::private(shown.user, external) } else { UserBody::public(shown.user, external) }
}

const USERS: &str = "/api/v4/users";
const USER: &str = "/api/v4/users/{id}";

/// Returns the operations on users.
pub(crate) fn operations() -> Vec<Operation> {
    let found = || Answer::ok::<UserBody>("The user.");
    vec![
        operation::get("/api/v4/user", "Get the caller", current).signed_in().answers(found()),
        operation::get(USERS, "List users", list).signed_in().answers(Answer::page::<UserBody>("A page of users.")),
        operation::post(USERS, "Create a user", create)
            .signed_in()
            .answers(Answer::created::<UserBody>("The new user."))
            .refuses(&[Refused::CONFLICT]),
        operation::get(USER, "Get a user", get).signed_in().answers(found()),
        operation::put(USER, "Change a user", update).signed_in().answers(found()).refuses(&[Refused::CONFLICT]),
        operation::delete(USER, "Delete a user and the user's own projects", delete)
            .signed_in()
            .answers(Answer::no_content("The user was deleted."))
            .refuses(&[Refused::CONFLICT]),
    ]
}

parameters! {
    /// Which users a list shows, and in which order.
    struct UserList lacks [
        "two_factor",
        "without_projects",
        "exclude_active",
        "exclude_external",
        "exclude_humans",
        "exclude_internal",
        "humans",
        "without_project_bots",
        "skip_ldap",
        "saml_provider_id",
        "public_email",
        "auditors",
        "custom_attributes",
    ] {
        /// The whole username, in any case.
        username: Text<String>,
        /// Part of the name or username, in any case.
        search: Filled<String>,
        /// Only active users; all are.
        active: OrDefault<Bool>,
        /// Only blocked users; none is.
        blocked: OrDefault<Bool>,
        /// Only external users; none is.
        external: OrDefault<Bool>,
        /// Only administrators; for callers who are none, nobody.
        admins: OrDefault<Bool>,
        /// The user with this identity at a provider; nobody has one.
        extern_uid: Filled<String>,
        /// The provider of that identity.
        provider: Filled<String>,
        /// Only users who were created at this time or later.
        created_after: Moment,
        /// Only users who were created at this time or earlier.
        created_before: Moment,
        /// What the users are sorted by.
        order_by: OrDefault<OneOf<UserOrder>>,
        /// The direction.
        sort: OrDefault<OneOf<Sort>>,
        /// The number of the page, from 1.
        page: Page,
    }
}

impl UserList {
    /// Returns the users to look for, or `None` if only those with something are wanted that no user has.
    fn filter(self) -> Option<UserFilter> {
        let has_identity = self.extern_uid.is_some() || self.provider.is_some();
        let finds_nobody = self.blocked || self.external || has_identity;
        (!finds_nobody).then_some(UserFilter {
            username: self.username,
            search: self.search,
            administrators: self.admins,
            created: TimeRange { after: self.created_after, before: self.created_before },
            order: self.order_by,
            sort: self.sort,
        })
    }
}

parameters! {
    /// A new user.
    struct NewUser {
        /// The username, which is also the path of the user's own projects.
        username: Present<Parsed<PathSegment>>,
        /// The name that people see.
        name: Present<Parsed<DisplayName>>,
        /// The email address.
        email: Present<Parsed<EmailAddress>>,
        /// Whether the user is an administrator.
        admin: OrDefault<Bool>,
    }
}

parameters! {
    /// The changes to a user.
    struct UserUpdate {
        /// The username, which is also the path of the user's own projects.
        username: IfSent<Present<Parsed<PathSegment>>>,
        /// The name that people see.
        name: IfSent<Present<Parsed<DisplayName>>>,
        /// The email address.
        email: IfSent<Present<Parsed<EmailAddress>>>,
        /// Whether the user is an administrator.
        admin: Bool,
    }
}

async fn current(asked: CallerThenParameters<Nothing, ()>) -> Reply {
    let CallerThenParameters { incoming, caller, .. } = asked;
    let user = incoming.service.users.current(&caller).await?;
    ok(&incoming.request, &UserBody::private(user, &incoming.service.external))
}

async fn list(asked: CallerThenParameters<Nothing, UserList>) -> Reply {
    let CallerThenParameters { incoming, parameters, caller, .. } = asked;
    let page = parameters.as_ref().map(|list| list.page).unwrap_or_default();
    let wanted = parameters.map(|list| (list.filter(), page));
    let found = incoming.service.users.list(&caller, wanted).await?;
    pagination::page(&incoming, page, found, |user| body(user, &incoming.service.external))
}

async fn get(asked: CallerThenParameters<UserAddress, ()>) -> Reply {
    let CallerThenParameters { incoming, address, caller, .. } = asked;
    let shown = incoming.service.users.get(&caller, address.id).await?;
    ok(&incoming.request, &body(shown, &incoming.service.external))
}

async fn create(asked: CallerThenParameters<Nothing, NewUser>) -> Reply {
    let CallerThenParameters { incoming, parameters, caller, .. } = asked;
    let draft = parameters.map(|NewUser { username, name, email, admin: administrator }| UserDraft {
        username,
        name,
        email,
        administrator,
    });
    let user = incoming.service.users.create(&caller, draft).await?;
    created(&incoming.request, &UserBody::private(user, &incoming.service.external))
}

async fn update(asked: CallerThenParameters<UserAddress, UserUpdate>) -> Reply {
    let CallerThenParameters { incoming, address, parameters, caller } = asked;
    let changes = parameters.map(|UserUpdate { username, name, email, admin: administrator }| UserChanges {
        username,
        name,
        email,
        administrator,
    });
    let user = incoming.service.users.update(&caller, address.id, changes).await?;
    ok(&incoming.request, &UserBody::private(user, &incoming.service.external))
}

async fn delete(asked: CallerThenParameters<UserAddress, ()>) -> Reply {
    let CallerThenParameters { incoming, address, caller, .. } = asked;
    incoming.service.users.delete(&caller, address.id).await?;
    Ok(no_content())
}
