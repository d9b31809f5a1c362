-- Tags are listed by when they were created.
DROP INDEX tags_by_project;
CREATE INDEX tags_by_creation ON tags (project_id, created_at, id);
