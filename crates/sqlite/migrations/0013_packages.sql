-- Whether a package may get a file with the name of one that it has.
ALTER TABLE projects ADD COLUMN generic_duplicates_allowed INTEGER NOT NULL DEFAULT 1;

-- The bytes that files have, each once. The key is the name under which a file store keeps them.
CREATE TABLE file_bytes (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    key    TEXT    NOT NULL UNIQUE,
    sha256 TEXT    NOT NULL UNIQUE,
    sha1   TEXT    NOT NULL,
    md5    TEXT    NOT NULL,
    size   INTEGER NOT NULL
) STRICT;

CREATE TABLE packages (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    name       TEXT    NOT NULL,
    version    TEXT    NOT NULL,
    status     TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (project_id, name, version)
) STRICT;
CREATE INDEX packages_by_project ON packages (project_id, id);

-- Of several files with the same name, the one with the highest id is served.
CREATE TABLE package_files (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    package_id INTEGER NOT NULL REFERENCES packages (id) ON DELETE CASCADE,
    name       TEXT    NOT NULL,
    bytes_id   INTEGER NOT NULL REFERENCES file_bytes (id),
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX package_files_by_package ON package_files (package_id, id);
CREATE INDEX package_files_by_name ON package_files (package_id, name, id);
CREATE INDEX package_files_by_bytes ON package_files (bytes_id);
