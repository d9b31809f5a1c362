//! Finds the operation of a request by its method and path, in one pass over the raw path.

use std::collections::BTreeMap;

use actix_web::http::Method;
use actix_web::http::header::HeaderMap;

use super::declaration::Operation;
use super::ids::OperationId;
use crate::incoming::{Received, is_read};
use crate::pages::Page;
use crate::params::decode_segment;
use crate::reply::Reply;
use crate::web_address::{DASH, UPLOADS, is_reserved, normalised, project, start_of_upload};

/// How a web address begins in the declaration of an operation.
const ON_THE_WEB: &str = "/{id}";
/// How the address of a project as a Git repository ends. No project's path ends so.
const GIT: &str = ".git";

/// What stands before an operation below a tag's release, and how that is spelled for the tag whose routes selectors of the
/// newest release would hide.
const BELOW_A_TAG: &str = "/releases/{tag_name}/";
const BELOW_PERMALINK: &str = "/releases/permalink/";
const PERMALINK: &str = "permalink";

/// All operations, by their paths.
pub(crate) struct Router {
    /// The paths of the API and of the health checks.
    paths: matchit::Router<Target>,
    /// What follows a project on the web.
    below_projects: matchit::Router<Target>,
    /// Projects on the web, by what their addresses end in.
    projects: BTreeMap<&'static str, Target>,
    /// What follows a project on the web without a dash between them.
    uploads: matchit::Router<Target>,
    resources: Vec<Resource>,
}

/// What a path leads to.
struct Target {
    /// The place of the resource among all.
    resource: usize,
    /// The tag, if the path spells it out.
    tag: Option<&'static str>,
}

/// The operations on one path.
#[derive(Default)]
pub(crate) struct Resource {
    operations: Vec<(OperationId, Operation)>,
}

/// What the path of a request is.
pub(crate) enum Routed<'a> {
    /// An operation.
    Operation(Match<'a>),
    /// A path without such a method, and the methods that it has.
    WrongMethod(String),
    /// No path of this service.
    Unknown,
}

/// An operation, and the values of its path's parameters.
pub(crate) struct Match<'a> {
    pub(crate) id: &'a OperationId,
    pub(crate) resource: &'a Resource,
    operation: &'a Operation,
    values: Vec<String>,
}

impl Match<'_> {
    /// Whether the operation has preconditions.
    pub(crate) const fn has_preconditions(&self) -> bool {
        self.operation.has_preconditions
    }

    /// Whether a body with these headers is stored while it is read.
    pub(crate) fn streams(&self, headers: &HeaderMap) -> bool {
        self.operation.streamed.is_in(headers)
    }

    /// Whether the operation does not look at the body.
    pub(crate) const fn ignores_content_type(&self) -> bool {
        self.operation.ignores_content_type
    }

    /// Whether the operation accepts a merge patch.
    pub(crate) const fn accepts_merge_patch(&self) -> bool {
        self.operation.accepts_merge_patch
    }

    /// Whether, and to whom, the operation answers with a page.
    pub(crate) const fn page(&self) -> Page {
        self.operation.page
    }

    /// Runs the handler of the operation.
    pub(crate) fn answer(self, mut received: Received) -> impl Future<Output = Reply> + use<> {
        if self.operation.accepts_basic {
            received.incoming.accept_basic();
        }
        (self.operation.handler)(received, self.values)
    }
}

impl Target {
    /// Returns the values of all parameters, in which the tag follows the project.
    fn with_tag(&self, values: impl Iterator<Item = String>) -> Vec<String> {
        let mut values: Vec<_> = values.collect();
        if let Some(tag) = self.tag {
            values.insert(1.min(values.len()), tag.to_owned());
        }
        values
    }
}

impl Resource {
    /// Returns the methods that only read, as in `Allow`.
    pub(crate) fn reads(&self) -> String {
        self.allow(is_read)
    }

    /// Returns the value of `Allow` for the methods that `counts` accepts.
    fn allow(&self, counts: impl Fn(&Method) -> bool) -> String {
        let methods = self.operations.iter().map(|(_, operation)| &operation.method).filter(|method| counts(method));
        let with_head = |method: &'_ Method| {
            let head = (*method == Method::GET).then_some(Method::HEAD);
            std::iter::once(method.clone()).chain(head)
        };
        methods.flat_map(with_head).map(|method| method.to_string()).collect::<Vec<_>>().join(", ")
    }
}

impl Router {
    /// Arranges operations by their paths.
    ///
    /// # Errors
    /// Returns an error if a request could mean two of the paths.
    pub(crate) fn new(operations: Vec<Operation>) -> Result<Self, matchit::InsertError> {
        let mut router = Self {
            paths: matchit::Router::new(),
            below_projects: matchit::Router::new(),
            projects: BTreeMap::new(),
            uploads: matchit::Router::new(),
            resources: Vec::new(),
        };
        let mut known: BTreeMap<&'static str, usize> = BTreeMap::new();
        for (place, operation) in operations.into_iter().enumerate() {
            let path = operation.path;
            let at = *known.entry(path).or_insert(router.resources.len());
            if at == router.resources.len() {
                router.resources.push(Resource::default());
                router.insert(path, at)?;
            }
            for alias in operation.aliases.iter().copied().filter(|alias| known.insert(alias, at).is_none()) {
                router.insert(alias, at)?;
            }
            let id = OperationId::of(&operation.method, path).at(place);
            router.resources[at].operations.push((id, operation));
        }
        Ok(router)
    }

    fn insert(&mut self, path: &'static str, resource: usize) -> Result<(), matchit::InsertError> {
        if let Some(upload) = path.strip_prefix(ON_THE_WEB).filter(|rest| rest.starts_with(UPLOADS)) {
            return self.uploads.insert(upload, Target { resource, tag: None });
        }
        if let Some(ending) = path.strip_prefix(ON_THE_WEB).filter(|rest| !rest.starts_with(DASH)) {
            self.projects.insert(ending, Target { resource, tag: None });
            return Ok(());
        }
        self.insert_target(path, Target { resource, tag: None })?;
        if !path.contains(BELOW_A_TAG) {
            return Ok(());
        }
        let target = Target { resource, tag: Some(PERMALINK) };
        self.insert_target(&path.replace(BELOW_A_TAG, BELOW_PERMALINK), target)
    }

    fn insert_target(&mut self, path: &str, target: Target) -> Result<(), matchit::InsertError> {
        match path.strip_prefix(ON_THE_WEB) {
            Some(rest) => self.below_projects.insert(&rest[DASH.len() - 1..], target),
            None => self.paths.insert(path, target),
        }
    }

    /// Finds what a request's raw path means. The path has been checked: every segment can be decoded.
    pub(crate) fn find(&self, method: &Method, raw_path: &str) -> Routed<'_> {
        let Some((resource, values)) = self.resource(&normalised(raw_path)) else { return Routed::Unknown };
        // HEAD is allowed wherever GET is.
        let wanted = if *method == Method::HEAD { &Method::GET } else { method };
        match resource.operations.iter().find(|(_, operation)| operation.method == *wanted) {
            Some((id, operation)) => Routed::Operation(Match { id, resource, operation, values }),
            None => Routed::WrongMethod(resource.allow(|_| true)),
        }
    }

    /// Finds a path, and the values of its parameters.
    fn resource(&self, path: &str) -> Option<(&Resource, Vec<String>)> {
        let decoded = |value: &str| decode_segment(value).unwrap_or_default();
        if let Ok(found) = self.paths.at(path) {
            let values = found.params.iter().map(|(_, value)| decoded(value));
            return Some((&self.resources[found.value.resource], found.value.with_tag(values)));
        }
        let Some(dash) = path.find(DASH) else {
            if let Some(found) = self.upload(path) {
                return Some(found);
            }
            let project = project(path).filter(|project| !is_reserved(project))?;
            let (project, ending) = project.strip_suffix(GIT).map_or((project, ""), |project| (project, GIT));
            return Some((&self.resources[self.projects.get(ending)?.resource], vec![decoded(project)]));
        };
        let (before, rest) = path.split_at(dash);
        let project = project(before)?;
        let found = self.below_projects.at(&rest[DASH.len() - 1..]).ok()?;
        let values = std::iter::once(project).chain(found.params.iter().map(|(_, value)| value)).map(decoded);
        Some((&self.resources[found.value.resource], found.value.with_tag(values)))
    }

    /// Finds an upload of a project on the web.
    fn upload(&self, path: &str) -> Option<(&Resource, Vec<String>)> {
        let (before, rest) = path.split_at(start_of_upload(path)?);
        let project = project(before)?;
        let found = self.uploads.at(rest).ok()?;
        let values = std::iter::once(project).chain(found.params.iter().map(|(_, value)| value));
        let values = values.map(|value| decode_segment(value).unwrap_or_default()).collect();
        Some((&self.resources[found.value.resource], values))
    }
}

#[cfg(test)]
mod tests;
