//! The dependencies between the crates point inwards only.

use cargo_metadata::{DependencyKind, MetadataCommand};

/// Each crate, and what it may depend on outside its own tests.
const ARROWS: &[(&str, &[&str])] = &[
    ("release-links-domain", &[]),
    ("release-links-ports", &["release-links-domain"]),
    ("release-links-usecases", &["release-links-domain", "release-links-ports"]),
    ("release-links-http", &["release-links-domain", "release-links-ports", "release-links-usecases"]),
    ("release-links-sql", &["release-links-domain", "release-links-ports"]),
    ("release-links-sqlite", &["release-links-domain", "release-links-ports", "release-links-sql"]),
    ("release-links-postgres", &["release-links-domain", "release-links-ports", "release-links-sql"]),
    ("release-links-files", &["release-links-domain", "release-links-ports"]),
    ("release-links-contract", &["release-links-domain", "release-links-ports"]),
    ("release-links-memory", &["release-links-domain", "release-links-ports"]),
    ("release-links-cluster", &[]),
    ("release-links-bench", &["release-links-cluster"]),
    ("release-links-soak", &["release-links-domain", "release-links-http"]),
    (
        "release-links-app",
        &[
            "release-links-domain",
            "release-links-ports",
            "release-links-usecases",
            "release-links-http",
            "release-links-sql",
            "release-links-sqlite",
            "release-links-postgres",
            "release-links-files",
        ],
    ),
];

#[test]
fn no_crate_depends_on_one_further_out() {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let metadata = MetadataCommand::new().manifest_path(manifest).no_deps().exec().unwrap();
    let mut outwards = Vec::new();
    for package in &metadata.packages {
        let name = package.name.as_str();
        let (_, allowed) =
            ARROWS.iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("no rule for {name}"));
        for dependency in &package.dependencies {
            let inside = dependency.path.is_some();
            if inside && dependency.kind != DependencyKind::Development && !allowed.contains(&dependency.name.as_str())
            {
                outwards.push(format!("{name} -> {}", dependency.name));
            }
        }
    }
    assert_eq!(outwards, Vec::<String>::new());
    assert!(metadata.packages.len() >= 6, "the workspace has lost its crates");
}
