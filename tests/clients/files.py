"""What the drivers that publish files share: the bytes, and the look at a release whose links lead to them."""

import hashlib
import os
import random
import shutil
import urllib.parse
import urllib.request

from api import Api
from script import same

URL, PROJECT_ID = os.environ["URL"], os.environ["PROJECT_ID"]
ROOT = Api(URL, os.environ["ADMINISTRATOR_TOKEN"])
# More than one piece of a body.
SIZE = 200_000


def content(name, run="first"):
    """The bytes of a file, as one run publishes them."""
    return random.Random(f"{name} {run}").randbytes(SIZE)


def fill(folder, names, run="first"):
    """Puts the files into a folder; returns their bytes by name."""
    folder.mkdir(exist_ok=True)
    files = {name: content(name, run) for name in names}
    for name, held in files.items():
        (folder / name).write_bytes(held)
    return files


def digest(held):
    """The digest as links show it."""
    return f"sha256:{hashlib.sha256(held).hexdigest()}"


def release(tag):
    """The address of the release."""
    return f"/projects/{PROJECT_ID}/releases/{urllib.parse.quote(tag, safe='')}"


def links(tag):
    """The release's links by name."""
    return {link["name"]: link for link in ROOT.get(f"{release(tag)}/assets/links?per_page=100")}


def fetched(address):
    """The digest of what a reader of the project finds there, and the one that the server tells."""
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {os.environ['READ_TOKEN']}"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
        return digest(answer.read()), f"sha256:{answer.headers['X-Checksum-SHA256']}"


def published(tag, files, paths=True):
    """Fails unless the release's links have these names, lead to these bytes, permanently if they have `paths`, and tell their digest and
    size; returns the links."""
    found = links(tag)
    same(sorted(found), sorted(files))
    for name, held in files.items():
        link = found[name]
        same((link.get("digest"), link.get("size")), (digest(held), len(held)))
        same(link["direct_asset_url"] != link["url"], paths)
        for address in {link["url"], link["direct_asset_url"]}:
            same(fetched(address), (digest(held), digest(held)))
    return found


def forget(tag):
    """Deletes the release; the files stay."""
    ROOT.call("DELETE", release(tag))


def empty(folder):
    """Makes the folder anew."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def put(address, held):
    """Publishes a file of a package as the administrator."""
    headers = {"PRIVATE-TOKEN": ROOT.token, "Content-Type": "application/octet-stream"}
    request = urllib.request.Request(address, data=held, method="PUT", headers=headers)
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
        same(answer.status, 201)
