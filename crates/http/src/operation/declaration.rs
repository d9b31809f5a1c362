//! The declaration of an operation.

use std::future::Future;
use std::pin::Pin;

use actix_web::http::header::{CONTENT_TYPE, HeaderMap};
use actix_web::http::{Method, StatusCode};

use super::answer::{Answer, Refused};
use super::ids::OperationId;
use super::order::{Order, Requirements};
use crate::incoming::Received;
use crate::pages::{HTML, Page};
use crate::params::BodyKind;
use crate::reply::Reply;

/// One operation of the API.
#[allow(clippy::struct_excessive_bools, reason = "each is a property of its own, and any combination makes sense")]
pub(crate) struct Operation {
    pub(super) method: Method,
    /// The path, with the names of its parameters in braces. A project on the web is written `{id}` as well, although its
    /// full path takes several segments.
    pub(super) path: &'static str,
    /// Other spellings of the path.
    pub(super) aliases: &'static [&'static str],
    pub(super) summary: &'static str,
    /// Whether GitLab lacks this operation.
    pub(super) is_ours: bool,
    /// Whether anonymous callers are always refused.
    pub(super) is_for_the_signed_in: bool,
    /// Whether HTTP Basic authenticates, with a token as the password.
    pub(super) accepts_basic: bool,
    /// Whether, and to whom, the operation answers with a page.
    pub(super) page: Page,
    /// Whether `If-Match` and `If-None-Match` are preconditions.
    pub(super) has_preconditions: bool,
    /// What of the body is stored while it is read.
    pub(super) streamed: Streamed,
    /// Whether the body is not looked at.
    pub(super) ignores_content_type: bool,
    /// Whether the parameters may also be sent as a merge patch.
    pub(super) accepts_merge_patch: bool,
    pub(super) declared: Requirements,
    pub(super) answers: Vec<Answer>,
    pub(super) refusals: Vec<Refused>,
    pub(super) handler: Handler,
}

/// What of a body is stored while it is read; everything else is read before the handler runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Streamed {
    /// Nothing.
    Nothing,
    /// All of it, whatever its content type.
    Body,
    /// The file in a form.
    Form,
}

impl Streamed {
    /// Whether that is so of a request with these headers.
    pub(super) fn is_in(self, headers: &HeaderMap) -> bool {
        match self {
            Self::Nothing => false,
            Self::Body => true,
            Self::Form => BodyKind::of(headers.get(CONTENT_TYPE), false) == BodyKind::Multipart,
        }
    }
}

/// A handler, which reads the values of the path's parameters in the path's order.
type Handler = Box<dyn Fn(Received, Vec<String>) -> Answering + Send + Sync>;
type Answering = Pin<Box<dyn Future<Output = Reply>>>;

/// One operation of the API, for tests and tools that cover them all.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Endpoint {
    /// The method.
    pub method: String,
    /// The path, with the names of its parameters in braces; a last parameter that begins with `*` takes several segments.
    pub path: &'static str,
    /// Other spellings of the path.
    pub aliases: &'static [&'static str],
    /// The id in the OpenAPI document and in the log.
    pub id: String,
}

impl Operation {
    /// Declares an operation. What the handler takes says how parameters are read and in which order a request is refused.
    pub(crate) fn new<O, F>(
        method: Method,
        path: &'static str,
        summary: &'static str,
        handler: impl Fn(O) -> F + Copy + Send + Sync + 'static,
    ) -> Self
    where
        O: Order + 'static,
        F: Future<Output = Reply> + 'static,
    {
        let handler: Handler = Box::new(move |received, values| {
            Box::pin(async move { handler(O::receive(received, values).await?).await })
        });
        let declared = O::declare();
        let refusals = declared.refusals.clone();
        Self {
            method,
            path,
            aliases: &[],
            summary,
            is_ours: false,
            is_for_the_signed_in: false,
            accepts_basic: false,
            page: Page::None,
            has_preconditions: false,
            streamed: Streamed::Nothing,
            ignores_content_type: false,
            accepts_merge_patch: false,
            declared,
            answers: Vec::new(),
            refusals,
            handler,
        }
    }

    /// Returns what identifies the operation.
    pub(crate) fn endpoint(&self) -> Endpoint {
        let id = OperationId::of(&self.method, self.path).as_str().to_owned();
        Endpoint { method: self.method.to_string(), path: self.path, aliases: self.aliases, id }
    }

    /// Whether the operation leads elsewhere, as permanent links do.
    pub(crate) fn redirects(&self) -> bool {
        self.answers.iter().any(|answer| answer.status == StatusCode::FOUND)
    }

    /// Adds spellings of the path that reach this operation too.
    pub(crate) const fn also(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// Marks an operation that GitLab does not have.
    pub(crate) const fn ours(mut self) -> Self {
        self.is_ours = true;
        self
    }

    /// Marks an operation that refuses every anonymous caller.
    pub(crate) const fn signed_in(mut self) -> Self {
        self.is_for_the_signed_in = true;
        self
    }

    /// Marks an operation that accepts HTTP Basic, which elsewhere is not looked at.
    pub(crate) const fn accepts_basic(mut self) -> Self {
        self.accepts_basic = true;
        self
    }

    /// Marks an operation that answers clients that prefer HTML with a page, also where it refuses.
    pub(crate) const fn has_page(mut self) -> Self {
        self.page = Page::IfPreferred;
        self
    }

    /// Marks an operation that answers every client with a page, also where it refuses.
    pub(crate) fn only_page(mut self, meaning: &'static str) -> Self {
        self.page = Page::Always;
        self.answers(Answer::typed(HTML, meaning))
    }

    /// Marks a write that may have preconditions.
    pub(crate) fn has_preconditions(mut self) -> Self {
        self.has_preconditions = true;
        self.refuses(&[Refused::PRECONDITION_FAILED])
    }

    /// Marks an operation whose parameters may also be sent as a merge patch (RFC 7396).
    pub(crate) const fn accepts_merge_patch(mut self) -> Self {
        self.accepts_merge_patch = true;
        self
    }

    /// Marks an operation whose body is a file of any length and type, which is read as it is stored.
    pub(crate) const fn takes_file(mut self) -> Self {
        self.streamed = Streamed::Body;
        self
    }

    /// Marks an operation whose body is a form with a file, which is read as it is stored. What is no such form is read as
    /// elsewhere.
    pub(crate) const fn takes_form(mut self) -> Self {
        self.streamed = Streamed::Form;
        self
    }

    /// Marks an operation that accepts a body of any content type, since it does not look at it.
    pub(crate) const fn ignores_content_type(mut self) -> Self {
        self.ignores_content_type = true;
        self
    }

    /// Adds an answer to a request that is not refused.
    pub(crate) fn answers(mut self, answer: Answer) -> Self {
        self.answers.push(answer);
        self
    }

    /// Adds refusals beyond those that the order of refusals implies.
    pub(crate) fn refuses(mut self, refusals: &[Refused]) -> Self {
        self.refusals.extend_from_slice(refusals);
        self
    }
}

/// Declares a read. HEAD is allowed wherever GET is.
pub(crate) fn get<O: Order + 'static, F: Future<Output = Reply> + 'static>(
    path: &'static str,
    summary: &'static str,
    handler: impl Fn(O) -> F + Copy + Send + Sync + 'static,
) -> Operation {
    Operation::new(Method::GET, path, summary, handler)
}

/// Declares an operation that creates something or has no other method.
pub(crate) fn post<O: Order + 'static, F: Future<Output = Reply> + 'static>(
    path: &'static str,
    summary: &'static str,
    handler: impl Fn(O) -> F + Copy + Send + Sync + 'static,
) -> Operation {
    Operation::new(Method::POST, path, summary, handler)
}

/// Declares a change.
pub(crate) fn put<O: Order + 'static, F: Future<Output = Reply> + 'static>(
    path: &'static str,
    summary: &'static str,
    handler: impl Fn(O) -> F + Copy + Send + Sync + 'static,
) -> Operation {
    Operation::new(Method::PUT, path, summary, handler)
}

/// Declares a change of any part.
pub(crate) fn patch<O: Order + 'static, F: Future<Output = Reply> + 'static>(
    path: &'static str,
    summary: &'static str,
    handler: impl Fn(O) -> F + Copy + Send + Sync + 'static,
) -> Operation {
    Operation::new(Method::PATCH, path, summary, handler)
}

/// Declares a deletion.
pub(crate) fn delete<O: Order + 'static, F: Future<Output = Reply> + 'static>(
    path: &'static str,
    summary: &'static str,
    handler: impl Fn(O) -> F + Copy + Send + Sync + 'static,
) -> Operation {
    Operation::new(Method::DELETE, path, summary, handler)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::operations::all;

    /// Returns the names in braces.
    fn names(path: &str) -> Vec<&str> {
        let segments = path.split('/').filter_map(|segment| segment.strip_prefix('{')?.split_once('}'));
        segments.map(|(name, _)| name.trim_start_matches('*')).collect()
    }

    #[test]
    fn a_handler_takes_the_parameters_of_its_path_in_the_order_of_the_path() {
        for operation in all() {
            let declared: Vec<_> = operation.declared.path.iter().map(|declared| declared.name).collect();
            assert_eq!(names(operation.path), declared, "{}", operation.path);
            for alias in operation.aliases {
                assert!(declared.starts_with(&names(alias)), "{alias}");
            }
        }
    }

    #[test]
    fn no_two_operations_have_the_same_id() {
        let ids: BTreeSet<_> = all().map(|operation| operation.endpoint().id).collect();
        assert_eq!(ids.len(), all().count());
    }
}
