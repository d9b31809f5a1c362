//! Changes to groups and projects. A path that changes is left behind for whoever comes by it (contract section 7).
