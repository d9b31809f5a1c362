//! Which project an address leads to once nothing has it (docs/contract.md, "Permanent links"): the one that had it last.
//!
//! Everything stands below a namespace, or at the top, under a segment of its own. A move ends one stay and begins another;
//! moves are numbered, so stays can be compared. Something had an address if its own stay and those of all namespaces on the
//! way to it overlap, and it had it until the first of them ended. A [`Trail`] follows an address segment by segment;
//! storage tells it who stayed where.
//!
//! What is created later under an old address is its last holder from then on, also once it moves away or is deleted:
//! storage keeps its stay, held by [`Holder::Nobody`], for as long as an earlier holder would otherwise come back.

use std::cmp::Reverse;

use crate::namespace::FullPath;
use crate::{NamespaceId, ProjectId};

/// Who stayed at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// A group, or the namespace of a user.
    Namespace(NamespaceId),
    /// A project.
    Project(ProjectId),
    /// Something that was deleted.
    Nobody,
}

/// That something stood under one segment below one namespace for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stay {
    /// What it stood below, unless at the top.
    pub below: Option<NamespaceId>,
    /// What stood there.
    pub holder: Holder,
    /// The number of the move that brought it there, or of the last move before it was created.
    pub since: i64,
    /// The number of the move that took it away, unless it is still there.
    pub until: Option<i64>,
}

/// What a trail has to be told next: all stays at these places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question<'a> {
    /// The namespaces below which to look; none is the top.
    pub below: Vec<Option<NamespaceId>>,
    /// The segment, compared without case. Databases of an older version kept whole addresses: these stand at the top.
    pub segment: &'a str,
}

/// How far an address has been followed.
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
    /// The segments that are still to be followed, the next one first.
    rest: Option<&'a str>,
    /// The namespaces that had the address up to here, and when.
    reached: Vec<Reached>,
    asked_for_whole: bool,
    last: Option<Held>,
}

/// A namespace, or the top, and when it had the address.
#[derive(Debug, Clone, Copy)]
struct Reached {
    namespace: Option<NamespaceId>,
    since: i64,
    until: i64,
}

/// Who had the whole address, until when, and since when it stood there itself.
#[derive(Debug, Clone, Copy)]
struct Held {
    until: i64,
    since: i64,
    holder: Holder,
}

impl Reached {
    const TOP: Self = Self { namespace: None, since: i64::MIN, until: i64::MAX };

    /// When both this and a stay below it were the case, if ever.
    fn and(self, stay: &Stay) -> Option<(i64, i64)> {
        let since = self.since.max(stay.since);
        let until = self.until.min(stay.until.unwrap_or(i64::MAX));
        (self.namespace == stay.below && since < until).then_some((since, until))
    }
}

impl<'a> Trail<'a> {
    /// How many stays at one place count, and how many namespaces are followed at once: the latest. It bounds what one
    /// request for an old address costs, however often the same place was taken and left.
    pub const MOST: u32 = 32;

    /// Begins at the top.
    #[must_use]
    pub fn of(address: &'a FullPath) -> Self {
        let whole = address.as_str();
        // A single segment is the whole address, too.
        let asked_for_whole = !whole.contains('/');
        Self { whole, rest: Some(whole), reached: vec![Reached::TOP], asked_for_whole, last: None }
    }

    /// What is to be [answered](Self::answer) next, until the end of the trail.
    #[must_use]
    pub fn question(&self) -> Option<Question<'a>> {
        if let Some(rest) = self.rest {
            let segment = rest.split_once('/').map_or(rest, |(segment, _)| segment);
            return Some(Question { below: self.reached.iter().map(|reached| reached.namespace).collect(), segment });
        }
        (!self.asked_for_whole).then(|| Question { below: vec![None], segment: self.whole })
    }

    /// Follows the stays that storage found at the places of the [question](Self::question).
    pub fn answer(&mut self, stays: &[Stay]) {
        match self.rest.map(|rest| rest.split_once('/')) {
            Some(Some((_, rest))) => {
                self.reached = self.follow(stays);
                self.rest = Some(rest).filter(|_| !self.reached.is_empty());
            }
            Some(None) => {
                self.note_holders(&self.reached.clone(), stays);
                self.rest = None;
            }
            None => {
                self.note_holders(&[Reached::TOP], stays);
                self.asked_for_whole = true;
            }
        }
    }

    /// The project that had the address last, if it was a project.
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
        reached.sort_by_key(|reached| Reverse(reached.until));
        reached.truncate(Self::MOST as usize);
        reached
    }

    fn note_holders(&mut self, reached: &[Reached], stays: &[Stay]) {
        for (stay, (_, until)) in pairs(reached, stays) {
            // Two stays at one place overlap when one is told of as one from the first arrival to the last departure.
            if self.last.is_none_or(|last| (last.until, last.since) < (until, stay.since)) {
                self.last = Some(Held { until, since: stay.since, holder: stay.holder });
            }
        }
    }
}

/// The stays below something that was reached, each with when both were the case.
fn pairs<'s>(reached: &'s [Reached], stays: &'s [Stay]) -> impl Iterator<Item = (&'s Stay, (i64, i64))> {
    reached.iter().flat_map(move |reached| stays.iter().filter_map(|stay| Some((stay, reached.and(stay)?))))
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

    /// A stay that goes on until move 0 is one that has not ended.
    fn stay(segment: &'static str, below: i64, holder: Holder, since: i64, until: i64) -> (&'static str, Stay) {
        let below = (below > 0).then(|| id(below));
        (segment, Stay { below, holder, since, until: Some(until).filter(|until| *until > 0) })
    }

    fn leads_to(address: &str, stays: &[(&str, Stay)]) -> Option<i64> {
        let address = address.parse().unwrap();
        let mut trail = Trail::of(&address);
        while let Some(Question { below, segment }) = trail.question() {
            let found = stays.iter().filter(|(at, stay)| *at == segment && below.contains(&stay.below));
            trail.answer(&found.map(|(_, stay)| *stay).collect::<Vec<_>>());
        }
        trail.end().map(ProjectId::get)
    }

    #[test]
    fn an_address_leads_to_what_had_it_last() {
        let first = [group(0, 1, 0, 5), project(1, 10, 0, 0)];
        assert_eq!(leads_to("g/p", &first), Some(10));
        let second = [first.as_slice(), &[group(0, 2, 5, 7), project(2, 20, 5, 0)]].concat();
        assert_eq!(leads_to("g/p", &second), Some(20));
        assert_eq!(leads_to("g", &second), None);
        assert_eq!(leads_to("p", &second), None);
    }

    #[test]
    fn a_later_namespace_without_the_project_leaves_the_address_to_an_earlier_one() {
        assert_eq!(leads_to("g/p", &[group(0, 1, 0, 5), project(1, 10, 0, 0), group(0, 2, 5, 0)]), Some(10));
    }

    #[test]
    fn what_came_after_the_namespace_had_left_never_had_the_address() {
        assert_eq!(leads_to("g/p", &[group(0, 1, 0, 5), project(1, 10, 5, 0)]), None);
        assert_eq!(leads_to("g/p", &[group(0, 1, 0, 5), project(1, 10, 4, 0)]), Some(10));
        assert_eq!(leads_to("g/p", &[group(0, 1, 5, 0), project(1, 10, 2, 5)]), None);
    }

    #[test]
    fn the_project_may_have_left_before_or_after_its_group() {
        for left in [3, 5, 9] {
            assert_eq!(leads_to("g/p", &[group(0, 1, 0, 5), project(1, 10, 0, left)]), Some(10), "{left}");
        }
    }

    #[test]
    fn groups_below_each_other_are_followed_when_each_has_moved() {
        let stays = [group(0, 1, 0, 2), group(1, 2, 0, 8), project(2, 10, 1, 4)];
        assert_eq!(leads_to("g/g/p", &stays), Some(10));
        assert_eq!(leads_to("g/p", &stays), None);
    }

    #[test]
    fn what_was_deleted_or_was_a_group_keeps_the_address_from_those_before() {
        let before = [group(0, 1, 0, 5), project(1, 10, 0, 0), group(0, 2, 5, 0)];
        for holder in [Holder::Nobody, Holder::Namespace(id(3))] {
            let after = [before.as_slice(), &[stay("p", 2, holder, 5, 6)]].concat();
            assert_eq!(leads_to("g/p", &after), None, "{holder:?}");
        }
    }

    #[test]
    fn an_address_that_an_older_version_kept_as_a_whole_counts_until_somebody_has_it() {
        let whole = stay("g/p", 0, Holder::Project(id(10)), 0, 3);
        assert_eq!(leads_to("g/p", &[whole]), Some(10));
        assert_eq!(leads_to("g/p", &[whole, group(0, 1, 0, 0)]), Some(10));
        assert_eq!(leads_to("g/p", &[whole, group(0, 1, 0, 9), project(1, 20, 3, 0)]), Some(20));
        assert_eq!(leads_to("g/p/p", &[whole]), None);
    }

    #[test]
    fn who_came_back_does_not_count_while_another_stood_there() {
        let there_and_back = project(1, 10, 0, 15);
        let between = project(1, 20, 6, 8);
        assert_eq!(leads_to("g/p", &[group(0, 1, 0, 7), there_and_back, between]), Some(20));
        assert_eq!(leads_to("g/p", &[group(0, 1, 0, 5), there_and_back, between]), Some(10));
        assert_eq!(leads_to("g/p", &[group(0, 1, 0, 20), there_and_back, between]), Some(10));
    }

    #[test]
    fn only_the_latest_of_many_namespaces_are_followed() {
        let mut stays: Vec<_> = (1..100).map(|number| group(0, number, number, number + 1)).collect();
        stays.push(project(50, 10, 0, 0));
        assert_eq!(leads_to("g/p", &stays), None);
        stays.push(project(80, 20, 0, 0));
        assert_eq!(leads_to("g/p", &stays), Some(20));
    }

    #[test]
    fn a_trail_asks_no_more_than_a_question_for_each_segment_and_one_for_the_whole() {
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
