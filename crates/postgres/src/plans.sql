-- Enough rows of everything, that an index is worth what it is worth in service.
INSERT INTO users (name, email, administrator, bot, created_at)
    SELECT 'User ' || i, 'user' || i || '@example.com', i = 1, i % 10 = 0, i FROM generate_series(1, 2000) i;
INSERT INTO namespaces (user_id, name, path, full_path, visibility, since, created_at)
    SELECT i, 'User ' || i, 'user' || i, 'user' || i, 'public', 0, i FROM generate_series(1, 2000) i;
INSERT INTO namespaces (name, path, full_path, visibility, since, created_at)
    SELECT 'Group ' || i, 'group' || i, 'group' || i, 'public', 0, i FROM generate_series(1, 1000) i;
INSERT INTO namespaces (parent_id, name, path, full_path, visibility, since, created_at)
    SELECT id, 'Sub', 'sub', full_path || '/sub', 'private', 0, 1 FROM namespaces WHERE user_id IS NULL;
INSERT INTO namespace_ancestors SELECT id, id FROM namespaces;
INSERT INTO namespace_ancestors SELECT id, parent_id FROM namespaces WHERE parent_id IS NOT NULL;
INSERT INTO group_members
    SELECT n.id, n.id % 1999 + i, 30, 1 FROM namespaces n, generate_series(1, 2) i WHERE user_id IS NULL;
INSERT INTO projects (namespace_id, name, path, visibility, creator_id, since, created_at)
    SELECT n.id, 'Project ' || i, 'project' || i, 'private', n.id % 2000 + 1, 0, i
    FROM namespaces n, generate_series(1, 2) i;
INSERT INTO project_members SELECT p.id, p.id % 1999 + i, 30, 1 FROM projects p, generate_series(1, 2) i;
INSERT INTO left_places (below, segment, project_id, since)
    SELECT namespace_id, 'old' || path, id, 0 FROM projects WHERE id % 4 = 0;
INSERT INTO left_places (below, segment, namespace_id, since)
    SELECT coalesce(parent_id, 0), 'old' || path, id, 0 FROM namespaces WHERE id % 4 = 0;
INSERT INTO removals (kind, target_id) SELECT 'project', 1000000 + i FROM generate_series(1, 1000) i;
INSERT INTO tags (project_id, name, created_at) SELECT p.id, 'v' || i, i FROM projects p, generate_series(1, 2) i;
INSERT INTO releases (project_id, tag_id, tag, created_at, released_at, author_id)
    SELECT project_id, id, name, id, id, id % 2000 + 1 FROM tags;
INSERT INTO links (project_id, release_id, name, url, path, link_type)
    SELECT project_id, id, 'link' || i, 'https://a/' || i, '/bin/' || i || 'a', 'other'
    FROM releases, generate_series(1, 2) i;
INSERT INTO links_to_files (link_id, project_id, file)
    SELECT id, project_id, 'packages/a/' || id % 3 || '/b' FROM links;
INSERT INTO release_channels (project_id, name, release_id, updated_at)
    SELECT project_id, 'channel-' || tag, id, 1 FROM releases;
UPDATE releases SET immutable = TRUE WHERE id % 4 = 0;
INSERT INTO history (project_id, seq, at, action, tag, link_id, after_name, after_url, after_path, after_type)
    SELECT id, i, i, 'link.create', 'v' || i % 20, i, 'link' || i, 'https://a/' || i, '/bin/' || i || 'a', 'other'
    FROM projects, generate_series(1, 2000) i WHERE id <= 40;
INSERT INTO ended_steps (project_id, tag, path, until, seq, since, link_id)
    SELECT project_id, tag, '/bin/a', seq, seq, seq - 1, link_id FROM history;
INSERT INTO burnt_tags (tag, path, project_id) SELECT tag, 'a/b' || project_id, project_id FROM releases;
INSERT INTO file_bytes (key, sha256, sha1, md5, size)
    SELECT md5(i::text), md5(i::text) || md5(i::text), 'a', 'b', i FROM generate_series(1, 8000) i;
INSERT INTO packages (project_id, name, version, status, created_at)
    SELECT id, 'package' || i % 2, i::text, 'default', i FROM projects, generate_series(1, 500) i WHERE id <= 40;
INSERT INTO package_files (package_id, name, bytes_id, created_at)
    SELECT id, 'file' || i, (id + i) % 8000 + 1, i FROM packages, generate_series(1, 200) i WHERE id <= 400;
INSERT INTO uploads (project_id, secret, name, bytes_id, uploader_id, created_at)
    SELECT id, md5(i::text), 'file', i, i, i FROM projects, generate_series(1, 500) i WHERE id <= 40;
INSERT INTO protected_tags (project_id, pattern, create_level) SELECT id, 'v*', 40 FROM projects;
INSERT INTO tokens (kind, digest, user_id, project_id, name, scopes, created_at, ends_at)
    SELECT CASE WHEN i % 2 = 0 THEN 'personal' ELSE 'job' END, sha256(i::text::bytea), i % 2000 + 1,
        CASE WHEN i % 2 = 0 THEN NULL ELSE i END, 'token', 'api', i, CASE WHEN i % 2 = 0 THEN NULL ELSE i END
    FROM generate_series(1, 8000) i;
ANALYZE;
