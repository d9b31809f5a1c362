//! `/projects/:id/protected_tags` (docs/contract.md, "Provisioning").

use release_links_domain::access::{TagCreateLevel, TagRule};
use release_links_domain::tag::TagPattern;
use release_links_usecases::ProtectedTagDraft;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{SchemaType, Type};
use utoipa::openapi::{Array, Schema};

use crate::addresses::ProjectAddress;
use crate::fields::Fields;
use crate::operation::{
    self, Answer, CallerThenParameters, Declared, Number, Operation, OrDefault, Parameter, Parsed, Present, Refused,
    address, parameters, shown,
};
use crate::pagination::{self, PageParameters};
use crate::params::Param;
use crate::reply::{Reply, created, no_content, ok};

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = APIEntitiesProtectedTag)]
struct ProtectedTagBody {
    name: String,
    #[schema(min_items = 1, max_items = 1)]
    create_access_levels: [CreateLevelBody; 1],
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = APIEntitiesProtectedRefAccess)]
struct CreateLevelBody {
    id: i64,
    #[schema(schema_with = shown::<TagCreateLevel>)]
    access_level: i64,
    access_level_description: String,
}

impl ProtectedTagBody {
    fn new(rule: TagRule) -> Self {
        let level = CreateLevelBody {
            id: rule.id.get(),
            access_level: rule.create_level.number(),
            access_level_description: rule.create_level.to_string(),
        };
        Self { name: rule.pattern.into(), create_access_levels: [level] }
    }
}

const RULES: &str = "/api/v4/projects/{id}/protected_tags";
const RULE: &str = "/api/v4/projects/{id}/protected_tags/{name}";

/// Returns the operations on protected tags.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        operation::get(RULES, "List the protected tags of a project", list).signed_in().answers(Answer::page::<
            ProtectedTagBody,
        >(
            "A page of rules."
        )),
        operation::post(RULES, "Protect tags", create)
            .signed_in()
            .answers(Answer::created::<ProtectedTagBody>("The new rule."))
            .refuses(&[Refused::BAD, Refused::CONFLICT]),
        operation::get(RULE, "Get a protected tag", get)
            .signed_in()
            .answers(Answer::ok::<ProtectedTagBody>("The rule.")),
        operation::delete(RULE, "Stop protecting tags", delete)
            .signed_in()
            .answers(Answer::no_content("The rule was deleted.")),
    ]
}

address! {
    /// A rule of a project.
    struct RuleAddress {
        /// The project's id, or its full path with each slash encoded.
        id: String,
        /// The name of the tag, or the pattern, with each slash encoded.
        name: String,
    }
}

parameters! {
    /// A new rule.
    struct NewRule {
        /// The name of a tag, or a pattern in which `*` stands for any run of characters.
        name: Present<Parsed<TagPattern>>,
        /// Who may create, change and delete such tags and their releases: 0 is nobody.
        create_access_level: OrDefault<Number<TagCreateLevel>>,
        /// Not supported: `create_access_level` says who may.
        allowed_to_create: NotSupported,
    }
}

/// A restriction beyond the level, which must not be dropped in silence.
struct NotSupported;

impl Parameter for NotSupported {
    type Value = ();

    fn declare(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>) {
        to.push(Declared::new(name, meaning, Self::schema));
    }

    fn read(name: &str, fields: &mut Fields) -> Option<()> {
        // An empty list restricts nothing.
        let restricts = |param: &Param| *param != Param::Null && *param != Param::List(Vec::new());
        if fields.sent(name).is_some_and(restricts) {
            fields.fault(name, "is not supported: create_access_level says who may");
        }
        Some(())
    }
}

impl NotSupported {
    fn schema(nullable: bool) -> Schema {
        let types: SchemaType = [Type::Array].into_iter().chain(nullable.then_some(Type::Null)).collect();
        Array::builder().schema_type(types).max_items(Some(0)).build().into()
    }
}

async fn list(asked: CallerThenParameters<ProjectAddress, PageParameters>) -> Reply {
    let CallerThenParameters { incoming, address, parameters, caller } = asked;
    let wanted = parameters.map(|list| list.page);
    let page = wanted.clone().unwrap_or_default();
    let found = incoming.service.protected_tags.list(&caller, &address.id, wanted).await?;
    pagination::page(&incoming, page, found, ProtectedTagBody::new)
}

async fn get(asked: CallerThenParameters<RuleAddress, ()>) -> Reply {
    let CallerThenParameters { incoming, address, caller, .. } = asked;
    let rule = incoming.service.protected_tags.get(&caller, &address.id, &address.name).await?;
    ok(&incoming.request, &ProtectedTagBody::new(rule))
}

async fn create(asked: CallerThenParameters<ProjectAddress, NewRule>) -> Reply {
    let CallerThenParameters { incoming, address, parameters, caller } = asked;
    let draft = parameters.map(|rule| ProtectedTagDraft { pattern: rule.name, create_level: rule.create_access_level });
    let rule = incoming.service.protected_tags.create(&caller, &address.id, draft).await?;
    created(&incoming.request, &ProtectedTagBody::new(rule))
}

async fn delete(asked: CallerThenParameters<RuleAddress, ()>) -> Reply {
    let CallerThenParameters { incoming, address, caller, .. } = asked;
    incoming.service.protected_tags.delete(&caller, &address.id, &address.name).await?;
    Ok(no_content())
}
