//! `GET /projects/:id/releases/:tag_name`, and the same on the web: one release with its links.

use release_links_usecases::{Missing, Refusal};

use super::answer;
use crate::addresses::TagAddress;
use crate::large;
use crate::operation::CallerThenParameters;
use crate::reply::{OK, Reply};

pub(crate) async fn get(asked: CallerThenParameters<TagAddress, ()>) -> Reply {
    let CallerThenParameters { incoming, address, caller, .. } = asked;
    let releases = &incoming.service.releases;
    let release = releases.get(&caller, &address.release()).await?;
    if !answer::is_large(&release) {
        return answer::small(&incoming, OK, release);
    }
    // Drop the release and read it again later: nobody holds a large release while waiting. Older versions allowed more
    // links than are read at once; the second read returns those as well.
    let unread = release.unread();
    drop(release);
    let _serialising = large::serialising(&incoming.request).await?;
    let (mut whole, _) = releases.read_on(unread).await?;
    let release = whole.pop().ok_or(Refusal::NotFound(Missing::Release))?;
    answer::large(&incoming, OK, release).await
}
