-- Random values that all servers on the database share. The first server that serves it chooses them.
CREATE TABLE keys (
    id  BIGINT PRIMARY KEY,
    key BYTEA  NOT NULL
);
