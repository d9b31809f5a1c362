//! The links of a whole release, sent at once (docs/contract.md, "Manifests").

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{
    AssetPath, Candidate, Link, LinkConflict, LinkFault, LinkFaults, LinkFields, LinkName, LinkUrl, ParsedDraft,
};
use crate::LinkId;

/// The links that a release is to have, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The links, each with the id that it is sent with.
    pub entries: Vec<(Option<LinkId>, ParsedDraft)>,
    /// Whether links that no entry matches are deleted.
    pub prune: bool,
}

/// Why a manifest cannot be applied to a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ManifestFaults {
    /// These entries, counted from zero, have an id that no link of the release has.
    UnknownIds(Vec<usize>),
    /// The faults of links, each with the number of its entry, in the order of the entries.
    Links(Vec<(usize, LinkFault)>),
    /// The release would have more links than it may.
    TooMany,
}

impl ManifestFaults {
    /// Returns the faults of the link of one entry, counted from zero.
    #[must_use]
    pub fn of_entry(entry: usize, faults: &LinkFaults) -> Self {
        Self::Links(faults.iter().map(|fault| (entry, fault)).collect())
    }

    /// Returns the faults of links as sentences, in order.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        match self {
            Self::UnknownIds(entries) => {
                entries.iter().map(|entry| format!("links[{entry}][id] does not exist")).collect()
            }
            Self::Links(faults) => faults.iter().map(|(entry, fault)| format!("links[{entry}]: {fault}")).collect(),
            Self::TooMany => vec![LinkFault::TooMany.to_string()],
        }
    }
}

/// What a manifest makes of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedLink {
    /// The link's id; a link that is still to be created has none.
    pub id: Option<LinkId>,
    /// The fields of the link before, unless it is created.
    pub before: Option<LinkFields>,
    /// The fields of the link afterwards.
    pub fields: LinkFields,
}

/// What a manifest makes of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The links of the release afterwards, in order.
    pub links: Vec<PlannedLink>,
    /// The links that are deleted.
    pub deleted: Vec<Link>,
    /// Whether the order must be written: a link is created, or has another place among those that stay.
    pub is_ordered_anew: bool,
}

/// The names of the links that a plan changes or leaves alone, in byte order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlannedNames {
    /// The links that are created.
    pub created: BTreeSet<LinkName>,
    /// The links whose fields change, by their new names.
    pub updated: BTreeSet<LinkName>,
    /// The links that are deleted.
    pub deleted: BTreeSet<LinkName>,
    /// The links whose fields stay.
    pub unchanged: BTreeSet<LinkName>,
}

impl Plan {
    /// Whether the release already is as it is to be.
    #[must_use]
    pub fn changes_nothing(&self) -> bool {
        self.deleted.is_empty() && !self.is_ordered_anew && self.updated().next().is_none()
    }

    /// Returns the links that exist and whose fields change, with the fields before.
    pub fn updated(&self) -> impl Iterator<Item = (LinkId, &LinkFields, &LinkFields)> {
        let updated = |link: &'_ PlannedLink| link.before.as_ref().is_some_and(|before| *before != link.fields);
        self.links.iter().filter(move |link| updated(link)).filter_map(|link| {
            let before = link.before.as_ref()?;
            Some((link.id?, before, &link.fields))
        })
    }

    /// Returns the links that are created or whose fields change, each with the number of its entry, counted from zero.
    pub fn written_mut(&mut self) -> impl Iterator<Item = (usize, &mut PlannedLink)> {
        self.links.iter_mut().enumerate().filter(|(_, link)| link.before.as_ref() != Some(&link.fields))
    }

    /// Returns the fields of the links to create, in order.
    pub fn created(&self) -> impl Iterator<Item = &LinkFields> {
        self.links.iter().filter(|link| link.before.is_none()).map(|link| &link.fields)
    }

    /// Gives the links to create, in order, their ids.
    pub fn assign(&mut self, ids: impl IntoIterator<Item = LinkId>) {
        let created = self.links.iter_mut().filter(|link| link.before.is_none());
        created.zip(ids).for_each(|(link, id)| link.id = Some(id));
    }

    /// Returns the links of the release afterwards, in order, as far as they have ids.
    #[must_use]
    pub fn stored(&self) -> Vec<Link> {
        let stored = |link: &PlannedLink| Some(Link { id: link.id?, fields: link.fields.clone() });
        self.links.iter().filter_map(stored).collect()
    }

    /// Returns the names of all links by what happens to them.
    #[must_use]
    pub fn names(&self) -> PlannedNames {
        let mut names = PlannedNames::default();
        for PlannedLink { id: _, before, fields } in &self.links {
            let list = match before {
                None => &mut names.created,
                Some(before) if before == fields => &mut names.unchanged,
                Some(_) => &mut names.updated,
            };
            list.insert(fields.name.clone());
        }
        names.deleted.extend(self.deleted.iter().map(|link| link.fields.name.clone()));
        names
    }
}

impl Manifest {
    /// Returns what the manifest makes of a release with the links `current`, in their order.
    ///
    /// # Errors
    /// Returns the ids that no link has, or else that there would be too many links, or else all faults of the links.
    pub fn plan(self, current: &[Link]) -> Result<Plan, ManifestFaults> {
        let matched = self.matched(current)?;
        let matching: HashSet<LinkId> = matched.iter().copied().flatten().collect();
        let (kept, deleted): (Vec<&Link>, Vec<&Link>) =
            current.iter().filter(|link| !matching.contains(&link.id)).partition(|_| !self.prune);
        let is_larger = matched.iter().any(Option::is_none);
        if is_larger && self.entries.len() + kept.len() > Link::MAX_PER_RELEASE {
            return Err(ManifestFaults::TooMany);
        }
        let fields = accepted(self.entries, &kept)?;
        let before: HashMap<LinkId, &LinkFields> = current.iter().map(|link| (link.id, &link.fields)).collect();
        let sent = matched.iter().zip(fields).map(|(&id, fields)| PlannedLink {
            id,
            before: id.and_then(|id| before.get(&id).copied().cloned()),
            fields,
        });
        let stay = kept.into_iter().map(|link| PlannedLink {
            id: Some(link.id),
            before: Some(link.fields.clone()),
            fields: link.fields.clone(),
        });
        let links: Vec<_> = sent.chain(stay).collect();
        let deleted: Vec<_> = deleted.into_iter().cloned().collect();
        let gone: HashSet<LinkId> = deleted.iter().map(|link| link.id).collect();
        let staying = current.iter().map(|link| link.id).filter(|id| !gone.contains(id));
        let is_ordered_anew = !staying.map(Some).eq(links.iter().map(|link| link.id));
        Ok(Plan { links, deleted, is_ordered_anew })
    }

    /// Returns the link that each entry matches: first by id, then the rest by name, then the rest by path.
    fn matched(&self, current: &[Link]) -> Result<Vec<Option<LinkId>>, ManifestFaults> {
        let mut free: BTreeSet<LinkId> = current.iter().map(|link| link.id).collect();
        let known = |id: &Option<LinkId>| id.is_none_or(|id| free.contains(&id));
        let unknown: Vec<usize> =
            (0..).zip(&self.entries).filter(|(_, (id, _))| !known(id)).map(|(entry, _)| entry).collect();
        if !unknown.is_empty() {
            return Err(ManifestFaults::UnknownIds(unknown));
        }
        let mut matched: Vec<Option<LinkId>> = self.entries.iter().map(|(id, _)| *id).collect();
        for id in matched.iter().flatten() {
            free.remove(id);
        }
        let drafts: Vec<_> = self.entries.iter().map(|(_, draft)| draft.candidate()).collect();
        let by_name: HashMap<&LinkName, LinkId> = current.iter().map(|link| (&link.fields.name, link.id)).collect();
        let by_path: HashMap<&AssetPath, LinkId> =
            current.iter().filter_map(|link| Some((link.fields.path.as_ref()?, link.id))).collect();
        for (matched, draft) in matched.iter_mut().zip(&drafts).filter(|(matched, _)| matched.is_none()) {
            let same = draft.name.as_ref().and_then(|name| by_name.get(name));
            *matched = same.copied().filter(|id| free.remove(id));
        }
        for (matched, draft) in matched.iter_mut().zip(&drafts).filter(|(matched, _)| matched.is_none()) {
            let same = draft.path.as_ref().and_then(|path| by_path.get(path));
            *matched = same.copied().filter(|id| free.remove(id));
        }
        Ok(matched)
    }
}

/// Returns the fields of all entries, none of which may have an id or a value of an entry before it, or a value of a link
/// that stays.
fn accepted(entries: Vec<(Option<LinkId>, ParsedDraft)>, kept: &[&Link]) -> Result<Vec<LinkFields>, ManifestFaults> {
    let mut ids: HashSet<LinkId> = HashSet::new();
    let mut names: HashSet<LinkName> = kept.iter().map(|link| link.fields.name.clone()).collect();
    let mut urls: HashSet<LinkUrl> = kept.iter().map(|link| link.fields.url.clone()).collect();
    let mut paths: HashSet<AssetPath> = kept.iter().filter_map(|link| link.fields.path.clone()).collect();
    let (mut accepted, mut faults) = (Vec::new(), Vec::new());
    for (entry, (id, draft)) in entries.into_iter().enumerate() {
        let Candidate { name, url, path } = draft.candidate();
        let taken = [
            id.filter(|id| !ids.insert(*id)).map(|_| LinkFault::IdTaken),
            url.filter(|url| !urls.insert(url.clone())).map(|_| LinkFault::UrlTaken),
            name.filter(|name| !names.insert(name.clone())).map(|_| LinkFault::NameTaken),
            path.filter(|path| !paths.insert(path.clone())).map(|_| LinkFault::PathTaken),
        ];
        let mut found: Vec<LinkFault> = taken.into_iter().flatten().collect();
        match draft.accept(LinkConflict::NONE) {
            Ok(fields) => accepted.push(fields),
            Err(invalid) => found.extend(invalid.iter()),
        }
        found.sort_by_key(LinkFault::field);
        faults.extend(found.into_iter().map(|fault| (entry, fault)));
    }
    if faults.is_empty() { Ok(accepted) } else { Err(ManifestFaults::Links(faults)) }
}

#[cfg(test)]
mod tests;
