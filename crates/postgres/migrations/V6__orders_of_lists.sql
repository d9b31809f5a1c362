-- Lists of users, groups, projects and personal tokens are sorted by more than the id.
CREATE INDEX users_by_name ON users (lower(name), id);
CREATE INDEX users_by_creation ON users (created_at, id);
CREATE INDEX users_by_username ON namespaces (lower(path), id) WHERE user_id IS NOT NULL;
CREATE INDEX groups_by_path ON namespaces (lower(path), id) WHERE user_id IS NULL;
CREATE INDEX groups_by_id ON namespaces (id) WHERE user_id IS NULL;
CREATE INDEX projects_by_name ON projects (lower(name), id);
CREATE INDEX projects_by_last_segment ON projects (lower(path), id);
CREATE INDEX projects_by_creation ON projects (created_at, id);
-- A token that never expires, or was never used, comes after all others. '~' is beyond every date.
CREATE INDEX tokens_by_creation ON tokens (created_at, id) WHERE kind = 'personal';
CREATE INDEX tokens_by_name ON tokens (lower(name), id) WHERE kind = 'personal';
CREATE INDEX tokens_by_expiry ON tokens (coalesce(expires_on, '~'), id) WHERE kind = 'personal';
CREATE INDEX tokens_by_expiry_newest_first ON tokens (coalesce(expires_on, '~'), id DESC) WHERE kind = 'personal';
CREATE INDEX tokens_by_last_use ON tokens (coalesce(last_used_at, 9223372036854775807), id) WHERE kind = 'personal';
