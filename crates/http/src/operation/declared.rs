//! What a parameter is, for the OpenAPI document.

use serde_json::Value;
use utoipa::openapi::schema::{SchemaType, Type};
use utoipa::openapi::{Deprecated, Object, Schema};

use super::shape::Shape;

/// One parameter, as the OpenAPI document describes it.
pub(crate) struct Declared {
    pub(crate) name: &'static str,
    pub(crate) meaning: &'static str,
    pub(crate) is_required: bool,
    pub(crate) is_deprecated: bool,
    pub(crate) default: Option<Value>,
    /// Returns the schema of the parameter, which in a body may allow null.
    pub(crate) schema: fn(nullable: bool) -> Schema,
}

impl Declared {
    /// Returns an optional parameter.
    pub(crate) fn of<S: Shape>(name: &'static str, meaning: &'static str) -> Self {
        Self::new(name, meaning, S::schema)
    }

    /// Returns an optional parameter with a schema of its own.
    pub(crate) fn new(name: &'static str, meaning: &'static str, schema: fn(nullable: bool) -> Schema) -> Self {
        Self { name, meaning, is_required: false, is_deprecated: false, default: None, schema }
    }

    /// Returns a required parameter.
    pub(crate) fn required<S: Shape>(name: &'static str, meaning: &'static str) -> Self {
        Self { is_required: true, ..Self::of::<S>(name, meaning) }
    }

    /// Returns the schema of the parameter in a path or query.
    pub(crate) fn value(&self) -> Schema {
        let mut schema = (self.schema)(false);
        if let Schema::Object(object) = &mut schema {
            object.default.clone_from(&self.default);
        }
        schema
    }

    /// Returns the schema of the parameter as a property of a body. No null is accepted for what must be sent.
    pub(crate) fn property(&self) -> Schema {
        let mut schema = (self.schema)(!self.is_required);
        match &mut schema {
            Schema::Object(object) => {
                object.description = Some(self.meaning.trim().to_owned());
                object.default.clone_from(&self.default);
                object.deprecated = self.is_deprecated.then_some(Deprecated::True);
            }
            Schema::Array(array) => array.description = Some(self.meaning.trim().to_owned()),
            _ => {}
        }
        schema
    }
}

/// Returns the schema of an object with parameters as its properties.
pub(crate) fn object(parameters: &[Declared]) -> Object {
    let object = Object::builder().schema_type(SchemaType::new(Type::Object));
    let object =
        parameters.iter().fold(object, |object, parameter| object.property(parameter.name, parameter.property()));
    let required = parameters.iter().filter(|parameter| parameter.is_required);
    required.fold(object, |object, parameter| object.required(parameter.name)).build()
}
