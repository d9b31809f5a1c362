-- The links whose URL leads to a file of their project, and which file that is.
CREATE TABLE links_to_files (
    link_id    INTEGER PRIMARY KEY REFERENCES links (id) ON DELETE CASCADE,
    project_id INTEGER NOT NULL,
    file       TEXT    NOT NULL
) STRICT;
CREATE INDEX links_by_file ON links_to_files (project_id, file, link_id);
