//! What lists have in common: who sees what, searches and pages.

use std::convert::Infallible;

use release_links_domain::access::AccessLevel;
use release_links_domain::project::Visibility;
use release_links_ports::{Page, PageRequest, Sort, Viewer};

/// Whether something of this visibility, over which the viewer has this level, is listed for them.
pub fn is_seen(visibility: Visibility, level: Option<AccessLevel>, viewer: &Viewer) -> bool {
    viewer.open.contains(&visibility) || level.is_some()
}

/// A list, sorted by a key in this direction.
pub fn sorted<T, K: Ord>(mut list: Vec<T>, sort: Sort, key: impl FnMut(&T) -> K) -> Vec<T> {
    list.sort_by_cached_key(key);
    if sort == Sort::Descending {
        list.reverse();
    }
    list
}

/// A page of a list.
pub fn page_of<T>(list: impl IntoIterator<Item = T>, wanted: PageRequest) -> Page<T> {
    let list: Vec<T> = list.into_iter().collect();
    let length = list.len() as u64;
    let (offset, rows) = (count(wanted.offset()), count(wanted.per_page.saturating_add(1)));
    let rows = list.into_iter().skip(offset).take(rows).collect();
    let Ok(page) = Page::of(rows, wanted, |limit| Ok::<_, Infallible>(length.min(limit)));
    page
}

fn count(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Whether a text holds another, ASCII letters of either case alike.
pub fn holds(text: &str, part: &str) -> bool {
    text.to_ascii_lowercase().contains(&part.to_ascii_lowercase())
}
