//! Resolves an old address that nothing has now to the project that had it last
//! (docs/contract.md, "Permanent links").
//!
//! Every group and project has one segment below a parent namespace, or at the top level. A move ends one stay and
//! begins another. Moves are numbered, so stays can be compared. An item had an address while its own stay and those
//! of all its ancestors overlapped, and lost it when the first of them ended. A [`Trail`] resolves an address segment
//! by segment; storage supplies the stays for each.
//!
//! An item that is created later under an old address is its last holder from then on, even after that item moves or
//! is deleted. Storage keeps such a stay, held by [`Holder::Nobody`], as long as an earlier holder would otherwise
//! get the address back.

use std::cmp::Reverse;

use crate::namespace::FullPath;
use crate::{NamespaceId, ProjectId};

/// What had a segment during a stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// A group, or the namespace of a user.
    Namespace(NamespaceId),
    /// A project.
    Project(ProjectId),
    /// An item that has been deleted.
    Nobody,
}

/// The period during which an item had one segment below one namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stay {
    /// The parent namespace; none at the top level.
    pub below: Option<NamespaceId>,
    /// The item that had the segment.
    pub holder: Holder,
    /// The number of the move that began the stay, or of the last move before the item was created.
    pub since: i64,
    /// The number of the move that ended the stay; none while it lasts.
    pub until: Option<i64>,
}

/// The query that a trail needs answered next: all stays under one segment in these namespaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question<'a> {
    /// The namespaces to search; `None` is the top level.
    pub below: Vec<Option<NamespaceId>>,
    /// The segment, compared without case. Older versions stored whole addresses; these are top-level "segments" with
    /// slashes.
    pub segment: &'a str,
}

/// The progress of resolving an address.
///
/// ```
/// use release_links_domain::address::{Holder, Stay, Trail};
///
/// let (group, project) = (7.try_into()?, 9.try_into()?);
/// let address = "old/hello".parse()?;
/// let mut trail = Trail::of(&address);
/// let group = Stay { below: None, holder: Holder::Namespace(group), since: 0, until: Some(5) };
/// let hello = Stay { below: Some(7.try_into()?), holder: Holder::Project(project), since: 2, until: None };
/// for stays in [&[group][..], &[hello], &[]] {
///     assert!(trail.question().is_some());
///     trail.answer(stays);
/// }
/// assert_eq!(trail.end(), Some(project));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Trail<'a> {
    whole: &'a str,
    /// The segments not yet resolved, from left to right.
    rest: Option<&'a str>,
    /// The namespaces that had the address so far, and when.
    reached: Vec<Reached>,
    asked_for_whole: bool,
    last: Option<Held>,
}

/// A namespace, or the top level, and when it had the address.
#[derive(Debug, Clone, Copy)]
struct Reached {
    namespace: Option<NamespaceId>,
    since: i64,
    until: i64,
}

/// The holder of the whole address: when it lost the address, and when its own stay began.
#[derive(Debug, Clone, Copy)]
struct Held {
    until: i64,
    since: i64,
    holder: Holder,
}

impl Reached {
    const TOP: Self = Self { namespace: None, since: i64::MIN, until: i64::MAX };

    /// Returns the period in which both this namespace had its address and the stay below it lasted, if they overlap.
    fn overlap(self, stay: &Stay) -> Option<(i64, i64)> {
        let since = self.since.max(stay.since);
        let until = self.until.min(stay.until.unwrap_or(i64::MAX));
        (self.namespace == stay.below && since < until).then_some((since, until))
    }
}

impl<'a> Trail<'a> {
    /// The maximum number of stays per segment, and of namespaces that are followed at once; only the latest count.
    /// It bounds the cost of one request for an old address, however often the address changed hands.
    pub const MOST: u32 = 32;

    /// Starts at the top level.
    #[must_use]
    pub fn of(address: &'a FullPath) -> Self {
        let whole = address.as_str();
        // An older version may have stored the whole address; when it is a single segment, the first query finds it
        // anyway.
        let asked_for_whole = !whole.contains('/');
        Self { whole, rest: Some(whole), reached: vec![Reached::TOP], asked_for_whole, last: None }
    }

    /// Returns the next query to [answer](Self::answer); none once the address is resolved.
    #[must_use]
    pub fn question(&self) -> Option<Question<'a>> {
        if let Some(rest) = self.rest {
            let segment = rest.split_once('/').map_or(rest, |(segment, _)| segment);
            return Some(Question { below: self.reached.iter().map(|reached| reached.namespace).collect(), segment });
        }
        (!self.asked_for_whole).then(|| Question { below: vec![None], segment: self.whole })
    }

    /// Processes the stays that storage found for the [question](Self::question).
    pub fn answer(&mut self, stays: &[Stay]) {
        match self.rest.map(|rest| rest.split_once('/')) {
            Some(Some((_, rest))) => {
                self.reached = self.follow(stays);
                self.rest = Some(rest).filter(|_| !self.reached.is_empty());
            }
            Some(None) => {
                self.record_holders(&self.reached.clone(), stays);
                self.rest = None;
            }
            None => {
                self.record_holders(&[Reached::TOP], stays);
                self.asked_for_whole = true;
            }
        }
    }

    /// Returns the project that had the address last; none if the last holder was not a project.
    #[must_use]
    pub fn end(self) -> Option<ProjectId> {
        match self.last?.holder {
            Holder::Project(project) => Some(project),
            Holder::Namespace(_) | Holder::Nobody => None,
        }
    }

    fn follow(&self, stays: &[Stay]) -> Vec<Reached> {
        let mut reached: Vec<_> = pairs(&self.reached, stays)
            .filter_map(|(stay, (since, until))| match stay.holder {
                Holder::Namespace(namespace) => Some(Reached { namespace: Some(namespace), since, until }),
                Holder::Project(_) | Holder::Nobody => None,
            })
            .collect();
        // A namespace that lost the address early is the least likely to contain its last holder.
        reached.sort_by_key(|reached| Reverse(reached.until));
        reached.truncate(Self::MOST as usize);
        reached
    }

    fn record_holders(&mut self, reached: &[Reached], stays: &[Stay]) {
        for (stay, (_, until)) in pairs(reached, stays) {
            // Storage may merge several stays of one item into one that spans them all, so two stays under one
            // segment can overlap.
            if self.last.is_none_or(|last| (last.until, last.since) < (until, stay.since)) {
                self.last = Some(Held { until, since: stay.since, holder: stay.holder });
            }
        }
    }
}

/// Returns the stays below the namespaces reached so far, each with the period in which both had the address.
fn pairs<'s>(reached: &'s [Reached], stays: &'s [Stay]) -> impl Iterator<Item = (&'s Stay, (i64, i64))> {
    reached.iter().flat_map(move |reached| stays.iter().filter_map(|stay| Some((stay, reached.overlap(stay)?))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id<T: TryFrom<i64, Error = crate::IdError>>(number: i64) -> T {
        number.try_into().unwrap()
    }

    fn group(below: i64, number: i64, since: i64, until: i64) -> (&'static str, Stay) {
        stay("g", below, Holder::Namespace(id(number)), since, until)
    }

    fn project(below: i64, number: i64, since: i64, until: i64) -> (&'static str, Stay) {
        stay("p", below, Holder::Project(id(number)), since, until)
    }

    /// A stay with `until` 0 has not ended.
    fn stay(segment: &'static str, below: i64, holder: Holder, since: i64, until: i64) -> (&'static str, Stay) {
        let below = (below > 0).then(|| id(below));
        (segment, Stay { below, holder, since, until: Some(until).filter(|until| *until > 0) })
    }

    fn resolve(address: &str, stays: &[(&str, Stay)]) -> Option<i64> {
        let address = address.parse().unwrap();
        let mut trail = Trail::of(&address);
        while let Some(Question { below, segment }) = trail.question() {
            let found = stays.iter().filter(|(at, stay)| *at == segment && below.contains(&stay.below));
            trail.answer(&found.map(|(_, stay)| *stay).collect::<Vec<_>>());
        }
        trail.end().map(ProjectId::get)
    }

    #[test]
    fn an_address_resolves_to_its_last_holder() {
        let first = [group(0, 1, 0, 5), project(1, 10, 0, 0)];
        assert_eq!(resolve("g/p", &first), Some(10));
        let second = [first.as_slice(), &[group(0, 2, 5, 7), project(2, 20, 5, 0)]].concat();
        assert_eq!(resolve("g/p", &second), Some(20));
        assert_eq!(resolve("g", &second), None);
        assert_eq!(resolve("p", &second), None);
    }

    #[test]
    fn a_later_namespace_without_the_project_does_not_take_over_the_address() {
        assert_eq!(resolve("g/p", &[group(0, 1, 0, 5), project(1, 10, 0, 0), group(0, 2, 5, 0)]), Some(10));
    }

    #[test]
    fn a_project_that_arrived_after_its_namespace_had_moved_never_had_the_address() {
        assert_eq!(resolve("g/p", &[group(0, 1, 0, 5), project(1, 10, 5, 0)]), None);
        assert_eq!(resolve("g/p", &[group(0, 1, 0, 5), project(1, 10, 4, 0)]), Some(10));
        assert_eq!(resolve("g/p", &[group(0, 1, 5, 0), project(1, 10, 2, 5)]), None);
    }

    #[test]
    fn the_project_may_have_moved_before_or_after_its_group() {
        for left in [3, 5, 9] {
            assert_eq!(resolve("g/p", &[group(0, 1, 0, 5), project(1, 10, 0, left)]), Some(10), "{left}");
        }
    }

    #[test]
    fn nested_groups_are_followed_when_each_has_moved() {
        let stays = [group(0, 1, 0, 2), group(1, 2, 0, 8), project(2, 10, 1, 4)];
        assert_eq!(resolve("g/g/p", &stays), Some(10));
        assert_eq!(resolve("g/p", &stays), None);
    }

    #[test]
    fn a_deleted_item_or_a_group_keeps_the_address_from_earlier_holders() {
        let before = [group(0, 1, 0, 5), project(1, 10, 0, 0), group(0, 2, 5, 0)];
        for holder in [Holder::Nobody, Holder::Namespace(id(3))] {
            let after = [before.as_slice(), &[stay("p", 2, holder, 5, 6)]].concat();
            assert_eq!(resolve("g/p", &after), None, "{holder:?}");
        }
    }

    #[test]
    fn a_whole_address_stored_by_an_older_version_counts_until_it_is_reused() {
        let whole = stay("g/p", 0, Holder::Project(id(10)), 0, 3);
        assert_eq!(resolve("g/p", &[whole]), Some(10));
        assert_eq!(resolve("g/p", &[whole, group(0, 1, 0, 0)]), Some(10));
        assert_eq!(resolve("g/p", &[whole, group(0, 1, 0, 9), project(1, 20, 3, 0)]), Some(20));
        assert_eq!(resolve("g/p/p", &[whole]), None);
    }

    #[test]
    fn a_returning_holder_does_not_count_while_another_had_the_address() {
        let there_and_back = project(1, 10, 0, 15);
        let between = project(1, 20, 6, 8);
        assert_eq!(resolve("g/p", &[group(0, 1, 0, 7), there_and_back, between]), Some(20));
        assert_eq!(resolve("g/p", &[group(0, 1, 0, 5), there_and_back, between]), Some(10));
        assert_eq!(resolve("g/p", &[group(0, 1, 0, 20), there_and_back, between]), Some(10));
    }

    #[test]
    fn only_the_latest_namespaces_are_followed() {
        let mut stays: Vec<_> = (1..100).map(|number| group(0, number, number, number + 1)).collect();
        stays.push(project(50, 10, 0, 0));
        assert_eq!(resolve("g/p", &stays), None);
        stays.push(project(80, 20, 0, 0));
        assert_eq!(resolve("g/p", &stays), Some(20));
    }

    #[test]
    fn a_trail_asks_one_question_per_segment_and_one_for_the_whole_address() {
        let address = "a/b/c".parse().unwrap();
        let mut trail = Trail::of(&address);
        let below = Holder::Namespace(id(1));
        assert_eq!(trail.question(), Some(Question { below: vec![None], segment: "a" }));
        trail.answer(&[Stay { below: None, holder: below, since: 0, until: None }]);
        assert_eq!(trail.question(), Some(Question { below: vec![Some(id(1))], segment: "b" }));
        trail.answer(&[]);
        assert_eq!(trail.question(), Some(Question { below: vec![None], segment: "a/b/c" }));
        trail.answer(&[]);
        assert_eq!((trail.question(), trail.end()), (None, None));
    }
}
