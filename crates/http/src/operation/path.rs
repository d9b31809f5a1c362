//! The parameters in an operation's path.

use std::fmt::Display;
use std::marker::PhantomData;
use std::str::FromStr;

use release_links_usecases::ParameterFaults;

use super::declared::Declared;
use super::shape::Shape;
use crate::fields::{Fields, parse_integer};
use crate::params::Malformed;

/// The parameters of a path, in the path's order.
pub(crate) trait Address: Sized {
    /// Returns what the parameters are.
    fn declare() -> Vec<Declared>;

    /// Reads the decoded segments; a fault is reported with those of the other parameters.
    ///
    /// # Errors
    /// Returns an error for segments that no address may have.
    fn read(segments: Vec<String>, fields: &mut Fields) -> Result<Self, Malformed>;
}

/// A path without parameters.
pub(crate) struct Nothing;

impl Address for Nothing {
    fn declare() -> Vec<Declared> {
        Vec::new()
    }

    fn read(_segments: Vec<String>, _fields: &mut Fields) -> Result<Self, Malformed> {
        Ok(Self)
    }
}

/// A kind of parameter in a path.
pub(crate) trait Segment {
    /// What the parameter becomes.
    type Value;

    /// The schema of the parameter.
    type Shape: Shape;

    /// Reads a decoded segment.
    ///
    /// # Errors
    /// Returns an error for a segment that no address may have.
    fn read(name: &str, text: String, fields: &mut Fields) -> Result<Self::Value, Malformed>;
}

/// Text that the use case looks up as it is.
impl Segment for String {
    type Value = String;
    type Shape = Self;

    fn read(_name: &str, text: String, _fields: &mut Fields) -> Result<String, Malformed> {
        Ok(text)
    }
}

/// An id. `None` for a text that cannot be one, which names nothing.
pub(crate) struct OrNone<T>(PhantomData<T>);

impl<T: TryFrom<i64>> Segment for OrNone<T> {
    type Value = Option<T>;
    type Shape = i64;

    fn read(_name: &str, text: String, _fields: &mut Fields) -> Result<Option<T>, Malformed> {
        Ok(parse_integer(&text).and_then(|id| T::try_from(id).ok()))
    }
}

/// An id, whose fault is one of a parameter; `None` for a number that cannot be an id. A trailing `.json` is ignored.
pub(crate) struct Checked<T>(PhantomData<T>);

impl<T: TryFrom<i64>> Segment for Checked<T> {
    type Value = Option<T>;
    type Shape = i64;

    fn read(name: &str, text: String, fields: &mut Fields) -> Result<Option<T>, Malformed> {
        let id = parse_integer(text.strip_suffix(".json").unwrap_or(&text));
        if id.is_none() {
            fields.fault(name, "is invalid");
        }
        Ok(id.and_then(|id| T::try_from(id).ok()))
    }
}

/// A name with its own parser, whose fault is one of a parameter.
pub(crate) struct Named<T>(PhantomData<T>);

impl<T: Shape + FromStr<Err: Display>> Segment for Named<T> {
    type Value = Result<T, ParameterFaults>;
    type Shape = T;

    fn read(name: &str, text: String, fields: &mut Fields) -> Result<Self::Value, Malformed> {
        Ok(text.parse().map_err(|fault: T::Err| {
            fields.fault(name, &fault);
            ParameterFaults(vec![format!("{name} {fault}")])
        }))
    }
}

/// The rest of a path, in which an encoded slash separates segments as well; none of them leads upwards.
pub(crate) struct Rest;

impl Segment for Rest {
    type Value = String;
    type Shape = String;

    fn read(_name: &str, text: String, _fields: &mut Fields) -> Result<String, Malformed> {
        if text.split('/').any(|segment| segment == "..") { Err(Malformed::Parent) } else { Ok(text) }
    }
}

/// Declares the parameters of a path: a struct whose fields are named like them, in the path's order, with what each is
/// for.
macro_rules! address {
    ($(#[$about:meta])* $visibility:vis struct $name:ident {
        $($(#[doc = $meaning:literal])+ $field:ident: $kind:ty,)+
    }) => {
        $(#[$about])*
        #[allow(dead_code, reason = "some parameters are only checked")]
        $visibility struct $name {
            $($(#[doc = $meaning])+ $visibility $field: <$kind as $crate::operation::Segment>::Value,)+
        }

        impl $crate::operation::Address for $name {
            fn declare() -> Vec<$crate::operation::Declared> {
                vec![$($crate::operation::Declared::required::<<$kind as $crate::operation::Segment>::Shape>(
                    stringify!($field),
                    concat!($($meaning),+),
                )),+]
            }

            fn read(
                segments: Vec<String>,
                fields: &mut $crate::fields::Fields,
            ) -> Result<Self, $crate::params::Malformed> {
                let mut segments = segments.into_iter();
                $(
                    let text = segments.next().unwrap_or_default();
                    let $field = <$kind as $crate::operation::Segment>::read(stringify!($field), text, fields)?;
                )+
                Ok(Self { $($field),+ })
            }
        }
    };
}
pub(crate) use address;
