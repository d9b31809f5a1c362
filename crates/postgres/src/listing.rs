//! Lists of groups and projects: of all there are, what one viewer may see.
//!
//! The rule is the domain's: what shows itself without a level comes as [`Viewer::open`], and any level shows the rest.
