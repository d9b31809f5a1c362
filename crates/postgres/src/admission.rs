//! The domain's rule about who is admitted to what, written into statements: a statement that shows a project or group also
//! finds what is in it, and must not look for it on behalf of a reader who is not admitted.

use release_links_domain::ProjectId;
use release_links_domain::access::{AccessLevel, Reader};
use release_links_domain::project::{ProjectRules, ReleasesAccess, Visibility};

/// Where a statement asks whether the reader is admitted to project `p` in namespace `n`, over which `held` are the levels of
/// user `$2`, or to group `n`.
macro_rules! admitted {
    () => {
        "TRUE /* admitted */"
    };
}

pub(crate) use admitted;

/// The statement with the rule for projects in it; `reaches` tells whether the reader's credential reaches the project.
///
/// There are as many rules as there are kinds of readers, so a connection has few statements to prepare.
pub fn to_project(sql: &str, reader: Reader, reaches: bool) -> String {
    if !reaches {
        return sql.replace(admitted!(), "FALSE");
    }
    // The credential reaches this project, whichever it is.
    let reader = Reader { only: None, ..reader };
    let mut rows = Vec::new();
    for &visibility in Visibility::ALL {
        for &releases in ReleasesAccess::ALL {
            let rules = ProjectRules { visibility, archived: false, releases };
            for (level, held) in LEVELS {
                if any_project().is_some_and(|project| reader.is_admitted_to(project, rules, level)) {
                    rows.push(format!("('{visibility}', '{releases}', {held})"));
                }
            }
        }
    }
    let held = "held.direct IS NOT NULL OR held.inherited IS NOT NULL OR coalesce(n.user_id = $2, FALSE)";
    sql.replace(admitted!(), &one_of(&format!("p.visibility, p.releases_access, ({held})"), &rows))
}

/// As [`to_project`], with the rule for groups.
pub fn to_group(sql: &str, reader: Reader) -> String {
    let mut rows = Vec::new();
    for &visibility in Visibility::ALL {
        for (level, held) in LEVELS {
            if reader.access_in_namespace(level).sees(visibility) {
                rows.push(format!("('{visibility}', {held})"));
            }
        }
    }
    let held =
        "EXISTS (SELECT FROM namespace_ancestors above JOIN group_members held ON held.group_id = above.ancestor_id
        AND held.user_id = $2 WHERE above.namespace_id = n.id)";
    sql.replace(admitted!(), &one_of(&format!("n.visibility, {held}"), &rows))
}

/// A level is there or not; which it is makes no difference to reading, as the test holds.
const LEVELS: [(Option<AccessLevel>, &str); 2] = [(None, "FALSE"), (Some(AccessLevel::Guest), "TRUE")];

/// An id, where the rule does not depend on which.
fn any_project() -> Option<ProjectId> {
    ProjectId::try_from(1).ok()
}

fn one_of(columns: &str, rows: &[String]) -> String {
    if rows.is_empty() { "FALSE".to_owned() } else { format!("({columns}) IN ({})", rows.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use release_links_domain::access::Admission;

    #[test]
    fn every_level_admits_to_what_the_lowest_admits_to() {
        let user = Some(2.try_into().unwrap());
        for admission in [Admission::SeeProject, Admission::ReadReleases] {
            let reader = Reader { user, administrator: false, only: None, admission };
            for &visibility in Visibility::ALL {
                for &releases in ReleasesAccess::ALL {
                    let rules = ProjectRules { visibility, archived: false, releases };
                    let admits = |level| reader.is_admitted_to(any_project().unwrap(), rules, Some(level));
                    assert!(AccessLevel::ALL.into_iter().all(|level| admits(level) == admits(AccessLevel::Guest)));
                }
            }
        }
    }

    #[test]
    fn the_rule_in_the_statement_is_the_domains() {
        let anonymous = Reader::anonymous(Admission::SeeProject);
        let sql = to_project(concat!("SELECT 1 WHERE ", admitted!()), anonymous, true);
        assert!(sql.contains("('public', 'private', FALSE)") && !sql.contains("'internal'"), "{sql}");
        assert_eq!(to_project(admitted!(), anonymous, false), "FALSE");
    }
}
