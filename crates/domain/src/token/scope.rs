//! What tokens are made for (docs/contract.md, "Credentials").

use crate::word::word_enum;

word_enum! {
    /// What a token was made for. Only `api` and `read_api` open anything here; the others are GitLab's by name.
    Scope {
        /// Everything its user may do.
        Api = "api",
        /// Reading whatever its user may read.
        ReadApi = "read_api",
        /// Opens nothing here.
        ReadUser = "read_user",
        /// Opens nothing here.
        ReadRepository = "read_repository",
        /// Opens nothing here.
        WriteRepository = "write_repository",
        /// Opens nothing here.
        ReadRegistry = "read_registry",
        /// Opens nothing here.
        WriteRegistry = "write_registry",
        /// Opens nothing here.
        ReadVirtualRegistry = "read_virtual_registry",
        /// Opens nothing here.
        WriteVirtualRegistry = "write_virtual_registry",
        /// Opens nothing here.
        CreateRunner = "create_runner",
        /// Opens nothing here.
        ManageRunner = "manage_runner",
        /// Opens nothing here.
        AiFeatures = "ai_features",
        /// Opens nothing here.
        K8sProxy = "k8s_proxy",
        /// Opens nothing here.
        SelfRotate = "self_rotate",
        /// Opens nothing here.
        ReadServicePing = "read_service_ping",
        /// Opens nothing here.
        Sudo = "sudo",
        /// Opens nothing here.
        AdminMode = "admin_mode",
    }
}

/// What a token is made for: one scope at least, each once, in the order of the documentation.
///
/// ```
/// use release_links_domain::token::{NoScope, Scope, Scopes};
///
/// let scopes = Scopes::try_from(vec![Scope::ReadApi, Scope::Api, Scope::Api])?;
/// assert_eq!(Vec::from(scopes), [Scope::Api, Scope::ReadApi]);
/// assert_eq!(Scopes::try_from(Vec::new()), Err(NoScope));
/// # Ok::<(), NoScope>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scopes(Vec<Scope>);

/// A token would be made for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a token has at least one scope")]
pub struct NoScope;

impl TryFrom<Vec<Scope>> for Scopes {
    type Error = NoScope;

    fn try_from(asked: Vec<Scope>) -> Result<Self, NoScope> {
        let scopes: Vec<Scope> = Scope::ALL.iter().copied().filter(|scope| asked.contains(scope)).collect();
        if scopes.is_empty() { Err(NoScope) } else { Ok(Self(scopes)) }
    }
}

impl From<Scopes> for Vec<Scope> {
    fn from(scopes: Scopes) -> Self {
        scopes.0
    }
}
