-- Lists of users, groups, projects and personal tokens are sorted by more than the id.
CREATE INDEX users_by_name ON users (name COLLATE NOCASE);
CREATE INDEX users_by_creation ON users (created_at);
CREATE INDEX users_by_username ON namespaces (path) WHERE user_id IS NOT NULL;
CREATE INDEX groups_by_path ON namespaces (path) WHERE user_id IS NULL;
CREATE INDEX projects_by_name ON projects (name COLLATE NOCASE);
CREATE INDEX projects_by_last_segment ON projects (path);
CREATE INDEX projects_by_creation ON projects (created_at);
