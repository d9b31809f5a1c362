//! docs/contract.md, "Provisioning" column "who may write" as a table: each route with what each role gets.

mod groups;
mod people;
mod projects;

use super::callers::Scope;
use super::expected::{FORBIDDEN, HIDDEN, INSUFFICIENT_SCOPE, Role, UNAUTHORIZED, Visibility, outcome_of_bad};
use super::stage::{Asker, Kind, Set};
use super::wire::{Means, Shot};

/// What a row is about, whose visibility counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberSource {
    /// Nothing that could be hidden.
    Nowhere,
    Group,
    Project,
}

/// What the general rules of docs/contract.md, "Credentials" and "Provisioning" leave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum But {
    AsEver,
    /// "`DELETE …/self` needs no scope."
    NeedsNoScope,
    /// "`self`: the token itself …, also at `/personal_access_tokens/self/rotate` …, the one thing that a project token may
    /// write".
    RotatesItself,
    /// The contract does not say what a project or job token gets here.
    SilentOnOtherTokens,
    /// "Members of a group that the reader may not see are left out": a project's bot, no member of the group above, does
    /// not find them. That is a 404 of the member, not of the place, and shown among the members' own tests.
    OfTheGroupAbove,
    /// "need no credential".
    NeedsNoCredential,
    /// Refusals are pages.
    IsAPage,
    /// HTTP Basic is accepted, as the asker's kind does not say: that is shown among the tests of uploads.
    AcceptsBasic,
    /// Tokens of projects and jobs publish as well, and an anonymous reader of what is not public is asked to sign in.
    IsAFile,
}

/// One route, on something public, by role.
pub struct Row {
    pub route: &'static str,
    /// "Who may write", or what else tells this row from another of the same route.
    pub who: &'static str,
    pub place: MemberSource,
    /// Anonymous, stranger, guest, reporter, developer, maintainer, owner, administrator.
    pub cells: &'static str,
    pub but: But,
    pub make: fn(&mut Set<'_>) -> Shot,
}

/// What a job's token reaches beside its project.
const REACHED_BY_JOBS: [&str; 5] =
    ["GET /", "GET /api/v4/user", "GET /api/v4/version", "GET /api/v4/metadata", "GET /api/v4/projects"];

pub fn rows() -> impl Iterator<Item = &'static Row> {
    people::ROWS.iter().chain(groups::ROWS).chain(projects::ROWS)
}

/// Status and, of a refusal that the contract words, the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub body: Option<&'static str>,
}

impl Row {
    pub fn method(&self) -> &'static str {
        self.route.split(' ').next().expect("a route has a verb")
    }

    fn reads(&self) -> bool {
        self.method() == "GET"
    }

    /// What this role gets with a personal token of scope `api`; none where the place itself is hidden.
    fn cell(&self, role: Role, visibility: Visibility) -> Option<u16> {
        let hidden = match (role, visibility) {
            (Role::Anonymous, Visibility::Internal | Visibility::Private) => self.reads(),
            (Role::Stranger, Visibility::Private) => true,
            _ => false,
        };
        // "writing anonymously 401; absent or hidden 404 (also to an anonymous reader …)"
        if hidden && self.place != MemberSource::Nowhere {
            return None;
        }
        let cell = self.cells.split_whitespace().nth(role as usize).expect("a row has a cell for each role");
        let cell = cell.parse().expect("a cell is a status");
        // Where there is no place, a 404 is about the thing that the route names, and as early.
        (cell != 404 || self.place != MemberSource::Nowhere).then_some(cell)
    }

    /// What this caller gets; none where the contract does not say.
    pub fn expected(&self, asker: &Asker, visibility: Visibility) -> Option<Answer> {
        let is_basic = asker.credential.as_ref().is_some_and(|credential| credential.means == Means::Basic);
        let answer = self.in_json(asker, visibility)?;
        match self.but {
            // A page accepts HTTP Basic, as the asker's kind does not say: that is shown among the tests of pages.
            But::IsAPage | But::IsAFile | But::AcceptsBasic if is_basic => None,
            But::IsAPage => Some(Answer { body: None, ..answer }),
            _ => Some(answer),
        }
    }

    fn in_json(&self, asker: &Asker, visibility: Visibility) -> Option<Answer> {
        let good = asker.kind == Kind::Personal && asker.scope == Scope::Api;
        if self.but == But::NeedsNoCredential && !good {
            return None;
        }
        if let Kind::Bad(bad) = asker.kind {
            return outcome_of_bad(bad).refusal().map(|(status, body)| Answer { status, body: Some(body) });
        }
        // The token of the request is the administrator's, which is shown among the tests of credentials.
        if asker.kind == Kind::Sudo && self.route.contains("/self") {
            return None;
        }
        // "A job token reaches /user, /version, /metadata and its own project …; everything else of this section is 403 to
        // it, whether it exists or not, and the list of projects holds its own only."
        let is_a_job = matches!(asker.kind, Kind::JobToken | Kind::ForeignJob);
        if is_a_job && self.place != MemberSource::Project && !REACHED_BY_JOBS.contains(&self.route) {
            return Some(Answer::worded(403));
        }
        let other_token =
            matches!(asker.kind, Kind::ProjectToken | Kind::JobToken | Kind::ForeignProjectToken | Kind::ForeignJob);
        let silent = match self.but {
            But::SilentOnOtherTokens => other_token,
            But::AsEver
            | But::OfTheGroupAbove
            | But::NeedsNoScope
            | But::RotatesItself
            | But::NeedsNoCredential
            | But::IsAPage
            | But::AcceptsBasic
            | But::IsAFile => false,
        };
        if silent {
            return None;
        }
        let is_private = visibility == Visibility::Private;
        if self.but == But::OfTheGroupAbove && asker.kind == Kind::ProjectToken && is_private {
            return None;
        }
        let role = match (asker.kind, self.place) {
            // "A job token … in its own project only; elsewhere, public projects included, 404".
            (Kind::ForeignJob, MemberSource::Project) => return Some(self.hidden()),
            (Kind::ForeignProjectToken, _) if self.place != MemberSource::Project => return None,
            // A project's bot is no member of the group above.
            (Kind::ProjectToken, MemberSource::Group) if is_private => return None,
            (Kind::ForeignProjectToken, _) | (Kind::ProjectToken, MemberSource::Group) => Role::Stranger,
            _ => asker.role,
        };
        let Some(cell) = self.cell(role, visibility) else {
            let is_asked = self.but == But::IsAFile && role == Role::Anonymous;
            return Some(if is_asked { Answer::worded(401) } else { self.hidden() });
        };
        // "scope 403"
        let covered = asker.scope == Scope::Api || (asker.scope == Scope::ReadApi && self.reads());
        if !covered && self.but != But::NeedsNoScope {
            return Some(Answer { status: 403, body: Some(INSUFFICIENT_SCOPE) });
        }
        match (self.but, asker.kind) {
            (But::RotatesItself, Kind::ProjectToken) => return Some(Answer::worded(200)),
            (But::RotatesItself, Kind::ForeignProjectToken) => return Some(Answer::worded(404)),
            _ => {}
        }
        // "project or job token writing 403"
        if other_token && !self.reads() && self.but != But::IsAFile {
            return Some(Answer::worded(403));
        }
        Some(Answer::worded(cell))
    }

    fn hidden(&self) -> Answer {
        Answer { status: 404, body: (self.place == MemberSource::Project).then_some(HIDDEN) }
    }
}

impl Answer {
    /// With the body that the contract gives to every answer of this status.
    fn worded(status: u16) -> Self {
        let body = match status {
            401 => Some(UNAUTHORIZED),
            403 => Some(FORBIDDEN),
            202 => Some(r#"{"message":"202 Accepted"}"#),
            204 => Some(""),
            _ => None,
        };
        Self { status, body }
    }
}

const fn row(
    place: MemberSource,
    route: &'static str,
    who: &'static str,
    cells: &'static str,
    make: fn(&mut Set<'_>) -> Shot,
) -> Row {
    Row { route, who, place, cells, but: But::AsEver, make }
}

impl Row {
    const fn but(self, but: But) -> Self {
        Self { but, ..self }
    }
}
