//! What the server counts for monitoring, if somebody asks for it (docs/monitoring.md, "Metrics").
//!
//! Each operation keeps its own handles, which are made at its first request, so that a request looks nothing up by name and
//! what is never asked for makes no series.

use std::sync::OnceLock;
use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use release_links_domain::token::TokenRefusal;
use release_links_usecases::Refusal;

use crate::operation::OperationId;
use crate::operations::all;
use crate::upload_counts::UploadCounts;

/// The bounds of the buckets of durations, in seconds: from a link out of memory to the longest wait for a turn and more.
const SECONDS: [f64; 13] = [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5];
/// The operation of a request that names none: an unknown path, a wrong method, or what cannot be read.
const NO_OPERATION: &str = "none";
/// The methods that have handles of their own. Any other is counted as one.
const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other"];
/// The statuses that have handles of their own, the usual ones first.
const STATUSES: [u16; 19] =
    [200, 302, 201, 304, 404, 400, 401, 403, 204, 202, 301, 405, 408, 409, 412, 413, 415, 500, 503];
/// What becomes of a request for a permanent link.
const REDIRECTS: [&str; 6] = ["found", "moved", "checksums", "not_found", "refused", "failed"];
/// What becomes of a credential.
const AUTHENTICATIONS: [&str; 6] = ["accepted", "unknown", "expired", "revoked", "sudo_refused", "failed"];

/// The metrics of the HTTP adapter.
pub struct Metrics {
    requests: Family<Answered, Counter>,
    durations: Family<Asked, Histogram, fn() -> Histogram>,
    /// In the order of the list of all operations.
    operations: Vec<Handles>,
    no_operation: Handles,
    redirects: [Counter; REDIRECTS.len()],
    authentications: [Counter; AUTHENTICATIONS.len()],
    pub(crate) uploads: UploadCounts,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Asked {
    method: &'static str,
    operation: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    operation: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

/// The handles of one operation.
struct Handles {
    operation: String,
    /// Whether it leads elsewhere, as permanent links do.
    redirects: bool,
    methods: [OnceLock<Box<OfMethod>>; METHODS.len()],
}

/// The handles of one method of an operation. HEAD is served wherever GET is.
struct OfMethod {
    duration: Histogram,
    statuses: [OnceLock<Counter>; STATUSES.len()],
}

impl Handles {
    fn new(operation: String, redirects: bool) -> Self {
        Self { operation, redirects, methods: Default::default() }
    }
}

impl Metrics {
    /// Creates the metrics, all zero, and registers them.
    pub fn register(registry: &mut Registry) -> Self {
        let requests = Family::default();
        let histogram: fn() -> Histogram = || Histogram::new(SECONDS);
        let durations = Family::new_with_constructor(histogram);
        let (redirects, authentications) = (Family::default(), Family::default());
        registry.register("http_requests", "Requests that were answered", requests.clone());
        registry.register_with_unit(
            "http_request_duration",
            "Time from a request's head to the head of its answer",
            Unit::Seconds,
            durations.clone(),
        );
        registry.register(
            "redirects",
            "Requests for permanent links and other addresses that redirect",
            redirects.clone(),
        );
        registry.register("authentications", "Credentials that requests presented", authentications.clone());
        Self {
            requests,
            durations,
            operations: all().map(|operation| Handles::new(operation.endpoint().id, operation.redirects())).collect(),
            no_operation: Handles::new(NO_OPERATION.to_owned(), false),
            uploads: UploadCounts::register(registry),
            redirects: REDIRECTS.map(|outcome| redirects.get_or_create_owned(&Outcome { outcome })),
            authentications: AUTHENTICATIONS.map(|outcome| authentications.get_or_create_owned(&Outcome { outcome })),
        }
    }

    /// Counts a request that was answered.
    pub(crate) fn answered(
        &self,
        operation: Option<&OperationId>,
        method: &Method,
        status: StatusCode,
        took: Duration,
    ) {
        let handles = operation.and_then(|id| self.operations.get(id.place())).unwrap_or(&self.no_operation);
        let place = METHODS.iter().position(|known| *known == method.as_str()).unwrap_or(METHODS.len() - 1);
        let of_method = handles.methods[place].get_or_init(|| {
            let labels = Asked { method: METHODS[place], operation: handles.operation.clone() };
            let duration = self.durations.get_or_create_owned(&labels);
            Box::new(OfMethod { duration, statuses: Default::default() })
        });
        of_method.duration.observe(took.as_secs_f64());
        let counter = || {
            let labels =
                Answered { method: METHODS[place], operation: handles.operation.clone(), status: status.as_u16() };
            self.requests.get_or_create_owned(&labels)
        };
        match STATUSES.iter().position(|known| *known == status.as_u16()) {
            Some(status) => of_method.statuses[status].get_or_init(counter).inc(),
            None => counter().inc(),
        };
        if handles.redirects {
            self.redirects[redirect(status)].inc();
        }
    }

    /// Counts a credential that was presented.
    pub(crate) fn authenticated<T>(&self, outcome: &Result<T, Refusal>) {
        let place = match outcome {
            Ok(_) => 0,
            Err(Refusal::Token(TokenRefusal::Unknown)) => 1,
            Err(Refusal::Token(TokenRefusal::Expired)) => 2,
            Err(Refusal::Token(TokenRefusal::Revoked)) => 3,
            Err(Refusal::Sudo { .. }) => 4,
            Err(_) => 5,
        };
        self.authentications[place].inc();
    }
}

/// The place in [`REDIRECTS`] of what an answer's status says of a permanent link.
fn redirect(status: StatusCode) -> usize {
    match status.as_u16() {
        302 => 0,
        301 => 1,
        200 | 304 => 2,
        404 => 3,
        ..500 => 4,
        _ => 5,
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::encoding::prometheus_text::encode;

    use super::*;

    fn lines(registry: &Registry, begin: &str) -> Vec<String> {
        let mut text = String::new();
        encode(&mut text, registry).unwrap();
        text.lines().filter(|line| line.starts_with(begin)).map(str::to_owned).collect()
    }

    #[test]
    fn what_names_no_operation_makes_few_series_whatever_it_is() {
        let mut registry = Registry::default();
        let metrics = Metrics::register(&mut registry);
        for number in 0..1_000 {
            let method = Method::from_bytes(format!("METHOD{number}").as_bytes()).unwrap();
            metrics.answered(None, &method, StatusCode::NOT_FOUND, Duration::ZERO);
        }
        let counted = [r#"http_requests_total{method="other",operation="none",status="404"} 1000"#];
        assert_eq!(lines(&registry, "http_requests"), counted);
    }

    #[test]
    fn a_request_is_counted_under_the_id_of_its_operation_in_the_document() {
        let mut registry = Registry::default();
        let metrics = Metrics::register(&mut registry);
        for (place, operation) in all().enumerate() {
            let id = OperationId::of(&Method::GET, operation.endpoint().path).at(place);
            metrics.answered(Some(&id), &Method::GET, StatusCode::IM_A_TEAPOT, Duration::from_millis(1));
            let id = operation.endpoint().id;
            let counted = format!(r#"http_requests_total{{method="GET",operation="{id}",status="418"}} 1"#);
            assert!(lines(&registry, "http_requests").contains(&counted), "{counted}");
        }
    }

    #[test]
    fn each_outcome_of_a_permanent_link_has_a_name() {
        for (status, name) in [
            (302, "found"),
            (301, "moved"),
            (200, "checksums"),
            (304, "checksums"),
            (404, "not_found"),
            (400, "refused"),
            (401, "refused"),
            (500, "failed"),
            (503, "failed"),
        ] {
            assert_eq!(REDIRECTS[redirect(StatusCode::from_u16(status).unwrap())], name, "{status}");
        }
    }
}
