//! A disk that forgets what was not synced: the files of a directory as a power cut would leave them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use fastrand::Rng;

use crate::trace::Event;

#[derive(Clone)]
enum Change {
    Write(usize, Vec<u8>),
    Append(Vec<u8>),
    Cut(usize),
}

impl Change {
    fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Self::Write(at, bytes) => {
                let end = at + bytes.len();
                content.resize(content.len().max(end), 0);
                content[*at..end].copy_from_slice(bytes);
            }
            Self::Append(bytes) => content.extend(bytes),
            Self::Cut(length) => content.resize(*length, 0),
        }
    }
}

#[derive(Default)]
struct Inode {
    is_directory: bool,
    /// What a power cut leaves for sure.
    safe: Vec<u8>,
    /// What has happened since, each of which it may leave or not.
    unsynced: Vec<Change>,
}

/// What of the changes that were not synced a power cut leaves.
pub enum Leaving<'a> {
    Nothing,
    /// Each with even odds.
    Some(&'a mut Rng),
}

/// All below one directory, which itself was there before.
pub struct Disk {
    base: PathBuf,
    inodes: Vec<Inode>,
    names: BTreeMap<PathBuf, usize>,
    safe_names: BTreeMap<PathBuf, usize>,
    /// What each thread's sync covers: how many changes of which file, or the names of a directory.
    syncing: BTreeMap<u32, Sync>,
}

enum Sync {
    File(usize, usize),
    Names(PathBuf, BTreeMap<PathBuf, usize>),
}

impl Disk {
    /// A disk on which nothing is below `base`.
    pub fn new(base: &Path) -> Self {
        let (names, safe_names) = (BTreeMap::new(), BTreeMap::new());
        Self { base: base.to_owned(), inodes: Vec::new(), names, safe_names, syncing: BTreeMap::new() }
    }

    /// Puts a file there that is wholly on disk.
    pub fn put_safe(&mut self, path: &Path, content: Vec<u8>) {
        let inode = self.made(path, false);
        self.inodes[inode].safe = content;
        self.safe_names.insert(path.to_owned(), inode);
    }

    /// Puts a file there of which nothing has reached the disk, not even its name.
    pub fn put_unsynced(&mut self, path: &Path, content: Vec<u8>) {
        let inode = self.made(path, false);
        self.inodes[inode].unsynced.push(Change::Write(0, content));
    }

    fn made(&mut self, path: &Path, is_directory: bool) -> usize {
        if let Some(inode) = self.names.get(path) {
            return *inode;
        }
        self.inodes.push(Inode { is_directory, ..Inode::default() });
        self.names.insert(path.to_owned(), self.inodes.len() - 1);
        self.inodes.len() - 1
    }

    fn change(&mut self, path: &str, change: Change) {
        if let Some(inode) = self.names.get(Path::new(path)) {
            self.inodes[*inode].unsynced.push(change);
        }
    }

    /// The entries of a directory among `names`.
    fn entries(names: &BTreeMap<PathBuf, usize>, directory: &Path) -> BTreeMap<PathBuf, usize> {
        let inside = |path: &&PathBuf| path.parent() == Some(directory);
        names.keys().filter(inside).map(|path| (path.clone(), names[path])).collect()
    }

    /// Follows what a process has done.
    pub fn follow(&mut self, event: &Event) {
        match event {
            Event::MadeDirectory(path) | Event::MadeFile(path) if !Path::new(path).starts_with(&self.base) => {}
            Event::MadeDirectory(path) => drop(self.made(Path::new(path), true)),
            Event::MadeFile(path) => drop(self.made(Path::new(path), false)),
            Event::Wrote { path, at, bytes } => self.change(path, Change::Write(*at, bytes.clone())),
            Event::Appended { path, bytes } => self.change(path, Change::Append(bytes.clone())),
            Event::Renamed { from, to } => {
                if let Some(inode) = self.names.remove(Path::new(from)) {
                    self.names.insert(PathBuf::from(to), inode);
                }
            }
            Event::Cut { path, length } => self.change(path, Change::Cut(*length)),
            Event::Removed(path) => drop(self.names.remove(Path::new(path))),
            Event::SyncBegan { thread, path } => {
                let path = Path::new(path);
                let sync = match self.names.get(path) {
                    Some(&inode) if !self.inodes[inode].is_directory => {
                        Sync::File(inode, self.inodes[inode].unsynced.len())
                    }
                    _ => Sync::Names(path.to_owned(), Self::entries(&self.names, path)),
                };
                self.syncing.insert(*thread, sync);
            }
            Event::SyncEnded { thread, .. } => match self.syncing.remove(thread) {
                Some(Sync::File(inode, count)) => {
                    let Inode { safe, unsynced, .. } = &mut self.inodes[inode];
                    unsynced.drain(..count).for_each(|change| change.apply(safe));
                }
                Some(Sync::Names(directory, entries)) => {
                    self.safe_names.retain(|path, _| path.parent() != Some(&directory));
                    self.safe_names.extend(entries);
                }
                None => {}
            },
            Event::Asked { .. } | Event::Answered { .. } => {}
        }
    }

    /// Writes into `target` what a power cut now would leave.
    pub fn cut_power(&self, target: &Path, mut leaving: Leaving<'_>) {
        for (path, &inode) in &self.safe_names {
            let below = path.strip_prefix(&self.base).unwrap();
            let above = path.ancestors().skip(1).take_while(|above| *above != self.base);
            if !above.into_iter().all(|above| self.safe_names.contains_key(above)) {
                continue;
            }
            let Inode { is_directory, safe, unsynced } = &self.inodes[inode];
            if *is_directory {
                fs::create_dir_all(target.join(below)).unwrap();
                continue;
            }
            let mut content = safe.clone();
            if let Leaving::Some(rng) = &mut leaving {
                unsynced.iter().filter(|_| rng.bool()).for_each(|change| change.apply(&mut content));
            }
            fs::write(target.join(below), content).unwrap();
        }
    }
}
