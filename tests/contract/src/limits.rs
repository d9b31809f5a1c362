//! What comes in is limited, also against writers that race; what is stored already is not.

use release_links_domain::Stored;
use release_links_domain::link::{AssetPath, LinkName, LinkUrl};
use release_links_domain::namespace::{DisplayName, NamespaceRef};
use release_links_domain::user::EmailAddress;

use crate::scene::{Scene, key, plain};

pub async fn what_was_stored_is_read_whatever_the_limits_are_now(scene: Scene) {
    let start = scene.start().await;
    let group = scene.group("top", None).await.id;
    let link = scene.link(start.project.id, start.release.id, plain("a")).await.id;
    let long = "x".repeat(3_000);
    let name = format!("line\n{long}");
    let url = format!("https://files.example.com/{long}");
    scene.sql(&format!(
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
    let project = scene.store.projects.get(&crate::scene::by_id(&start.project), None).await.unwrap().unwrap();
    assert_eq!(project.found.project.name, display);
}
