-- The first schema of release-links. Times are milliseconds since the epoch, UTC. AUTOINCREMENT stands wherever an id is
-- handed out: a plain integer key gives the id of a deleted newest row out again.

PRAGMA application_id = 1380732491;

CREATE TABLE users (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    name          TEXT    NOT NULL,
    email         TEXT    NOT NULL COLLATE NOCASE UNIQUE,
    administrator INTEGER NOT NULL,
    bot           INTEGER NOT NULL,
    created_at    INTEGER NOT NULL
) STRICT;

-- Groups, and the namespaces of users: those with a user_id. A username is the path of its user's namespace.
CREATE TABLE namespaces (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    parent_id  INTEGER REFERENCES namespaces (id) ON DELETE CASCADE,
    user_id    INTEGER UNIQUE REFERENCES users (id) ON DELETE CASCADE,
    name       TEXT    NOT NULL,
    path       TEXT    NOT NULL,
    full_path  TEXT    NOT NULL COLLATE NOCASE UNIQUE,
    visibility TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX namespaces_by_parent ON namespaces (parent_id);
CREATE INDEX groups_by_name ON namespaces (name COLLATE NOCASE) WHERE user_id IS NULL;

-- Every namespace with each namespace above it, and with itself.
CREATE TABLE namespace_ancestors (
    namespace_id INTEGER NOT NULL REFERENCES namespaces (id) ON DELETE CASCADE,
    ancestor_id  INTEGER NOT NULL REFERENCES namespaces (id) ON DELETE CASCADE,
    PRIMARY KEY (namespace_id, ancestor_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX namespace_ancestors_by_ancestor ON namespace_ancestors (ancestor_id, namespace_id);

CREATE TABLE group_members (
    group_id   INTEGER NOT NULL REFERENCES namespaces (id) ON DELETE CASCADE,
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    level      INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (group_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX group_members_by_user ON group_members (user_id, group_id);

CREATE TABLE projects (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    namespace_id    INTEGER NOT NULL REFERENCES namespaces (id) ON DELETE CASCADE,
    name            TEXT    NOT NULL,
    path            TEXT    NOT NULL,
    full_path       TEXT    NOT NULL COLLATE NOCASE UNIQUE,
    visibility      TEXT    NOT NULL,
    archived        INTEGER NOT NULL DEFAULT 0,
    releases_access TEXT    NOT NULL DEFAULT 'enabled',
    creator_id      INTEGER REFERENCES users (id) ON DELETE SET NULL,
    created_at      INTEGER NOT NULL
) STRICT;
CREATE INDEX projects_by_namespace ON projects (namespace_id);
CREATE INDEX projects_by_creator ON projects (creator_id);

CREATE TABLE project_members (
    project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    level      INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (project_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX project_members_by_user ON project_members (user_id, project_id);

-- Addresses that a project has left, until another takes them.
CREATE TABLE moved_paths (
    old_path   TEXT    NOT NULL COLLATE NOCASE PRIMARY KEY,
    project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX moved_paths_by_project ON moved_paths (project_id);

CREATE TABLE tags (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    name       TEXT    NOT NULL,
    message    TEXT,
    target     TEXT,
    created_at INTEGER NOT NULL,
    UNIQUE (project_id, name)
) STRICT;
CREATE INDEX tags_by_project ON tags (project_id, id);

-- A tag with a release cannot be deleted. That is the default action and not RESTRICT, which would also keep a project
-- from taking both with it.
CREATE TABLE releases (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id  INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    tag_id      INTEGER NOT NULL REFERENCES tags (id),
    tag         TEXT    NOT NULL,
    name        TEXT,
    description TEXT,
    created_at  INTEGER NOT NULL,
    released_at INTEGER NOT NULL,
    author_id   INTEGER REFERENCES users (id) ON DELETE SET NULL,
    UNIQUE (project_id, tag)
) STRICT;
CREATE INDEX releases_by_release_date ON releases (project_id, released_at, id);
CREATE INDEX releases_by_creation ON releases (project_id, created_at, id);
CREATE INDEX releases_by_tag ON releases (tag_id);
CREATE INDEX releases_by_author ON releases (author_id);

CREATE TABLE links (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id INTEGER NOT NULL,
    release_id INTEGER NOT NULL REFERENCES releases (id) ON DELETE CASCADE,
    name       TEXT    NOT NULL,
    url        TEXT    NOT NULL,
    path       TEXT,
    link_type  TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX links_by_name ON links (release_id, name);
CREATE UNIQUE INDEX links_by_url ON links (release_id, url);
CREATE UNIQUE INDEX links_by_path ON links (release_id, path) WHERE path IS NOT NULL;
CREATE INDEX links_by_release ON links (release_id, id);

CREATE TABLE protected_tags (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id   INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    pattern      TEXT    NOT NULL,
    create_level INTEGER NOT NULL,
    UNIQUE (project_id, pattern)
) STRICT;

-- kind is personal, project or job. ends_at belongs to a job's token, expires_on (YYYY-MM-DD) to the other two. A
-- project's token that was revoked has no user: its bot is gone, and it stays to say that it was revoked. Scopes are
-- words with a space between.
CREATE TABLE tokens (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    kind         TEXT    NOT NULL,
    digest       BLOB    NOT NULL UNIQUE,
    user_id      INTEGER REFERENCES users (id) ON DELETE CASCADE,
    project_id   INTEGER REFERENCES projects (id) ON DELETE CASCADE,
    name         TEXT    NOT NULL,
    scopes       TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER,
    expires_on   TEXT,
    ends_at      INTEGER,
    revoked      INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX tokens_by_user ON tokens (user_id);
CREATE INDEX tokens_by_project ON tokens (project_id);
