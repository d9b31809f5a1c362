-- What GitLab's clients read of a project besides its address. Topics are texts with a line break between.
ALTER TABLE projects ADD COLUMN description TEXT;
ALTER TABLE projects ADD COLUMN default_branch TEXT NOT NULL DEFAULT 'main';
ALTER TABLE projects ADD COLUMN topics TEXT NOT NULL DEFAULT '';

-- When the project's newest release was created, or the project itself if it has none. Stored, so that an index can
-- order projects by it.
ALTER TABLE projects ADD COLUMN last_activity_at INTEGER NOT NULL DEFAULT 0;
UPDATE projects SET last_activity_at =
    ifnull((SELECT max(created_at) FROM releases WHERE project_id = projects.id), created_at);
CREATE INDEX projects_by_activity ON projects (last_activity_at, id);

-- Of groups alone.
ALTER TABLE namespaces ADD COLUMN description TEXT;
ALTER TABLE tokens ADD COLUMN description TEXT;
