//! The parameters of a manifest, none of which may be unknown: a misspelt one would delete something.

use actix_web::http::header::CONTENT_TYPE;
use release_links_domain::LinkId;
use release_links_domain::link::{
    AssetDigest, AssetPath, AssetSize, Link, LinkDraft, LinkName, LinkType, LinkUrl, Manifest,
};
use utoipa::openapi::{Array, Schema};

use crate::addresses::TagAddress;
use crate::credentials::identifies;
use crate::error::ApiError;
use crate::fields::Fields;
use crate::incoming::Received;
use crate::operation::{
    Address, Changed, Clearable, Declared, Id, Order, Parameter, Parameters, ParametersThenCaller, Parsed, Required,
    Requirements, Text, object, parameters,
};
use crate::params::{Allowance, BodyKind, Param, Params, from_form};

parameters! {
    /// A link in a manifest.
    struct Entry {
        /// The link that this one becomes; without it, the link with the name, else the one with the path.
        id: Id<LinkId>,
        /// The name, unique within the release.
        name: Required<Text<LinkName>>,
        /// Where the asset is: an address with the scheme http, https or ftp, unique within the release.
        url: Required<Text<LinkUrl>>,
        /// The path of the permanent link, unique within the release.
        direct_asset_path: Changed<AssetPath>,
        /// What the asset is; `other` unless it is sent.
        link_type: Parsed<LinkType>,
        /// The digest of the asset: `sha256:` or `sha512:` and hex digits.
        digest: Clearable<AssetDigest>,
        /// The size of the asset in bytes.
        size: Clearable<AssetSize>,
    }
}

parameters! {
    /// All links of a release.
    struct SentManifest {
        /// All links that the release is to have, in order; at most 1,000.
        links: Entries,
        /// Whether links that are not sent are deleted; true unless it is sent.
        prune: Strict,
        /// Whether only to tell what would change; false unless it is sent.
        dry_run: Strict,
    }
}

/// The links of a manifest.
struct Entries;

impl Parameter for Entries {
    type Value = Vec<(Option<LinkId>, LinkDraft)>;

    fn declare(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>) {
        to.push(Declared { is_required: true, ..Declared::new(name, meaning, Self::schema) });
    }

    fn read(name: &str, fields: &mut Fields) -> Option<Self::Value> {
        fields.require(name);
        let links = match fields.take(name)? {
            Param::List(links) => links,
            Param::Null | Param::Text(_) | Param::Map(_) => {
                fields.fault(name, "is invalid");
                return None;
            }
        };
        if links.len() > Link::MAX_PER_RELEASE {
            fields.fault(name, format!("is too long (maximum is {})", Link::MAX_PER_RELEASE));
            return None;
        }
        let mut entries = Vec::with_capacity(links.len());
        for (position, link) in links.into_iter().enumerate() {
            let place = format!("{name}[{position}]");
            let Param::Map(link) = link else {
                fields.fault(&place, "is invalid");
                continue;
            };
            let mut link = Fields::below(link, place);
            let entry = Entry::read(&mut link);
            link.refuse_unknown(|known| Entry::NAMES.contains(&known));
            fields.absorb(link);
            entries.extend(entry.map(Entry::draft));
        }
        Some(entries)
    }
}

impl Entries {
    fn schema(_: bool) -> Schema {
        Array::builder().items(object(&Entry::declare())).max_items(Some(Link::MAX_PER_RELEASE)).build().into()
    }
}

impl Entry {
    fn draft(self) -> (Option<LinkId>, LinkDraft) {
        let Self { id, name, url, direct_asset_path: path, link_type, digest, size } = self;
        (id, LinkDraft { name, url, path, link_type, digest, size })
    }
}

/// A boolean that is not null or empty if it is sent.
struct Strict;

impl Parameter for Strict {
    type Value = Option<bool>;

    fn declare(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>) {
        to.push(Declared::of::<bool>(name, meaning));
    }

    fn read(name: &str, fields: &mut Fields) -> Option<Option<bool>> {
        let is_empty = match fields.sent(name) {
            Some(Param::Null) => true,
            Some(Param::Text(text)) => text.is_empty(),
            _ => false,
        };
        if is_empty {
            fields.fault(name, "is invalid");
            return None;
        }
        Some(fields.boolean(name))
    }
}

/// A manifest as it is sent: in JSON, without any key that is not known.
pub(crate) struct PutManifest {
    pub(super) asked: ParametersThenCaller<TagAddress, Manifest>,
    pub(super) dry_run: bool,
}

impl Order for PutManifest {
    fn declare() -> Requirements {
        ParametersThenCaller::<TagAddress, SentManifest>::declare()
    }

    async fn receive(received: Received, segments: Vec<String>) -> Result<Self, ApiError> {
        let Received { incoming, params, .. } = received;
        let content_type = incoming.request.headers().get(CONTENT_TYPE);
        if BodyKind::of(content_type, false) != BodyKind::Json {
            let named = content_type.and_then(|named| named.to_str().ok()).unwrap_or_default();
            return Err(ApiError::UnsupportedMediaType(named.to_owned()));
        }
        let query = incoming.request.uri().query().unwrap_or_default();
        let query = from_form(query.as_bytes(), &mut Allowance::default())?;
        let mut fields = Fields::of(params.without(&query));
        let address = TagAddress::read(segments, &mut fields)?;
        let sent = read(&mut fields, query);
        let (manifest, dry_run) = fields.finish_whole(sent)?;
        let caller = incoming.caller().await?;
        Ok(Self { asked: ParametersThenCaller { incoming, address, parameters: manifest, caller }, dry_run })
    }
}

/// Reads a manifest from the body, and whether only to tell what it would change from the body or else the query.
fn read(fields: &mut Fields, query: Params) -> Option<(Manifest, bool)> {
    const DRY_RUN: &str = "dry_run";
    let sent = SentManifest::read(fields);
    fields.refuse_unknown(|name| SentManifest::NAMES.contains(&name));
    let mut query = Fields::of(query);
    let dry_run_in_query = Strict::read(DRY_RUN, &mut query);
    query.refuse_unknown(|name| name == DRY_RUN || identifies(name));
    fields.absorb(query);
    let SentManifest { links, prune, dry_run } = sent?;
    let entries = links.into_iter().map(|(id, draft)| (id, draft.parse())).collect();
    Some((Manifest { entries, prune: prune.unwrap_or(true) }, dry_run.or(dry_run_in_query?).unwrap_or(false)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::tests::{from_form, from_json};

    fn sent(body: &str, query: &str) -> Result<(Manifest, bool), Vec<String>> {
        let mut fields = Fields::of(from_json(body.as_bytes()).unwrap());
        let sent = read(&mut fields, from_form(query.as_bytes()).unwrap());
        fields.finish_whole(sent).map_err(|faults| faults.0)
    }

    #[test]
    fn a_dry_run_is_asked_for_in_the_body_or_else_in_the_query() {
        for (body, query, expected) in [
            (r#"{"links":[]}"#, "", false),
            (r#"{"links":[]}"#, "dry_run=true", true),
            (r#"{"links":[],"dry_run":true}"#, "", true),
            (r#"{"links":[],"dry_run":true}"#, "dry_run=false", true),
            (r#"{"links":[],"dry_run":false}"#, "dry_run=1&private_token=x&sudo=a", false),
        ] {
            assert_eq!(sent(body, query).unwrap().1, expected, "{body} {query}");
        }
    }

    #[test]
    fn faults_are_those_of_the_entries_then_of_the_body_then_of_the_query() {
        let body = r#"{"links":[{"name":"a","url":"u","size":"x"},1,{"name":null,"b":1,"a":1}],"prune":"","prnue":1,"dry_run":null}"#;
        assert_eq!(
            sent(body, "dry_run=&page=1&prune=true").unwrap_err(),
            [
                "links[0][size] is invalid",
                "links[1] is invalid",
                "links[2][url] is missing",
                "links[2][a] is unknown",
                "links[2][b] is unknown",
                "prune is invalid",
                "dry_run is invalid",
                "prnue is unknown",
                "dry_run is invalid",
                "page is unknown",
                "prune is unknown",
            ]
        );
    }
}
