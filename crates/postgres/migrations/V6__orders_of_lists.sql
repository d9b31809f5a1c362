-- Lists of users, groups, projects and personal tokens are sorted by more than the id.
CREATE INDEX users_by_name ON users (lower(name), id);
CREATE INDEX users_by_creation ON users (created_at, id);
CREATE INDEX users_by_username ON namespaces (lower(path), id) WHERE user_id IS NOT NULL;
CREATE INDEX groups_by_path ON namespaces (lower(path), id) WHERE user_id IS NULL;
CREATE INDEX projects_by_name ON projects (lower(name), id);
CREATE INDEX projects_by_last_segment ON projects (lower(path), id);
CREATE INDEX projects_by_creation ON projects (created_at, id);
