//! Removing groups and projects with all that belongs to them. Foreign keys take most of it; the bots of project tokens
//! are users, and no key leads from a project to those.
