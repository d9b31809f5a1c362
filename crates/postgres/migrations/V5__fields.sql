-- What GitLab's clients read of a project besides its address. Topics are texts with a line break between.
-- last_activity_at is when the project's newest release was created, or the project itself if it has none. It is stored,
-- so that an index can order projects by it.
ALTER TABLE projects
    ADD COLUMN description TEXT COLLATE "C",
    ADD COLUMN default_branch TEXT COLLATE "C" NOT NULL DEFAULT 'main',
    ADD COLUMN topics TEXT COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN last_activity_at BIGINT NOT NULL DEFAULT 0;
UPDATE projects SET last_activity_at =
    coalesce((SELECT max(created_at) FROM releases WHERE project_id = projects.id), created_at);
CREATE INDEX projects_by_activity ON projects (last_activity_at, id);

-- Of groups alone.
ALTER TABLE namespaces ADD COLUMN description TEXT COLLATE "C";
ALTER TABLE tokens ADD COLUMN description TEXT COLLATE "C";
