//! Groups and their members.

use serde_json::json;

use super::MemberSource::{Group, Nowhere};
use super::{Row, row};
use crate::matrix::wire::Shot;

//   anonymous stranger guest reporter developer maintainer owner administrator
#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    row(Nowhere, "POST /api/v4/groups", "top level: any user",
        "401 201 201 201 201 201 201 201", |set| {
            Shot::new("POST", "/api/v4/groups").with(json!({ "name": set.name(), "path": set.name() }))
        }),
    row(Group, "POST /api/v4/groups", "below: maintainer of the parent",
        "401 403 403 403 403 201 201 201", |set| {
            set.hides("groups", set.place.group);
            let draft = json!({ "name": set.name(), "path": set.name(), "parent_id": set.place.group });
            Shot::new("POST", "/api/v4/groups").with(draft)
        }),
    row(Nowhere, "GET /api/v4/groups", "the lists of what is public",
        "200 200 200 200 200 200 200 200", |_| Shot::new("GET", "/api/v4/groups")),
    row(Group, "GET /api/v4/groups/:id", "",
        "200 200 200 200 200 200 200 200", |set| Shot::new("GET", set.group())),
    row(Group, "PUT /api/v4/groups/:id", "group settings and rename: owner",
        "401 403 403 403 403 403 200 200", |set| {
            Shot::new("PUT", set.fresh_group()).with(json!({ "name": "Renamed" }))
        }),
    row(Group, "POST /api/v4/groups/:id/transfer", "owner of the group, to the top level",
        "401 403 403 403 403 403 201 201", |set| Shot::new("POST", format!("{}/transfer", set.fresh_group()))),
    row(Group, "DELETE /api/v4/groups/:id", "delete: owner",
        "401 403 403 403 403 403 202 202", |set| Shot::new("DELETE", set.fresh_group())),

    row(Group, "GET /api/v4/groups/:id/subgroups", "by whoever may read the group",
        "200 200 200 200 200 200 200 200", |set| Shot::new("GET", format!("{}/subgroups", set.group()))),
    row(Group, "GET /api/v4/groups/:id/projects", "by whoever may read the group",
        "200 200 200 200 200 200 200 200", |set| Shot::new("GET", format!("{}/projects", set.group()))),

    row(Group, "POST /api/v4/groups/:id/members", "of a group: owner",
        "401 403 403 403 403 403 201 201", |set| {
            let (group, user) = (set.fresh_group(), set.fresh_user());
            Shot::new("POST", format!("{group}/members")).with(json!({ "user_id": user, "access_level": 10 }))
        }),
    row(Group, "GET /api/v4/groups/:id/members", "by whoever may read the group",
        "200 200 200 200 200 200 200 200", |set| Shot::new("GET", format!("{}/members", set.group()))),
    row(Group, "GET /api/v4/groups/:id/members/:user_id", "by whoever may read the group",
        "200 200 200 200 200 200 200 200", |set| {
            Shot::new("GET", format!("{}/members/{}", set.group(), set.place.member))
        }),
    row(Group, "PUT /api/v4/groups/:id/members/:user_id", "of a group: owner",
        "401 403 403 403 403 403 200 200", |set| {
            let group = set.fresh_group();
            let member = set.fresh_member(&group, 10);
            Shot::new("PUT", format!("{group}/members/{member}")).with(json!({ "access_level": 20 }))
        }),
    row(Group, "DELETE /api/v4/groups/:id/members/:user_id", "of a group: owner",
        "401 403 403 403 403 403 204 204", |set| {
            let group = set.fresh_group();
            let member = set.fresh_member(&group, 10);
            Shot::new("DELETE", format!("{group}/members/{member}"))
        }),
    row(Group, "GET /api/v4/groups/:id/members/all", "by whoever may read the group",
        "200 200 200 200 200 200 200 200", |set| Shot::new("GET", format!("{}/members/all", set.group()))),
    row(Group, "GET /api/v4/groups/:id/members/all/:user_id", "by whoever may read the group",
        "200 200 200 200 200 200 200 200", |set| {
            Shot::new("GET", format!("{}/members/all/{}", set.group(), set.place.member))
        }),
];
