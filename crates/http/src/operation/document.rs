//! The `OpenAPI` document, made from the operations.

use actix_web::http::{Method, StatusCode};
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::{HttpMethod, OperationBuilder, Parameter, ParameterIn};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::schema::{AnyOfBuilder, SchemaType, Type};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, Content, Header, HeaderBuilder, InfoBuilder, License, Object, OpenApi, OpenApiBuilder, Paths,
    Ref, RefOr, Required, Response, ResponseBuilder, Schema,
};

use super::answer::{Answer, Kind, Refused, Words};
use super::declaration::Operation;
use super::declared::{Declared, object};
use super::ids::OperationId;
use crate::incoming::is_read;

const JSON: &str = "application/json";

/// The content types in which a body's parameters may be sent.
const ENCODINGS: [&str; 3] = [JSON, "application/x-www-form-urlencoded", "multipart/form-data"];

/// Returns the document of operations, each list of which has a name.
pub(crate) fn document(named: &[(&'static str, Vec<Operation>)]) -> OpenApi {
    let mut paths = Paths::new();
    let mut components = schemes(ComponentsBuilder::new());
    for (words, schema) in
        [Words::Error, Words::Message, Words::Faults, Words::FieldFaults, Words::InvalidToken, Words::InsufficientScope]
            .map(|words| (words, words.schema()))
    {
        components = components.schema(words.name(), schema);
    }
    for (tag, operations) in named {
        for operation in operations {
            for (name, schema) in
                operation.answers.iter().filter_map(|answer| answer.body.as_ref()).flat_map(|body| &body.components)
            {
                components = components.schema(name, schema.clone());
            }
            if let Some((name, schema)) = operation.body() {
                components = components.schema(name, schema);
            }
            paths.add_path_operation(operation.document_path(), vec![operation.verb()], operation.describe(tag));
        }
    }
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("release-links")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(
                    "GitLab's Release Links API, and what its clients need beside it. Every answer has an X-Request-Id.",
                ))
                .license(Some(License::new(env!("CARGO_PKG_LICENSE")))),
        )
        .paths(paths)
        .components(Some(components.build()))
        .build()
}

fn schemes(components: ComponentsBuilder) -> ComponentsBuilder {
    let header =
        |name: &str, about: &str| SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(name, about)));
    let query =
        |name: &str, about: &str| SecurityScheme::ApiKey(ApiKey::Query(ApiKeyValue::with_description(name, about)));
    let mut bearer = Http::new(HttpAuthScheme::Bearer);
    bearer.description = Some("A personal, project or job token.".to_owned());
    components
        .security_scheme("privateToken", header("PRIVATE-TOKEN", "A personal or project token."))
        .security_scheme("bearer", SecurityScheme::Http(bearer))
        .security_scheme("jobToken", header("JOB-TOKEN", "The token of a running CI job."))
        .security_scheme("privateTokenParameter", query("private_token", "A personal or project token."))
        .security_scheme("accessTokenParameter", query("access_token", "A personal, project or job token."))
        .security_scheme("jobTokenParameter", query("job_token", "The token of a running CI job."))
}

const SCHEMES: [&str; 6] =
    ["privateToken", "bearer", "jobToken", "privateTokenParameter", "accessTokenParameter", "jobTokenParameter"];

impl Operation {
    /// Returns the path as `OpenAPI` writes it.
    fn document_path(&self) -> String {
        self.path.replace("{*", "{")
    }

    fn id(&self) -> OperationId {
        OperationId::of(&self.method, self.path)
    }

    fn verb(&self) -> HttpMethod {
        match self.method {
            Method::POST => HttpMethod::Post,
            Method::PUT => HttpMethod::Put,
            Method::DELETE => HttpMethod::Delete,
            _ => HttpMethod::Get,
        }
    }

    /// Whether parameters are described as those of a body. A query may have them as well.
    fn has_body(&self) -> bool {
        !is_read(&self.method) && self.method != Method::DELETE && !self.declared.parameters.is_empty()
    }

    /// Returns the name and the schema of the body.
    fn body(&self) -> Option<(String, Schema)> {
        if !self.has_body() {
            return None;
        }
        let mut id = self.id().as_str().to_owned();
        id[..1].make_ascii_uppercase();
        let object = object(&self.declared.parameters);
        if self.declared.at_least_one_of.is_empty() {
            return Some((id, object.into()));
        }
        let any = self.declared.at_least_one_of.iter().fold(AnyOfBuilder::new(), |any, name| {
            any.item(Object::builder().schema_type(SchemaType::new(Type::Object)).required(*name))
        });
        let both = utoipa::openapi::AllOfBuilder::new().item(object).item(any);
        Some((id, both.build().into()))
    }

    fn request_body(&self) -> Option<RequestBody> {
        let (name, _) = self.body()?;
        let required = self.declared.parameters.iter().any(|parameter| parameter.is_required)
            || !self.declared.at_least_one_of.is_empty();
        let body = RequestBodyBuilder::new().required(Some(if required { Required::True } else { Required::False }));
        Some(
            ENCODINGS
                .iter()
                .fold(body, |body, encoding| body.content(*encoding, Content::new(Some(Ref::from_schema_name(&name)))))
                .build(),
        )
    }

    fn describe(&self, tag: &str) -> OperationBuilder {
        let path = self.declared.path.iter().map(|declared| declared.parameter(ParameterIn::Path));
        let query = self.declared.parameters.iter().map(|declared| declared.parameter(ParameterIn::Query));
        let parameters = path.chain(query.filter(|_| !self.has_body()));
        let mut operation = OperationBuilder::new()
            .operation_id(Some(self.id().as_str()))
            .summary(Some(self.summary))
            .tag(tag)
            .parameters(Some(parameters))
            .request_body(self.request_body())
            .securities(Some(self.securities()))
            .extensions(self.is_ours.then(|| ExtensionsBuilder::new().add("x-not-in-gitlab", true).build()));
        for (status, response) in self.responses() {
            operation = operation.response(status.as_str(), response);
        }
        operation
    }

    fn securities(&self) -> Vec<SecurityRequirement> {
        if !self.declared.has_caller {
            return Vec::new();
        }
        let anonymous = (!self.is_for_the_signed_in).then(SecurityRequirement::default);
        let tokens = SCHEMES.iter().map(|scheme| SecurityRequirement::new(*scheme, Vec::<String>::new()));
        anonymous.into_iter().chain(tokens).collect()
    }

    fn responses(&self) -> Vec<(StatusCode, Response)> {
        let mut responses: Vec<(StatusCode, Response)> =
            self.answers.iter().map(|answer| (answer.status, answer.response())).collect();
        if is_read(&self.method) && self.answers.iter().any(|answer| answer.body.is_some()) {
            responses.push((StatusCode::NOT_MODIFIED, headed("The client has this answer already.", &[ETAG])));
        }
        let below_project = self.path.contains("projects/{id}") || self.path.starts_with("/{id}");
        if below_project && is_read(&self.method) {
            let meaning = "The project has moved; the same address under its new path follows.";
            responses.push((StatusCode::MOVED_PERMANENTLY, headed(meaning, &[LOCATION])));
        }
        let mut refusals = Refused::OF_EVERYBODY.to_vec();
        refusals.extend_from_slice(&self.refusals);
        if below_project && !is_read(&self.method) {
            refusals.push(Refused::MOVED);
        }
        let mut statuses: Vec<StatusCode> = refusals.iter().map(|refused| refused.status).collect();
        statuses.sort_unstable();
        statuses.dedup();
        for status in statuses {
            let shapes = refusals.iter().filter(|refused| refused.status == status).map(|refused| refused.shape);
            responses.push((status, refusal(status, shapes)));
        }
        responses
    }
}

impl Declared {
    fn parameter(&self, place: ParameterIn) -> Parameter {
        let mut parameter = Parameter::builder()
            .name(self.name)
            .parameter_in(place)
            .required(if self.is_required { Required::True } else { Required::False })
            .description(Some(self.meaning.trim()))
            .schema(Some((self.schema)(false)));
        if self.is_deprecated {
            parameter = parameter.deprecated(Some(utoipa::openapi::Deprecated::True));
        }
        parameter.build()
    }
}

impl Answer {
    fn response(&self) -> Response {
        let headers: &[Named] = match self.kind {
            Kind::One => &[ETAG],
            Kind::Page => &[PAGE, PER_PAGE, NEXT_PAGE, PREV_PAGE, TOTAL, TOTAL_PAGES, LINK],
            Kind::Redirect => &[LOCATION],
            Kind::Empty => &[],
        };
        let response = with_headers(ResponseBuilder::new().description(self.meaning), headers);
        match &self.body {
            Some(body) => response.content(JSON, Content::new(Some(body.schema.clone()))).build(),
            None => response.build(),
        }
    }
}

/// The name of a header, the type of its value, and what it says.
type Named = (&'static str, Type, &'static str);

const ETAG: Named = ("ETag", Type::String, "Identifies this answer; send it in If-None-Match.");
const LOCATION: Named = ("Location", Type::String, "Where the request leads.");
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

fn headed(meaning: &str, headers: &[Named]) -> Response {
    with_headers(ResponseBuilder::new().description(meaning), headers).build()
}

fn header(of: Type, about: &str) -> Header {
    HeaderBuilder::new()
        .schema(Some(Object::builder().schema_type(SchemaType::new(of))))
        .description(Some(about))
        .build()
}

/// Returns a refusal, whose body has one of a few shapes.
fn refusal(status: StatusCode, shapes: impl Iterator<Item = Words>) -> Response {
    let mut shapes: Vec<Words> = shapes.collect();
    shapes.dedup();
    let schema: RefOr<Schema> = if let [only] = shapes[..] {
        Ref::from_schema_name(only.name()).into()
    } else {
        let any = shapes.iter().fold(AnyOfBuilder::new(), |any, shape| any.item(Ref::from_schema_name(shape.name())));
        RefOr::T(any.build().into())
    };
    let headers: &[Named] = match status {
        StatusCode::SERVICE_UNAVAILABLE => &[RETRY_AFTER],
        StatusCode::METHOD_NOT_ALLOWED => &[ALLOW],
        _ => &[],
    };
    with_headers(ResponseBuilder::new().description(meaning(status)), headers)
        .content(JSON, Content::new(Some(schema)))
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
        StatusCode::CONFLICT => "It exists already, or is in use.",
        StatusCode::PAYLOAD_TOO_LARGE => "The body is larger than 1 MiB.",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "The body has a content type that is not supported.",
        StatusCode::SERVICE_UNAVAILABLE => "The server cannot do this now; try again.",
        _ => "The server failed; the log has the reason under the X-Request-Id.",
    }
}

impl Words {
    const fn name(self) -> &'static str {
        match self {
            Self::Error => "Error",
            Self::Message => "Message",
            Self::Faults => "Faults",
            Self::FieldFaults => "FieldFaults",
            Self::InvalidToken => "InvalidToken",
            Self::InsufficientScope => "InsufficientScope",
        }
    }

    fn schema(self) -> Schema {
        let text = || Object::builder().schema_type(SchemaType::new(Type::String));
        let texts = || utoipa::openapi::Array::builder().items(text());
        let object = Object::builder().schema_type(SchemaType::new(Type::Object));
        let (key, object) = match self {
            Self::Error => ("error", object.property("error", text())),
            Self::Message => ("message", object.property("message", text())),
            Self::Faults => ("message", object.property("message", texts())),
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
        object
            .required(key)
            .additional_properties(Some(utoipa::openapi::schema::AdditionalProperties::FreeForm(false)))
            .build()
            .into()
    }
}
