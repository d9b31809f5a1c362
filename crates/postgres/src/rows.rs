//! Implements for the driver's rows the trait through which `release-links-sql` reads them.

use release_links_ports::BoxError;
use release_links_sql::{Corrupt, SqlRow};
use tokio_postgres::types::FromSql;

use crate::failure::Failure;

/// A row that a statement returns.
#[repr(transparent)]
pub struct Row(tokio_postgres::Row);

impl Row {
    /// Wraps a row of the driver.
    pub const fn of(row: tokio_postgres::Row) -> Self {
        Self(row)
    }

    /// Returns a value that needs no parser.
    pub fn get<'a, T: FromSql<'a>>(&'a self, at: usize) -> Result<T, Failure> {
        Ok(self.0.try_get(at)?)
    }

    /// Returns whether the column is not null. An outer join without a match has nulls.
    pub fn holds(&self, at: usize) -> Result<bool, Failure> {
        Ok(self.get::<Option<i64>>(at)?.is_some())
    }

    /// Returns the number of columns.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl SqlRow for Row {
    type Failure = Failure;

    fn integer(&self, at: usize) -> Result<Option<i64>, BoxError> {
        Ok(self.0.try_get(at)?)
    }

    fn text(&self, at: usize) -> Result<Option<&str>, BoxError> {
        Ok(self.0.try_get(at)?)
    }

    fn boolean(&self, at: usize) -> Result<Option<bool>, BoxError> {
        Ok(self.0.try_get(at)?)
    }
}

impl From<Corrupt> for Failure {
    fn from(corrupt: Corrupt) -> Self {
        Self::Corrupt(corrupt)
    }
}
