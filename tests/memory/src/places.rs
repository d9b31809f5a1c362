//! Where things stand and where they stood before. The rule which of them an address leads to is the domain's.

use release_links_domain::address::{Holder, Question, Stay, Trail};
use release_links_domain::namespace::{FullPath, Group, PathSegment};
use release_links_domain::{NamespaceId, ProjectId};

use crate::state::State;

impl State {
    fn next_move(&mut self) -> i64 {
        self.moves += 1;
        self.moves
    }

    /// What stands under a segment below a namespace, or at the top.
    pub fn at(&self, below: Option<NamespaceId>, segment: &str) -> Option<Holder> {
        let mut stays = self.stays_at(below, segment);
        stays.find(|stay| stay.until.is_none()).map(|stay| stay.holder)
    }

    /// What has a path.
    pub fn at_path(&self, path: &str) -> Option<Holder> {
        let Some((above, own)) = path.rsplit_once('/') else { return self.at(None, path) };
        match self.at_path(above)? {
            Holder::Namespace(namespace) => self.at(Some(namespace), own),
            Holder::Project(_) | Holder::Nobody => None,
        }
    }

    /// The project that had a path last which nothing has now.
    pub fn last_at_path(&self, path: &FullPath) -> Option<ProjectId> {
        let mut trail = Trail::of(path);
        while let Some(Question { below, segment }) = trail.question() {
            let stays: Vec<_> = below.into_iter().flat_map(|place| self.stays_at(place, segment)).collect();
            trail.answer(&stays);
        }
        trail.end()
    }

    fn stays_at(&self, below: Option<NamespaceId>, segment: &str) -> impl Iterator<Item = Stay> {
        let here = move |(name, stay): &&(String, Stay)| stay.below == below && name.eq_ignore_ascii_case(segment);
        self.stays.iter().filter(here).map(|(_, stay)| *stay)
    }

    /// All paths that something has or had, in lower case, whatever they lead to now.
    pub fn all_paths(&self, holder: Holder) -> Vec<String> {
        self.paths_within(holder, Group::MAX_ABOVE + 2)
    }

    /// As [`all_paths`](Self::all_paths), of so many segments: groups may have been moved into one another.
    fn paths_within(&self, holder: Holder, segments: usize) -> Vec<String> {
        if segments == 0 {
            return Vec::new();
        }
        let own = self.stays.iter().filter(|(_, stay)| stay.holder == holder);
        let paths = own.flat_map(|(segment, stay)| match stay.below {
            None => vec![segment.clone()],
            Some(above) => {
                let above = self.paths_within(Holder::Namespace(above), segments - 1);
                above.into_iter().map(|path| format!("{path}/{segment}")).collect()
            }
        });
        paths.collect()
    }

    /// Lets something that was just created, or has just left its place, stand at a free place from now on.
    pub fn arrive(&mut self, holder: Holder, below: Option<NamespaceId>, segment: &PathSegment) {
        let since = self.next_move();
        self.stays.push((segment.as_str().to_ascii_lowercase(), Stay { below, holder, since, until: None }));
    }

    /// Lets something leave the place where it stands.
    pub fn leave(&mut self, holder: Holder) {
        let now = self.next_move();
        for (_, stay) in &mut self.stays {
            if stay.holder == holder && stay.until.is_none() {
                stay.until = Some(now);
            }
        }
    }

    /// Lets a project leave its place for good: wherever it stood, nobody was last.
    pub fn leave_for_good(&mut self, project: ProjectId) {
        self.leave(Holder::Project(project));
        for (_, stay) in &mut self.stays {
            if stay.holder == Holder::Project(project) {
                stay.holder = Holder::Nobody;
            }
        }
    }
}
