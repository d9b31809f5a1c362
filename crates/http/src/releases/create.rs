//! `POST /projects/:id/releases`: a release with all its links, or nothing.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use release_links_domain::link::LinkDraft;
use release_links_usecases::ReleaseDraft;

use super::shape::ReleaseBody;
use crate::fields::Fields;
use crate::incoming::Incoming;
use crate::links;
use crate::params::Param;
use crate::reply::{Reply, created};

pub(crate) async fn create(incoming: Incoming) -> Reply {
    let mut fields = Fields::of(&incoming.params);
    fields.require("tag_name");
    let tag = fields.text("tag_name").unwrap_or_default();
    let draft = ReleaseDraft {
        tag_message: fields.text("tag_message"),
        name: fields.text("name"),
        description: fields.text("description"),
        target: fields.text("ref"),
        links: asset_links(&incoming, &mut fields),
        milestones: milestones(&incoming, &mut fields),
        released_at: released_at(&mut fields),
    };
    let caller = incoming.caller().await?;
    let service = &incoming.service;
    let release = service.releases.create(&caller, &incoming.path.id, fields.finish((tag, draft))).await?;
    created(&incoming.request, &ReleaseBody::new(release, &service.external))
}

/// `assets[links][]`: the links to be made with the release.
fn asset_links(incoming: &Incoming, fields: &mut Fields<'_>) -> Vec<LinkDraft> {
    let assets = match incoming.params.get("assets") {
        None | Some(Param::Null) => return Vec::new(),
        Some(Param::Map(assets)) => assets,
        Some(Param::Text(text)) if text.is_empty() => return Vec::new(),
        Some(Param::Text(_) | Param::List(_)) => {
            fields.fault("assets", "is invalid");
            return Vec::new();
        }
    };
    let links = match assets.get("links") {
        None | Some(Param::Null) => return Vec::new(),
        Some(Param::List(links)) => links,
        Some(Param::Text(text)) if text.is_empty() => return Vec::new(),
        Some(Param::Text(_) | Param::Map(_)) => {
            fields.fault("assets[links]", "is invalid");
            return Vec::new();
        }
    };
    let mut drafts = Vec::with_capacity(links.len());
    for (position, link) in links.iter().enumerate() {
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

/// Titles as a list, or as one text with commas between them.
fn milestones(incoming: &Incoming, fields: &mut Fields<'_>) -> Vec<String> {
    let titles: Vec<String> = match incoming.params.get("milestones") {
        None | Some(Param::Null) => Vec::new(),
        Some(Param::Text(titles)) => titles.split(',').map(|title| title.trim().to_owned()).collect(),
        Some(Param::List(titles)) => {
            let texts = titles.iter().map(|title| match title {
                Param::Text(title) => Some(title.clone()),
                Param::Null => Some(String::new()),
                Param::List(_) | Param::Map(_) => None,
            });
            texts.collect::<Option<_>>().unwrap_or_else(|| {
                fields.fault("milestones", "is invalid");
                Vec::new()
            })
        }
        Some(Param::Map(_)) => {
            fields.fault("milestones", "is invalid");
            Vec::new()
        }
    };
    titles.into_iter().filter(|title| !title.is_empty()).collect()
}

/// ISO 8601, UTC when without a zone; a day alone is its midnight.
fn released_at(fields: &mut Fields<'_>) -> Option<Timestamp> {
    let text = fields.text("released_at").filter(|text| !text.is_empty())?;
    let parsed = text
        .parse::<Timestamp>()
        .or_else(|_| text.parse::<DateTime>().and_then(|local| Ok(local.to_zoned(TimeZone::UTC)?.timestamp())));
    parsed.map_err(|_| fields.fault("released_at", "is invalid")).ok()
}
