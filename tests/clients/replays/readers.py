"""cargo-binstall and Renovate, which read."""

import datetime
import itertools
import json
import re
import urllib.parse
import urllib.request

from downloads import URL, Project, download
from exchange import Client
from script import same, step

TARGET_TRIPLE = "x86_64-unknown-linux-gnu"
NAMES = (
    "hello-{0}-v1.0.0", "hello-{0}-1.0.0", "hello-1.0.0-{0}", "hello-v1.0.0-{0}", "hello_{0}_v1.0.0", "hello_{0}_1.0.0",
    "hello_1.0.0_{0}", "hello_v1.0.0_{0}", "hello-{0}", "hello_{0}",
)
SUFFIXES = (".tgz", ".tar.gz", ".txz", ".tar.xz", ".zip", "")
FILE = f"hello-{TARGET_TRIPLE}.tar.gz"


def run(target):
    project = Project.new(target, "public")
    for minor in range(130):
        project.release(f"v0.{minor}.0", released_at="2025-10-01T00:00:00Z")
    project.release("v1.0.0", f"/binaries/{FILE}")
    with download("binstall", target):
        binstall(project)
    with step("renovate-tags"):
        renovate_tags(project)
    with step("renovate-releases"):
        releases = pages(f"/api/v4/projects/{project.id}/releases")
        same((len(releases), releases[0]["tag_name"]), (131, "v1.0.0"))
        for release in releases:
            timestamp(release["released_at"])


def binstall(project):
    """Finds the repository, then asks for every name that it knows below either form of the tag: HEAD, then GET where that
    fails; one of them is there."""
    client = Client(Accept="*/*", User_Agent="cargo-binstall/1.15.0")
    # Where it ends is the repository, so that the other names are below it.
    same(client.send("HEAD", f"/{project.path}").status, 200)
    moved = client.send("HEAD", f"/{project.path}.git")
    same((moved.status, moved.headers["Location"]), (302, f"{URL}/{project.path}"))
    found = []
    for tag, suffix, name in itertools.product(("1.0.0", "v1.0.0"), SUFFIXES, NAMES):
        address = f"/{project.path}/-/releases/{tag}/downloads/binaries/{name.format(TARGET_TRIPLE)}{suffix}"
        statuses = {client.send(method, address).status for method in ("HEAD", "GET")}
        if statuses == {302}:
            found.append(address)
        else:
            same(statuses, {404})
    same([address.rpartition("/")[2] for address in found], [FILE])
    with urllib.request.urlopen(f"{URL}{found[0]}", timeout=30) as answer:
        same(answer.read(), f"payload of /binaries/{FILE}".encode())


def renovate_tags(project):
    """All pages, by the path; of a tag it requires the name and takes the commit's time, which must be text."""
    tags = pages(f"/api/v4/projects/{urllib.parse.quote(project.path, safe='')}/repository/tags?per_page=100")
    same((len(tags), {tag["name"] for tag in tags} >= {"v1.0.0", "v0.0.0", "v0.129.0"}), (131, True))
    for tag in tags:
        timestamp(tag["commit"]["created_at"])


def pages(address):
    """The items of all pages, as the Link header leads from one to the next."""
    client, items = Client(Accept="application/json", User_Agent="RenovateBot/41"), []
    while address:
        answer = client.send("GET", address)
        items += json.loads(answer.body)
        following = re.search(r'<([^>]+)>; rel="next"', answer.headers.get("Link", ""))
        address = following[1].removeprefix(URL) if following else None
    return items


def timestamp(text):
    """Fails unless the text is a time."""
    datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
