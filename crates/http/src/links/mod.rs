//! `/projects/:id/releases/:tag_name/assets/links` (docs/contract.md, "Link endpoints", "Parameter errors", "Link rules" and "Permissions"): one file per operation.

mod create;
mod delete;
mod get;
mod list;
mod update;

use release_links_domain::LinkId;
use release_links_domain::link::{Change, LinkDraft, LinkType};
use release_links_domain::location::ExternalUrl;
use release_links_usecases::LinkShown;
use serde::Serialize;

pub(crate) use create::create;
pub(crate) use delete::delete;
pub(crate) use get::get;
pub(crate) use list::list;
pub(crate) use update::update;

use crate::fields::{Fields, parse_integer};
use crate::incoming::Incoming;

/// A link as clients see it: exactly these keys in this order.
#[derive(Debug, Serialize)]
pub(crate) struct LinkBody {
    id: i64,
    name: String,
    url: String,
    direct_asset_url: String,
    link_type: &'static str,
}

impl LinkBody {
    pub(crate) fn new(shown: LinkShown, external: &ExternalUrl) -> Self {
        let direct_asset_url = shown.direct_asset_url(external);
        let fields = shown.link.fields;
        Self {
            id: shown.link.id.get(),
            name: fields.name.into(),
            url: fields.url.into(),
            direct_asset_url,
            link_type: fields.link_type.as_str(),
        }
    }
}

/// Returns the id in the path, whose fault is reported with those of the parameters; `None` for a number that cannot be
/// an id. A trailing `.json` is ignored.
fn link_id(incoming: &Incoming, fields: &mut Fields) -> Option<LinkId> {
    let text = &incoming.path.link_id;
    let id = parse_integer(text.strip_suffix(".json").unwrap_or(text));
    if id.is_none() {
        fields.fault("link_id", "is invalid");
    }
    id.and_then(|id| LinkId::try_from(id).ok())
}

/// Reads the draft of a link, from the request's own parameters or from those of one link of a release.
pub(crate) fn draft(fields: &mut Fields) -> LinkDraft {
    fields.require("name");
    let name = fields.text("name");
    fields.require("url");
    let url = fields.text("url");
    let path = path(fields).apply(None);
    LinkDraft { name, url, path, link_type: link_type(fields) }
}

/// Reads the permanent path under its own name or the deprecated one. The first wins unless it is null.
fn path(fields: &mut Fields) -> Change<String> {
    let path = fields.change("direct_asset_path");
    let deprecated = fields.change("filepath");
    match (path, deprecated) {
        (Change::Set(path), _) | (_, Change::Set(path)) => Change::Set(path),
        (Change::Clear, _) | (_, Change::Clear) => Change::Clear,
        (Change::Keep, Change::Keep) => Change::Keep,
    }
}

fn link_type(fields: &mut Fields) -> LinkType {
    fields.parsed("link_type").unwrap_or_default()
}
