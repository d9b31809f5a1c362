//! The key of tickets, which all servers on a database share.

use release_links_ports::TicketKey;
use tokio::task::JoinSet;

use crate::scene::Scene;

pub async fn every_server_has_the_key_of_the_first(scene: Scene) {
    let mut racing = JoinSet::new();
    for number in 1..=8 {
        let keys = scene.another_store().ticket_keys;
        racing.spawn(async move { keys.ticket_key(TicketKey([number; 32])).await.unwrap() });
    }
    let keys = racing.join_all().await;
    let key = keys[0];
    assert!((1..=8).any(|number| key == TicketKey([number; 32])), "one of them");
    assert!(keys.iter().all(|other| *other == key), "the same for all");
    assert!(scene.reopened().store.ticket_keys.ticket_key(TicketKey([9; 32])).await.unwrap() == key, "and kept");
}
