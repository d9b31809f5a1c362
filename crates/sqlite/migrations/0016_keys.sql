-- Random values that all servers on the database share. The first server that serves it chooses them.
CREATE TABLE keys (
    id  INTEGER PRIMARY KEY,
    key BLOB    NOT NULL
) STRICT;
