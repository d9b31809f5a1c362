-- Lists of users, groups, projects and personal tokens are sorted by more than the id.
CREATE INDEX users_by_name ON users (name COLLATE NOCASE);
CREATE INDEX users_by_creation ON users (created_at);
CREATE INDEX users_by_username ON namespaces (path) WHERE user_id IS NOT NULL;
CREATE INDEX groups_by_path ON namespaces (path) WHERE user_id IS NULL;
CREATE INDEX groups_by_id ON namespaces (id) WHERE user_id IS NULL;
CREATE INDEX projects_by_name ON projects (name COLLATE NOCASE);
CREATE INDEX projects_by_last_segment ON projects (path);
CREATE INDEX projects_by_creation ON projects (created_at);
-- A token that never expires, or was never used, comes after all others. '~' is beyond every date.
CREATE INDEX tokens_by_creation ON tokens (created_at) WHERE kind = 'personal';
CREATE INDEX tokens_by_name ON tokens (name COLLATE NOCASE) WHERE kind = 'personal';
CREATE INDEX tokens_by_expiry ON tokens (ifnull(expires_on, '~')) WHERE kind = 'personal';
CREATE INDEX tokens_by_expiry_newest_first ON tokens (ifnull(expires_on, '~'), id DESC) WHERE kind = 'personal';
CREATE INDEX tokens_by_last_use ON tokens (ifnull(last_used_at, 9223372036854775807)) WHERE kind = 'personal';
