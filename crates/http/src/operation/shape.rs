//! The schemas of the values that parameters take, with the limits of the domain.

use release_links_domain::access::{AccessLevel, TagCreateLevel};
use release_links_domain::channel::ChannelName;
use release_links_domain::description::Description;
use release_links_domain::file::{PackageFileName, PackageName, PackageVersion};
use release_links_domain::job::JobDuration;
use release_links_domain::link::{AssetDigest, AssetPath, AssetSize, LinkName, LinkType, LinkUrl};
use release_links_domain::namespace::{DisplayName, PathSegment};
use release_links_domain::project::{BranchName, ReleasesAccess, Visibility};
use release_links_domain::tag::{TagName, TagPattern};
use release_links_domain::user::EmailAddress;
use serde_json::Value;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{Array, Object, RefOr, Schema};

/// A value of which a parameter may be.
pub(crate) trait Shape: Sized + 'static {
    /// All values, if there are only a few.
    const ALL: &'static [Self] = &[];

    /// Returns the schema; if it is nullable, it also allows null.
    fn schema(nullable: bool) -> Schema;

    /// Returns the value in JSON, if it can be a default.
    fn json(self) -> Option<Value> {
        None
    }
}

/// Returns the schema of a value of one type.
pub(crate) fn typed(object: ObjectBuilder, of: Type, nullable: bool) -> Schema {
    let of = if nullable { SchemaType::from_iter([of, Type::Null]) } else { SchemaType::new(of) };
    object.schema_type(of).build().into()
}

/// Returns the schema of one of a few values.
pub(crate) fn one_of<T: Shape + Copy>(values: &[T], of: Type, nullable: bool) -> Schema {
    let values = values.iter().filter_map(|value| value.json()).chain(nullable.then_some(Value::Null));
    typed(Object::builder().enum_values(Some(values.collect::<Vec<_>>())), of, nullable)
}

/// Returns the schema of a value in an answer, for fields that hold it in another type.
pub(crate) fn shown<S: Shape>() -> Schema {
    S::schema(false)
}

impl Shape for String {
    fn schema(nullable: bool) -> Schema {
        typed(Object::builder(), Type::String, nullable)
    }
}

impl Shape for i64 {
    fn schema(nullable: bool) -> Schema {
        typed(Object::builder(), Type::Integer, nullable)
    }
}

impl Shape for bool {
    fn schema(nullable: bool) -> Schema {
        typed(Object::builder(), Type::Boolean, nullable)
    }

    fn json(self) -> Option<Value> {
        Some(self.into())
    }
}

/// A text with a maximum length in characters.
pub(crate) struct Limited<const MAX: usize>;

impl<const MAX: usize> Shape for Limited<MAX> {
    fn schema(nullable: bool) -> Schema {
        typed(Object::builder().max_length(Some(MAX)), Type::String, nullable)
    }
}

impl<const MAX: usize> Shape for Description<MAX> {
    fn schema(nullable: bool) -> Schema {
        Limited::<MAX>::schema(nullable)
    }
}

impl Shape for BranchName {
    fn schema(nullable: bool) -> Schema {
        DisplayName::schema(nullable)
    }

    fn json(self) -> Option<Value> {
        Some(String::from(self).into())
    }
}

/// An id, of which none is below 1.
pub(crate) struct AnyId;

impl Shape for AnyId {
    fn schema(nullable: bool) -> Schema {
        let format = SchemaFormat::KnownFormat(KnownFormat::Int64);
        typed(Object::builder().format(Some(format)).minimum(Some(1)).maximum(Some(i64::MAX)), Type::Integer, nullable)
    }
}

/// A list of ids.
pub(crate) struct IdList;

impl Shape for IdList {
    fn schema(nullable: bool) -> Schema {
        let types: SchemaType = [Type::Array].into_iter().chain(nullable.then_some(Type::Null)).collect();
        Array::builder().schema_type(types).items(RefOr::T(AnyId::schema(false))).build().into()
    }
}

/// A day, such as `2026-11-26`.
pub(crate) struct Day;

impl Shape for Day {
    fn schema(nullable: bool) -> Schema {
        let format = SchemaFormat::KnownFormat(KnownFormat::Date);
        typed(Object::builder().format(Some(format)), Type::String, nullable)
    }
}

impl Shape for AssetSize {
    fn schema(nullable: bool) -> Schema {
        let format = SchemaFormat::KnownFormat(KnownFormat::Int64);
        let bytes = Object::builder().format(Some(format)).minimum(Some(0)).maximum(Some(Self::MAX));
        typed(bytes, Type::Integer, nullable)
    }
}

impl Shape for AssetDigest {
    fn schema(nullable: bool) -> Schema {
        typed(Object::builder().max_length(Some(Self::MAX_BYTES)), Type::String, nullable)
    }
}

/// Seconds.
impl Shape for JobDuration {
    fn schema(nullable: bool) -> Schema {
        let seconds = Object::builder().minimum(Some(Self::MIN_SECONDS)).maximum(Some(Self::MAX_SECONDS));
        typed(seconds, Type::Integer, nullable)
    }
}

/// Implements [`Shape`] for names with a maximum length in bytes, all of them ASCII, and a pattern.
macro_rules! patterned {
    ($($name:ident,)+) => {$(
        impl Shape for $name {
            fn schema(nullable: bool) -> Schema {
                let text = Object::builder().max_length(Some(Self::MAX_BYTES)).pattern(Some(Self::PATTERN));
                typed(text, Type::String, nullable)
            }
        }
    )+};
}

patterned! {
    ChannelName,
    PackageName,
    PackageVersion,
    PackageFileName,
}

/// Implements [`Shape`] for texts with a maximum length in characters.
macro_rules! texts {
    ($($name:ty: $max:expr,)+) => {$(
        impl Shape for $name {
            fn schema(nullable: bool) -> Schema {
                typed(Object::builder().min_length(Some(1)).max_length(Some($max)), Type::String, nullable)
            }
        }
    )+};
}

texts! {
    LinkName: LinkName::MAX_CHARS,
    LinkUrl: LinkUrl::MAX_BYTES,
    AssetPath: AssetPath::MAX_CHARS,
    TagName: TagName::MAX_BYTES,
    TagPattern: TagName::MAX_BYTES,
    DisplayName: DisplayName::MAX_CHARS,
    PathSegment: PathSegment::MAX_CHARS,
    EmailAddress: EmailAddress::MAX_CHARS,
}

/// Implements [`Shape`] for values of which there are only a few.
macro_rules! few {
    ($($name:ty: $all:expr, $type:expr, $value:expr,)+) => {$(
        impl $crate::operation::Shape for $name {
            const ALL: &'static [Self] = $all;

            fn schema(nullable: bool) -> utoipa::openapi::Schema {
                $crate::operation::one_of(<Self as $crate::operation::Shape>::ALL, $type, nullable)
            }

            fn json(self) -> Option<serde_json::Value> {
                let value: fn(Self) -> serde_json::Value = $value;
                Some(value(self))
            }
        }
    )+};
}
pub(crate) use few;

few! {
    LinkType: &LinkType::ALL, Type::String, |word| word.as_str().into(),
    Visibility: Visibility::ALL, Type::String, |word| word.as_str().into(),
    ReleasesAccess: ReleasesAccess::ALL, Type::String, |word| word.as_str().into(),
    AccessLevel: &AccessLevel::ALL, Type::Integer, |level| level.number().into(),
    TagCreateLevel: &TagCreateLevel::ALL, Type::Integer, |level| level.number().into(),
}
