//! The groups port, and what groups share with the namespaces of users.
