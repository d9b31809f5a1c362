-- A project's full path is that of its namespace and its own segment, so that a rename writes no row for each project below.
-- What is removed is hidden first and deleted piece by piece afterwards: a removed user has no email, a removed namespace no
-- full path, a project that was removed by itself no namespace. Foreign keys are off while this runs.

CREATE TABLE new_users (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    name          TEXT    NOT NULL,
    email         TEXT    COLLATE NOCASE UNIQUE,
    administrator INTEGER NOT NULL,
    bot           INTEGER NOT NULL,
    created_at    INTEGER NOT NULL
) STRICT;
INSERT INTO new_users SELECT id, name, email, administrator, bot, created_at FROM users;
DELETE FROM sqlite_sequence WHERE name = 'new_users';
INSERT INTO sqlite_sequence (name, seq) SELECT 'new_users', seq FROM sqlite_sequence WHERE name = 'users';
DROP TABLE users;
ALTER TABLE new_users RENAME TO users;

-- Groups, and the namespaces of users: those with a user_id. A username is the path of its user's namespace. since is the
-- number of the move that brought it here, or of the last move before it was created.
CREATE TABLE new_namespaces (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    parent_id  INTEGER REFERENCES namespaces (id) ON DELETE CASCADE,
    user_id    INTEGER UNIQUE REFERENCES users (id) ON DELETE CASCADE,
    name       TEXT    NOT NULL,
    path       TEXT    NOT NULL COLLATE NOCASE,
    full_path  TEXT    COLLATE NOCASE UNIQUE,
    visibility TEXT    NOT NULL,
    since      INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
INSERT INTO new_namespaces SELECT id, parent_id, user_id, name, path, full_path, visibility, 0, created_at FROM namespaces;
DELETE FROM sqlite_sequence WHERE name = 'new_namespaces';
INSERT INTO sqlite_sequence (name, seq) SELECT 'new_namespaces', seq FROM sqlite_sequence WHERE name = 'namespaces';
DROP TABLE namespaces;
ALTER TABLE new_namespaces RENAME TO namespaces;
CREATE INDEX namespaces_by_parent ON namespaces (parent_id, path);
CREATE INDEX groups_by_name ON namespaces (name COLLATE NOCASE) WHERE user_id IS NULL;

CREATE TABLE new_projects (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    namespace_id    INTEGER REFERENCES namespaces (id) ON DELETE CASCADE,
    name            TEXT    NOT NULL,
    path            TEXT    NOT NULL COLLATE NOCASE,
    visibility      TEXT    NOT NULL,
    archived        INTEGER NOT NULL DEFAULT 0,
    releases_access TEXT    NOT NULL DEFAULT 'enabled',
    creator_id      INTEGER REFERENCES users (id) ON DELETE SET NULL,
    since           INTEGER NOT NULL,
    created_at      INTEGER NOT NULL
) STRICT;
INSERT INTO new_projects
    SELECT id, namespace_id, name, path, visibility, archived, releases_access, creator_id, 0, created_at FROM projects;
DELETE FROM sqlite_sequence WHERE name = 'new_projects';
INSERT INTO sqlite_sequence (name, seq) SELECT 'new_projects', seq FROM sqlite_sequence WHERE name = 'projects';
DROP TABLE projects;
ALTER TABLE new_projects RENAME TO projects;
CREATE UNIQUE INDEX projects_by_path ON projects (namespace_id, path);
CREATE INDEX projects_by_creator ON projects (creator_id);

-- Places that something has left: below a namespace, or at the top (0), under a segment of its own. The id is the number of
-- the move that took it away. Without a project or namespace, what stood there was deleted. A row outlives the namespace
-- that it is below, which stays without a full path for as long. Before this version rows held whole paths; those stand at
-- the top.
CREATE TABLE left_places (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    below        INTEGER NOT NULL,
    segment      TEXT    NOT NULL COLLATE NOCASE,
    namespace_id INTEGER REFERENCES namespaces (id) ON DELETE CASCADE,
    project_id   INTEGER REFERENCES projects (id) ON DELETE CASCADE,
    since        INTEGER NOT NULL
) STRICT;
INSERT INTO left_places (below, segment, project_id, since)
    SELECT 0, old_path, project_id, 0 FROM moved_paths ORDER BY old_path;
DROP TABLE moved_paths;
CREATE INDEX left_places_by_place ON left_places (below, segment, id);
CREATE INDEX left_places_by_namespace ON left_places (namespace_id);
CREATE INDEX left_places_by_project ON left_places (project_id);

-- What is hidden and still to be deleted: a project, a namespace with all below it, or a user.
CREATE TABLE removals (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    kind      TEXT    NOT NULL,
    target_id INTEGER NOT NULL
) STRICT;
