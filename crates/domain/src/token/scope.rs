//! The scopes of tokens (docs/contract.md, "Credentials").

use crate::word::word_enum;

word_enum! {
    /// What a token grants. Those that have no effect here are accepted because GitLab has them.
    Scope {
        /// Everything that its user may do.
        Api = "api",
        /// Read access to everything that its user may read.
        ReadApi = "read_api",
        /// Has no effect here.
        ReadUser = "read_user",
        /// Has no effect here.
        ReadRepository = "read_repository",
        /// Has no effect here.
        WriteRepository = "write_repository",
        /// Has no effect here.
        ReadRegistry = "read_registry",
        /// Has no effect here.
        WriteRegistry = "write_registry",
        /// Has no effect here.
        ReadVirtualRegistry = "read_virtual_registry",
        /// Has no effect here.
        WriteVirtualRegistry = "write_virtual_registry",
        /// Has no effect here.
        CreateRunner = "create_runner",
        /// Has no effect here.
        ManageRunner = "manage_runner",
        /// Has no effect here.
        AiFeatures = "ai_features",
        /// Has no effect here.
        K8sProxy = "k8s_proxy",
        /// Rotating the token itself.
        SelfRotate = "self_rotate",
        /// Has no effect here.
        ReadServicePing = "read_service_ping",
        /// Beside `api` or `read_api`, what they grant as another user, if its user is an administrator.
        Sudo = "sudo",
        /// Has no effect here.
        AdminMode = "admin_mode",
    }
}

/// The scopes of a token: at least one, without duplicates, in the documented order.
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

/// The list of scopes is empty.
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
