//! Translates the domain's admission rule into SQL. A statement that loads a project or group also searches in it, and
//! must not do so for a reader who is not admitted.

use release_links_domain::ProjectId;
use release_links_domain::access::{AccessLevel, Reader};
use release_links_domain::project::{ProjectRules, ReleasesAccess, Visibility};

/// The placeholder for the condition that admits the reader to project `p` in namespace `n`, where `held` has the
/// grants of user `$2`, or to group `n`.
macro_rules! admitted {
    () => {
        "TRUE /* admitted */"
    };
}

pub(crate) use admitted;

/// Replaces the placeholder with the rule for projects. `reaches` tells whether the reader's credential is valid for
/// the project.
///
/// There are only as many conditions as kinds of readers, so a connection prepares few statements.
pub fn to_project(sql: &str, reader: Reader, reaches: bool) -> String {
    if !reaches {
        return sql.replace(admitted!(), "FALSE");
    }
    // `reaches` has already settled whether the credential is valid for this project.
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

/// Like [`to_project`], with the rule for groups.
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

/// Whether the reader has a level. For reading, all levels are equal, as a test below checks.
const LEVELS: [(Option<AccessLevel>, &str); 2] = [(None, "FALSE"), (Some(AccessLevel::Guest), "TRUE")];

/// Any id: the rule does not depend on it.
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
    fn every_level_admits_as_much_as_the_lowest() {
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
    fn the_rule_in_the_statement_is_that_of_the_domain() {
        let anonymous = Reader::anonymous(Admission::SeeProject);
        let sql = to_project(concat!("SELECT 1 WHERE ", admitted!()), anonymous, true);
        assert!(sql.contains("('public', 'private', FALSE)") && !sql.contains("'internal'"), "{sql}");
        assert_eq!(to_project(admitted!(), anonymous, false), "FALSE");
    }
}
