//! The parameters of the history (docs/contract.md, "Immutable releases and history").

use jiff::Timestamp;
use release_links_domain::history::{HistoryAction, HistoryFilter};
use release_links_domain::link::{AssetPath, LinkName};

use crate::fields::Fields;
use crate::moment::SentMoment;
use crate::operation::{Declared, Parameter, Text, parameters};
use crate::pagination::Page;
use crate::params::Param;
use crate::sorting::OneOf;

parameters! {
    /// Which rows of a project's history a list shows.
    pub(crate) struct ProjectHistory {
        /// The number of the page, from 1.
        page: Page,
        /// Only rows of links whose path was or became this one.
        path: Text<AssetPath>,
        /// Only rows of links whose name was or became this one.
        name: Text<LinkName>,
        /// Only rows of what happened in this way.
        action: OneOf<HistoryAction>,
    }
}

parameters! {
    /// Which rows of a release's history a list shows, or the moment for which to find where a permanent link led.
    pub(crate) struct ReleaseHistory {
        /// The number of the page, from 1.
        page: Page,
        /// Only rows of links whose path was or became this one; with `at`, the path of the permanent link.
        path: WithMoment,
        /// Only rows of links whose name was or became this one.
        name: Text<LinkName>,
        /// Only rows of what happened in this way.
        action: OneOf<HistoryAction>,
        /// The moment at which to look where the permanent link led, instead of a list.
        at: SentMoment,
    }
}

impl ProjectHistory {
    pub(crate) fn filter(self) -> HistoryFilter {
        HistoryFilter { path: self.path, name: self.name, action: self.action }
    }
}

/// What the history of a release is asked for.
pub(crate) enum Wanted {
    /// A list of rows.
    Rows(HistoryFilter),
    /// Where the permanent link with this path led at this moment.
    Moment(String, Timestamp),
}

impl ReleaseHistory {
    pub(crate) fn wanted(self) -> Wanted {
        let Self { path, name, action, at, .. } = self;
        match at {
            Some(at) => Wanted::Moment(path.unwrap_or_default(), at),
            None => Wanted::Rows(HistoryFilter { path, name, action }),
        }
    }
}

/// The name of the parameter with the moment.
const AT: &str = "at";

/// The path of a link, which must be sent along with a moment.
pub(crate) struct WithMoment;

impl Parameter for WithMoment {
    type Value = Option<String>;

    fn declare(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>) {
        Text::<AssetPath>::declare(name, meaning, to);
    }

    fn read(name: &str, fields: &mut Fields) -> Option<Option<String>> {
        let is_absent = |name| matches!(fields.sent(name), None | Some(Param::Null));
        if !is_absent(AT) && is_absent(name) {
            fields.fault(name, "is missing");
        }
        Text::<AssetPath>::read(name, fields)
    }
}
