//! Lists of tokens: personal ones of everybody or of one user, and those of a project.
