//! The answers of an operation, as the OpenAPI document describes them.

use actix_web::http::StatusCode;
use utoipa::ToSchema;
use utoipa::openapi::schema::{AnyOfBuilder, KnownFormat, SchemaFormat, Type};
use utoipa::openapi::{Object, RefOr, Schema};

use super::shape::{Shape, typed};

/// The content type of every body but a text. One client compares it literally.
pub(crate) const JSON: &str = "application/json";
/// The content type of a plain text.
pub(crate) const TEXT: &str = "text/plain; charset=utf-8";

/// The content type of a file.
pub(crate) const BYTES: &str = "application/octet-stream";

/// An answer to a request that is not refused.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) meaning: &'static str,
    /// The schema of the body, and those that it refers to; `None` for an answer without a body.
    pub(crate) body: Option<Body>,
    pub(crate) content_type: &'static str,
    pub(crate) kind: Kind,
}

/// What an answer's headers are, beyond those of every answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One object.
    One,
    /// A page of a list, with where in the list it is.
    Page,
    /// One object, with what became of what was sent.
    Sent,
    /// A text, with the tag of its release if that is the newest one.
    Text,
    /// A redirect, with the tag of the release to which it leads.
    Redirect,
    /// A redirect to an asset, with what is known of its bytes, and the tag of its release if that is the newest one.
    Asset,
    /// The bytes of a file, with what is known of them.
    File,
    /// Nothing.
    Empty,
}

/// The schema of a body.
pub(crate) struct Body {
    pub(crate) schema: RefOr<Schema>,
    pub(crate) components: Vec<(String, RefOr<Schema>)>,
}

impl Body {
    fn of<B: ToSchema>() -> Self {
        let mut components = Vec::new();
        B::schemas(&mut components);
        components.push((B::name().into_owned(), B::schema()));
        Self { schema: utoipa::openapi::Ref::from_schema_name(B::name()).into(), components }
    }
}

impl Answer {
    fn new(status: StatusCode, meaning: &'static str, body: Option<Body>, kind: Kind) -> Self {
        Self { status, meaning, body, content_type: JSON, kind }
    }

    /// 200 with one object.
    pub(crate) fn ok<B: ToSchema>(meaning: &'static str) -> Self {
        Self::new(StatusCode::OK, meaning, Some(Body::of::<B>()), Kind::One)
    }

    /// 201 with what was created.
    pub(crate) fn created<B: ToSchema>(meaning: &'static str) -> Self {
        Self::new(StatusCode::CREATED, meaning, Some(Body::of::<B>()), Kind::One)
    }

    /// What a link or release that was sent became.
    pub(crate) fn sent<B: ToSchema>(status: StatusCode, meaning: &'static str) -> Self {
        Self::new(status, meaning, Some(Body::of::<B>()), Kind::Sent)
    }

    /// 200 with a page of a list.
    pub(crate) fn page<B: ToSchema>(meaning: &'static str) -> Self {
        let Body { schema, components } = Body::of::<B>();
        let list = utoipa::openapi::Array::builder().items(schema).build();
        let body = Body { schema: RefOr::T(list.into()), components };
        Self::new(StatusCode::OK, meaning, Some(body), Kind::Page)
    }

    /// 200 with a page of a list or, if the request asks for that, with one object.
    pub(crate) fn page_or<B: ToSchema, O: ToSchema>(meaning: &'static str) -> Self {
        let mut page = Self::page::<B>(meaning);
        let one = Body::of::<O>();
        page.body = page.body.map(|Body { schema: list, mut components }| {
            components.extend(one.components);
            let either = AnyOfBuilder::new().item(list).item(one.schema).build();
            Body { schema: RefOr::T(either.into()), components }
        });
        page
    }

    /// 202 for work that goes on in the background.
    pub(crate) fn accepted<B: ToSchema>(meaning: &'static str) -> Self {
        Self::new(StatusCode::ACCEPTED, meaning, Some(Body::of::<B>()), Kind::One)
    }

    /// 204.
    pub(crate) fn no_content(meaning: &'static str) -> Self {
        Self::new(StatusCode::NO_CONTENT, meaning, None, Kind::Empty)
    }

    /// 200 with a plain text.
    pub(crate) fn text(meaning: &'static str) -> Self {
        Self::typed(TEXT, meaning)
    }

    /// 200 with a text of some content type.
    pub(crate) fn typed(content_type: &'static str, meaning: &'static str) -> Self {
        let body = Body { schema: RefOr::T(String::schema(false)), components: Vec::new() };
        Self { content_type, ..Self::new(StatusCode::OK, meaning, Some(body), Kind::Text) }
    }

    /// The bytes of a file, or some of them.
    pub(crate) fn file(status: StatusCode, meaning: &'static str) -> Self {
        let body = Body { schema: RefOr::T(bytes()), components: Vec::new() };
        Self { content_type: BYTES, ..Self::new(status, meaning, Some(body), Kind::File) }
    }

    /// 302.
    pub(crate) fn found(meaning: &'static str) -> Self {
        Self::new(StatusCode::FOUND, meaning, None, Kind::Redirect)
    }

    /// 302 to an asset.
    pub(crate) fn asset(meaning: &'static str) -> Self {
        Self::new(StatusCode::FOUND, meaning, None, Kind::Asset)
    }
}

/// Returns the schema of the bytes of a file.
pub(super) fn bytes() -> Schema {
    let format = SchemaFormat::KnownFormat(KnownFormat::Binary);
    typed(Object::builder().format(Some(format)), Type::String, false)
}

/// A refusal: a status, and the shape of its body. One status may have several shapes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) status: StatusCode,
    pub(crate) shape: Words,
}

/// The shapes of the bodies of refusals.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Words {
    /// `{"error": "…"}`.
    Error,
    /// `{"message": "…"}`.
    Message,
    /// `{"message": ["…"]}`.
    Faults,
    /// The same, and which links have the values that are taken.
    LinkFaults,
    /// `{"message": {"path": ["…"]}}`.
    FieldFaults,
    /// A token that is expired or revoked.
    InvalidToken,
    /// A token without the scope.
    InsufficientScope,
}

impl Words {
    /// Every shape.
    pub(crate) const ALL: [Self; 7] = [
        Self::Error,
        Self::Message,
        Self::Faults,
        Self::LinkFaults,
        Self::FieldFaults,
        Self::InvalidToken,
        Self::InsufficientScope,
    ];
}

impl Refused {
    /// What any request may meet, whatever it asks for.
    pub(crate) const OF_EVERYBODY: [Self; 6] = [
        Self::new(StatusCode::BAD_REQUEST, Words::Error),
        Self::new(StatusCode::REQUEST_TIMEOUT, Words::Error),
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, Words::Error),
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, Words::Error),
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, Words::Message),
        Self::new(StatusCode::SERVICE_UNAVAILABLE, Words::Message),
    ];

    /// What a request with a caller may meet.
    pub(crate) const OF_A_CALLER: [Self; 5] = [
        Self::new(StatusCode::UNAUTHORIZED, Words::Message),
        Self::new(StatusCode::UNAUTHORIZED, Words::InvalidToken),
        Self::new(StatusCode::FORBIDDEN, Words::Message),
        Self::new(StatusCode::FORBIDDEN, Words::InsufficientScope),
        Self::new(StatusCode::NOT_FOUND, Words::Message),
    ];

    /// Values that break rules, each in a sentence.
    pub(crate) const FAULTS: Self = Self::new(StatusCode::BAD_REQUEST, Words::Faults);

    /// Values of a link that break rules, or that other links have.
    pub(crate) const LINK_FAULTS: Self = Self::new(StatusCode::BAD_REQUEST, Words::LinkFaults);

    /// A value that breaks a rule.
    pub(crate) const BAD: Self = Self::new(StatusCode::BAD_REQUEST, Words::Message);

    /// A path that is taken, or a visibility that the group above or the contents do not allow.
    pub(crate) const NOT_PLACED: Self = Self::new(StatusCode::BAD_REQUEST, Words::FieldFaults);

    /// Something that exists already or is in use.
    pub(crate) const CONFLICT: Self = Self::new(StatusCode::CONFLICT, Words::Message);

    /// A write whose precondition does not hold.
    pub(crate) const PRECONDITION_FAILED: Self = Self::new(StatusCode::PRECONDITION_FAILED, Words::Message);

    /// A write to the old address of a project that has moved.
    pub(crate) const MOVED: Self = Self::new(StatusCode::METHOD_NOT_ALLOWED, Words::Message);

    /// A range that a file does not have.
    pub(crate) const NO_SUCH_RANGE: Self = Self::new(StatusCode::RANGE_NOT_SATISFIABLE, Words::Error);

    /// An address on the web that is not below a project.
    pub(crate) const NO_ROUTE: Self = Self::new(StatusCode::NOT_FOUND, Words::Error);

    const fn new(status: StatusCode, shape: Words) -> Self {
        Self { status, shape }
    }
}
