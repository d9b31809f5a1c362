//! `DELETE /projects/:id/releases/:tag_name`: answers 200 with the deleted release; its tag remains.

use actix_web::http::StatusCode;

use super::answer;
use crate::incoming::Incoming;
use crate::large;
use crate::reply::Reply;

pub(crate) async fn delete(incoming: Incoming) -> Reply {
    let caller = incoming.caller().await?;
    let _writing = large::writing(&incoming.request).await?;
    let release = incoming.service.releases.delete(&caller, &incoming.release_address()).await?;
    answer::written(&incoming, StatusCode::OK, release).await
}
