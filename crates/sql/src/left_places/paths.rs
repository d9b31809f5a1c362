//! All paths that a project has or had.

use std::collections::VecDeque;

use release_links_domain::NamespaceId;

use super::{Occupancy, TOP};

/// Finds all paths that a project has or had, in lower case, whatever they lead to now: from the last segment to the first.
/// Storage loads the places of each namespace on the way, the current and the former ones.
#[derive(Debug)]
pub struct Paths {
    /// The parent namespaces still to be followed, and the rest of the path below each.
    above: VecDeque<(i64, String)>,
    found: Vec<String>,
    /// How many namespaces may still be followed: groups that were moved into one another have any number of former paths.
    left: usize,
    most: usize,
}

impl Paths {
    /// Begins with the places of the project. At most `most` paths are found, and as many namespaces followed.
    pub fn from(places: impl IntoIterator<Item = Occupancy>, most: usize) -> Self {
        let above = places.into_iter().map(|place| (place.below, place.segment)).collect();
        Self { above, found: Vec::new(), left: most, most }
    }

    /// Returns the namespace whose places must be [added](Self::add) next, and the rest of the path below it; `None` if there
    /// is no other.
    pub fn above(&mut self) -> Option<(NamespaceId, String)> {
        while let Some((below, path)) = self.above.pop_front() {
            if below == TOP {
                let path = path.to_ascii_lowercase();
                if self.found.len() < self.most && !self.found.contains(&path) {
                    self.found.push(path);
                }
            } else if self.left > 0
                && let Ok(namespace) = NamespaceId::try_from(below)
            {
                self.left -= 1;
                return Some((namespace, path));
            }
        }
        None
    }

    /// Adds the places of the namespace above `path`.
    pub fn add(&mut self, path: &str, places: impl IntoIterator<Item = Occupancy>) {
        self.above.extend(places.into_iter().map(|place| (place.below, format!("{}/{path}", place.segment))));
    }

    /// Returns the paths that were found, the shortest first.
    #[must_use]
    pub fn end(self) -> Vec<String> {
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(below: i64, segment: &str) -> Occupancy {
        Occupancy { below, segment: segment.to_owned(), since: 0 }
    }

    /// The paths of a project below group 1, which is or was in group 2, and that in group 1.
    fn paths(most: usize) -> Vec<String> {
        let mut paths = Paths::from([place(1, "Hello"), place(TOP, "hello"), place(TOP, "Hello")], most);
        while let Some((namespace, path)) = paths.above() {
            let other = 3 - namespace.get();
            paths.add(&path, [place(TOP, &format!("g{namespace}")), place(other, &format!("g{namespace}"))]);
        }
        paths.end()
    }

    #[test]
    fn every_combination_of_places_is_a_path_until_there_are_too_many() {
        assert_eq!(paths(3), ["hello", "g1/hello", "g2/g1/hello"]);
        assert_eq!(paths(100).len(), 100);
    }
}
