//! The parameters in an operation's query or body: what each is, and how it is read.

use std::fmt::Display;
use std::marker::PhantomData;
use std::str::FromStr;

use super::declared::Declared;
use super::shape::{AnyId, IdList, Shape};
use crate::fields::Fields;
use crate::params::Param;
use release_links_domain::link::Change;
use release_links_usecases::ParameterFaults;

/// A set of parameters.
pub(crate) trait Parameters: Sized {
    /// The names of the parameters that are fields of the set.
    const NAMES: &'static [&'static str] = &[];

    /// The names of which at least one must be sent; may be empty.
    const AT_LEAST_ONE_OF: &'static [&'static str] = &[];

    /// The names of GitLab's filters that this list lacks; may be empty.
    const LACKED: &'static [&'static str] = &[];

    /// Returns what the parameters are, in the order in which their faults are reported.
    fn declare() -> Vec<Declared>;

    /// Reads the parameters in that order. `None` means that a fault was recorded.
    fn read(fields: &mut Fields) -> Option<Self>;
}

/// No parameters: whatever a request has is ignored.
impl Parameters for () {
    fn declare() -> Vec<Declared> {
        Vec::new()
    }

    fn read(_fields: &mut Fields) -> Option<Self> {
        Some(())
    }
}

/// Two sets, one after the other.
impl<A: Parameters, B: Parameters> Parameters for (A, B) {
    fn declare() -> Vec<Declared> {
        A::declare().into_iter().chain(B::declare()).collect()
    }

    fn read(fields: &mut Fields) -> Option<Self> {
        let (first, second) = (A::read(fields), B::read(fields));
        first.zip(second)
    }
}

/// A set of which at least one parameter must be sent: an error of the use case if none is.
pub(crate) struct IfAny<P>(pub(crate) Option<P>);

impl<P: Parameters> Parameters for IfAny<P> {
    fn declare() -> Vec<Declared> {
        P::declare()
    }

    fn read(fields: &mut Fields) -> Option<Self> {
        let is_any = P::NAMES.iter().any(|name| fields.has(name));
        let parameters = P::read(fields)?;
        Some(Self(is_any.then_some(parameters)))
    }
}

/// A kind of parameter. A few kinds are read from more than one name.
pub(crate) trait Parameter {
    /// What the parameter becomes.
    type Value;

    /// Adds what the parameter is.
    fn declare(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>);

    /// Reads the parameter. `None` means that it is required and that a fault was recorded.
    fn read(name: &str, fields: &mut Fields) -> Option<Self::Value>;
}

/// Text for a `T`, which somebody else parses; null counts as absent.
pub(crate) struct Text<T>(PhantomData<T>);

impl<T: Shape> Parameter for Text<T> {
    type Value = Option<String>;

    fn declare(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>) {
        to.push(Declared::of::<T>(name, meaning));
    }

    fn read(name: &str, fields: &mut Fields) -> Option<Option<String>> {
        Some(fields.text(name))
    }
}

/// Like [`Text`], but an empty one counts as absent as well.
pub(crate) struct Filled<T>(PhantomData<T>);

impl<T: Shape> Parameter for Filled<T> {
    type Value = Option<String>;

    fn declare(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>) {
        to.push(Declared::of::<T>(name, meaning));
    }

    fn read(name: &str, fields: &mut Fields) -> Option<Option<String>> {
        Some(fields.filled_text(name))
    }
}

/// The change of a text: absent keeps it, null clears it.
pub(crate) struct Changed<T>(PhantomData<T>);

impl<T: Shape> Parameter for Changed<T> {
    type Value = Change<String>;

    fn declare(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>) {
        to.push(Declared::of::<T>(name, meaning));
    }

    fn read(name: &str, fields: &mut Fields) -> Option<Change<String>> {
        Some(fields.change(name))
    }
}

/// The change of a value with its own parser: absent keeps it, null and empty clear it.
pub(crate) struct Clearable<T>(PhantomData<T>);

impl<T: Shape + FromStr<Err: Display>> Parameter for Clearable<T> {
    type Value = Change<T>;

    fn declare(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>) {
        to.push(Declared::of::<T>(name, meaning));
    }

    fn read(name: &str, fields: &mut Fields) -> Option<Change<T>> {
        Some(match fields.change(name) {
            Change::Keep => Change::Keep,
            Change::Clear => Change::Clear,
            Change::Set(text) if text.is_empty() => Change::Clear,
            Change::Set(_) => fields.parsed(name).map_or(Change::Keep, Change::Set),
        })
    }
}

/// A value with its own parser; null counts as absent.
pub(crate) struct Parsed<T>(PhantomData<T>);

impl<T: Shape + FromStr<Err: Display>> Parameter for Parsed<T> {
    type Value = Option<T>;

    fn declare(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>) {
        to.push(Declared::of::<T>(name, meaning));
    }

    fn read(name: &str, fields: &mut Fields) -> Option<Option<T>> {
        Some(fields.parsed(name))
    }
}

/// One of a few words, which a fault lists; null counts as absent.
pub(crate) struct Word<T>(PhantomData<T>);

impl<T: Shape + Copy + Display + 'static> Parameter for Word<T> {
    type Value = Option<T>;

    fn declare(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>) {
        to.push(Declared::of::<T>(name, meaning));
    }

    fn read(name: &str, fields: &mut Fields) -> Option<Option<T>> {
        Some(fields.word(name, <T as Shape>::ALL))
    }
}

/// One of a few numbers, which a fault lists; null counts as absent.
pub(crate) struct Number<T>(PhantomData<T>);

impl<T: Shape + TryFrom<i64> + Into<i64> + Copy + 'static> Parameter for Number<T> {
    type Value = Option<T>;

    fn declare(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>) {
        to.push(Declared::of::<T>(name, meaning));
    }

    fn read(name: &str, fields: &mut Fields) -> Option<Option<T>> {
        Some(fields.numbered(name, <T as Shape>::ALL))
    }
}

/// An integer; null and empty count as absent.
pub(crate) struct Integer;

impl Parameter for Integer {
    type Value = Option<i64>;

    fn declare(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>) {
        to.push(Declared::of::<i64>(name, meaning));
    }

    fn read(name: &str, fields: &mut Fields) -> Option<Option<i64>> {
        let is_empty = matches!(fields.sent(name), Some(Param::Text(text)) if text.is_empty());
        Some(if is_empty { None } else { fields.integer(name) })
    }
}

/// An id; null and empty count as absent.
pub(crate) struct Id<T>(PhantomData<T>);

impl<T: TryFrom<i64>> Parameter for Id<T> {
    type Value = Option<T>;

    fn declare(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>) {
        to.push(Declared::of::<AnyId>(name, meaning));
    }

    fn read(name: &str, fields: &mut Fields) -> Option<Option<T>> {
        Some(fields.id(name))
    }
}

/// A list of ids, also as one text with commas; null and empty count as absent.
pub(crate) struct Ids<T>(PhantomData<T>);

impl<T: TryFrom<i64>> Parameter for Ids<T> {
    type Value = Option<Vec<T>>;

    fn declare(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>) {
        to.push(Declared::of::<IdList>(name, meaning));
    }

    fn read(name: &str, fields: &mut Fields) -> Option<Option<Vec<T>>> {
        Some(fields.ids(name))
    }
}

/// A boolean; null counts as absent.
pub(crate) struct Bool;

impl Parameter for Bool {
    type Value = Option<bool>;

    fn declare(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>) {
        to.push(Declared::of::<bool>(name, meaning));
    }

    fn read(name: &str, fields: &mut Fields) -> Option<Option<bool>> {
        Some(fields.boolean(name))
    }
}

/// A parameter with a default.
pub(crate) struct OrDefault<K>(PhantomData<K>);

impl<T: Default + Shape, K: Parameter<Value = Option<T>>> Parameter for OrDefault<K> {
    type Value = T;

    fn declare(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>) {
        let first = to.len();
        K::declare(name, meaning, to);
        for declared in &mut to[first..] {
            declared.default = T::default().json();
        }
    }

    fn read(name: &str, fields: &mut Fields) -> Option<T> {
        K::read(name, fields).map(Option::unwrap_or_default)
    }
}

/// A parameter whose faults matter only where its value does.
pub(crate) struct WhereUsed<K>(PhantomData<K>);

impl<K: Parameter> Parameter for WhereUsed<K> {
    type Value = Result<K::Value, ParameterFaults>;

    fn declare(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>) {
        K::declare(name, meaning, to);
    }

    fn read(name: &str, fields: &mut Fields) -> Option<Self::Value> {
        let mut own = fields.apart(name);
        let value = K::read(name, &mut own);
        Some(own.finish_whole(value))
    }
}

/// A change of a parameter with a default: absent keeps the value, null resets it.
pub(crate) struct OrReset<K>(PhantomData<K>);

impl<T: Default, K: Parameter<Value = Option<T>>> Parameter for OrReset<K> {
    type Value = Option<T>;

    fn declare(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>) {
        K::declare(name, meaning, to);
    }

    fn read(name: &str, fields: &mut Fields) -> Option<Option<T>> {
        if matches!(fields.sent(name), Some(Param::Null)) { Some(Some(T::default())) } else { K::read(name, fields) }
    }
}

/// A parameter that must be sent, though it may be null.
pub(crate) struct Required<K>(PhantomData<K>);

impl<K: Parameter> Parameter for Required<K> {
    type Value = K::Value;

    fn declare(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>) {
        required::<K>(name, meaning, to);
    }

    fn read(name: &str, fields: &mut Fields) -> Option<K::Value> {
        fields.require(name);
        K::read(name, fields)
    }
}

/// A parameter that must be sent and must not be blank.
pub(crate) struct Present<K>(PhantomData<K>);

impl<T, K: Parameter<Value = Option<T>>> Parameter for Present<K> {
    type Value = T;

    fn declare(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>) {
        required::<K>(name, meaning, to);
    }

    fn read(name: &str, fields: &mut Fields) -> Option<T> {
        fields.present_text(name)?;
        K::read(name, fields)?
    }
}

/// A parameter that must not be blank if it is sent.
pub(crate) struct IfSent<K>(PhantomData<K>);

impl<K: Parameter> Parameter for IfSent<K> {
    type Value = Option<K::Value>;

    fn declare(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>) {
        let first = to.len();
        K::declare(name, meaning, to);
        for declared in &mut to[first..] {
            declared.is_required = false;
        }
    }

    fn read(name: &str, fields: &mut Fields) -> Option<Option<K::Value>> {
        if fields.has(name) { K::read(name, fields).map(Some) } else { Some(None) }
    }
}

fn required<K: Parameter>(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>) {
    let first = to.len();
    K::declare(name, meaning, to);
    for declared in &mut to[first..] {
        declared.is_required = true;
    }
}

/// Declares a set of parameters: a struct whose fields are named like them, in the order in which their faults are
/// reported, with what each is for. A list also names those of GitLab's filters that it lacks, whose faults come last.
macro_rules! parameters {
    ($(#[$about:meta])* $visibility:vis struct $name:ident $(at least one of $($one:ident),+)?
        $(lacks [$($lacked:literal),+ $(,)?])? {
        $($(#[doc = $meaning:literal])+ $field:ident: $kind:ty,)+
    }) => {
        $(#[$about])*
        #[allow(dead_code, reason = "some parameters are only checked")]
        $visibility struct $name {
            $($(#[doc = $meaning])+ $visibility $field: <$kind as $crate::operation::Parameter>::Value,)+
        }

        impl $crate::operation::Parameters for $name {
            const NAMES: &'static [&'static str] = &[$($crate::operation::parameter_name(stringify!($field))),+];
            $(const AT_LEAST_ONE_OF: &'static [&'static str] = &[$(stringify!($one)),+];)?
            $(const LACKED: &'static [&'static str] = &[$($lacked),+];)?

            fn declare() -> Vec<$crate::operation::Declared> {
                let mut declared = Vec::new();
                $(<$kind as $crate::operation::Parameter>::declare(
                    $crate::operation::parameter_name(stringify!($field)),
                    concat!($($meaning),+),
                    &mut declared,
                );)+
                declared
            }

            fn read(fields: &mut $crate::fields::Fields) -> Option<Self> {
                $(let $field = <$kind as $crate::operation::Parameter>::read(
                    $crate::operation::parameter_name(stringify!($field)),
                    fields,
                );)+
                fields.refuse_lacked(Self::LACKED);
                fields.require_one_of(Self::AT_LEAST_ONE_OF);
                Some(Self { $($field: $field?),+ })
            }
        }
    };
}
pub(crate) use parameters;

/// Returns the name of a parameter whose field is a raw identifier, such as `r#ref`.
pub(crate) const fn parameter_name(field: &'static str) -> &'static str {
    match field.as_bytes() {
        [b'r', b'#', ..] => field.split_at(2).1,
        _ => field,
    }
}
