//! Rows as the readers that both SQL adapters share take them.

use release_links_ports::BoxError;
use release_links_sql::{Corrupt, SqlRow};
use tokio_postgres::types::FromSql;

use crate::failure::Failure;

/// A row of a statement.
#[repr(transparent)]
pub struct Row(tokio_postgres::Row);

impl Row {
    /// A row as the driver has it.
    pub const fn of(row: tokio_postgres::Row) -> Self {
        Self(row)
    }

    /// A value that needs no parser.
    pub fn get<'a, T: FromSql<'a>>(&'a self, at: usize) -> Result<T, Failure> {
        Ok(self.0.try_get(at)?)
    }

    /// Whether the row holds something here: what was joined but not found has nulls.
    pub fn holds(&self, at: usize) -> Result<bool, Failure> {
        Ok(self.get::<Option<i64>>(at)?.is_some())
    }

    /// How many columns it has.
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
