//! The responses of the OpenAPI document: their headers, and the shapes of their bodies.

use actix_web::http::StatusCode;
use utoipa::openapi::schema::{AdditionalProperties, AnyOfBuilder, SchemaType, Type};
use utoipa::openapi::{Array, Content, Header, HeaderBuilder, Object, Ref, RefOr, Response, ResponseBuilder, Schema};

use super::answer::{Answer, JSON, Kind, Words};
use super::shape::Shape;
use crate::pages::HTML;

/// A refusal with all the shapes that its body may have.
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) shapes: Vec<Words>,
    /// Whether it may be a page as well.
    pub(super) has_page: bool,
}

impl Refusal {
    /// The name of the response in the document's components.
    pub(super) fn name(&self) -> String {
        let reason = self.status.canonical_reason().unwrap_or_default().replace(' ', "");
        let name = self.shapes.iter().fold(reason, |name, shape| name + shape.name());
        if self.has_page { name + "OrPage" } else { name }
    }

    pub(super) fn response(&self) -> Response {
        let schema: RefOr<Schema> = if let [only] = self.shapes[..] {
            Ref::from_schema_name(only.name()).into()
        } else {
            let any = AnyOfBuilder::new();
            let any = self.shapes.iter().fold(any, |any, shape| any.item(Ref::from_schema_name(shape.name())));
            RefOr::T(any.build().into())
        };
        let headers: &[Named] = match self.status {
            StatusCode::SERVICE_UNAVAILABLE => &[RETRY_AFTER],
            StatusCode::METHOD_NOT_ALLOWED => &[ALLOW],
            StatusCode::PRECONDITION_FAILED => &[ETAG],
            StatusCode::RANGE_NOT_SATISFIABLE => &[CONTENT_RANGE],
            _ => &[],
        };
        let response = with_headers(ResponseBuilder::new().description(meaning(self.status)), headers);
        with_page(response.content(JSON, Content::new(Some(schema))), self.has_page).build()
    }
}

/// Adds that the body may be a page as well.
fn with_page(response: ResponseBuilder, has_page: bool) -> ResponseBuilder {
    if has_page { response.content(HTML, Content::new(Some(String::schema(false)))) } else { response }
}

impl Answer {
    pub(super) fn response(&self, has_page: bool) -> Response {
        let headers: &[Named] = match self.kind {
            Kind::One => &[ETAG],
            Kind::Sent => &[ETAG, OUTCOME],
            Kind::Page => &[PAGE, PER_PAGE, NEXT_PAGE, PREV_PAGE, TOTAL, TOTAL_PAGES, LINK],
            Kind::Text => &[ETAG, RELEASE_TAG],
            Kind::Redirect => &[LOCATION, RELEASE_TAG],
            Kind::Asset => &[LOCATION, RELEASE_TAG, CHECKSUM, LINKED_SIZE],
            Kind::File => &[ETAG, CHECKSUM, REPR_DIGEST, DISPOSITION, RANGES],
            Kind::Empty => &[],
        };
        let response = with_headers(ResponseBuilder::new().description(self.meaning), headers);
        match &self.body {
            Some(body) => {
                let response = response.content(self.content_type, Content::new(Some(body.schema.clone())));
                with_page(response, has_page).build()
            }
            None => response.build(),
        }
    }
}

/// The name of a header, the type of its value, and what it says.
pub(super) type Named = (&'static str, Type, &'static str);

pub(super) const ETAG: Named =
    ("ETag", Type::String, "Identifies this state; send it in If-None-Match, or in If-Match with a write.");
pub(super) const LOCATION: Named = ("Location", Type::String, "Where the request leads.");
const OUTCOME: Named =
    ("X-Release-Links", Type::String, "What became of what was sent: created, kept, unchanged or replaced.");
const RELEASE_TAG: Named = (
    "X-Release-Tag",
    Type::String,
    "The tag of the release, percent-encoded, where the address is that of the newest.",
);
const CHECKSUM: Named = ("X-Checksum-SHA256", Type::String, "The SHA-256 of the asset, if it is known.");
const REPR_DIGEST: Named = ("Repr-Digest", Type::String, "The SHA-256 of the whole file (RFC 9530).");
const DISPOSITION: Named = ("Content-Disposition", Type::String, "The name of the file.");
const RANGES: Named = ("Accept-Ranges", Type::String, "That one range of bytes may be asked for.");
const CONTENT_RANGE: Named = ("Content-Range", Type::String, "How many bytes the file has.");
const LINKED_SIZE: Named = ("X-Linked-Size", Type::Integer, "The size of the asset in bytes, if it is known.");
const PAGE: Named = ("X-Page", Type::Integer, "The number of this page.");
const PER_PAGE: Named = ("X-Per-Page", Type::Integer, "How many rows a page has.");
const NEXT_PAGE: Named = ("X-Next-Page", Type::String, "The number of the next page; empty on the last.");
const PREV_PAGE: Named = ("X-Prev-Page", Type::String, "The number of the previous page; empty on the first.");
const TOTAL: Named = ("X-Total", Type::Integer, "How many rows there are, if they are at most 10,000.");
const TOTAL_PAGES: Named =
    ("X-Total-Pages", Type::Integer, "How many pages there are, if the rows are at most 10,000.");
const LINK: Named = ("Link", Type::String, "The addresses of the neighbouring pages (RFC 8288).");
const RETRY_AFTER: Named = ("Retry-After", Type::Integer, "How many seconds to wait.");
const ALLOW: Named = ("Allow", Type::String, "The methods that the address has.");

fn with_headers(response: ResponseBuilder, headers: &[Named]) -> ResponseBuilder {
    headers.iter().fold(response, |response, (name, of, about)| response.header(*name, header(of.clone(), about)))
}

pub(super) fn headed(meaning: &str, headers: &[Named]) -> Response {
    with_headers(ResponseBuilder::new().description(meaning), headers).build()
}

fn header(of: Type, about: &str) -> Header {
    HeaderBuilder::new()
        .schema(Some(Object::builder().schema_type(SchemaType::new(of))))
        .description(Some(about))
        .build()
}

fn meaning(status: StatusCode) -> &'static str {
    match status {
        StatusCode::BAD_REQUEST => "The request is malformed, or a value is not allowed.",
        StatusCode::UNAUTHORIZED => "The credential is not valid, or one is needed.",
        StatusCode::FORBIDDEN => "The caller may not do this.",
        StatusCode::NOT_FOUND => "There is no such thing, or the caller may not see it.",
        StatusCode::METHOD_NOT_ALLOWED => "The project has moved; only reads are redirected.",
        StatusCode::REQUEST_TIMEOUT => "The body did not arrive in time.",
        StatusCode::PRECONDITION_FAILED => "The precondition does not hold for what there is now.",
        StatusCode::RANGE_NOT_SATISFIABLE => "The file has none of the bytes that are asked for.",
        StatusCode::CONFLICT => "It exists already, or is in use.",
        StatusCode::PAYLOAD_TOO_LARGE => "The body is larger than 1 MiB.",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "The body has a content type that is not supported.",
        StatusCode::SERVICE_UNAVAILABLE => "The server cannot do this now; try again.",
        _ => "The server failed; the log has the reason under the X-Request-Id.",
    }
}

impl Words {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Error => "Error",
            Self::Message => "Message",
            Self::Faults => "Faults",
            Self::LinkFaults => "LinkFaults",
            Self::FieldFaults => "FieldFaults",
            Self::InvalidToken => "InvalidToken",
            Self::InsufficientScope => "InsufficientScope",
        }
    }

    pub(super) fn schema(self) -> Schema {
        let text = || Object::builder().schema_type(SchemaType::new(Type::String));
        let texts = || Array::builder().items(text());
        let object = Object::builder().schema_type(SchemaType::new(Type::Object));
        let (key, object) = match self {
            Self::Error => ("error", object.property("error", text())),
            Self::Message => ("message", object.property("message", text())),
            Self::Faults => ("message", object.property("message", texts())),
            Self::LinkFaults => {
                let nested = || Object::builder().schema_type(SchemaType::new(Type::Object));
                let holder = || nested().property("id", text()).required("id").property("url", text()).required("url");
                let taken_by = ["url", "name", "filepath"]
                    .into_iter()
                    .fold(nested(), |taken_by, value| taken_by.property(value, holder()));
                ("message", object.property("message", texts()).property("taken_by", taken_by))
            }
            Self::FieldFaults => {
                let fields = Object::builder()
                    .schema_type(SchemaType::new(Type::Object))
                    .additional_properties(Some(Schema::from(texts().build())));
                ("message", object.property("message", fields))
            }
            Self::InvalidToken => (
                "error_description",
                object.property("error", text()).required("error").property("error_description", text()),
            ),
            Self::InsufficientScope => (
                "scope",
                object
                    .property("error", text())
                    .required("error")
                    .property("error_description", text())
                    .required("error_description")
                    .property("scope", text()),
            ),
        };
        object.required(key).additional_properties(Some(AdditionalProperties::FreeForm(false))).build().into()
    }
}
