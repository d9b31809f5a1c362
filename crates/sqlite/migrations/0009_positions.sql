-- Links are listed by position, then newest first. A manifest gives all links of a release a position; until then they have
-- none, which is 0, and so come before those that have one.
ALTER TABLE links ADD COLUMN position INTEGER NOT NULL DEFAULT 0;
DROP INDEX links_by_release;
CREATE INDEX links_by_position ON links (release_id, position, id DESC);
