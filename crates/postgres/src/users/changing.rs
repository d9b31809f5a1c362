//! Users who change or go, and what must be left of them.
