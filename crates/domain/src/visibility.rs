//! Who may see a project or group (docs/contract.md, "Provisioning").

use crate::word::word_enum;

word_enum! {
    /// Who may see a project or group, from the fewest to all.
    #[derive(Default, PartialOrd, Ord)]
    Visibility {
        /// Members only.
        #[default]
        Private = "private",
        /// Anyone who is signed in.
        Internal = "internal",
        /// Everybody.
        Public = "public",
    }
}
