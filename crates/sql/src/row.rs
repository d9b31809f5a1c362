//! Converts rows of any driver into domain values, through the domain's own parsers.

use std::error::Error;
use std::str::FromStr;

use jiff::Timestamp;
use release_links_domain::Stored;
use release_links_ports::{BoxError, StoreError};

use crate::Column;

/// A row with a value that the domain rejects.
#[derive(Debug)]
pub struct Corrupt {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The id of the row.
    pub row: i64,
    /// The parser's error.
    pub source: BoxError,
}

impl From<Corrupt> for StoreError {
    fn from(Corrupt { table, column, row, source }: Corrupt) -> Self {
        Self::Corrupt { table, column, row, source }
    }
}

/// A driver's row. Reading a value of another type is an error.
pub trait SqlRow {
    /// The error of reading a row.
    type Failure: From<Corrupt>;

    /// Returns the integer in column `at`, or `None` if it is null.
    ///
    /// # Errors
    /// The driver's error.
    fn integer(&self, at: usize) -> Result<Option<i64>, BoxError>;

    /// Returns the text in column `at`, or `None` if it is null.
    ///
    /// # Errors
    /// The driver's error.
    fn text(&self, at: usize) -> Result<Option<&str>, BoxError>;

    /// Returns the boolean in column `at`, or `None` if it is null.
    ///
    /// # Errors
    /// The driver's error.
    fn boolean(&self, at: usize) -> Result<Option<bool>, BoxError>;
}

/// The columns of one table within a row. The first is the id, which error messages name.
pub struct Cells<'a, R> {
    row: &'a R,
    table: &'static str,
    id_at: usize,
    id: i64,
}

impl<'a, R: SqlRow> Cells<'a, R> {
    /// Creates the cells of `table` whose id is column `id_at` of the row.
    ///
    /// # Errors
    /// [`Corrupt`] if the id is null or not an integer.
    pub fn new(row: &'a R, table: &'static str, id_at: usize) -> Result<Self, R::Failure> {
        Self::maybe(row, table, id_at)?.ok_or_else(|| corrupt(table, "id", 0, "no value").into())
    }

    /// Like [`new`](Self::new), but returns `None` if the id is null, as after an outer join without a match.
    ///
    /// # Errors
    /// [`Corrupt`] if the id is not an integer.
    pub fn maybe(row: &'a R, table: &'static str, id_at: usize) -> Result<Option<Self>, R::Failure> {
        let id = row.integer(id_at).map_err(|error| corrupt(table, "id", 0, error))?;
        Ok(id.map(|id| Self { row, table, id_at, id }))
    }

    fn fault(&self, column: Column, source: impl Into<BoxError>) -> R::Failure {
        corrupt(self.table, column.name, self.id, source).into()
    }

    fn read<T>(
        &self,
        column: Column,
        read: impl FnOnce(&'a R, usize) -> Result<Option<T>, BoxError>,
    ) -> Result<Option<T>, R::Failure> {
        read(self.row, self.id_at + column.at).map_err(|error| self.fault(column, error))
    }

    fn present<T>(&self, column: Column, value: Option<T>) -> Result<T, R::Failure> {
        value.ok_or_else(|| self.fault(column, "no value"))
    }

    /// Returns the id.
    ///
    /// # Errors
    /// [`Corrupt`].
    pub fn id<T>(&self) -> Result<T, R::Failure>
    where
        T: TryFrom<i64, Error: Error + Send + Sync + 'static>,
    {
        T::try_from(self.id).map_err(|error| corrupt(self.table, "id", self.id, error).into())
    }

    /// Returns an integer.
    ///
    /// # Errors
    /// [`Corrupt`], also if the value is null.
    pub fn integer(&self, column: Column) -> Result<i64, R::Failure> {
        self.present(column, self.optional_integer(column)?)
    }

    /// Returns an integer, or `None` if it is null.
    ///
    /// # Errors
    /// [`Corrupt`].
    pub fn optional_integer(&self, column: Column) -> Result<Option<i64>, R::Failure> {
        self.read(column, R::integer)
    }

    /// Returns a boolean.
    ///
    /// # Errors
    /// [`Corrupt`], also if the value is null.
    pub fn boolean(&self, column: Column) -> Result<bool, R::Failure> {
        self.present(column, self.optional_boolean(column)?)
    }

    /// Returns the boolean in column `at`, or `None` if it is null.
    ///
    /// # Errors
    /// [`Corrupt`].
    pub fn optional_boolean(&self, column: Column) -> Result<Option<bool>, R::Failure> {
        self.read(column, R::boolean)
    }

    /// Returns a text, unparsed.
    ///
    /// # Errors
    /// [`Corrupt`], also if the value is null.
    pub fn string(&self, column: Column) -> Result<String, R::Failure> {
        self.present(column, self.optional_string(column)?)
    }

    /// Returns a text, unparsed, or `None` if it is null.
    ///
    /// # Errors
    /// [`Corrupt`].
    pub fn optional_string(&self, column: Column) -> Result<Option<String>, R::Failure> {
        Ok(self.read(column, R::text)?.map(str::to_owned))
    }

    /// Parses a text.
    ///
    /// # Errors
    /// [`Corrupt`], also if the value is null.
    pub fn text<T>(&self, column: Column) -> Result<T, R::Failure>
    where
        T: FromStr<Err: Error + Send + Sync + 'static>,
    {
        self.present(column, self.optional_text(column)?)
    }

    /// Parses a text, or returns `None` if it is null.
    ///
    /// # Errors
    /// [`Corrupt`].
    pub fn optional_text<T>(&self, column: Column) -> Result<Option<T>, R::Failure>
    where
        T: FromStr<Err: Error + Send + Sync + 'static>,
    {
        self.read(column, R::text)?.map(T::from_str).transpose().map_err(|error| self.fault(column, error))
    }

    /// Parses a [stored] text without today's limits, which an older version may have exceeded.
    ///
    /// [stored]: Stored
    ///
    /// # Errors
    /// [`Corrupt`], also if the value is null.
    pub fn stored<T: Stored>(&self, column: Column) -> Result<T, R::Failure> {
        self.present(column, self.optional_stored(column)?)
    }

    /// Like [`stored`](Self::stored), but returns `None` if the value is null.
    ///
    /// # Errors
    /// [`Corrupt`].
    pub fn optional_stored<T: Stored>(&self, column: Column) -> Result<Option<T>, R::Failure> {
        let text = self.optional_string(column)?;
        text.map(T::from_stored).transpose().map_err(|error| self.fault(column, error))
    }

    /// Parses a list of words separated by spaces.
    ///
    /// # Errors
    /// [`Corrupt`], also if the value is null.
    pub fn words<T>(&self, column: Column) -> Result<Vec<T>, R::Failure>
    where
        T: FromStr<Err: Error + Send + Sync + 'static>,
    {
        let text = self.present(column, self.read(column, R::text)?)?;
        text.split_ascii_whitespace().map(|word| word.parse().map_err(|error| self.fault(column, error))).collect()
    }

    /// Parses a number, such as an id or a level.
    ///
    /// # Errors
    /// [`Corrupt`], also if the value is null.
    pub fn number<T>(&self, column: Column) -> Result<T, R::Failure>
    where
        T: TryFrom<i64, Error: Error + Send + Sync + 'static>,
    {
        self.present(column, self.optional_number(column)?)
    }

    /// Parses a number, or returns `None` if it is null.
    ///
    /// # Errors
    /// [`Corrupt`].
    pub fn optional_number<T>(&self, column: Column) -> Result<Option<T>, R::Failure>
    where
        T: TryFrom<i64, Error: Error + Send + Sync + 'static>,
    {
        self.optional_integer(column)?.map(T::try_from).transpose().map_err(|error| self.fault(column, error))
    }

    /// Returns a timestamp, stored as milliseconds since the epoch.
    ///
    /// # Errors
    /// [`Corrupt`], also if the value is null.
    pub fn time(&self, column: Column) -> Result<Timestamp, R::Failure> {
        self.present(column, self.optional_time(column)?)
    }

    /// Returns a timestamp, stored as milliseconds since the epoch, or `None` if it is null.
    ///
    /// # Errors
    /// [`Corrupt`].
    pub fn optional_time(&self, column: Column) -> Result<Option<Timestamp>, R::Failure> {
        let milliseconds = self.optional_integer(column)?;
        milliseconds.map(Timestamp::from_millisecond).transpose().map_err(|error| self.fault(column, error))
    }

    /// Returns a count.
    ///
    /// # Errors
    /// [`Corrupt`], also if the value is null.
    pub fn count(&self, column: Column) -> Result<u64, R::Failure> {
        Ok(self.integer(column)?.unsigned_abs())
    }

    /// Returns the meaning that `known` gives to a word.
    ///
    /// # Errors
    /// [`Corrupt`], also if the value is null or an unknown word.
    pub fn word<T>(&self, column: Column, known: impl FnOnce(&str) -> Option<T>) -> Result<T, R::Failure> {
        let word = self.present(column, self.read(column, R::text)?)?;
        known(word).ok_or_else(|| self.fault(column, "unknown word"))
    }
}

fn corrupt(table: &'static str, column: &'static str, row: i64, source: impl Into<BoxError>) -> Corrupt {
    Corrupt { table, column, row, source: source.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::links;

    /// A driver's row of a link.
    struct Fake([Option<&'static str>; links::COUNT]);

    impl SqlRow for Fake {
        type Failure = Corrupt;

        fn integer(&self, at: usize) -> Result<Option<i64>, BoxError> {
            Ok(self.0[at].map(str::parse).transpose()?)
        }

        fn text(&self, at: usize) -> Result<Option<&str>, BoxError> {
            Ok(self.0[at])
        }

        fn boolean(&self, _: usize) -> Result<Option<bool>, BoxError> {
            Err("no column of a link is a boolean".into())
        }
    }

    fn a_link() -> [Option<&'static str>; links::COUNT] {
        let mut row = [None; links::COUNT];
        let values = [
            (links::COLUMNS.id, "7"),
            (links::COLUMNS.name, "hello"),
            (links::COLUMNS.url, "https://example.com/hello"),
            (links::COLUMNS.link_type, "other"),
        ];
        for (column, value) in values {
            row[column.at] = Some(value);
        }
        row
    }

    #[test]
    fn a_row_becomes_a_value() {
        let link = links::link(&Fake(a_link()), 0).unwrap();
        assert_eq!((link.id.get(), link.fields.name.as_str(), link.fields.path), (7, "hello", None));
    }

    #[test]
    fn an_error_names_the_table_the_column_and_the_row() {
        for (column, name, value) in [
            (links::COLUMNS.url, "url", None),
            (links::COLUMNS.url, "url", Some("not a URL")),
            (links::COLUMNS.link_type, "link_type", Some("wheel")),
        ] {
            let mut row = a_link();
            row[column.at] = value;
            let fault = links::link(&Fake(row), 0).unwrap_err();
            assert_eq!((fault.table, fault.column, fault.row), ("links", name, 7), "{value:?}");
        }
    }

    #[test]
    fn an_outer_join_without_a_match_is_none() {
        let mut row = a_link();
        row[0] = None;
        assert!(Cells::maybe(&Fake(row), "links", 0).unwrap().is_none());
        assert!(links::link(&Fake(row), 0).is_err());
    }
}
