#![doc = include_str!("../README.md")]
#![allow(clippy::expect_used, reason = "a broken state fails the test by panicking")]

mod channels;
mod following;
mod groups;
mod history;
mod kept_files;
mod keys;
mod links;
mod listing;
mod members;
mod packages;
mod places;
mod projects;
mod protected_tags;
mod releases;
mod removing;
mod state;
mod tags;
mod tokens;
mod uploads;
mod users;
mod view;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use release_links_domain::history::Origin;
use release_links_domain::location::ExternalUrl;
use release_links_ports::{Health, StoreError};

use state::State;

/// A store that is empty at first. Its clones share what it holds.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore(Arc<Mutex<State>>);

impl MemoryStore {
    /// Makes links to the files of the service follow them: links whose URLs are addresses below this one.
    #[must_use]
    pub fn serving_at(self, external: ExternalUrl) -> Self {
        self.lock().external = Some(external);
        self
    }

    /// Answers a question about the state as it is now.
    #[expect(clippy::unnecessary_wraps, reason = "the ports return what may fail elsewhere")]
    fn read<T>(&self, query: impl FnOnce(&State) -> T) -> Result<T, StoreError> {
        Ok(query(&self.lock()))
    }

    /// Changes the state, or leaves it as it was if `change` fails.
    fn write<T, E>(&self, change: impl FnOnce(&mut State) -> Result<T, E>) -> Result<T, E> {
        let mut state = self.lock();
        let mut changed = state.clone();
        let outcome = change(&mut changed)?;
        *state = changed;
        Ok(outcome)
    }

    /// As [`write`](Self::write), for what is written to links, releases or channels: adds the difference to the history.
    fn record<T, E>(&self, origin: Origin, change: impl FnOnce(&mut State) -> Result<T, E>) -> Result<T, E> {
        let mut state = self.lock();
        let mut changed = state.clone();
        let outcome = change(&mut changed)?;
        changed.add_to_history(&state, origin);
        *state = changed;
        Ok(outcome)
    }

    /// A writer that panicked has not replaced the state, so it is whole.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Health for MemoryStore {
    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
