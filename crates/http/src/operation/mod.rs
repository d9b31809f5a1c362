//! Operations as data: each is declared once, and the router, `Allow`, the reading of parameters, the order of refusals,
//! the OpenAPI document and the label in the log all follow from the declaration.

mod answer;
mod declaration;
mod declared;
mod document;
mod ids;
mod order;
mod parameter;
mod path;
mod responses;
mod router;
mod shape;

pub(crate) use answer::{Answer, BYTES, JSON, Refused, TEXT};
pub use declaration::Endpoint;
pub(crate) use declaration::{Operation, delete, get, patch, post, put};
pub(crate) use declared::{Declared, object};
pub(crate) use document::document;
pub(crate) use ids::OperationId;
pub(crate) use order::{
    CallerThenFile, CallerThenForm, CallerThenParameters, Order, ParametersThenCaller, ParametersThenClaimant,
    Requirements, WithoutCaller,
};
pub(crate) use parameter::{
    Bool, Changed, Clearable, Filled, Id, Ids, IfAny, IfSent, Integer, Number, OrDefault, OrReset, Parameter,
    Parameters, Parsed, Present, Required, Text, WhereUsed, Word, parameter_name, parameters,
};
pub(crate) use path::{Address, Checked, Named, Nothing, OrNone, Rest, Segment, address};
pub(crate) use router::{Routed, Router};
pub(crate) use shape::{Day, Limited, Shape, few, one_of, shown, typed};
