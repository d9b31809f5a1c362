//! The tokens of CI jobs: one that has ended is forgotten.
