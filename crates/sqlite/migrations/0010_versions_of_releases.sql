-- What the newest release is found by: the version that its tag names, as bytes that sort by precedence, NULL if it names
-- none and empty until the server has computed it; what stands before the version; and whether it is a pre-release.
ALTER TABLE releases ADD COLUMN version_prefix TEXT;
ALTER TABLE releases ADD COLUMN version BLOB DEFAULT x'';
ALTER TABLE releases ADD COLUMN prerelease INTEGER NOT NULL DEFAULT 0;
CREATE INDEX releases_without_version ON releases (id) WHERE version = x'';

CREATE INDEX releases_by_version ON releases (project_id, version_prefix, version, released_at, id);
CREATE INDEX stable_releases_by_version ON releases (project_id, version_prefix, version, released_at, id)
    WHERE prerelease = 0;
CREATE INDEX stable_releases_by_date ON releases (project_id, released_at, id) WHERE prerelease = 0;
