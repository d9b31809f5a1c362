//! The permanent link: `…/-/releases/:tag/downloads/*path` leads to wherever the asset is now (contract section 7).

use actix_web::http::StatusCode;

use crate::error::ApiError;
use crate::incoming::Incoming;
use crate::reply::{Reply, redirect};

/// Every route that leads to an asset ends here.
pub(crate) async fn download(incoming: Incoming) -> Reply {
    let path = &incoming.path.path;
    if path.split('/').any(|segment| segment == "..") {
        return Err(ApiError::Malformed);
    }
    let caller = incoming.caller().await?;
    // The route has taken the slash that every stored path begins with.
    let path = format!("/{path}");
    let url = incoming.service.links.follow(&caller, &incoming.release_address(), &path).await?;
    Ok(redirect(StatusCode::FOUND, &url.location()))
}
