//! The bots of project tokens: each is a user and a member of its project, and goes with its token.
