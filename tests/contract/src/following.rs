//! Links that lead to a file of their own project: they have its digest and size, and a release keeps what it links to.

use release_links_domain::ProjectId;
use release_links_domain::file::{FileObstacle, Upload};
use release_links_domain::history::{Event, HistoryFilter};
use release_links_domain::link::{
    AssetDigest, AssetSize, Change, Link, LinkChanges, LinkFields, Manifest, ManifestFaults, OnConflict, Outcome,
};
use release_links_domain::project::Project;
use release_links_domain::release::Release;
use release_links_ports::{
    FileWriteError, LinkNotCreated, LinkRefused, ManifestRefused, NewUpload, PageRequest, Precondition, ProjectChanges,
    ReleaseRefused, Run, WriteError,
};

use crate::EXTERNAL_URL;
use crate::packages::{bytes, named};
use crate::scene::{Scene, Start, at, by_id, key, new_release, origin, origin_at, plain, reader};

/// Returns a link with this URL, of which neither digest nor size is known.
fn to(name: &str, url: &str) -> LinkFields {
    LinkFields { url: url.parse().unwrap(), digest: None, size: None, ..plain(name) }
}

/// Returns the address of the file `hello/1.2/a.zip` of a project.
fn address(project: ProjectId) -> String {
    format!("{EXTERNAL_URL}/api/v4/projects/{project}/packages/generic/hello/1.2/a.zip")
}

/// Publishes bytes as the file `hello/1.2/a.zip` at that second.
async fn publish(scene: &Scene, project: &Project, number: u8, second: i64) -> Result<(), FileWriteError> {
    let file = named("hello", "1.2", "a.zip");
    let packages = &scene.store.packages;
    packages.publish(project.id, file, None, bytes(number, number), origin_at(second)).await.map(drop)
}

async fn upload(scene: &Scene, project: &Project, number: u8) -> Upload {
    let new = NewUpload { secret: [number; 16].into(), name: "a.zip".parse().unwrap(), bytes: bytes(number, number) };
    scene.store.uploads.create(project.id, new, origin()).await.unwrap()
}

/// Returns the number of the bytes whose digest and size a link has; none if it has neither.
fn number(fields: &LinkFields) -> Option<u8> {
    let number = (1..100).find(|&number| {
        let bytes = bytes(number, number).bytes;
        fields.digest == Some(AssetDigest::from(&bytes.digests.sha256)) && fields.size == Some(bytes.size)
    });
    assert!(number.is_some() || (fields.digest.is_none() && fields.size.is_none()), "{fields:?}");
    number
}

async fn now(scene: &Scene, start: &Start, link: &Link) -> Option<u8> {
    number(&scene.found_link(&key(&start.project, start.release.tag.as_str()), link.id).await.unwrap().fields)
}

async fn linked(scene: &Scene, start: &Start, name: &str, url: &str) -> Link {
    scene.link(start.project.id, start.release.id, to(name, url)).await
}

async fn set_immutable(scene: &Scene, release: &Release, immutable: bool) {
    scene.store.releases.set_immutable(release.project, release.id, immutable, origin()).await.unwrap();
}

pub async fn a_link_has_the_digest_and_size_of_the_file_at_its_url(scene: Scene) {
    let start = scene.start().await;
    publish(&scene, &start.project, 1, 50).await.unwrap();
    let upload = upload(&scene, &start.project, 2).await;
    let (id, path, secret) = (start.project.id, &start.project.full_path, &upload.secret);
    for (url, expected) in [
        (address(id), Some(1)),
        (format!("{EXTERNAL_URL}//api/v4/projects/ADA%2Fhello/packages/generic/hello/1%2E2/a%2Ezip?x=y"), Some(1)),
        (format!("{EXTERNAL_URL}/-/project/{id}/uploads/{secret}/a.zip"), Some(2)),
        (format!("{EXTERNAL_URL}//{path}/uploads/{secret}/a.zip"), Some(2)),
        (format!("{EXTERNAL_URL}/api/v4/projects/{id}/uploads/{secret}/a.zip"), Some(2)),
        (format!("{EXTERNAL_URL}/api/v4/projects/{id}/packages/generic/hello/1.2/b.zip"), None),
        (format!("{EXTERNAL_URL}/api/v4/projects/{id}/uploads/{secret}/b.zip"), None),
        (format!("https://elsewhere.example.com/-/project/{id}/uploads/{secret}/a.zip"), None),
    ] {
        let link = linked(&scene, &start, &url, &url).await;
        assert_eq!(number(&link.fields), expected, "{url}");
        assert_eq!(now(&scene, &start, &link).await, expected, "{url}");
    }
}

pub async fn the_file_of_another_project_is_no_file_of_a_link(scene: Scene) {
    let start = scene.start().await;
    let other = scene.project(start.project.namespace.id, "other", start.owner.id).await;
    publish(&scene, &other, 1, 50).await.unwrap();
    let link = linked(&scene, &start, "a", &address(other.id)).await;
    assert_eq!(number(&link.fields), None);
    let sent = LinkFields {
        name: "b".parse().unwrap(),
        url: format!("{}?b", address(other.id)).parse().unwrap(),
        ..plain("b")
    };
    assert_eq!(scene.link(start.project.id, start.release.id, sent.clone()).await.fields, sent);
    publish(&scene, &other, 2, 51).await.unwrap();
    assert_eq!(now(&scene, &start, &link).await, None);
    set_immutable(&scene, &start.release, true).await;
    publish(&scene, &other, 3, 52).await.unwrap();
}

pub async fn every_way_to_write_a_link_gives_it_the_digest_of_its_file(scene: Scene) {
    let start = scene.start().await;
    let (project, release) = (start.project.id, start.release.id);
    publish(&scene, &start.project, 1, 50).await.unwrap();
    let url = address(project);
    let links = &scene.store.links;
    let made = scene.release(project, "v2", vec![to("a", &url), plain("b")]).await;
    let found = |release: &Release, name: &str| {
        number(&release.links.iter().find(|link| link.fields.name.as_str() == name).unwrap().fields)
    };
    assert_eq!(found(&made, "a"), Some(1));
    let link = linked(&scene, &start, "a", "https://example.com/a").await;
    assert_eq!(number(&link.fields), None);
    let changes = LinkChanges { url: Some(url.parse().unwrap()), ..LinkChanges::default() };
    let moved = links.update(project, release, link.id, changes, Precondition::NONE, origin()).await.unwrap();
    assert_eq!(number(&moved.fields), Some(1));
    let cleared = LinkChanges { digest: Change::Clear, size: Change::Clear, ..LinkChanges::default() };
    let cleared = links.update(project, release, link.id, cleared, Precondition::NONE, origin()).await.unwrap();
    assert_eq!(cleared, moved);
    let away = to("a", "https://example.com/b");
    let replace =
        |fields: LinkFields| links.create(project, release, fields.into(), Some(OnConflict::Replace), origin());
    assert_eq!(number(&replace(away).await.unwrap().0.fields), None);
    let (back, outcome) = replace(to("a", &url)).await.unwrap();
    assert_eq!((number(&back.fields), outcome), (Some(1), Outcome::Replaced));
    assert_eq!(replace(to("a", &url)).await.unwrap().1, Outcome::Unchanged);
    let entries = vec![(None, to("a", &url).into()), (None, to("c", &format!("{url}?c")).into())];
    let manifest = Manifest { entries, prune: false };
    let plan = links.apply(project, release, manifest, Precondition::NONE, origin(), Run::Real).await.unwrap();
    assert!(plan.links.iter().all(|link| number(&link.fields) == Some(1)), "{plan:?}");
    assert_eq!(plan.updated().count(), 0);
    publish(&scene, &start.project, 2, 51).await.unwrap();
    let all = scene.links(&key(&start.project, "v1.0"), 1, 20).await.rows;
    assert_eq!(all.iter().map(|link| number(&link.fields)).collect::<Vec<_>>(), [Some(2); 2]);
    let v2 = scene.store.releases.get(&key(&start.project, "v2")).await.unwrap().unwrap().found.unwrap();
    assert_eq!(found(&v2, "a"), Some(2));
}

pub async fn a_digest_or_size_that_is_not_the_files_is_refused(scene: Scene) {
    let start = scene.start().await;
    let (project, release) = (start.project.id, start.release.id);
    publish(&scene, &start.project, 1, 50).await.unwrap();
    let size = AssetSize::try_from(1).unwrap();
    let wrong = |name: &str| LinkFields {
        digest: plain("x").digest,
        size: Some(size),
        ..to(name, &format!("{}?{name}", address(project)))
    };
    let sentences = ["Digest does not match the file", "Size does not match the file"];
    let links = &scene.store.links;
    let refused = links.create(project, release, wrong("a").into(), None, origin()).await;
    let Err(WriteError::Conflict(LinkNotCreated::Faults(faults))) = refused else { panic!("{refused:?}") };
    assert_eq!(faults.sentences(), sentences);
    let link = linked(&scene, &start, "b", &address(project)).await;
    let changes = LinkChanges { size: Change::Set(size), ..LinkChanges::default() };
    let refused = links.update(project, release, link.id, changes, Precondition::NONE, origin()).await;
    let Err(WriteError::Conflict(LinkRefused::Faults(faults))) = refused else { panic!("{refused:?}") };
    assert_eq!(faults.sentences(), sentences[1..]);
    let manifest = Manifest { entries: vec![(None, plain("c").into()), (None, wrong("d").into())], prune: true };
    let refused = links.apply(project, release, manifest, Precondition::NONE, origin(), Run::Real).await;
    let Err(WriteError::Conflict(ManifestRefused::Faults(faults))) = refused else { panic!("{refused:?}") };
    assert!(matches!(&faults, ManifestFaults::Links(found) if found.len() == 2), "{faults:?}");
    assert_eq!(faults.sentences(), sentences.map(|sentence| format!("links[1]: {sentence}")));
    let new = release_links_ports::NewRelease { links: vec![wrong("e")].into(), ..new_release(project, "v2") };
    let refused = scene.store.releases.create(new).await;
    let Err(WriteError::Conflict(ReleaseRefused::Links(faults))) = refused else { panic!("{refused:?}") };
    assert!(faults.to_string().contains("Links digest does not match the file"), "{faults}");
    assert_eq!(scene.links(&key(&start.project, "v1.0"), 1, 20).await.rows, [link]);
    assert!(scene.store.releases.get(&key(&start.project, "v2")).await.unwrap().unwrap().found.is_none());
    let right = bytes(1, 1).bytes;
    let digest = Some(AssetDigest::from(&right.digests.sha256));
    let right = LinkFields { digest, size: Some(right.size), ..wrong("f") };
    assert_eq!(scene.link(project, release, right.clone()).await.fields, right);
}

pub async fn a_file_that_is_published_changes_the_links_that_lead_to_it(scene: Scene) {
    let start = scene.start().await;
    let project = &start.project;
    let stale = LinkFields { url: address(project.id).parse().unwrap(), ..plain("a") };
    let link = scene.link(project.id, start.release.id, stale.clone()).await;
    assert_eq!(link.fields, stale);
    let other = linked(&scene, &start, "b", &format!("{}.sig", address(project.id))).await;
    publish(&scene, project, 1, 50).await.unwrap();
    assert_eq!(now(&scene, &start, &link).await, Some(1));
    publish(&scene, project, 1, 51).await.unwrap();
    publish(&scene, project, 2, 52).await.unwrap();
    assert_eq!((now(&scene, &start, &link).await, now(&scene, &start, &other).await), (Some(2), None));
    let filter = HistoryFilter { name: Some("a".to_owned()), ..HistoryFilter::default() };
    let page = PageRequest::default();
    let view = scene.store.history.of_project(&by_id(project), reader(None), filter, page).await.unwrap().unwrap();
    let rows: Vec<_> = view.found.unwrap().batch.rows.into_iter().map(|row| (row.at, row.event)).collect();
    let file = |number: u8| {
        let bytes = bytes(number, number).bytes;
        LinkFields { digest: Some(AssetDigest::from(&bytes.digests.sha256)), size: Some(bytes.size), ..stale.clone() }
    };
    let event = |before, after| Event::Link { id: link.id, before, after: Some(after) };
    let expected = [
        (at(52), event(Some(file(1)), file(2))),
        (at(50), event(Some(stale.clone()), file(1))),
        (at(7), event(None, stale.clone())),
    ];
    assert_eq!(rows, expected);
}

pub async fn a_link_that_leads_elsewhere_follows_the_file_no_more(scene: Scene) {
    let start = scene.start().await;
    let (project, release) = (start.project.id, start.release.id);
    publish(&scene, &start.project, 1, 50).await.unwrap();
    let first = linked(&scene, &start, "a", &address(project)).await;
    let second = linked(&scene, &start, "b", &format!("{}?b", address(project))).await;
    let links = &scene.store.links;
    for (link, url) in [(&first, "https://example.com/a".to_owned()), (&second, format!("{}.sig", address(project)))] {
        let changes = LinkChanges { url: Some(url.parse().unwrap()), ..LinkChanges::default() };
        links.update(project, release, link.id, changes, Precondition::NONE, origin()).await.unwrap();
    }
    publish(&scene, &start.project, 2, 51).await.unwrap();
    assert_eq!((now(&scene, &start, &first).await, now(&scene, &start, &second).await), (None, None));
    set_immutable(&scene, &start.release, true).await;
    publish(&scene, &start.project, 3, 52).await.unwrap();
    assert_eq!(now(&scene, &start, &first).await, None);
}

pub async fn a_link_follows_the_file_that_is_served_after_a_newer_one_was_deleted(scene: Scene) {
    let start = scene.start().await;
    publish(&scene, &start.project, 1, 50).await.unwrap();
    publish(&scene, &start.project, 2, 51).await.unwrap();
    let link = linked(&scene, &start, "a", &address(start.project.id)).await;
    let packages = &scene.store.packages;
    for expected in [1, 1] {
        let file = named("hello", "1.2", "a.zip");
        let view = packages.get_file(&by_id(&start.project), reader(None), &file).await.unwrap().unwrap();
        let newest = view.found.unwrap();
        packages.delete_file(start.project.id, newest.package, newest.id, origin()).await.unwrap();
        // Nothing takes the place of the last one.
        assert_eq!(now(&scene, &start, &link).await, Some(expected));
    }
}

pub async fn links_by_an_old_path_of_the_project_follow_its_files(scene: Scene) {
    let start = scene.start().await;
    let old = start.project.full_path.clone();
    let changes = ProjectChanges { path: Some("renamed".parse().unwrap()), ..ProjectChanges::default() };
    scene.store.projects.update(start.project.id, changes, start.owner.id).await.unwrap();
    let upload = upload(&scene, &start.project, 1).await;
    let url = format!("{EXTERNAL_URL}/{old}/uploads/{}/a.zip", upload.secret);
    assert_eq!(number(&linked(&scene, &start, "a", &url).await.fields), Some(1));
    let other = scene.project(start.project.namespace.id, "hello", start.owner.id).await;
    assert_eq!(other.full_path, old);
    assert_eq!(number(&linked(&scene, &start, "b", &format!("{url}?b")).await.fields), None);
}

pub async fn what_an_immutable_release_links_to_is_neither_published_nor_deleted(scene: Scene) {
    let start = scene.start().await;
    let project = &start.project;
    let later = format!("{EXTERNAL_URL}/api/v4/projects/{}/packages/generic/hello/1.2/later.zip", project.id);
    let packages = &scene.store.packages;
    publish(&scene, project, 1, 50).await.unwrap();
    let upload = upload(&scene, project, 2).await;
    let uploaded = format!("{EXTERNAL_URL}{}", upload.full_path(project.id));
    for (name, url) in [("a", address(project.id)), ("b", later), ("c", uploaded)] {
        linked(&scene, &start, name, &url).await;
    }
    set_immutable(&scene, &start.release, true).await;
    let is_protected =
        |outcome: &Result<(), FileWriteError>| matches!(outcome, Err(WriteError::Conflict(FileObstacle::Protected)));
    let file = named("hello", "1.2", "a.zip");
    let newest = packages.get_file(&by_id(project), reader(None), &file).await.unwrap().unwrap().found.unwrap();
    for (file, exists) in [("a.zip", true), ("later.zip", false)] {
        let file = named("hello", "1.2", file);
        let view = packages.load_for_publish(&by_id(project), reader(None), &file).await.unwrap().unwrap();
        let found = view.found.unwrap();
        assert_eq!((found.is_protected, found.exists), (true, exists), "{file:?}");
        let refused = packages.publish(project.id, file, None, bytes(3, 3), origin()).await.map(drop);
        assert!(is_protected(&refused), "{refused:?}");
    }
    let other = named("hello", "1.2", "other.zip");
    packages.publish(project.id, other.clone(), None, bytes(4, 4), origin()).await.unwrap();
    let view = packages.load_for_publish(&by_id(project), reader(None), &other).await.unwrap().unwrap();
    assert!(!view.found.unwrap().is_protected);
    let refused = packages.delete_file(project.id, newest.package, newest.id, origin()).await;
    assert!(is_protected(&refused), "{refused:?}");
    let refused = packages.delete(project.id, newest.package, origin()).await;
    assert!(is_protected(&refused), "{refused:?}");
    let refused = scene.store.uploads.delete(project.id, upload.id, origin()).await;
    assert!(is_protected(&refused), "{refused:?}");
    // A manifest without digests says nothing against those of the files.
    let links = scene.links(&key(project, start.release.tag.as_str()), 1, 10).await.rows;
    let entries =
        links.iter().map(|link| (None, LinkFields { digest: None, size: None, ..link.fields.clone() }.into()));
    let manifest = Manifest { entries: entries.collect(), prune: true };
    let release = start.release.id;
    let plan =
        scene.store.links.apply(project.id, release, manifest, Precondition::NONE, origin(), Run::Real).await.unwrap();
    assert!(plan.changes_nothing(), "{plan:?}");
    set_immutable(&scene, &start.release, false).await;
    publish(&scene, project, 5, 51).await.unwrap();
    packages.delete(project.id, newest.package, origin()).await.unwrap();
    scene.store.uploads.delete(project.id, upload.id, origin()).await.unwrap();
}

pub async fn only_so_many_links_follow_one_file(scene: Scene) {
    let start = scene.start().await;
    let project = start.project.id;
    let url = |number: usize| format!("{}?{number}", address(project));
    let links = (1..Link::MAX_OF_A_FILE).map(|number| to(&format!("a{number}"), &url(number))).collect();
    let many = scene.release(project, "v2", links).await;
    let last = linked(&scene, &start, "last", &url(0)).await;
    let beyond = linked(&scene, &start, "beyond", &url(1)).await;
    publish(&scene, &start.project, 1, 50).await.unwrap();
    assert_eq!((now(&scene, &start, &last).await, now(&scene, &start, &beyond).await), (Some(1), None));
    let another = linked(&scene, &start, "another", &url(2)).await;
    assert_eq!(number(&another.fields), None);
    let first = many.links.last().unwrap().id;
    assert_eq!(number(&scene.found_link(&key(&start.project, "v2"), first).await.unwrap().fields), Some(1));
    // Those beyond protect it all the same.
    set_immutable(&scene, &start.release, true).await;
    scene.store.links.delete(project, start.release.id, last.id, Precondition::NONE, origin()).await.unwrap_err();
    let refused = publish(&scene, &start.project, 2, 51).await;
    assert!(matches!(refused, Err(WriteError::Conflict(FileObstacle::Protected))), "{refused:?}");
}

pub async fn a_dry_run_comes_out_like_the_real_one_and_changes_nothing(scene: Scene) {
    let start = scene.start().await;
    let (project, release, tag) = (start.project.id, start.release.id, key(&start.project, "v1.0"));
    publish(&scene, &start.project, 1, 50).await.unwrap();
    let url = address(project);
    let a = linked(&scene, &start, "a", &url).await;
    let b = linked(&scene, &start, "b", "https://example.com/b").await;
    let apply = |links: &[LinkFields], holds: bool, run: Run| {
        let entries = links.iter().map(|fields| (None, fields.clone().into())).collect();
        let (manifest, precondition) = (Manifest { entries, prune: true }, Precondition::new(move |_| holds));
        scene.store.links.apply(project, release, manifest, precondition, origin(), run)
    };
    let state = async || {
        let (history, by_id) = (&scene.store.history, by_id(&start.project));
        let rows = history.of_project(&by_id, reader(None), HistoryFilter::default(), PageRequest::default()).await;
        format!("{:?} {:?}", rows.unwrap().unwrap().found.unwrap(), scene.links(&tag, 1, 10).await.rows)
    };
    let both = async |links: &[LinkFields], holds: bool| {
        let before = state().await;
        let dry = apply(links, holds, Run::Dry).await;
        assert_eq!(state().await, before);
        let real = apply(links, holds, Run::Real).await;
        assert_eq!(format!("{dry:?}"), format!("{real:?}"));
        assert_eq!(state().await, before);
        real
    };
    let same = [to("b", b.fields.url.as_str()), to("a", &url)];
    let other_size = LinkFields { size: AssetSize::try_from(1).ok(), ..to("a", &url) };
    let moved = [to("b", &format!("{url}?b")), to("a", &url), to("c", &format!("{url}?c"))];
    let refused = both(std::slice::from_ref(&other_size), true).await;
    let Err(WriteError::Conflict(ManifestRefused::Faults(faults))) = refused else { panic!("{refused:?}") };
    assert_eq!(faults.sentences(), ["links[0]: Size does not match the file"]);
    let refused = both(&moved, false).await;
    assert!(matches!(refused, Err(WriteError::Conflict(ManifestRefused::Precondition(_)))), "{refused:?}");
    set_immutable(&scene, &start.release, true).await;
    for links in [&same[..1], &moved, &[same[0].clone(), other_size]] {
        let refused = both(links, true).await;
        assert!(matches!(refused, Err(WriteError::Conflict(ManifestRefused::Immutable))), "{refused:?}");
    }
    assert!(both(&same, true).await.unwrap().changes_nothing());
    set_immutable(&scene, &start.release, false).await;

    let dry = apply(&moved, true, Run::Dry).await.unwrap();
    assert_eq!(dry.links.iter().map(|link| number(&link.fields)).collect::<Vec<_>>(), [Some(1); 3]);
    publish(&scene, &start.project, 2, 51).await.unwrap();
    assert_eq!((now(&scene, &start, &a).await, now(&scene, &start, &b).await), (Some(2), None));
    let before = state().await;
    let dry = apply(&moved, true, Run::Dry).await.unwrap();
    assert_eq!(state().await, before);
    let mut real = apply(&moved, true, Run::Real).await.unwrap();
    for link in real.links.iter_mut().filter(|link| link.before.is_none()) {
        assert!(link.id.take().is_some());
    }
    assert_eq!(dry, real);
    assert_ne!(state().await, before);
}
