//! When tokens were last used, collected in memory so that a read request does not write.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use release_links_domain::TokenId;
use release_links_ports::{StoreError, TokenRepository};

/// Collects the uses of tokens until they are flushed to storage.
pub struct TokenUses {
    tokens: Arc<dyn TokenRepository>,
    pending: Mutex<HashMap<TokenId, Timestamp>>,
}

impl TokenUses {
    /// Collects uses for the tokens in `tokens`; the application must call [`flush`](Self::flush) periodically.
    #[must_use]
    pub fn new(tokens: Arc<dyn TokenRepository>) -> Self {
        Self { tokens, pending: Mutex::default() }
    }

    pub(crate) fn record(&self, token: TokenId, at: Timestamp) {
        // Every update leaves the map valid, so a lock that another thread poisoned is safe to use.
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let latest = pending.entry(token).or_insert(at);
        *latest = at.max(*latest);
    }

    /// Writes the collected uses in one transaction, if there are any.
    ///
    /// # Errors
    /// Returns [`StoreError`] if storage fails; the uses are kept for the next flush.
    pub async fn flush(&self) -> Result<(), StoreError> {
        let uses: Vec<_> = self.pending.lock().unwrap_or_else(PoisonError::into_inner).drain().collect();
        if uses.is_empty() {
            return Ok(());
        }
        let written = self.tokens.record_uses(uses.clone()).await;
        if written.is_err() {
            for (token, at) in uses {
                self.record(token, at);
            }
        }
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use release_links_ports::MockTokenRepository;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[tokio::test]
    async fn each_token_is_written_once_with_its_latest_use() {
        let mut tokens = MockTokenRepository::new();
        let expected = vec![(1.try_into().unwrap(), at(20))];
        tokens.expect_record_uses().withf(move |uses| *uses == expected).times(1).returning(|_| Ok(()));
        let uses = TokenUses::new(Arc::new(tokens));
        for second in [10, 20, 15] {
            uses.record(1.try_into().unwrap(), at(second));
        }
        uses.flush().await.unwrap();
        uses.flush().await.unwrap();
    }

    #[tokio::test]
    async fn uses_that_could_not_be_written_are_kept() {
        let mut tokens = MockTokenRepository::new();
        let mut answers = vec![Ok(()), Err(StoreError::Unavailable("full".into()))];
        tokens
            .expect_record_uses()
            .withf(|uses| uses.len() == 1)
            .times(2)
            .returning(move |_| answers.pop().unwrap_or(Ok(())));
        let uses = TokenUses::new(Arc::new(tokens));
        uses.record(1.try_into().unwrap(), at(10));
        assert!(uses.flush().await.is_err());
        uses.flush().await.unwrap();
    }
}
