//! `/projects/:id/protected_tags` (docs/contract.md, "Provisioning").

use actix_web::http::StatusCode;
use release_links_domain::access::{TagCreateLevel, TagRule};
use release_links_domain::tag::TagPattern;
use release_links_usecases::ProtectedTagDraft;
use serde::Serialize;

use crate::fields::Fields;
use crate::incoming::Incoming;
use crate::pagination::{headers, page_request};
use crate::params::Param;
use crate::reply::{Reply, created, json, no_content, ok};

#[derive(Debug, Serialize)]
struct ProtectedTagBody {
    name: String,
    create_access_levels: [CreateLevelBody; 1],
}

#[derive(Debug, Serialize)]
struct CreateLevelBody {
    id: i64,
    access_level: i64,
    access_level_description: String,
}

impl ProtectedTagBody {
    fn new(rule: TagRule) -> Self {
        let level = CreateLevelBody {
            id: rule.id.get(),
            access_level: rule.create_level.number(),
            access_level_description: rule.create_level.to_string(),
        };
        Self { name: rule.pattern.into(), create_access_levels: [level] }
    }
}

/// `GET …`: a page.
pub(crate) async fn list(incoming: Incoming, mut fields: Fields) -> Reply {
    let page = page_request(&mut fields);
    let caller = incoming.caller().await?;
    let service = &incoming.service;
    let found = service.protected_tags.list(&caller, &incoming.path.id, fields.finish(page)).await?;
    let headers = headers(&incoming.request, &service.external, page, &found);
    let body: Vec<_> = found.rows.into_iter().map(ProtectedTagBody::new).collect();
    json(&incoming.request, StatusCode::OK, &body, headers)
}

/// `GET …/:name`.
pub(crate) async fn get(incoming: Incoming) -> Reply {
    let caller = incoming.caller().await?;
    let (project, name) = (&incoming.path.id, &incoming.path.tag_name);
    let rule = incoming.service.protected_tags.get(&caller, project, name).await?;
    ok(&incoming.request, &ProtectedTagBody::new(rule))
}

/// `POST …`.
pub(crate) async fn create(incoming: Incoming, mut fields: Fields) -> Reply {
    let name = fields.present_text("name");
    let pattern = name.and_then(|raw| raw.parse::<TagPattern>().map_err(|why| fields.fault("name", why)).ok());
    let create_level = fields.numbered("create_access_level", &TagCreateLevel::ALL).unwrap_or_default();
    // An empty list restricts nothing beyond the level.
    let restricts = |param: &Param| *param != Param::Null && *param != Param::List(Vec::new());
    if fields.sent("allowed_to_create").is_some_and(restricts) {
        fields.fault("allowed_to_create", "is not supported: create_access_level says who may");
    }
    let draft = pattern.map(|pattern| ProtectedTagDraft { pattern, create_level });
    let caller = incoming.caller().await?;
    let rule = incoming.service.protected_tags.create(&caller, &incoming.path.id, fields.finish_whole(draft)).await?;
    created(&incoming.request, &ProtectedTagBody::new(rule))
}

/// `DELETE …/:name`.
pub(crate) async fn delete(incoming: Incoming) -> Reply {
    let caller = incoming.caller().await?;
    let (project, name) = (&incoming.path.id, &incoming.path.tag_name);
    incoming.service.protected_tags.delete(&caller, project, name).await?;
    Ok(no_content())
}
