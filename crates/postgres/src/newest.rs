//! Finds the release that a request selects, and an asset in it.

use jiff::Timestamp;
use release_links_domain::access::Reader;
use release_links_domain::channel::{ChannelName, Selection};
use release_links_domain::link::Link;
use release_links_domain::newest::{Prereleases, RankedBy, Ranking};
use release_links_domain::project::ProjectRef;
use release_links_domain::tag::TagName;
use release_links_ports::ProjectView;
use release_links_sql::links::{COUNT, link};
use release_links_sql::releases::tag;

use crate::failure::Failure;
use crate::paging::stop_at;
use crate::query::{Session, Value, Values};
use crate::rows::Row;
use crate::tables::newest::{
    ASSET_OF_CHANNEL, LINK_BY_DATE, LINK_BY_VERSION, OF_CHANNEL, RELEASE_BY_DATE, RELEASE_BY_VERSION, Ranked,
};
use crate::view::{FOUND_AT, Viewed, view};

/// In which project a release is searched, for whom, and when.
pub struct Search<'a> {
    pub session: &'a Session,
    pub project: &'a ProjectRef,
    pub reader: Reader,
    pub now: Timestamp,
}

/// The statements that find something in the selected release.
struct Wanted {
    of_channel: Viewed,
    by_date: Ranked,
    by_version: Ranked,
}

const RELEASE: Wanted = Wanted { of_channel: OF_CHANNEL, by_date: RELEASE_BY_DATE, by_version: RELEASE_BY_VERSION };
const ASSET: Wanted = Wanted { of_channel: ASSET_OF_CHANNEL, by_date: LINK_BY_DATE, by_version: LINK_BY_VERSION };

type Found<T> = Result<Option<ProjectView<T>>, Failure>;

impl Search<'_> {
    /// Returns the tag of the selected release.
    pub async fn release(&self, selection: &Selection) -> Found<TagName> {
        let read = |rows: &[Row]| rows.first().map(|row| tag(row, FOUND_AT)).transpose();
        self.find(selection, &RELEASE, &[], &[], read).await
    }

    /// Returns the link with this path in the selected release, and the release's tag.
    pub async fn asset(&self, selection: &Selection, path: &str) -> Found<(TagName, Link)> {
        let searched = stop_at(selection.searched());
        let read = |rows: &[Row]| {
            let found = rows.first().map(|row| Ok((tag(row, FOUND_AT + COUNT)?, link(row, FOUND_AT)?)));
            found.transpose()
        };
        self.find(selection, &ASSET, &[&path], &[&path, &searched], read).await
    }

    /// Returns what is found in the channel's release, with the values `in_channel`, or in a ranking, with the values
    /// `in_ranking`.
    async fn find<T>(
        &self,
        selection: &Selection,
        wanted: &Wanted,
        in_channel: Values<'_>,
        in_ranking: Values<'_>,
        read: impl FnOnce(&[Row]) -> Result<Option<T>, Failure>,
    ) -> Found<T> {
        let Selection { channel, ranking } = selection;
        let now = self.now.as_millisecond();
        let name = channel.as_ref().map(ChannelName::as_str);
        let falls_back = *ranking == Some(Ranking::BY_DATE);
        let pinned: Values<'_> = &[&now, &name, &falls_back];
        let ranking = match ranking {
            Some(ranking) if name.is_none() || !falls_back => ranking,
            _ => return self.view(wanted.of_channel, &[pinned, in_channel].concat(), read).await,
        };
        let has_snapshot = name.is_some() || ranking.prereleases == Prereleases::Alone;
        if has_snapshot {
            self.session.begin_snapshot().await?;
        }
        let found = if name.is_some() && self.exists(OF_CHANNEL, pinned).await? {
            self.view(wanted.of_channel, &[pinned, in_channel].concat(), read).await?
        } else {
            self.in_ranking(ranking, wanted, in_ranking, read).await?
        };
        if has_snapshot {
            self.session.commit().await?;
        }
        Ok(found)
    }

    /// Returns what is found in a ranking.
    async fn in_ranking<T>(
        &self,
        ranking: &Ranking,
        wanted: &Wanted,
        values: Values<'_>,
        read: impl FnOnce(&[Row]) -> Result<Option<T>, Failure>,
    ) -> Found<T> {
        let now = self.now.as_millisecond();
        let range = match &ranking.by {
            RankedBy::Date => None,
            RankedBy::Version(range) => Some((range.prefix(), range.from(), range.below())),
        };
        let mut ranked: Vec<Value<'_>> = vec![&now];
        let (releases, sql) = match &range {
            None => (RELEASE_BY_DATE, wanted.by_date),
            Some((prefix, from, below)) => {
                ranked.extend([prefix as Value<'_>, from, below]);
                (RELEASE_BY_VERSION, wanted.by_version)
            }
        };
        let is_stable_only = match ranking.prereleases {
            Prereleases::Never => true,
            Prereleases::Always => false,
            Prereleases::Alone => self.exists(releases.stable, &ranked).await?,
        };
        let sql = if is_stable_only { sql.stable } else { sql.all };
        self.view(sql, &[&ranked[..], values].concat(), read).await
    }

    async fn view<T>(
        &self,
        sql: Viewed,
        values: Values<'_>,
        read: impl FnOnce(&[Row]) -> Result<Option<T>, Failure>,
    ) -> Found<T> {
        view(self.session, sql, self.project, self.reader, values, read).await
    }

    /// Returns whether a statement finds a release.
    async fn exists(&self, sql: Viewed, values: Values<'_>) -> Result<bool, Failure> {
        let view = self.view(sql, values, |rows| Ok(rows.first().map(|_| ()))).await?;
        Ok(view.is_some_and(|view| view.found.is_some()))
    }
}
