//! One writer's ledger: what is certainly stored, and what may be.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::ground::is_unavailable;
use crate::harness::{Api, Caller, Response};

/// A write that was answered by 503: done or not. Links are known by the number that all their values are made of.
enum Doubt {
    Created(u64),
    Updated { id: u64, old: u64, new: u64 },
    Deleted { id: u64, old: u64 },
}

/// How many links a writer lets its release have, some room left for what is in doubt.
const MOST_LINKS: usize = 900;

/// What one writer knows of the links of a release that is its own.
pub struct Books {
    tag: String,
    next: u64,
    present: BTreeMap<u64, u64>,
    gone: BTreeSet<u64>,
    doubts: Vec<Doubt>,
    /// How many writes were acknowledged.
    pub acknowledged: usize,
}

impl Books {
    /// The books of a new release without links.
    pub fn open(api: &Api, tag: &str) -> Self {
        api.release(tag);
        let (present, gone) = (BTreeMap::new(), BTreeSet::new());
        Self { tag: tag.to_owned(), next: 0, present, gone, doubts: Vec::new(), acknowledged: 0 }
    }

    fn draft(&self, number: u64) -> Value {
        let name = format!("{}-{number}", self.tag);
        json!({ "name": name, "url": format!("http://{name}"), "filepath": format!("/bin/{name}") })
    }

    /// The number that all values of a link are made of; none when they do not belong together.
    fn number(&self, shown: &Value) -> Option<u64> {
        let number = shown["name"].as_str()?.strip_prefix(&format!("{}-", self.tag))?.parse().ok()?;
        let draft = self.draft(number);
        let end = format!("/{}/downloads{}", self.tag, draft["filepath"].as_str()?);
        (shown["url"] == draft["url"] && shown["direct_asset_url"].as_str()?.ends_with(&end)).then_some(number)
    }

    /// Makes one write and answers whether it was acknowledged: creates mostly, now and then a change or a removal.
    pub fn write(&mut self, api: &Api, caller: &Caller) -> bool {
        self.next += 1;
        let new = self.next;
        // A release that is nearly full gets room again.
        let turn = if self.present.len() < MOST_LINKS { new % 5 } else { 4 };
        let chosen = match turn {
            3 => self.present.pop_last(),
            4 => self.present.pop_first(),
            _ => None,
        };
        let list = api.links_of(&self.tag);
        let acknowledged = match (turn, chosen) {
            (3, Some((id, old))) => {
                let done = sent(&caller.put(format!("{list}/{id}")).json(self.draft(new)).send(), 200).is_some();
                if done {
                    self.present.insert(id, new);
                } else {
                    self.doubts.push(Doubt::Updated { id, old, new });
                }
                done
            }
            (4, Some((id, old))) => {
                let done = sent(&caller.delete(format!("{list}/{id}")).send(), 200).is_some();
                if done {
                    self.gone.insert(id);
                } else {
                    self.doubts.push(Doubt::Deleted { id, old });
                }
                done
            }
            _ => {
                let made = sent(&caller.post(list).json(self.draft(new)).send(), 201);
                match made {
                    Some(id) => drop(self.present.insert(id, new)),
                    None => self.doubts.push(Doubt::Created(new)),
                }
                made.is_some()
            }
        };
        self.acknowledged += usize::from(acknowledged);
        acknowledged
    }

    /// What of these books does not stand in the database, or stands there without having been written.
    pub fn losses(&self, api: &Api, caller: &Caller) -> Vec<String> {
        let mut shown = self.shown(api, caller);
        let mut losses = Vec::new();
        let mut wrong = |what: &str, id: u64, found: Option<Option<u64>>| {
            losses.push(format!("{}: link {id} {what}, found {found:?}", self.tag));
        };
        for (id, number) in &self.present {
            let found = shown.remove(id);
            if found != Some(Some(*number)) {
                wrong(&format!("should have number {number}"), *id, found);
            }
        }
        for id in &self.gone {
            if let Some(found) = shown.remove(id) {
                wrong("was deleted", *id, Some(found));
            }
        }
        for doubt in &self.doubts {
            match doubt {
                Doubt::Created(number) => {
                    let id = shown.iter().find(|(_, found)| **found == Some(*number)).map(|(id, _)| *id);
                    id.map(|id| shown.remove(&id));
                }
                Doubt::Updated { id, old, new } => {
                    let found = shown.remove(id);
                    if found != Some(Some(*old)) && found != Some(Some(*new)) {
                        wrong(&format!("should have number {old} or {new}"), *id, found);
                    }
                }
                Doubt::Deleted { id, old } => {
                    let found = shown.remove(id);
                    if found.is_some() && found != Some(Some(*old)) {
                        wrong(&format!("should have number {old} or be gone"), *id, found);
                    }
                }
            }
        }
        for (id, found) in shown {
            wrong("was written by nobody", id, Some(found));
        }
        losses
    }

    /// All links of the release by id, with the number that each is made of.
    fn shown(&self, api: &Api, caller: &Caller) -> BTreeMap<u64, Option<u64>> {
        let mut shown = BTreeMap::new();
        for page in 1.. {
            let target = format!("{}?per_page=100&page={page}", api.links_of(&self.tag));
            let links = caller.get(target).send().status(200).json();
            let links = links.as_array().unwrap();
            shown.extend(links.iter().map(|link| (link["id"].as_u64().unwrap(), self.number(link))));
            if links.len() < 100 {
                break;
            }
        }
        shown
    }
}

/// The id of the link that an acknowledged write shows; none when nobody knows what became of it.
#[track_caller]
fn sent(answer: &Response, success: u16) -> Option<u64> {
    if answer.status != success {
        is_unavailable(answer);
        return None;
    }
    Some(answer.id())
}
