"""Runs the page's examples twice, the second time with other files, and looks at the release after each run."""

import hashlib
import json
import os
import pathlib
import tempfile

import client
from api import Api
from downloads import URL, run_example
from script import refused, same, step
from target import Target

TAG = "v1.0.0"
NAMES = ("hello-linux-x64.tar.gz", "hello-macos-arm64.tar.gz")
FILES_HOST = "https://files.example.com"
RELEASE = f"/projects/{os.environ['PROJECT_ID']}/releases/{TAG}"
ROOT = Api(URL, os.environ["ADMINISTRATOR_TOKEN"])
TARGET = Target()
MANIFESTS = []


def main():
    for name, language, text in client.EXAMPLES:
        text = text.replace(FILES_HOST, TARGET.url)
        with step(name), tempfile.TemporaryDirectory() as folder:
            CHECKS[name](pathlib.Path(folder), lambda: run_example(pathlib.Path(folder), language, text, {"TAG": TAG}))
    ROOT.call("DELETE", RELEASE)
    TARGET.stop()


def publishes(folder, example):
    """Makes the release with its links; a later run leaves each in its place, with what the files are now."""
    ROOT.call("DELETE", RELEASE)
    digests = fill(folder, "first")
    example()
    first = links()
    same({name: link.get("digest") for name, link in first.items()}, digests)
    digests = fill(folder, "second")
    example()
    same(links(), {name: {**link, "digest": digests[name]} for name, link in first.items()})
    for name, link in first.items():
        same(link["url"], f"{TARGET.url}/{TAG}/{name}")
        same(link["direct_asset_url"].partition("/downloads")[2], f"/{name}")
        same((link["link_type"], link["size"]), ("package", len(content(name, "first"))))


def replaces_one(folder, example):
    """Writes the digest of one file, and leaves the other link as it was."""
    before = links()
    digests = fill(folder, "later")
    for _ in range(2):
        example()
        same(links(), {**before, NAMES[0]: {**before[NAMES[0]], "digest": digests[NAMES[0]]}})


def plans_a_manifest(folder, example):
    """Tells what a manifest with one new file would change, and changes nothing."""
    before = links()
    fill(folder, "later")
    (folder / "dist" / "hello.txt").write_bytes(b"hello")
    for _ in range(2):
        same(json.loads(example()), {"created": ["hello.txt"], "updated": [NAMES[1]], "deleted": [], "unchanged": [NAMES[0]]})
        same(links(), before)
    MANIFESTS.append((folder / "manifest.json").read_text())


def applies_a_manifest(folder, example):
    """Makes the release what the manifest says, once; the second run changes nothing."""
    (folder / "manifest.json").write_text(MANIFESTS.pop())
    before = links()
    same(json.loads(example())["created"], ["hello.txt"])
    after = links()
    same(list(after), [*NAMES, "hello.txt"])
    same({name: link["id"] for name, link in after.items() if name in before}, {name: link["id"] for name, link in before.items()})
    same(json.loads(example())["unchanged"], [*NAMES, "hello.txt"])
    same(links(), after)
    ROOT.call("DELETE", f"{RELEASE}/assets/links/{after['hello.txt']['id']}")


def sets_the_project(_folder, example):
    """Makes replacing what the project does by itself."""
    for _ in range(2):
        example()
        same(ROOT.get(f"/projects/{os.environ['PROJECT_ID']}")["links_on_conflict"], "replace")


def changes_the_type(folder, example):
    """Changes the type of one link, and nothing else."""
    before = links()
    for _ in range(2):
        example()
        same(links(), {**before, NAMES[0]: {**before[NAMES[0]], "link_type": "other"}})


def verifies(folder, example):
    """Accepts the file as published, twice, and refuses another."""
    for _ in range(2):
        same(example(), f"{NAMES[0]}: OK\n")
    TARGET.files[f"/{TAG}/{NAMES[0]}"] = ("application/gzip", b"something else")
    with refused("FAILED"):
        example()


def points_a_channel(folder, example):
    """Points the channel to the release; a second run leaves it as it is."""
    pointed = json.loads(example())
    same((pointed["name"], pointed["tag_name"]), ("stable", TAG))
    same(json.loads(example()), pointed)


def adds_the_sums(folder, example):
    """Adds a link to the sums that the server makes."""
    before = links()
    example()
    added = links()
    same(added.pop("SHA256SUMS")["url"].endswith(f"/acme/hello/-/releases/{TAG}/downloads/SHA256SUMS"), True)
    same(added, before)
    example()
    same(sorted(links()), ["SHA256SUMS", *NAMES])


def looks_back(folder, example):
    """Lists who did what, and finds where the permanent link leads since the last change."""
    *listed, leads = example().splitlines()
    same(leads, links()[NAMES[0]]["url"])
    same(any(row.split("\t")[1] == "release.create" for row in listed), True)
    same(all(len(row.split("\t")) == 5 for row in listed), True)


def makes_it_immutable(_folder, example):
    """Makes the release immutable, once: no link changes from then on, and the second run is as good."""
    before = links()
    for _ in range(2):
        same(example(), "true\n")
    for link in before.values():
        address = f"{RELEASE}/assets/links/{link['id']}"
        same(ROOT.call("PUT", address, {"url": f"{TARGET.url}/other"})[0], 403)
    same(links(), before)


CHECKS = {
    "example-curl-1": publishes, "example-python-1": publishes, "example-gitbeaker-1": publishes, "example-ruby-1": publishes,
    "example-perl-1": replaces_one, "example-manifest-1": plans_a_manifest, "example-manifest-2": applies_a_manifest,
    "example-project-1": sets_the_project, "example-project-2": replaces_one,
    "example-patch-1": changes_the_type, "example-channel-1": points_a_channel, "example-download-1": verifies,
    "example-mise-1": adds_the_sums, "example-history-1": looks_back, "example-immutable-1": makes_it_immutable,
}


def content(name, run):
    """The bytes of a file, as one run publishes them."""
    return f"{name} of the {run:>6} run".encode()


def fill(folder, run):
    """Puts the files into `dist` and onto the other host; returns their digests by name."""
    (folder / "dist").mkdir(exist_ok=True)
    for name in NAMES:
        (folder / "dist" / name).write_bytes(content(name, run))
        TARGET.files[f"/{TAG}/{name}"] = ("application/gzip", content(name, run))
    return {name: f"sha256:{hashlib.sha256(content(name, run)).hexdigest()}" for name in NAMES}


def links():
    """The release's links by name."""
    return {link["name"]: link for link in ROOT.get(f"{RELEASE}/assets/links?per_page=100")}


main()
