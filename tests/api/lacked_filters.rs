//! docs/contract.md, "Provisioning": filters that GitLab has and this server lacks.

use std::sync::Arc;

use serde_json::json;

use crate::harness::{Api, Launch, Visibility};

/// Each list with the filters that it lacks.
fn lists(api: &Api) -> Vec<(String, &'static [&'static str])> {
    let project = format!("/api/v4/projects/{}", api.project);
    vec![
        ("/api/v4/users".into(), &["two_factor", "without_projects", "humans", "exclude_internal", "skip_ldap"]),
        (
            "/api/v4/projects".into(),
            &["starred", "with_issues_enabled", "with_programming_language", "topic_id", "active"],
        ),
        ("/api/v4/groups".into(), &["active", "archived", "repository_storage", "custom_attributes"]),
        (format!("{project}/members"), &["state", "with_saml_identity"]),
        (format!("{project}/members/all"), &["state", "with_saml_identity"]),
        (format!("{project}/releases"), &["updated_after", "updated_before"]),
        (format!("{project}/repository/branches"), &["regex"]),
    ]
}

#[test]
fn a_filter_that_is_missing_here_is_refused_and_never_answered_with_everything() {
    let api = Api::public();
    for (list, lacked) in lists(&api) {
        for name in lacked {
            for value in ["true", "1", "enabled", "2024-01-01"] {
                let refused = format!("{name} is not supported");
                api.admin().get(format!("{list}?{name}={value}")).send().is_error(&refused);
                api.admin().get(&list).json(json!({ *name: value })).send().is_error(&refused);
            }
            api.admin().get(format!("{list}?{name}[]=a")).send().is_error(&format!("{name} is not supported"));
        }
    }
}

#[test]
fn a_missing_filter_that_is_false_or_empty_and_whatever_is_no_filter_are_ignored() {
    // Of its own: what other tests create would be in the lists.
    let server = Arc::new(Launch::new().start());
    let api = Api::on(&server, Visibility::Public);
    for (list, lacked) in lists(&api) {
        let all = api.admin().get(&list).send().status(200).text;
        for name in lacked {
            for query in [format!("{name}="), format!("{name}=false"), format!("{name}=0"), format!("{name}[]=")] {
                assert_eq!(api.admin().get(format!("{list}?{query}")).send().status(200).text, all, "{list}?{query}");
            }
        }
        let shaping = "simple=true&statistics=true&with_custom_attributes=true&license=true&nonsense=1";
        assert_eq!(api.admin().get(format!("{list}?{shaping}")).send().status(200).text, all, "{list}");
    }
}

#[test]
fn a_missing_filter_is_refused_after_the_other_faults_and_after_permissions() {
    let api = Api::private();
    let faults = "owned is invalid, page is invalid, starred is not supported, topic_id is not supported";
    api.admin().get("/api/v4/projects?topic_id=3&starred=yes&page=x&owned=y").send().is_error(faults);
    let refused = api.anonymous().get("/api/v4/users?two_factor=enabled").send();
    assert_eq!(refused.status, 401);
    let releases = format!("/api/v4/projects/{}/releases", api.project);
    for query in ["", "?updated_after=2024-01-01"] {
        let hidden = api.stranger().get(format!("{releases}{query}")).send();
        let absent = api.stranger().get(format!("/api/v4/projects/99999999/releases{query}")).send();
        assert_eq!((hidden.status, hidden.text), (404, absent.text), "{query}");
    }
}
