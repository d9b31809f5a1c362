-- Files that belong to no package.
CREATE TABLE uploads (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id  INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    secret      TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    bytes_id    INTEGER NOT NULL REFERENCES file_bytes (id),
    uploader_id INTEGER REFERENCES users (id) ON DELETE SET NULL,
    created_at  INTEGER NOT NULL,
    UNIQUE (project_id, secret)
) STRICT;
CREATE INDEX uploads_by_project ON uploads (project_id, id);
CREATE INDEX uploads_by_bytes ON uploads (bytes_id);
CREATE INDEX uploads_by_uploader ON uploads (uploader_id);
