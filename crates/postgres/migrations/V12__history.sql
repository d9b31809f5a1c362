-- Whether the links of a release and its date stay as they are for good.
ALTER TABLE releases ADD COLUMN immutable BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX immutable_releases ON releases (project_id) WHERE immutable;

-- What happened to links, releases and channels, with the values before and after, which depend on the action. There is
-- none of what happened before this migration.
CREATE TABLE history (
    project_id         BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    seq                BIGINT NOT NULL,
    at                 BIGINT NOT NULL,
    user_id            BIGINT,
    token_id           BIGINT,
    link_id            BIGINT,
    before_size        BIGINT,
    before_released_at BIGINT,
    after_size         BIGINT,
    after_released_at  BIGINT,
    action             TEXT   COLLATE "C" NOT NULL,
    tag                TEXT   COLLATE "C",
    channel            TEXT   COLLATE "C",
    before_name        TEXT   COLLATE "C",
    before_url         TEXT   COLLATE "C",
    before_path        TEXT   COLLATE "C",
    before_type        TEXT   COLLATE "C",
    before_digest      TEXT   COLLATE "C",
    before_description TEXT   COLLATE "C",
    before_tag         TEXT   COLLATE "C",
    after_name         TEXT   COLLATE "C",
    after_url          TEXT   COLLATE "C",
    after_path         TEXT   COLLATE "C",
    after_type         TEXT   COLLATE "C",
    after_digest       TEXT   COLLATE "C",
    after_description  TEXT   COLLATE "C",
    after_tag          TEXT   COLLATE "C",
    username           TEXT   COLLATE "C",
    PRIMARY KEY (project_id, seq)
);
CREATE INDEX history_by_tag ON history (project_id, tag, seq);

-- Since when a link has led where it leads now, as far as is known, and the row of the history with which that began; 0 for
-- links that have not changed since this migration.
ALTER TABLE links ADD COLUMN since BIGINT NOT NULL DEFAULT (extract(epoch FROM now()) * 1000)::bigint;
ALTER TABLE links ALTER COLUMN since SET DEFAULT 0;
ALTER TABLE links ADD COLUMN since_seq BIGINT NOT NULL DEFAULT 0;

-- Where the permanent link with a path led until it led elsewhere. The URL and the digest are in the row of the history with
-- which that began, unless the row was dropped.
CREATE TABLE ended_steps (
    project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    tag        TEXT   COLLATE "C" NOT NULL,
    path       TEXT   COLLATE "C" NOT NULL,
    until      BIGINT NOT NULL,
    seq        BIGINT NOT NULL,
    since      BIGINT NOT NULL,
    link_id    BIGINT NOT NULL,
    url        TEXT   COLLATE "C",
    digest     TEXT   COLLATE "C",
    PRIMARY KEY (project_id, tag, path, until, seq)
);

-- The tags that immutable releases had which were deleted, each with a path, in lower case, that led to the project. They
-- remain when the project is deleted.
CREATE TABLE burnt_tags (
    tag        TEXT   COLLATE "C" NOT NULL,
    path       TEXT   COLLATE "C" NOT NULL,
    project_id BIGINT NOT NULL,
    PRIMARY KEY (tag, path, project_id)
);
CREATE INDEX burnt_tags_by_project ON burnt_tags (project_id, tag);
