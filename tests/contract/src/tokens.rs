//! Tokens: personal ones, project tokens with their bots, and job tokens.

use jiff::civil::date;
use release_links_domain::access::AccessLevel::Developer;
use release_links_domain::project::ProjectRef;
use release_links_domain::token::{Scope, TokenFacts, TokenKind};
use release_links_domain::{ProjectId, UserId};
use release_links_ports::{
    NewJobToken, NewProjectToken, NewToken, Page, PageRequest, Renewal, TimeRange, TokenDigest, TokenFilter,
    TokenOrder, TokenRecord, WriteError,
};

use crate::scene::{Scene, at, by_id, new_token, reader};

fn digest(byte: u8) -> TokenDigest {
    TokenDigest([byte; 32])
}

pub fn project_token(project: ProjectId, byte: u8) -> NewProjectToken {
    let username = format!("project_{project}_bot_{byte}").parse().unwrap();
    NewProjectToken { project, level: Developer, username, token: new_token(byte) }
}

pub fn job_token(project: ProjectId, user: UserId, byte: u8) -> NewJobToken {
    NewJobToken { project, user, digest: digest(byte), created_at: at(6), ends_at: at(100) }
}

pub fn renewal(byte: u8) -> Renewal {
    Renewal { digest: digest(byte), expires_on: None, created_at: at(9) }
}

pub async fn find(scene: &Scene, byte: u8) -> Option<TokenFacts> {
    scene.store.credentials.find(&digest(byte)).await.unwrap()
}

pub async fn made_for_project(scene: &Scene, project: ProjectId, byte: u8) -> TokenRecord {
    scene.store.tokens.create_for_project(project_token(project, byte)).await.unwrap()
}

pub async fn personal_tokens_are_listed_oldest_first_and_filtered(scene: Scene) {
    let start = scene.start().await;
    let (ada, bob) = (start.owner.id, scene.user("bob").await.id);
    let tokens = &scene.store.tokens;
    for (user, byte, name, expires_on) in [
        (ada, 1, "Deploy", None),
        (bob, 2, "deploy", Some(date(2031, 2, 3))),
        (ada, 3, "other", Some(date(2031, 2, 4))),
        (ada, 4, "100%", None),
    ] {
        let token = NewToken { name: name.to_owned(), expires_on, ..new_token(byte) };
        tokens.create_personal(user, token).await.unwrap();
    }
    made_for_project(&scene, start.project.id, 5).await;
    tokens.create_for_job(job_token(start.project.id, ada, 6)).await.unwrap();
    let other = tokens.list(&TokenFilter { user: Some(bob), ..TokenFilter::default() }, PageRequest::default()).await;
    assert!(tokens.revoke(None, other.unwrap().rows[0].id).await.unwrap());

    let all = TokenFilter::default;
    let day = date(2031, 2, 4);
    for (filter, expected) in [
        (all(), &["Deploy", "deploy", "other", "100%"][..]),
        (TokenFilter { user: Some(ada), ..all() }, &["Deploy", "other", "100%"]),
        (TokenFilter { revoked: Some(true), ..all() }, &["deploy"]),
        (TokenFilter { revoked: Some(false), ..all() }, &["Deploy", "other", "100%"]),
        (TokenFilter { active: Some((true, date(2031, 2, 3))), ..all() }, &["Deploy", "other", "100%"]),
        (TokenFilter { active: Some((true, day)), ..all() }, &["Deploy", "100%"]),
        (TokenFilter { active: Some((false, day)), ..all() }, &["deploy", "other"]),
        (TokenFilter { search: Some("PLO".to_owned()), ..all() }, &["Deploy", "deploy"]),
        (TokenFilter { search: Some("%".to_owned()), ..all() }, &["100%"]),
        (TokenFilter { user: Some(bob), revoked: Some(false), ..all() }, &[]),
    ] {
        let page = tokens.list(&filter, PageRequest::default()).await.unwrap();
        assert_eq!(page.rows.iter().map(|token| token.name.as_str()).collect::<Vec<_>>(), expected, "{filter:?}");
        assert_eq!(page.total, Some(expected.len() as u64), "{filter:?}");
    }
}

/// Three tokens of one user, and three of a project, each three in the order of creation with a name, a day and a use.
async fn varied(scene: &Scene) -> (ProjectRef, [Vec<TokenRecord>; 2]) {
    let start = scene.start().await;
    let tokens = &scene.store.tokens;
    let (first, second) = (Some(date(2031, 2, 3)), Some(date(2031, 2, 4)));
    let mut made: [Vec<TokenRecord>; 2] = Default::default();
    for (byte, name, expires_on, used) in
        [(1, "b", None, Some(40)), (2, "A", second, None), (3, "a", first, Some(30)), (4, "C", None, None)]
    {
        let token = NewToken { name: name.to_owned(), expires_on, created_at: at(i64::from(byte)), ..new_token(byte) };
        let personal = tokens.create_personal(start.owner.id, token).await.unwrap();
        let new = project_token(start.project.id, byte + 10);
        let token =
            NewToken { name: name.to_owned(), expires_on, created_at: at(i64::from(byte)), ..new.token.clone() };
        let of_project = tokens.create_for_project(NewProjectToken { token, ..new }).await.unwrap();
        if let Some(used) = used {
            tokens.record_uses(vec![(personal.id, at(used)), (of_project.id, at(used))]).await.unwrap();
        }
        made[0].push(personal);
        made[1].push(of_project);
    }
    (by_id(&start.project), made)
}

/// The lists of all personal tokens, of one user and of the project, by the positions of the tokens in `varied`.
async fn positions(
    scene: &Scene,
    (project, made): &(ProjectRef, [Vec<TokenRecord>; 2]),
    filter: &TokenFilter,
) -> [Vec<usize>; 3] {
    let (tokens, page) = (&scene.store.tokens, PageRequest::default());
    let all = tokens.list(filter, page).await.unwrap();
    let of_user = tokens.list(&TokenFilter { user: Some(made[0][0].user), ..filter.clone() }, page).await.unwrap();
    let of_project = tokens.list_of_project(project, reader(None), filter, page).await.unwrap().unwrap().found.unwrap();
    let place = |made: &[TokenRecord], page: Page<TokenRecord>| {
        let place = |token: TokenRecord| made.iter().position(|made| made.id == token.id).unwrap();
        page.rows.into_iter().map(place).collect()
    };
    [place(&made[0], all), place(&made[0], of_user), place(&made[1], of_project)]
}

pub async fn tokens_are_filtered_by_when_they_were_created_and_used_and_expire(scene: Scene) {
    let made = varied(&scene).await;
    let range = |after: Option<i64>, before: Option<i64>| TimeRange { after: after.map(at), before: before.map(at) };
    let (all, day) = (TokenFilter::default, Some(date(2031, 2, 4)));
    for (filter, expected) in [
        (TokenFilter { created: range(Some(2), None), ..all() }, &[1, 2, 3][..]),
        (TokenFilter { created: range(Some(2), Some(3)), ..all() }, &[1, 2]),
        (TokenFilter { created: range(None, Some(1)), ..all() }, &[0]),
        (TokenFilter { last_used: range(Some(30), None), ..all() }, &[0, 2]),
        (TokenFilter { last_used: range(Some(31), None), ..all() }, &[0]),
        (TokenFilter { last_used: range(None, Some(39)), ..all() }, &[2]),
        (TokenFilter { expires_after: day, ..all() }, &[1]),
        (TokenFilter { expires_before: day, ..all() }, &[2]),
        (TokenFilter { expires_before: day, search: Some("c".to_owned()), ..all() }, &[]),
    ] {
        assert_eq!(positions(&scene, &made, &filter).await, [(); 3].map(|()| expected.to_vec()), "{filter:?}");
    }
}

pub async fn tokens_are_listed_in_the_order_asked_for_and_ties_go_by_id(scene: Scene) {
    let made = varied(&scene).await;
    for (order, expected) in [
        (TokenOrder::CreatedAscending, [0, 1, 2, 3]),
        (TokenOrder::CreatedDescending, [3, 2, 1, 0]),
        (TokenOrder::NameAscending, [1, 2, 0, 3]),
        (TokenOrder::NameDescending, [3, 0, 2, 1]),
        (TokenOrder::ExpiresAscending, [2, 1, 0, 3]),
        (TokenOrder::ExpiresAscendingIdDescending, [2, 1, 3, 0]),
        (TokenOrder::LastUsedAscending, [2, 0, 1, 3]),
        (TokenOrder::LastUsedDescending, [3, 1, 0, 2]),
    ] {
        let filter = TokenFilter { order, ..TokenFilter::default() };
        assert_eq!(positions(&scene, &made, &filter).await, [(); 3].map(|()| expected.to_vec()), "{order:?}");
    }
}

pub async fn lists_of_tokens_are_paged_and_counted(scene: Scene) {
    let start = scene.start().await;
    for byte in 1..=5 {
        scene.store.tokens.create_personal(start.owner.id, new_token(byte)).await.unwrap();
        made_for_project(&scene, start.project.id, byte + 10).await;
    }
    let filter = TokenFilter::default();
    let mut seen: [Vec<TokenRecord>; 2] = Default::default();
    for (page, has_next) in [(1, true), (2, true), (3, false)] {
        let wanted = PageRequest { page, per_page: 2 };
        let personal = scene.store.tokens.list(&filter, wanted).await.unwrap();
        let view =
            scene.store.tokens.list_of_project(&by_id(&start.project), reader(None), &filter, wanted).await.unwrap();
        for (seen, page) in seen.iter_mut().zip([personal, view.unwrap().found.unwrap()]) {
            assert_eq!((page.total, page.has_next), (Some(5), has_next));
            seen.extend(page.rows);
        }
    }
    for seen in seen {
        assert_eq!(seen.len(), 5);
        assert!(seen.is_sorted_by_key(|token| token.id));
    }
    let beyond = scene.store.tokens.list(&filter, PageRequest { page: 9, per_page: 2 }).await.unwrap();
    assert_eq!(beyond, Page { rows: Vec::new(), total: Some(5), has_next: false });
}

pub async fn a_revocation_is_visible_from_the_next_call_on(scene: Scene) {
    let ada = scene.user("ada").await.id;
    let record = scene.store.tokens.create_personal(ada, new_token(7)).await.unwrap();
    let other_store = scene.another_store();
    assert!(!other_store.credentials.find(&digest(7)).await.unwrap().unwrap().revoked);
    assert!(scene.store.tokens.revoke(None, record.id).await.unwrap());
    assert!(scene.store.credentials.find(&digest(7)).await.unwrap().unwrap().revoked);
    scene.settle();
    assert!(other_store.credentials.find(&digest(7)).await.unwrap().unwrap().revoked);
    let kept = other_store.tokens.get(record.id).await.unwrap();
    assert_eq!(kept, Some(TokenRecord { revoked: true, ..record.clone() }));
    assert!(scene.store.tokens.revoke(None, record.id).await.unwrap());
    assert!(!scene.store.tokens.revoke(None, 1000.try_into().unwrap()).await.unwrap());
}

pub async fn rotating_a_token_replaces_the_old_one(scene: Scene) {
    let ada = scene.user("ada").await.id;
    let tokens = &scene.store.tokens;
    let old = tokens.create_personal(ada, new_token(7)).await.unwrap();
    let new = tokens.rotate(None, old.id, renewal(8)).await.unwrap();
    assert_eq!(new, TokenRecord { id: new.id, created_at: at(9), ..old.clone() });
    assert!(new.id > old.id);
    assert!(find(&scene, 7).await.unwrap().revoked);
    assert!(!find(&scene, 8).await.unwrap().revoked);

    let day = Some(date(2040, 1, 1));
    let newest = tokens.rotate(None, new.id, Renewal { expires_on: day, ..renewal(9) }).await.unwrap();
    assert_eq!((newest.expires_on, &newest.scopes), (day, &old.scopes));
    let again = tokens.rotate(None, old.id, renewal(10)).await;
    assert!(matches!(again, Err(WriteError::Gone)), "{again:?}");
    let taken = tokens.rotate(None, newest.id, renewal(7)).await;
    assert!(matches!(taken, Err(WriteError::Conflict(()))), "{taken:?}");
    assert!(!find(&scene, 9).await.unwrap().revoked);
}

pub async fn of_writers_that_race_for_one_rotation_exactly_one_succeeds(scene: Scene) {
    let start = scene.start().await;
    let personal = scene.store.tokens.create_personal(start.owner.id, new_token(200)).await.unwrap();
    let of_project = made_for_project(&scene, start.project.id, 201).await;
    for (project, token, from) in [(None, personal.id, 0), (Some(start.project.id), of_project.id, 50)] {
        let outcomes = scene
            .race(move |store, racer| async move {
                let byte = u8::try_from(racer).unwrap() + from;
                let outcome = store.tokens.rotate(project, token, renewal(byte)).await;
                assert!(matches!(outcome, Ok(_) | Err(WriteError::Gone)), "{outcome:?}");
                outcome.is_ok()
            })
            .await;
        assert_eq!(outcomes.into_iter().filter(|&won| won).count(), 1);
    }
}

pub async fn no_token_is_created_for_a_deleted_project_or_user(scene: Scene) {
    let start = scene.start().await;
    let (project, user) = (1000.try_into().unwrap(), 1000.try_into().unwrap());
    let tokens = &scene.store.tokens;
    let refused = tokens.create_for_project(project_token(project, 7)).await;
    assert!(matches!(refused, Err(WriteError::Gone)), "{refused:?}");
    for (project, user) in [(project, start.owner.id), (start.project.id, user)] {
        let refused = tokens.create_for_job(job_token(project, user, 7)).await;
        assert!(matches!(refused, Err(WriteError::Gone)), "{refused:?}");
    }
    assert_eq!(find(&scene, 7).await, None);
    let nowhere = release_links_domain::project::ProjectRef::Id(project);
    assert_eq!(tokens.get_of_project(&nowhere, reader(None), None).await.unwrap(), None);
    let all = TokenFilter::default();
    assert_eq!(tokens.list_of_project(&nowhere, reader(None), &all, PageRequest::default()).await.unwrap(), None);
}

pub async fn a_job_acts_as_its_user_until_it_ends(scene: Scene) {
    let start = scene.start().await;
    let (project, user) = (start.project.id, start.owner.id);
    let record = scene.store.tokens.create_for_job(job_token(project, user, 7)).await.unwrap();
    let kind = TokenKind::Job { project, ends_at: at(100) };
    assert_eq!((record.kind, record.user, record.level), (kind, user, None));
    let facts = TokenFacts {
        id: record.id,
        kind,
        user: Some(user),
        administrator: false,
        bot: false,
        scopes: Vec::<Scope>::new(),
        expires_on: None,
        revoked: false,
    };
    assert_eq!(find(&scene, 7).await, Some(facts));
    assert!(scene.store.tokens.end_job(project, None, record.id, at(99)).await.unwrap());
    assert_eq!(find(&scene, 7).await, None);
    assert!(!scene.store.tokens.end_job(project, None, record.id, at(99)).await.unwrap());
}

pub async fn a_job_is_ended_by_its_user_and_in_its_project_only(scene: Scene) {
    let start = scene.start().await;
    let (project, user) = (start.project.id, start.owner.id);
    let other = scene.project(scene.own_namespace(user).await, "other", user).await.id;
    let stranger = scene.user("bob").await.id;
    let tokens = &scene.store.tokens;
    let job = tokens.create_for_job(job_token(project, user, 7)).await.unwrap().id;
    let personal = tokens.create_personal(user, new_token(8)).await.unwrap().id;
    for (project, user, token, now) in [
        (other, None, job, at(9)),
        (project, Some(stranger), job, at(9)),
        (project, Some(user), job, at(100)),
        (project, Some(user), personal, at(9)),
    ] {
        assert!(!tokens.end_job(project, user, token, now).await.unwrap());
    }
    assert!(find(&scene, 7).await.is_some() && find(&scene, 8).await.is_some());
    assert!(tokens.end_job(project, Some(user), job, at(9)).await.unwrap());
}

pub async fn running_jobs_of_a_project_are_listed_oldest_first_in_pages(scene: Scene) {
    let start = scene.start().await;
    let (project, ada) = (start.project.id, start.owner.id);
    let bob = scene.user("bob").await.id;
    let other = scene.project(scene.own_namespace(ada).await, "other", ada).await.id;
    let tokens = &scene.store.tokens;
    for job in [
        job_token(project, ada, 1),
        job_token(other, ada, 2),
        NewJobToken { ends_at: at(50), ..job_token(project, ada, 3) },
        job_token(project, bob, 4),
        job_token(project, ada, 5),
    ] {
        tokens.create_for_job(job).await.unwrap();
    }
    made_for_project(&scene, project, 6).await;
    let listed = async |now, page, per_page| {
        let wanted = PageRequest { page, per_page };
        let view = scene.store.tokens.list_of_jobs(&by_id(&start.project), reader(None), at(now), wanted).await;
        let Page { rows, total, has_next } = view.unwrap().unwrap().found.unwrap();
        (rows.into_iter().map(|token| (token.user, token.kind)).collect::<Vec<_>>(), total, has_next)
    };
    let job = |user, second| (user, TokenKind::Job { project, ends_at: at(second) });
    assert_eq!(listed(49, 1, 3).await, (vec![job(ada, 100), job(ada, 50), job(bob, 100)], Some(4), true));
    assert_eq!(listed(49, 2, 3).await, (vec![job(ada, 100)], Some(4), false));
    assert_eq!(listed(50, 1, 9).await, (vec![job(ada, 100), job(bob, 100), job(ada, 100)], Some(3), false));
    scene.store.users.delete(bob).await.unwrap();
    assert_eq!(listed(50, 9, 1).await, (vec![], Some(2), false));
    assert_eq!(listed(100, 1, 9).await, (vec![], Some(0), false));
}

pub async fn the_latest_use_of_a_token_is_kept(scene: Scene) {
    let ada = scene.user("ada").await.id;
    let tokens = &scene.store.tokens;
    let (one, two) = (new_token(1), new_token(2));
    let one = tokens.create_personal(ada, one).await.unwrap().id;
    let two = tokens.create_personal(ada, two).await.unwrap().id;
    let gone = 1000.try_into().unwrap();
    tokens.record_uses(vec![(one, at(20)), (gone, at(20)), (two, at(30))]).await.unwrap();
    tokens.record_uses(vec![(one, at(25)), (two, at(10))]).await.unwrap();
    let used = async |token| scene.store.tokens.get(token).await.unwrap().unwrap().last_used_at;
    assert_eq!((used(one).await, used(two).await), (Some(at(25)), Some(at(30))));
    scene.store.tokens.record_uses(Vec::new()).await.unwrap();
}
