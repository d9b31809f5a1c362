-- The key of the tickets that open files for a while. The first server that serves the database chooses it.
CREATE TABLE ticket_keys (
    id  INTEGER PRIMARY KEY CHECK (id = 1),
    key BLOB    NOT NULL
) STRICT;
