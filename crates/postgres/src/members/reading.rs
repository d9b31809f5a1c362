//! Who is a member, and why.
