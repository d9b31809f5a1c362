//! Keys, which all servers on a database share.

use release_links_ports::{DatabaseKey, KeyUse};
use tokio::task::JoinSet;

use crate::scene::Scene;

pub async fn every_server_has_the_keys_of_the_first(scene: Scene) {
    let mut racing = JoinSet::new();
    for number in 1..=8 {
        let keys = scene.another_store().keys;
        racing.spawn(async move { keys.key(KeyUse::Tickets, DatabaseKey([number; 32])).await.unwrap() });
    }
    let keys = racing.join_all().await;
    let key = keys[0];
    assert!((1..=8).any(|number| key == DatabaseKey([number; 32])), "one of them");
    assert!(keys.iter().all(|other| *other == key), "the same for all");
    let other = DatabaseKey([9; 32]);
    assert!(scene.store.keys.key(KeyUse::Files, other).await.unwrap() == other, "one for each use");
    let scene = scene.reopened();
    for (of, expected) in [(KeyUse::Tickets, key), (KeyUse::Files, other)] {
        assert!(scene.store.keys.key(of, DatabaseKey([10; 32])).await.unwrap() == expected, "and kept");
    }
}
