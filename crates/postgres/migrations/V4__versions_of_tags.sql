-- The version that a tag names, as bytes that sort by precedence: NULL if it names none, empty until the server has computed it.
ALTER TABLE tags ADD COLUMN version BYTEA DEFAULT '';
CREATE INDEX tags_without_version ON tags (id) WHERE version = '';

-- Tags are listed by version in both directions; those without one come last, by name.
CREATE INDEX tags_by_version_up ON tags
    (project_id, (version IS NULL), version, (CASE WHEN version IS NULL THEN name END), id);
CREATE INDEX tags_by_version_down ON tags
    (project_id, (version IS NULL), version DESC, (CASE WHEN version IS NULL THEN name END), id DESC);
