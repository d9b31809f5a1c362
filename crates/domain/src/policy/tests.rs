//! The contract's permission tables: docs/contract.md, "Permissions" for releases and "Provisioning" for everything
//! else.
//!
//! A cell is a letter: `a` allowed, `f` forbidden, `h` hidden (answered as not found), `s` sign-in required, `c` not
//! covered by the token's scopes.

use jiff::Timestamp;

use super::Action::*;
use super::*;
use crate::UserId;
use crate::access::TagCreateLevel;
use crate::access::TagCreateLevel::{Developers, Maintainers, NoOne};
use crate::namespace::NamespaceKind;
use crate::project::{ProjectRules, ReleasesAccess, Visibility};
use crate::token::Intent::{Read, Write};
use crate::token::{Bearer, Scope, TokenKind};
use Visibility::{Internal, Private, Public};

const ME: i64 = 2;
const ANOTHER: i64 = 3;
const PROJECT: i64 = 7;

/// The credential that a caller presents.
#[derive(Debug, Clone, Copy)]
enum By {
    Personal(Scope),
    ProjectToken(Scope),
    Job,
    JobElsewhere,
}
use By::{Job, JobElsewhere, Personal, ProjectToken};

fn caller(by: By, administrator: bool) -> Caller {
    let project = PROJECT.try_into().unwrap();
    let (kind, scopes) = match by {
        Personal(scope) => (TokenKind::Personal, vec![scope]),
        ProjectToken(scope) => (TokenKind::Project { project }, vec![scope]),
        Job => (TokenKind::Job { project, ends_at: Timestamp::MAX }, vec![]),
        JobElsewhere => (TokenKind::Job { project: 8.try_into().unwrap(), ends_at: Timestamp::MAX }, vec![]),
    };
    Caller::Token(Bearer { token: 1.try_into().unwrap(), kind, user: user(ME), administrator, scopes })
}

fn user(id: i64) -> UserId {
    id.try_into().unwrap()
}

/// Returns the callers of the tables in order: anonymous, signed in but not a member, the levels from guest to owner,
/// and an administrator.
fn callers() -> [(Caller, Option<AccessLevel>); 8] {
    let person = |level| (caller(Personal(Scope::Api), false), level);
    let [guest, _planner, reporter, developer, maintainer, owner] = AccessLevel::ALL.map(|level| person(Some(level)));
    let administrator = (caller(Personal(Scope::Api), true), None);
    [(Caller::Anonymous, None), person(None), guest, reporter, developer, maintainer, owner, administrator]
}

fn rules(visibility: Visibility) -> ProjectRules {
    ProjectRules { visibility, archived: false, releases: ReleasesAccess::Enabled }
}

fn project(rules: ProjectRules, level: Option<AccessLevel>) -> Resource {
    Resource::Project(Some(ProjectAccess { id: PROJECT.try_into().unwrap(), rules, level }))
}

fn group(visibility: Visibility, level: Option<AccessLevel>) -> Resource {
    Resource::Group(Some(GroupAccess { visibility, level, member_below: false }))
}

fn letter(decision: Decision) -> char {
    match decision {
        Decision::Allow => 'a',
        Decision::Hide => 'h',
        Decision::Forbid(Reason::NotAllowed) => 'f',
        Decision::Forbid(Reason::NotSignedIn) => 's',
        Decision::Forbid(Reason::InsufficientScope) => 'c',
    }
}

/// Returns each caller's decision for an action on a project with these rules, one letter per caller.
fn on_project(rules: ProjectRules, action: Action<'_>) -> String {
    callers().iter().map(|(caller, level)| letter(decide(caller, project(rules, *level), action))).collect()
}

const WRITE: Action<'_> = WriteReleases { tag: "v1/x", rules: &[] };
const ADD: Action<'_> = ManageMembers { levels: &[AccessLevel::Guest], bot: false };
const CREATE_TOKEN: Action<'_> = WriteProjectTokens { level: None };
const RUN: Action<'_> = RunJobs { user: None };

/// The rows for projects and groups.
#[rustfmt::skip]
const PLACES: [(&str, char, Action<'_>, [&str; 3]); 30] = [
    // One cell per caller: anonymous, not a member, guest, reporter, developer, maintainer, owner, administrator.
    //                                                                   public      internal    private
    ("read releases, links and tags",         'p', ReadReleases(Read),  ["aaaaaaaa", "haaaaaaa", "hhaaaaaa"]),
    ("write them",                            'p', WRITE,               ["ffffaaaa", "hfffaaaa", "hhffaaaa"]),
    ("delete an immutable release: owner",    'p', DeleteImmutableRelease, ["ffffffaa", "hfffffaa", "hhffffaa"]),
    ("actors in the history: developer",      'p', ReadActors,          ["ffffaaaa", "hfffaaaa", "hhffaaaa"]),

    ("read a project and its members",        'p', See(Read),           ["aaaaaaaa", "haaaaaaa", "hhaaaaaa"]),
    ("settings and rename: maintainer",       'p', ChangeProject,       ["sffffaaa", "sffffaaa", "shfffaaa"]),
    ("delete: owner",                         'p', DeleteProject,       ["sfffffaa", "sfffffaa", "shffffaa"]),
    ("transfer: owner",                       'p', TransferProject,     ["sfffffaa", "sfffffaa", "shffffaa"]),
    ("archive: owner",                        'p', ArchiveProject,      ["sfffffaa", "sfffffaa", "shffffaa"]),
    ("members: maintainer",                   'p', ADD,                 ["sffffaaa", "sffffaaa", "shfffaaa"]),
    ("protected tags: maintainer",            'p', WriteProtectedTags,  ["sffffaaa", "sffffaaa", "shfffaaa"]),
    ("protected tags, read: maintainer",      'p', ReadProtectedTags,   ["sffffaaa", "hffffaaa", "hhfffaaa"]),
    ("access tokens: maintainer",             'p', CREATE_TOKEN,        ["sffffaaa", "sffffaaa", "shfffaaa"]),
    ("access tokens, read: maintainer",       'p', ReadProjectTokens,   ["sffffaaa", "hffffaaa", "hhfffaaa"]),
    ("job tokens: developer for oneself",     'p', RUN,                 ["sfffaaaa", "sfffaaaa", "shffaaaa"]),
    ("job tokens, read: developer",           'p', ReadJobTokens,       ["sfffaaaa", "hfffaaaa", "hhffaaaa"]),

    ("download a package",                    'p', DownloadPackage,     ["aaaaaaaa", "saaaaaaa", "shaaaaaa"]),
    ("publish and upload: developer",         'p', AddFile,             ["sfffaaaa", "sfffaaaa", "shffaaaa"]),
    ("uploads, read by id: maintainer",       'p', ReadUploads,         ["sffffaaa", "hffffaaa", "hhfffaaa"]),
    ("delete files: maintainer",              'p', DeleteFile,          ["sffffaaa", "sffffaaa", "shfffaaa"]),

    ("read a group",                          'g', See(Read),           ["aaaaaaaa", "haaaaaaa", "hhaaaaaa"]),
    ("read a group's members",                'g', ReadMembers,         ["aaaaaaaa", "haaaaaaa", "hhaaaaaa"]),
    ("a group below: maintainer",             'g', CreateGroup,         ["sffffaaa", "sffffaaa", "shfffaaa"]),
    ("settings, rename and delete: owner",    'g', WriteGroup,          ["sfffffaa", "sfffffaa", "shffffaa"]),
    ("members of a group: owner",             'g', ADD,                 ["sfffffaa", "sfffffaa", "shffffaa"]),
    ("a project in a group: developer",       'n', CreateProject,       ["sfffaaaa", "sfffaaaa", "shffaaaa"]),
    ("a project in one's own namespace",      'o', CreateProject,       ["shhhhhaa", "shhhhhaa", "shhhhhaa"]),

    // Asked before anything in the project or group is looked up; an anonymous writer was told to sign in earlier.
    ("before a write in a project",           'p', See(Write),          ["aaaaaaaa", "haaaaaaa", "hhaaaaaa"]),
    ("before a write in a group",             'g', See(Write),          ["aaaaaaaa", "haaaaaaa", "hhaaaaaa"]),
    ("before a write on a release",           'p', ReadReleases(Write), ["aaaaaaaa", "haaaaaaa", "hhaaaaaa"]),
];

#[test]
fn a_member_of_a_project_sees_the_groups_above_it_but_not_their_members() {
    let (member, _) = callers()[1].clone();
    for (visibility, members) in [(Public, 'a'), (Internal, 'a'), (Private, 'f')] {
        let above = Resource::Group(Some(GroupAccess { visibility, level: None, member_below: true }));
        let decided = |action| letter(decide(&member, above, action));
        assert_eq!((decided(See(Read)), decided(ReadMembers)), ('a', members), "{visibility}");
        assert_eq!([WriteGroup, CreateGroup, ADD].map(decided), ['f'; 3], "{visibility}");
    }
    let group = group(Private, None);
    assert_eq!(letter(decide(&member, group, ReadMembers)), 'h');
}

#[test]
fn each_caller_gets_the_decision_of_the_contract_on_projects_and_groups() {
    for (row, place, action, cells) in PLACES {
        for (visibility, expected) in [Public, Internal, Private].into_iter().zip(cells) {
            let resource = |level| match place {
                'p' => project(rules(visibility), level),
                'g' => group(visibility, level),
                'n' => Resource::namespace(NamespaceKind::Group, visibility, level),
                // In a user's namespace, only that user has a level: owner.
                _ => {
                    let own = level.filter(|&level| level == AccessLevel::Owner);
                    Resource::namespace(NamespaceKind::User, visibility, own)
                }
            };
            let actual: String =
                callers().iter().map(|(who, level)| letter(decide(who, resource(*level), action))).collect();
            assert_eq!(actual, expected, "{row}, {visibility}");
        }
    }
}

/// The rows for the service, users and personal tokens.
#[rustfmt::skip]
const PEOPLE: [(&str, char, Action<'_>, &str); 16] = [
    // One cell per caller: anonymous, another user, the user concerned, an administrator.
    ("version: signed in",                           's', ReadVersion,         "saaa"),
    ("oneself",                                      's', ReadOneself,         "saaa"),
    ("the lists of what is public: projects",        's', ListProjects,        "aaaa"),
    ("the lists of what is public: groups",          's', ListGroups,          "aaaa"),
    ("a group at the top: any user",                 's', CreateGroup,         "saaa"),
    ("users, read by the signed in: all",            's', ListUsers,           "saaa"),
    ("users, read by the signed in: one",            'u', ReadUser,            "saaa"),
    ("email and is_admin: oneself, administrators",  'u', ReadUserInFull,      "sfaa"),
    ("email and is_admin: oneself, administrators",  's', SearchEmails,        "sffa"),
    ("users: administrators",                        's', CreateUser,          "sffa"),
    ("users: administrators",                        'u', WriteUser,           "sffa"),
    ("personal tokens: that user, administrators",   'u', CreatePersonalToken, "sfaa"),
    ("tokens: the token's user, administrators",     't', ReadPersonalToken,   "shaa"),
    ("tokens: the token's user, administrators",     't', WritePersonalToken,  "shaa"),
    ("tokens: the token's user, administrators",     't', RevokeOwnToken,      "shaa"),
    ("tokens: the token's user, administrators",     't', RotateOwnToken,      "shaa"),
];

#[test]
fn each_caller_gets_the_decision_of_the_contract_on_users_and_tokens() {
    for (row, about, action, expected) in PEOPLE {
        let me = caller(Personal(Scope::Api), false);
        let administrator = caller(Personal(Scope::Api), true);
        let callers = [(Caller::Anonymous, ANOTHER), (me.clone(), ANOTHER), (me, ME), (administrator, ANOTHER)];
        let resource = |id| match about {
            'u' => Resource::User(Some(UserAccess { id: user(id), bot: false })),
            't' => Resource::Token(Some(user(id))),
            _ => Resource::Service,
        };
        let actual: String = callers.iter().map(|(who, id)| letter(decide(who, resource(*id), action))).collect();
        assert_eq!(actual, expected, "{row}");
    }
}

#[test]
fn an_administrator_lists_all_tokens_and_other_users_their_own() {
    for (administrator, of, expected) in
        [(false, None, 'a'), (false, Some(ME), 'a'), (false, Some(ANOTHER), 'f'), (true, Some(ANOTHER), 'a')]
    {
        let caller = caller(Personal(Scope::Api), administrator);
        let decision = decide(&caller, Resource::Service, ListPersonalTokens { of: of.map(user) });
        assert_eq!(letter(decision), expected, "{administrator} {of:?}");
    }
}

/// The rows for an owner's credentials, on private resources.
#[rustfmt::skip]
const CREDENTIALS: [(&str, char, Action<'_>, &str); 26] = [
    // One cell per credential: personal token with scope api, with read_api, with another scope; project token with
    // scope api, with read_api; job token, job token of another project.
    ("project: read",                    'p', See(Read),           "aacaaah"),
    ("project: about to write",          'p', See(Write),          "accacah"),
    ("project: change",                  'p', ChangeProject,       "accfcfh"),
    ("project: delete",                  'p', DeleteProject,       "accfcfh"),
    ("project: add a member",            'p', ADD,                 "accfcfh"),
    ("project: read protected tags",     'p', ReadProtectedTags,   "aacaaah"),
    ("project: write protected tags",    'p', WriteProtectedTags,  "accfcfh"),
    ("project: create a token",          'p', CREATE_TOKEN,        "accfcfh"),
    ("project: run a job",               'p', RUN,                 "accfcfh"),
    ("releases: read",                   'p', ReadReleases(Read),  "aacaaah"),
    ("releases: write",                  'p', WRITE,               "accacah"),
    ("files: download a package",        'p', DownloadPackage,     "aacaaah"),
    ("files: publish and upload",        'p', AddFile,             "accacah"),
    ("files: read uploads",              'p', ReadUploads,         "aacaaah"),
    ("files: delete",                    'p', DeleteFile,          "accacah"),
    ("group: read",                      'g', See(Read),           "aacaaff"),
    ("group: change",                    'g', WriteGroup,          "accfcff"),
    ("namespace: create a project",      'n', CreateProject,       "accfcff"),
    ("service: version",                 's', ReadVersion,         "aacaaaa"),
    ("service: list projects",           's', ListProjects,        "aacaaaa"),
    ("service: list users",              's', ListUsers,           "aacaaff"),
    ("service: create a group",          's', CreateGroup,         "accfcff"),
    ("oneself: create a personal token", 'u', CreatePersonalToken, "accfcff"),
    ("oneself: revoke the token itself", 't', RevokeOwnToken,      "aaaffff"),
    ("oneself: rotate the token itself", 't', RotateOwnToken,      "accacff"),
    ("project: rotate the token itself", 'p', RotateOwnToken,      "accacfh"),
];

#[test]
fn each_credential_allows_what_the_contract_says() {
    use Scope::{Api, ReadApi, ReadUser};
    let owner = Some(AccessLevel::Owner);
    for (row, about, action, expected) in CREDENTIALS {
        let resource = match about {
            'p' => project(rules(Private), owner),
            'g' => group(Private, owner),
            'n' => Resource::namespace(NamespaceKind::Group, Private, owner),
            'u' => Resource::User(Some(UserAccess { id: user(ME), bot: false })),
            't' => Resource::Token(Some(user(ME))),
            _ => Resource::Service,
        };
        let tokens = [
            Personal(Api),
            Personal(ReadApi),
            Personal(ReadUser),
            ProjectToken(Api),
            ProjectToken(ReadApi),
            Job,
            JobElsewhere,
        ];
        let actual: String = tokens.iter().map(|by| letter(decide(&caller(*by, false), resource, action))).collect();
        assert_eq!(actual, expected, "{row}");
    }
}

#[test]
fn the_scope_self_rotate_allows_a_token_to_rotate_itself_and_nothing_else() {
    let own = Resource::Token(Some(user(ME)));
    for by in [Personal(Scope::SelfRotate), ProjectToken(Scope::SelfRotate)] {
        let caller = caller(by, false);
        assert_eq!(letter(decide(&caller, own, RotateOwnToken)), 'a', "{by:?}");
        for action in [ReadPersonalToken, WritePersonalToken] {
            assert_ne!(letter(decide(&caller, own, action)), 'a', "{by:?} {action:?}");
        }
    }
}

/// Returns a number for each action. A new action does not compile until it is listed here, and the next test then
/// demands a row for it.
fn number(action: Action<'_>) -> usize {
    match action {
        ReadVersion => 0,
        ReadOneself => 1,
        ListProjects => 2,
        ListGroups => 3,
        ListUsers => 4,
        SearchEmails => 5,
        CreateUser => 6,
        ReadUser => 7,
        ReadUserInFull => 8,
        WriteUser => 9,
        CreatePersonalToken => 10,
        ReadPersonalToken => 11,
        WritePersonalToken => 12,
        RevokeOwnToken => 13,
        See(_) => 14,
        CreateGroup => 15,
        WriteGroup => 16,
        CreateProject => 17,
        ChangeProject => 18,
        ArchiveProject => 19,
        ManageMembers { .. } => 20,
        ReadProtectedTags => 21,
        WriteProtectedTags => 22,
        ReadProjectTokens => 23,
        WriteProjectTokens { .. } => 24,
        RunJobs { .. } => 25,
        ReadReleases(_) => 26,
        WriteReleases { .. } => 27,
        TransferProject => 28,
        DeleteProject => 29,
        ReadJobTokens => 30,
        RotateOwnToken => 31,
        ReadMembers => 32,
        DeleteImmutableRelease => 33,
        ReadActors => 34,
        DownloadPackage => 35,
        AddFile => 36,
        ReadUploads => 37,
        DeleteFile => 38,
        // Each has a test of its own.
        ListPersonalTokens { .. } | EndMembership { .. } => 39,
    }
}

#[test]
fn every_action_has_a_row() {
    let rows = PLACES.iter().map(|row| row.2).chain(PEOPLE.iter().map(|row| row.2));
    let numbers: std::collections::BTreeSet<usize> = rows.map(number).collect();
    assert_eq!(numbers, (0..39).collect());
}

#[test]
fn before_a_resource_is_loaded_the_decision_depends_on_the_caller_alone() {
    let job = caller(Job, false);
    let reader = caller(Personal(Scope::ReadApi), false);
    for (action, resource, anonymous, by_job) in [
        (See(Read), Resource::Project(None), 'a', 'a'),
        (ChangeProject, Resource::Project(None), 's', 'a'),
        (ReadProtectedTags, Resource::Project(None), 'a', 'a'),
        (See(Read), Resource::Group(None), 'a', 'f'),
        (WriteGroup, Resource::Group(None), 's', 'f'),
        (ADD, Resource::Group(None), 's', 'f'),
        (CreateProject, Resource::Namespace(None), 's', 'f'),
        (ReadUser, Resource::User(None), 's', 'f'),
        (WriteUser, Resource::User(None), 's', 'f'),
        (WritePersonalToken, Resource::Token(None), 's', 'f'),
    ] {
        let letters = [&Caller::Anonymous, &job, &reader].map(|caller| letter(decide(caller, resource, action)));
        assert_eq!(letters, [anonymous, by_job, 'a'], "{action:?} {resource:?}");
    }
}

#[test]
fn no_member_manages_a_level_above_their_own() {
    use AccessLevel::{Guest, Maintainer, Owner};
    let (me, administrator) = (caller(Personal(Scope::Api), false), caller(Personal(Scope::Api), true));
    let maintained = project(rules(Private), Some(Maintainer));
    for (levels, by_maintainer) in [(&[][..], 'a'), (&[Maintainer, Guest], 'a'), (&[Owner, Guest], 'f')] {
        let action = ManageMembers { levels, bot: false };
        assert_eq!(letter(decide(&me, maintained, action)), by_maintainer, "{levels:?}");
        assert_eq!(letter(decide(&administrator, maintained, action)), 'a', "{levels:?}");
    }
    for (level, by_maintainer) in [(None, 'a'), (Some(Maintainer), 'a'), (Some(Owner), 'f')] {
        assert_eq!(letter(decide(&me, maintained, WriteProjectTokens { level })), by_maintainer, "{level:?}");
        assert_eq!(letter(decide(&administrator, maintained, WriteProjectTokens { level })), 'a', "{level:?}");
    }
}

#[test]
fn a_member_ends_their_own_membership_with_a_personal_token() {
    use AccessLevel::{Guest, Owner};
    let by = |by| caller(by, false);
    let ends = |caller: &Caller, id: i64, level, bot| {
        letter(decide(caller, project(rules(Private), Some(level)), EndMembership { user: user(id), level, bot }))
    };
    let me = by(Personal(Scope::Api));
    assert_eq!((ends(&me, ME, Guest, false), ends(&me, ANOTHER, Guest, false)), ('a', 'f'));
    assert_eq!((ends(&me, ANOTHER, Owner, false), ends(&me, ANOTHER, Owner, true)), ('a', 'f'));
    assert_eq!(ends(&by(Personal(Scope::ReadApi)), ME, Guest, false), 'c');
    assert_eq!([by(ProjectToken(Scope::Api)), by(Job)].map(|caller| ends(&caller, ME, Owner, false)), ['f', 'f']);
}

#[test]
fn a_bot_is_changed_only_through_its_token() {
    let administrator = caller(Personal(Scope::Api), true);
    let bot = Resource::User(Some(UserAccess { id: user(ANOTHER), bot: true }));
    assert_eq!(
        [ReadUser, WriteUser, CreatePersonalToken].map(|action| letter(decide(&administrator, bot, action))),
        ['a', 'f', 'f']
    );
    let members = ManageMembers { levels: &[], bot: true };
    assert_eq!(letter(decide(&administrator, project(rules(Public), None), members)), 'f');
}

#[test]
fn only_an_administrator_runs_jobs_for_others() {
    for (administrator, id, expected) in [(false, ME, 'a'), (false, ANOTHER, 'f'), (true, ANOTHER, 'a')] {
        let owned = project(rules(Private), Some(AccessLevel::Owner));
        let decision = decide(&caller(Personal(Scope::Api), administrator), owned, RunJobs { user: Some(user(id)) });
        assert_eq!(letter(decision), expected, "{administrator} {id}");
    }
}

#[test]
fn administrator_rights_need_a_personal_token() {
    // `admit` grants administrator rights only to personal tokens; a bearer constructed by other means is refused
    // here too.
    for by in [ProjectToken(Scope::Api), Job] {
        assert_ne!(letter(decide(&caller(by, true), Resource::Service, CreateUser)), 'a', "{by:?}");
    }
}

#[test]
fn reading_releases_follows_the_release_setting_of_the_project() {
    //                                          anonymous, not a member, guest … owner, administrator
    for (releases, visibility, reads, writes) in [
        (ReleasesAccess::Enabled, Public, "aaaaaaaa", "ffffaaaa"),
        (ReleasesAccess::Private, Public, "ffaaaaaa", "ffffaaaa"),
        (ReleasesAccess::Private, Internal, "hfaaaaaa", "hfffaaaa"),
        (ReleasesAccess::Private, Private, "hhaaaaaa", "hhffaaaa"),
        (ReleasesAccess::Disabled, Public, "ffffffff", "ffffffff"),
        (ReleasesAccess::Disabled, Internal, "hfffffff", "hfffffff"),
        (ReleasesAccess::Disabled, Private, "hhffffff", "hhffffff"),
    ] {
        let rules = ProjectRules { releases, ..rules(visibility) };
        assert_eq!(on_project(rules, ReadReleases(Read)), reads, "{releases} {visibility}");
        assert_eq!(on_project(rules, WRITE), writes, "{releases} {visibility}");
        assert_eq!(on_project(rules, See(Read)), on_project(self::rules(visibility), See(Read)));
    }
}

#[test]
fn an_archived_project_is_read_only() {
    let rules = ProjectRules { archived: true, ..rules(Public) };
    assert_eq!(on_project(rules, ReadReleases(Read)), "aaaaaaaa");
    assert_eq!(on_project(rules, WRITE), "ffffffff");
    assert_eq!(on_project(rules, ArchiveProject), "sfffffaa");
    assert_eq!(on_project(rules, DownloadPackage), "aaaaaaaa");
    assert_eq!([AddFile, DeleteFile].map(|action| on_project(rules, action)), ["sfffffff"; 2]);
}

#[test]
fn who_may_read_releases_does_not_matter_to_files() {
    for releases in [ReleasesAccess::Private, ReleasesAccess::Disabled] {
        let rules = ProjectRules { releases, ..rules(Public) };
        for action in [DownloadPackage, AddFile, ReadUploads, DeleteFile] {
            assert_eq!(on_project(rules, action), on_project(self::rules(Public), action), "{releases} {action:?}");
        }
    }
}

#[test]
fn what_does_not_exist_is_answered_like_what_is_hidden() {
    let (stranger, job) = (caller(Personal(Scope::Api), false), caller(JobElsewhere, false));
    for (action, anonymous) in [(See(Read), 'h'), (ReadReleases(Read), 'h'), (DownloadPackage, 's')] {
        for (who, expected) in [(&Caller::Anonymous, anonymous), (&stranger, 'h'), (&job, 'h')] {
            let hidden = decide(who, project(rules(Private), None), action);
            let absent = decide_absent(who, action);
            assert_eq!([letter(hidden), letter(absent)], [expected; 2], "{action:?} {who:?}");
        }
    }
}

#[test]
fn a_protected_tag_requires_one_matching_rule_to_allow_the_caller() {
    type Rules<'a> = &'a [(&'a str, TagCreateLevel)];
    //                               anonymous, not a member, guest … owner, administrator
    for (protecting, expected) in [
        (&[][..] as Rules<'_>, "ffffaaaa"),
        (&[("v*", Developers)], "ffffaaaa"),
        (&[("v*", Maintainers)], "fffffaaa"),
        (&[("v1/x", NoOne)], "ffffffff"),
        (&[("v*", NoOne), ("*", Maintainers)], "fffffaaa"),
        (&[("*", NoOne), ("v1/x", Developers)], "ffffaaaa"),
        (&[("w*", NoOne)], "ffffaaaa"),
        (&[("V*", NoOne)], "ffffaaaa"),
    ] {
        let protecting: Vec<TagRule> = protecting
            .iter()
            .map(|&(pattern, create_level)| TagRule {
                id: 1.try_into().unwrap(),
                pattern: pattern.parse().unwrap(),
                create_level,
            })
            .collect();
        let write = WriteReleases { tag: "v1/x", rules: &protecting };
        assert_eq!(on_project(rules(Public), write), expected, "{protecting:?}");
        assert_eq!(on_project(rules(Public), ReadReleases(Read)), "aaaaaaaa");
    }
}
