//! Input is limited, even for writers that race; what is already stored is not.

use std::sync::Arc;

use release_links_domain::Stored;
use release_links_domain::access::TagCreateLevel::Maintainers;
use release_links_domain::access::{RuleObstacle, TagRule};
use release_links_domain::job::JobObstacle;
use release_links_domain::link::{AssetPath, Link, LinkConflict, LinkName, LinkObstacle, LinkUrl, OnConflict};
use release_links_domain::namespace::{DisplayName, NamespaceRef};
use release_links_domain::release::ReleaseChanges;
use release_links_domain::tag::TagSearch;
use release_links_domain::user::EmailAddress;

use release_links_ports::{
    LinkNotCreated, MAX_LINK_BYTES, NewJobToken, PageRequest, Precondition, ReleaseOrder, Sort, TagQuery, TokenDigest,
    WriteError,
};

use crate::SqlDatabase;
use crate::scene::{Scene, Start, at, by_id, candidate, key, origin, plain, reader, set_to};

pub async fn what_was_stored_is_read_whatever_the_limits_are_now(scene: Scene, database: Arc<dyn SqlDatabase>) {
    let start = scene.start().await;
    let group = scene.group("top", None).await.id;
    let link = scene.link(start.project.id, start.release.id, plain("a")).await.id;
    let long = "x".repeat(3_000);
    let name = format!("line\n{long}");
    let url = format!("https://files.example.com/{long}");
    database.sql(&format!(
        "UPDATE links SET name = '{name}', url = '{url}', path = '/bin/{long}';
        UPDATE releases SET name = '{name}', description = '{name}';
        UPDATE users SET name = '{name}', email = '{long}@example.com';
        UPDATE namespaces SET name = '{name}';
        UPDATE projects SET name = '{name}';"
    ));

    let fields = scene.found_link(&key(&start.project, "v1.0"), link).await.unwrap().fields;
    assert_eq!(fields.name, LinkName::from_stored(name.clone()).unwrap());
    assert_eq!(fields.url, LinkUrl::from_stored(url).unwrap());
    assert_eq!(fields.path, Some(AssetPath::from_stored(format!("/bin/{long}")).unwrap()));
    let release = scene.store.releases.get(&key(&start.project, "v1.0")).await.unwrap().unwrap().found.unwrap();
    assert_eq!((release.name.as_ref(), release.description.as_ref()), (Some(&name), Some(&name)));
    assert_eq!(release.links[0].fields, fields);
    let user = scene.store.users.get(start.owner.id).await.unwrap().unwrap();
    assert_eq!(user.name, name);
    assert_eq!(user.email, EmailAddress::from_stored(format!("{long}@example.com")).unwrap());
    let display = DisplayName::from_stored(name).unwrap();
    let found = scene.store.groups.find(&NamespaceRef::Id(group), None).await.unwrap().unwrap();
    assert_eq!(found.group.name, display);
    let project = scene.store.projects.get(&by_id(&start.project), reader(None)).await.unwrap().unwrap();
    assert_eq!(project.found.unwrap().project.name, display);
}

/// Creates a release with that many links. The caller ensures that it may have them.
async fn release_of(scene: &Scene, links: usize) -> Start {
    let start = scene.start().await;
    let project = start.project.id;
    scene.store.releases.delete(project, start.release.id, false, Precondition::NONE, origin()).await.unwrap();
    let links = (1..=links).map(|number| plain(&format!("n{number}"))).collect();
    Start { release: scene.release(project, "v1.0", links).await, ..start }
}

pub async fn racing_writers_fill_a_release_with_links_up_to_the_limit(scene: Scene) {
    let start = release_of(&scene, Link::MAX_PER_RELEASE - 3).await;
    let (project, release) = (start.project.id, start.release.id);
    let outcomes = scene.race(|store, racer| async move {
        store
            .links
            .create(project, release, plain(&format!("racer-{racer}")).into(), Some(OnConflict::Fail), origin())
            .await
    });
    let (made, refused): (Vec<_>, Vec<_>) = outcomes.await.into_iter().partition(Result::is_ok);
    assert_eq!(made.len(), 3);
    for refusal in refused {
        assert!(
            matches!(&refusal, Err(WriteError::Conflict(told)) if *told == LinkNotCreated::Faults(LinkObstacle::TooMany.into())),
            "{refusal:?}"
        );
    }
    assert_eq!(scene.links(&key(&start.project, "v1.0"), 1, 1).await.total, Some(Link::MAX_PER_RELEASE as u64));
}

pub async fn a_release_above_the_limit_of_links_is_readable_and_gets_no_more(scene: Scene) {
    let start = release_of(&scene, 14 * Link::MAX_PER_RELEASE).await;
    let (project, release, key) = (start.project.id, start.release.id, key(&start.project, "v1.0"));
    let found = scene.store.releases.get(&key).await.unwrap().unwrap().found.unwrap();
    assert_eq!((found.links.len(), found.is_partial()), (Link::MAX_PER_RELEASE, true));
    let page = PageRequest::default();
    let (order, sort) = (ReleaseOrder::default(), Sort::default());
    let project_ref = by_id(&start.project);
    let view = scene.store.releases.list(&project_ref, reader(None), order, sort, page);
    let batch = view.await.unwrap().unwrap().found.unwrap().batch;
    assert_eq!((batch.rows, batch.rest.as_slice()), (vec![], &[release][..]));
    let mut whole = scene.store.releases.read_on(project, batch.rest).await.unwrap().rows;
    let whole = whole.pop().unwrap();
    assert_eq!((whole.links.len(), whole.is_partial()), (14 * Link::MAX_PER_RELEASE, false));
    assert_eq!(whole.links[..Link::MAX_PER_RELEASE], found.links);
    let for_write = async |link| {
        let view = scene.store.links.load_for_write(&key, link, &candidate(&plain("a"))).await.unwrap().unwrap();
        view.found.unwrap().links
    };
    assert_eq!((for_write(None).await, for_write(Some(found.links[0].id)).await), (Link::MAX_PER_RELEASE, 0));
    let refused = scene.store.links.create(project, release, plain("a").into(), Some(OnConflict::Fail), origin()).await;
    assert!(
        matches!(&refused, Err(WriteError::Conflict(told)) if *told == LinkNotCreated::Faults(LinkObstacle::TooMany.into())),
        "{refused:?}"
    );
    let changed = scene
        .store
        .links
        .update(project, release, found.links[0].id, set_to(&plain("a")), Precondition::NONE, origin())
        .await
        .unwrap();
    assert_eq!(changed.fields, plain("a"));
    scene.store.links.delete(project, release, changed.id, Precondition::NONE, origin()).await.unwrap();
}

pub async fn a_release_shows_no_more_text_of_its_links_than_is_read_at_once(
    scene: Scene,
    database: Arc<dyn SqlDatabase>,
) {
    let start = scene.start().await;
    let (project, releases) = (start.project.id, &scene.store.releases);
    let release = scene.release(project, "v2.0", (10..40).map(|number| plain(&number.to_string())).collect()).await;
    // Large values that both databases compress well because they repeat themselves.
    let doublings = 13;
    for _ in 0..doublings {
        database.sql(&format!("UPDATE links SET url = url || url WHERE release_id = {}", release.id.get()));
    }
    let bytes = 2 + (release.links[0].fields.url.as_str().len() << doublings);
    let most = MAX_LINK_BYTES / bytes;
    assert!(most < 30);
    let view = releases.get(&key(&start.project, "v2.0")).await.unwrap().unwrap();
    let read = releases.read_on(project, vec![release.id]).await.unwrap().rows;
    let updated =
        releases.update(project, release.id, ReleaseChanges::default(), Precondition::NONE, origin()).await.unwrap();
    for shown in [&view.found.unwrap(), &read[0], &updated] {
        let ids: Vec<_> = shown.links.iter().map(|link| link.id).collect();
        let newest: Vec<_> = release.links.iter().map(|link| link.id).take(most).collect();
        assert_eq!((ids, shown.link_count), (newest, 30));
    }
}

pub async fn a_conflict_is_reported_before_too_many_links(scene: Scene) {
    let start = release_of(&scene, Link::MAX_PER_RELEASE).await;
    let refused = scene
        .store
        .links
        .create(start.project.id, start.release.id, plain("n7").into(), Some(OnConflict::Fail), origin())
        .await;
    let holder = start.release.links.iter().find(|link| link.fields.name.as_str() == "n7").map(|link| link.id);
    let taken = LinkConflict { name: holder, url: holder, path: None };
    assert!(
        matches!(&refused, Err(WriteError::Conflict(told)) if *told == LinkNotCreated::Faults(taken.into())),
        "{refused:?}"
    );
}

pub async fn racing_writers_fill_a_project_with_rules_up_to_the_limit(scene: Scene) {
    let project = scene.start().await.project.id;
    for number in 3..TagRule::MAX_PER_PROJECT {
        let pattern = format!("n{number}").parse().unwrap();
        scene.store.protected_tags.create(project, pattern, Maintainers).await.unwrap();
    }
    let outcomes = scene.race(|store, racer| async move {
        store.protected_tags.create(project, format!("racer-{racer}").parse().unwrap(), Maintainers).await
    });
    let (made, refused): (Vec<_>, Vec<_>) = outcomes.await.into_iter().partition(Result::is_ok);
    assert_eq!(made.len(), 3);
    for refusal in refused {
        assert!(matches!(refusal, Err(WriteError::Conflict(RuleObstacle::TooMany))), "{refusal:?}");
    }
}

pub async fn a_project_above_the_limit_of_rules_shows_them_all_and_gets_no_more(
    scene: Scene,
    database: Arc<dyn SqlDatabase>,
) {
    let start = scene.start().await;
    database.sql(&format!(
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 11000)
        INSERT INTO protected_tags (project_id, pattern, create_level) SELECT {}, 'n' || n, 40 FROM numbers",
        start.project.id
    ));
    let (project, rules) = (start.project.id, &scene.store.protected_tags);
    let for_write =
        scene.store.releases.load_for_write(&by_id(&start.project), reader(None), None).await.unwrap().unwrap();
    assert_eq!(for_write.found.unwrap().rules.len(), 11_000);
    let refused = rules.create(project, "v*".parse().unwrap(), Maintainers).await;
    assert!(matches!(refused, Err(WriteError::Conflict(RuleObstacle::TooMany))), "{refused:?}");
    let refused = rules.create(project, "n7".parse().unwrap(), Maintainers).await;
    assert!(matches!(refused, Err(WriteError::Conflict(RuleObstacle::Taken))), "{refused:?}");
    let found = rules.get(&by_id(&start.project), reader(None), "n7").await.unwrap().unwrap().found.unwrap();
    assert!(rules.delete(project, found.id).await.unwrap());
}

pub async fn racing_writers_fill_a_project_with_job_tokens_up_to_the_limit(scene: Scene) {
    let start = scene.start().await;
    let (project, user) = (start.project.id, start.owner.id);
    let job = move |number: usize, second| {
        let mut digest = [0; 32];
        digest[..8].copy_from_slice(&number.to_le_bytes());
        NewJobToken { project, user, digest: TokenDigest(digest), created_at: at(second), ends_at: at(second + 100) }
    };
    let most = JobObstacle::MAX_PER_PROJECT;
    for round in 0..most / 50 {
        let made = scene.race(|store, racer| async move {
            // Those of the last round race for the two places that those of the first leave.
            let is_left_out = round == 0 && racer < 2;
            is_left_out || store.tokens.create_for_job(job(50 * round + racer, 6)).await.is_ok()
        });
        assert!(made.await.into_iter().all(|made| made), "{round}");
    }
    let outcomes = scene.race(|store, racer| async move { store.tokens.create_for_job(job(most + racer, 6)).await });
    let (made, refused): (Vec<_>, Vec<_>) = outcomes.await.into_iter().partition(Result::is_ok);
    assert_eq!(made.len(), 2);
    for refusal in refused {
        assert!(matches!(refusal, Err(WriteError::Conflict(JobObstacle::TooMany))), "{refusal:?}");
    }
    // Those that have expired do not count.
    scene.store.tokens.create_for_job(job(2 * most, 106)).await.unwrap();
}

pub async fn a_search_that_is_too_long_finds_no_tag(scene: Scene) {
    let project = scene.start().await.project;
    let tags = &scene.store.tags;
    let query = TagQuery { search: Some(TagSearch::Nothing), ..TagQuery::default() };
    for (page, total) in [(1, Some(0)), (2, Some(0))] {
        let wanted = PageRequest { page, per_page: 20 };
        let view = tags.list(&by_id(&project), reader(None), query.clone(), wanted).await.unwrap().unwrap();
        let found = view.found.unwrap();
        assert_eq!((found.batch.rows.len(), found.total), (0, total));
    }
}
