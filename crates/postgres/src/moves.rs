//! A namespace that gets another path, with all that stands in it (contract section 7): no path that something has now is
//! ever among those that projects have left.
