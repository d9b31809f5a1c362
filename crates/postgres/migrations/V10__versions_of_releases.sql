-- What the newest release is found by: the version that its tag names, as bytes that sort by precedence, NULL if it names
-- none and empty until the server has computed it; what stands before the version; and whether it is a pre-release.
ALTER TABLE releases
    ADD COLUMN version_prefix TEXT COLLATE "C",
    ADD COLUMN version BYTEA DEFAULT '',
    ADD COLUMN prerelease BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX releases_without_version ON releases (id) WHERE version = '';

CREATE INDEX releases_by_version ON releases (project_id, version_prefix, version, released_at, id);
CREATE INDEX stable_releases_by_version ON releases (project_id, version_prefix, version, released_at, id)
    WHERE NOT prerelease;
CREATE INDEX stable_releases_by_date ON releases (project_id, released_at, id) WHERE NOT prerelease;
