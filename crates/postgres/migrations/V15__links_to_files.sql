-- The links whose URL leads to a file of their project, and which file that is.
CREATE TABLE links_to_files (
    link_id    BIGINT PRIMARY KEY REFERENCES links (id) ON DELETE CASCADE,
    project_id BIGINT NOT NULL,
    file       TEXT   COLLATE "C" NOT NULL
);
CREATE INDEX links_by_file ON links_to_files (project_id, file, link_id);
