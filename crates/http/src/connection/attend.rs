//! Where requests begin, how their bodies come in, and where answers end: told to the connection's [`Watch`].

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

use super::room::Room;
use super::watch::Watch;

/// What the service finds of the connection that a request came on.
#[derive(Clone)]
pub(super) struct Attended {
    pub(super) watch: Rc<Watch>,
    pub(super) room: Rc<Room>,
}

/// Answers a request, while its connection knows that.
pub(super) fn attend<S, B>(
    mut request: Request,
    service: &S,
) -> impl Future<Output = Result<ServiceResponse<Answer<B>>, S::Error>> + use<S, B>
where
    S: Service<Request, Response = ServiceResponse<B>>,
    B: MessageBody,
{
    let attended = request.conn_data::<Attended>().cloned();
    let serving = attended.as_ref().map(|attended| Serving::begin(&attended.watch, &mut request));
    let answer = service.call(request);
    async move {
        let mut response = answer.await?;
        if attended.is_some_and(|attended| attended.room.is_crowded()) {
            response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
        }
        Ok(response.map_body(|_, body| Answer { body, serving }))
    }
}

/// From a request's head to the end of its answer.
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

/// A request's body.
struct Body {
    body: Payload,
    watch: Rc<Watch>,
}

impl Stream for Body {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let piece = self.body.poll_next_unpin(cx);
        match &piece {
            Poll::Ready(Some(_)) => self.watch.used(),
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
    /// An answer's body, which is dropped once it is complete.
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
