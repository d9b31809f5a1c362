//! `POST /projects`: the path is derived from the name if absent, and the namespace defaults to the caller's own.

use release_links_domain::NamespaceId;
use release_links_domain::description::ProjectDescription;
use release_links_domain::namespace::{DisplayName, PathSegment};
use release_links_domain::project::{BranchName, ReleasesAccess, Visibility};
use release_links_usecases::ProjectDraft;

use super::shape::ProjectBody;
use super::topics::TopicList;
use crate::fields::Fields;
use crate::operation::{
    Address, CallerThenParameters, Clearable, Declared, Id, OrDefault, Parameter, Parsed, Present, Word, parameters,
};
use crate::params::Malformed;
use crate::reply::{Reply, created};

parameters! {
    /// A new project.
    pub(super) struct NewProject {
        /// The name; may be left out if there is a path.
        name: NameAndPath,
        /// The id of the group or user that the project is below; by default the caller.
        namespace_id: Id<NamespaceId>,
        /// What the project is for.
        description: Clearable<ProjectDescription>,
        /// The name of the default branch.
        default_branch: OrDefault<Parsed<BranchName>>,
        /// What the project is about: at most 20 topics.
        topics: TopicList,
        /// Who may see the project.
        visibility: OrDefault<Word<Visibility>>,
        /// Who may read the releases of the project.
        releases_access_level: OrDefault<Word<ReleasesAccess>>,
    }
}

/// The name and the path, of which either is derived from the other if it is absent.
pub(super) struct NameAndPath;

/// The parameter of the path.
const PATH: &str = "path";

impl Parameter for NameAndPath {
    type Value = (DisplayName, PathSegment);

    fn declare(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>) {
        to.push(Declared::of::<DisplayName>(name, meaning));
        to.push(Declared::of::<PathSegment>(
            PATH,
            "The last segment of the full path; derived from the name if absent.",
        ));
    }

    fn read(name: &str, fields: &mut Fields) -> Option<(DisplayName, PathSegment)> {
        let sent = fields.text(PATH);
        let parse = |fields: &mut Fields, raw: Option<String>| -> Option<PathSegment> {
            raw?.parse().map_err(|fault| fields.fault(PATH, fault)).ok()
        };
        if sent.is_some() && !fields.has(name) {
            let path = parse(fields, sent)?;
            return Some((DisplayName::from(path.clone()), path));
        }
        let name = Present::<Parsed<DisplayName>>::read(name, fields);
        let path = sent.or_else(|| name.as_ref().map(DisplayName::suggested_path));
        let path = parse(fields, path);
        name.zip(path)
    }
}

/// The namespace that a project is created in. A caller who may not see it learns nothing about other parameters.
pub(super) struct Within(Option<NamespaceId>);

impl Address for Within {
    fn declare() -> Vec<Declared> {
        Vec::new()
    }

    fn read(_segments: Vec<String>, fields: &mut Fields) -> Result<Self, Malformed> {
        Ok(Self(fields.valid_id("namespace_id")))
    }
}

pub(super) async fn create(asked: CallerThenParameters<Within, NewProject>) -> Reply {
    let CallerThenParameters { incoming, address: Within(namespace), parameters, caller } = asked;
    let namespace = parameters.as_ref().map_or(namespace, |project| project.namespace_id);
    let draft = parameters.map(|project| {
        let (name, path) = project.name;
        ProjectDraft {
            name,
            path,
            description: project.description.apply(None),
            default_branch: project.default_branch,
            topics: project.topics.unwrap_or_default(),
            visibility: project.visibility,
            releases: project.releases_access_level,
        }
    });
    let project = incoming.service.projects.create(&caller, namespace, draft).await?;
    created(&incoming.request, &ProjectBody::new(project, &incoming.service.external))
}
