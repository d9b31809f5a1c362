//! Reads a request and checks it in the contract's order (docs/contract.md, "Permissions"): malformed first, then the
//! route, then parameters, then the caller.
//!
//! [`Received::read`] is used instead of actix's extractors, which run in an order of their own. It reads the whole
//! request, so that a malformed one is refused before anything else, even where there is no route; only a body that is or
//! has a file is left to be read while it is stored. The rest is up to
//! the handler: parameters, then [`Incoming::caller`], then the use case.

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::{CONTENT_TYPE, HeaderMap};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpMessage, HttpRequest};
use release_links_domain::token::Caller;
use release_links_usecases::{Claimant, Identified, ParameterFaults, Presented, Refusal};

use crate::Service;
use crate::asked::Asked;
use crate::body::{Body, Share, read_body};
use crate::credentials::{basic, presented, sudo};
use crate::error::ApiError;
use crate::params::{Allowance, BodyKind, Malformed, Params, from_form, from_json, from_merge_patch, from_multipart};
use crate::preconditions::Preconditions;

/// A request that was read to the end and is well-formed.
pub(crate) struct Received {
    pub(crate) incoming: Incoming,
    /// The parameters of query and body together; the body wins.
    ///
    /// They are apart from the rest because they may be large: only a handler that asks for them gets them, and they
    /// are dropped once it has read them, before a write waits for its turn.
    pub(crate) params: Params,
    /// The body, if it is stored while it is read: the only one that is not read yet.
    pub(crate) streamed: Option<Payload>,
    /// What to make of a body that not every operation accepts, once the route is known.
    pub(crate) unusual: Option<Unusual>,
}

/// A body that not every operation accepts.
pub(crate) enum Unusual {
    /// Of a content type that no operation accepts, which is named.
    Unsupported(String),
    /// A merge patch, whose parameters were read if it is an object.
    MergePatch {
        /// Whether it is an object.
        is_object: bool,
    },
}

/// A request without its parameters.
pub(crate) struct Incoming {
    pub(crate) request: HttpRequest,
    pub(crate) service: Data<Service>,
    /// The preconditions, of an operation that has any.
    pub(crate) preconditions: Preconditions,
    presented: Option<Presented>,
    /// The user that the caller asks to act as.
    sudo: Result<Option<String>, ParameterFaults>,
    /// The body's share of the memory, held for what was parsed from it.
    _share: Share,
}

impl Incoming {
    /// Accepts HTTP Basic too, unless another credential is present.
    pub(crate) fn accept_basic(&mut self) {
        self.presented = self.presented.take().or_else(|| basic(self.request.headers()));
    }

    /// Reads the preconditions of a write.
    pub(crate) fn read_preconditions(&mut self) -> Result<(), Malformed> {
        self.preconditions = Preconditions::of(self.request.headers())?;
        Ok(())
    }

    /// Identifies the caller. Whether that happens before or after the parameters are parsed depends on the endpoint's
    /// order in the contract.
    pub(crate) async fn caller(&self) -> Result<Caller, ApiError> {
        let caller = self.claimant()?.identify().await;
        Ok(self.identified(caller.map(|caller| (caller, Ok(()))))?.0)
    }

    /// Returns the caller as one whom the use case identifies.
    pub(crate) fn claimant(&self) -> Result<Claimant<'_>, ApiError> {
        let sudo = self.sudo.clone().map_err(Refusal::from)?;
        Ok(Claimant::new(&self.service.authentication, self.presented.clone(), sudo))
    }

    /// Notes for the log and the metrics who the caller is.
    pub(crate) fn identified<T>(&self, outcome: Identified<T>) -> Result<(Caller, Result<T, Refusal>), ApiError> {
        if let (Some(metrics), Some(_)) = (&self.service.metrics, &self.presented) {
            metrics.authenticated(&outcome);
        }
        let (caller, outcome) = outcome?;
        if let (Caller::Token(bearer), Some(asked)) = (&caller, self.request.extensions_mut().get_mut::<Asked>()) {
            asked.by = Some((bearer.user, bearer.token));
        }
        Ok((caller, outcome))
    }
}

impl Received {
    /// Reads a request whose path was checked. A body that is streamed is left for whoever stores it.
    ///
    /// # Errors
    /// Returns an error if the request is malformed, or its body cannot be read.
    pub(crate) async fn read(
        request: HttpRequest,
        path: Result<(), Malformed>,
        payload: Payload,
        is_streamed: bool,
    ) -> Result<Self, ApiError> {
        let (streamed, payload) = if is_streamed { (Some(payload), Payload::None) } else { (None, payload) };
        // Read the body before refusing anything: a connection with an unread body cannot be reused.
        let Body { bytes: body, share } = match streamed {
            Some(_) => Body::default(),
            None => read_body(&request, payload).await?,
        };
        path?;
        let mut allowance = Allowance::default();
        let query = from_form(request.uri().query().unwrap_or_default().as_bytes(), &mut allowance)?;
        let (params, unusual) = match streamed {
            Some(_) => (Params::default(), None),
            None => parse_body(request.headers(), body, &mut allowance).await?,
        };
        let params = query.merge(params);
        let service = request.app_data::<Data<Service>>().ok_or(ApiError::Unwired)?.clone();
        let presented = presented(request.headers(), &params);
        let sudo = sudo(request.headers(), &params);
        let preconditions = Preconditions::default();
        Ok(Self {
            incoming: Incoming { request, service, preconditions, presented, sudo, _share: share },
            params,
            streamed,
            unusual,
        })
    }
}

async fn parse_body(
    headers: &HeaderMap,
    body: Bytes,
    allowance: &mut Allowance,
) -> Result<(Params, Option<Unusual>), ApiError> {
    let content_type = headers.get(CONTENT_TYPE);
    let params = match (BodyKind::of(content_type, body.is_empty()), content_type) {
        (BodyKind::Unsupported(named), _) => return Ok((Params::default(), Some(Unusual::Unsupported(named)))),
        (BodyKind::MergePatch, _) => {
            let patch = from_merge_patch(&body, allowance)?;
            let unusual = Unusual::MergePatch { is_object: patch.is_some() };
            return Ok((patch.unwrap_or_default(), Some(unusual)));
        }
        (BodyKind::Json, _) => from_json(&body, allowance)?,
        (BodyKind::Multipart, Some(content_type)) => from_multipart(content_type, body, allowance).await?,
        (BodyKind::Form | BodyKind::Multipart, _) => from_form(&body, allowance)?,
    };
    Ok((params, None))
}

/// Whether the method only reads.
pub(crate) fn is_read(method: &Method) -> bool {
    method == Method::GET || method == Method::HEAD
}
