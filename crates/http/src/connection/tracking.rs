//! Tells a connection's [`Watch`] when a request begins, its body arrives, and its answer ends.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_http::{Payload, Request};
use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::{Service, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::ConnectionType;
use actix_web::web::Bytes;
use futures_util::{Stream, StreamExt};
use pin_project_lite::pin_project;

use super::capacity::WorkerConnections;
use super::watch::Watch;

/// What the service can see of the connection that a request arrived on.
#[derive(Clone)]
pub(super) struct Tracked {
    pub(super) watch: Rc<Watch>,
    pub(super) connections: Rc<WorkerConnections>,
}

/// Calls the service, and tells the request's connection when the request begins and its answer ends.
pub(super) fn track<S, B>(
    mut request: Request,
    service: &S,
) -> impl Future<Output = Result<ServiceResponse<Answer<B>>, S::Error>> + use<S, B>
where
    S: Service<Request, Response = ServiceResponse<B>>,
    B: MessageBody,
{
    let tracked = request.conn_data::<Tracked>().cloned();
    let serving = tracked.as_ref().map(|tracked| Serving::begin(&tracked.watch, &mut request));
    let answer = service.call(request);
    async move {
        let mut response = answer.await?;
        if tracked.is_some_and(|tracked| tracked.connections.wants_fewer()) {
            response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
        }
        Ok(response.map_body(|_, body| Answer { body, serving }))
    }
}

/// Lives from a request's head to the end of its answer.
struct Serving(Rc<Watch>);

impl Serving {
    fn begin(watch: &Rc<Watch>, request: &mut Request) -> Self {
        let body = request.take_payload();
        watch.begin(!matches!(body, Payload::None));
        if !matches!(body, Payload::None) {
            let body = Body { body, watch: Rc::clone(watch) };
            *request.payload() = Payload::Stream { payload: Box::pin(body) };
        }
        Self(Rc::clone(watch))
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.answered();
    }
}

/// A request's body, which reports its progress to the connection.
struct Body {
    body: Payload,
    watch: Rc<Watch>,
}

impl Stream for Body {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let piece = self.body.poll_next_unpin(cx);
        match &piece {
            Poll::Ready(Some(_)) => self.watch.consumed(),
            Poll::Ready(None) => self.watch.body_ends(true),
            Poll::Pending => {}
        }
        piece
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        self.watch.body_ends(false);
    }
}

pin_project! {
    /// An answer's body; it is dropped once it is complete, which ends the request.
    pub(super) struct Answer<B> {
        #[pin]
        body: B,
        serving: Option<Serving>,
    }
}

impl<B: MessageBody> MessageBody for Answer<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        self.project().body.poll_next(cx)
    }

    fn try_into_bytes(self) -> Result<Bytes, Self> {
        let Self { body, serving } = self;
        body.try_into_bytes().map_err(|body| Self { body, serving })
    }
}
