//! The data: its size and shape, and how it is inserted into a database whose schema the real server created.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rusqlite::Connection;

use crate::Outcome;
use crate::server::Server;

/// How many links there are, and how they are distributed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) links: u64,
    per_release: u64,
    releases_per_project: u64,
}

/// The location of a link.
pub(crate) struct Location {
    pub(crate) link: u64,
    pub(crate) project: u64,
    full_path: String,
    tag: String,
    path: String,
}

const PROJECTS_PER_GROUP: u64 = 20;

impl Shape {
    /// Twenty links per release, fifty releases per project.
    pub(crate) const fn spread(links: u64) -> Self {
        Self { links, per_release: 20, releases_per_project: 50 }
    }

    /// All links in one release.
    pub(crate) const fn one_release(links: u64) -> Self {
        Self { links, per_release: links, releases_per_project: 1 }
    }

    /// Returns the name that the result tables use.
    pub(crate) fn name(self) -> String {
        let mut digits = self.links.to_string();
        for at in (1..digits.len()).rev().filter(|at| (digits.len() - at).is_multiple_of(3)).collect::<Vec<_>>() {
            digits.insert(at, ',');
        }
        if self.releases_per_project == 1 { format!("{digits} in one release") } else { digits }
    }

    /// Picks the location of a random link. Every other project is private, beginning with the second.
    pub(crate) fn pick(self, random: &mut fastrand::Rng, private: bool) -> Location {
        let per_project = self.per_release * self.releases_per_project;
        let mut link = random.u64(0..self.links);
        if (link / per_project % 2 == 1) != private {
            link = if link >= per_project { link - per_project } else { (link + per_project) % self.links };
        }
        let (release, project) = (link / self.per_release, link / per_project);
        Location {
            link: link + 1,
            project: project + 1,
            full_path: format!("org/team-{}/project-{project}", project / PROJECTS_PER_GROUP),
            tag: format!("v1.{}.0", release % self.releases_per_project),
            path: format!("bin/tool-{}", link % self.per_release),
        }
    }
}

impl Location {
    pub(crate) fn list(&self) -> String {
        format!("/api/v4/projects/{}/releases/{}/assets/links", self.project, self.tag)
    }

    pub(crate) fn get(&self) -> String {
        format!("{}/{}", self.list(), self.link)
    }

    pub(crate) fn download(&self) -> String {
        format!("/{}/-/releases/{}/downloads/{}", self.full_path, self.tag, self.path)
    }

    pub(crate) fn newest_by_version(&self) -> String {
        self.in_newest("latest", &self.path, "?order_by=semver")
    }

    pub(crate) fn newest_of_line(&self) -> String {
        self.in_newest("v1.x", &self.path, "")
    }

    pub(crate) fn newest_without(&self) -> String {
        self.in_newest("latest", "none", "?order_by=semver&having=true")
    }

    fn in_newest(&self, selector: &str, path: &str, query: &str) -> String {
        format!("/{}/-/releases/permalink/{selector}/downloads/{path}{query}", self.full_path)
    }

    pub(crate) fn miss(&self) -> String {
        format!("/{}/-/releases/{}/downloads/none/{}", self.full_path, self.tag, self.path)
    }
}

/// A database that the real server uses.
pub(crate) trait Database {
    /// Returns the value for `--database`.
    fn url(&self) -> String;
    /// Returns its size on disk in bytes.
    fn size(&self) -> Outcome<u64>;
    /// Returns how many links were ever inserted.
    fn links(&self) -> Outcome<u64>;
}

/// A SQLite file.
pub(crate) struct Sqlite {
    pub(crate) path: PathBuf,
}

impl Sqlite {
    /// Lets the real server create a database, and fills it. The server logs to `log`.
    pub(crate) fn build(binary: &Path, path: &Path, shape: Shape, log: &Path) -> Outcome<Self> {
        let database = Self { path: path.to_owned() };
        Server::real(binary, &database.url(), log)?.stop()?;
        let connection = Connection::open(path)?;
        connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -500000; BEGIN")?;
        let releases = shape.links / shape.per_release;
        let projects = releases / shape.releases_per_project;
        let fills = [
            ("groups", FILL_GROUPS, [projects.div_ceil(PROJECTS_PER_GROUP), 0]),
            ("projects", FILL_PROJECTS, [projects, PROJECTS_PER_GROUP]),
            ("tags", FILL_TAGS, [releases, shape.releases_per_project]),
            ("releases", FILL_RELEASES, [releases, shape.releases_per_project]),
            ("links", FILL_LINKS, [shape.links, shape.per_release]),
        ];
        connection.execute_batch(FILL_PEOPLE)?;
        for (name, sql, [count, each]) in fills {
            let values = [count.cast_signed(), each.cast_signed(), shape.releases_per_project.cast_signed()];
            let mut statement = connection.prepare(sql)?;
            let taken = &values[..statement.parameter_count()];
            let stored = statement.execute(rusqlite::params_from_iter(taken))?;
            if stored as u64 != count {
                return Err(format!("{stored} {name} were stored, not {count}").into());
            }
        }
        connection.execute_batch(FILL_ANCESTORS)?;
        connection.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)")?;
        drop(connection);
        // The first start computes the versions of the releases.
        Server::real(binary, &database.url(), log)?.stop()?;
        Ok(database)
    }
}

impl Database for Sqlite {
    fn url(&self) -> String {
        format!("sqlite:{}", self.path.display())
    }

    fn size(&self) -> Outcome<u64> {
        Ok(fs::metadata(&self.path)?.len())
    }

    fn links(&self) -> Outcome<u64> {
        let sql = "SELECT seq FROM sqlite_sequence WHERE name = 'links'";
        Ok(Connection::open(&self.path)?.query_row(sql, [], |row| row.get::<_, i64>(0))?.cast_unsigned())
    }
}

/// Creates a token of the user `reader`, who may write in every project as a member of the group above all of them.
pub(crate) fn token(binary: &Path, database: &dyn Database) -> Outcome<String> {
    let mut command = Command::new(binary);
    command.args(["token", "create", "--user", "reader", "--scopes", "api", "--database", &database.url()]);
    let output = command.output()?;
    if !output.status.success() {
        return Err(format!("no token was created: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

const FILL_PEOPLE: &str = "
    INSERT INTO users (id, name, email, administrator, bot, created_at) VALUES (2, 'Reader', 'reader@example.com', 0, 0, 0);
    INSERT INTO namespaces (id, user_id, name, path, full_path, visibility, since, created_at)
        VALUES (2, 2, 'Reader', 'reader', 'reader', 'public', 0, 0),
               (3, NULL, 'Org', 'org', 'org', 'public', 0, 0);
    INSERT INTO namespace_ancestors VALUES (2, 2), (3, 3);
    INSERT INTO group_members VALUES (3, 2, 30, 0);
";

/// `n` counts from 0 to below `?1`.
macro_rules! counted {
    ($insert:literal) => {
        concat!("WITH RECURSIVE c(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c WHERE n + 1 < ?1) ", $insert)
    };
}

// Rows have fixed ids, so that a location can be computed from the number of a link. Group 4 + n is `org/team-n`.
const FILL_GROUPS: &str = counted!(
    "INSERT INTO namespaces (id, parent_id, name, path, full_path, visibility, since, created_at)
    SELECT 4 + n, 3, 'Team ' || n, 'team-' || n, 'org/team-' || n, 'public', 0, 0 FROM c"
);
const FILL_ANCESTORS: &str = "INSERT INTO namespace_ancestors
    SELECT id, id FROM namespaces WHERE parent_id = 3 UNION ALL SELECT id, 3 FROM namespaces WHERE parent_id = 3";
const FILL_PROJECTS: &str = counted!(
    "INSERT INTO projects (id, namespace_id, name, path, visibility, creator_id, since, created_at)
    SELECT 1 + n, 4 + n / ?2, 'Project ' || n, 'project-' || n,
        CASE n % 2 WHEN 1 THEN 'private' ELSE 'public' END, 2, 0, 0 FROM c"
);
const FILL_TAGS: &str = counted!(
    "INSERT INTO tags (id, project_id, name, created_at)
    SELECT 1 + n, 1 + n / ?2, 'v1.' || (n % ?2) || '.0', 0 FROM c"
);
const FILL_RELEASES: &str = counted!(
    "INSERT INTO releases (id, project_id, tag_id, tag, created_at, released_at, author_id)
    SELECT 1 + n, 1 + n / ?2, 1 + n, 'v1.' || (n % ?2) || '.0', n, n, 2 FROM c"
);
const FILL_LINKS: &str = counted!(
    "INSERT INTO links (id, project_id, release_id, name, url, path, link_type)
    SELECT 1 + n, 1 + n / ?2 / ?3, 1 + n / ?2, 'tool-' || (n % ?2) || '-linux-amd64',
        'https://files.example.com/' || (n / ?2) || '/tool-' || (n % ?2) || '-linux-amd64', '/bin/tool-' || (n % ?2),
        'package' FROM c"
);
