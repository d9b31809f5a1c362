//! The parameters of releases (docs/contract.md, "Releases").

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use release_links_domain::link::LinkDraft;
use release_links_domain::release::ReleaseTexts;
use release_links_domain::tag::TagName;
use release_links_ports::{ReleaseOrder, Sort};
use utoipa::openapi::schema::{KnownFormat, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{Array, Object, Schema};

use crate::Limits;
use crate::fields::Fields;
use crate::links::NewLink;
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
        name: Text<Name>,
        /// What the release is, in Markdown.
        description: Text<Description>,
        /// What the tag points at, if the release creates it: only a full commit SHA is more than text.
        r#ref: Text<Target>,
        /// The links to create with the release.
        assets: AssetLinks,
        /// Titles of milestones: there are none here, so naming one is refused.
        milestones: Milestones,
        /// When the release takes place; now if absent.
        released_at: ReleasedAt,
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
        released_at: ReleasedAt,
        /// Titles of milestones: there are none here, so naming one is refused.
        milestones: Milestones,
    }
}

parameters! {
    /// Which releases a list shows, and in which order.
    pub(super) struct ReleaseList {
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

/// An ISO 8601 time, in UTC unless it has a zone; a day alone is its midnight. Null and empty count as absent.
pub(super) struct ReleasedAt;

impl Parameter for ReleasedAt {
    type Value = Option<Timestamp>;

    fn declare(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>) {
        to.push(Declared::new(name, meaning, Self::schema));
    }

    fn read(name: &str, fields: &mut Fields) -> Option<Option<Timestamp>> {
        let Some(text) = fields.filled_text(name) else { return Some(None) };
        let time = time(text.trim());
        if time.is_none() {
            fields.fault(name, "is invalid");
        }
        Some(time)
    }
}

impl ReleasedAt {
    fn schema(nullable: bool) -> Schema {
        let format = SchemaFormat::KnownFormat(KnownFormat::DateTime);
        typed(Object::builder().format(Some(format)), Type::String, nullable)
    }
}

/// The form of `git log --format=%ci`.
const OF_GIT: &str = "%Y-%m-%d %H:%M:%S %z";
/// How ISO 8601 writes the end of a day, which jiff does not parse.
const END_OF_DAY: &str = "T24:00:00";

fn time(text: &str) -> Option<Timestamp> {
    let time = match text.split_once(END_OF_DAY) {
        Some((day, zone)) => parse(&format!("{day}T00:00:00{zone}"))?.checked_add(Span::new().hours(24)).ok()?,
        None => parse(text)?,
    };
    // Answers format times as RFC 3339, which has no year before 0.
    (TimeZone::UTC.to_datetime(time).year() >= 0).then_some(time)
}

fn parse(text: &str) -> Option<Timestamp> {
    let with_zone = || text.parse().ok().or_else(|| Timestamp::strptime(OF_GIT, text).ok());
    with_zone().or_else(|| {
        let local: DateTime = text.parse().ok()?;
        Some(local.to_zoned(TimeZone::UTC).ok()?.timestamp())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_iso_8601_and_utc_unless_it_has_a_zone() {
        for (text, expected) in [
            ("2024-05-06T07:08:09Z", "2024-05-06T07:08:09Z"),
            ("2024-05-06T07:08:09.123Z", "2024-05-06T07:08:09.123Z"),
            ("2024-05-06T07:08:09.123456789+00:00", "2024-05-06T07:08:09.123456789Z"),
            ("2024-05-06T07:08:09+02:00", "2024-05-06T05:08:09Z"),
            ("2024-05-06T07:08:09-0530", "2024-05-06T12:38:09Z"),
            ("2024-05-06T07:08:09+02", "2024-05-06T05:08:09Z"),
            ("2024-05-06T07:08:09", "2024-05-06T07:08:09Z"),
            ("2024-05-06 07:08:09", "2024-05-06T07:08:09Z"),
            ("2024-05-06T07:08", "2024-05-06T07:08:00Z"),
            ("2024-05-06T07:08Z", "2024-05-06T07:08:00Z"),
            ("20240506T070809Z", "2024-05-06T07:08:09Z"),
            ("2024-05-06", "2024-05-06T00:00:00Z"),
            ("20240506", "2024-05-06T00:00:00Z"),
            ("2024-05-06 07:08:09 +0200", "2024-05-06T05:08:09Z"),
            ("2024-05-06 07:08:09 -0330", "2024-05-06T10:38:09Z"),
            ("2024-12-31T24:00:00", "2025-01-01T00:00:00Z"),
            ("2024-02-28T24:00:00+01:00", "2024-02-28T23:00:00Z"),
            ("9999-12-30T22:00:00Z", "9999-12-30T22:00:00Z"),
            ("0001-01-01", "0001-01-01T00:00:00Z"),
        ] {
            assert_eq!(time(text), Some(expected.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn other_texts_are_not_times() {
        for text in [
            "x",
            "tomorrow",
            "2024",
            "2024-05",
            "2024-13-01",
            "2024-02-30",
            "2024-05-06T25:00:00Z",
            "2024-05-06T24:00:01Z",
            "2024-05-06 07:08:09 +02x",
            "2024-05-06T07:08:09X",
            "2024-05-06T07:08:09+99:00",
            "06/05/2024",
            "1715000000",
            "-000001-01-01",
            "10000-01-01",
        ] {
            assert_eq!(time(text), None, "{text}");
        }
    }
}
