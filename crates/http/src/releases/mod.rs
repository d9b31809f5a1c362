//! `/projects/:id/releases` (contract section 8): one file per operation.

mod create;
mod get;
mod list;
mod shape;

pub(crate) use create::create;
pub(crate) use get::get;
pub(crate) use list::list;
