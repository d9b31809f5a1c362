//! Links: finding, adding, changing and deleting them, and never those of another project or release.

use release_links_domain::access::{AccessLevel, Admission, Reader};
use release_links_domain::link::{Change, Link, LinkChanges, LinkFields, LinkType, OnConflict};
use release_links_domain::project::ProjectRef;
use release_links_domain::token::AcceptedTokens;
use release_links_ports::{Claim, LinkRefused, PageRequest, Precondition, ReleaseKey, TokenDigest, WriteError};

use crate::scene::{Scene, at, by_id, fields, key, new_project, new_token, origin, plain, reader, set_to};
use crate::tokens::job_token;

pub async fn a_link_is_returned_as_it_was_created(scene: Scene) {
    let start = scene.start().await;
    let key = key(&start.project, "v1.0");
    let given = LinkFields { link_type: LinkType::Image, ..fields(" Ünï 'x' ", "a b", Some("/bin/a-b.c")) };
    let link = scene.link(start.project.id, start.release.id, given.clone()).await;
    assert_eq!(link.fields, given);
    assert_eq!(scene.found_link(&key, link.id).await.as_ref(), Some(&link));
    assert_eq!(scene.links(&key, 1, 20).await.rows.first(), Some(&link));
    let by_path = scene.store.links.get_by_path(&key, "/bin/a-b.c").await.unwrap().unwrap();
    assert_eq!(by_path.found, Some(link));
    assert_eq!(by_path.project.id, start.project.id);
}

fn claim(token: u8) -> Claim {
    let (digest, accepted) = (TokenDigest([token; 32]), AcceptedTokens::Any);
    Claim { digest, accepted, now: at(9), admission: Admission::ReadReleases }
}

pub async fn a_link_is_read_for_whoever_bears_a_token_now(scene: Scene) {
    let start = scene.start().await;
    let link = scene.link(start.project.id, start.release.id, plain("a")).await;
    let bob = scene.user("bob").await.id;
    let bearer = Reader { user: Some(bob), administrator: false, only: None, admission: Admission::ReadReleases };
    let token = scene.store.tokens.create_personal(bob, new_token(7)).await.unwrap().id;
    let other = scene.another_store();
    let read = async || {
        scene.settle();
        let by_path = ProjectRef::Path(start.project.full_path.clone());
        let mut found = Vec::new();
        for project in [by_id(&start.project), by_path.clone(), by_id(&start.project), by_path] {
            let (facts, view) = other.links.get_for_bearer(&claim(7), &project, "v1.0", link.id).await.unwrap();
            assert_eq!(facts, other.credentials.find(&claim(7).digest).await.unwrap());
            let key = ReleaseKey { project, tag: "v1.0".to_owned(), reader: bearer };
            if view.is_some() {
                assert_eq!(view, other.links.get(&key, link.id).await.unwrap());
            }
            found.push(view.map(|view| view.found));
        }
        found.dedup();
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    };
    assert_eq!(read().await, Some(None));
    scene.project_member(start.project.id, bob, AccessLevel::Guest).await;
    assert_eq!(read().await, Some(Some(link.clone())));
    let nowhere = ProjectRef::Path("ada/nowhere".parse().unwrap());
    let (facts, view) = other.links.get_for_bearer(&claim(7), &nowhere, "v1.0", link.id).await.unwrap();
    assert!(facts.is_some() && view.is_none());
    scene.store.tokens.revoke(None, token).await.unwrap();
    assert_eq!(read().await, None);
    scene.store.users.delete(bob).await.unwrap();
    assert_eq!(read().await, None);
}

pub async fn a_link_is_not_read_for_a_bearer_who_is_refused(scene: Scene) {
    let start = scene.start().await;
    let link = scene.link(start.project.id, start.release.id, plain("a")).await;
    let namespace = scene.own_namespace(start.owner.id).await;
    let other = scene.project(namespace, "other", start.owner.id).await;
    scene.store.tokens.create_for_job(job_token(start.project.id, start.owner.id, 7)).await.unwrap();
    scene.store.tokens.create_for_job(job_token(other.id, start.owner.id, 8)).await.unwrap();
    let ended = Claim { now: at(100), ..claim(7) };
    let elsewhere = Claim { accepted: AcceptedTokens::Access, ..claim(7) };
    for project in [by_id(&start.project), ProjectRef::Path(start.project.full_path.clone())] {
        // The first time is not like the others where storage remembers tokens.
        for _ in 0..2 {
            for (claim, is_known, seen) in [
                (claim(7), true, Some(Some(link.clone()))),
                (ended, true, None),
                (elsewhere, true, None),
                (claim(8), true, Some(None)),
                (claim(9), false, None),
            ] {
                let read = scene.store.links.get_for_bearer(&claim, &project, "v1.0", link.id).await.unwrap();
                assert_eq!((read.0.is_some(), read.1.map(|view| view.found)), (is_known, seen), "{claim:?}");
            }
        }
    }
}

pub async fn an_id_is_higher_than_that_of_any_earlier_link(scene: Scene) {
    let start = scene.start().await;
    let (project, release) = (start.project.id, start.release.id);
    let first = scene.link(project, release, plain("a")).await.id;
    let second = scene.link(project, release, plain("b")).await.id;
    assert!(second > first);
    scene.store.links.delete(project, release, second, Precondition::NONE, origin()).await.unwrap();
    let third = scene.link(project, release, plain("c")).await.id;
    assert!(third > second);
    scene.store.links.delete(project, release, third, Precondition::NONE, origin()).await.unwrap();
    scene.store.links.delete(project, release, first, Precondition::NONE, origin()).await.unwrap();

    let scene = scene.reopened();
    let other = scene.release(project, "v2.0", vec![plain("d"), plain("e")]).await;
    assert!(other.links.iter().all(|link| link.id > third), "{:?}", other.links);
}

pub async fn a_link_of_another_project_is_not_found_changed_or_deleted(scene: Scene) {
    let start = scene.start().await;
    let link = scene.link(start.project.id, start.release.id, fields("a", "a", Some("/bin/a"))).await;
    let namespace = scene.own_namespace(start.owner.id).await;
    let foreign = scene.store.projects.create(new_project(namespace, "other", start.owner.id)).await.unwrap();
    let foreign_key = key(&foreign, "v1.0");
    let links = &scene.store.links;

    assert_eq!(links.list(&foreign_key, PageRequest::default()).await.unwrap().unwrap().found, None);
    scene.release(foreign.id, "v1.0", Vec::new()).await;
    assert_eq!(links.get(&foreign_key, link.id).await.unwrap().unwrap().found, None);
    assert_eq!(links.get_by_path(&foreign_key, "/bin/a").await.unwrap().unwrap().found, None);
    assert_eq!(scene.links(&foreign_key, 1, 20).await.rows, []);

    let release = start.release.id;
    assert!(matches!(
        links.create(foreign.id, release, plain("b").into(), Some(OnConflict::Fail), origin()).await,
        Err(WriteError::Gone)
    ));
    assert!(matches!(
        links.update(foreign.id, release, link.id, set_to(&plain("c")), Precondition::NONE, origin()).await,
        Err(WriteError::Gone)
    ));
    assert!(matches!(
        links.delete(foreign.id, release, link.id, Precondition::NONE, origin()).await,
        Err(WriteError::Gone)
    ));
    assert_eq!(scene.links(&key(&start.project, "v1.0"), 1, 20).await.rows, [link]);
}

pub async fn a_link_of_another_release_is_not_found_changed_or_deleted(scene: Scene) {
    let start = scene.start().await;
    let project = start.project.id;
    let link = scene.link(project, start.release.id, fields("a", "a", Some("/bin/a"))).await;
    let other = scene.release(project, "v2.0", vec![plain("b")]).await;
    let other_key = key(&start.project, "v2.0");
    let links = &scene.store.links;

    assert_eq!(scene.found_link(&other_key, link.id).await, None);
    assert_eq!(links.get_by_path(&other_key, "/bin/a").await.unwrap().unwrap().found, None);
    assert!(matches!(
        links.update(project, other.id, link.id, set_to(&plain("c")), Precondition::NONE, origin()).await,
        Err(WriteError::Gone)
    ));
    assert!(matches!(
        links.delete(project, other.id, link.id, Precondition::NONE, origin()).await,
        Err(WriteError::Gone)
    ));
    assert_eq!(scene.found_link(&key(&start.project, "v1.0"), link.id).await, Some(link));
}

pub async fn a_text_that_is_not_a_tag_or_path_finds_nothing(scene: Scene) {
    let start = scene.start().await;
    let with_path = scene.link(start.project.id, start.release.id, fields("a", "a", Some("/bin/a"))).await;
    scene.link(start.project.id, start.release.id, plain("b")).await;
    let links = &scene.store.links;
    for path in ["", "/", "bin/a", "/bin/a/", "/bin/A", "/bin/%", "/bin/a' OR '1'='1"] {
        let found = links.get_by_path(&key(&start.project, "v1.0"), path).await.unwrap().unwrap().found;
        assert_eq!(found, None, "{path:?}");
    }
    for tag in ["", "HEAD", "v1.0 ", "v1%", &"v".repeat(300)] {
        let found = links.get(&key(&start.project, tag), with_path.id).await.unwrap().unwrap().found;
        assert_eq!(found, None, "{tag:?}");
    }
}

pub async fn tags_are_case_sensitive(scene: Scene) {
    let start = scene.start().await;
    let link = scene.link(start.project.id, start.release.id, plain("a")).await;
    assert_eq!(scene.found_link(&key(&start.project, "V1.0"), link.id).await, None);
    let upper = scene.release(start.project.id, "V1.0", vec![plain("a")]).await;
    assert_eq!(scene.found_link(&key(&start.project, "V1.0"), upper.links[0].id).await.as_ref(), upper.links.first());
}

pub async fn deleting_a_link_returns_it_as_it_was(scene: Scene) {
    let start = scene.start().await;
    let (project, release) = (start.project.id, start.release.id);
    let key = ReleaseKey { reader: reader(Some(start.owner.id)), ..key(&start.project, "v1.0") };
    let link = scene.link(project, release, fields("a", "a", Some("/bin/a"))).await;
    let kept = scene.link(project, release, plain("b")).await;
    let links = &scene.store.links;

    assert_eq!(links.delete(project, release, link.id, Precondition::NONE, origin()).await.unwrap(), link);
    assert!(matches!(
        links.delete(project, release, link.id, Precondition::NONE, origin()).await,
        Err(WriteError::Gone)
    ));
    assert_eq!(scene.found_link(&key, link.id).await, None);
    assert!(matches!(
        links.update(project, release, link.id, LinkChanges::default(), Precondition::NONE, origin()).await,
        Err(WriteError::Gone)
    ));
    assert_eq!(scene.links(&key, 1, 20).await.rows, [kept]);
}

pub async fn nothing_is_added_to_a_deleted_release(scene: Scene) {
    let start = scene.start().await;
    let never = (start.release.id.get() + 1000).try_into().unwrap();
    assert!(matches!(
        scene.store.links.create(start.project.id, never, plain("a").into(), Some(OnConflict::Fail), origin()).await,
        Err(WriteError::Gone)
    ));
}

pub async fn updating_a_link_changes_what_is_given_and_keeps_the_rest(scene: Scene) {
    let start = scene.start().await;
    let (project, release) = (start.project.id, start.release.id);
    let given = LinkFields { link_type: LinkType::Package, ..fields("a", "a", Some("/bin/a")) };
    let link = scene.link(project, release, given.clone()).await;
    let update = |changes| scene.store.links.update(project, release, link.id, changes, Precondition::NONE, origin());

    let renamed = update(LinkChanges { name: Some("z".parse().unwrap()), ..LinkChanges::default() }).await.unwrap();
    assert_eq!(renamed.id, link.id);
    let expected = LinkFields { name: "z".parse().unwrap(), ..given };
    assert_eq!(renamed.fields, expected);

    let (url, path) = ("ftp://b/c".parse().unwrap(), Change::Set("/bin/c".parse().unwrap()));
    let moved = LinkChanges { url: Some(url), path, link_type: Some(LinkType::Runbook), ..LinkChanges::default() };
    let expected = moved.clone().apply(expected);
    assert_eq!(update(moved).await.unwrap().fields, expected);
    assert_eq!(scene.found_link(&key(&start.project, "v1.0"), link.id).await.unwrap().fields, expected);
}

pub async fn a_null_path_clears_the_path(scene: Scene) {
    let start = scene.start().await;
    let (project, release) = (start.project.id, start.release.id);
    let link = scene.link(project, release, fields("a", "a", Some("/bin/a"))).await;
    let changes = LinkChanges { path: Change::Clear, ..LinkChanges::default() };
    let cleared =
        scene.store.links.update(project, release, link.id, changes, Precondition::NONE, origin()).await.unwrap();
    assert_eq!(cleared.fields, plain("a"));
    assert_eq!(scene.found_link(&key(&start.project, "v1.0"), link.id).await, Some(cleared));
    scene.link(project, release, fields("b", "b", Some("/bin/a"))).await;
}

pub async fn a_write_to_a_link_is_done_only_if_its_precondition_holds(scene: Scene) {
    let start = scene.start().await;
    let (project, release) = (start.project.id, start.release.id);
    let link = scene.link(project, release, plain("a")).await;
    scene.link(project, release, plain("b")).await;
    let (key, links) = (key(&start.project, "v1.0"), &scene.store.links);
    let never = || Precondition::new(|_: &Link| false);
    // It counts before a value that is taken.
    for fields in [plain("z"), plain("b")] {
        let refused = links.update(project, release, link.id, set_to(&fields), never(), origin()).await;
        let Err(WriteError::Conflict(LinkRefused::Precondition(told))) = refused else { panic!("{refused:?}") };
        assert_eq!(*told, link);
    }
    let refused = links.delete(project, release, link.id, never(), origin()).await;
    assert!(
        matches!(&refused, Err(WriteError::Conflict(LinkRefused::Precondition(told))) if **told == link),
        "{refused:?}"
    );
    assert_eq!(scene.found_link(&key, link.id).await.as_ref(), Some(&link));

    let is = |expected: &Link| {
        let expected = expected.clone();
        Precondition::new(move |current: &Link| *current == expected)
    };
    let updated = links.update(project, release, link.id, set_to(&plain("z")), is(&link), origin()).await.unwrap();
    assert_eq!(links.delete(project, release, link.id, is(&updated), origin()).await.unwrap(), updated);
}

pub async fn of_writers_with_a_precondition_on_one_state_exactly_one_succeeds(scene: Scene) {
    let start = scene.start().await;
    let (project, release) = (start.project.id, start.release.id);
    let link = scene.link(project, release, plain("a")).await;
    let (id, before) = (link.id, link.clone());
    let outcomes = scene.race(move |store, racer| {
        let before = before.clone();
        async move {
            let is_as_before = Precondition::new(move |current: &Link| *current == before);
            store.links.update(project, release, id, set_to(&plain(&racer.to_string())), is_as_before, origin()).await
        }
    });
    let (won, lost): (Vec<_>, Vec<_>) = outcomes.await.into_iter().partition(Result::is_ok);
    assert_eq!(won.len(), 1);
    let winner = won.into_iter().next().unwrap().unwrap();
    for refused in lost {
        let Err(WriteError::Conflict(LinkRefused::Precondition(told))) = refused else { panic!("{refused:?}") };
        assert_eq!(*told, winner);
    }
    assert_eq!(scene.found_link(&key(&start.project, "v1.0"), link.id).await, Some(winner));
}
