//! `/projects/:id/releases` (docs/contract.md, "Releases"): one file per operation.

mod answer;
mod create;
mod delete;
mod get;
mod list;
mod parameters;
mod shape;
mod update;

pub(crate) use create::create;
pub(crate) use delete::delete;
pub(crate) use get::get;
pub(crate) use list::list;
pub(crate) use update::update;
