-- Whether the links of a release and its date stay as they are for good.
ALTER TABLE releases ADD COLUMN immutable INTEGER NOT NULL DEFAULT 0;
CREATE INDEX immutable_releases ON releases (project_id) WHERE immutable <> 0;

-- What happened to links, releases and channels, with the values before and after, which depend on the action. There is
-- none of what happened before this migration.
CREATE TABLE history (
    project_id         INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    seq                INTEGER NOT NULL,
    at                 INTEGER NOT NULL,
    user_id            INTEGER,
    token_id           INTEGER,
    link_id            INTEGER,
    before_size        INTEGER,
    before_released_at INTEGER,
    after_size         INTEGER,
    after_released_at  INTEGER,
    action             TEXT    NOT NULL,
    tag                TEXT,
    channel            TEXT,
    before_name        TEXT,
    before_url         TEXT,
    before_path        TEXT,
    before_type        TEXT,
    before_digest      TEXT,
    before_description TEXT,
    before_tag         TEXT,
    after_name         TEXT,
    after_url          TEXT,
    after_path         TEXT,
    after_type         TEXT,
    after_digest       TEXT,
    after_description  TEXT,
    after_tag          TEXT,
    username           TEXT,
    PRIMARY KEY (project_id, seq)
) STRICT, WITHOUT ROWID;
-- There is no index by tag: each write would have to write one more page, while a page of a release's history is rarely asked
-- for. It is found among the rows of the project, newest first.

-- Since when a link has led where it leads now, as far as is known, and the row of the history with which that began; 0 for
-- links that have not changed since this migration.
ALTER TABLE links ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
ALTER TABLE links ADD COLUMN since_seq INTEGER NOT NULL DEFAULT 0;
UPDATE links SET since = CAST(unixepoch('subsec') * 1000 AS INTEGER);

-- Where the permanent link with a path led until it led elsewhere. The URL and the digest are in the row of the history with
-- which that began, unless the row was dropped.
CREATE TABLE ended_steps (
    project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    tag        TEXT    NOT NULL,
    path       TEXT    NOT NULL,
    until      INTEGER NOT NULL,
    seq        INTEGER NOT NULL,
    since      INTEGER NOT NULL,
    link_id    INTEGER NOT NULL,
    url        TEXT,
    digest     TEXT,
    PRIMARY KEY (project_id, tag, path, until, seq)
) STRICT, WITHOUT ROWID;

-- The tags that immutable releases had which were deleted, each with a path, in lower case, that led to the project. They
-- remain when the project is deleted.
CREATE TABLE burnt_tags (
    tag        TEXT    NOT NULL,
    path       TEXT    NOT NULL,
    project_id INTEGER NOT NULL,
    PRIMARY KEY (tag, path, project_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX burnt_tags_by_project ON burnt_tags (project_id, tag);
