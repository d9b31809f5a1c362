//! What docs/contract.md, "Permissions" and "Credentials", says about links, releases, tags and permanent links, as tables in its words.
//!
//! Nothing here comes from the code under test.

use super::callers::{Bad, Scope, Who};

/// "Caller".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    Anonymous,
    /// "signed in, no member".
    Stranger,
    Guest,
    Reporter,
    Developer,
    Maintainer,
    Owner,
    Administrator,
}
use Role::{Administrator, Anonymous, Developer, Guest, Maintainer, Owner, Reporter, Stranger};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    Public,
    Internal,
    Private,
}

/// "`releases_access_level` of the project".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Releases {
    Enabled,
    Private,
    Disabled,
}

/// How a tag is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    Unprotected,
    /// One rule with level 30.
    Developers,
    /// One rule with level 40.
    Maintainers,
    /// One rule with level 0.
    Nobody,
    /// Two rules match: one with level 0, one with level 40.
    TwoRules,
    /// No rule matches, but its releases are immutable.
    Immutable,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    Read,
    Write,
}

/// docs/contract.md, "Permissions": "Caller | public project: read / write | internal: read / write | private: read / write".
#[rustfmt::skip]
const CALLERS: [(Role, &str, &str, &str); 8] = [
    (Anonymous,     "200 / 403",  "404 / 404",  "404 / 404"),
    (Stranger,      "200 / 403",  "200 / 403",  "404 / 404"),
    (Guest,         "200 / 403",  "200 / 403",  "200 / 403"),
    (Reporter,      "200 / 403",  "200 / 403",  "200 / 403"),
    (Developer,     "200 / done", "200 / done", "200 / done"),
    (Maintainer,    "200 / done", "200 / done", "200 / done"),
    (Owner,         "200 / done", "200 / done", "200 / done"),
    // "as owner everywhere"
    (Administrator, "200 / done", "200 / done", "200 / done"),
];

/// docs/contract.md, "Permissions", writes: "the caller must meet one matching rule's create level (0 nobody, administrators included;
/// 30 developer; 40 maintainer); else writes … are 403".
#[rustfmt::skip]
const PROTECTED_TAGS: [(Tag, [(Role, &str); 4]); 6] = [
    (Tag::Unprotected, [(Developer, "done"), (Maintainer, "done"), (Owner, "done"), (Administrator, "done")]),
    (Tag::Developers,  [(Developer, "done"), (Maintainer, "done"), (Owner, "done"), (Administrator, "done")]),
    (Tag::Maintainers, [(Developer, "403"),  (Maintainer, "done"), (Owner, "done"), (Administrator, "done")]),
    (Tag::Nobody,      [(Developer, "403"),  (Maintainer, "403"),  (Owner, "403"),  (Administrator, "403")]),
    (Tag::TwoRules,    [(Developer, "403"),  (Maintainer, "done"), (Owner, "done"), (Administrator, "done")]),
    (Tag::Immutable,   [(Developer, "done"), (Maintainer, "done"), (Owner, "done"), (Administrator, "done")]),
];

/// docs/contract.md, "Immutable releases and history": what a write to such a release does, and what becomes of it.
#[rustfmt::skip]
const IMMUTABLE_RELEASES: [(Does, [(Role, &str); 4]); 3] = [
    (Does::Allowed,           [(Developer, "done"), (Maintainer, "done"), (Owner, "done"), (Administrator, "done")]),
    (Does::ChangeLinks,       [(Developer, "403"),  (Maintainer, "403"),  (Owner, "403"),  (Administrator, "403")]),
    (Does::DeleteTheRelease,  [(Developer, "403"),  (Maintainer, "403"),  (Owner, "done"), (Administrator, "done")]),
];

/// What a write does to a release that is immutable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    /// It changes something else.
    Allowed,
    /// It changes a link, the order of links or the date.
    ChangeLinks,
    DeleteTheRelease,
}

/// docs/contract.md, "Permissions": "`enabled` (default); `private` makes non-members' reads 403; `disabled` makes every verb 403 for whoever
/// can read the project". An administrator is "as owner everywhere", so no non-member.
#[rustfmt::skip]
const RELEASES_ACCESS_LEVEL: [(Releases, &str, &str); 3] = [
    //                    non-members      members
    (Releases::Enabled,  "as above",      "as above"),
    (Releases::Private,  "403",           "as above"),
    (Releases::Disabled, "403",           "403"),
];

/// docs/contract.md, "Credentials": what a credential gets that is present but bad.
#[rustfmt::skip]
const BAD_CREDENTIALS: [(Bad, Outcome); 11] = [
    (Bad::Unknown,           Outcome::Unauthorized),
    (Bad::WrongMeans,        Outcome::Unauthorized),
    (Bad::UserGone,          Outcome::Unauthorized),
    (Bad::FinishedJob,       Outcome::Unauthorized),
    (Bad::Expired,           Outcome::Expired),
    (Bad::Revoked,           Outcome::Revoked),
    // "A token both expired and revoked is expired."
    (Bad::ExpiredAndRevoked, Outcome::Expired),
    // "Whoever asks for another's rights never gets their own."
    (Bad::SudoAnonymously,       Outcome::Unauthorized),
    (Bad::SudoByNoAdministrator, Outcome::NoAdministrator),
    (Bad::SudoWithoutScope,      Outcome::NoSudoScope),
    (Bad::SudoForNobody,         Outcome::NoSuchUser),
];

/// What comes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    Unauthorized,
    Expired,
    Revoked,
    NoAdministrator,
    NoSudoScope,
    /// No user is called `nobody`.
    NoSuchUser,
    InsufficientScope,
    Forbidden,
    /// The release is immutable.
    Immutable,
    /// As if there were no such project.
    Hidden,
}

impl Outcome {
    /// Status and exact body, if it is a refusal.
    pub fn refusal(self) -> Option<(u16, &'static str)> {
        match self {
            Self::Done => None,
            Self::Unauthorized => Some((401, UNAUTHORIZED)),
            Self::Expired => Some((401, EXPIRED)),
            Self::Revoked => Some((401, REVOKED)),
            Self::NoAdministrator => Some((403, NO_ADMINISTRATOR)),
            Self::NoSudoScope => Some((403, NO_SUDO_SCOPE)),
            Self::NoSuchUser => Some((404, NO_SUCH_USER)),
            Self::InsufficientScope => Some((403, INSUFFICIENT_SCOPE)),
            Self::Forbidden => Some((403, FORBIDDEN)),
            Self::Immutable => Some((403, IMMUTABLE)),
            Self::Hidden => Some((404, HIDDEN)),
        }
    }
}

pub const UNAUTHORIZED: &str = r#"{"message":"401 Unauthorized"}"#;
pub const EXPIRED: &str = concat!(
    r#"{"error":"invalid_token","error_description":"Token is expired. "#,
    r#"You can either do re-authorization or token refresh."}"#
);
pub const REVOKED: &str = concat!(
    r#"{"error":"invalid_token","error_description":"Token was revoked. "#,
    r#"You have to re-authorize from the user."}"#
);
pub const INSUFFICIENT_SCOPE: &str = concat!(
    r#"{"error":"insufficient_scope","error_description":"The request requires higher privileges than "#,
    r#"provided by the access token.","scope":"api"}"#
);
const NO_ADMINISTRATOR: &str = r#"{"message":"403 Forbidden - Must be admin to use sudo"}"#;
const NO_SUDO_SCOPE: &str = concat!(
    r#"{"error":"insufficient_scope","error_description":"The request requires higher privileges than "#,
    r#"provided by the access token.","scope":"sudo"}"#
);
const NO_SUCH_USER: &str = r#"{"message":"404 User with ID or username 'nobody' Not Found"}"#;
pub const FORBIDDEN: &str = r#"{"message":"403 Forbidden"}"#;
pub const IMMUTABLE: &str = r#"{"message":"403 Forbidden - Release is immutable"}"#;
pub const HIDDEN: &str = r#"{"message":"404 Project Not Found"}"#;

/// A project, as far as permissions go.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    pub visibility: Visibility,
    pub archived: bool,
    pub releases: Releases,
}

/// docs/contract.md, "Permissions" order of refusals, steps 4 to 9 and then what an immutable release refuses, on something
/// that exists.
pub fn expected(who: &Who, project: Rules, tag: Tag, intent: Intent, does: Does) -> Outcome {
    // "(4) credential present but bad 401"
    if let Some(bad) = who.bad {
        return outcome_of_bad(bad);
    }
    let cells = row(&CALLERS, |row| row.0 == who.role);
    let cell = match project.visibility {
        Visibility::Public => cells.1,
        Visibility::Internal => cells.2,
        Visibility::Private => cells.3,
    };
    let (read, write) = cell.split_once(" / ").expect("a cell says what reading and what writing gets");
    // "(5) project absent or not readable by the caller 404"; of a job token: "in its own project only; elsewhere,
    // public projects included, 404"
    if read == "404" || who.job_of_another_project {
        return Outcome::Hidden;
    }
    // "then wrong token scope 403"; "`api` for all, `read_api` for GET and HEAD; else 403"
    match (who.scope, intent) {
        (Scope::Api, _) | (Scope::ReadApi, Intent::Read) => {}
        (Scope::ReadApi, Intent::Write) | (Scope::Another, _) => return Outcome::InsufficientScope,
    }
    // "(6) project forbids reading releases 403"
    let access = row(&RELEASES_ACCESS_LEVEL, |row| row.0 == project.releases);
    if (if who.role <= Stranger { access.1 } else { access.2 }) == "403" {
        return Outcome::Forbidden;
    }
    if intent == Intent::Read {
        return Outcome::Done;
    }
    // "(9) may not write 403"; "An archived project refuses all writes on releases and links with 403."
    let protected = row(&PROTECTED_TAGS, |row| row.0 == tag).1;
    let refused_by_tag = protected.iter().any(|(role, cell)| *role == who.role && *cell == "403");
    if write == "403" || project.archived || refused_by_tag {
        return Outcome::Forbidden;
    }
    let cells = row(&IMMUTABLE_RELEASES, |row| row.0 == does).1;
    let refused = tag == Tag::Immutable && cells.iter().any(|(role, cell)| *role == who.role && *cell == "403");
    if refused { Outcome::Immutable } else { Outcome::Done }
}

pub fn outcome_of_bad(bad: Bad) -> Outcome {
    row(&BAD_CREDENTIALS, |row| row.0 == bad).1
}

fn row<T>(table: &[T], is_it: impl Fn(&T) -> bool) -> &T {
    table.iter().find(|row| is_it(row)).expect("the table has a row for each")
}
