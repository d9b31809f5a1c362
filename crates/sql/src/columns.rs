//! Declares each table once: its columns for copies, the column lists for statements, and each column's position in a
//! row.

/// A column of a row that a statement returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The position, counted from the first column read.
    pub at: usize,
    /// The name for error messages.
    pub name: &'static str,
}

/// Declares a table: `TABLE` for copies and, if columns are marked `read`, their positions (`COLUMNS`), their number
/// (`COUNT`) and a macro that lists columns for statements. If any column is `read`, the first must be.
///
/// ```text
/// columns! { ($) link_columns = numbered "links" { id: Integer read, project_id: Integer, name: Text read, } }
///
/// link_columns!()          id, name
/// link_columns!("l")       l.id, l.name
/// link_columns!(NULL)      NULL AS id, NULL AS name
/// link_columns!(held)      name               the columns read, without the first
/// link_columns!(held "l")  l.name
/// link_columns!(held ":", "")                 :name
/// link_columns!(held "$", array_of!)          $name, then what array_of!(Text) is
/// link_columns!(new)       project_id, name   all, without the first, which the database assigns
/// link_columns!(new ":", "")                  :project_id, :name
/// ```
///
/// A macro that declares a macro cannot write `$` itself, so the caller passes it as `($)`.
macro_rules! columns {
    (($d:tt) $list:ident = $key:ident $table:literal { $($columns:tt)* }) => {
        columns!(@sort ($d) [$list $key $table] [] [] $($columns)*);
    };
    (@sort $d:tt $head:tt [$($all:tt)*] [$($read:tt)*] $name:ident: $kind:ident read, $($rest:tt)*) => {
        columns!(@sort $d $head [$($all)* $name: $kind,] [$($read)* $name: $kind,] $($rest)*);
    };
    (@sort $d:tt $head:tt [$($all:tt)*] $read:tt $name:ident: $kind:ident, $($rest:tt)*) => {
        columns!(@sort $d $head [$($all)* $name: $kind,] $read $($rest)*);
    };
    (@sort ($d:tt) [$list:ident $key:ident $table:literal]
        [$id:ident: $id_kind:ident, $second:ident: $second_kind:ident, $($name:ident: $kind:ident,)*]
        [$read_id:ident: $read_id_kind:ident, $held:ident: $held_kind:ident, $($read:ident: $read_kind:ident,)*]
    ) => {
        /// The table, for copies.
        pub const TABLE: $crate::Table = $crate::Table::$key(
            $table,
            &[
                (stringify!($id), $crate::Kind::$id_kind),
                (stringify!($second), $crate::Kind::$second_kind),
                $((stringify!($name), $crate::Kind::$kind),)*
            ],
        );

        /// The columns that statements read.
        #[allow(missing_docs, reason = "each is the column of its name")]
        pub struct Columns {
            pub $read_id: $crate::Column,
            pub $held: $crate::Column,
            $(pub $read: $crate::Column,)*
        }

        /// The columns that statements read.
        pub const COLUMNS: Columns = {
            #[allow(non_camel_case_types, clippy::enum_variant_names, reason = "each is the column of its name")]
            enum At { $read_id, $held, $($read,)* }
            Columns {
                $read_id: $crate::Column { at: At::$read_id as usize, name: stringify!($read_id) },
                $held: $crate::Column { at: At::$held as usize, name: stringify!($held) },
                $($read: $crate::Column { at: At::$read as usize, name: stringify!($read) },)*
            }
        };

        /// The number of columns that statements read.
        pub const COUNT: usize = [stringify!($read_id), stringify!($held), $(stringify!($read)),*].len();

        #[doc = concat!("The columns of `", $table, "` that statements read, as a list: plain, with an alias, or as `NULL`s; with \
            `held` without the id; with `new` all columns of a row to insert; with a text before and after each, or one of its kind.")]
        #[macro_export]
        macro_rules! $list {
            () => { concat!(stringify!($read_id), ", ", $crate::$list!(held)) };
            (NULL) => {
                concat!("NULL AS ", stringify!($read_id), ", NULL AS ", stringify!($held), $(", NULL AS ", stringify!($read)),*)
            };
            (new) => { $crate::$list!(new "", "") };
            (new $d before:expr, $d after:expr) => {
                concat!($d before, stringify!($second), $d after, $(", ", $d before, stringify!($name), $d after),*)
            };
            (held) => { $crate::$list!(held "", "") };
            (held $d before:expr, $d after:ident!) => {
                concat!(
                    $d before, stringify!($held), $d after!($held_kind)
                    $(, ", ", $d before, stringify!($read), $d after!($read_kind))*
                )
            };
            (held $d before:expr, $d after:expr) => {
                concat!($d before, stringify!($held), $d after, $(", ", $d before, stringify!($read), $d after),*)
            };
            (held $d alias:literal) => { $crate::$list!(held concat!($d alias, "."), "") };
            ($d alias:literal) => {
                concat!($d alias, ".", stringify!($read_id), ", ", $crate::$list!(held $d alias))
            };
        }
    };
}
