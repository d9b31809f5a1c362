//! The parameters of releases (docs/contract.md, "Releases").

use release_links_domain::link::{LinkDraft, OnConflict};
use release_links_domain::release::ReleaseTexts;
use release_links_domain::tag::TagName;
use release_links_ports::{ReleaseOrder, Sort};
use utoipa::openapi::schema::{SchemaType, Type};
use utoipa::openapi::{Array, Object, Schema};

use crate::Limits;
use crate::fields::Fields;
use crate::links::NewLink;
use crate::moment::Moment;
use crate::operation::{
    Changed, Declared, Limited, OrDefault, Parameter, Parameters, Required, Text, object, parameters, typed,
};
use crate::pagination::Page;
use crate::params::Param;
use crate::sorting::OneOf;

type Name = Limited<{ ReleaseTexts::MAX_NAME_CHARS }>;
type Description = Limited<{ ReleaseTexts::MAX_DESCRIPTION_CHARS }>;
type Target = Limited<{ ReleaseTexts::MAX_TARGET_CHARS }>;
type TagMessage = Limited<{ ReleaseTexts::MAX_TAG_MESSAGE_CHARS }>;

parameters! {
    /// A new release.
    pub(super) struct NewRelease {
        /// The tag, which need not exist.
        tag_name: Required<Text<TagName>>,
        /// The message of the tag, if the release creates it.
        tag_message: Text<TagMessage>,
        /// The name; the tag if there is none.
        name: Changed<Name>,
        /// What the release is, in Markdown.
        description: Changed<Description>,
        /// What the tag points at, if the release creates it: only a full commit SHA is more than text.
        r#ref: Text<Target>,
        /// The links to create with the release.
        assets: AssetLinks,
        /// Titles of milestones: there are none here, so naming one is refused.
        milestones: Milestones,
        /// When the release takes place; now if absent.
        released_at: Moment,
        /// What to do if the tag has a release: refuse, keep that release, or replace what is sent of it, links included.
        on_conflict: OrDefault<OneOf<OnConflict>>,
    }
}

parameters! {
    /// The changes to a release.
    pub(super) struct ReleaseUpdate {
        /// The name; null makes it the tag.
        name: Changed<Name>,
        /// What the release is, in Markdown; null clears it.
        description: Changed<Description>,
        /// When the release takes place.
        released_at: Moment,
        /// Titles of milestones: there are none here, so naming one is refused.
        milestones: Milestones,
    }
}

parameters! {
    /// Which releases a list shows, and in which order.
    pub(super) struct ReleaseList lacks ["updated_after", "updated_before"] {
        /// The number of the page, from 1.
        page: Page,
        /// What the releases are sorted by.
        order_by: OrDefault<OneOf<ReleaseOrder>>,
        /// The direction.
        sort: OrDefault<OneOf<Sort>>,
    }
}

/// `assets[links][]`: the links to create with a release.
pub(super) struct AssetLinks;

impl Parameter for AssetLinks {
    type Value = Vec<LinkDraft>;

    fn declare(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>) {
        to.push(Declared::new(name, meaning, Self::schema));
    }

    fn read(name: &str, fields: &mut Fields) -> Option<Vec<LinkDraft>> {
        Some(asset_links(name, fields))
    }
}

impl AssetLinks {
    fn schema(nullable: bool) -> Schema {
        let links = Array::builder().items(object(&NewLink::declare())).build();
        typed(Object::builder().property("links", links), Type::Object, nullable)
    }
}

fn asset_links(name: &str, fields: &mut Fields) -> Vec<LinkDraft> {
    let mut assets = match fields.take(name) {
        None | Some(Param::Null) => return Vec::new(),
        Some(Param::Map(assets)) => assets,
        Some(Param::Text(text)) if text.is_empty() => return Vec::new(),
        Some(Param::Text(_) | Param::List(_)) => {
            fields.fault(name, "is invalid");
            return Vec::new();
        }
    };
    let name = format!("{name}[links]");
    let links = match assets.remove("links") {
        None | Some(Param::Null) => return Vec::new(),
        Some(Param::List(links)) => links,
        Some(Param::Text(text)) if text.is_empty() => return Vec::new(),
        Some(Param::Text(_) | Param::Map(_)) => {
            fields.fault(&name, "is invalid");
            return Vec::new();
        }
    };
    let mut drafts = Vec::with_capacity(links.len());
    for (position, link) in links.into_iter().enumerate() {
        let Param::Map(link) = link else {
            fields.fault(&name, "is invalid");
            return Vec::new();
        };
        let mut link = Fields::below(link, format!("{name}[{position}]"));
        drafts.extend(NewLink::read(&mut link).map(NewLink::draft));
        fields.absorb(link);
    }
    drafts
}

/// Titles of milestones.
pub(super) struct Milestones;

impl Parameter for Milestones {
    type Value = Vec<String>;

    fn declare(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>) {
        to.push(Declared::new(name, meaning, Self::schema));
    }

    fn read(name: &str, fields: &mut Fields) -> Option<Vec<String>> {
        Some(milestones(name, fields))
    }
}

impl Milestones {
    fn schema(nullable: bool) -> Schema {
        let types: SchemaType = [Type::Array].into_iter().chain(nullable.then_some(Type::Null)).collect();
        let title = Object::builder().schema_type(SchemaType::new(Type::String));
        Array::builder().schema_type(types).items(title).build().into()
    }
}

/// Reads titles, as a list or as one text with commas. Keeps one more than a refusal lists, so that it can say that
/// there are more.
fn milestones(name: &str, fields: &mut Fields) -> Vec<String> {
    let read = |titles: &mut dyn Iterator<Item = &str>| -> Vec<String> {
        let titles = titles.filter(|title| !title.is_empty()).map(str::to_owned);
        titles.take(Limits::FAULTS + 1).collect()
    };
    match fields.sent(name) {
        None | Some(Param::Null) => Vec::new(),
        Some(Param::Text(titles)) => read(&mut titles.split(',').map(str::trim)),
        Some(Param::List(titles)) if titles.iter().all(|title| matches!(title, Param::Text(_) | Param::Null)) => read(
            &mut titles.iter().filter_map(|title| if let Param::Text(title) = title { Some(&**title) } else { None }),
        ),
        Some(Param::List(_) | Param::Map(_)) => {
            fields.fault(name, "is invalid");
            Vec::new()
        }
    }
}
