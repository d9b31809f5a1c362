//! Projects, and what belongs to them: members, protected tags, tokens, jobs.

use serde_json::json;

use super::MemberSource::{Group, Nowhere, Project};
use super::{But, Row, row};
use crate::matrix::expected::Role;
use crate::matrix::wire::Shot;

//   anonymous stranger guest reporter developer maintainer owner administrator
#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    row(Nowhere, "POST /api/v4/projects", "own namespace: any user",
        "401 201 201 201 201 201 201 201", |set| Shot::new("POST", "/api/v4/projects").with(json!({ "name": set.name() }))),
    row(Group, "POST /api/v4/projects", "in a group: developer",
        "401 403 403 403 201 201 201 201", |set| {
            set.hides("groups", set.place.group);
            Shot::new("POST", "/api/v4/projects").with(json!({ "name": set.name(), "namespace_id": set.place.group }))
        }),
    row(Nowhere, "GET /api/v4/projects", "the lists of what is public",
        "200 200 200 200 200 200 200 200", |_| Shot::new("GET", "/api/v4/projects")),
    row(Project, "GET /api/v4/projects/:id", "",
        "200 200 200 200 200 200 200 200", |set| Shot::new("GET", set.project())),
    row(Project, "PUT /api/v4/projects/:id", "settings: maintainer",
        "401 403 403 403 403 200 200 200", |set| {
            Shot::new("PUT", set.fresh_project()).with(json!({ "releases_access_level": "private" }))
        }),
    row(Project, "PUT /api/v4/projects/:id", "rename: maintainer",
        "401 403 403 403 403 200 200 200", |set| {
            let path = format!("{}-renamed", set.name());
            Shot::new("PUT", set.fresh_project()).with(json!({ "path": path }))
        }),
    row(Project, "DELETE /api/v4/projects/:id", "delete: owner",
        "401 403 403 403 403 403 202 202", |set| Shot::new("DELETE", set.fresh_project())),
    row(Project, "PUT /api/v4/projects/:id/transfer", "owner of the project and at least developer in the target",
        "401 403 403 403 403 403 200 200", |set| {
            Shot::new("PUT", format!("{}/transfer", set.fresh_project())).with(json!({ "namespace": set.stage.friendly }))
        }),
    row(Project, "PUT /api/v4/projects/:id/transfer", "owner of the project and nobody in the target",
        "401 403 403 403 403 403 403 200", |set| {
            Shot::new("PUT", format!("{}/transfer", set.fresh_project())).with(json!({ "namespace": set.stage.foreign }))
        }),
    row(Project, "POST /api/v4/projects/:id/archive", "archive: owner",
        "401 403 403 403 403 403 201 201", |set| Shot::new("POST", format!("{}/archive", set.fresh_project()))),
    row(Project, "POST /api/v4/projects/:id/unarchive", "archive: owner",
        "401 403 403 403 403 403 201 201", |set| {
            let project = set.fresh_project();
            set.root.root("POST", format!("{project}/archive"), json!(null));
            Shot::new("POST", format!("{project}/unarchive"))
        }),

    row(Project, "POST /api/v4/projects/:id/members", "maintainer",
        "401 403 403 403 403 201 201 201", |set| {
            let (project, user) = (set.fresh_project(), set.fresh_user());
            Shot::new("POST", format!("{project}/members")).with(json!({ "user_id": user, "access_level": 10 }))
        }),
    row(Project, "GET /api/v4/projects/:id/members", "by whoever may read the project",
        "200 200 200 200 200 200 200 200", |set| Shot::new("GET", format!("{}/members", set.project()))),
    row(Project, "GET /api/v4/projects/:id/members/:user_id", "by whoever may read the project",
        "200 200 200 200 200 200 200 200", |set| {
            Shot::new("GET", format!("{}/members/{}", set.project(), set.place.member))
        }),
    row(Project, "PUT /api/v4/projects/:id/members/:user_id", "maintainer",
        "401 403 403 403 403 200 200 200", |set| {
            let project = set.fresh_project();
            let member = set.fresh_member(&project, 10);
            Shot::new("PUT", format!("{project}/members/{member}")).with(json!({ "access_level": 20 }))
        }),
    row(Project, "DELETE /api/v4/projects/:id/members/:user_id", "maintainer",
        "401 403 403 403 403 204 204 204", |set| {
            let project = set.fresh_project();
            let member = set.fresh_member(&project, 10);
            Shot::new("DELETE", format!("{project}/members/{member}"))
        }),
    row(Project, "GET /api/v4/projects/:id/members/all", "by whoever may read the project",
        "200 200 200 200 200 200 200 200", |set| Shot::new("GET", format!("{}/members/all", set.project()))),
    row(Project, "GET /api/v4/projects/:id/members/all/:user_id", "by whoever may read the project",
        "200 200 200 200 200 200 200 200", |set| {
            let owner = set.stage.team.id(Role::Owner);
            Shot::new("GET", format!("{}/members/all/{owner}", set.project()))
        }).but(But::OfTheGroupAbove),

    row(Project, "POST /api/v4/projects/:id/protected_tags", "maintainer",
        "401 403 403 403 403 201 201 201", |set| {
            Shot::new("POST", format!("{}/protected_tags", set.fresh_project())).with(json!({ "name": "v*" }))
        }),
    row(Project, "GET /api/v4/projects/:id/protected_tags", "read by maintainers",
        "401 403 403 403 403 200 200 200", |set| Shot::new("GET", format!("{}/protected_tags", set.project()))),
    row(Project, "GET /api/v4/projects/:id/protected_tags/:name", "read by maintainers",
        "401 403 403 403 403 200 200 200", |set| Shot::new("GET", format!("{}/protected_tags/v*", set.project()))),
    row(Project, "DELETE /api/v4/projects/:id/protected_tags/:name", "maintainer",
        "401 403 403 403 403 204 204 204", |set| {
            Shot::new("DELETE", format!("{}/protected_tags/v%2A", set.protected_project()))
        }),

    row(Project, "POST /api/v4/projects/:id/access_tokens", "maintainer",
        "401 403 403 403 403 201 201 201", |set| {
            let draft = json!({ "name": "matrix", "scopes": ["api"] });
            Shot::new("POST", format!("{}/access_tokens", set.fresh_project())).with(draft)
        }),
    row(Project, "GET /api/v4/projects/:id/access_tokens", "read by maintainers",
        "401 403 403 403 403 200 200 200", |set| Shot::new("GET", format!("{}/access_tokens", set.project()))),
    row(Project, "GET /api/v4/projects/:id/access_tokens/:token_id", "read by maintainers",
        "401 403 403 403 403 200 200 200", |set| {
            Shot::new("GET", format!("{}/access_tokens/{}", set.project(), set.place.access_token))
        }),
    row(Project, "DELETE /api/v4/projects/:id/access_tokens/:token_id", "maintainer",
        "401 403 403 403 403 204 204 204", |set| {
            let project = set.fresh_project();
            Shot::new("DELETE", format!("{project}/access_tokens/{}", set.fresh_access_token()))
        }),
    row(Project, "POST /api/v4/projects/:id/access_tokens/:token_id/rotate", "maintainer",
        "401 403 403 403 403 200 200 200", |set| {
            let project = set.fresh_project();
            Shot::new("POST", format!("{project}/access_tokens/{}/rotate", set.fresh_access_token()))
        }),

    row(Project, "POST /api/v4/projects/:id/access_tokens/self/rotate", "the token itself, which no personal one is",
        "401 404 404 404 404 404 404 404", |set| {
            let project = set.fresh_project();
            // The token is what is absent, and the request does not name it.
            set.hides("access_tokens", 0);
            Shot::new("POST", format!("{project}/access_tokens/self/rotate"))
        }).but(But::RotatesItself),

    row(Project, "POST /api/v4/projects/:id/job_tokens", "developer for oneself",
        "401 403 403 403 201 201 201 201", |set| {
            Shot::new("POST", format!("{}/job_tokens", set.fresh_project())).with(json!({ "expires_in": 60 }))
        }),
    row(Project, "POST /api/v4/projects/:id/job_tokens", "developer for oneself, by name",
        "401 403 403 403 201 201 201 201", |set| {
            Shot::new("POST", format!("{}/job_tokens", set.fresh_project())).with(json!({ "user_id": set.me() }))
        }),
    row(Project, "POST /api/v4/projects/:id/job_tokens", "another user_id: administrators",
        "401 403 403 403 403 403 403 201", |set| {
            let project = set.fresh_project();
            let member = set.fresh_member(&project, 30);
            Shot::new("POST", format!("{project}/job_tokens")).with(json!({ "user_id": member }))
        }),
    row(Project, "GET /api/v4/projects/:id/job_tokens", "read by developers",
        "401 403 403 403 200 200 200 200", |set| Shot::new("GET", format!("{}/job_tokens", set.project()))),
    row(Project, "DELETE /api/v4/projects/:id/job_tokens/:job_id", "developer for oneself",
        "401 403 403 403 204 204 204 204", |set| {
            let (project, user) = (set.fresh_project(), set.me_or_the_owner());
            Shot::new("DELETE", format!("{project}/job_tokens/{}", set.fresh_job(user)))
        }),
    row(Project, "DELETE /api/v4/projects/:id/job_tokens/:job_id", "another user's: administrators, and hidden from others who run jobs",
        "401 403 403 403 404 404 404 204", |set| {
            let project = set.fresh_project();
            let member = set.fresh_member(&project, 30);
            let job = set.fresh_job(member);
            set.hides("job_tokens", job);
            Shot::new("DELETE", format!("{project}/job_tokens/{job}"))
        }),

    row(Project, "GET /api/v4/projects/:id/packages/generic/:package_name/:package_version/:file_name", "",
        "200 200 200 200 200 200 200 200", |set| {
            let file = format!("{}/packages/generic/hello/1.0/file", set.project());
            set.root.root("PUT", file.clone(), json!("bytes"));
            Shot::new("GET", file)
        }).but(But::IsAFile),
    row(Project, "PUT /api/v4/projects/:id/packages/generic/:package_name/:package_version/:file_name", "developer",
        "401 403 403 403 201 201 201 201", |set| {
            Shot::new("PUT", format!("{}/packages/generic/hello/1.0/file", set.project())).with(json!("bytes"))
        }).but(But::IsAFile),
    row(Project, "GET /api/v4/projects/:id/packages", "by whoever may see the project",
        "200 200 200 200 200 200 200 200", |set| Shot::new("GET", format!("{}/packages", set.project()))),
    row(Project, "GET /api/v4/projects/:id/packages/:package_id", "",
        "200 200 200 200 200 200 200 200", |set| {
            let project = set.project();
            Shot::new("GET", format!("{project}/packages/{}", set.fresh_file(&project)["package_id"]))
        }),
    row(Project, "GET /api/v4/projects/:id/packages/:package_id/package_files", "",
        "200 200 200 200 200 200 200 200", |set| {
            let project = set.project();
            Shot::new("GET", format!("{project}/packages/{}/package_files", set.fresh_file(&project)["package_id"]))
        }),
    row(Project, "DELETE /api/v4/projects/:id/packages/:package_id", "maintainer",
        "401 403 403 403 403 204 204 204", |set| {
            let project = set.project();
            Shot::new("DELETE", format!("{project}/packages/{}", set.fresh_file(&project)["package_id"]))
        }).but(But::IsAFile),
    row(Project, "DELETE /api/v4/projects/:id/packages/:package_id/package_files/:package_file_id", "maintainer",
        "401 403 403 403 403 204 204 204", |set| {
            let project = set.project();
            let file = set.fresh_file(&project);
            Shot::new("DELETE", format!("{project}/packages/{}/package_files/{}", file["package_id"], file["id"]))
        }).but(But::IsAFile),

    row(Project, "POST /api/v4/projects/:id/uploads", "developer",
        "401 403 403 403 201 201 201 201", |set| {
            Shot::new("POST", format!("{}/uploads", set.project())).with_file()
        }).but(But::IsAFile),
    row(Project, "GET /api/v4/projects/:id/uploads", "maintainer",
        "401 403 403 403 403 200 200 200", |set| Shot::new("GET", format!("{}/uploads", set.project()))),
    row(Project, "GET /api/v4/projects/:id/uploads/:upload_id", "maintainer",
        "401 403 403 403 403 200 200 200", |set| {
            let project = set.project();
            Shot::new("GET", format!("{project}/uploads/{}", set.fresh_upload(&project)["id"]))
        }).but(But::AcceptsBasic),
    row(Project, "DELETE /api/v4/projects/:id/uploads/:upload_id", "maintainer",
        "401 403 403 403 403 204 204 204", |set| {
            let project = set.project();
            Shot::new("DELETE", format!("{project}/uploads/{}", set.fresh_upload(&project)["id"]))
        }).but(But::IsAFile),
    row(Project, "GET /api/v4/projects/:id/uploads/:secret/:file", "by whoever may see the project",
        "200 200 200 200 200 200 200 200", |set| {
            let project = set.project();
            let upload = set.fresh_upload(&project);
            Shot::new("GET", project + upload["url"].as_str().unwrap())
        }).but(But::AcceptsBasic),
    row(Project, "GET /-/project/:id/uploads/:secret/:file", "by whoever may see the project",
        "200 200 200 200 200 200 200 200", |set| {
            let project = set.project();
            Shot::new("GET", set.fresh_upload(&project)["full_path"].as_str().unwrap())
        }).but(But::AcceptsBasic),
    row(Project, "GET /:id/uploads/:secret/:file", "by whoever may see the project",
        "200 200 200 200 200 200 200 200", |set| {
            let project = set.project();
            let upload = set.fresh_upload(&project);
            Shot::new("GET", format!("/{}{}", set.path_of(&project), upload["url"].as_str().unwrap()))
        }).but(But::AcceptsBasic),

    row(Project, "GET /api/v4/projects/:id/milestones", "",
        "200 200 200 200 200 200 200 200", |set| Shot::new("GET", format!("{}/milestones", set.project()))),
    row(Project, "GET /api/v4/projects/:id/repository/commits/:sha/merge_requests", "",
        "200 200 200 200 200 200 200 200", |set| {
            Shot::new("GET", format!("{}/repository/commits/0123abcd/merge_requests", set.project()))
        }),
];
