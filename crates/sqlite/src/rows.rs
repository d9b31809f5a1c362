//! From rows to domain values, through the domain's own parsers.

use std::error::Error;
use std::str::FromStr;

use jiff::Timestamp;
use release_links_domain::Stored;
use rusqlite::Row;
use rusqlite::types::FromSql;

use crate::failure::Failure;

/// The columns that a row has from one table, beginning with the id by which a fault names it.
pub struct Cells<'a, 'stmt> {
    row: &'a Row<'stmt>,
    table: &'static str,
    id_at: usize,
    id: i64,
}

impl<'a, 'stmt> Cells<'a, 'stmt> {
    /// Cells of `table`, of which the id is column `id_at` of the row.
    pub fn new(row: &'a Row<'stmt>, table: &'static str, id_at: usize) -> Result<Self, Failure> {
        Ok(Self { row, table, id_at, id: row.get(id_at)? })
    }

    fn fault(&self, column: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Failure {
        Failure::Corrupt { table: self.table, column, row: self.id, source: source.into() }
    }

    /// The id itself, typed.
    pub fn id<T>(&self) -> Result<T, Failure>
    where
        T: TryFrom<i64, Error: Error + Send + Sync + 'static>,
    {
        T::try_from(self.id).map_err(|error| self.fault("id", error))
    }

    /// A value that needs no parser; `after` counts from the id.
    pub fn raw<T: FromSql>(&self, after: usize, column: &'static str) -> Result<T, Failure> {
        self.row.get(self.id_at + after).map_err(|error| self.fault(column, error))
    }

    /// How many bytes a text has; none where it is null.
    pub fn bytes(&self, after: usize, column: &'static str) -> Result<usize, Failure> {
        let value = self.row.get_ref(self.id_at + after)?;
        let text = value.as_bytes_or_null().map_err(|error| self.fault(column, error))?;
        Ok(text.map_or(0, <[u8]>::len))
    }

    /// A text through its parser.
    pub fn text<T>(&self, after: usize, column: &'static str) -> Result<T, Failure>
    where
        T: FromStr<Err: Error + Send + Sync + 'static>,
    {
        self.optional_text(after, column)?.ok_or_else(|| self.fault(column, "no value"))
    }

    /// A text through its parser, unless it is null.
    pub fn optional_text<T>(&self, after: usize, column: &'static str) -> Result<Option<T>, Failure>
    where
        T: FromStr<Err: Error + Send + Sync + 'static>,
    {
        let value = self.row.get_ref(self.id_at + after)?;
        let text = value.as_str_or_null().map_err(|error| self.fault(column, error))?;
        text.map(T::from_str).transpose().map_err(|error| self.fault(column, error))
    }

    /// A text as it was [stored], whatever the limits are now.
    ///
    /// [stored]: Stored
    pub fn stored<T: Stored>(&self, after: usize, column: &'static str) -> Result<T, Failure> {
        self.optional_stored(after, column)?.ok_or_else(|| self.fault(column, "no value"))
    }

    /// As [`stored`](Self::stored), unless it is null.
    pub fn optional_stored<T: Stored>(&self, after: usize, column: &'static str) -> Result<Option<T>, Failure> {
        let text: Option<String> = self.raw(after, column)?;
        text.map(T::from_stored).transpose().map_err(|error| self.fault(column, error))
    }

    /// Words with a space between, each through its parser.
    pub fn words<T>(&self, after: usize, column: &'static str) -> Result<Vec<T>, Failure>
    where
        T: FromStr<Err: Error + Send + Sync + 'static>,
    {
        let text: String = self.raw(after, column)?;
        text.split_ascii_whitespace().map(|word| word.parse().map_err(|error| self.fault(column, error))).collect()
    }

    /// A number through its parser: an id, a level.
    pub fn number<T>(&self, after: usize, column: &'static str) -> Result<T, Failure>
    where
        T: TryFrom<i64, Error: Error + Send + Sync + 'static>,
    {
        self.optional_number(after, column)?.ok_or_else(|| self.fault(column, "no value"))
    }

    /// A number through its parser, unless it is null.
    pub fn optional_number<T>(&self, after: usize, column: &'static str) -> Result<Option<T>, Failure>
    where
        T: TryFrom<i64, Error: Error + Send + Sync + 'static>,
    {
        let number: Option<i64> = self.raw(after, column)?;
        number.map(T::try_from).transpose().map_err(|error| self.fault(column, error))
    }

    /// A time, kept as milliseconds.
    pub fn time(&self, after: usize, column: &'static str) -> Result<Timestamp, Failure> {
        self.optional_time(after, column)?.ok_or_else(|| self.fault(column, "no value"))
    }

    /// A time, kept as milliseconds, unless it is null.
    pub fn optional_time(&self, after: usize, column: &'static str) -> Result<Option<Timestamp>, Failure> {
        let milliseconds: Option<i64> = self.raw(after, column)?;
        milliseconds.map(Timestamp::from_millisecond).transpose().map_err(|error| self.fault(column, error))
    }

    /// The failure that this row means when a column holds none of the values it may.
    pub fn refuse<T>(&self, column: &'static str, reason: &'static str) -> Result<T, Failure> {
        Err(self.fault(column, reason))
    }
}

/// A number for a statement, which has none beyond 63 bits.
pub fn clamped(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
