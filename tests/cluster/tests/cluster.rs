//! A throw-away server behaves as the tests of faults expect.

use release_links_cluster::Cluster;

fn count(cluster: &Cluster) -> String {
    cluster.sql("postgres", "SELECT count(*) FROM kept")
}

#[test]
fn what_was_committed_survives_a_kill_and_what_was_not_does_not() {
    let cluster = Cluster::start_with(&[]);
    cluster.sql("postgres", "CREATE TABLE kept (n INT)");
    cluster.sql("postgres", "INSERT INTO kept VALUES (1)");
    let held = cluster.hold("postgres", "INSERT INTO kept VALUES (2)");
    cluster.kill();
    drop(held);
    cluster.start_again();
    assert_eq!(count(&cluster), "1");
    assert!(cluster.log().contains("was not properly shut down"), "{}", cluster.log());
    cluster.freeze();
    cluster.thaw();
    cluster.stop();
    cluster.start_again();
    assert_eq!(count(&cluster), "1");
}

#[test]
fn a_standby_has_all_that_was_committed_and_takes_over_to_and_fro() {
    let (mut primary, mut standby) = {
        let primary = Cluster::start_with(&[]);
        primary.sql("postgres", "CREATE TABLE kept (n INT)");
        let standby = primary.synchronous_standby();
        (primary, standby)
    };
    for round in 1..=2 {
        primary.sql("postgres", &format!("INSERT INTO kept VALUES ({round})"));
        primary.kill();
        standby.promote();
        assert_eq!(count(&standby), round.to_string());
        primary.follow(&standby);
        (primary, standby) = (standby, primary);
    }
}
