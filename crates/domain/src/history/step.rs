//! Where a permanent link led, from when to when.

use jiff::Timestamp;

use super::{Event, HistoryRow};
use crate::LinkId;
use crate::link::{AssetDigest, LinkFields, LinkUrl};

/// A time during which a permanent link led to one asset: the link, its URL and its digest stayed the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The link that had the path.
    pub link: LinkId,
    /// Where it led.
    pub url: LinkUrl,
    /// The digest of the asset.
    pub digest: Option<AssetDigest>,
    /// When it began, included.
    pub since: Timestamp,
    /// When it ended, not included; none if it has not.
    pub until: Option<Timestamp>,
    /// The row of the history with which it began; 0 if the link is as it was before there was a history.
    pub seq: i64,
}

impl Step {
    /// Whether it had begun and not ended at this moment.
    #[must_use]
    pub fn covers(&self, at: Timestamp) -> bool {
        self.since <= at && self.until.is_none_or(|until| at < until)
    }
}

impl LinkFields {
    /// Whether a step of the permanent link with this path goes on when these fields of its link become `after`.
    #[must_use]
    pub fn leads_on_to(&self, after: &Self) -> bool {
        self.path == after.path && self.url == after.url && self.digest == after.digest
    }
}

/// Returns the steps of the permanent link with this path according to the rows of its tag, oldest first. Of a step that
/// ended in the millisecond in which it began, nothing remains.
#[must_use]
pub fn steps<'a>(rows: impl IntoIterator<Item = &'a HistoryRow>, path: &str) -> Vec<Step> {
    let has_path = |fields: &&LinkFields| fields.path.as_ref().is_some_and(|own| own.as_str() == path);
    let (mut ended, mut open) = (Vec::new(), Vec::<Step>::new());
    for HistoryRow { seq, at, event, .. } in rows {
        let Event::Link { id, before, after } = event else { continue };
        let goes_on = matches!((before, after), (Some(before), Some(after)) if before.leads_on_to(after));
        if goes_on {
            continue;
        }
        if let Some(index) = open.iter().position(|step| step.link == *id) {
            let step = open.remove(index);
            ended.extend((step.since < *at).then_some(Step { until: Some(*at), ..step }));
        }
        if let Some(fields) = after.as_ref().filter(has_path) {
            let (url, digest) = (fields.url.clone(), fields.digest.clone());
            open.push(Step { link: *id, url, digest, since: *at, until: None, seq: *seq });
        }
    }
    ended.extend(open);
    ended
}
