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

    /// What of these books does not stand in the database, or stands there without having been written, and what the history
    /// does not tell.
    pub fn losses(&self, api: &Api, caller: &Caller) -> Vec<String> {
        let mut shown = self.shown(api, caller);
        let mut losses = Vec::new();
        let (told, rows) = self.told(api, caller);
        if told != shown {
            losses.push(format!("{}: the history tells of {told:?}, found {shown:?}", self.tag));
        }
        let mut changes = self.acknowledged;
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
                    changes += usize::from(id.and_then(|id| shown.remove(&id)).is_some());
                }
                Doubt::Updated { id, old, new } => {
                    let found = shown.remove(id);
                    changes += usize::from(found == Some(Some(*new)));
                    if found != Some(Some(*old)) && found != Some(Some(*new)) {
                        wrong(&format!("should have number {old} or {new}"), *id, found);
                    }
                }
                Doubt::Deleted { id, old } => {
                    let found = shown.remove(id);
                    changes += usize::from(found.is_none());
                    if found.is_some() && found != Some(Some(*old)) {
                        wrong(&format!("should have number {old} or be gone"), *id, found);
                    }
                }
            }
        }
        for (id, found) in shown {
            wrong("was written by nobody", id, Some(found));
        }
        if rows != changes {
            losses.push(format!("{}: {changes} changes have {rows} rows of history", self.tag));
        }
        losses
    }

    /// All links of the release by id, with the number that each is made of.
    fn shown(&self, api: &Api, caller: &Caller) -> BTreeMap<u64, Option<u64>> {
        let links = all(caller, &api.links_of(&self.tag));
        links.iter().map(|link| (link["id"].as_u64().unwrap(), self.number(link))).collect()
    }

    /// The links that the history of the release leaves when it is replayed from nothing, and how many rows of links it has.
    fn told(&self, api: &Api, caller: &Caller) -> (BTreeMap<u64, Option<u64>>, usize) {
        let rows = all(caller, &api.history(&self.tag));
        let of_links: Vec<_> = rows.iter().filter(|row| row["link_id"].is_u64()).collect();
        let mut told = BTreeMap::new();
        for row in of_links.iter().rev() {
            let (id, after) = (row["link_id"].as_u64().unwrap(), &row["after"]);
            if after.is_null() {
                told.remove(&id);
            } else {
                let mut link = after.clone();
                link["direct_asset_url"] =
                    json!(format!("/{}/downloads{}", self.tag, text(&after["direct_asset_path"])));
                told.insert(id, self.number(&link));
            }
        }
        (told, of_links.len())
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// All entries of a list.
fn all(caller: &Caller, list: &str) -> Vec<Value> {
    let mut entries = Vec::new();
    for page in 1.. {
        let answer = caller.get(format!("{list}?per_page=100&page={page}")).send().status(200).json();
        let found = answer.as_array().unwrap();
        entries.extend_from_slice(found);
        if found.len() < 100 {
            break;
        }
    }
    entries
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
