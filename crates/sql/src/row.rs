//! From rows to domain values, through the domain's own parsers, whichever driver has read the row.

use std::error::Error;
use std::str::FromStr;

use jiff::Timestamp;
use release_links_domain::Stored;
use release_links_ports::{BoxError, StoreError};

use crate::Column;

/// A row holds a value that the domain refuses.
#[derive(Debug)]
pub struct Corrupt {
    /// The table it stands in.
    pub table: &'static str,
    /// The column it stands in.
    pub column: &'static str,
    /// The id of its row.
    pub row: i64,
    /// The parser's own words.
    pub source: BoxError,
}

impl From<Corrupt> for StoreError {
    fn from(Corrupt { table, column, row, source }: Corrupt) -> Self {
        Self::Corrupt { table, column, row, source }
    }
}

/// A row of a driver. A value of another type than is asked for is an error.
pub trait SqlRow {
    /// What reading a row fails with.
    type Failure: From<Corrupt>;

    /// A whole number, unless it is null.
    ///
    /// # Errors
    /// The driver's own.
    fn integer(&self, at: usize) -> Result<Option<i64>, BoxError>;

    /// A text, unless it is null.
    ///
    /// # Errors
    /// The driver's own.
    fn text(&self, at: usize) -> Result<Option<&str>, BoxError>;

    /// Yes or no, unless it is null.
    ///
    /// # Errors
    /// The driver's own.
    fn boolean(&self, at: usize) -> Result<Option<bool>, BoxError>;
}

/// The columns that a row has from one table, beginning with the id by which a fault names it.
pub struct Cells<'a, R> {
    row: &'a R,
    table: &'static str,
    id_at: usize,
    id: i64,
}

impl<'a, R: SqlRow> Cells<'a, R> {
    /// Cells of `table`, of which the id is column `id_at` of the row.
    ///
    /// # Errors
    /// [`Corrupt`] when there is no id.
    pub fn new(row: &'a R, table: &'static str, id_at: usize) -> Result<Self, R::Failure> {
        Self::maybe(row, table, id_at)?.ok_or_else(|| corrupt(table, "id", 0, "no value").into())
    }

    /// As [`new`](Self::new); none when the id is null, as that of a row that was joined but not found.
    ///
    /// # Errors
    /// [`Corrupt`] when the id is no number.
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

    /// The id itself, typed.
    ///
    /// # Errors
    /// [`Corrupt`].
    pub fn id<T>(&self) -> Result<T, R::Failure>
    where
        T: TryFrom<i64, Error: Error + Send + Sync + 'static>,
    {
        T::try_from(self.id).map_err(|error| corrupt(self.table, "id", self.id, error).into())
    }

    /// A whole number as it is.
    ///
    /// # Errors
    /// [`Corrupt`], also when it is null.
    pub fn integer(&self, column: Column) -> Result<i64, R::Failure> {
        self.present(column, self.optional_integer(column)?)
    }

    /// A whole number as it is, unless it is null.
    ///
    /// # Errors
    /// [`Corrupt`].
    pub fn optional_integer(&self, column: Column) -> Result<Option<i64>, R::Failure> {
        self.read(column, R::integer)
    }

    /// Yes or no.
    ///
    /// # Errors
    /// [`Corrupt`], also when it is null.
    pub fn boolean(&self, column: Column) -> Result<bool, R::Failure> {
        self.present(column, self.optional_boolean(column)?)
    }

    /// Yes or no, unless it is null.
    ///
    /// # Errors
    /// [`Corrupt`].
    pub fn optional_boolean(&self, column: Column) -> Result<Option<bool>, R::Failure> {
        self.read(column, R::boolean)
    }

    /// A text as it is.
    ///
    /// # Errors
    /// [`Corrupt`], also when it is null.
    pub fn string(&self, column: Column) -> Result<String, R::Failure> {
        self.present(column, self.optional_string(column)?)
    }

    /// A text as it is, unless it is null.
    ///
    /// # Errors
    /// [`Corrupt`].
    pub fn optional_string(&self, column: Column) -> Result<Option<String>, R::Failure> {
        Ok(self.read(column, R::text)?.map(str::to_owned))
    }

    /// A text through its parser.
    ///
    /// # Errors
    /// [`Corrupt`], also when it is null.
    pub fn text<T>(&self, column: Column) -> Result<T, R::Failure>
    where
        T: FromStr<Err: Error + Send + Sync + 'static>,
    {
        self.present(column, self.optional_text(column)?)
    }

    /// A text through its parser, unless it is null.
    ///
    /// # Errors
    /// [`Corrupt`].
    pub fn optional_text<T>(&self, column: Column) -> Result<Option<T>, R::Failure>
    where
        T: FromStr<Err: Error + Send + Sync + 'static>,
    {
        self.read(column, R::text)?.map(T::from_str).transpose().map_err(|error| self.fault(column, error))
    }

    /// A text as it was [stored], whatever the limits are now.
    ///
    /// [stored]: Stored
    ///
    /// # Errors
    /// [`Corrupt`], also when it is null.
    pub fn stored<T: Stored>(&self, column: Column) -> Result<T, R::Failure> {
        self.present(column, self.optional_stored(column)?)
    }

    /// As [`stored`](Self::stored), unless it is null.
    ///
    /// # Errors
    /// [`Corrupt`].
    pub fn optional_stored<T: Stored>(&self, column: Column) -> Result<Option<T>, R::Failure> {
        let text = self.optional_string(column)?;
        text.map(T::from_stored).transpose().map_err(|error| self.fault(column, error))
    }

    /// Words with a space between, each through its parser.
    ///
    /// # Errors
    /// [`Corrupt`], also when it is null.
    pub fn words<T>(&self, column: Column) -> Result<Vec<T>, R::Failure>
    where
        T: FromStr<Err: Error + Send + Sync + 'static>,
    {
        let text = self.present(column, self.read(column, R::text)?)?;
        text.split_ascii_whitespace().map(|word| word.parse().map_err(|error| self.fault(column, error))).collect()
    }

    /// A number through its parser: an id, a level.
    ///
    /// # Errors
    /// [`Corrupt`], also when it is null.
    pub fn number<T>(&self, column: Column) -> Result<T, R::Failure>
    where
        T: TryFrom<i64, Error: Error + Send + Sync + 'static>,
    {
        self.present(column, self.optional_number(column)?)
    }

    /// A number through its parser, unless it is null.
    ///
    /// # Errors
    /// [`Corrupt`].
    pub fn optional_number<T>(&self, column: Column) -> Result<Option<T>, R::Failure>
    where
        T: TryFrom<i64, Error: Error + Send + Sync + 'static>,
    {
        self.optional_integer(column)?.map(T::try_from).transpose().map_err(|error| self.fault(column, error))
    }

    /// A time, kept as milliseconds.
    ///
    /// # Errors
    /// [`Corrupt`], also when it is null.
    pub fn time(&self, column: Column) -> Result<Timestamp, R::Failure> {
        self.present(column, self.optional_time(column)?)
    }

    /// A time, kept as milliseconds, unless it is null.
    ///
    /// # Errors
    /// [`Corrupt`].
    pub fn optional_time(&self, column: Column) -> Result<Option<Timestamp>, R::Failure> {
        let milliseconds = self.optional_integer(column)?;
        milliseconds.map(Timestamp::from_millisecond).transpose().map_err(|error| self.fault(column, error))
    }

    /// A count.
    ///
    /// # Errors
    /// [`Corrupt`], also when it is null.
    pub fn count(&self, column: Column) -> Result<u64, R::Failure> {
        Ok(self.integer(column)?.unsigned_abs())
    }

    /// A word among those that `known` gives a meaning.
    ///
    /// # Errors
    /// [`Corrupt`], also when it is none of them.
    pub fn word<T>(&self, column: Column, known: impl FnOnce(&str) -> Option<T>) -> Result<T, R::Failure> {
        let word = self.present(column, self.read(column, R::text)?)?;
        known(word).ok_or_else(|| self.fault(column, "none of the known words"))
    }
}

fn corrupt(table: &'static str, column: &'static str, row: i64, source: impl Into<BoxError>) -> Corrupt {
    Corrupt { table, column, row, source: source.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::links;

    /// A row of a link as a driver might have it.
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

    const LINK: [Option<&str>; links::COUNT] =
        [Some("7"), Some("hello"), Some("https://example.com/hello"), None, Some("other")];

    #[test]
    fn a_row_becomes_a_value() {
        let link = links::link(&Fake(LINK), 0).unwrap();
        assert_eq!((link.id.get(), link.fields.name.as_str(), link.fields.path), (7, "hello", None));
    }

    #[test]
    fn a_fault_names_the_table_the_column_and_the_row() {
        for (column, name, value) in [
            (links::COLUMNS.url, "url", None),
            (links::COLUMNS.url, "url", Some("not a URL")),
            (links::COLUMNS.link_type, "link_type", Some("wheel")),
        ] {
            let mut row = LINK;
            row[column.at] = value;
            let fault = links::link(&Fake(row), 0).unwrap_err();
            assert_eq!((fault.table, fault.column, fault.row), ("links", name, 7), "{value:?}");
        }
    }

    #[test]
    fn a_row_that_was_joined_but_not_found_is_none() {
        let mut row = LINK;
        row[0] = None;
        assert!(Cells::maybe(&Fake(row), "links", 0).unwrap().is_none());
        assert!(links::link(&Fake(row), 0).is_err());
    }
}
