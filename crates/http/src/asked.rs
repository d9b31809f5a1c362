//! What is known of a request once it is routed, for the log and for metrics.

use release_links_domain::{TokenId, UserId};

use crate::operation::OperationId;

/// What the log has of a request that was routed.
pub(crate) struct Asked {
    /// The operation.
    pub(crate) operation: OperationId,
    /// Who asks, and by which token.
    pub(crate) by: Option<(UserId, TokenId)>,
}
