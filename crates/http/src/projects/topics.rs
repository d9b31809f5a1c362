//! `topics[]`, or the same as one text with commas (docs/contract.md, "Provisioning").

use release_links_domain::project::Topics;
use utoipa::openapi::schema::{SchemaType, Type};
use utoipa::openapi::{Array, Object, Schema};

use crate::fields::Fields;
use crate::operation::{Declared, Parameter};
use crate::params::Param;

/// The topics of a project; null counts as absent, and an empty list or text as no topics.
pub(super) struct TopicList;

impl Parameter for TopicList {
    type Value = Option<Topics>;

    fn declare(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>) {
        to.push(Declared::new(name, meaning, schema));
    }

    fn read(name: &str, fields: &mut Fields) -> Option<Option<Topics>> {
        let texts: Option<Vec<String>> = match fields.sent(name) {
            None | Some(Param::Null) => return Some(None),
            Some(Param::Text(text)) => Some(text.split(',').map(str::to_owned).collect()),
            Some(Param::List(list)) => list
                .iter()
                .map(|topic| if let Param::Text(topic) = topic { Some(topic.clone()) } else { None })
                .collect(),
            Some(Param::Map(_)) => None,
        };
        let Some(texts) = texts else {
            fields.fault(name, "is invalid");
            return Some(None);
        };
        Some(Topics::try_from(texts).map_err(|fault| fields.fault(name, fault)).ok())
    }
}

fn schema(nullable: bool) -> Schema {
    let topic = Object::builder().schema_type(SchemaType::new(Type::String)).max_length(Some(Topics::MAX_CHARS));
    let mut topics = Array::builder().items(topic).build();
    if nullable {
        topics.schema_type = SchemaType::from_iter([Type::Array, Type::Null]);
    }
    topics.into()
}
