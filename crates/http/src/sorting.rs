//! How lists are sorted: the words of `order_by` and `sort`; and of other parameters whose faults list no words.

use std::marker::PhantomData;

use release_links_domain::history::HistoryAction;
use release_links_domain::link::{AssetNames, OnConflict};
use release_links_domain::newest::NewestOrder;
use release_links_domain::tag::TagOrder;
use release_links_ports::{GroupOrder, ReleaseOrder, Sort, TokenOrder, UserOrder};
use utoipa::openapi::schema::Type;

use crate::fields::{Fields, NOT_A_VALID_VALUE};
use crate::operation::{Declared, Parameter, Shape, few};
use crate::params::Param;

few! {
    OnConflict: Self::ALL, Type::String, |word| word.as_str().into(),
    HistoryAction: Self::ALL, Type::String, |action| action.as_str().into(),
    AssetNames: Self::ALL, Type::String, |names| names.as_str().into(),
    Sort: &Self::BOTH, Type::String, |sort| match sort {
        Self::Descending => "desc",
        Self::Ascending => "asc",
    }.into(),
    ReleaseOrder: &[Self::ReleasedAt, Self::CreatedAt], Type::String, |order| match order {
        Self::ReleasedAt => "released_at",
        Self::CreatedAt => "created_at",
    }.into(),
    UserOrder: &[Self::Id, Self::Name, Self::Username, Self::CreatedAt], Type::String, |order| match order {
        Self::Id => "id",
        Self::Name => "name",
        Self::Username => "username",
        Self::CreatedAt => "created_at",
    }.into(),
    TokenOrder: Self::ALL, Type::String, |order| match order {
        Self::CreatedAscending => "created_asc",
        Self::CreatedDescending => "created_desc",
        Self::NameAscending => "name_asc",
        Self::NameDescending => "name_desc",
        Self::ExpiresAscending => "expires_asc",
        Self::ExpiresAscendingIdDescending => "expires_at_asc_id_desc",
        Self::LastUsedAscending => "last_used_asc",
        Self::LastUsedDescending => "last_used_desc",
    }.into(),
    GroupOrder: Self::ALL, Type::String, |order| match order {
        Self::Name => "name",
        Self::Path => "path",
        Self::Id => "id",
    }.into(),
    NewestOrder: &[Self::ReleasedAt, Self::SemVer], Type::String, |order| match order {
        Self::ReleasedAt => "released_at",
        Self::SemVer => "semver",
    }.into(),
    TagOrder: &[Self::Updated, Self::Name, Self::Version], Type::String, |order| match order {
        Self::Updated => "updated",
        Self::Name => "name",
        Self::Version => "version",
    }.into(),
}

/// One of a few words; null counts as absent, and the fault does not list them.
pub(crate) struct OneOf<T>(PhantomData<T>);

impl<T: Shape + Copy> Parameter for OneOf<T> {
    type Value = Option<T>;

    fn declare(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>) {
        to.push(Declared::of::<T>(name, meaning));
    }

    fn read(name: &str, fields: &mut Fields) -> Option<Option<T>> {
        let Some(text) = fields.text(name) else { return Some(None) };
        let found = named(&text);
        if found.is_none() {
            fields.fault(name, NOT_A_VALID_VALUE);
        }
        Some(found)
    }
}

/// The direction of a list that is ascending by default.
pub(crate) struct Ascending;

impl Parameter for Ascending {
    type Value = Sort;

    fn declare(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>) {
        to.push(Declared { default: Sort::Ascending.json(), ..Declared::of::<Sort>(name, meaning) });
    }

    fn read(name: &str, fields: &mut Fields) -> Option<Sort> {
        OneOf::<Sort>::read(name, fields).map(|sort| sort.unwrap_or(Sort::Ascending))
    }
}
/// One of a few words; anything else counts as absent.
pub(crate) struct Known<T>(PhantomData<T>);

impl<T: Shape + Copy> Parameter for Known<T> {
    type Value = Option<T>;

    fn declare(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>) {
        to.push(Declared::of::<String>(name, meaning));
    }

    fn read(name: &str, fields: &mut Fields) -> Option<Option<T>> {
        let Some(Param::Text(text)) = fields.take(name) else { return Some(None) };
        Some(named(&text))
    }
}

/// Returns the value that a word means.
fn named<T: Shape + Copy>(word: &str) -> Option<T> {
    T::ALL.iter().copied().find(|value| value.json().is_some_and(|own| own == *word))
}
