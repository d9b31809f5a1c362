//! The OpenAPI document, made from the operations.

use std::collections::BTreeMap;

use actix_web::http::{Method, StatusCode};
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::{HttpMethod, OperationBuilder, Parameter, ParameterIn, ParameterStyle};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::schema::{AnyOfBuilder, SchemaType};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    AllOfBuilder, ComponentsBuilder, Content, InfoBuilder, LicenseBuilder, Object, ObjectBuilder, OpenApi,
    OpenApiBuilder, Paths, Ref, Required, Response, Schema, Server,
};

use super::answer::{BYTES, JSON, Refused, Words, bytes};
use super::declaration::{Operation, Streamed};
use super::declared::{Declared, object};
use super::ids::OperationId;
use super::responses::{ETAG, LOCATION, Refusal, headed};
use crate::incoming::is_read;
use crate::pages::Page;
use crate::params::MERGE_PATCH;

/// What a body says. Forms are not described, because OpenAPI has no words for their nested names.
const BODY: &str = "The parameters, which may also be sent as a form or in the query.";

/// What a body that is a file says.
const FILE: &str = "The file, whatever its content type says.";

/// What a body with a file says.
const FORM: &str = "A form whose part `file` is the file.";
const MULTIPART: &str = "multipart/form-data";

/// The SPDX expression of the licences.
const LICENSE: &str = env!("CARGO_PKG_LICENSE");

/// Returns the document of operations, each list of which has a name.
pub(crate) fn document(named: &[(&'static str, Vec<Operation>)]) -> OpenApi {
    let mut paths = Paths::new();
    let mut components = schemes(ComponentsBuilder::new());
    for (words, schema) in Words::ALL.map(|words| (words, words.schema())) {
        components = components.schema(words.name(), schema);
    }
    for (tag, operations) in named {
        for operation in operations {
            for (name, schema) in
                operation.answers.iter().filter_map(|answer| answer.body.as_ref()).flat_map(|body| &body.components)
            {
                components = components.schema(name, schema.clone());
            }
            for refusal in operation.refusals() {
                components = components.response(refusal.name(), refusal.response());
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
                    "GitLab's Release Links API, and what its clients need beside it. Every answer has an X-Request-Id. With a \
                     header Sudo, or a parameter sudo, an administrator acts as the user with that id or username.",
                ))
                .license(Some(LicenseBuilder::new().name(LICENSE).identifier(Some(LICENSE)).build())),
        )
        .servers(Some([Server::new("/")]))
        .paths(paths)
        .components(Some(components.build()))
        .build()
}

fn schemes(components: ComponentsBuilder) -> ComponentsBuilder {
    let header =
        |name: &str, about: &str| SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(name, about)));
    let query =
        |name: &str, about: &str| SecurityScheme::ApiKey(ApiKey::Query(ApiKeyValue::with_description(name, about)));
    let http = |scheme: HttpAuthScheme, about: &str| {
        let mut http = Http::new(scheme);
        http.description = Some(about.to_owned());
        SecurityScheme::Http(http)
    };
    components
        .security_scheme("privateToken", header("PRIVATE-TOKEN", "A personal or project token."))
        .security_scheme("bearer", http(HttpAuthScheme::Bearer, "A personal, project or job token."))
        .security_scheme("jobToken", header("JOB-TOKEN", "The token of a running CI job."))
        .security_scheme("privateTokenParameter", query("private_token", "A personal or project token."))
        .security_scheme("accessTokenParameter", query("access_token", "A personal, project or job token."))
        .security_scheme("jobTokenParameter", query("job_token", "The token of a running CI job."))
        .security_scheme(BASIC, http(HttpAuthScheme::Basic, "A token as the password, whatever the user's name."))
}

const SCHEMES: [&str; 6] =
    ["privateToken", "bearer", "jobToken", "privateTokenParameter", "accessTokenParameter", "jobTokenParameter"];
/// The headers with the preconditions of a write.
const PRECONDITIONS: [(&str, &str); 2] = [
    ("If-Match", "Write only if one of these ETags is the current one, compared strongly."),
    ("If-None-Match", "Write only if none of these ETags is the current one."),
];
/// The scheme that only some operations accept.
const BASIC: &str = "basic";

impl Operation {
    /// Returns the path as OpenAPI writes it.
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
            Method::PATCH => HttpMethod::Patch,
            Method::DELETE => HttpMethod::Delete,
            _ => HttpMethod::Get,
        }
    }

    /// Whether parameters are described as those of a body. A query may have them as well.
    fn has_body(&self) -> bool {
        !is_read(&self.method)
            && self.method != Method::DELETE
            && self.streamed == Streamed::Nothing
            && !self.declared.parameters.is_empty()
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
            // With the type, generators would take it for an object without properties.
            any.item(Object::builder().schema_type(SchemaType::AnyValue).required(*name))
        });
        let both = AllOfBuilder::new().item(object).item(any);
        Some((id, both.build().into()))
    }

    fn request_body(&self) -> Option<RequestBody> {
        let file = || RequestBodyBuilder::new().required(Some(Required::True));
        match self.streamed {
            Streamed::Nothing => {}
            Streamed::Body => {
                return Some(file().description(Some(FILE)).content(BYTES, Content::new(Some(bytes()))).build());
            }
            Streamed::Form => {
                let form = ObjectBuilder::new().property("file", bytes()).required("file");
                return Some(file().description(Some(FORM)).content(MULTIPART, Content::new(Some(form))).build());
            }
        }
        let (name, _) = self.body()?;
        let required = self.declared.parameters.iter().any(|parameter| parameter.is_required)
            || !self.declared.at_least_one_of.is_empty();
        let body = RequestBodyBuilder::new()
            .description(Some(BODY))
            .required(Some(if required { Required::True } else { Required::False }))
            .content(JSON, Content::new(Some(Ref::from_schema_name(name.as_str()))));
        let patch = self.accepts_merge_patch.then(|| Content::new(Some(Ref::from_schema_name(name))));
        Some(patch.into_iter().fold(body, |body, patch| body.content(MERGE_PATCH, patch)).build())
    }

    fn describe(&self, tag: &str) -> OperationBuilder {
        let path = self.declared.path.iter().map(|declared| declared.parameter(ParameterIn::Path));
        let query = self.declared.parameters.iter().map(|declared| declared.parameter(ParameterIn::Query));
        let preconditions = PRECONDITIONS.map(|(name, meaning)| Declared::of::<String>(name, meaning));
        let headers = preconditions.iter().map(|declared| declared.parameter(ParameterIn::Header));
        let headers = headers.filter(|_| self.has_preconditions);
        let parameters = path.chain(query.filter(|_| !self.has_body())).chain(headers);
        let mut operation = OperationBuilder::new()
            .operation_id(Some(self.id().as_str()))
            .summary(Some(self.summary))
            .description(self.lacked())
            .tag(tag)
            .parameters(Some(parameters))
            .request_body(self.request_body())
            .securities(Some(self.securities()))
            .extensions(self.is_ours.then(|| ExtensionsBuilder::new().add("x-not-in-gitlab", true).build()));
        for (status, response) in self.successes() {
            operation = operation.response(status.as_str(), response);
        }
        for refusal in self.refusals() {
            operation = operation.response(refusal.status.as_str(), Ref::from_response_name(refusal.name()));
        }
        operation
    }

    /// Returns what to say about the filters of GitLab's that the operation lacks.
    fn lacked(&self) -> Option<String> {
        let names: Vec<String> = self.declared.lacked.iter().map(|name| format!("`{name}`")).collect();
        let listed = names.join(", ");
        (!names.is_empty()).then(|| format!("GitLab also filters by {listed}: refused unless false or empty."))
    }

    fn securities(&self) -> Vec<SecurityRequirement> {
        if !self.declared.has_caller {
            return Vec::new();
        }
        let anonymous = (!self.is_for_the_signed_in).then(SecurityRequirement::default);
        let basic = self.accepts_basic.then_some(&BASIC);
        let tokens = SCHEMES.iter().chain(basic).map(|scheme| SecurityRequirement::new(*scheme, Vec::<String>::new()));
        anonymous.into_iter().chain(tokens).collect()
    }

    /// Whether the operation is about something in a project, which may have moved.
    fn is_in_a_project(&self) -> bool {
        self.path.contains("projects/{id}") || self.path.starts_with("/{id}")
    }

    /// Returns the answers to requests that are not refused.
    fn successes(&self) -> Vec<(StatusCode, Response)> {
        let mut responses: Vec<(StatusCode, Response)> =
            self.answers.iter().map(|answer| (answer.status, answer.response(self.page != Page::None))).collect();
        if is_read(&self.method) && self.answers.iter().any(|answer| answer.body.is_some()) {
            responses.push((StatusCode::NOT_MODIFIED, headed("The client has this answer already.", &[ETAG])));
        }
        if self.is_in_a_project() && is_read(&self.method) {
            let meaning = "The project has moved; the same address under its new path follows.";
            responses.push((StatusCode::MOVED_PERMANENTLY, headed(meaning, &[LOCATION])));
        }
        responses
    }

    /// Returns the refusals, one for each status.
    fn refusals(&self) -> Vec<Refusal> {
        let mut refused = Refused::OF_EVERYBODY.to_vec();
        refused.extend_from_slice(&self.refusals);
        if self.is_in_a_project() && !is_read(&self.method) {
            refused.push(Refused::MOVED);
        }
        if self.path.starts_with("/{id}") {
            refused.push(Refused::NO_ROUTE);
        }
        let mut by_status: BTreeMap<StatusCode, Vec<Words>> = BTreeMap::new();
        for Refused { status, shape } in refused {
            let shapes = by_status.entry(status).or_default();
            if !shapes.contains(&shape) {
                shapes.push(shape);
            }
        }
        by_status
            .into_iter()
            .map(|(status, shapes)| Refusal { status, shapes, has_page: self.page != Page::None })
            .collect()
    }
}

impl Declared {
    fn parameter(&self, place: ParameterIn) -> Parameter {
        let mut parameter = Parameter::builder()
            .name(self.name)
            .parameter_in(place)
            .required(if self.is_required { Required::True } else { Required::False })
            .description(Some(self.meaning.trim()))
            .schema(Some(self.value()));
        if matches!(self.value(), Schema::Array(_)) {
            // Repeated names without brackets replace each other; one text with commas is a list too.
            parameter = parameter.style(Some(ParameterStyle::Form)).explode(Some(false));
        }
        if self.is_deprecated {
            parameter = parameter.deprecated(Some(utoipa::openapi::Deprecated::True));
        }
        parameter.build()
    }
}
