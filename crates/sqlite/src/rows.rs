//! Implements for the driver's rows the trait through which `release-links-sql` reads them.

use release_links_ports::BoxError;
use release_links_sql::{Corrupt, SqlRow};
use rusqlite::types::FromSql;

use crate::failure::Failure;

/// A row that a statement returns.
pub struct Row<'a, 'stmt>(&'a rusqlite::Row<'stmt>);

impl<'a, 'stmt> Row<'a, 'stmt> {
    /// Wraps a row of the driver.
    pub const fn of(row: &'a rusqlite::Row<'stmt>) -> Self {
        Self(row)
    }

    /// Returns a value that needs no parser.
    pub fn get<T: FromSql>(&self, at: usize) -> Result<T, Failure> {
        Ok(self.0.get(at)?)
    }
}

impl SqlRow for Row<'_, '_> {
    type Failure = Failure;

    fn integer(&self, at: usize) -> Result<Option<i64>, BoxError> {
        Ok(self.0.get_ref(at)?.as_i64_or_null()?)
    }

    fn text(&self, at: usize) -> Result<Option<&str>, BoxError> {
        Ok(self.0.get_ref(at)?.as_str_or_null()?)
    }

    fn boolean(&self, at: usize) -> Result<Option<bool>, BoxError> {
        Ok(self.integer(at)?.map(|number| number != 0))
    }
}

impl From<Corrupt> for Failure {
    fn from(corrupt: Corrupt) -> Self {
        Self::Corrupt(corrupt)
    }
}
