//! `POST /projects/:id/releases`: creates a release with all its links, or nothing.

use actix_web::http::StatusCode;
use release_links_domain::link::LinkDraft;
use release_links_usecases::ReleaseDraft;

use super::answer;
use super::parameters::{milestones, released_at};
use crate::fields::Fields;
use crate::incoming::Incoming;
use crate::links;
use crate::params::Param;
use crate::reply::Reply;

pub(crate) async fn create(incoming: Incoming, mut fields: Fields) -> Reply {
    fields.require("tag_name");
    let tag = fields.text("tag_name").unwrap_or_default();
    let draft = ReleaseDraft {
        tag_message: fields.text("tag_message"),
        name: fields.text("name"),
        description: fields.text("description"),
        target: fields.text("ref"),
        links: asset_links(&mut fields),
        milestones: milestones(&mut fields),
        released_at: released_at(&mut fields),
    };
    let caller = incoming.caller().await?;
    let service = &incoming.service;
    let release = service.releases.create(&caller, &incoming.path.id, fields.finish((tag, draft))).await?;
    answer::written(&incoming, StatusCode::CREATED, release).await
}

/// Reads `assets[links][]`, the links to create with the release.
fn asset_links(fields: &mut Fields) -> Vec<LinkDraft> {
    let mut assets = match fields.take("assets") {
        None | Some(Param::Null) => return Vec::new(),
        Some(Param::Map(assets)) => assets,
        Some(Param::Text(text)) if text.is_empty() => return Vec::new(),
        Some(Param::Text(_) | Param::List(_)) => {
            fields.fault("assets", "is invalid");
            return Vec::new();
        }
    };
    let links = match assets.remove("links") {
        None | Some(Param::Null) => return Vec::new(),
        Some(Param::List(links)) => links,
        Some(Param::Text(text)) if text.is_empty() => return Vec::new(),
        Some(Param::Text(_) | Param::Map(_)) => {
            fields.fault("assets[links]", "is invalid");
            return Vec::new();
        }
    };
    let mut drafts = Vec::with_capacity(links.len());
    for (position, link) in links.into_iter().enumerate() {
        let Param::Map(link) = link else {
            fields.fault("assets[links]", "is invalid");
            return Vec::new();
        };
        let mut link = Fields::below(link, format!("assets[links][{position}]"));
        drafts.push(links::draft(&mut link));
        fields.absorb(link);
    }
    drafts
}
