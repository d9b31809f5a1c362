//! A project as clients see it (docs/contract.md, "Provisioning").

use release_links_domain::NamespaceId;
use release_links_domain::access::AccessLevel;
use release_links_domain::link::OnConflict;
use release_links_domain::location::ExternalUrl;
use release_links_domain::namespace::{Namespace, NamespaceKind};
use release_links_domain::project::{ReleasesAccess, Visibility};
use release_links_ports::ProjectDetails;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::Object;
use utoipa::openapi::schema::{SchemaType, Type};

use crate::operation::shown;
use crate::shapes::time;

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = APIEntitiesProject)]
pub(super) struct ProjectBody {
    id: i64,
    #[schema(required = true)]
    description: Option<String>,
    name: String,
    name_with_namespace: String,
    path: String,
    path_with_namespace: String,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    last_activity_at: String,
    default_branch: String,
    topics: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = shown::<OnConflict>)]
    links_on_conflict: Option<&'static str>,
    /// Present only if it is false.
    #[serde(skip_serializing_if = "Clone::clone")]
    #[schema(required = false)]
    generic_duplicates_allowed: bool,
    #[schema(schema_with = shown::<Visibility>)]
    visibility: &'static str,
    archived: bool,
    #[schema(format = "uri")]
    web_url: String,
    namespace: NamespaceBody,
    #[schema(schema_with = shown::<ReleasesAccess>)]
    releases_access_level: &'static str,
    permissions: PermissionsBody,
    import_status: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = APIEntitiesNamespaceBasic)]
struct NamespaceBody {
    id: i64,
    name: String,
    path: String,
    #[schema(schema_with = kinds)]
    kind: &'static str,
    full_path: String,
    #[schema(required = true)]
    parent_id: Option<i64>,
    #[schema(format = "uri")]
    web_url: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = APIEntitiesProjectPermissions)]
struct PermissionsBody {
    #[schema(required = true)]
    project_access: Option<LevelBody>,
    #[schema(required = true)]
    group_access: Option<LevelBody>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = APIEntitiesProjectAccess)]
struct LevelBody {
    #[schema(schema_with = shown::<AccessLevel>)]
    access_level: i64,
}

/// Returns the word for a kind of namespace.
const fn word(kind: NamespaceKind) -> &'static str {
    match kind {
        NamespaceKind::Group => "group",
        NamespaceKind::User => "user",
    }
}

fn kinds() -> Object {
    let words = [NamespaceKind::Group, NamespaceKind::User].map(word);
    Object::builder().schema_type(SchemaType::new(Type::String)).enum_values(Some(words)).build()
}

impl NamespaceBody {
    fn new(namespace: Namespace, external: &ExternalUrl) -> Self {
        Self {
            id: namespace.id.get(),
            name: namespace.name,
            path: namespace.path.into(),
            kind: word(namespace.kind),
            web_url: external.page(&namespace.full_path),
            full_path: namespace.full_path.into(),
            parent_id: namespace.parent.map(NamespaceId::get),
        }
    }
}

impl ProjectBody {
    pub(super) fn new(details: ProjectDetails, external: &ExternalUrl) -> Self {
        let ProjectDetails { project, project_access, group_access } = details;
        let level = |level: AccessLevel| LevelBody { access_level: level.number() };
        Self {
            id: project.id.get(),
            description: project.description.map(String::from),
            name: project.name.into(),
            name_with_namespace: project.full_name,
            path: project.path.into(),
            web_url: external.page(&project.full_path),
            path_with_namespace: project.full_path.into(),
            visibility: project.rules.visibility.as_str(),
            archived: project.rules.archived,
            created_at: time(project.created_at),
            last_activity_at: time(project.last_activity_at),
            default_branch: project.default_branch.into(),
            topics: project.topics.into(),
            links_on_conflict: Some(project.links_on_conflict)
                .filter(|it| *it != OnConflict::Fail)
                .map(OnConflict::as_str),
            generic_duplicates_allowed: project.generic_duplicates_allowed,
            namespace: NamespaceBody::new(project.namespace, external),
            releases_access_level: project.rules.releases.as_str(),
            import_status: "none",
            permissions: PermissionsBody {
                project_access: project_access.map(level),
                group_access: group_access.map(level),
            },
        }
    }
}
