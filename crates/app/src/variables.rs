//! The variables of the environment that mean nothing here: most likely they are misspelt.

use std::collections::BTreeSet;

use crate::arguments::Arguments;

/// How the names of this program's variables begin.
const PREFIX: &str = "RELEASE_LINKS_";

/// Warns about each unknown variable, with the known one that it resembles most.
pub(crate) fn warn_about_unknown() {
    let known = Arguments::variables();
    let names = std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned());
    let unknown = names.filter(|name| name.starts_with(PREFIX) && !known.contains(name)).collect::<BTreeSet<_>>();
    for name in unknown {
        let nearest = known.iter().min_by_key(|known| strsim::damerau_levenshtein(known, &name));
        let nearest = nearest.map(String::as_str).unwrap_or_default();
        tracing::warn!("the variable {} is unknown and ignored; do you mean {nearest}?", name.escape_debug());
    }
}
