//! The orders in which requests are refused (docs/contract.md, "Permissions" and "Provisioning"): types that a handler
//! takes.

use std::future::Future;

use actix_web::dev::Payload;
use release_links_domain::token::Caller;
use release_links_usecases::{FileBody, ParameterFaults, UploadForm};

use super::answer::Refused;
use super::declared::Declared;
use super::parameter::Parameters;
use super::path::{Address, Nothing};
use crate::error::ApiError;
use crate::fields::Fields;
use crate::incoming::{Incoming, Received};
use crate::uploads::UploadTurns;

/// What is known of an operation's requests from the type that its handler takes.
pub(crate) struct Requirements {
    /// The parameters in the path.
    pub(crate) path: Vec<Declared>,
    /// The parameters in the query or body.
    pub(crate) parameters: Vec<Declared>,
    /// The names of which at least one must be sent; may be empty.
    pub(crate) at_least_one_of: &'static [&'static str],
    /// The names of GitLab's filters that the operation lacks; may be empty.
    pub(crate) lacked: &'static [&'static str],
    /// The refusals that the order implies.
    pub(crate) refusals: Vec<Refused>,
    /// Whether a credential matters.
    pub(crate) has_caller: bool,
}

/// A request as its handler takes it, refused in some order.
pub(crate) trait Order: Sized {
    /// Returns what the type says about an operation.
    fn declare() -> Requirements;

    /// Reads a request, or refuses it.
    fn receive(received: Received, segments: Vec<String>) -> impl Future<Output = Result<Self, ApiError>>;
}

/// A request whose parameters are checked before its caller is identified, as on the link endpoints.
pub(crate) struct ParametersThenCaller<A, P> {
    pub(crate) incoming: Incoming,
    pub(crate) address: A,
    pub(crate) parameters: P,
    pub(crate) caller: Caller,
}

impl<A: Address, P: Parameters> Order for ParametersThenCaller<A, P> {
    fn declare() -> Requirements {
        requirements::<A, P>(Refused::OF_A_CALLER.to_vec(), true)
    }

    async fn receive(received: Received, segments: Vec<String>) -> Result<Self, ApiError> {
        let (incoming, address, parameters) = read::<A, P>(received, segments)?;
        let parameters = parameters?;
        let caller = incoming.caller().await?;
        Ok(Self { incoming, address, parameters, caller })
    }
}

/// A request whose parameters are checked before the use case identifies its [`claimant`](Incoming::claimant).
pub(crate) struct ParametersThenClaimant<A, P> {
    pub(crate) incoming: Incoming,
    pub(crate) address: A,
    pub(crate) parameters: P,
}

impl<A: Address, P: Parameters> Order for ParametersThenClaimant<A, P> {
    fn declare() -> Requirements {
        requirements::<A, P>(Refused::OF_A_CALLER.to_vec(), true)
    }

    async fn receive(received: Received, segments: Vec<String>) -> Result<Self, ApiError> {
        let (incoming, address, parameters) = read::<A, P>(received, segments)?;
        Ok(Self { incoming, address, parameters: parameters? })
    }
}

/// A request whose caller is identified first. The use case refuses faulty parameters once it knows that the caller may
/// do what they ask for.
pub(crate) struct CallerThenParameters<A, P> {
    pub(crate) incoming: Incoming,
    pub(crate) address: A,
    pub(crate) parameters: Result<P, ParameterFaults>,
    pub(crate) caller: Caller,
}

impl<A: Address, P: Parameters> Order for CallerThenParameters<A, P> {
    fn declare() -> Requirements {
        requirements::<A, P>(Refused::OF_A_CALLER.to_vec(), true)
    }

    async fn receive(received: Received, segments: Vec<String>) -> Result<Self, ApiError> {
        let (incoming, address, parameters) = read::<A, P>(received, segments)?;
        let caller = incoming.caller().await?;
        Ok(Self { incoming, address, parameters, caller })
    }
}

/// A request whose body is a file, which is read only once the use case knows that the caller may store it.
pub(crate) struct CallerThenFile<A, P> {
    pub(crate) incoming: Incoming,
    pub(crate) address: A,
    pub(crate) parameters: Result<P, ParameterFaults>,
    pub(crate) caller: Caller,
    pub(crate) body: FileBody,
}

impl<A: Address, P: Parameters> Order for CallerThenFile<A, P> {
    fn declare() -> Requirements {
        requirements::<A, P>(Refused::OF_A_CALLER.to_vec(), true)
    }

    async fn receive(mut received: Received, segments: Vec<String>) -> Result<Self, ApiError> {
        let body = UploadTurns::body(&received.incoming.request, received.streamed.take().unwrap_or(Payload::None))?;
        let (incoming, address, parameters) = read::<A, P>(received, segments)?;
        let caller = incoming.caller().await?;
        Ok(Self { incoming, address, parameters, caller, body })
    }
}

/// A request whose body is a form with a file, which is read only once the use case knows that the caller may store it.
pub(crate) struct CallerThenForm<A> {
    pub(crate) incoming: Incoming,
    pub(crate) address: A,
    pub(crate) caller: Caller,
    pub(crate) form: UploadForm,
}

impl<A: Address> Order for CallerThenForm<A> {
    fn declare() -> Requirements {
        requirements::<A, ()>(Refused::OF_A_CALLER.to_vec(), true)
    }

    async fn receive(mut received: Received, segments: Vec<String>) -> Result<Self, ApiError> {
        let form = match received.streamed.take() {
            Some(body) => UploadTurns::form(&received.incoming.request, body)?,
            None => UploadTurns::no_form(&received.params),
        };
        let (incoming, address, _) = read::<A, ()>(received, segments)?;
        let caller = incoming.caller().await?;
        Ok(Self { incoming, address, caller, form })
    }
}

/// A request without a caller: a credential is not even looked at.
pub(crate) struct WithoutCaller {
    pub(crate) incoming: Incoming,
}

impl Order for WithoutCaller {
    fn declare() -> Requirements {
        requirements::<Nothing, ()>(Vec::new(), false)
    }

    async fn receive(received: Received, _segments: Vec<String>) -> Result<Self, ApiError> {
        Ok(Self { incoming: received.incoming })
    }
}

/// Reads the address and the parameters of a request, whose faults are the caller's to report.
fn read<A: Address, P: Parameters>(
    received: Received,
    segments: Vec<String>,
) -> Result<(Incoming, A, Result<P, ParameterFaults>), ApiError> {
    let mut fields = Fields::of(received.params);
    let address = A::read(segments, &mut fields)?;
    let parameters = P::read(&mut fields);
    Ok((received.incoming, address, fields.finish_whole(parameters)))
}

fn requirements<A: Address, P: Parameters>(refusals: Vec<Refused>, has_caller: bool) -> Requirements {
    Requirements {
        path: A::declare(),
        parameters: P::declare(),
        at_least_one_of: P::AT_LEAST_ONE_OF,
        lacked: P::LACKED,
        refusals,
        has_caller,
    }
}
